"""What the report says, asked of the published warehouse: aggregates, and lists cut to a stated length."""

from dataclasses import dataclass
from typing import Any

import duckdb

Row = dict[str, Any]

PLATFORMS_SHOWN = 6  # those with the most accounts
NICHES_SHOWN = 20  # of each platform, those with the most accounts
KINDS_SHOWN = 4  # of each platform, kinds of post and currencies with the most prices
POINTS_SHOWN = 250  # of each platform, chosen by a hash of the account
REASONS_SHOWN = 12
STRICT_SHOWN = 25

COVERAGE = """
SELECT
    (SELECT max(as_of)::VARCHAR FROM run_log WHERE run_sequence = (SELECT max(run_sequence) FROM run_log)) AS as_of,
    (SELECT count(*) FROM accounts) AS account_count,
    (SELECT count(*) FROM posts) AS post_count,
    (SELECT count(like_count) FROM posts) AS posts_with_likes,
    (SELECT count(engagement_rate_by_followers) FROM posts) AS posts_with_rate,
    (SELECT count(*) FROM account_engagement
     WHERE time_window = 'all_time' AND engagement_rate_by_followers IS NOT NULL) AS accounts_with_rate,
    (SELECT count(DISTINCT file) FROM load_ledger WHERE verdict = 'loaded') AS files_loaded,
    (SELECT count(DISTINCT file) FROM load_ledger WHERE verdict = 'quarantined') AS files_quarantined,
    (SELECT coalesce(sum(rows_read), 0)::BIGINT FROM load_ledger) AS rows_read,
    (SELECT coalesce(sum(rows_loaded), 0)::BIGINT FROM load_ledger) AS rows_loaded,
    (SELECT coalesce(sum(rows_duplicate), 0)::BIGINT FROM load_ledger) AS rows_duplicate,
    (SELECT coalesce(sum(rows_rejected), 0)::BIGINT FROM load_ledger) AS rows_rejected,
    (SELECT count(*) FROM data_quality) AS suspicion_count
"""
PLATFORMS = f"""
SELECT a.platform, count(*) AS account_count, max(a.observed_at)::DATE::VARCHAR AS newest_observation
FROM accounts AS a GROUP BY ALL ORDER BY account_count DESC, a.platform LIMIT {PLATFORMS_SHOWN}
"""
REASONS = f"""
SELECT file, rule, left(any_value(fix ORDER BY line), 400) AS fix, count(*) AS row_count
FROM rejected_rows GROUP BY ALL ORDER BY row_count DESC, file, rule LIMIT {REASONS_SHOWN}
"""
SUSPICIONS = "SELECT issue, count(*) AS row_count FROM data_quality GROUP BY ALL ORDER BY row_count DESC, issue"
# The largest niches of the largest platforms; the others are in the warehouse.
TOP_NICHES = f"""
SELECT platform, niche FROM accounts
WHERE platform IN (SELECT platform FROM accounts GROUP BY platform ORDER BY count(*) DESC, platform LIMIT {PLATFORMS_SHOWN})
GROUP BY platform, niche
QUALIFY row_number() OVER (PARTITION BY platform ORDER BY count(*) DESC, niche) <= {NICHES_SHOWN}
"""
HEAT = f"""
SELECT e.platform, e.niche, e.tier, t.tier_rank, e.account_count, e.post_known_count,
       e.engagement_rate_by_followers_mean AS rate, e.engagement_rate_by_followers_median AS median,
       e.engagement_rate_by_followers_p25 AS p25, e.engagement_rate_by_followers_p75 AS p75
FROM niche_tier_engagement AS e
JOIN tier_schemes AS s ON s.scheme = e.scheme AND s.is_default
JOIN tiers AS t ON t.scheme = e.scheme AND t.tier = e.tier
JOIN ({TOP_NICHES}) USING (platform, niche)
WHERE e.time_window = 'all_time'
ORDER BY e.platform, e.niche, t.tier_rank
"""
POINTS = f"""
SELECT e.platform, e.niche, a.tier, e.followers_count AS followers, e.like_count_mean AS likes, e.post_known_count AS posts
FROM account_engagement AS e
JOIN accounts AS a USING (platform, account_id)
JOIN ({TOP_NICHES}) AS top ON top.platform = e.platform AND top.niche = e.niche
WHERE e.time_window = 'all_time' AND e.followers_count > 0 AND e.like_count_mean > 0
QUALIFY row_number() OVER (PARTITION BY e.platform ORDER BY md5(e.account_id), e.account_id) <= {POINTS_SHOWN}
ORDER BY ALL
"""
FITS = f"""
WITH shown AS ({TOP_NICHES})
SELECT platform, niche, account_count, account_left_out_count, slope, intercept, slope_low, slope_high, r_squared,
       slope_below_one_p, followers_count_min, followers_count_max, slope_q10, intercept_q10, slope_q90, intercept_q90,
       predicted_like_rate_1k, predicted_like_rate_10k, predicted_like_rate_100k, predicted_like_rate_1m, reason
FROM engagement_regression
WHERE time_window = 'all_time' AND ((platform, niche) IN (FROM shown) OR (niche = '(all)' AND platform IN (SELECT platform FROM shown)))
ORDER BY platform, niche
"""
BANDS = """
SELECT source, platform, band, followers_min, statistic, numerator, as_of_date::VARCHAR AS as_of_date, published_value,
       computed_value, account_count, caveat
FROM tier_engagement_vs_published
WHERE statistic = 'mean' AND denominator = 'followers' AND source IN ('Markerly', 'HypeAuditor')
ORDER BY source DESC, platform, followers_min
"""
FOLLOWERS = f"""
SELECT n.platform, n.niche, n.account_listed_count AS account_count, n.followers_count_mean AS mean,
       n.followers_count_median AS median
FROM niche_engagement AS n JOIN ({TOP_NICHES}) USING (platform, niche)
WHERE n.time_window = 'all_time' AND n.followers_count_mean IS NOT NULL
ORDER BY n.platform, mean DESC, n.niche
"""
SPONSORED = f"""
SELECT p.platform, coalesce(a.niche, '(all)') AS niche, a.tier,
       CASE WHEN p.is_sponsored THEN 'sponsored' ELSE 'organic' END AS side,
       count(*) AS post_count, median(p.engagement_rate_by_followers) AS rate
FROM posts AS p JOIN accounts AS a USING (platform, account_id) JOIN ({TOP_NICHES}) AS top USING (platform, niche)
WHERE p.compensation IN ('paid', 'none') AND p.engagement_rate_by_followers IS NOT NULL AND a.tier IS NOT NULL
GROUP BY GROUPING SETS ((p.platform, a.tier, p.is_sponsored), (p.platform, a.niche, a.tier, p.is_sponsored))
ORDER BY ALL
"""
# How paid posts of an account do beside its own organic ones: the middle half of the accounts that have both.
RATIOS = f"""
SELECT e.platform, coalesce(e.niche, '(all)') AS niche, a.tier, count(*) AS account_count,
       quantile_cont(e.paid_to_organic_ratio, 0.25) AS p25, median(e.paid_to_organic_ratio) AS median,
       quantile_cont(e.paid_to_organic_ratio, 0.75) AS p75,
       count(*) FILTER (e.paid_to_organic_ratio_high < 1) AS surely_below,
       count(*) FILTER (e.paid_to_organic_ratio_low > 1) AS surely_above
FROM account_engagement AS e JOIN accounts AS a USING (platform, account_id)
JOIN ({TOP_NICHES}) AS top ON top.platform = e.platform AND top.niche = e.niche
WHERE e.time_window = 'all_time' AND e.paid_to_organic_ratio IS NOT NULL AND a.tier IS NOT NULL
GROUP BY GROUPING SETS ((e.platform, a.tier), (e.platform, e.niche, a.tier))
ORDER BY ALL
"""
PAID = """
SELECT platform, count(paid_to_organic_ratio) AS account_count, median(paid_to_organic_ratio) AS ratio,
       count(*) FILTER (paid_to_organic_ratio_high < 1) AS surely_below, count(*) FILTER (paid_to_organic_ratio_low > 1)
       AS surely_above, sum(sponsored_post_count)::BIGINT AS sponsored, sum(organic_post_count)::BIGINT AS organic,
       sum(gifted_post_count)::BIGINT AS gifted, sum(sponsorship_unknown_count)::BIGINT AS unknown
FROM account_engagement WHERE time_window = 'all_time' GROUP BY platform ORDER BY platform
"""
# Kinds of post are free text, and each has its currencies: those with the most prices of each platform.
TOP_KINDS = f"""
SELECT platform, media_type, currency FROM price_summary
WHERE compensation = 'cash' AND currency IS NOT NULL AND account_count > 0 AND platform IN (SELECT platform FROM ({TOP_NICHES}))
GROUP BY platform, media_type, currency
QUALIFY row_number() OVER (PARTITION BY platform ORDER BY sum(account_count) DESC, currency, media_type) <= {KINDS_SHOWN}
"""
PRICES = f"""
SELECT p.platform, left(coalesce(p.media_type, 'any kind'), 40) AS media_type, p.currency, p.tier, t.tier_rank, p.account_count,
       p.price_p25 AS p25, p.price_median AS median, p.price_p75 AS p75, p.share_under_500,
       p.cost_per_engagement_median AS cost_per_engagement, p.range_count, p.zero_price_count
FROM price_summary AS p
JOIN ({TOP_KINDS}) AS k
    ON k.platform = p.platform AND k.currency = p.currency AND k.media_type IS NOT DISTINCT FROM p.media_type
JOIN tier_schemes AS s ON s.is_default JOIN tiers AS t ON t.scheme = s.scheme AND t.tier = p.tier
WHERE p.compensation = 'cash' AND p.currency IS NOT NULL AND p.account_count > 0
ORDER BY p.platform, p.currency, media_type, t.tier_rank
"""
BUDGETS = f"""
SELECT b.budget, b.platform, b.currency, left(coalesce(b.media_type, 'any kind'), 40) AS media_type, b.tier, b.tier_rank,
       b.account_count, b.price_median, b.post_count_bought AS posts, b.engagements_bought AS engagements,
       b.followers_bought AS followers
FROM one_mega_or_many_micros AS b
JOIN ({TOP_KINDS}) AS k
    ON k.platform = b.platform AND k.currency = b.currency AND k.media_type IS NOT DISTINCT FROM b.media_type
WHERE b.budget IN (500, 10000, 75000) AND b.tier IS NOT NULL
ORDER BY b.platform, b.currency, media_type, b.budget, b.tier_rank
"""
STRICT = f"""
SELECT u.platform, left(coalesce(a.username, u.account_id), 40) AS account, a.niche, a.tier, u.followers_known_count AS listed,
       u.engaged_follower_count AS engaged, u.follower_engagement_rate AS rate, u.follower_engagement_rate_low AS low,
       u.follower_engagement_rate_high AS high, u.audience_hhi AS hhi, u.audience_effective_niches AS effective_niches,
       u.reason
FROM audience AS u JOIN accounts AS a USING (platform, account_id)
WHERE u.time_window = 'all_time' AND u.followers_known_count > 0
ORDER BY u.follower_engagement_rate IS NULL, u.followers_known_count DESC, u.platform, u.account_id LIMIT {STRICT_SHOWN}
"""


@dataclass(frozen=True)
class Facts:
    """Every answer the page is made of, as rows."""

    coverage: Row
    platforms: list[Row]
    reasons: list[Row]
    suspicions: list[Row]
    heat: list[Row]
    points: list[Row]
    fits: list[Row]
    bands: list[Row]
    followers: list[Row]
    sponsored: list[Row]
    ratios: list[Row]
    paid: list[Row]
    prices: list[Row]
    budgets: list[Row]
    strict: list[Row]


def facts_of(connection: duckdb.DuckDBPyConnection) -> Facts:
    """Ask for all of it."""

    def rows(sql: str) -> list[Row]:
        found: list[Row] = connection.sql(sql).to_dicts()
        return found

    return Facts(
        coverage=rows(COVERAGE)[0],
        platforms=rows(PLATFORMS),
        reasons=rows(REASONS),
        suspicions=rows(SUSPICIONS),
        heat=rows(HEAT),
        points=rows(POINTS),
        fits=rows(FITS),
        bands=rows(BANDS),
        followers=rows(FOLLOWERS),
        sponsored=rows(SPONSORED),
        ratios=rows(RATIOS),
        paid=rows(PAID),
        prices=rows(PRICES),
        budgets=rows(BUDGETS),
        strict=rows(STRICT),
    )

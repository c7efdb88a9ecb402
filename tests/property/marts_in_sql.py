"""The marts as SQL makes them of the rows of the lake, and of other marts where those stand in it already."""

from tests.unit.transforms.test_growth import GROWTH

ACCOUNT = ("platform", "account_id")
UNDATED = "coalesce(observed_at, TIMESTAMP '0001-01-01')"
VIEWS = {
    "snapshots": """
        SELECT platform, account_id, observed_at,
            max(followers_count) AS followers_count, max(follows_count) AS follows_count,
            max(media_count) AS media_count, max(username) AS username, max(niche) AS niche,
            max(country) AS country, max(is_verified) AS is_verified
        FROM lake_accounts GROUP BY ALL""",
    "newest": f"""
        WITH latest AS (
            SELECT *, {UNDATED} = max({UNDATED}) OVER (PARTITION BY platform, post_id) AS is_newest FROM lake_posts
        ), settled AS (
            SELECT platform, post_id, max(account_id) AS account_id, max(published_at) AS published_at,
                max(media_type) AS media_type, max(like_count) AS like_count, max(comment_count) AS comment_count,
                max(view_count) AS view_count, max(share_count) AS share_count, max(save_count) AS save_count,
                max(reach_count) AS reach_count, max(followers_count) AS delivered,
                max(is_sponsored) AS declared, max(sponsors) AS sponsors,
                max(CASE WHEN contains(caption, '#ad') THEN '#ad' WHEN caption IS NOT NULL THEN '' END) AS word,
                max(CASE WHEN contains(caption, '#gifted') THEN '#gifted' WHEN caption IS NOT NULL THEN '' END) AS gift,
                any_value(observed_at) AS observed_at
            FROM latest WHERE is_newest GROUP BY ALL
        ), hidden AS (
            SELECT platform, account_id FROM settled GROUP BY ALL
            HAVING count(*) >= 10 AND 2 * count(*) FILTER (like_count = 3) > count(*)
        )
        SELECT * REPLACE (
            CASE WHEN like_count <> 3 OR (platform, account_id) NOT IN (FROM hidden) THEN like_count END AS like_count
        )
        FROM settled""",
    "followed": """
        WITH known AS (FROM snapshots WHERE followers_count IS NOT NULL)
        SELECT newest.*,
            (SELECT max_by(k.followers_count, k.observed_at) FROM known AS k
             WHERE k.platform = newest.platform AND k.account_id = newest.account_id
                AND k.observed_at <= coalesce(newest.observed_at, published_at)) AS before,
            (SELECT min_by(k.followers_count, k.observed_at) FROM known AS k
             WHERE k.platform = newest.platform AND k.account_id = newest.account_id) AS after,
            (SELECT max_by(k.followers_count, k.observed_at) FROM known AS k
             WHERE k.platform = newest.platform AND k.account_id = newest.account_id
                AND coalesce(newest.observed_at, published_at) IS NULL) AS latest,
            (SELECT max(k.followers_count) FROM known AS k
             WHERE k.platform = newest.platform AND k.account_id = newest.account_id AND k.observed_at IS NULL) AS undated
        FROM newest""",
    "cells": """
        SELECT platform, niche, time_window, account_id, like_count_mean > 0 AND followers_count > 0 IS TRUE AS is_fitted,
            followers_count, ln(CASE WHEN followers_count > 0 THEN followers_count END) AS x,
            ln(CASE WHEN like_count_mean > 0 THEN like_count_mean END) AS y
        FROM account_engagement
        UNION ALL BY NAME
        SELECT platform, '(all)' AS niche, time_window, account_id,
            like_count_mean > 0 AND followers_count > 0 IS TRUE AS is_fitted,
            followers_count, ln(CASE WHEN followers_count > 0 THEN followers_count END) AS x,
            ln(CASE WHEN like_count_mean > 0 THEN like_count_mean END) AS y
        FROM account_engagement""",
}  # fmt: skip
CURRENT = ", ".join(
    f"max_by({name}, {UNDATED}) AS {name}"
    for name in ("username", "followers_count", "follows_count", "media_count", "is_verified", "country")
)
ACCOUNTS_SQL = f"""
    WITH settled AS (
        SELECT platform, account_id, {CURRENT}, max_by(niche, {UNDATED}) AS niche_raw,
            CASE WHEN count(followers_count) > 0 THEN max(observed_at) FILTER (followers_count IS NOT NULL)
                ELSE max(observed_at) END AS observed_at
        FROM (FROM snapshots UNION ALL BY NAME SELECT DISTINCT platform, account_id FROM lake_posts)
        GROUP BY ALL
    )
    SELECT settled.*, coalesce(niche, 'unknown') AS niche, tier
    FROM settled
    LEFT JOIN niches USING (niche_raw)
    LEFT JOIN tiers ON scheme = 'article' AND followers_count >= followers_min
        AND (followers_below IS NULL OR followers_count < followers_below)
"""
POSTS_SQL = """
    SELECT platform, post_id, account_id, published_at, media_type, like_count, comment_count, view_count, share_count,
        save_count, reach_count, observed_at,
        coalesce(delivered, latest, before, after, undated) AS followers_count,
        CASE WHEN delivered IS NOT NULL THEN 'delivered' WHEN latest IS NOT NULL THEN 'undated_post' WHEN before IS NOT NULL THEN 'observed_before'
            WHEN after IS NOT NULL THEN 'observed_after' WHEN undated IS NOT NULL THEN 'undated' END AS followers_basis,
        like_count + comment_count AS engagement_count,
        like_count / nullif(coalesce(delivered, latest, before, after, undated), 0) AS like_rate_by_followers,
        engagement_count / nullif(coalesce(delivered, latest, before, after, undated), 0) AS engagement_rate_by_followers,
        coalesce(declared, CASE WHEN sponsors IS NOT NULL THEN true END, word <> '') AS is_sponsored,
        CASE WHEN declared IS NOT NULL THEN 'declared' WHEN sponsors IS NOT NULL THEN 'sponsors'
            WHEN word IS NOT NULL THEN 'caption' END AS sponsored_basis,
        CASE WHEN declared IS NOT NULL THEN 'declared' ELSE coalesce(sponsors, nullif(word, '')) END
            AS sponsored_evidence,
        gift <> '' AS is_gifted, nullif(gift, '') AS gifted_evidence,
        CASE WHEN is_sponsored THEN 'paid' WHEN is_gifted THEN 'gifted' WHEN NOT is_sponsored THEN 'none' ELSE 'unknown' END
            AS compensation
    FROM followed
"""
FIGURES = """
    count(engagement_rate_by_followers) AS account_count, count(*) AS account_listed_count,
    sum(post_count) AS post_count, sum(post_known_count) AS post_known_count,
    sum(followers_count) AS followers_count_sum, avg(followers_count) AS followers_count_mean,
    median(followers_count) AS followers_count_median, avg(like_rate_by_followers) AS like_rate_by_followers_mean,
    avg(engagement_rate_by_followers) AS engagement_rate_by_followers_mean,
    median(engagement_rate_by_followers) AS engagement_rate_by_followers_median,
    quantile_cont(engagement_rate_by_followers, 0.25) AS engagement_rate_by_followers_p25,
    quantile_cont(engagement_rate_by_followers, 0.75) AS engagement_rate_by_followers_p75
"""
TIERED = """account_engagement CROSS JOIN tier_schemes AS s LEFT JOIN tiers AS t ON t.scheme = s.scheme
    AND followers_count >= followers_min AND (followers_below IS NULL OR followers_count < followers_below)"""
REGRESSION_SQL = """
    WITH fits AS (
        SELECT platform, niche, time_window, count(*) AS n, min(followers_count) AS smallest,
            max(followers_count) AS largest, avg(x) AS middle, var_pop(x) AS variance, regr_slope(y, x) AS b,
            regr_intercept(y, x) AS a, regr_r2(y, x) AS r2
        FROM cells WHERE is_fitted GROUP BY ALL HAVING n >= 5
    ), errors AS (
        SELECT platform, niche, time_window, any_value(n) AS n,
            sqrt(sum((x - middle) ** 2 * ((y - a - b * x) / (1 - (1 + (x - middle) ** 2 / variance) / n)) ** 2))
                / any_value(n * variance) AS error
        FROM cells JOIN fits USING (platform, niche, time_window) WHERE is_fitted GROUP BY ALL
    ), counts AS (
        SELECT platform, niche, time_window, count(*) FILTER (is_fitted) AS account_count,
            count(*) FILTER (is_fitted IS NOT TRUE) AS account_left_out_count
        FROM cells GROUP BY ALL
    )
    SELECT counts.*, smallest AS followers_count_min, largest AS followers_count_max, middle AS log_followers_mean,
        variance AS log_followers_variance, b AS slope, a AS intercept, error AS slope_standard_error,
        b - quantile * error AS slope_low, b + quantile * error AS slope_high, r2 AS r_squared,
        (b - 1) / error AS slope_below_one_t, exp(a) * 1e3 ** (b - 1) AS predicted_like_rate_1k,
        exp(a) * 1e4 ** (b - 1) AS predicted_like_rate_10k, exp(a) * 1e5 ** (b - 1) AS predicted_like_rate_100k,
        exp(a) * 1e6 ** (b - 1) AS predicted_like_rate_1m, CASE WHEN b IS NULL THEN 'few_accounts' END AS reason
    FROM counts LEFT JOIN fits USING (platform, niche, time_window) LEFT JOIN errors USING (platform, niche, time_window)
    LEFT JOIN quantiles ON freedom = fits.n - 2
"""
LIFT_SQL = """
    WITH others AS (
        SELECT own.platform, own.account_id, own.time_window, any_value(own.x) AS x, any_value(own.y) AS y,
            regr_slope(peer.y, peer.x) FILTER (NOT own.is_fitted OR peer.account_id <> own.account_id) AS b,
            regr_intercept(peer.y, peer.x) FILTER (NOT own.is_fitted OR peer.account_id <> own.account_id) AS a
        FROM (SELECT * REPLACE (is_fitted IS TRUE AS is_fitted) FROM cells WHERE niche = '(all)') AS own
        JOIN cells AS peer USING (platform, niche, time_window) WHERE peer.is_fitted GROUP BY ALL
    )
    SELECT platform, account_id, time_window, exp(a + (b - 1) * x) AS expected_like_rate_by_followers,
        CASE WHEN like_count_mean = 0 THEN 0 ELSE exp(y - a - b * x) END AS engagement_lift
    FROM others JOIN account_engagement USING (platform, account_id, time_window)
"""
RATES_SQL = """
    SELECT q.*, q.quoted_on IS NOT DISTINCT FROM max(q.quoted_on) OVER (
            PARTITION BY platform, account_id, media_type, currency, compensation) AS is_newest,
        count(DISTINCT CASE WHEN price IS NOT NULL THEN price::VARCHAR
            WHEN price_min IS NOT NULL OR price_max IS NOT NULL THEN concat(price_min, ' ', price_max) END) OVER (
            PARTITION BY platform, account_id, media_type, currency, compensation, quoted_on) > 1 AS is_disputed,
        price / nullif(engagement_count_mean, 0) AS cost_per_engagement,
        1000 * price / nullif(followers_count, 0) AS cost_per_1000_followers,
        CASE WHEN currency = 'USD' THEN 100 * price / nullif(followers_count, 0) END AS price_to_rule_of_thumb,
        CASE WHEN price IS NULL THEN 'no_price' WHEN engagement_count_mean > 0 THEN NULL
            WHEN engagement_count_mean = 0 THEN 'no_engagement' ELSE reason END AS cost_reason
    FROM (SELECT DISTINCT * REPLACE (coalesce(compensation, 'cash') AS compensation) FROM lake_rates) AS q
    LEFT JOIN (FROM account_engagement WHERE time_window = 'all_time') USING (platform, account_id)
"""
PRICES_SQL = f"""
    WITH quotes AS (
        SELECT platform, account_id, media_type, currency, compensation, max(price)::DOUBLE AS price,
            max(price_min)::DOUBLE AS low, max(price_max)::DOUBLE AS high, max(cost_per_engagement) AS per_engagement,
            max(cost_per_1000_followers) AS per_1000, max(price_to_rule_of_thumb) AS thumb
        FROM ({RATES_SQL}) WHERE is_newest GROUP BY ALL
    ), priced AS (
        SELECT quotes.*, nullif(price, 0) AS paid, tier, followers_count, engagement_count_mean
        FROM quotes LEFT JOIN accounts USING (platform, account_id)
        LEFT JOIN (SELECT platform, account_id, engagement_count_mean FROM account_engagement
            WHERE time_window = 'all_time') USING (platform, account_id)
    )
    SELECT platform, tier, media_type, currency, compensation, count(*) AS account_listed_count,
        count(paid) AS account_count, count(*) FILTER (price = 0) AS zero_price_count,
        count(*) FILTER (price IS NULL) AS range_count, avg(paid) AS price_mean, min(paid) AS price_lowest,
        quantile_cont(paid, 0.25) AS price_p25, median(paid) AS price_median, quantile_cont(paid, 0.75) AS price_p75,
        max(paid) AS price_highest, median(low) AS price_min_median, median(high) AS price_max_median,
        CASE WHEN compensation = 'cash' AND currency IS NOT NULL THEN count(*) FILTER (paid < 500) / nullif(count(paid), 0) END
            AS share_under_500,
        median(per_engagement) FILTER (paid > 0) AS cost_per_engagement_median,
        median(per_1000) FILTER (paid > 0) AS cost_per_1000_followers_median,
        median(thumb) FILTER (paid > 0) AS price_to_rule_of_thumb_median,
        median(followers_count) FILTER (paid > 0) AS followers_count_median,
        median(engagement_count_mean) FILTER (paid > 0) AS engagement_count_mean_median
    FROM priced GROUP BY platform, tier, media_type, currency, compensation
"""
BRANDS_SQL = f"""
    WITH texts AS (
        SELECT platform, post_id, caption, sponsors, {UNDATED} AS seen_at FROM lake_posts
    ), newest_texts AS (
        SELECT platform, post_id, max_by(caption, seen_at) AS caption, max_by(sponsors, seen_at) AS sponsors FROM texts GROUP BY ALL
    ), read AS (
        SELECT *, list_distinct(list_concat(regexp_extract_all(coalesce(caption, ''), '@([a-z]+)', 1),
            CASE WHEN sponsors IS NULL THEN [] ELSE [sponsors] END)) AS brands
        FROM newest_texts JOIN (SELECT platform, post_id, account_id, published_at FROM newest) USING (platform, post_id)
    ), brands AS (SELECT platform, account_id, published_at, unnest(brands) AS brand FROM read)
    SELECT brands.platform, brands.account_id, brand, min(brands.published_at) AS first_posted_at,
        max(brands.published_at) AS last_posted_at, count(*) AS post_count,
        (SELECT count(*) FROM read WHERE read.platform = brands.platform AND read.account_id = brands.account_id
            AND (caption IS NOT NULL OR read.sponsors IS NOT NULL)) AS account_readable_post_count
    FROM brands GROUP BY ALL
"""
WINDOW = (*ACCOUNT, "time_window")
KIND = ("media_type", "currency", "compensation")
QUOTE = (*ACCOUNT, *KIND, "price", "price_min", "price_max", "quoted_on", "source")
SAME: dict[str, tuple[str, tuple[str, ...]]] = {
    "accounts": (ACCOUNTS_SQL, ACCOUNT),
    "account_snapshots": (GROWTH, (*ACCOUNT, "observed_at")),
    "posts": (POSTS_SQL, ("platform", "post_id")),
    "niche_tier_engagement": (
        f"SELECT platform, niche, s.scheme, tier, time_window, {FIGURES} FROM {TIERED} GROUP BY ALL",
        ("platform", "niche", "scheme", "tier", "time_window"),
    ),
    "tier_engagement": (
        f"SELECT platform, s.scheme, tier, time_window, {FIGURES} FROM {TIERED} GROUP BY ALL",
        ("platform", "scheme", "tier", "time_window"),
    ),
    "niche_engagement": (
        f"SELECT platform, niche, time_window, {FIGURES} FROM account_engagement GROUP BY ALL",
        ("platform", "niche", "time_window"),
    ),
    "engagement_regression": (REGRESSION_SQL, ("platform", "niche", "time_window")),
    "account_engagement": (LIFT_SQL, WINDOW),
    "rates": (RATES_SQL, QUOTE),
    "price_summary": (PRICES_SQL, ("platform", "tier", *KIND)),
    "brand_mentions": (BRANDS_SQL, (*ACCOUNT, "brand")),
    "published_metrics": ("SELECT DISTINCT * FROM lake_published_metrics", (*ACCOUNT, "metric", "value", "source", "observed_at")),
}  # fmt: skip

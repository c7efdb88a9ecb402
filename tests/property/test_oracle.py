"""Random deliveries: the marts, a plain Python oracle and hand-written SQL over the published tables all agree."""

import math
import re
import tempfile
from datetime import datetime
from fractions import Fraction
from pathlib import Path
from typing import Any

import duckdb
from hypothesis import event, given, settings
from hypothesis import strategies as st
from scipy.stats import binom, t

from flows.run import run
from flows.settings import Settings
from tests import oracle
from tests.oracle import Key, Row
from tests.property.deliveries import INSTANTS, SEEDED, account_rows, metric_rows, post_rows, write_csv
from tests.sample import how_many
from warehouse.published import open_published

COUNTED = (*oracle.RATED, *oracle.OTHERS)
FIGURES_ALONE = """
[[source]]
files = "figures.csv"

[[source.load]]
dataset = "post_metrics"
""" + "".join(f'columns.{name} = "{name}"\n' for name in ("platform", "post_id", *COUNTED, "observed_at"))
# The 0.975 quantile of Student's t by number of posts.
QUANTILES = ", ".join(f"({count}, {t.ppf(0.975, count - 1)}::DOUBLE)" for count in range(2, 91))
# Of a sample of so many, how many lie outside the interval of its median on each side.
RANKS = ", ".join(f"({count}, {int(binom.ppf(0.025, count, 0.5)) - 1})" for count in range(6, 91))
ALONE_SQL = f"""
    WITH numbered AS (
        SELECT
            *,
            row_number() OVER (PARTITION BY platform, account_id ORDER BY published_at DESC, post_id DESC) AS place
        FROM posts
        WHERE published_at IS NOT NULL
    ), member AS (
        SELECT 'all_time' AS time_window, * FROM posts
        UNION ALL BY NAME
        SELECT 'last_90_days' AS time_window, * FROM posts
        WHERE published_at > $as_of::TIMESTAMP - INTERVAL 90 DAY AND published_at <= $as_of::TIMESTAMP
        UNION ALL BY NAME
        SELECT 'last_12_posts' AS time_window, * EXCLUDE (place) FROM numbered WHERE place <= 12
    ), seen AS (
        SELECT
            *,
            CASE WHEN reach_count > 0 AND engagement_count IS NOT NULL THEN reach_count END AS by_reach,
            CASE WHEN view_count > 0 AND engagement_count IS NOT NULL THEN view_count END AS by_views,
            count(by_reach) OVER w = count(share_count) FILTER (by_reach IS NOT NULL) OVER w AS reach_shares,
            count(by_reach) OVER w = count(save_count) FILTER (by_reach IS NOT NULL) OVER w AS reach_saves,
            count(by_views) OVER w = count(share_count) FILTER (by_views IS NOT NULL) OVER w AS views_shares,
            count(by_views) OVER w = count(save_count) FILTER (by_views IS NOT NULL) OVER w AS views_saves,
            engagement_count + CASE WHEN reach_shares THEN share_count ELSE 0 END
                + CASE WHEN reach_saves THEN save_count ELSE 0 END AS reached,
            engagement_count + CASE WHEN views_shares THEN share_count ELSE 0 END
                + CASE WHEN views_saves THEN save_count ELSE 0 END AS viewed
        FROM member
        WINDOW w AS (PARTITION BY platform, account_id, time_window)
    ), figures AS (
        SELECT
            platform, account_id, time_window,
            count(*) AS post_count,
            count(engagement_rate_by_followers) AS post_known_count,
            count(like_count) / count(*) AS likes_coverage_ratio,
            avg(like_count) AS likes,
            avg(like_rate_by_followers) AS like_rate,
            median(like_rate_by_followers) AS like_rate_median,
            avg(comment_count / nullif(followers_count, 0)) AS comment_rate_by_followers,
            count(by_reach) AS reach_post_count,
            sum(reached) FILTER (by_reach IS NOT NULL) / sum(by_reach) AS engagement_rate_by_reach,
            median(reached / by_reach) AS engagement_rate_by_reach_median,
            CASE WHEN count(by_reach) > 0 THEN 'likes_comments' || CASE WHEN any_value(reach_shares) THEN '_shares' ELSE '' END
                || CASE WHEN any_value(reach_saves) THEN '_saves' ELSE '' END END AS reach_basis,
            CASE WHEN count(nullif(reach_count, 0)) = 0 THEN 'no_reach' WHEN count(by_reach) = 0 THEN 'no_interactions' END
                AS reach_reason,
            count(by_views) AS view_post_count,
            sum(viewed) FILTER (by_views IS NOT NULL) / sum(by_views) AS engagement_rate_by_views,
            median(viewed / by_views) AS engagement_rate_by_views_median,
            CASE WHEN count(by_views) > 0 THEN 'likes_comments' || CASE WHEN any_value(views_shares) THEN '_shares' ELSE '' END
                || CASE WHEN any_value(views_saves) THEN '_saves' ELSE '' END END AS views_basis,
            CASE WHEN count(nullif(view_count, 0)) = 0 THEN 'no_views' WHEN count(by_views) = 0 THEN 'no_interactions' END
                AS views_reason,
            stddev_samp(engagement_rate_by_followers) / sqrt(count(engagement_rate_by_followers)) AS error,
            avg(engagement_rate_by_followers) AS rate,
            median(engagement_rate_by_followers) AS rate_median,
            avg(engagement_count) AS engagement_mean,
            CASE
                WHEN count(like_count) / count(*) < 0.5 THEN 'hidden_likes'
                WHEN count(engagement_count) = 0 THEN 'no_comments'
                WHEN count(engagement_rate_by_followers) = 0 THEN 'no_followers'
            END AS reason
        FROM seen
        GROUP BY ALL
    )
    SELECT
        platform, account_id, time_window, niche, followers_count,
        coalesce(post_count, 0) AS post_count,
        coalesce(post_known_count, 0) AS post_known_count,
        likes_coverage_ratio,
        CASE WHEN likes_coverage_ratio >= 0.5 THEN likes END AS like_count_mean,
        CASE WHEN likes_coverage_ratio >= 0.5 THEN like_rate END AS like_rate_by_followers,
        CASE WHEN likes_coverage_ratio >= 0.5 THEN like_rate_median END AS like_rate_by_followers_median,
        comment_rate_by_followers,
        CASE WHEN reason IS NULL THEN rate END AS engagement_rate_by_followers,
        CASE WHEN reason IS NULL AND error >= 0 THEN greatest(rate - quantile * error, 0) END
            AS engagement_rate_by_followers_low,
        CASE WHEN reason IS NULL THEN rate + quantile * error END AS engagement_rate_by_followers_high,
        coalesce(reach_post_count, 0) AS reach_post_count,
        engagement_rate_by_reach,
        engagement_rate_by_reach_median,
        reach_basis,
        CASE WHEN post_count IS NULL THEN empty ELSE reach_reason END AS reach_reason,
        coalesce(view_post_count, 0) AS view_post_count,
        engagement_rate_by_views,
        engagement_rate_by_views_median,
        views_basis,
        CASE WHEN post_count IS NULL THEN empty ELSE views_reason END AS views_reason,
        CASE WHEN reason IS NULL THEN rate_median END AS engagement_rate_by_followers_median,
        CASE WHEN likes_coverage_ratio >= 0.5 THEN engagement_mean END AS engagement_count_mean,
        CASE WHEN post_count IS NULL THEN empty ELSE reason END AS reason,
        {", ".join(f"NULL AS {name}" for name in oracle.NO_PRIOR)},
        CASE
            WHEN post_count IS NULL THEN empty
            WHEN reason IS NOT NULL THEN reason
            ELSE 'no_prior'
        END AS shrunk_reason
    FROM accounts
    CROSS JOIN (VALUES ('all_time'), ('last_90_days'), ('last_12_posts')) AS w (time_window)
    LEFT JOIN figures USING (platform, account_id, time_window)
    LEFT JOIN (
        SELECT platform, account_id, CASE WHEN bool_or(published_at IS NULL) THEN 'undated_posts' END AS undated
        FROM posts GROUP BY ALL
    ) USING (platform, account_id)
    CROSS JOIN LATERAL (SELECT coalesce(undated, 'no_posts') AS empty)
    LEFT JOIN (VALUES {QUANTILES}) AS q (posts, quantile) ON posts = post_known_count
"""
ENGAGEMENT_SQL = f"""
    WITH alone AS ({ALONE_SQL}), tiered AS (
        SELECT alone.*, tier, engagement_rate_by_followers AS rate FROM alone JOIN accounts USING (platform, account_id)
    ), placed AS (
        SELECT
            own.platform, own.account_id, own.time_window,
            count(peer.rate) AS peers,
            (count(*) FILTER (peer.rate < own.rate) + count(*) FILTER (peer.rate = own.rate) / 2) / count(peer.rate) AS place
        FROM tiered AS own
        JOIN tiered AS peer USING (platform, niche, tier, time_window)
        GROUP BY ALL
    )
    SELECT
        alone.*,
        peers AS peer_count,
        CASE WHEN reason IS NULL AND peers >= 20 THEN place END AS peer_percentile,
        CASE WHEN rate IS NOT NULL AND followers_count IS NOT NULL AND (
            SELECT count(*) FROM tiered AS near WHERE near.platform = alone.platform AND near.niche = alone.niche
                AND near.time_window = alone.time_window AND near.rate IS NOT NULL AND near.followers_count IS NOT NULL
        ) >= 20 THEN (
            SELECT (count(*) FILTER (near.rate < tiered.rate) + count(*) FILTER (near.rate = tiered.rate) / 2) / count(*)
            FROM tiered AS near WHERE near.platform = alone.platform AND near.niche = alone.niche
                AND near.time_window = alone.time_window AND near.rate IS NOT NULL AND near.followers_count IS NOT NULL
        ) END AS peer_percentile_nearest,
        coalesce(reason, CASE WHEN peers IS NULL THEN 'no_tier' WHEN peers < 20 THEN 'few_peers' END) AS peer_reason
    FROM alone
    JOIN (SELECT platform, account_id, time_window, rate FROM tiered) AS tiered USING (platform, account_id, time_window)
    LEFT JOIN placed USING (platform, account_id, time_window)
"""
# Of cells of fewer than 90 accounts; what divides by the root of less than two accounts ends in null.
CELL_INTERVALS = f"""
    CASE WHEN count(engagement_rate_by_followers) >= 5 THEN greatest(avg(engagement_rate_by_followers)
        - (SELECT quantile FROM (VALUES {QUANTILES}) AS q (n, quantile) WHERE n = count(engagement_rate_by_followers))
        * stddev_samp(engagement_rate_by_followers) / sqrt(count(engagement_rate_by_followers)), 0) END
        AS engagement_rate_by_followers_mean_low,
    CASE WHEN count(engagement_rate_by_followers) >= 5 THEN avg(engagement_rate_by_followers)
        + (SELECT quantile FROM (VALUES {QUANTILES}) AS q (n, quantile) WHERE n = count(engagement_rate_by_followers))
        * stddev_samp(engagement_rate_by_followers) / sqrt(count(engagement_rate_by_followers)) END
        AS engagement_rate_by_followers_mean_high,
    list_sort(list(engagement_rate_by_followers) FILTER (engagement_rate_by_followers IS NOT NULL))[1
        + (SELECT outside FROM (VALUES {RANKS}) AS r (n, outside) WHERE n = count(engagement_rate_by_followers))]
        AS engagement_rate_by_followers_median_low,
    list_sort(list(engagement_rate_by_followers) FILTER (engagement_rate_by_followers IS NOT NULL))[
        count(engagement_rate_by_followers)
        - (SELECT outside FROM (VALUES {RANKS}) AS r (n, outside) WHERE n = count(engagement_rate_by_followers))]
        AS engagement_rate_by_followers_median_high,
    CASE WHEN count(engagement_rate_by_followers) < 5 THEN 'few_accounts'
        WHEN count(engagement_rate_by_followers) = 5 THEN 'few_for_median' END AS interval_reason
"""
AGGREGATE_SQL = f"""
    WITH engagement AS ({ENGAGEMENT_SQL})
    SELECT
        platform, niche, s.scheme, tier, time_window,
        count(engagement_rate_by_followers) AS account_count,
        count(*) AS account_listed_count,
        sum(post_count) AS post_count,
        sum(post_known_count) AS post_known_count,
        sum(followers_count) AS followers_count_sum,
        avg(followers_count) AS followers_count_mean,
        median(followers_count) AS followers_count_median,
        avg(like_rate_by_followers) AS like_rate_by_followers_mean,
        avg(engagement_rate_by_followers) AS engagement_rate_by_followers_mean,
        median(engagement_rate_by_followers) AS engagement_rate_by_followers_median,
        {CELL_INTERVALS},
        quantile_cont(engagement_rate_by_followers, 0.25) AS engagement_rate_by_followers_p25,
        quantile_cont(engagement_rate_by_followers, 0.75) AS engagement_rate_by_followers_p75
    FROM engagement
    CROSS JOIN tier_schemes AS s
    LEFT JOIN tiers AS t
        ON t.scheme = s.scheme
        AND followers_count >= followers_min
        AND followers_count < coalesce(followers_below, 1e18)
    GROUP BY ALL
"""
# Of few accounts there is no fit; tests/unit/transforms/test_lift.py has them.
ESTIMATED = {
    "expected_basis", "lift_reason", *(f"{name}{kind}" for name in ("expected_like_rate_by_followers", "engagement_lift")
    for kind in ("", "_mean", "_smooth")),
}  # fmt: skip
ENGAGEMENT_KEY = ("platform", "account_id", "time_window")
AGGREGATE_KEY = ("platform", "niche", "scheme", "tier", "time_window")
# What test_sponsorship.py recomputes.
SPONSORSHIP = re.compile("sponsored_|organic_|gifted_|sponsorship_|paid_|is_never_sponsored")


def keyed(rows: duckdb.DuckDBPyRelation, key: tuple[str, ...]) -> dict[Key, Row]:
    """Rows by their key, the bounds of the windows and what is estimated left out."""
    found = {}
    for values in rows.fetchall():
        row = dict(zip(rows.columns, values, strict=True))
        left_out = {*key, *ESTIMATED, *filter(SPONSORSHIP.match, row), "window_start", "window_end"}
        told = {name: cell for name, cell in row.items() if name not in left_out}
        found[tuple(row[name] for name in key)] = told
    return found


def differences(found: dict[Key, Row], wanted: dict[Key, Row]) -> list[str]:
    """Every cell that is not as wanted, and every row that only one side has."""
    missing = [f"{key}: only on one side" for key in found.keys() ^ wanted.keys()]
    return missing + [
        f"{key}, {name}: {row.get(name)} is not {wanted[key].get(name)}"
        for key, row in found.items()
        if key in wanted
        for name in row.keys() | wanted[key].keys()
        if not is_same(row.get(name), wanted[key].get(name), rounding(name, row))
    ]


def rounding(name: str, row: Row) -> float:
    """How far a cell may be off: the ends of an interval, differences of larger numbers, by what those are off."""
    is_end = name.endswith(("_low", "_high"))
    rate = row.get("engagement_rate_by_followers", row.get("engagement_rate_by_followers_mean"))
    return 1e-9 * float(rate or 0) if is_end else 0


def is_same(cell: Any, wish: Any, rounding: float) -> bool:
    if isinstance(cell, float) and isinstance(wish, float | Fraction):
        return math.isclose(cell, wish, rel_tol=1e-12, abs_tol=rounding)
    return bool(cell == wish)


@settings(SEEDED, max_examples=how_many(5, long=10))
@given(
    accounts=account_rows,
    posts=post_rows,
    metrics=metric_rows,
    as_of=st.sampled_from([None, None, INSTANTS[1], INSTANTS[2]]),
)
def test_marts_oracle_and_sql_agree(
    accounts: list[Row], posts: list[Row], metrics: list[Row], as_of: datetime | None
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        exports, home = Path(folder) / "exports", Path(folder) / "home"
        write_csv(exports / "accounts.csv", accounts)
        write_csv(exports / "posts.csv", posts)
        write_csv(exports / "figures.csv", metrics)
        (exports / "sources.toml").write_text(FIGURES_ALONE, encoding="utf-8")
        summary = run(exports, Settings(home=home), as_of)
        assert summary.rows_read == len(accounts) + len(posts) + len(metrics)
        assert summary.rows_rejected == 0
        wanted = oracle.account_engagement(accounts, posts, as_of, metrics)
        with open_published(home / "warehouse.duckdb") as connection:
            engagement = keyed(connection.table("account_engagement"), ENGAGEMENT_KEY)
            assert differences(engagement, wanted) == []
            aggregates = keyed(connection.table("niche_tier_engagement"), AGGREGATE_KEY)
            assert differences(aggregates, oracle.niche_tier_engagement(wanted)) == []
            told = {"as_of": summary.as_of}
            assert differences(engagement, keyed(connection.sql(ENGAGEMENT_SQL, params=told), ENGAGEMENT_KEY)) == []
            assert differences(aggregates, keyed(connection.sql(AGGREGATE_SQL, params=told), AGGREGATE_KEY)) == []
    for row in wanted.values():
        event(f"reason {row['reason']}")
        event(f"more than twelve posts: {row['post_count'] > 12}")

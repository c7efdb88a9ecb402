"""Every mart of one larger random delivery worked out again in SQL, from the lake up; and the delivery rearranged.

Large enough for what small deliveries never have: peers, fits, priors, lifts, both sides of sponsorship.
"""

import math
import random
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
from scipy.stats import beta, t

from flows.settings import Settings
from flows.steps import RunSummary, run
from tests.oracle import NICHES, NO_PRIOR, Key, Row
from tests.property.deliveries import NOON
from tests.property.test_oracle import ENGAGEMENT_SQL
from tests.property.test_same_content import arranged, run_plainly, write_part
from tests.property.test_sponsorship import RATIO_SQL, differences, rows_of
from tests.unit.test_growth import GROWTH
from warehouse.lake import Lake

ACCOUNT = ("platform", "account_id")
CAPTIONS = (None, "a walk", "tea with @kettle", "soup by @spoon #ad", "@kettle and @spoon", "by @nobody")


def delivery(chance: random.Random) -> dict[str, list[Row]]:
    """Some 110 accounts, most of one niche and size, seen up to seven times; their posts, prices and claims."""
    rows: dict[str, list[Row]] = {"accounts": [], "posts": [], "rates": [], "published_metrics": []}
    for number in range(110):
        platform = "instagram" if number < 85 else "tiktok"
        niche = chance.choice((*["Fashion"] * 7, "fasion", "Food;Travel", "travel", None))
        size = round(math.exp(chance.gauss(9, 1.2)))
        me: Row = {"platform": platform, "account_id": f"a{number:03d}"}
        for at in [*chance.sample(range(0, 400, 3), chance.choice((1, 2, 7))), None][: 8 if number % 5 == 0 else -1]:
            rows["accounts"].append(me | {
                "username": chance.choice((None, f"Name{number}")), "niche": chance.choice((niche, niche, None)),
                "followers_count": chance.choice((None, size, round(size, -3), chance.randrange(9 * size))),
                "follows_count": chance.choice((None, 90, 900)), "is_verified": chance.choice((None, True, False)),
                "country": chance.choice((None, "DE", "PT")),
                "observed_at": None if at is None else NOON - timedelta(days=at, hours=chance.randrange(9)),
            })  # fmt: skip
        rows["posts"] += posts_of(me, size, chance)
        for _ in range(chance.choice((0, 1, 3))):
            rows["rates"].append(me | {
                "media_type": chance.choice((None, "image")), "price": chance.choice((None, "0", "499.99", "500", "1250.5")),
                "price_min": "100", "price_max": "900", "currency": chance.choice(("USD", "USD", "EUR", None)),
                "compensation": chance.choice(("cash", "cash", "product")),
                "quoted_on": chance.choice((None, "2026-05-01", "2026-06-01")),
            })  # fmt: skip
        rows["published_metrics"].append(me | {
            "metric": "likes_mean", "value": chance.choice(("0.5", "1e-3")), "source": chance.choice(("agency", None)),
            "observed_at": chance.choice((NOON, None)),
        })  # fmt: skip
    return rows


def posts_of(me: Row, size: int, chance: random.Random) -> list[Row]:
    """Up to twenty posts, some seen twice; one account in nine shows three likes for hidden ones."""
    rows = []
    is_hiding = chance.random() < 1 / 9
    usual = size**0.8 * math.exp(chance.gauss(-1, 0.4))
    for number in range(chance.choice((0, 2, 12, 20))):
        published = chance.choice((None, *([NOON - timedelta(days=chance.randrange(200))] * 5)))
        for at in chance.sample(
            (None, NOON, NOON - timedelta(days=1), NOON - timedelta(days=100)), chance.choice((1, 1, 2))
        ):
            likes = 3 if is_hiding and chance.random() < 0.8 else round(usual * math.exp(chance.gauss(0, 0.3)))
            rows.append(me | {
                "post_id": f"{me['account_id']}-{number}", "published_at": published,
                "media_type": chance.choice((None, "image", "video")), "caption": chance.choice(CAPTIONS),
                "like_count": chance.choice((None, 0, *[likes] * 9)), "comment_count": chance.choice((None, *[likes // 9] * 9)),
                "view_count": chance.choice((0, None, 9 * likes)), "share_count": chance.choice((None, 1, 5, 9)),
                "save_count": chance.choice((None, 2, 4, 8)), "reach_count": chance.choice((0, None, 7 * likes)),
                "followers_count": chance.choice((None, None, size)),
                "is_sponsored": chance.choice((None, None, True, False)),
                "sponsors": chance.choice((None, None, None, "spoon")), "observed_at": at,
            })  # fmt: skip
    return rows


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, list[Row]], RunSummary, Path]:
    rows = delivery(random.Random(20_161_116))  # chance that can be repeated is the point
    folder = tmp_path_factory.mktemp("marts")
    return rows, run_plainly(rows, folder), folder / "home"


@pytest.fixture
def sql(made: tuple[dict[str, list[Row]], RunSummary, Path]) -> Iterator[duckdb.DuckDBPyConnection]:
    """The warehouse, with the rows of the lake and what SQL makes of them as views."""
    _, summary, home = made
    lake = Lake.open(home / "lake")
    quantiles = ", ".join(f"({n}, {t.ppf(0.975, n)}::DOUBLE)" for n in range(1, 120))
    niches = ", ".join(f"({quoted(said)}, {quoted(meant)})" for said, meant in NICHES.items() if said)
    # What `open_published` gives reads no files, and the lake is files.
    with duckdb.connect() as connection:
        connection.execute(f"ATTACH '{home / 'warehouse.duckdb'}' AS warehouse (READ_ONLY)")
        connection.execute("USE warehouse")
        for dataset in ("accounts", "posts", "rates", "published_metrics"):
            paths = [str(lake.root / segment.path) for segment in lake.segments(dataset)]
            connection.execute(f"CREATE TEMP VIEW lake_{dataset} AS FROM read_parquet({paths}, union_by_name = true)")
        connection.execute(f"CREATE TEMP VIEW quantiles AS FROM (VALUES {quantiles}) AS q (freedom, quantile)")
        connection.execute(f"CREATE TEMP VIEW niches AS FROM (VALUES {niches}) AS n (niche_raw, niche)")
        for name, view in VIEWS.items():
            connection.execute(f"CREATE TEMP VIEW {name} AS {view}")
        assert (summary.as_of, summary.rows_rejected) == (NOON.isoformat(), 0)
        yield connection


def quoted(text: str) -> str:
    return f"'{text}'"


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
        coalesce(delivered, before, after, undated) AS followers_count,
        CASE WHEN delivered IS NOT NULL THEN 'delivered' WHEN before IS NOT NULL THEN 'observed_before'
            WHEN after IS NOT NULL THEN 'observed_after' WHEN undated IS NOT NULL THEN 'undated' END AS followers_basis,
        like_count + comment_count AS engagement_count,
        like_count / nullif(coalesce(delivered, before, after, undated), 0) AS like_rate_by_followers,
        engagement_count / nullif(coalesce(delivered, before, after, undated), 0) AS engagement_rate_by_followers,
        coalesce(declared, CASE WHEN sponsors IS NOT NULL THEN true END, word <> '') AS is_sponsored,
        CASE WHEN declared IS NOT NULL THEN 'declared' WHEN sponsors IS NOT NULL THEN 'sponsors'
            WHEN word IS NOT NULL THEN 'caption' END AS sponsored_basis,
        CASE WHEN declared IS NOT NULL THEN 'declared' ELSE coalesce(sponsors, nullif(word, '')) END
            AS sponsored_evidence
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
SHRUNK_SQL = """
    SELECT platform, account_id, time_window, engagement_rate_prior AS m, prior_strength AS s, followers_count AS n,
        floor(engagement_count_mean + 0.5) AS k, engagement_rate_shrunk, engagement_rate_shrunk_low, engagement_rate_shrunk_high
    FROM account_engagement WHERE shrunk_reason IS NULL
"""
RATES_SQL = """
    SELECT q.*, q.quoted_on IS NOT DISTINCT FROM max(q.quoted_on) OVER (
            PARTITION BY platform, account_id, media_type, currency, compensation) AS is_newest,
        price / nullif(engagement_count_mean, 0) AS cost_per_engagement,
        1000 * price / nullif(followers_count, 0) AS cost_per_1000_followers,
        CASE WHEN currency = 'USD' THEN 100 * price / nullif(followers_count, 0) END AS price_to_rule_of_thumb,
        CASE WHEN price IS NULL THEN 'no_price' WHEN engagement_count_mean > 0 THEN NULL
            ELSE coalesce(reason, 'no_engagement') END AS cost_reason
    FROM (SELECT DISTINCT * FROM lake_rates) AS q
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


@pytest.mark.parametrize("mart", SAME)
def test_sql_makes_the_same_mart_of_the_lake(mart: str, sql: duckdb.DuckDBPyConnection) -> None:
    query, key = SAME[mart]
    found, wanted = rows_of(sql, f"FROM {mart}", *key), rows_of(sql, query, *key)
    assert len(found) == sql.sql(f"FROM {mart}").count("*").fetchall()[0][0] > 5
    if mart == "account_engagement":
        found = {name: found[name] for name in wanted}
    assert differences(found, wanted, 1e-9) == []


def test_sql_makes_the_same_windows_and_peers_of_the_posts(sql: duckdb.DuckDBPyConnection) -> None:
    told = sql.sql(re.sub(r"\$as_of", f"TIMESTAMP '{NOON}'", ENGAGEMENT_SQL))
    left_out = {*NO_PRIOR, "shrunk_reason"}
    wanted: dict[Key, Row] = {}
    for values in told.fetchall():
        row = dict(zip(told.columns, values, strict=True))
        wanted[tuple(row[name] for name in WINDOW)] = {n: cell for n, cell in row.items() if n not in left_out}
    found = rows_of(sql, "FROM account_engagement", *WINDOW)
    assert differences(found, wanted, 1e-9) == []
    assert sum(row["peer_percentile"] is not None for row in wanted.values()) > 20
    sides = rows_of(sql, RATIO_SQL, *ACCOUNT)
    all_time = {name[:2]: row for name, row in found.items() if name[2] == "all_time" and row["post_count"]}
    assert differences(all_time, sides, 1e-9) == []
    assert sum(row["paid_to_organic_ratio"] is not None for row in sides.values()) > 20


def test_the_shrunk_rates_are_those_of_their_priors(sql: duckdb.DuckDBPyConnection) -> None:
    rows = rows_of(sql, SHRUNK_SQL, *WINDOW)
    assert len(rows) > 100
    for key, row in rows.items():
        a, b = row["s"] * row["m"] + row["k"], row["s"] * (1 - row["m"]) + row["n"] - row["k"]
        told: list[Any] = [row[f"engagement_rate_shrunk{end}"] for end in ("", "_low", "_high")]
        wanted = [a / (a + b), *(float(beta.ppf(share, a, b)) for share in (0.025, 0.975))]
        assert told == pytest.approx(wanted, rel=1e-7), key
        assert told[0] == pytest.approx(wanted[0], rel=1e-9), key


def test_the_p_values_are_those_of_their_t(sql: duckdb.DuckDBPyConnection) -> None:
    rows = sql.sql(
        "SELECT slope_below_one_t, account_count - 2, slope_below_one_p FROM engagement_regression"
    ).fetchall()
    known = [row for row in rows if row[0] is not None]
    assert len(known) > 5
    for score, freedom, p in known:
        assert p == pytest.approx(float(t.cdf(score, freedom)), rel=1e-9)


@pytest.mark.parametrize("seed", [1, 2])
def test_arranged_otherwise_it_has_the_same_hash(
    seed: int, made: tuple[dict[str, list[Row]], RunSummary, Path], tmp_path: Path
) -> None:
    rows, summary, _ = made
    chance = random.Random(seed)
    for part in arranged(rows, chance):
        write_part(tmp_path / "exports", part, chance)
    assert run(tmp_path / "exports", Settings(home=tmp_path / "home")).content_hash == summary.content_hash

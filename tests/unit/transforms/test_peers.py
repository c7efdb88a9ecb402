"""The percentile among peers, worked out again in SQL over thousands of accounts, many of them equal."""

import random

import duckdb
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from transforms.peers import NEAREST, with_peers

PERCENTILES = """
    WITH accounts AS (
        SELECT *, followers_count >= 1000 AS is_micro, engagement_rate_by_followers AS rate FROM engagement
    )
    SELECT
        own.account_id,
        count(peer.rate) AS peer_count,
        CASE WHEN own.rate IS NOT NULL AND count(peer.rate) >= 20 THEN
            (count(*) FILTER (peer.rate < own.rate) + 0.5 * count(*) FILTER (peer.rate = own.rate)) / count(peer.rate)
        END AS peer_percentile
    FROM accounts AS own
    JOIN accounts AS peer USING (platform, niche, time_window, is_micro)
    GROUP BY own.account_id, own.rate
    ORDER BY own.account_id
"""


def accounts(count: int) -> pl.DataFrame:
    chance = random.Random(20_161_116)  # chance that can be repeated is the point
    rates = [chance.choice((None, 0.0, 0.01, 0.02, chance.random())) for _ in range(count)]
    return pl.DataFrame(
        {
            "platform": [chance.choice(("instagram", "tiktok")) for _ in range(count)],
            "niche": [chance.choice(("food", "travel", "unknown")) for _ in range(count)],
            "time_window": [chance.choice(("all_time", "last_90_days")) for _ in range(count)],
            "account_id": [f"a{number:04d}" for number in range(count)],
            "followers_count": [chance.choice((0, 999, 1_000, 50_000)) for _ in range(count)],
            "engagement_rate_by_followers": rates,
            "reason": [None if rate is not None else "no_posts" for rate in rates],
        },
        schema_overrides={"engagement_rate_by_followers": pl.Float64, "reason": pl.String},
    )


@pytest.mark.parametrize("count", [100, 600, 3_000])
def test_sql_finds_the_same(count: int) -> None:
    engagement = accounts(count)
    found = with_peers(engagement).sort("account_id").select("account_id", "peer_count", "peer_percentile")
    with duckdb.connect() as connection:
        connection.register("engagement", engagement)
        wanted = connection.sql(PERCENTILES).pl()
    assert_frame_equal(found, wanted, check_exact=False, rel_tol=1e-9)
    assert wanted["peer_percentile"].is_null().all() == (count == 100)


def test_the_order_of_accounts_changes_nothing() -> None:
    engagement = accounts(2_000)
    shuffled = engagement.sample(fraction=1, shuffle=True, seed=7)
    assert with_peers(shuffled).sort("account_id").equals(with_peers(engagement).sort("account_id"))


def test_the_nearest_are_those_next_in_followers() -> None:
    """Looked up one by one, in cells of fewer and of more accounts than are compared."""
    chance = random.Random(8)
    engagement = accounts(2_400).with_columns(
        pl.Series("followers_count", chance.sample(range(10**6), 2_400)),
        niche=pl.when(pl.col("account_id") < "a0150").then(pl.lit("rare")).otherwise(pl.lit("food")),
    )
    found = with_peers(engagement)
    wanted = {}
    rated = engagement.drop_nulls("engagement_rate_by_followers")
    for cell in rated.partition_by("platform", "niche", "time_window"):
        rows = (
            cell.sort("followers_count", "engagement_rate_by_followers")
            .select("account_id", "engagement_rate_by_followers")
            .rows()
        )
        count = min(NEAREST + 1, len(rows))
        for place, (account, rate) in enumerate(rows):
            first = min(max(place - count // 2, 0), len(rows) - count)
            others = [other for _, other in rows[first : first + count]]
            lower, equal = sum(o < rate for o in others), sum(o == rate for o in others)
            wanted[account] = (lower + equal / 2) / count if len(rows) >= 20 else None
    told = dict(found.select("account_id", "peer_percentile_nearest").iter_rows())
    known = {name: value for name, value in wanted.items() if value is not None}
    assert {name for name, value in told.items() if value is not None} == known.keys()
    assert {name: told[name] for name in known} == pytest.approx(known, rel=1e-12)
    assert sum(value is not None for value in wanted.values()) > 1_000


def test_size_within_a_tier_is_no_merit_among_the_nearest() -> None:
    """Where rates fall with size, the larger accounts of a tier rank low among it, and in the middle of the nearest."""
    chance = random.Random(9)
    followers = [1_000 + 45 * number for number in range(2_000)]
    rates = [0.1 * (1_000 / size) ** 0.4 * chance.lognormvariate(0, 0.4) for size in followers]
    engagement = accounts(2_000).with_columns(
        pl.Series("followers_count", followers), pl.Series("engagement_rate_by_followers", rates), pl.lit(None, pl.String).alias("reason"),
        platform=pl.lit("x"), niche=pl.lit("food"), time_window=pl.lit("all_time"),
    )  # fmt: skip
    large = with_peers(engagement).filter(pl.col("followers_count") > 60_000)
    assert large["peer_percentile"].to_numpy().mean() < 0.42
    assert large["peer_percentile_nearest"].mean() == pytest.approx(0.5, abs=0.02)

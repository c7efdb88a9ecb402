"""Growth worked out again in SQL over random histories; rounded counts in plain Python."""

import random
from datetime import datetime, timedelta

import duckdb
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from transforms.growth import snapshots_with_growth

KEY = ["platform", "account_id", "observed_at"]
GROWTH = """
    WITH before AS (
        SELECT platform, account_id, observed_at, followers_count,
            lag(observed_at) OVER history AS previous_observed_at,
            lag(followers_count) OVER history AS previous_followers_count
        FROM snapshots
        WHERE observed_at IS NOT NULL AND followers_count IS NOT NULL
        WINDOW history AS (PARTITION BY platform, account_id ORDER BY observed_at)
    ), grown AS (
        SELECT *,
            epoch_us(observed_at) - epoch_us(previous_observed_at) AS span,
            followers_count - previous_followers_count AS gained
        FROM before
    ), daily AS (
        SELECT *, CASE WHEN span >= 43_200_000_000 THEN gained * 86_400_000_000 / span END AS gain FROM grown
    ), spread AS (
        SELECT platform, account_id, median(gain) AS middle, mad(gain) AS spread, count(gain) AS gains
        FROM daily GROUP BY ALL
    )
    SELECT
        s.platform, s.account_id, s.observed_at, previous_observed_at, previous_followers_count,
        span / 86_400_000_000 AS days_between,
        CASE WHEN previous_followers_count > 0 THEN gained / previous_followers_count END AS follower_growth_rate,
        gain AS followers_gained_per_day,
        CASE WHEN gains >= 5 AND spread > 1e-9 * (1 + abs(middle)) THEN 0.6745 * (gain - middle) / spread END
            AS growth_spike_score
    FROM snapshots AS s
    LEFT JOIN daily USING (platform, account_id, observed_at)
    LEFT JOIN spread USING (platform, account_id)
"""


def histories(accounts: int) -> pl.DataFrame:
    """Snapshots of each account at distinct times, one of them undated; some without followers, many observed once."""
    chance = random.Random(20_161_116)  # chance that can be repeated is the point
    noon = datetime(2026, 8, 1, 12)
    rows = []
    for number in range(accounts):
        hours = chance.sample(range(0, 900, 3), chance.choice((1, 1, 2, 5, 12)))
        times: list[datetime | None] = [noon - timedelta(hours=hour) for hour in hours]
        for at in [*times, *([None] if chance.random() < 0.2 else [])]:
            followers = chance.choice((None, 0, 1_000, 1_230, 4_567, chance.randrange(3_000_000)))
            rows.append(("instagram", f"a{number:04d}", at, followers))
    columns = [*KEY, "followers_count"]
    return pl.DataFrame(rows, columns, schema_overrides={"observed_at": pl.Datetime("us")}, orient="row")


def grown(snapshots: pl.DataFrame) -> pl.DataFrame:
    return snapshots_with_growth(snapshots.lazy()).collect().sort(KEY)


def test_sql_finds_the_same() -> None:
    snapshots = histories(400)
    with duckdb.connect() as connection:
        connection.register("snapshots", snapshots)
        wanted = connection.sql(GROWTH).pl().sort(KEY)
    found = grown(snapshots)
    assert_frame_equal(found.select(wanted.columns), wanted, check_exact=False, rel_tol=1e-9, abs_tol=1e-9)
    for column in ("growth_spike_score", "follower_growth_rate"):
        assert 100 < found[column].count() < found.height


def test_every_null_has_its_reason() -> None:
    found = grown(histories(400))
    for figure, reason in (("follower_growth_rate", "growth_reason"), ("growth_spike_score", "spike_reason")):
        assert found.filter(pl.col(figure).is_null() == pl.col(reason).is_null()).is_empty()


def test_the_order_of_snapshots_changes_nothing() -> None:
    snapshots = histories(200)
    assert grown(snapshots.sample(fraction=1, shuffle=True, seed=7)).equals(grown(snapshots))


def test_gains_that_differ_by_rounding_alone_have_no_spread() -> None:
    """A third of a follower a day, over one, two or seven days."""
    days = [0, 3, 6, 9, 15, 36, 39]
    rows = {
        "platform": "x",
        "account_id": "a",
        "observed_at": [datetime(2026, 1, 1) + timedelta(days=day) for day in days],
        "followers_count": [100 + day // 3 for day in days],
    }
    found = grown(pl.DataFrame(rows))
    assert found["growth_spike_score"].count() == 0
    assert found["spike_reason"].to_list() == ["first_observation"] + ["no_spread"] * 6


@pytest.mark.parametrize(
    ("count", "is_rounded"),
    [(0, False), (990, False), (999, False), (1_000, True), (1_001, False), (1_230, True), (12_300, True), (12_340, False),
     (999_000, True), (999_900, False), (409_800_000, False), (409_000_000, True), (10**12, True), (10**12 - 1, False)],
)  # fmt: skip
def test_rounded_counts(count: int, is_rounded: bool) -> None:
    rows = {"platform": ["x"], "account_id": ["a"], "observed_at": [None], "followers_count": [count]}
    snapshots = pl.DataFrame(rows, schema_overrides={"observed_at": pl.Datetime("us")})
    assert grown(snapshots)["is_followers_rounded"].to_list() == [is_rounded]
    assert (count >= 1_000 and len(str(count).rstrip("0")) <= 3) == is_rounded

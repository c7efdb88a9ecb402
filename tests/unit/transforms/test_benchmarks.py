"""Published tables as data: the digits that follow from them, and that their bands are whole."""

import math

import numpy as np
import polars as pl
import pytest

from transforms.benchmarks import benchmarks


def rates(source: str, statistic: str, platform: str = "instagram") -> pl.DataFrame:
    of_one = (pl.col("source") == source) & (pl.col("statistic") == statistic) & (pl.col("platform") == platform)
    return benchmarks().filter(of_one, pl.col("unit") == "ratio").sort("followers_min")


def published(source: str, statistic: str, followers: int) -> float:
    """The rate of the band a follower count falls in."""
    band = rates(source, statistic).filter(
        pl.col("followers_min") <= followers,
        pl.col("followers_below").is_null() | (pl.col("followers_below") > followers),
    )
    value: float = band["value"].item()
    return value


@pytest.mark.parametrize(
    ("followers", "likes", "expected", "lift"),
    [(73_800, 5_560, 1_749.06, 3.179), (99_100_000, 968_352, 1_585_600, 0.6107)],
)
def test_lift_against_markerly(followers: int, likes: int, expected: float, lift: float) -> None:
    by_band = followers * published("Markerly", "mean", followers)
    assert by_band == pytest.approx(expected, rel=1e-9)
    assert likes / by_band == pytest.approx(lift, abs=5e-4)


@pytest.mark.parametrize(
    ("source", "statistic", "bottom", "skipped", "top", "slope", "r_squared"),
    [
        ("Markerly", "mean", 100, (), (1_000_000, 10_000_000), -0.165, 0.90),
        ("Markerly", "mean", 1, (), (1_000_000, 10_000_000), -0.140, 0.965),
        ("HypeAuditor", "mean", None, (0,), (1_000_000, 10_000_000), -0.127, 0.69),
        ("HypeAuditor", "mean", 100, (), (1_000_000, 10_000_000), -0.203, None),
        ("HypeAuditor", "median", None, (0,), (1_000_000, 10_000_000), -0.117, None),
        ("Modash", "average_below", None, (), (1_000_000, 10_000_000), -0.130, 0.42),
    ],
)
def test_slope_of_the_rate_that_a_table_implies(
    source: str,
    statistic: str,
    bottom: int | None,
    skipped: tuple[int, ...],
    top: tuple[int, int],
    slope: float,
    r_squared: float | None,
) -> None:
    """Through the geometric middles of the bands; Markerly's from 100,000 on, never published exactly, left out."""
    points = []
    for row in rates(source, statistic).iter_rows(named=True):
        low, below = row["followers_min"], row["followers_below"] or top[1]
        if low in skipped or low > top[0] or (source == "Markerly" and low == 100_000):
            continue
        points.append((math.log(math.sqrt((low or bottom or 1) * below)), math.log(row["value"])))
    x, y = np.array(points).T
    assert np.polyfit(x, y, 1)[0] == pytest.approx(slope, abs=6e-4)
    if r_squared is not None:
        assert np.corrcoef(x, y)[0, 1] ** 2 == pytest.approx(r_squared, abs=6e-3)


def test_bands_of_a_table_follow_one_another() -> None:
    table = ["source", "scheme", "platform", "statistic", "numerator", "as_of_date"]
    whole = benchmarks().filter(~((pl.col("source") == "Modash") & (pl.col("platform") == "tiktok")))
    for _, bands in whole.group_by(table):
        ordered = bands.sort("followers_min")
        assert ordered["followers_below"].to_list()[:-1] == ordered["followers_min"].to_list()[1:]


def test_rates_are_fractions_and_every_suspect_row_says_why() -> None:
    rows = benchmarks()
    usual = rows.filter((pl.col("unit") == "ratio") & (pl.col("statistic") != "max"))
    assert usual["value"].max() < 0.2  # type: ignore[operator]
    assert rows.filter(pl.col("denominator") == "not_stated")["caveat"].null_count() == 0
    assert rows.filter(pl.col("source") == "HypeAuditor", pl.col("statistic") != "max")["caveat"].null_count() == 0
    assert rows.filter(pl.col("as_of_precision") == "year")["caveat"].null_count() == 0

"""Intervals against printed figures, against their defining equations, and where there is none."""

import math
import statistics
import subprocess
import sys
from fractions import Fraction

import numpy as np
import polars as pl
import pytest
from scipy.stats import binom
from scipy.stats import t as student

from transforms.stats.intervals import Z, mean_high, mean_low, outside_median, t_quantile, wilson_high, wilson_low

COUNT, TOTAL = pl.col("count"), pl.col("total")
LOOKED_UP = """
import polars._dependencies as dependencies, types
before = type(dependencies.numpy) is types.ModuleType
import transforms
print(before, type(dependencies.numpy) is types.ModuleType)
"""


def wilson(count: int | None, total: int | None) -> tuple[float | None, float | None]:
    row = pl.DataFrame({"count": [count], "total": [total]}, schema={"count": pl.Int64, "total": pl.Int64})
    low, high = row.select(wilson_low(COUNT, TOTAL).alias("low"), wilson_high(COUNT, TOTAL).alias("high")).row(0)
    return low, high


@pytest.mark.parametrize(
    ("count", "total", "printed"),
    [
        (4, 50, ("3.155", "18.838")),
        (0, 20, ("0.000", "16.113")),
        (20, 20, ("83.887", "100.000")),
        (1, 1, ("20.655", "100.000")),
        (0, 1, ("0.000", "79.345")),
        (968_352, 99_100_000, ("0.975", "0.979")),
        (5_560, 73_800, ("7.346", "7.727")),
    ],
)
def test_wilson_as_printed(count: int, total: int, printed: tuple[str, str]) -> None:
    low, high = wilson(count, total)
    assert low is not None
    assert high is not None
    assert (f"{100 * low:.3f}", f"{100 * high:.3f}") == printed


def test_wilson_of_the_largest_account_as_printed() -> None:
    low, high = wilson(968_352, 99_100_000)
    assert (f"{100 * (low or 0):.4f}", f"{100 * (high or 0):.4f}") == ("0.9752", "0.9791")


def test_wilson_touches_zero_and_one_exactly() -> None:
    for total in range(1, 2_000):
        assert wilson(0, total)[0] == 0
        assert wilson(total, total)[1] == 1


@pytest.mark.parametrize(("count", "total"), [(3, 2), (0, 0), (None, 5), (5, None), (1, None)])
def test_no_wilson_interval(count: int | None, total: int | None) -> None:
    assert wilson(count, total) == (None, None)


def test_wilson_bounds_solve_the_equation_they_are_defined_by() -> None:
    """A bound p is where the count lies exactly z standard errors of p away from n p."""
    cases = [(count, total) for total in (1, 7, 50, 1_000, 10**6) for count in {0, 1, total // 3, total - 1, total}]
    for count, total in cases:
        for bound in wilson(count, total):
            assert bound is not None
            assert 0 <= bound <= 1
            p = Fraction(bound)
            away = (count - total * p) ** 2
            allowed = Fraction(Z) ** 2 * total * p * (1 - p)
            assert math.isclose(away, allowed, rel_tol=1e-6, abs_tol=1e-9)


def test_wilson_needs_no_certain_row_order() -> None:
    rows = pl.DataFrame({"count": [4, 0, 3, None], "total": [50, 20, 2, 9]})
    made = rows.with_columns(wilson_low(COUNT, TOTAL).alias("low"), wilson_high(COUNT, TOTAL).alias("high"))
    again = rows.reverse().with_columns(wilson_low(COUNT, TOTAL).alias("low"), wilson_high(COUNT, TOTAL).alias("high"))
    assert made.equals(again.reverse())


def test_t_quantiles_as_in_printed_tables() -> None:
    found = t_quantile(pl.Series([1, 2, 4, 11, 30, 120, 10**6, 0, -1, None, 1]))
    assert [None if q is None else f"{q:.3f}" for q in found] == [
        "12.706", "4.303", "2.776", "2.201", "2.042", "1.980", "1.960", None, None, None, "12.706",
    ]  # fmt: skip


def test_t_quantiles_as_another_function_finds_them() -> None:
    freedom = [*range(1, 300), 1_000, 12_345, 10**6]
    found = t_quantile(pl.Series(freedom)).to_list()
    assert found == pytest.approx(student.ppf(0.975, freedom).tolist(), rel=1e-12)


def test_the_interval_of_a_mean() -> None:
    values = [100.0, 200.0, 200.0, 300.0, 1000.0]
    row = pl.DataFrame({"n": [5], "mean": [statistics.mean(values)], "sd": [statistics.stdev(values)]})
    expressions = (pl.col("n"), pl.col("mean"), pl.col("sd"))
    low, high = (
        row.lazy().select(mean_low(*expressions).alias("low"), mean_high(*expressions).alias("high")).collect().row(0)
    )
    wanted = student.interval(0.95, 4, statistics.mean(values), statistics.stdev(values) / math.sqrt(5))
    assert (low, high) == pytest.approx(wanted, rel=1e-12)


def test_no_interval_of_one_value_or_none() -> None:
    rows = pl.DataFrame({"n": [1, 0, None], "mean": [0.1, None, 0.1], "sd": [None, None, 0.1]}, strict=False)
    expressions = (pl.col("n"), pl.col("mean"), pl.col("sd"))
    assert rows.select(mean_low(*expressions)).to_series().to_list() == [None, None, None]
    assert rows.select(mean_high(*expressions)).to_series().to_list() == [None, None, None]


def test_polars_has_looked_numpy_up_before_any_thread_does() -> None:
    """Two threads that look it up at once fail about once in five processes: too seldom to wait for in a test."""
    ended = subprocess.run([sys.executable, "-c", LOOKED_UP], capture_output=True, text=True, check=True)
    assert ended.stdout.split() == ["False", "True"]


def outside(counts: list[int | None]) -> list[int | None]:
    frame = pl.DataFrame({"count": counts}, schema={"count": pl.Int64})
    return frame.select(outside_median(COUNT)).to_series().to_list()


def test_as_many_values_are_outside_as_the_binomial_distribution_allows() -> None:
    """In whole numbers, and as scipy has it for larger samples: one value more outside would be too few within."""
    small = list(range(301))
    for count, found in zip(small, outside([*small]), strict=True):
        below = [sum(math.comb(count, k) for k in range(most + 1)) * 40 <= 2**count for most in range(count)]
        assert found == (sum(below) - 1 if any(below) else None), count
    large = [*range(301, 3_000), *range(9_900, 10_100), 25_017, 99_999, 137_000, 1_000_000, 30_000_017]
    for count, found in zip(large, outside([*large]), strict=True):
        assert found is not None
        assert binom.cdf(found, count, 0.5) <= 0.025 < binom.cdf(found + 1, count, 0.5), count


@pytest.mark.parametrize(
    ("count", "expected"),
    [(None, None), (0, None), (1, None), (5, None), (6, 0), (8, 0), (9, 1), (16, 3), (17, 4), (21, 5), (32, 9)],
)
def test_ranks_around_a_median(count: int | None, expected: int | None) -> None:
    """As printed tables of the sign test have them: beyond the sixth of 21 on either side lie 2.66 % of samples."""
    assert outside([count, 40, None]) == [expected, 13, None]


@pytest.mark.parametrize("count", [6, 8, 11, 16, 21, 40, 67])
def test_the_interval_of_a_median_holds_it(count: int) -> None:
    """20,000 seeded samples of skewed rates; with ties it holds the median all the more often."""
    chance = np.random.default_rng(count)
    (each,) = outside([count])
    assert each is not None
    for samples, median in (
        (chance.lognormal(-3, 0.6, (20_000, count)), math.exp(-3)),
        (chance.integers(0, 5, (20_000, count)), 2),
    ):
        ordered = np.sort(samples, axis=1)
        held = np.mean((ordered[:, each] <= median) & (median <= ordered[:, count - 1 - each]))
        assert held > 0.947

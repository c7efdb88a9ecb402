"""The standard deviation from exact means: right, and the same in every order."""

import math
import random
from fractions import Fraction

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.property.deliveries import SEEDED
from transforms.stats.exact_sums import deviation, exact_mean

VALUE = pl.col("value")
rates = st.lists(
    st.tuples(st.integers(0, 90_000), st.integers(1, 3_000_000)).map(lambda of: of[0] / of[1]), min_size=2, max_size=40
)


def deviation_of(values: list[float]) -> float:
    of_values = deviation(pl.len(), exact_mean(VALUE), exact_mean(VALUE * VALUE))
    found: float = pl.DataFrame({"value": values}).select(of_values).item()
    return found


@SEEDED
@given(values=rates)
def test_it_is_that_of_exact_arithmetic_in_every_order(values: list[float]) -> None:
    exact = [Fraction(value) for value in values]
    centre = sum(exact) / len(exact)
    wanted = math.sqrt(sum((value - centre) ** 2 for value in exact) / (len(exact) - 1))
    found = deviation_of(values)
    assert found == pytest.approx(wanted, rel=1e-9, abs=1e-9 * float(centre))
    shuffled = random.Random(len(values)).sample(values, len(values))  # chance that can be repeated is the point
    assert deviation_of(shuffled) == deviation_of(sorted(values)) == found


@pytest.mark.parametrize("value", [0.1, 1 / 3, 1e-6, 2e12, 0.0])
def test_equal_values_have_none(value: float) -> None:
    assert deviation_of([value] * 7) == 0


def test_one_value_has_no_deviation() -> None:
    assert deviation_of([0.5]) is None

"""The fit against SciPy's general optimiser, its derivatives against differences, and rows that say little."""

from typing import Any

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.special import zeta
from scipy.stats import betabinom

from transforms.stats.beta_binomial import CENTRE_INTERCEPT, CENTRE_STRENGTH, Coefficients, Rows, fit, surface, trigamma

TRUE = Coefficients(np.array([-2.6, -3.2, -3.9]), -0.4, float(np.log(120)))


def drawn(count: int, seed: int = 1) -> Rows:
    random = np.random.default_rng(seed)
    totals = np.floor(10 ** random.uniform(1.5, 6, count))
    groups = random.integers(0, 3, count)
    sizes = np.log10(totals) - 4
    m = TRUE.rates(sizes, groups)
    hits = random.binomial(totals.astype(np.int64), random.beta(m * TRUE.strength, (1 - m) * TRUE.strength))
    return Rows(hits.astype(np.float64), totals, sizes, groups, 3)


def coefficients(values: Any) -> Coefficients:
    return Coefficients(np.array(values[:-2]), float(values[-2]), float(values[-1]))


def flat(found: Coefficients) -> list[float]:
    return [*found.intercepts.tolist(), found.slope, found.log_strength]


def minus_log_likelihood(rows: Rows, at: Coefficients) -> float:
    """By SciPy's own distribution, up to what does not depend on the coefficients, with the penalties."""
    m, s = at.rates(rows.sizes, rows.groups), at.strength
    away = [*(at.intercepts - CENTRE_INTERCEPT), at.slope, at.log_strength - CENTRE_STRENGTH]
    likelihood = betabinom.logpmf(rows.counts, rows.totals, m * s, (1 - m) * s).sum()
    return float(sum(x * x for x in away) / 200 - likelihood)


def test_the_value_is_that_of_scipys_distribution() -> None:
    rows = drawn(300)
    points = [coefficients([-2, -3, -4, -0.3, 4]), coefficients([-1, -1, -1, 0.2, 1])]
    ours = surface(rows, points[0]).value - surface(rows, points[1]).value
    theirs = minus_log_likelihood(rows, points[0]) - minus_log_likelihood(rows, points[1])
    assert ours == pytest.approx(theirs, rel=1e-8)


def test_the_derivatives_are_those_of_the_value() -> None:
    rows, values = drawn(200), np.array([-2.0, -3.0, -4.0, -0.3, 4.0])
    at = surface(rows, coefficients(values))
    matrix = np.zeros((5, 5))
    matrix[:3, :3] = np.diag(at.diagonal)
    matrix[3:, :3], matrix[:3, 3:], matrix[3:, 3:] = at.border, at.border.T, at.corner
    for place, step in enumerate(np.eye(5) * 1e-5):
        before, after = (surface(rows, coefficients(values + side * step)) for side in (-1, 1))
        assert (after.value - before.value) / 2e-5 == pytest.approx(at.gradient[place], rel=1e-5, abs=1e-3)
        assert (after.gradient - before.gradient) / 2e-5 == pytest.approx(matrix[place], rel=1e-5, abs=1e-3)


def test_a_general_optimiser_finds_the_same() -> None:
    rows = drawn(400)
    found = minimize(
        lambda values: minus_log_likelihood(rows, coefficients(values)), [-3, -3, -3, 0, 4], method="Nelder-Mead",
        options={"xatol": 1e-7, "fatol": 1e-9, "maxiter": 5_000, "maxfev": 5_000},
    )  # fmt: skip
    assert found.success
    assert flat(fit(rows)) == pytest.approx(found.x.tolist(), rel=1e-5)


def test_what_was_drawn_from_is_found_again() -> None:
    found = fit(drawn(8_000))
    assert found.slope == pytest.approx(TRUE.slope, abs=0.02)
    assert found.intercepts == pytest.approx(TRUE.intercepts, abs=0.05)
    assert found.strength == pytest.approx(120, rel=0.06)


def test_the_slope_is_exactly_level_where_the_fit_ends() -> None:
    rows = drawn(2_000)
    assert np.max(np.abs(surface(rows, fit(rows)).gradient)) < 1e-7


@pytest.mark.parametrize(
    ("counts", "totals"),
    [
        ([0] * 30, [100] * 30),
        ([100] * 30, [100] * 30),
        ([5] * 30, [100] * 30),
        ([0, 100] * 15, [100] * 30),
        ([0, 1] * 15, [1] * 30),
        ([0] * 29 + [10**9], [10**9] * 30),
        ([1, 10**6] * 15, [10, 10**12] * 15),
    ],
    ids=["none engage", "all engage", "no scatter", "all or none", "one follower", "one giant", "far apart"],
)
def test_rows_that_say_little_give_a_finite_prior(counts: list[int], totals: list[int]) -> None:
    n = np.array(totals, np.float64)
    rows = Rows(np.array(counts, np.float64), n, np.log10(n) - 4, np.array([0, 0, 1] * 10), 2)
    found = fit(rows)
    assert np.all(np.isfinite(flat(found)))
    m = found.rates(rows.sizes, rows.groups)
    assert np.all((m > 0) & (m < 1))
    assert 1e-3 < found.strength < 1e15
    # Beyond, the digits of the digammas of such sums are used up.
    assert found.strength > 1e9 or np.max(np.abs(surface(rows, found).gradient)) < 1e-4


def test_trigamma_to_nine_digits() -> None:
    x = np.logspace(-4, 12, 2_000)
    assert np.max(np.abs(trigamma(x) / zeta(2, x) - 1)) < 1e-9

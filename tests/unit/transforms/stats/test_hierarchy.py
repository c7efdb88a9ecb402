"""The two levels of scatter: variances found again, limits, and least squares beside statsmodels'."""

import numpy as np
import pytest
import statsmodels.api as sm
from scipy.special import polygamma

from transforms.stats.hierarchy import Sample, Scatter, line_of, scatter_of, trigamma_inverse


@pytest.mark.parametrize("x", [1e-4, 0.3, 1.0, 7.5, 4e4])
def test_trigamma_is_inverted(x: float) -> None:
    assert trigamma_inverse(float(polygamma(1, x))) == pytest.approx(x, rel=1e-9)


def test_the_common_variance_and_its_freedom_are_found_again() -> None:
    """Variances drawn as scaled inverse chi-squares of 9 degrees of freedom around 0.4."""
    random = np.random.default_rng(71)
    counts = random.integers(1, 12, 30_000).astype(float)
    true = 0.4 * 9 / random.chisquare(9, len(counts))
    own = np.maximum(counts - 1, 1)
    found = scatter_of(counts, true * random.chisquare(own) / own)
    assert found is not None
    assert found.variance == pytest.approx(0.4, rel=0.02)
    assert found.freedom == pytest.approx(9, rel=0.1)
    assert found.freedom_of_all == (counts - 1).sum()


def test_equal_variances_make_one_for_all() -> None:
    random = np.random.default_rng(72)
    counts = np.full(400, 5.0)
    # All alike to the digit differ less than chance would have it.
    found = scatter_of(counts, np.full(400, 0.3))
    assert found is not None
    assert found.variance == pytest.approx(0.3)
    assert (found.freedom, found.freedom_of_all) == (np.inf, 1600.0)
    assert (found.moderated(counts, random.uniform(0, 1, 400)) == found.variance).all()


def test_accounts_of_one_post_alone_say_nothing_of_scatter() -> None:
    assert scatter_of(np.ones(50), np.full(50, np.nan)) is None


def test_posts_all_alike_do_not_scatter() -> None:
    found = scatter_of(np.array([3.0, 4.0, 1.0]), np.array([0.0, 0.0, np.nan]))
    assert found == Scatter(0.0, np.inf, 5.0)


def test_accounts_without_any_scatter_are_no_measure_of_the_others() -> None:
    """Nothing but posts without engagement: their variance of zero has no logarithm."""
    counts, variances = np.full(60, 4.0), np.tile([0.0, 0.01, 3.0], 20)
    with_them, without = scatter_of(counts, variances), scatter_of(counts[variances > 0], variances[variances > 0])
    assert with_them is not None
    assert without is not None
    assert with_them.variance == pytest.approx(without.variance)
    assert with_them.freedom == without.freedom


def drawn(count: int, between: float, seed: int) -> Sample:
    random = np.random.default_rng(seed)
    sizes, groups = random.normal(9, 2, count), random.integers(0, 3, count)
    variances = random.uniform(0.01, 0.4, count)
    line = np.array([-3.0, -2.5, -3.4])[groups] - 0.2 * sizes + 0.01 * sizes**2
    return Sample(line + random.normal(0, np.sqrt(between + variances)), variances, sizes, groups, 3)


def test_the_variance_between_accounts_is_found_again() -> None:
    assert line_of(drawn(20_000, 0.3, 73)).between == pytest.approx(0.3, rel=0.04)


def test_accounts_on_the_line_have_none_between_them() -> None:
    sample = drawn(500, 0.0, 74)
    exact = Sample(sample.means * 0 - 3.0, sample.variances, sample.sizes, sample.groups, 3)
    assert line_of(exact).between == 0.0


def test_the_line_is_that_of_weighted_least_squares() -> None:
    """With dummies for the groups, at the variance between accounts that was found, errors included."""
    sample = drawn(300, 0.2, 75)
    line = line_of(sample)
    u = (sample.sizes - line.size_mean) / line.size_spread
    design = np.column_stack([np.eye(3)[sample.groups], u, u * u])
    weights = 1 / (line.between + sample.variances)
    fit = sm.WLS(sample.means, design, weights=weights).fit()
    assert [*line.effects, *line.slopes] == pytest.approx(fit.params, rel=1e-9)
    residuals = sample.means - fit.fittedvalues
    assert (weights * residuals**2).sum() == pytest.approx(300 - 5, rel=1e-9)
    covariance = np.linalg.inv(design.T @ (weights[:, None] * design))
    for place in range(5):
        away = np.array([u[place], u[place] ** 2]) - line.centres[:, sample.groups[place]]
        variance = line.effects_variance[sample.groups[place]] + away @ line.slopes_covariance @ away
        assert variance == pytest.approx(design[place] @ covariance @ design[place], rel=1e-8)


@pytest.mark.parametrize("sizes", [[5.0] * 40, [5.0, 9.0] * 20], ids=["one size", "two sizes"])
def test_sizes_that_say_nothing_of_a_slope_end_in_numbers(sizes: list[float]) -> None:
    random = np.random.default_rng(76)
    means = random.normal(-3, 0.5, 40)
    line = line_of(Sample(means, np.full(40, 0.1), np.array(sizes), np.zeros(40, dtype=np.int64), 1))
    u = (np.array(sizes) - line.size_mean) / line.size_spread
    expected = line.effects[0] + line.slopes[0] * u + line.slopes[1] * u * u
    for size in set(sizes):
        of_size = np.array(sizes) == size
        assert expected[of_size] == pytest.approx(means[of_size].mean(), rel=1e-6)

"""Quantiles of the beta distribution against SciPy's."""

import numpy as np
import pytest
from scipy.special import betaincinv

from transforms.stats.beta_quantiles import WIDTH_MAX, beta_quantile


@pytest.mark.parametrize("share", [0.025, 0.975])
def test_quantiles_are_those_of_scipy_to_nine_digits(share: float) -> None:
    random = np.random.default_rng(8)
    a, b = np.exp(random.uniform(np.log(0.05), np.log(1e9), (2, 20_000)))
    wanted = betaincinv(a, b, share)
    # Where the share itself is close to 1, what is left of it is what matters least: compare the value.
    assert np.max(np.abs(beta_quantile(a, b, share) / wanted - 1)) < 1e-9


@pytest.mark.parametrize("share", [0.025, 0.975])
def test_on_both_sides_of_the_width_where_the_methods_change(share: float) -> None:
    c = np.linspace(0.001, 0.999, 500)
    for width in (WIDTH_MAX * (1 - 1e-12), WIDTH_MAX * (1 + 1e-12)):
        a, b = 1 / (width**2 * (1 - c)), 1 / (width**2 * c)
        assert np.max(np.abs(beta_quantile(a, b, share) / betaincinv(a, b, share) - 1)) < 1e-9


def test_a_value_depends_on_its_own_parameters_alone() -> None:
    random = np.random.default_rng(9)
    a, b = np.exp(random.uniform(-2, 12, (2, 40_001)))
    order = random.permutation(len(a))
    together = beta_quantile(a, b, 0.975)
    assert np.array_equal(together[order], beta_quantile(a[order], b[order], 0.975))
    alone = [beta_quantile(a[place : place + 1], b[place : place + 1], 0.975)[0] for place in range(0, len(a), 997)]
    assert alone == together[::997].tolist()


def test_quantiles_of_nothing() -> None:
    assert beta_quantile(np.empty(0), np.empty(0), 0.5).tolist() == []

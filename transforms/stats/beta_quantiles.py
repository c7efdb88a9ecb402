"""Quantiles of millions of beta distributions.

SciPy's inverse costs microseconds a value. The quantile q of Beta(a, b) as y = (logit q - log(a / b)) / r, where
r = sqrt(1/a + 1/b), is a smooth function of r and c = a / (a + b), which tends to the quantile of the normal
distribution as r does to 0. For r up to one, a polynomial through SciPy's own values gives the quantile to nine digits;
what is wider goes to SciPy.
"""

from functools import cache
from typing import TypeAlias

import numpy as np
from numpy.polynomial import chebyshev
from numpy.typing import NDArray
from scipy.special import betaincinv

Floats: TypeAlias = NDArray[np.float64]

WIDTH_MAX = 1.0
DEGREE = 12
# Few enough for the processor's cache to hold the arrays of one step.
CHUNK = 16_384


def beta_quantile(a: Floats, b: Floats, share: float) -> Floats:
    """The value that a variable of Beta(a, b) is below with this probability; a and b positive."""
    found = np.empty_like(a)
    for start in range(0, len(a), CHUNK):
        part = slice(start, start + CHUNK)
        found[part] = _near_normal(a[part], b[part], share)
    wide = np.flatnonzero(1 / a + 1 / b > WIDTH_MAX**2)
    pairs, places = np.unique(np.stack([a[wide], b[wide]]), axis=1, return_inverse=True)
    found[wide] = betaincinv(pairs[0], pairs[1], share)[places.reshape(-1)]
    return found


def _near_normal(a: Floats, b: Floats, share: float) -> Floats:
    width = np.sqrt(1 / a + 1 / b)
    # Wider ones are worked out too, and replaced: within bounds, so that they cannot overflow.
    x = np.minimum(width, WIDTH_MAX) * (2 / WIDTH_MAX) - 1
    c = 2 * a / (a + b) - 1
    y = np.zeros_like(a)
    for across in _polynomial(share)[::-1]:
        inner = np.full_like(a, across[-1])
        for coefficient in across[-2::-1]:
            inner *= c
            inner += coefficient
        y *= x
        y += inner
    odds = np.exp(np.minimum(width, WIDTH_MAX) * y) * a
    quantile: Floats = odds / (b + odds)
    return quantile


@cache
def _polynomial(share: float) -> list[list[float]]:
    """Coefficients by powers of the scaled r, then of the scaled c, through the Chebyshev points of both."""
    points = np.cos(np.pi * (np.arange(DEGREE + 1) + 0.5) / (DEGREE + 1))
    width, c = np.meshgrid((points + 1) * WIDTH_MAX / 2, (points + 1) / 2, indexing="ij")
    a, b = 1 / (width**2 * (1 - c)), 1 / (width**2 * c)
    quantile = betaincinv(a, b, share)
    y = (np.log(quantile / (1 - quantile)) - np.log(a / b)) / width
    inverse = np.linalg.inv(chebyshev.chebvander(points, DEGREE))
    powers = np.zeros((DEGREE + 1, DEGREE + 1))
    for degree in range(DEGREE + 1):
        powers[: degree + 1, degree] = chebyshev.cheb2poly([0] * degree + [1])
    to_powers = powers @ inverse
    made: list[list[float]] = (to_powers @ y @ to_powers.T).tolist()
    return made

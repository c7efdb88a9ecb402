"""The beta-binomial regression: how a rate depends on size and group, and how far accounts scatter around it.

    k ~ BetaBin(n, m s, (1 - m) s),  logit m = intercept of the group + slope * size

Fitted by maximum likelihood with Newton's method. Its matrix is diagonal but for the two rows of slope and strength,
so a step costs no more than the sums over the rows, however many groups there are. Gaussian penalties of standard
deviation 10 decide only where the rows say nothing: a group without any engagement, equal sizes, rates that do not
scatter. Sums run in the order of the rows: sort them by content.
"""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.special import digamma, expit, gammaln, logit

Floats: TypeAlias = NDArray[np.float64]
Integers: TypeAlias = NDArray[np.int64]

PENALTY = 1 / 10**2
# What the penalties pull towards: a rate of 5 % in every group, no slope, the strength of a hundred followers.
CENTRE_INTERCEPT, CENTRE_STRENGTH = -3.0, 4.6
STEPS_MAX = 100


@dataclass(frozen=True)
class Rows:
    """Counts k among totals n, with the size and the group of each."""

    counts: Floats
    totals: Floats
    sizes: Floats
    groups: Integers
    group_count: int

    def per_group(self, values: Floats) -> Floats:
        sums: Floats = np.bincount(self.groups, values, self.group_count).astype(np.float64)
        return sums


@dataclass(frozen=True)
class Coefficients:
    intercepts: Floats
    slope: float
    log_strength: float

    @property
    def strength(self) -> float:
        return float(np.exp(self.log_strength))

    def rates(self, sizes: Floats, groups: Integers) -> Floats:
        found: Floats = expit(self.intercepts[groups] + self.slope * sizes)
        return found


@dataclass(frozen=True)
class Surface:
    """The negative log likelihood at some coefficients, with its slope and curvature there.

    The last two of `gradient` and `border` belong to the slope and to the log strength.
    """

    value: float
    gradient: Floats
    diagonal: Floats
    border: Floats
    corner: Floats


def fit(rows: Rows) -> Coefficients:
    """The coefficients of the greatest likelihood, exact to their last digits."""
    found = _start(rows)
    at = surface(rows, found)
    damping = 0.0
    for _ in range(STEPS_MAX):
        step = _newton_step(at, damping)
        tried = None if step is None else _moved(found, step)
        new = None if tried is None else surface(rows, tried)
        # The log gammas of large counts round off the ninth digit of the value.
        if step is None or tried is None or new is None or not new.value <= at.value + 1e-9 * abs(at.value):
            damping = max(10 * damping, 1e-3)
            continue
        found, at = tried, new
        if damping == 0 and np.max(np.abs(step)) < 1e-9:
            break
        damping = damping / 10 if damping > 1e-6 else 0.0
    return found


def surface(rows: Rows, at: Coefficients) -> Surface:
    """Value and both derivatives, by the derivatives of log likelihood in the logit of m and the logarithm of s."""
    m, s = at.rates(rows.sizes, rows.groups), at.strength
    a, b = m * s, (1 - m) * s
    hits, misses = rows.counts, rows.totals - rows.counts
    value = (
        (gammaln(hits + a) - gammaln(a)) + (gammaln(misses + b) - gammaln(b)) - (gammaln(rows.totals + s) - gammaln(s))
    )
    by_a, by_b, by_s = (digamma(n + x) - digamma(x) for n, x in ((hits, a), (misses, b), (rows.totals, s)))
    by_aa, by_bb, by_ss = (trigamma(n + x) - trigamma(x) for n, x in ((hits, a), (misses, b), (rows.totals, s)))
    v = s * m * (1 - m)
    logits = v * (by_a - by_b)
    strength = a * by_a + b * by_b - s * by_s
    logits_twice = -((1 - 2 * m) * logits + v * v * (by_aa + by_bb))
    crossed = -(logits + v * (a * by_aa - b * by_bb))
    strength_twice = -(strength + a * a * by_aa + b * b * by_bb - s * s * by_ss)
    away = np.array([*(at.intercepts - CENTRE_INTERCEPT), at.slope, at.log_strength - CENTRE_STRENGTH])
    x = rows.sizes
    tilted = float(np.sum(crossed * x))
    return Surface(
        value=float(PENALTY / 2 * np.sum(away * away) - np.sum(value)),
        gradient=PENALTY * away - np.array([*rows.per_group(logits), np.sum(logits * x), np.sum(strength)]),
        diagonal=rows.per_group(logits_twice) + PENALTY,
        border=np.stack([rows.per_group(logits_twice * x), rows.per_group(crossed)]),
        corner=np.array(
            [
                [float(np.sum(logits_twice * x * x)) + PENALTY, tilted],
                [tilted, float(np.sum(strength_twice)) + PENALTY],
            ]
        ),
    )


def trigamma(x: Floats | float) -> Floats | float:
    """The derivative of digamma to some nine digits, which do for a curvature; SciPy's takes ten times as long."""
    before: Floats | float = sum(1 / (x + step) ** 2 for step in range(6))
    u = 1 / (x + 6)
    w = u * u
    return before + u + w / 2 + u * w * (1 / 6 - w * (1 / 30 - w * (1 / 42 - w / 30)))


def _start(rows: Rows) -> Coefficients:
    """By moments: least squares on the logits, and the strength that would scatter them as they do."""
    logits: Floats = logit((rows.counts + 0.5) / (rows.totals + 1))
    number = np.maximum(rows.per_group(np.ones_like(logits)), 1)
    mean_size, mean_logit = rows.per_group(rows.sizes) / number, rows.per_group(logits) / number
    sizes, apart = rows.sizes - mean_size[rows.groups], logits - mean_logit[rows.groups]
    spread = float(np.sum(sizes * sizes))
    slope = float(np.sum(sizes * apart)) / spread if spread > 0 else 0.0
    left = apart - slope * sizes
    m = expit(logits - left)
    scatter = float(np.mean(left * left)) * float(np.mean(m * (1 - m)))
    strength = np.clip(1 / max(scatter, 1e-6), 1, 1e5)
    return Coefficients(mean_logit - slope * mean_size, slope, float(np.log(strength)))


def _newton_step(at: Surface, damping: float) -> Floats | None:
    """Where the tangent paraboloid is lowest; None where it has no lowest point."""
    diagonal = at.diagonal + damping * (1 + np.abs(at.diagonal))
    corner = at.corner + damping * np.diag(1 + np.abs(np.diag(at.corner)))
    if not np.all(diagonal > 0):
        return None
    reduced = [[corner[i, j] - float(np.sum(at.border[i] * at.border[j] / diagonal)) for j in (0, 1)] for i in (0, 1)]
    (p, q), (_, r) = reduced
    determinant = p * r - q * q
    if not (p > 0 and determinant > 0):
        return None
    inner, outer = at.gradient[:-2], at.gradient[-2:]
    u, v = (float(outer[i] - np.sum(at.border[i] * inner / diagonal)) for i in (0, 1))
    slope, strength = (r * u - q * v) / determinant, (p * v - q * u) / determinant
    intercepts = (inner - at.border[0] * slope - at.border[1] * strength) / diagonal
    return -np.array([*intercepts, slope, strength])


def _moved(at: Coefficients, step: Floats) -> Coefficients | None:
    """None for a step so long that it leaves what can be calculated with."""
    if not np.max(np.abs(step)) < 20:
        return None
    return Coefficients(at.intercepts + step[:-2], at.slope + float(step[-2]), at.log_strength + float(step[-1]))

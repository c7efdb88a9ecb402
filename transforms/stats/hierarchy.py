"""Log rates of posts that scatter within accounts, and accounts that scatter around a line of size and group.

    y of a post ~ N(mu of its account, sigma^2 of its account),  mu ~ N(effect of the group + slopes * (size, size^2), tau^2)

Closed form but for two scalars. Variances of accounts with few posts are drawn to the common one (Smyth 2004). How much
variances differ beyond chance, and accounts beyond the scatter of their posts (tau^2), are what makes all as far from
their centre as they should be (Paule and Mandel 1982). Sums run in the order of the rows: sort them by content.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.special import polygamma, psi

Floats: TypeAlias = NDArray[np.float64]
Integers: TypeAlias = NDArray[np.int64]

# Below this a variance of logarithms is the rounding of equal posts.
NO_SCATTER = 1e-12
STEPS_MAX = 60


@dataclass(frozen=True)
class Scatter:
    """How posts scatter: the common variance, the degrees of freedom it is worth, and those of all accounts together."""

    variance: float
    freedom: float
    freedom_of_all: float

    def moderated(self, counts: Floats, variances: Floats) -> Floats:
        """The variance of each account's posts; `variances` are its own, anything for one post."""
        own = np.where(counts > 1, counts - 1, 0)
        if np.isinf(self.freedom):
            return np.full_like(own, self.variance)
        found: Floats = (self.freedom * self.variance + own * np.where(own > 0, variances, 0)) / (self.freedom + own)
        return found


def scatter_of(counts: Floats, variances: Floats) -> Scatter | None:
    """How the posts of accounts with two or more scatter; null without such an account.

    Accounts whose posts are all alike, mostly without any engagement, say nothing of how variances differ and are left
    out of it unless all are so.
    """
    several = counts > 1
    own, found = counts[several] - 1, variances[several]
    if not len(own):
        return None
    total = float(own.sum())
    varied = found > NO_SCATTER
    if not varied.any():
        return Scatter(0.0, np.inf, total)
    freedoms, places = np.unique(own[varied], return_inverse=True)
    half = freedoms / 2
    logs = np.log(found[varied]) - (psi(half) - np.log(half))[places]
    mean, beyond_chance = mean_and_excess(logs, places, polygamma(1, half))
    if beyond_chance <= 0:
        # They differ by chance alone: one variance for all.
        return Scatter(float((own * found).sum()) / total, np.inf, total)
    half_freedom = trigamma_inverse(beyond_chance)
    variance = np.exp(mean + psi(half_freedom) - np.log(half_freedom))
    return Scatter(float(variance), 2 * half_freedom, total)


def mean_and_excess(values: Floats, places: Integers, chance: Floats) -> tuple[float, float]:
    """The weighted mean of values, and their variance beyond that of chance, which is `chance[place]` of each.

    Those that are mostly chance, such as logarithms of variances from two posts, weigh less: alike, they would drown the
    others.
    """
    count = np.bincount(places).astype(np.float64)
    means = np.bincount(places, values) / count
    squares = np.bincount(places, (values - means[places]) ** 2)

    def distances(beyond: float) -> tuple[float, float]:
        weights = 1 / (beyond + chance)
        pull = weights * (squares + count * (means - _mean(weights * count, means)) ** 2)
        return float(pull.sum()), float((weights * pull).sum())

    beyond = excess_variance(distances, len(values) - 1)
    return _mean(count / (beyond + chance), means), beyond


def _mean(weights: Floats, values: Floats) -> float:
    return float((weights * values).sum() / weights.sum())


def excess_variance(distances: Callable[[float], tuple[float, float]], freedom: int) -> float:
    """The variance to add to what is known of each value, so that the distance of all from their centre is as expected.

    `distances` gives for a variance the sum of squares over variances, which is to be `freedom`, and how fast it falls.
    Where it is no more to begin with, there is nothing to add. Newton's method on 1 / distance, which grows nearly as a
    line and bends down, comes to it from below.
    """
    excess = 0.0
    distance, steepness = distances(excess)
    if distance <= freedom or freedom < 1:
        return excess
    for _ in range(STEPS_MAX):
        step = (distance - freedom) / steepness * distance / freedom
        excess += step
        if abs(step) <= 1e-11 * excess:
            break
        distance, steepness = distances(excess)
    return excess


def trigamma_inverse(value: float) -> float:
    """The x whose trigamma is the value, above 0: by Newton's method on 1 / trigamma, which is nearly a line."""
    x = 0.5 + 1 / value
    for _ in range(STEPS_MAX):
        at = float(polygamma(1, x))
        step = at * (1 - at / value) / float(polygamma(2, x))
        x += step
        if -step < 1e-12 * x:
            break
    return x


@dataclass(frozen=True)
class Line:
    """What is expected of an account: `effects` of groups at the mean size, slopes by (u, u^2), u the scaled size.

    The variance of an expectation is that of its group's effect, and that of the slopes as far as the account is from
    the mean of its group (`centres`).
    """

    size_mean: float
    size_spread: float
    slopes: Floats
    slopes_covariance: Floats
    effects: Floats
    effects_variance: Floats
    centres: Floats
    between: float


@dataclass(frozen=True)
class Sample:
    """Means of log rates of accounts, the variances of these means, sizes, and the number of each one's group."""

    means: Floats
    variances: Floats
    sizes: Floats
    groups: Integers
    group_count: int

    def per_group(self, values: Floats) -> Floats:
        sums: Floats = np.bincount(self.groups, values, self.group_count).astype(np.float64)
        return sums


@dataclass(frozen=True)
class _Fit:
    """Weighted least squares at some tau^2: `distance` from the line, which is to equal `freedom`, and its slope."""

    slopes: Floats
    covariance: Floats
    centres: Floats
    centre_means: Floats
    group_weights: Floats
    distance: float
    steepness: float
    freedom: int


def line_of(sample: Sample) -> Line:
    """The line through accounts, every group of which has some."""
    mean = float(sample.sizes.mean())
    spread = float(sample.sizes.std())
    u = (sample.sizes - mean) / (spread if spread > 1e-9 else 1.0)
    design = np.stack([u, u * u]) if spread > 1e-9 else np.zeros((2, len(u)))
    fit = _fit(sample, design, 0.0)
    first = (fit.distance, fit.steepness)

    def distances(between: float) -> tuple[float, float]:
        if between == 0:
            return first
        fit = _fit(sample, design, between)
        return fit.distance, fit.steepness

    between = excess_variance(distances, fit.freedom)
    if between > 0:
        fit = _fit(sample, design, between)
    return Line(
        size_mean=mean,
        size_spread=spread if spread > 1e-9 else 1.0,
        slopes=fit.slopes,
        slopes_covariance=fit.covariance,
        effects=fit.centre_means - fit.slopes @ fit.centres,
        effects_variance=1 / fit.group_weights,
        centres=fit.centres,
        between=between,
    )


def _fit(sample: Sample, design: Floats, between: float) -> _Fit:
    weights = 1 / np.maximum(between + sample.variances, NO_SCATTER)
    group_weights = sample.per_group(weights)
    centres = np.stack([sample.per_group(weights * row) for row in design]) / group_weights
    centre_means = sample.per_group(weights * sample.means) / group_weights
    x, y = design - centres[:, sample.groups], sample.means - centre_means[sample.groups]
    weighted = x * weights
    # Where all are of one size, or of two, a slope says nothing and is left at 0.
    covariance: Floats = np.linalg.pinv(weighted @ x.T, rcond=1e-9, hermitian=True).astype(np.float64)
    slopes: Floats = covariance @ (weighted @ y)
    left = y - slopes @ x
    rank = int(np.linalg.matrix_rank(covariance))
    pull = weights * left * left
    return _Fit(
        slopes, covariance, centres, centre_means, group_weights, float(pull.sum()),
        float((weights * pull).sum()), len(y) - sample.group_count - rank,
    )  # fmt: skip

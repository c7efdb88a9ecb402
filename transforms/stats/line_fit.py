"""Straight lines through points: by least squares, and such that a given share of the points lies below.

Results are rounded to twelve significant digits: what is behind them differs between machines.
"""

import math
from dataclasses import dataclass
from typing import TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtr, stdtrit

Floats: TypeAlias = NDArray[np.float64]
Value = TypeVar("Value", bound=np.generic)

# What is smaller than these is rounding and nothing else: a result, a distance from the line, a slope of the loss.
NOTHING, EXACT, FLAT = 1e-12, 1e-10, 1e-9
# How near the slope of a quantile line is found.
NARROW = 1e-14


@dataclass(frozen=True)
class Fit:
    """A line by least squares. The test is of slope = 1 against slope < 1; null where no point is off the line.

    `smearing_factor` is the mean of exp(residual): times it, what the line gives for a logarithm is the mean to expect.
    """

    slope: float
    intercept: float
    slope_standard_error: float
    slope_low: float
    slope_high: float
    r_squared: float | None
    slope_below_one_t: float | None
    slope_below_one_p: float | None
    smearing_factor: float


def digits(value: float) -> float:
    """Twelve significant ones; rounding noise around zero is zero."""
    return 0.0 if abs(value) < NOTHING else float(f"{value:.12g}")


@dataclass(frozen=True)
class Groups:
    """Rows of several groups, one group after the other: where each begins, and how many rows it has."""

    starts: NDArray[np.int64]
    counts: NDArray[np.int64]

    @classmethod
    def of(cls, counts: NDArray[np.int64]) -> "Groups":
        """No group may be empty."""
        return cls(np.cumsum(counts) - counts, counts)

    def total(self, values: Floats) -> Floats:
        """The sum of each group, added in the order of its rows: the same bits whatever else there is."""
        return np.add.reduceat(values, self.starts)

    def largest(self, values: Floats) -> Floats:
        return np.maximum.reduceat(values, self.starts)

    def to_rows(self, of_groups: NDArray[Value]) -> NDArray[Value]:
        """The value of its group beside each row."""
        return np.repeat(of_groups, self.counts)


@dataclass(frozen=True)
class Centred:
    """Values less the mean of their group."""

    mean: Floats
    apart: Floats
    squares: Floats  # the sum of them, of each group

    @classmethod
    def of(cls, values: Floats, groups: Groups) -> "Centred":
        mean = groups.total(values) / groups.counts
        apart = values - groups.to_rows(mean)
        return cls(mean, apart, groups.total(apart * apart))


def have_spread(x: Centred, groups: Groups) -> NDArray[np.bool_]:
    """Whether the points of each group still have different x when any one of them is left out."""
    varies = groups.largest(np.abs(x.apart)) > NOTHING
    share = groups.largest(x.apart**2) / np.where(varies, x.squares, 1.0)
    return varies & (1 - 1 / groups.counts - share > 1e-9)


def has_spread(x: Floats) -> bool:
    """The same of one group."""
    groups = Groups.of(np.array([len(x)]))
    return bool(have_spread(Centred.of(x, groups), groups)[0])


def least_squares_of(x: Centred, y: Centred, groups: Groups) -> list[Fit]:
    """The line of each group, with HC3 errors and a t interval; each x must have spread (`have_spread`).

    One pass over the sums of the groups gives the lines, a second over the leverages of their points the errors.
    """
    slope = groups.total(x.apart * y.apart) / x.squares
    residuals = y.apart - groups.to_rows(slope) * x.apart
    leverage = groups.to_rows(1 / groups.counts) + x.apart**2 / groups.to_rows(x.squares)
    error = np.sqrt(groups.total((x.apart * residuals / (1 - leverage)) ** 2)) / x.squares
    is_flat = groups.largest(np.abs(y.apart)) < EXACT
    explained = 1 - groups.total(residuals**2) / np.where(is_flat, 1.0, y.squares)
    is_exact = groups.largest(np.abs(residuals)) < EXACT
    # No count is further from another than 10^13.
    smearing = groups.total(np.exp(np.minimum(residuals, 30))) / groups.counts
    freedom = groups.counts - 2
    found = zip(
        slope.tolist(),
        (y.mean - slope * x.mean).tolist(),
        np.where(is_exact, 0.0, error).tolist(),
        (stdtrit(freedom, 0.975) * error).tolist(),
        np.where(is_exact, 1.0, explained).tolist(),
        freedom.tolist(),
        is_flat.tolist(),
        smearing.tolist(),
        strict=True,
    )
    return [_fit(*of_group) for of_group in found]


def _fit(
    slope: float,
    intercept: float,
    error: float,
    half_width: float,
    explained: float,
    freedom: int,
    is_flat: bool,
    smearing: float,
) -> Fit:
    """The figures of a group, rounded; an error of zero says that no point is off the line."""
    if error == 0:
        at = digits(slope)
        return Fit(at, digits(intercept), 0.0, at, at, None if is_flat else digits(explained), None, None, 1.0)
    below_one = digits((slope - 1) / error)
    return Fit(
        digits(slope),
        digits(intercept),
        digits(error),
        digits(slope - half_width),
        digits(slope + half_width),
        digits(explained),
        below_one,
        float(f"{stdtr(freedom, below_one):.12g}"),
        digits(smearing),
    )


def least_squares(x: Floats, y: Floats) -> Fit:
    """The line of one group of points."""
    groups = Groups.of(np.array([len(x)]))
    return least_squares_of(Centred.of(x, groups), Centred.of(y, groups), groups)[0]


def quantile_line(x: Floats, y: Floats, share: float) -> tuple[float, float]:
    """Slope and intercept of the line with this share of the points below: Koenker and Bassett's quantile regression.

    With the best intercept for each slope, the loss is convex in the slope alone, so halving finds its lowest place:
    to every digit, where the weighted iterations of statsmodels' QuantReg stop at six.
    """
    rank = math.ceil(share * len(x) - 1e-9)
    middle = float(x.mean())
    centred = x - middle
    low, high = -1.0, 2.0
    while _steepness(centred, y, share, rank, low)[0] > FLAT:
        low -= high - low
    while _steepness(centred, y, share, rank, high)[0] < -FLAT:
        high += high - low
    while True:
        slope = (low + high) / 2
        steepness, height = _steepness(centred, y, share, rank, slope)
        if abs(steepness) < FLAT or high - low < NARROW or slope in {low, high}:
            return digits(slope), digits(height - slope * middle)
        low, high = (low, slope) if steepness > 0 else (slope, high)


def _steepness(x: Floats, y: Floats, share: float, rank: int, slope: float) -> tuple[float, float]:
    """How the loss changes with the slope, and the best intercept at this one: the residual of that rank."""
    residuals = y - slope * x
    order = np.argpartition(residuals, rank - 1)
    at = order[rank - 1]
    below = float(x[order[: rank - 1]].sum())
    # Points below pull with share - 1, points above with share, and the one on the line with what balances them.
    balance = share * len(x) - rank + 1
    return below + float(x[at]) * balance - share * float(x.sum()), float(residuals[at])

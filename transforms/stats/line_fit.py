"""Straight lines through points: by least squares, and such that a given share of the points lies below.

Results are rounded to twelve significant digits: what is behind them differs between machines.
"""

import math
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]

# What is smaller than these is rounding and nothing else: a result, a distance from the line, a slope of the loss.
NOTHING, EXACT, FLAT = 1e-12, 1e-10, 1e-9
# How near the slope of a quantile line is found.
NARROW = 1e-14


@dataclass(frozen=True)
class Fit:
    """A line by least squares. The test is of slope = 1 against slope < 1; null where no point is off the line."""

    slope: float
    intercept: float
    slope_standard_error: float
    slope_low: float
    slope_high: float
    r_squared: float | None
    slope_below_one_t: float | None
    slope_below_one_p: float | None


def digits(value: float) -> float:
    """Twelve significant ones; rounding noise around zero is zero."""
    return 0.0 if abs(value) < NOTHING else float(f"{value:.12g}")


def has_spread(x: Floats) -> bool:
    """Whether the points still have different x when any one of them is left out."""
    if np.ptp(x) == 0:
        return False
    distance = (x - x.mean()) ** 2
    return bool(1 - 1 / len(x) - distance.max() / distance.sum() > 1e-9)


def least_squares(x: Floats, y: Floats) -> Fit:
    """Log y on log x with HC3 errors and a t interval; x must have spread (`has_spread`)."""
    from scipy.special import stdtr, stdtrit
    from statsmodels.regression.linear_model import OLS

    middle = float(x.mean())
    # Around its middle x is well-conditioned; neither the slope nor its error changes.
    fit = OLS(y, np.column_stack([np.ones_like(x), x - middle])).fit(cov_type="HC3", use_t=True)
    slope = digits(float(fit.params[1]))
    intercept = digits(float(fit.params[0]) - float(fit.params[1]) * middle)
    is_exact = float(np.abs(fit.resid).max()) < EXACT
    if is_exact:
        return Fit(slope, intercept, 0.0, slope, slope, None if np.ptp(y) < EXACT else 1.0, None, None)
    error, freedom = float(fit.bse[1]), len(x) - 2
    half_width = float(stdtrit(freedom, 0.975)) * error
    below_one = digits((float(fit.params[1]) - 1) / error)
    return Fit(
        slope,
        intercept,
        digits(error),
        digits(float(fit.params[1]) - half_width),
        digits(float(fit.params[1]) + half_width),
        digits(float(fit.rsquared)),
        below_one,
        float(f"{stdtr(freedom, below_one):.12g}"),
    )


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

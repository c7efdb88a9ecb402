"""Where the line through logarithms misfits: mean residuals by tier, and a curve in its place where they are not about 0."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import polars as pl

from transforms.engagement_regression import is_fitted, log_followers, log_likes
from transforms.niches import ALL_NICHES
from transforms.stats.exact_sums import deviation, exact_mean
from transforms.stats.intervals import mean_high, mean_low
from transforms.stats.line_fit import Floats, digits
from transforms.tiers import default_tier_of

POPULATION = ["platform", "time_window"]
# A tenth of the rate: less is no fault of the line, however sure it is.
MISFIT = 0.1
# Fewer accounts have no curve: its ends would follow single accounts.
CURVE_ACCOUNTS = 100
# Of log followers, as Harrell recommends for four knots.
KNOT_SHARES = (0.05, 0.35, 0.65, 0.95)
KNOTS = [f"knot_{number}" for number in range(1, 5)]
COEFFICIENTS = [f"coefficient_{number}" for number in range(4)]
CURVES = dict.fromkeys(POPULATION, pl.String) | dict.fromkeys([*KNOTS, *COEFFICIENTS], pl.Float64)


def engagement_to_regression_tiers(
    engagement: pl.DataFrame, regression: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The mart `engagement_regression_tiers`, and the curves of platforms and windows whose line misfits.

    A curve is a restricted cubic spline: POPULATION, KNOTS and COEFFICIENTS.
    """
    points = _points(engagement, regression)
    tiers = _tiers(points, "residual")
    misfits = tiers.filter("is_misfit").select(POPULATION).unique()
    # In the order of their content, sums over them are the same whatever order they came in.
    bent = points.join(misfits, on=POPULATION, how="semi").sort("x", "y")
    curves = _curves(bent)
    smooth = (pl.col("y") - log_on_curve(pl.col("x"))).alias("smooth")
    of_curve = _tiers(bent.lazy().join(curves.lazy(), on=POPULATION).with_columns(smooth).collect(), "smooth")
    means = of_curve.select(*POPULATION, "tier", pl.col("residual_mean").alias("smooth_residual_mean"))
    return tiers.join(means, on=[*POPULATION, "tier"], how="left"), curves


def _curves(points: pl.DataFrame) -> pl.DataFrame:
    rows = []
    for key, sample in points.partition_by(POPULATION, as_dict=True).items():
        x, y = (sample.get_column(name).to_numpy() for name in ("x", "y"))
        knots = np.quantile(x, KNOT_SHARES)
        if len(x) >= CURVE_ACCOUNTS and (np.diff(knots) > 1e-9).all():
            basis = np.stack(spline_basis(x, knots.tolist()))
            found = np.linalg.lstsq(basis @ basis.T, basis @ y, rcond=1e-13)[0]
            rows.append([*key, *map(digits, [*knots.tolist(), *found.tolist()])])
    return pl.DataFrame(rows, CURVES, orient="row")


def _points(engagement: pl.DataFrame, regression: pl.DataFrame) -> pl.DataFrame:
    """The fitted accounts of platforms with a line over all niches: x, y and the residual."""
    lines = regression.lazy().filter(pl.col("niche") == ALL_NICHES, pl.col("slope").is_not_null())
    own = engagement.lazy().filter(is_fitted()).select(
        *POPULATION, log_followers().alias("x"), log_likes().alias("y"), default_tier_of(pl.col("followers_count")).alias("tier")
    )  # fmt: skip
    residual = pl.col("y") - pl.col("intercept") - pl.col("slope") * pl.col("x")
    return (
        own.join(lines.select(*POPULATION, "slope", "intercept"), on=POPULATION)
        .select(*POPULATION, "tier", "x", "y", residual.alias("residual"))
        .collect()
    )


def _tiers(points: pl.DataFrame, residual: str) -> pl.DataFrame:
    """Mean residual of each tier with its 95 % t interval, and whether the line misfits there."""
    r, n, mean = pl.col(residual), pl.col("account_count"), pl.col("residual_mean")
    spread = deviation(n, mean, pl.col("square"))
    low, high = pl.col("residual_low"), pl.col("residual_high")
    is_misfit = ((low > 0) & (mean > MISFIT)) | ((high < 0) & (mean < -MISFIT))
    return (
        points.group_by(*POPULATION, "tier")
        .agg(
            pl.len().cast(pl.Int64).alias("account_count"),
            exact_mean(r).alias("residual_mean"),
            exact_mean(r * r).alias("square"),
        )
        .with_columns(
            mean_low(n, mean, spread).alias("residual_low"), mean_high(n, mean, spread).alias("residual_high")
        )
        .with_columns(is_misfit.fill_null(value=False).alias("is_misfit"))
        .drop("square")
    )


def spline_basis(x: Floats, knots: Sequence[float]) -> list[Floats]:
    """1, x, and the two terms that bend between four knots and are straight beyond them."""
    return [np.ones_like(x), x, *(_bend(x, knots, place, lambda v: np.maximum(v, 0.0) ** 3) for place in (0, 1))]


def log_on_curve(x: pl.Expr) -> pl.Expr:
    """The log likes that a curve has at log followers; null where there is none."""
    knots = [pl.col(name) for name in KNOTS]
    first, second = (_bend(x, knots, place, lambda v: v.clip(0).pow(3)) for place in (0, 1))
    a, b, c, d = (pl.col(name) for name in COEFFICIENTS)
    curve: pl.Expr = a + b * x + c * first + d * second
    return curve


def _bend(x: Any, knots: Sequence[Any], place: int, cube: Callable[[Any], Any]) -> Any:
    """A cube that begins at a knot and is made straight again by those of the last two (Harrell 2001), of numbers or columns."""
    knot, before_last, last = knots[place], knots[2], knots[3]
    straight = cube(x - before_last) * (last - knot) / (last - before_last) - cube(x - last) * (before_last - knot) / (
        last - before_last
    )
    return (cube(x - knot) - straight) / (last - knots[0]) ** 2

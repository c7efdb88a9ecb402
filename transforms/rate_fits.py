"""What is fitted to the accounts of a platform and window: how their posts scatter, and what size and niche lead to expect."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from transforms.log_rates import LOG_RATES
from transforms.stats.hierarchy import Line, Sample, line_of, scatter_of

ACCOUNTS_MIN = 20
NICHE_MIN = 10
# Times the variance of the middle account: beyond it an account has no say in what the mean of rates is to their median.
SCATTER_MAX = 25
# What all estimates are rounded to: a processor or library that adds in another order differs far behind these digits.
DIGITS = 10
POPULATION = ["platform", "time_window"]
LABELS = [*POPULATION, "niche"]
Floats = npt.NDArray[np.float64]
# Names no niche, which is never empty.
POOL = ""
OF_POPULATION = (
    "size_mean", "size_spread", "size_low", "size_high", "slope", "bend", "var_slope", "cov_slope_bend", "var_bend",
    "between", "common_variance", "common_freedom", "freedom_of_all", "smear_factor",
)  # fmt: skip
OF_NICHE = ("effect", "effect_variance", "centre", "centre_square")
FIT_SCHEMA = (
    dict.fromkeys(POPULATION, pl.Categorical()) | {"fit_reason": pl.String} | dict.fromkeys(OF_POPULATION, pl.Float64)
)
NICHE_SCHEMA = dict.fromkeys(LABELS, pl.Categorical()) | dict.fromkeys(OF_NICHE, pl.Float64)


@dataclass(frozen=True)
class Fits:
    """What is fitted to each platform and window, and in them to each niche; `niche` POOL is for all others."""

    populations: pl.DataFrame
    niches: pl.DataFrame


def fits_of(rows: pl.DataFrame) -> Fits:
    """What is fitted to accounts with LABELS (categorical) and LOG_RATES; those without a rate are passed over."""
    is_small = pl.len().over(LABELS) < NICHE_MIN
    known = (
        rows.lazy()
        .select(*LABELS, *LOG_RATES)
        .drop_nulls("log_mean")
        .with_columns(pl.when(is_small).then(pl.lit(POOL, pl.Categorical)).otherwise("niche").alias("niche"))
        # Sums over rows in an order that their content tells are the same whatever order they came in.
        .with_columns(pl.struct(LOG_RATES).hash().alias("order"))
        .sort("order")
        .collect()
    )
    populations, niches = [], []
    for (platform, window), sample in known.partition_by(POPULATION, as_dict=True).items():
        label = {"platform": platform, "time_window": window}
        fit, effects = _fit(sample)
        populations.append(label | fit)
        niches += [label | effect for effect in effects]
    return Fits(pl.DataFrame(populations, FIT_SCHEMA), pl.DataFrame(niches, NICHE_SCHEMA))


def _scatter_as_usual(counts: Floats, variances: Floats) -> npt.NDArray[np.bool_]:
    """Accounts of several posts that scatter no more than the middle one of them by far.

    The exponents of a single account, whose likes are hidden at times and delivered as 0, may be more than those of all others.
    """
    several = counts > 1
    middle = float(np.median(variances[several]))
    return several & (variances <= SCATTER_MAX * middle) if middle > 0 else several


def _fit(sample: pl.DataFrame) -> tuple[dict[str, object], list[dict[str, object]]]:
    """Of one platform and window: the columns OF_POPULATION, and a row of OF_NICHE for each niche."""
    if sample.height < ACCOUNTS_MIN:
        return {"fit_reason": "no_prior"}, []
    counts, variances = (sample[name].cast(pl.Float64).to_numpy() for name in ("log_count", "log_variance"))
    scatter = scatter_of(counts, variances)
    if scatter is None:
        return {"fit_reason": "scatter_unknown"}, []
    own = scatter.moderated(counts, variances) / counts
    # A pool that is itself below ten accounts is left out of the fit and has the mean effect of the niches.
    enough = sample.select(pl.len().over("niche") >= NICHE_MIN).to_series()
    kept = sample.filter(enough)
    names = kept["niche"].unique().sort().to_list()
    groups = kept["niche"].replace_strict(names, range(len(names)), return_dtype=pl.Int64).to_numpy()
    means, sizes = (kept[name].to_numpy() for name in ("log_mean", "size"))
    line = line_of(Sample(means, own[enough.to_numpy()], sizes, groups, len(names)))
    usual = _scatter_as_usual(counts, variances)
    smear = float((sample["smear"].to_numpy() * counts)[usual].sum() / counts[usual].sum())
    (low, high), covariance = (float(sizes.min()), float(sizes.max())), line.slopes_covariance
    found = (
        line.size_mean, line.size_spread, low, high, *line.slopes, covariance[0, 0], covariance[0, 1], covariance[1, 1],
        line.between, scatter.variance, None if np.isinf(scatter.freedom) else scatter.freedom, scatter.freedom_of_all, smear,
    )  # fmt: skip
    numbers = (None if value is None else _digits(float(value)) for value in found)
    return dict(zip(OF_POPULATION, numbers, strict=True)), _effects(names, line)


def _effects(names: list[str], line: Line) -> list[dict[str, object]]:
    rows = [
        (name, line.effects[place], line.effects_variance[place], *line.centres[:, place])
        for place, name in enumerate(names)
    ]
    if POOL not in names:
        # How far an unknown niche may be from the mean of the others is how far these are from each other.
        apart = float(line.effects.var(ddof=1)) if len(names) > 1 else 0.0
        certain = float(line.effects_variance.mean()) / len(names)
        rows.append((POOL, line.effects.mean(), apart + certain, *line.centres.mean(axis=1)))
    return [
        {"niche": name} | {column: _digits(float(value)) for column, value in zip(OF_NICHE, values, strict=True)}
        for name, *values in rows
    ]


def cells_of(cells: pl.LazyFrame, fits: Fits) -> pl.LazyFrame:
    """What is fitted, for each platform, window and niche: its own, or that of the pool."""
    pooled = fits.niches.lazy().filter(niche=POOL).drop("niche")
    own = fits.niches.lazy().filter(pl.col("niche") != POOL).rename({name: f"own_{name}" for name in OF_NICHE})
    no_fit = pl.when(pl.col("between").is_null()).then(pl.coalesce("fit_reason", pl.lit("no_prior")))
    return (
        cells.join(fits.populations.lazy(), on=POPULATION, how="left")
        .join(pooled, on=POPULATION, how="left")
        .join(own, on=LABELS, how="left")
        .with_columns(pl.col("own_effect").is_null().alias("is_pooled"), no_fit.alias("fit_reason"))
        .with_columns(pl.coalesce(f"own_{name}", name).alias(name) for name in OF_NICHE)
        .drop(f"own_{name}" for name in OF_NICHE)
    )


def _digits(value: float) -> float:
    return float(f"{value:.{DIGITS}g}")

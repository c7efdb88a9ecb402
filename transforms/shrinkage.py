"""Rates of accounts drawn towards what their size and niche lead one to expect, with intervals that hold.

One lucky post says little of the next ones. The posts of an account scatter, and accounts scatter around what is usual;
both are estimated from all accounts of a platform and window (`stats/hierarchy.py`), and tell how much an account's own
posts weigh. docs/statistics.md explains it.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl

from schemas.columns import RATIO_MAX
from transforms.log_rates import LOG_RATES
from transforms.stats.hierarchy import Line, Sample, line_of, scatter_of
from transforms.stats.intervals import t_quantile

ACCOUNTS_MIN = 20
NICHE_MIN = 10
# What all estimates are rounded to: a processor or library that adds in another order differs far behind these digits.
DIGITS = 10
POPULATION = ["platform", "time_window"]
LABELS = [*POPULATION, "niche"]
# Names no niche, which is never empty.
POOL = ""
# Quantiles beyond it are those of fewer degrees of freedom than posts can have, and would end in no number.
QUANTILE_MAX = 1e6

OF_POPULATION = (
    "size_mean", "size_spread", "size_low", "size_high", "slope", "bend", "var_slope", "cov_slope_bend", "var_bend",
    "between", "common_variance", "common_freedom", "freedom_of_all", "smear_factor",
)  # fmt: skip
OF_NICHE = ("effect", "effect_variance", "centre", "centre_square")
FIT_SCHEMA = (
    dict.fromkeys(POPULATION, pl.Categorical()) | {"fit_reason": pl.String} | dict.fromkeys(OF_POPULATION, pl.Float64)
)
NICHE_SCHEMA = dict.fromkeys(LABELS, pl.Categorical()) | dict.fromkeys(OF_NICHE, pl.Float64)
ESTIMATES = (
    "prior", "shrunk", "shrunk_low", "shrunk_high", "next_low", "next_high", "shrunk_weight", "post_sd_log",
)  # fmt: skip


@dataclass(frozen=True)
class Fits:
    """What is fitted to each platform and window, and in them to each niche; `niche` POOL is for all others."""

    populations: pl.DataFrame
    niches: pl.DataFrame


def with_shrunk_rates(engagement: pl.DataFrame) -> pl.DataFrame:
    """`account_engagement` with the shrunk rates, what they are drawn towards, and the intervals of mean and next post.

    Takes the log rates of posts beside its columns (LOG_RATES) and leaves them out.
    """
    followers = pl.col("followers_count").cast(pl.Float64)
    # Few columns go through the joins; what is found of them stands in the order of the rows.
    rows = engagement.select(
        pl.col(LABELS).cast(pl.Categorical),
        "reason",
        pl.when(pl.col("reason").is_null()).then(pl.col("log_count", "log_mean", "log_variance", "smear")),
        pl.coalesce("size", pl.when(followers > 0).then(followers.log())),
    )
    found = with_estimates(rows.lazy(), fits_of(rows)).select(
        pl.col("prior").alias("engagement_rate_prior"),
        pl.col("shrunk", "shrunk_low", "shrunk_high", "next_low", "next_high").name.prefix("engagement_rate_"),
        "shrunk_weight",
        "post_sd_log",
        "is_prior_niche_pooled",
        pl.coalesce("reason", "fit_reason").alias("shrunk_reason"),
    )
    return engagement.drop(LOG_RATES).hstack(found.collect())


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
    several = counts > 1
    smear = float((sample["smear"].to_numpy() * counts)[several].sum() / counts[several].sum())
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


def with_estimates(rows: pl.LazyFrame, fits: Fits) -> pl.LazyFrame:
    """Rows of accounts with ESTIMATES, `is_prior_niche_pooled` and `fit_reason`, in their order."""
    cells = _cells(rows.select(LABELS).unique(), fits)
    fitted = rows.join(cells, on=LABELS, how="left", maintain_order="left").with_columns(_expected())
    is_pooled = pl.when(pl.col("prior").is_not_null()).then("is_pooled")
    return (
        with_posterior(fitted)
        .with_columns(is_pooled.alias("is_prior_niche_pooled"))
        .drop(*OF_POPULATION, *OF_NICHE, "is_pooled", "expected", "prior_variance", "mu", "mu_sd")
    )


def _cells(cells: pl.LazyFrame, fits: Fits) -> pl.LazyFrame:
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


def _expected() -> list[pl.Expr]:
    """The log rate expected at this size and niche, and how far accounts are from it. Beyond the sizes fitted, as at their
    end."""
    u = (pl.col("size").clip("size_low", "size_high") - pl.col("size_mean")) / pl.col("size_spread")
    x, square = u - pl.col("centre"), u * u - pl.col("centre_square")
    line = pl.col("effect") + pl.col("slope") * u + pl.col("bend") * u * u
    of_slopes = (
        pl.col("var_slope") * x * x + 2 * pl.col("cov_slope_bend") * x * square + pl.col("var_bend") * square * square
    )
    variance = pl.col("between") + pl.col("effect_variance") + of_slopes
    return [line.alias("expected"), variance.alias("prior_variance")]


def with_posterior(rows: pl.LazyFrame) -> pl.LazyFrame:
    """The ESTIMATES of accounts with log_count, log_mean and log_variance, and what is fitted to their population.

    `mu` and `mu_sd` are on the log scale; the mean of rates is `smear_factor` times exp(mu), and the bounds of a next post,
    which is one rate and no mean, are without it.
    """
    sigma, weight, factor = pl.col("post_sd_log"), pl.col("shrunk_weight"), pl.col("smear_factor")
    of_mean = sigma.pow(2) / pl.col("log_count")
    prior = pl.col("prior_variance")
    # Posts that do not scatter at all leave nothing to doubt.
    own_weight = pl.when(of_mean > 0).then(prior / (prior + of_mean)).when(of_mean == 0).then(1.0)
    mu, expected = pl.col("mu"), pl.col("expected")
    of_mu = pl.col("mu_sd") * pl.col("quantile")
    of_next = (pl.col("mu_sd").pow(2) + sigma.pow(2)).sqrt() * pl.col("quantile")
    next_low = (mu - of_next).exp()
    # The log rate of a post without any engagement is that of half a like: a bound that lets it in lets in 0.
    lets_in_none = next_low * pl.col("size").exp() <= 0.5
    rates = {
        "prior": expected.exp() * factor,
        "shrunk": mu.exp() * factor,
        "shrunk_low": (mu - of_mu).exp() * factor,
        "shrunk_high": (mu + of_mu).exp() * factor,
        "next_low": pl.when(lets_in_none).then(0.0).otherwise(next_low),
        "next_high": (mu + of_next).exp(),
    }
    return (
        rows.with_columns(_scatter().alias("post_sd_log"), _quantile().alias("quantile"))
        .with_columns(own_weight.alias("shrunk_weight"))
        .with_columns(
            (expected + weight * (pl.col("log_mean") - expected)).alias("mu"), (weight * of_mean).sqrt().alias("mu_sd")
        )
        .with_columns(rate.clip(0, RATIO_MAX).alias(name) for name, rate in rates.items())
        .with_columns(pl.col(ESTIMATES).round_sig_figs(DIGITS))
        .drop("quantile")
    )


def _scatter() -> pl.Expr:
    """Standard deviation of an account's log rates, its own variance drawn to the common one; of one post the common."""
    own, freedom, common = pl.col("log_count") - 1, pl.col("common_freedom"), pl.col("common_variance")
    of_own = own * pl.when(own > 0).then("log_variance").otherwise(0.0)
    moderated = (freedom * common + of_own) / (freedom + own)
    return pl.when(own >= 0).then(pl.when(freedom.is_null()).then(common).otherwise(moderated)).sqrt()


def _quantile() -> pl.Expr:
    """Student's for 95 %: degrees of freedom are the account's own and those that the common variance is worth, no more
    than all accounts have together."""
    own, all_accounts = pl.col("log_count") - 1, pl.col("freedom_of_all")
    freedom = pl.min_horizontal(pl.col("common_freedom") + own, all_accounts)
    found = freedom.map_batches(t_quantile, return_dtype=pl.Float64, is_elementwise=True).clip(0, QUANTILE_MAX)
    return pl.when(own >= 0).then(found)


def _digits(value: float) -> float:
    return float(f"{value:.{DIGITS}g}")

"""Rates of accounts drawn towards what their size and niche lead one to expect, with intervals that hold.

One lucky post says little of the next ones. The posts of an account scatter, and accounts scatter around what is usual;
both are estimated from all accounts of a platform and window (`stats/hierarchy.py`), and tell how much an account's own
posts weigh. docs/statistics.md explains it.
"""

from typing import TypeAlias

import polars as pl

from schemas.columns import RATIO_MAX, polars_schema
from schemas.shrunk_rates import ShrunkRates
from transforms.log_rates import LOG_RATES, OTHERS, Measure, per_window
from transforms.post_windows import Windows
from transforms.query_keys import HASH, hashed
from transforms.rate_fits import DIGITS, LABELS, OF_NICHE, OF_POPULATION, Fits, cells_of, fits_of
from transforms.stats.intervals import t_quantile

ACCOUNT = ["platform", "account_id"]
PlatformsOf: TypeAlias = dict[Measure, pl.Series]
# Quantiles beyond it are those of fewer degrees of freedom than posts can have, and would end in no number.
QUANTILE_MAX = 1e6
ESTIMATES = (
    "prior", "shrunk", "shrunk_low", "shrunk_high", "next_low", "next_high", "shrunk_weight", "post_sd_log",
)  # fmt: skip


def with_shrunk_rates(engagement: pl.DataFrame) -> pl.DataFrame:
    """`account_engagement` with the shrunk rates, what they are drawn towards, and the intervals of mean and next post.

    Takes the log rates of posts beside its columns (LOG_RATES) and leaves them out.
    """
    followers = pl.col("followers_count").cast(pl.Float64)
    # Few columns go through the joins; what is found of them stands in the order of the rows, which costs five times as
    # much where a join streams.
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
    return engagement.drop(LOG_RATES).hstack(found.collect(engine="in-memory"))


def to_shrunk_rates(engagement: pl.LazyFrame, windows: Windows, others: PlatformsOf) -> pl.DataFrame:
    """The mart `shrunk_rates`: the same for the `others`, rates that platforms have in place of engagement by followers.

    Takes `account_engagement`.
    """
    found = [_of_other_rate(engagement, windows, measure, platforms) for measure, platforms in others.items()]
    return pl.concat(found) if found else polars_schema(ShrunkRates).to_frame()


def _of_other_rate(engagement: pl.LazyFrame, windows: Windows, measure: Measure, platforms: pl.Series) -> pl.DataFrame:
    own = pl.concat(
        rows.with_columns(pl.lit(name).alias("time_window")) for name, rows in per_window(windows, measure).items()
    )
    rows = (
        engagement.filter(pl.col("platform").is_in(platforms.implode()), pl.col(measure.name).is_not_null())
        .select(*ACCOUNT, hashed(ACCOUNT), "time_window", "niche")
        .join(own, on=[HASH, "time_window"])
        .with_columns(pl.col(LABELS).cast(pl.Categorical))
        .collect()
    )
    return with_estimates(rows.lazy(), fits_of(rows)).select(
        pl.col("platform").cast(pl.String),
        "account_id",
        pl.col("time_window").cast(pl.String),
        pl.lit(measure.name).alias("rate"),
        pl.col("log_count").alias("post_known_count"),
        pl.col("shrunk", "shrunk_low", "shrunk_high", "next_low", "next_high", "prior").name.prefix("rate_"),
        "shrunk_weight",
        "post_sd_log",
        "is_prior_niche_pooled",
        pl.col("fit_reason").alias("shrunk_reason"),
    ).collect()  # fmt: skip


def platforms_of_others(engagement: pl.LazyFrame) -> PlatformsOf:
    """Other rates than engagement by followers, each with the platforms that have it in place of that; none without any."""
    found = {measure: _platforms_with(engagement, measure) for measure in OTHERS}
    return {measure: platforms for measure, platforms in found.items() if len(platforms)}


def _platforms_with(engagement: pl.LazyFrame, measure: Measure) -> pl.Series:
    """Platforms most of whose accounts with this rate have no engagement rate by followers."""
    of_all_time = engagement.filter(pl.col(measure.name).is_not_null(), pl.col("time_window") == "all_time")
    most = pl.col("engagement_rate_by_followers").is_null().mean() > 0.5
    return of_all_time.group_by("platform").agg(most.alias("most")).filter("most").collect().get_column("platform")


def with_estimates(rows: pl.LazyFrame, fits: Fits) -> pl.LazyFrame:
    """Rows of accounts with ESTIMATES, `is_prior_niche_pooled` and `fit_reason`, in their order.

    On the log scale, `expected` is what size and niche lead to expect and `mu` what the account's posts make of it.
    """
    cells = cells_of(rows.select(LABELS).unique(), fits)
    fitted = rows.join(cells, on=LABELS, how="left", maintain_order="left").with_columns(_expected())
    is_pooled = pl.when(pl.col("prior").is_not_null()).then("is_pooled")
    return (
        with_posterior(fitted)
        .with_columns(is_pooled.alias("is_prior_niche_pooled"))
        .drop(*OF_POPULATION, *OF_NICHE, "is_pooled", "prior_variance", "mu_sd")
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

    `mu` and `mu_sd` are on the log scale. The mean of rates is larger than exp(mu) by the smearing factor of all posts,
    `smear_factor`; of an account whose posts scatter less than is common it is the nearer to 1, as posts that are all alike
    have their mean as median. The bounds of a next post, which is one rate and no mean, are without it.
    """
    sigma, weight = pl.col("post_sd_log"), pl.col("shrunk_weight")
    # Not the other way round: logarithms that scatter more than is common are no bell, and their means not so much larger.
    common = pl.col("common_variance")
    of_common = pl.when(common > 0).then(pl.min_horizontal(1.0, sigma.pow(2) / common)).otherwise(1.0)
    factor = (pl.col("smear_factor").log() * of_common).exp()
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
        "prior": expected.exp() * pl.col("smear_factor"),
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

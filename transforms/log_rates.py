"""Posts to the logarithms of their rates, and these to the few numbers of an account that its shrunk rate is made of."""

from dataclasses import dataclass

import polars as pl

from transforms.exposure import EXPOSURES
from transforms.post_windows import Windows
from transforms.query_keys import HASH
from transforms.stats.exact_sums import deviation, exact_list_mean, exact_mean

# Followers of an account as counted for a post; its `followers_count` are those of now.
FOLLOWERS = "followers_of_post"
# No logarithm of a rate is as far from 0: counts and followers end at 10^12.
LARGEST = 40.0
LOG_RATES = ("log_count", "log_mean", "log_variance", "size", "smear")


@dataclass(frozen=True)
class Measure:
    """A rate of a post: what was done over who could do it. `name` is the column of `account_engagement` it stands in."""

    name: str
    done: str
    over: str


ENGAGEMENT = Measure("engagement_rate_by_followers", "engagement_count", FOLLOWERS)
OTHERS = (
    Measure("like_rate_by_followers", "like_count", FOLLOWERS),
    *(Measure(exposure.rate, exposure.interactions, exposure.seen) for exposure in EXPOSURES),
)


def posts_to_log_rates(measured: pl.LazyFrame, measure: Measure) -> pl.LazyFrame:
    """Each post with y = log((k + 1/2) / n) and the log of n; null where either count is.

    Half a count more, so that posts without any engagement have a logarithm too.
    """
    over = pl.when(pl.col(measure.over) > 0).then(measure.over).cast(pl.Float64).log()
    y = (pl.col(measure.done) + 0.5).log() - over
    if measure.over not in measured.collect_schema():
        return measured.clear().select(HASH, "post_id", y=pl.lit(1.0), size=pl.lit(1.0))
    return measured.select(HASH, "post_id", y.alias("y"), over.alias("size"))


def per_window(windows: Windows, measure: Measure) -> dict[str, pl.LazyFrame]:
    """The log rates of each account's posts (__key and LOG_RATES) by the name of the window."""
    return windows.figures(f"log_rates_{measure.done}", lambda posts: per_account(posts_to_log_rates(posts, measure)))


def per_account(rows: pl.LazyFrame) -> pl.LazyFrame:
    """Posts, mean and variance (n - 1) of log rates, mean log denominator and mean exp(residual), per account with any.

    Residuals are made as large as those from the true mean would be: times the root of n / (n - 1).
    """
    known = rows.select(HASH, "y", "size").drop_nulls("y")
    y = pl.col("y")
    own = known.group_by(HASH).agg(
        pl.len().cast(pl.Int64).alias("log_count"),
        exact_mean(y, largest=LARGEST).alias("log_mean"),
        exact_mean(y * y, largest=LARGEST**2).alias("square"),
        exact_mean(pl.col("size"), largest=LARGEST).alias("size"),
        # A list of an account's posts costs half of joining them to its mean.
        y.alias("ys"),
    )
    count, mean = pl.col("log_count").cast(pl.Float64), pl.col("log_mean")
    # Of one post there is no smear, but its list is worked out with the others.
    residuals = (pl.col("ys") - mean) * (count / (count - 1).clip(1)).sqrt()
    factors = residuals.list.eval(pl.element().clip(upper_bound=LARGEST).exp())
    return (
        own.with_columns(
            deviation(count, mean, pl.col("square")).pow(2).alias("log_variance"), factors.alias("factors")
        )
        .with_columns(pl.when(pl.col("log_count") > 1).then(exact_list_mean(pl.col("factors"))).alias("smear"))
        .select(HASH, *LOG_RATES)
    )

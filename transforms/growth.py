"""Growth of an account from one dated observation of its followers to the next, and how unusual each gain was."""

from datetime import timedelta

import polars as pl

from transforms.query_keys import HASH, hashed, split_repeated

ACCOUNT = ["platform", "account_id"]
DAY = timedelta(days=1)
# A gain within minutes, scaled up to a day, would look like a spike. Daily observations come a little early or late.
DAYS_MIN = 0.5
GAINS_MIN = 5
# Makes the median deviation of normally distributed gains one standard deviation.
TO_DEVIATIONS = 0.6745
# Gains that are equal but for their last digits have no spread.
ROUNDING = 1e-9
EMPTY = {
    "previous_observed_at": pl.Datetime("us"),
    "previous_followers_count": pl.Int64(),
    "days_between": pl.Float64(),
    "follower_growth_rate": pl.Float64(),
    "followers_gained_per_day": pl.Float64(),
    "growth_spike_score": pl.Float64(),
}


def snapshots_with_growth(snapshots: pl.LazyFrame) -> pl.LazyFrame:
    """The mart `account_snapshots`. Accounts that were counted once have nothing to compare, and cost nothing."""
    is_counted = pl.col("observed_at").is_not_null() & pl.col("followers_count").is_not_null()
    once, again, _ = split_repeated(snapshots.filter(is_counted), ACCOUNT)
    apart = pl.concat([snapshots.filter(~is_counted), once]).with_columns(
        *(pl.lit(None, dtype).alias(name) for name, dtype in EMPTY.items()), pl.lit(None, pl.UInt32).alias("__gains")
    )
    compared = _scored(_compared(again)).select(apart.collect_schema().names())
    return (
        pl.concat([apart, compared])
        .with_columns(
            is_rounded(pl.col("followers_count")).alias("is_followers_rounded"),
            _growth_reason().alias("growth_reason"),
        )
        .with_columns(_spike_reason().alias("spike_reason"))
    )


def _compared(counted: pl.LazyFrame) -> pl.LazyFrame:
    """Each observation beside the one before it of the same account."""
    is_same = pl.col(HASH) == pl.col(HASH).shift(1)
    at, followers = pl.col("observed_at"), pl.col("followers_count")
    before, had = pl.col("previous_observed_at"), pl.col("previous_followers_count")
    gained, span = (followers - had).cast(pl.Float64), (at - before).dt.total_microseconds()
    days = span / (DAY / timedelta(microseconds=1))
    return (
        counted.with_columns(hashed(ACCOUNT))
        .sort(HASH, "observed_at")
        .with_columns(
            pl.when(is_same).then(at.shift(1)).alias("previous_observed_at"),
            pl.when(is_same).then(followers.shift(1)).alias("previous_followers_count"),
        )
        .with_columns(
            days.alias("days_between"),
            pl.when(had > 0).then(gained / had).alias("follower_growth_rate"),
            # Multiplied first, so that equal gains over equal spans are equal to the last digit.
            pl.when(days >= DAYS_MIN)
            .then(gained * (DAY / timedelta(microseconds=1)) / span)
            .alias("followers_gained_per_day"),
        )
    )


def _scored(compared: pl.LazyFrame) -> pl.LazyFrame:
    """Each gain as a robust z: its distance from the account's median gain in median distances."""
    gain, median, spread = pl.col("followers_gained_per_day"), pl.col("__median"), pl.col("__spread")
    is_spread = spread > ROUNDING * (1 + median.abs())
    return (
        compared.with_columns(gain.count().over(HASH).alias("__gains"), gain.median().over(HASH).alias("__median"))
        .with_columns((gain - median).abs().median().over(HASH).alias("__spread"))
        .with_columns(
            pl.when(is_spread & (pl.col("__gains") >= GAINS_MIN))
            .then(TO_DEVIATIONS * (gain - median) / spread)
            .alias("growth_spike_score")
        )
    )


def is_rounded(followers: pl.Expr) -> pl.Expr:
    """From 1,000 on, three significant digits at most: as YouTube and short forms such as 12.3K show them."""
    ends_in_zeros = ((followers % 10**zeros == 0) & (followers < 10 ** (zeros + 3)) for zeros in range(1, 11))
    return (followers >= 1_000) & pl.any_horizontal(ends_in_zeros)


def _growth_reason() -> pl.Expr:
    """Why there is no growth rate, the first that applies."""
    return (
        pl.when(pl.col("observed_at").is_null()).then(pl.lit("undated"))
        .when(pl.col("followers_count").is_null()).then(pl.lit("no_followers"))
        .when(pl.col("previous_observed_at").is_null()).then(pl.lit("first_observation"))
        .when(pl.col("previous_followers_count") == 0).then(pl.lit("from_zero"))
    )  # fmt: skip


def _spike_reason() -> pl.Expr:
    """Why there is no spike score; a gain that started from zero has one."""
    return (
        pl.when(pl.col("previous_observed_at").is_null()).then("growth_reason")
        .when(pl.col("followers_gained_per_day").is_null()).then(pl.lit("too_close"))
        .when(pl.col("__gains") < GAINS_MIN).then(pl.lit("few_gains"))
        .when(pl.col("growth_spike_score").is_null()).then(pl.lit("no_spread"))
    )  # fmt: skip

"""Account observations to the current state of each account, its history, and what disagrees."""

from datetime import datetime

import polars as pl

from transforms.niches import normalise_niche
from transforms.tiers import default_tier_of

KEY = ["platform", "account_id"]
COUNTS = ["followers_count", "follows_count", "media_count"]
TEXTS = ["username", "display_name", "niche", "country"]
NEWEST_NON_NULL = ["username", "display_name", "niche", "follows_count", "media_count", "is_verified", "country"]


def seen_by(observations: pl.LazyFrame, as_of: datetime | None) -> pl.LazyFrame:
    """Observations not later than as_of, the undated ones included."""
    if as_of is None:
        return observations
    return observations.filter(pl.col("observed_at").is_null() | (pl.col("observed_at") <= as_of))


def observations_to_snapshots(observations: pl.LazyFrame) -> pl.LazyFrame:
    """One row per account and time. Where exports disagree: the larger count, the greater text, true."""
    return observations.group_by([*KEY, "observed_at"]).agg(pl.col(*TEXTS, *COUNTS, "is_verified").max())


def snapshots_to_accounts(snapshots: pl.LazyFrame) -> pl.LazyFrame:
    """The mart `accounts`: followers from the newest observation that has them, the rest newest non-null."""
    newest_first = pl.col("observed_at").fill_null(datetime(1, 1, 1))

    def newest(name: str) -> pl.Expr:
        return pl.col(name).sort_by(newest_first, descending=True).drop_nulls().first()

    has_followers = pl.col("followers_count").is_not_null()
    single = pl.len() == 1
    grouped = snapshots.group_by(KEY).agg(
        # An account seen once, the common case, needs no sorting.
        pl.when(single).then(pl.col("followers_count").first()).otherwise(newest("followers_count")).alias("followers_count"),
        pl.col("observed_at").filter(has_followers).max().alias("observed_with_followers"),
        pl.col("observed_at").max().alias("observed_newest"),
        *(newest(name).alias(name) for name in NEWEST_NON_NULL),
    )
    return grouped.with_columns(
        normalise_niche(pl.col("niche")).alias("niche"),
        pl.col("niche").alias("niche_raw"),
        default_tier_of(pl.col("followers_count")).alias("tier"),
        pl.coalesce("observed_with_followers", "observed_newest").alias("observed_at"),
    )


def with_accounts_of_posts(snapshots: pl.LazyFrame, posts: pl.LazyFrame) -> pl.LazyFrame:
    """The snapshots, and an empty undated one for each account that is known by its posts alone."""
    strangers = posts.select(KEY).unique().join(snapshots.select(KEY), on=KEY, how="anti")
    return pl.concat([snapshots, strangers], how="diagonal")


def observations_to_conflicts(observations: pl.LazyFrame) -> pl.LazyFrame:
    """Rows of `data_quality`: observations of one account at one time that disagree."""
    columns = [*COUNTS, *TEXTS]
    disagreeing = (
        observations.group_by([*KEY, "observed_at"])
        .agg(pl.len().alias("n"), *(pl.col(name).cast(pl.String).drop_nulls().unique().sort() for name in columns))
        .filter(pl.col("n") > 1)
        .drop("n")
        .unpivot(index=[*KEY, "observed_at"], on=columns, variable_name="column_name", value_name="values")
        .filter(pl.col("values").list.len() > 1)
    )
    return disagreeing.select(
        *KEY,
        pl.lit(None, pl.String).alias("post_id"),
        pl.lit("conflicting_observations").alias("issue"),
        "observed_at",
        "column_name",
        pl.col("values").list.head(5).list.join(" / ").alias("detail"),
    )

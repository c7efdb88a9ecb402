"""Account observations to the history of each account and its current state."""

from datetime import datetime

import polars as pl

from transforms.niches import normalise_niche
from transforms.query_keys import HASH, hashed, split_repeated
from transforms.tiers import default_tier_of

KEY = ["platform", "account_id"]
COUNTS = ["followers_count", "follows_count", "media_count"]
TEXTS = ["username", "display_name", "niche", "country"]
FACTS = [*COUNTS, *TEXTS, "is_verified"]


def observations_to_snapshots(observations: pl.LazyFrame) -> pl.LazyFrame:
    """One row per account and time. Where exports disagree: the larger count, the greater text, true."""
    columns = [*KEY, "observed_at", *FACTS]
    once, repeated = split_repeated(observations, [*KEY, "observed_at"])
    settled = repeated.group_by([*KEY, "observed_at"]).agg(pl.col(FACTS).max())
    return pl.concat([once.select(columns), settled.select(columns)])


def with_accounts_of(snapshots: pl.LazyFrame, *others: pl.LazyFrame) -> pl.LazyFrame:
    """The snapshots, and an empty undated one for each account that is known by its posts or followers alone."""
    known = snapshots.select(hashed(KEY))
    named = pl.concat(other.select(*KEY, hashed(KEY)) for other in others)
    strangers = named.join(known, on=HASH, how="anti").select(KEY).unique()
    return pl.concat([snapshots, strangers], how="diagonal")


def snapshots_to_accounts(snapshots: pl.LazyFrame) -> pl.LazyFrame:
    """The mart `accounts`: followers from the newest observation that has them, the rest newest non-null."""
    once, repeated = split_repeated(snapshots, KEY)
    newest_first = pl.col("observed_at").fill_null(datetime(1, 1, 1))
    has_followers = pl.col("followers_count").is_not_null()
    settled = repeated.group_by(KEY).agg(
        *(pl.col(name).sort_by(newest_first, descending=True).drop_nulls().first() for name in FACTS),
        pl.when(has_followers.any())
        .then(pl.col("observed_at").filter(has_followers).max())
        .otherwise(pl.col("observed_at").max()),
    )
    columns = [*KEY, *FACTS, "observed_at"]
    return pl.concat([once.select(columns), settled.select(columns)]).with_columns(
        normalise_niche(pl.col("niche")).alias("niche"),
        pl.col("niche").alias("niche_raw"),
        default_tier_of(pl.col("followers_count")).alias("tier"),
    )

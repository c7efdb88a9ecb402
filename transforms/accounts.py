"""Account observations to the history of each account and its current state."""

from datetime import datetime

import polars as pl

from schemas.niches import DELIVERED, NONE
from transforms.niches import UNKNOWN, normalise_niche
from transforms.query_keys import HASH, hashed, split_repeated
from transforms.tiers import default_tier_of

KEY = ["platform", "account_id"]
COUNTS = ["followers_count", "follows_count", "media_count"]
TEXTS = ["username", "display_name", "niche", "country"]
FACTS = [*COUNTS, *TEXTS, "is_verified"]
NICHE_AT = "niche_observed_at"


def observations_to_snapshots(observations: pl.LazyFrame) -> pl.LazyFrame:
    """One row per account and time. Where exports disagree: the larger count, the greater text, true."""
    columns = [*KEY, "observed_at", *FACTS]
    once, repeated, _ = split_repeated(observations, [*KEY, "observed_at"])
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
    once, repeated, _ = split_repeated(snapshots, KEY)
    newest_first = pl.col("observed_at").fill_null(datetime(1, 1, 1))
    has_followers = pl.col("followers_count").is_not_null()
    settled = repeated.group_by(KEY).agg(
        *(pl.col(name).sort_by(newest_first, descending=True).drop_nulls().first() for name in FACTS),
        pl.when(has_followers.any())
        .then(pl.col("observed_at").filter(has_followers).max())
        .otherwise(pl.col("observed_at").max()),
        pl.col("observed_at").filter(pl.col("niche").is_not_null()).max().alias(NICHE_AT),
    )
    columns = [*KEY, *FACTS, "observed_at", NICHE_AT]
    once = once.with_columns(pl.when(pl.col("niche").is_not_null()).then("observed_at").alias(NICHE_AT))
    niche, delivered = normalise_niche(pl.col("niche")), pl.col("niche").alias("niche_delivered")
    return pl.concat([once.select(columns), settled.select(columns)]).with_columns(
        niche.alias("niche"),
        pl.col("niche").alias("niche_raw"),
        delivered,
        pl.when(niche == UNKNOWN).then(pl.lit(NONE)).otherwise(pl.lit(DELIVERED)).alias("niche_basis"),
        pl.lit(None, pl.String).alias("creator"),
        default_tier_of(pl.col("followers_count")).alias("tier"),
    )

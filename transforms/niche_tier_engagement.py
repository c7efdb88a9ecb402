"""Engagement of accounts to engagement per niche and tier, and to its two margins."""

from collections.abc import Sequence

import polars as pl

from schemas.tiers import SCHEMES
from transforms.stats.exact_sums import exact_mean, exact_total
from transforms.tiers import tier_names, tier_rank_of

RATE = "engagement_rate_by_followers"
LABELS = ["platform", "niche", "time_window"]
MEASURES = ["followers_count", "post_count", "post_known_count", "like_rate_by_followers", RATE]


def by_rate(engagement: pl.DataFrame) -> pl.DataFrame:
    """Engagement of accounts made ready for the three aggregates, which take medians of one column over and over.

    In the order of its rates, quantiles cost half; labels as small numbers group faster than text, and millions of
    rows share a few hundred cells.
    """
    return engagement.select(pl.col(LABELS).cast(pl.Categorical), *MEASURES).sort(RATE)


def to_niche_tier_engagement(by_rate: pl.DataFrame) -> pl.DataFrame:
    """The mart `niche_tier_engagement`, under every scheme."""
    return _per_scheme(by_rate, ["platform", "niche", "time_window"])


def to_tier_engagement(by_rate: pl.DataFrame) -> pl.DataFrame:
    """The mart `tier_engagement`, under every scheme."""
    return _per_scheme(by_rate, ["platform", "time_window"])


def to_niche_engagement(by_rate: pl.DataFrame) -> pl.DataFrame:
    """The mart `niche_engagement`."""
    return _aggregate(by_rate.lazy(), ["platform", "niche", "time_window"]).collect()


def _per_scheme(by_rate: pl.DataFrame, cell: Sequence[str]) -> pl.DataFrame:
    tiered = (
        _aggregate(
            by_rate.lazy().with_columns(tier_rank_of(pl.col("followers_count"), scheme).alias("tier")), [*cell, "tier"]
        ).with_columns(tier_names(pl.col("tier"), scheme).alias("tier"), pl.lit(scheme.name).alias("scheme"))
        for scheme in SCHEMES
    )
    return pl.concat(tiered).collect()


def _aggregate(by_rate: pl.LazyFrame, cell: Sequence[str]) -> pl.LazyFrame:
    """Distribution over accounts of their own mean rates; follower figures over all listed accounts."""
    rate, followers = pl.col(RATE), pl.col("followers_count")
    return (
        by_rate.group_by(cell)
        .agg(
            rate.count().cast(pl.Int64).alias("account_count"),
            pl.len().cast(pl.Int64).alias("account_listed_count"),
            pl.col("post_count").sum(),
            pl.col("post_known_count").sum(),
            # In 128 bits, and back with a check: a 64-bit sum that is too large would turn negative without a word.
            pl.when(followers.count() > 0).then(exact_total(followers).cast(pl.Int64)).alias("followers_count_sum"),
            followers.mean().alias("followers_count_mean"),
            followers.median().alias("followers_count_median"),
            exact_mean(pl.col("like_rate_by_followers")).alias("like_rate_by_followers_mean"),
            exact_mean(rate).alias(f"{RATE}_mean"),
            rate.median().alias(f"{RATE}_median"),
            rate.quantile(0.25, interpolation="linear").alias(f"{RATE}_p25"),
            rate.quantile(0.75, interpolation="linear").alias(f"{RATE}_p75"),
        )
        .with_columns(pl.col(name).cast(pl.String) for name in cell if name in LABELS)
    )

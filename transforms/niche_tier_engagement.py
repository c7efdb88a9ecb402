"""Engagement of accounts to engagement per niche and tier, and to its two margins."""

from collections.abc import Sequence

import polars as pl

from transforms.exact import exact_mean
from transforms.tiers import SCHEMES, tier_names, tier_rank_of

RATE = "engagement_rate_by_followers"
LABELS = ["platform", "niche", "time_window"]


def to_niche_tier_engagement(engagement: pl.LazyFrame) -> pl.LazyFrame:
    """The mart `niche_tier_engagement`, under every scheme."""
    return _per_scheme(engagement, ["platform", "niche", "time_window"])


def to_tier_engagement(engagement: pl.LazyFrame) -> pl.LazyFrame:
    """The mart `tier_engagement`, under every scheme."""
    return _per_scheme(engagement, ["platform", "time_window"])


def to_niche_engagement(engagement: pl.LazyFrame) -> pl.LazyFrame:
    """The mart `niche_engagement`."""
    return _aggregate(_coded(engagement), ["platform", "niche", "time_window"])


def _coded(engagement: pl.LazyFrame) -> pl.LazyFrame:
    """Labels as small numbers: millions of rows share a few hundred cells, and numbers group faster than text."""
    return engagement.with_columns(pl.col(LABELS).cast(pl.Categorical))


def _per_scheme(engagement: pl.LazyFrame, cell: Sequence[str]) -> pl.LazyFrame:
    coded = _coded(engagement)
    tiered = (
        _aggregate(coded.with_columns(tier_rank_of(pl.col("followers_count"), scheme).alias("tier")), [*cell, "tier"])
        .with_columns(tier_names(pl.col("tier"), scheme).alias("tier"), pl.lit(scheme.name).alias("scheme"))
        for scheme in SCHEMES
    )  # fmt: skip
    return pl.concat(tiered)


def _aggregate(coded: pl.LazyFrame, cell: Sequence[str]) -> pl.LazyFrame:
    """Distribution over accounts of their own mean rates; follower figures over all listed accounts."""
    rate, followers = pl.col(RATE), pl.col("followers_count")
    return (
        coded.group_by(cell)
        .agg(
            rate.count().cast(pl.Int64).alias("account_count"),
            pl.len().cast(pl.Int64).alias("account_listed_count"),
            pl.col("post_count").sum(),
            pl.col("post_known_count").sum(),
            # In 128 bits, and back with a check: a 64-bit sum that is too large would turn negative without a word.
            pl.when(followers.count() > 0)
            .then(followers.cast(pl.Int128).sum().cast(pl.Int64))
            .alias("followers_count_sum"),
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

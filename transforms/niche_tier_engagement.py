"""Engagement of accounts to engagement per niche and tier, and to its two margins."""

from collections.abc import Sequence

import polars as pl

from transforms.tiers import SCHEMES, tier_of

RATE = "engagement_rate_by_followers"


def to_niche_tier_engagement(engagement: pl.LazyFrame) -> pl.LazyFrame:
    """The mart `niche_tier_engagement`, under every scheme."""
    return _per_scheme(engagement, ["platform", "niche", "tier", "time_window"])


def to_tier_engagement(engagement: pl.LazyFrame) -> pl.LazyFrame:
    """The mart `tier_engagement`, under every scheme."""
    return _per_scheme(engagement, ["platform", "tier", "time_window"])


def to_niche_engagement(engagement: pl.LazyFrame) -> pl.LazyFrame:
    """The mart `niche_engagement`."""
    return _aggregate(engagement, ["platform", "niche", "time_window"])


def _per_scheme(engagement: pl.LazyFrame, cell: Sequence[str]) -> pl.LazyFrame:
    tiered = (
        _aggregate(engagement.with_columns(tier_of(pl.col("followers_count"), scheme).alias("tier")), cell).with_columns(
            pl.lit(scheme.name).alias("scheme")
        )
        for scheme in SCHEMES
    )
    return pl.concat(tiered)


def _aggregate(engagement: pl.LazyFrame, cell: Sequence[str]) -> pl.LazyFrame:
    """Distribution over accounts of their own mean rates; follower figures over all listed accounts."""
    rate, followers = pl.col(RATE), pl.col("followers_count")
    return engagement.group_by(cell).agg(
        rate.count().cast(pl.Int64).alias("account_count"),
        pl.len().cast(pl.Int64).alias("account_listed_count"),
        pl.col("post_count").sum(),
        pl.col("post_known_count").sum(),
        pl.when(followers.count() > 0).then(followers.sum()).alias("followers_count_sum"),
        pl.when(followers.count() > 0).then(followers.sum() / followers.count()).alias("followers_count_mean"),
        followers.median().alias("followers_count_median"),
        # Sorted first: the last digit of a float sum depends on the order, and the content must not.
        pl.col("like_rate_by_followers").sort().mean().alias("like_rate_by_followers_mean"),
        rate.sort().mean().alias(f"{RATE}_mean"),
        rate.median().alias(f"{RATE}_median"),
        rate.quantile(0.25, interpolation="linear").alias(f"{RATE}_p25"),
        rate.quantile(0.75, interpolation="linear").alias(f"{RATE}_p75"),
    )

"""Engagement per niche and tier, and its two margins."""

import polars as pl

from schemas.columns import SUM_MAX, Table, column
from schemas.time_windows import TIME_WINDOWS


class EngagementAggregate(Table):
    """The columns the three aggregates share."""

    platform: str = column("Network", "label", key=True)
    time_window: str = column("Which posts count", "label", key=True, isin=TIME_WINDOWS)
    account_count: pl.Int64 = column("Accounts with an engagement rate in the window", "count")
    account_listed_count: pl.Int64 = column("All accounts of the cell", "count")
    post_count: pl.Int64 = column("Posts in the window of the listed accounts", "count")
    post_known_count: pl.Int64 = column("Of them, posts whose engagement rate is known", "count")
    followers_count_sum: pl.Int64 = column(
        "Total reach: followers of the listed accounts", "count", nullable=True, ge=0, le=SUM_MAX
    )
    followers_count_mean: pl.Float64 = column("Mean followers of the listed accounts", "average", nullable=True)
    followers_count_median: pl.Float64 = column("Median followers of the listed accounts", "average", nullable=True)
    like_rate_by_followers_mean: pl.Float64 = column("Mean over accounts of their like rate", "ratio", nullable=True)
    engagement_rate_by_followers_mean: pl.Float64 = column(
        "Mean over accounts of each account's own mean rate", "ratio", nullable=True
    )
    engagement_rate_by_followers_median: pl.Float64 = column(
        "Median over accounts of each account's own mean rate", "ratio", nullable=True
    )
    engagement_rate_by_followers_mean_low: pl.Float64 = column(
        "Lower bound of the 95 % t interval of that mean over accounts, not below 0", "ratio", nullable=True
    )
    engagement_rate_by_followers_mean_high: pl.Float64 = column("Upper bound of it", "ratio", nullable=True)
    engagement_rate_by_followers_median_low: pl.Float64 = column(
        "Lower bound of the 95 % interval of that median: the rate of the account of a lower rank",
        "ratio",
        nullable=True,
    )
    engagement_rate_by_followers_median_high: pl.Float64 = column("Upper bound of it", "ratio", nullable=True)
    interval_reason: str = column(
        "Why both intervals are null: fewer than 5 accounts; or that of the median alone: 5", "label", nullable=True,
        isin=("few_accounts", "few_for_median"),
    )  # fmt: skip
    engagement_rate_by_followers_p25: pl.Float64 = column("First quartile of the same", "ratio", nullable=True)
    engagement_rate_by_followers_p75: pl.Float64 = column("Third quartile of the same", "ratio", nullable=True)


class NicheTierEngagement(EngagementAggregate):
    """One row per platform, niche, scheme, tier and time window."""

    niche: str = column("Normalised topic", "label", key=True)
    scheme: str = column("Tier scheme", "label", key=True)
    tier: str = column(
        "Tier under the scheme; null without followers or below the scheme", "label", nullable=True, key=True
    )

"""Rates drawn towards what size and niche lead to expect, where a platform has no engagement rate by followers."""

import polars as pl

from schemas.columns import Table, column
from schemas.time_windows import TIME_WINDOWS

RATES = ("like_rate_by_followers", "engagement_rate_by_views", "engagement_rate_by_reach")
SHRUNK_REASONS = ("no_prior", "scatter_unknown")


class ShrunkRates(Table):
    """One row per account, time window and rate, of platforms where most accounts have this rate and not engagement by followers.

    Platforms that have the engagement rate by followers have its estimates in `account_engagement`, and no row here.
    """

    platform: str = column("Network the account is on", "label", key=True)
    account_id: str = column("The platform's id of the account", "id", key=True)
    time_window: str = column("Which posts count", "label", key=True, isin=TIME_WINDOWS)
    rate: str = column("Which rate: a column of account_engagement", "label", key=True, isin=RATES)
    post_known_count: pl.Int64 = column("Posts whose rate is known", "count")
    rate_shrunk: pl.Float64 = column(
        "The rate to expect on average of posts like these, drawn towards that of similar accounts",
        "ratio",
        nullable=True,
    )
    rate_shrunk_low: pl.Float64 = column("Lower bound of the 95 % interval of that mean", "ratio", nullable=True)
    rate_shrunk_high: pl.Float64 = column("Upper bound of it", "ratio", nullable=True)
    rate_next_low: pl.Float64 = column("Lower bound of the 95 % interval of one next post", "ratio", nullable=True)
    rate_next_high: pl.Float64 = column("Upper bound of it", "ratio", nullable=True)
    rate_prior: pl.Float64 = column("The rate it is drawn towards", "ratio", nullable=True)
    shrunk_weight: pl.Float64 = column(
        "How much the account's own posts count", "ratio", nullable=True, in_range={"min_value": 0, "max_value": 1}
    )
    post_sd_log: pl.Float64 = column(
        "Standard deviation of the natural logarithms of its posts' rates", "ratio", nullable=True
    )
    is_prior_niche_pooled: pl.Boolean = column(
        "The niche has fewer than 10 accounts, and the prior is not its own", "flag", nullable=True
    )
    shrunk_reason: str = column("Why the shrunk rate is null", "label", nullable=True, isin=SHRUNK_REASONS)

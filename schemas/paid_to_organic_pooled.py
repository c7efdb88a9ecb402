"""What being paid does to accounts of a size, all of them together."""

import polars as pl

from schemas.account_engagement import PAID_RATIO_MAX
from schemas.columns import Table, column
from schemas.time_windows import TIME_WINDOWS

ALL_TIERS = "(all)"
POOLED_REASONS = ("few_accounts", "no_spread")


def _ratio(description: str) -> pl.Float64:
    ratio: pl.Float64 = column(description, "ratio", nullable=True, ge=0, le=PAID_RATIO_MAX)
    return ratio


class PaidToOrganicPooled(Table):
    """One row per platform, time window and tier (and all): sponsored posts beside organic ones, over accounts that have both."""

    platform: str = column("Network", "label", key=True)
    time_window: str = column("Which posts count", "label", key=True, isin=TIME_WINDOWS)
    tier: str = column(
        "Tier of the default scheme; (all) for all accounts together, those without a tier among them",
        "label",
        key=True,
    )
    account_count: pl.Int64 = column("Accounts pooled: those with a paid_to_organic_ratio above 0", "count")
    account_left_out_count: pl.Int64 = column(
        "Accounts left out, whose paid_to_organic_ratio is 0 and has no logarithm", "count"
    )
    sponsored_known_count: pl.Int64 = column("Sponsored posts of known rate of the accounts pooled", "count")
    organic_known_count: pl.Int64 = column("Organic posts of known rate of the accounts pooled", "count")
    paid_to_organic_ratio: pl.Float64 = _ratio(
        "Geometric mean over accounts of what their paid_to_organic_ratio would be with posts without end; the more posts an"
        " account has and the less they scatter, the more it weighs"
    )
    paid_to_organic_ratio_low: pl.Float64 = _ratio("Lower bound of its 95 % interval (Hartung-Knapp)")
    paid_to_organic_ratio_high: pl.Float64 = _ratio("Upper bound of its 95 % interval (Hartung-Knapp)")
    paid_to_organic_ratio_next_low: pl.Float64 = _ratio(
        "Lower bound of the 95 % interval of the ratio of one further account (Higgins); null below three accounts"
    )
    paid_to_organic_ratio_next_high: pl.Float64 = _ratio("Upper bound of it")
    account_sd_log: pl.Float64 = column(
        "Standard deviation of the natural logarithms of the accounts' ratios beyond the chance of their posts: 0 where"
        " chance explains all differences",
        "ratio",
        nullable=True,
    )
    pooled_reason: str = column("Why the ratio is null", "label", nullable=True, isin=POOLED_REASONS)

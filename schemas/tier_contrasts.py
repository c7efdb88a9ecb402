"""Tiers beside each other: does the smaller one engage more?"""

import polars as pl

from schemas.columns import Table, column
from schemas.time_windows import TIME_WINDOWS

CONTRAST_REASONS = ("few_accounts", "no_spread")


class TierContrasts(Table):
    """One row per platform, niche (and all), scheme, time window and two of its tiers, the smaller one first."""

    platform: str = column("Network", "label", key=True)
    niche: str = column("Normalised topic; (all) for all niches together", "label", key=True)
    scheme: str = column("Tier scheme", "label", key=True)
    time_window: str = column("Which posts count", "label", key=True, isin=TIME_WINDOWS)
    tier: str = column("The smaller tier", "label", key=True)
    tier_larger: str = column("The larger tier", "label", key=True)
    account_count: pl.Int64 = column("Accounts of the smaller tier with a rate above 0", "count")
    account_count_larger: pl.Int64 = column("Accounts of the larger tier with a rate above 0", "count")
    rate_ratio: pl.Float64 = column(
        "Geometric mean of the rates of the smaller tier over that of the larger: 2 is twice the engagement",
        "ratio",
        nullable=True,
    )
    rate_ratio_low: pl.Float64 = column("Lower bound of its 95 % interval (Welch)", "ratio", nullable=True)
    rate_ratio_high: pl.Float64 = column("Upper bound of its 95 % interval (Welch)", "ratio", nullable=True)
    rate_ratio_p: pl.Float64 = column(
        "Chance of a ratio as far from 1 where the tiers do not differ (Welch's test on logarithms, two-sided)",
        "ratio",
        nullable=True,
    )
    contrast_reason: str = column("Why the ratio is null", "label", nullable=True, isin=CONTRAST_REASONS)

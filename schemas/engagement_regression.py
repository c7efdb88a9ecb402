"""How likes grow with followers, fitted per niche."""

import polars as pl

from schemas.columns import Table, column
from schemas.time_windows import TIME_WINDOWS

REASONS = ("few_accounts", "no_spread", "exact_fit")
BAND_REASONS = ("few_accounts", "no_spread")


class EngagementRegression(Table):
    """One row per platform, niche and time window: log(mean likes) = intercept + slope * log(followers) over accounts.

    The niche `(all)` holds all niches together. Logarithms are natural.
    """

    platform: str = column("Network", "label", key=True)
    niche: str = column("Normalised topic; (all) for all niches together", "label", key=True)
    time_window: str = column("Which posts count", "label", key=True, isin=TIME_WINDOWS)
    account_count: pl.Int64 = column("Accounts fitted: mean likes and followers known and above zero", "count")
    account_left_out_count: pl.Int64 = column(
        "Other accounts: mean likes zero or not known, or followers zero or not known", "count"
    )
    followers_count_min: pl.Int64 = column("Fewest followers of a fitted account", "count", nullable=True)
    followers_count_max: pl.Int64 = column("Most followers of a fitted account", "count", nullable=True)
    log_followers_mean: pl.Float64 = column("Mean of log followers of the fitted accounts", "number", nullable=True)
    log_followers_variance: pl.Float64 = column(
        "Mean squared distance of log followers from their mean", "number", nullable=True
    )
    slope: pl.Float64 = column(
        "Growth of likes with followers: 1 is in proportion, below 1 the like rate falls with size",
        "number",
        nullable=True,
    )
    intercept: pl.Float64 = column("Log likes at one follower, where the line begins", "number", nullable=True)
    slope_standard_error: pl.Float64 = column("Standard error of the slope, HC3", "number", nullable=True)
    slope_low: pl.Float64 = column("Lower end of the slope's 95 % t interval", "number", nullable=True)
    slope_high: pl.Float64 = column("Upper end of the slope's 95 % t interval", "number", nullable=True)
    r_squared: pl.Float64 = column(
        "Share of the variance of log likes that the line explains; null where likes do not vary",
        "ratio",
        nullable=True,
    )
    slope_below_one_t: pl.Float64 = column(
        "(slope - 1) over its standard error, with account_count - 2 degrees of freedom", "number", nullable=True
    )
    slope_below_one_p: pl.Float64 = column(
        "One-sided p value of slope = 1 against slope < 1; where t is negative the two-sided one is twice this",
        "ratio",
        nullable=True,
    )
    smearing_factor: pl.Float64 = column(
        "What turns the median that the line leads one to expect into a mean: times it", "ratio", nullable=True
    )
    predicted_like_rate_1k: pl.Float64 = column(
        "Likes over followers expected at 1,000 (median)", "ratio", nullable=True
    )
    predicted_like_rate_10k: pl.Float64 = column("Likes over followers expected at 10,000", "ratio", nullable=True)
    predicted_like_rate_100k: pl.Float64 = column("Likes over followers expected at 100,000", "ratio", nullable=True)
    predicted_like_rate_1m: pl.Float64 = column(
        "Likes over followers expected at 1,000,000; like the others it may lie outside of the fitted sizes",
        "ratio",
        nullable=True,
    )
    reason: str = column(
        "Why the fit is null; with exact_fit only the test is, every account being on the line",
        "label",
        nullable=True,
        isin=REASONS,
    )
    slope_q10: pl.Float64 = column("Slope of the line a tenth of the accounts lie below", "number", nullable=True)
    intercept_q10: pl.Float64 = column("Intercept of that line", "number", nullable=True)
    slope_q50: pl.Float64 = column("Slope of the line half of the accounts lie below", "number", nullable=True)
    intercept_q50: pl.Float64 = column("Intercept of that line", "number", nullable=True)
    slope_q90: pl.Float64 = column("Slope of the line nine tenths of the accounts lie below", "number", nullable=True)
    intercept_q90: pl.Float64 = column("Intercept of that line", "number", nullable=True)
    are_bands_crossing: pl.Boolean = column(
        "Two of the three lines cross between the fewest and the most followers", "flag", nullable=True
    )
    band_account_count: pl.Int64 = column(
        "Accounts the three lines are drawn through: a fixed sample of 5,000 where there are more",
        "count",
        nullable=True,
    )
    band_reason: str = column("Why the three lines are null", "label", nullable=True, isin=BAND_REASONS)

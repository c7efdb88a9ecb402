"""Where the line of engagement_regression misfits."""

import polars as pl

from schemas.columns import Table, column
from schemas.time_windows import TIME_WINDOWS


class EngagementRegressionTiers(Table):
    """One row per platform, time window and tier of fitted accounts: how far they are from the line over all niches."""

    platform: str = column("Network", "label", key=True)
    time_window: str = column("Which posts count", "label", key=True, isin=TIME_WINDOWS)
    tier: str = column("Tier of the default scheme", "label", key=True)
    account_count: pl.Int64 = column("Accounts fitted", "count")
    residual_mean: pl.Float64 = column(
        "Mean of log likes less the line: 0.1 is about 10 % more than it leads one to expect", "number"
    )
    residual_low: pl.Float64 = column("Lower bound of its 95 % t interval", "number", nullable=True)
    residual_high: pl.Float64 = column("Upper bound of its 95 % t interval", "number", nullable=True)
    is_misfit: pl.Boolean = column(
        "The interval leaves 0 out and the mean is beyond 0.1: the line says too little or too much here", "flag"
    )
    smooth_residual_mean: pl.Float64 = column(
        "The same from the curve that takes the line's place where some tier misfits", "number", nullable=True
    )

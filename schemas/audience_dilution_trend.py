"""The trend of engagement from early to late followers."""

import polars as pl

from schemas.audience import REASONS
from schemas.columns import RATIO_MAX, Table, column
from schemas.time_windows import TIME_WINDOWS

TREND_REASONS = (*REASONS, "few_tenths", "no_engagement", "no_spread")


class AudienceDilutionTrend(Table):
    """One row per account of which a listed follower joined before a dated post: how engagement changes with joining later."""

    platform: str = column("Network the account is on", "label", key=True)
    account_id: str = column("The platform's id of the account", "id", key=True)
    time_window: str = column("all_time: followers and posts are not cut by time", "label", key=True, isin=TIME_WINDOWS)
    followers_known_count: pl.Int64 = column(
        "Listed followers with a follow time and tenths with posts after it", "count"
    )
    engagement_rate_at_risk: pl.Float64 = column(
        "Share of pairs of a follower and a later post in which the follower engaged", "ratio", nullable=True
    )
    trend: pl.Float64 = column(
        "Change of that rate from one tenth of followers to the next, over the rate of all: -0.05 is 5 % less each",
        "ratio", nullable=True, in_range={"min_value": -RATIO_MAX, "max_value": RATIO_MAX},
    )  # fmt: skip
    trend_low: pl.Float64 = column(
        "Lower bound of its 95 % interval",
        "ratio", nullable=True, in_range={"min_value": -RATIO_MAX, "max_value": RATIO_MAX},
    )  # fmt: skip
    trend_high: pl.Float64 = column(
        "Upper bound of its 95 % interval",
        "ratio", nullable=True, in_range={"min_value": -RATIO_MAX, "max_value": RATIO_MAX},
    )  # fmt: skip
    trend_p: pl.Float64 = column(
        "Chance of such a trend or a steeper one where there is none (two-sided)",
        "ratio", nullable=True, in_range={"min_value": 0, "max_value": 1},
    )  # fmt: skip
    trend_reason: str = column("Why the trend is null", "label", nullable=True, isin=TREND_REASONS)

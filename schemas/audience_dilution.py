"""Audience dilution: whether those who joined late engage like those who joined early."""

import polars as pl

from schemas.columns import SUM_MAX, Table, column


class AudienceDilution(Table):
    """One row per account and tenth of its listed followers in the order they joined, where follow times are known."""

    platform: str = column("Network the account is on", "label", key=True)
    account_id: str = column("The platform's id of the account", "id", key=True)
    join_decile: pl.Int64 = column("1 the earliest tenth, 10 the latest", "count", key=True)
    followers_known_count: pl.Int64 = column("Listed followers with a follow time in this tenth", "count")
    engaged_follower_count: pl.Int64 = column("Of them, who liked or commented on any post", "count")
    follower_engagement_rate: pl.Float64 = column(
        "The one over the other; null for the same reasons as in audience. Early followers have seen more posts, so tenths"
        " are not to be compared by it",
        "ratio", nullable=True,
    )  # fmt: skip
    at_risk_count: pl.Int64 = column(
        "Pairs of a follower of this tenth and a post published after the follower joined", "count", ge=0, le=SUM_MAX
    )
    engaged_at_risk_count: pl.Int64 = column(
        "Of them, pairs in which the follower engaged with the post", "count", ge=0, le=SUM_MAX
    )
    engagement_rate_at_risk: pl.Float64 = column(
        "The one over the other: tenths are compared by it; null without such posts, and for the same reasons as in audience",
        "ratio", nullable=True,
    )  # fmt: skip
    engagement_rate_at_risk_low: pl.Float64 = column("Lower bound of its 95 % interval", "ratio", nullable=True)
    engagement_rate_at_risk_high: pl.Float64 = column("Upper bound of its 95 % interval", "ratio", nullable=True)

"""Audience dilution: whether those who joined late engage like those who joined early."""

import polars as pl

from schemas.columns import Table, column


class AudienceDilution(Table):
    """One row per account and tenth of its listed followers in the order they joined, where follow times are known."""

    platform: str = column("Network the account is on", "label", key=True)
    account_id: str = column("The platform's id of the account", "id", key=True)
    join_decile: pl.Int64 = column("1 the earliest tenth, 10 the latest", "count", key=True)
    followers_known_count: pl.Int64 = column("Listed followers with a follow time in this tenth", "count")
    engaged_follower_count: pl.Int64 = column("Of them, who liked or commented on any post", "count")
    follower_engagement_rate: pl.Float64 = column(
        "The one over the other; null for the same reasons as in audience", "ratio", nullable=True
    )

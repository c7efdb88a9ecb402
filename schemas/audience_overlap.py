"""Audience overlap: followers that two accounts share."""

from dataclasses import dataclass

import polars as pl

from schemas.columns import Table, column

# Fewer listed followers make an overlap of chance, and more partners than these a table nobody reads. Both are settings.
LISTED_MIN = 100
PARTNERS_MAX = 50


@dataclass(frozen=True)
class Bounds:
    """How many followers an account must list for its overlaps to be told, and how many of them are, the largest first."""

    listed_min: int = LISTED_MIN
    partners_max: int = PARTNERS_MAX


class AudienceOverlap(Table):
    """One row per account and another one on its platform with shared followers, the largest overlaps of each account.

    What is left out is counted in `audience`, and the bounds in force stand in `run_log`.
    """

    platform: str = column("Network both accounts are on", "label", key=True)
    account_id: str = column("The platform's id of the account", "id", key=True)
    other_account_id: str = column("The account it shares followers with", "id", key=True)
    followers_known_count: pl.Int64 = column("Distinct followers listed of the account", "count")
    other_followers_known_count: pl.Int64 = column("Distinct followers listed of the other", "count")
    shared_follower_count: pl.Int64 = column("Followers of both; an estimate where sampling_rate is below 1", "count")
    overlap_jaccard: pl.Float64 = column("Shared over the followers of either", "ratio")
    overlap_containment: pl.Float64 = column("Shared over the followers of the smaller", "ratio")
    sampling_rate: pl.Float64 = column("Share of members the count comes from: 1 is exact", "ratio")
    shared_follower_count_error: pl.Float64 = column(
        "Half-width of the 95 % interval of the shared count; 0 where exact", "number"
    )

"""Tiers: named follower bands. A tier without its scheme means nothing, so both are data."""

import polars as pl

from schemas.columns import Table, column

DEFAULT_SCHEME = "article"


class TierSchemes(Table):
    """One row per tier scheme."""

    scheme: str = column("Name of the scheme", "label", key=True)
    description: str = column("Who cuts the bands this way", "text")
    is_default: pl.Boolean = column("The scheme of accounts.tier", "flag")


class Tiers(Table):
    """One row per tier of a scheme, with half-open bounds."""

    scheme: str = column("Name of the scheme", "label", key=True)
    tier: str = column("Name of the tier", "label", key=True)
    tier_rank: pl.Int64 = column("Order from small to large, from 1", "count")
    followers_min: pl.Int64 = column("Fewest followers, inside the tier", "count")
    followers_below: pl.Int64 = column("First count above the tier; null when open", "count", nullable=True)

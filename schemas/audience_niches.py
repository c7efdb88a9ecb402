"""Audience niches: what else the followers of an account follow."""

import polars as pl

from schemas.columns import Table, column


class AudienceNiches(Table):
    """One row per account and niche that its listed followers also follow."""

    platform: str = column("Network the account is on", "label", key=True)
    account_id: str = column("The platform's id of the account", "id", key=True)
    niche: str = column("Normalised topic of other accounts its followers follow", "label", key=True)
    follow_count: pl.Int64 = column("Follows by its followers of other accounts of this niche", "count")
    audience_share: pl.Float64 = column("Those over all such follows with a known niche", "ratio")
    base_share: pl.Float64 = column("The same share over all audiences together", "ratio")
    affinity: pl.Float64 = column("Share over base share: 2 is twice the usual", "ratio")

"""Figures that exports claim, repeated deliveries merged."""

from datetime import datetime

import polars as pl


def claims_to_published_metrics(claims: pl.LazyFrame, as_of: datetime | None) -> pl.LazyFrame:
    """The mart `published_metrics`: every distinct claim not later than as_of."""
    if as_of is not None:
        claims = claims.filter(pl.col("observed_at").is_null() | (pl.col("observed_at") <= as_of))
    return claims.unique()

"""Figures that exports claim, repeated deliveries merged."""

import polars as pl


def claims_to_published_metrics(claims: pl.LazyFrame) -> pl.LazyFrame:
    """The mart `published_metrics`: every distinct claim."""
    return claims.unique()

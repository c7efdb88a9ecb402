"""The newest instant that the lake knows of."""

from datetime import datetime

import polars as pl

from warehouse.lake.edges import EDGE_SCHEMAS
from warehouse.lake.ledger import Lake

OBSERVED = {
    "accounts": pl.col("observed_at"),
    # What is undated was seen after it was published: else one dated file would hide all the newer posts of undated ones.
    "posts": pl.coalesce("observed_at", "published_at"),
    "post_metrics": pl.col("observed_at"),
    "published_metrics": pl.col("observed_at"),
    "rates": pl.col("quoted_on"),
}


def newest_instant(lake: Lake) -> datetime | None:
    """The newest observation in the lake, else the newest event: what as_of defaults to, so that no clock is needed."""
    segments = [segment for dataset in EDGE_SCHEMAS for segment in lake.segments(dataset)]
    newest = pl.concat(
        lake.rows(dataset).select(time.max().cast(pl.Datetime("us")).alias("at")) for dataset, time in OBSERVED.items()
    )
    at: datetime | None = newest.max().collect().item()
    observed = [datetime.fromisoformat(segment.observed) for segment in segments if segment.observed]
    happened = [datetime.fromisoformat(segment.happened) for segment in segments if segment.happened]
    times = observed + ([at] if at else [])
    return max(times or happened, default=None)

"""Published metrics: figures that somebody else computed, kept beside our own and never mixed with them."""

import polars as pl

from schemas.columns import Instant, Table, column

METRIC_UNITS = ("count", "ratio", "money", "score", "text")


class PublishedMetrics(Table):
    """One row per figure that an export claims about an account or a post."""

    platform: str = column("Network the account is on, lower case", "label", key=True)
    account_id: str = column("The account the figure is about", "id", key=True)
    post_id: str = column("The post the figure is about; null for the whole account", "id", nullable=True, key=True)
    metric: str = column("Name of the figure; one of ours where it means the same", "label", key=True)
    value: pl.Float64 = column("The figure; null where the source prints none", "number", nullable=True, key=True)
    unit: str = column("Unit of the figure", "label", nullable=True, key=True, isin=METRIC_UNITS)
    source: str = column("Who publishes it", "text", nullable=True, key=True)
    observed_at: Instant = column("When it was published; null is undated", "instant", nullable=True, key=True)

"""Price quotes to the table of distinct quotes."""

from datetime import date, datetime

import polars as pl


def quotes_to_rates(quotes: pl.LazyFrame, as_of: datetime | None) -> pl.LazyFrame:
    """The mart `rates`: every distinct quote not later than as_of, the newest of each kind marked."""
    if as_of is not None:
        quotes = quotes.filter(pl.col("quoted_on").is_null() | (pl.col("quoted_on") <= as_of.date()))
    kind = ["platform", "account_id", "media_type", "currency", "compensation"]
    day = pl.col("quoted_on").fill_null(date(1, 1, 1))
    return quotes.unique().with_columns((day == day.max().over(kind)).alias("is_newest"))

"""Benchmarks: figures that others have published about whole bands of accounts, each with its date."""

import polars as pl

from schemas.columns import Table, column

STATISTICS = ("mean", "median", "max", "below_usual_under", "average_from", "average_below", "high_from")
NUMERATORS = ("likes", "likes_and_comments", "price")
DENOMINATORS = ("followers", "posts", "not_stated")
UNITS = ("ratio", "USD")
PRECISIONS = ("month", "year")


class Benchmarks(Table):
    """One row per published figure of a platform and follower band: source, statistic and date included."""

    source: str = column("Who published it", "label", key=True)
    scheme: str = column("How the source cuts followers into bands", "label", key=True)
    platform: str = column("Network the figure is about", "label", key=True)
    band: str = column("The band as the source names it", "label", key=True)
    statistic: str = column("Which figure of the band's distribution", "label", key=True, isin=STATISTICS)
    numerator: str = column("What is counted", "label", key=True, isin=NUMERATORS)
    denominator: str = column("What it is divided by", "label", key=True, isin=DENOMINATORS)
    as_of_date: pl.Date = column(
        "When it was published; the first day where only month or year is known", "date", key=True
    )
    as_of_precision: str = column("How much of that date is known", "label", isin=PRECISIONS)
    followers_min: pl.Int64 = column("Fewest followers of the band", "count")
    followers_below: pl.Int64 = column("First count above the band; null is no bound", "count", nullable=True)
    value: pl.Float64 = column("The figure, in the unit beside it; a rate is a fraction", "number")
    unit: str = column("Unit of the figure", "label", isin=UNITS)
    caveat: str = column(
        "What to know before it is believed; null where nothing is known against it", "text", nullable=True
    )

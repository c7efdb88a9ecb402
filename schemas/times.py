"""The times of a row, and when a row is later than an instant: what cuts rows off and what counts them is the same."""

from collections.abc import Collection
from datetime import datetime
from functools import cache

import polars as pl

from schemas.columns import EARLIEST, LATEST, columns_of, polars_schema
from schemas.tables import DATASETS

# What somebody says of an account, dated as they please: a price may be valid from next year on. Statements tell nothing
# of how far what was observed reaches.
STATEMENTS = ("rates", "published_metrics", "niches")
OBSERVED = "observed_at"
# No machine has run this program before: a clock that says so has been reset.
FIRST_RUN = datetime(2024, 1, 1)


def within_reach(at: datetime) -> datetime:
    """An instant as tables can hold it: what a clock says that is far off must not keep figures back."""
    return min(max(at, EARLIEST), LATEST)


def clock_fault(at: datetime) -> str | None:
    """What is wrong with a clock that says this; null where it may be right."""
    if FIRST_RUN <= at < LATEST:
        return None
    bound = " or earlier" if at <= EARLIEST else " or later" if at >= LATEST else ""
    return f"the clock of this machine says {at:%Y-%m-%d %H:%M}{bound}, which cannot be"


@cache
def times_of(dataset: str) -> tuple[str, ...]:
    """Every column of a dataset that is a time or a day: when the row was seen, and when what it tells of happened."""
    return tuple(fact.name for fact in columns_of(DATASETS[dataset]) if fact.unit in ("instant", "date"))


def is_later(dataset: str, as_of: datetime) -> pl.Expr:
    """Whether any time of a row is later than as_of. An unknown time is not."""
    schema = polars_schema(DATASETS[dataset])
    bounds = {name: as_of.date() if schema[name] == pl.Date else as_of for name in times_of(dataset)}
    later = [(pl.col(name) > bound).fill_null(value=False) for name, bound in bounds.items()]
    return pl.any_horizontal(pl.lit(value=False), *later)


def until(rows: pl.LazyFrame, dataset: str, as_of: datetime | None) -> pl.LazyFrame:
    """Rows that are not later than as_of, the undated ones included; all of them where there is none."""
    return rows if as_of is None else rows.filter(~is_later(dataset, as_of))


def newest_times(dataset: str, columns: Collection[str]) -> tuple[pl.Expr, pl.Expr]:
    """The newest observation and the newest event of rows, as instants `observed` and `happened`."""
    return tuple(
        pl.max_horizontal(
            pl.lit(None, pl.Datetime("us")), *(pl.col(name).max().cast(pl.Datetime("us")) for name in times)
        ).alias(alias)
        for alias, times in (
            ("observed", [name for name in times_of(dataset) if name in columns and name == OBSERVED]),
            ("happened", [name for name in times_of(dataset) if name in columns and name != OBSERVED]),
        )
    )  # type: ignore[return-value]  # two, as there are two kinds of time

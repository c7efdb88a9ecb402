"""The rejects of one file, as they are written into the lake."""

from collections.abc import Callable, Iterable

import polars as pl

from schemas.columns import polars_schema
from schemas.run_tables import RejectedRows
from warehouse.lake.ledger import Lake

# Past this, more of the same adds nothing a reader could use: the first ones tell what is wrong.
REJECTS_LISTED_MAX = 1_000_000
LinesOf = Callable[[list[int]], dict[int, int]]


def write_rejects(delivery: str, frames: Iterable[pl.DataFrame], lake: Lake, lines_of: LinesOf) -> str | None:
    """Write the rejects of a delivery; null where there are none.

    Args:
        delivery: its id.
        frames: record, rule, allowed, fix, dataset and more of each, as readers and rules tell them.
        lake: where they are written.
        lines_of: the line that each of some records begins on, where that is known.
    """
    found = list(frames)
    if not found:
        return None
    rejects = pl.concat(found, how="diagonal").sort("record", "dataset").head(REJECTS_LISTED_MAX)
    lines = lines_of(rejects.get_column("record").unique().to_list())
    return lake.write_rejects(delivery, _as_rejected_rows(_with_lines(rejects, lines)))


def _with_lines(rejects: pl.DataFrame, lines: dict[int, int]) -> pl.DataFrame:
    """The rejects, the lines found beside those that the reader told itself."""
    found = pl.col("record").replace_strict(list(lines), list(lines.values()), default=None, return_dtype=pl.Int64)
    told = pl.col("line") if "line" in rejects.columns else pl.lit(None, pl.Int64)
    return rejects.with_columns(pl.coalesce(told, found).alias("line"))


def _as_rejected_rows(rejects: pl.DataFrame) -> pl.DataFrame:
    """Rejects with all columns of their table, null where nothing is said."""
    schema = polars_schema(RejectedRows)
    absent = [pl.lit(None, dtype).alias(name) for name, dtype in schema.items() if name not in rejects.columns]
    rows = rejects.with_columns(absent).select(pl.col(name).cast(dtype) for name, dtype in schema.items())
    return rows.with_columns(pl.col("kept").fill_null(value=False))

"""The rejects of one file, as they are written into the lake."""

from collections.abc import Callable, Iterable

import polars as pl

from ingest.privacy import masked
from schemas.columns import polars_schema
from schemas.errors import FileRefused
from schemas.rejects import Reject, rejects_of
from schemas.run_tables import RejectedRows
from warehouse.lake.ledger import Lake

# Past this, more of the same adds nothing a reader could use: the first ones tell what is wrong.
REJECTS_LISTED_MAX = 1_000_000
LinesOf = Callable[[list[int]], dict[int, int]]


def write_rejects(
    delivery: str, frames: Iterable[pl.DataFrame], hidden: pl.Expr, lake: Lake, lines_of: LinesOf
) -> str | None:
    """Write the rejects of a delivery, those that may name a member masked; null where there are none.

    Args:
        delivery: its id.
        frames: rejects, as readers, formats and rules tell them.
        hidden: which of them may name a member.
        lake: where they are written.
        lines_of: the line that each of some records begins on, where that is known.
    """
    found = list(frames)
    if not found:
        return None
    rejects = pl.concat(found).sort("record", "dataset").head(REJECTS_LISTED_MAX)
    lines = lines_of(rejects.get_column("record").unique().to_list())
    return _write(delivery, None, masked(_with_lines(rejects, lines), hidden), lake)


def write_refusal(delivery: str, file: str, refusal: FileRefused, lake: Lake) -> str:
    """Write why a whole file is quarantined."""
    reject = Reject(refusal.rule, str(refusal), refusal.fix)
    return _write(delivery, file, rejects_of([reject]), lake)


def _write(delivery: str, file: str | None, rejects: pl.DataFrame, lake: Lake) -> str:
    rows = rejects.with_columns(pl.lit(file, pl.String).alias("file"))
    return lake.write_rejects(delivery, rows.select(polars_schema(RejectedRows).names()))


def _with_lines(rejects: pl.DataFrame, lines: dict[int, int]) -> pl.DataFrame:
    """The rejects, the lines found beside those that the reader told itself."""
    found = pl.col("record").replace_strict(list(lines), list(lines.values()), default=None, return_dtype=pl.Int64)
    return rejects.with_columns(pl.coalesce("line", found))

"""Records of a Parquet file, its values as the text that a CSV file would have."""

from collections.abc import Iterator
from pathlib import Path

import polars as pl
import polars.selectors as cs

from ingest.readers.base import Layout, RawBatch, batches_of, unbroken
from ingest.readers.parquet_trial import brings_down
from schemas.errors import FileRefused
from schemas.sources import RECORD


def parquet_layout(path: Path, name: str) -> Layout:
    if ended := brings_down(path):
        raise _damaged_parquet(name, ended)
    try:
        columns = tuple(pl.scan_parquet(path, glob=False).collect_schema().names())
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as error:
        raise _damaged_parquet(name, type(error).__name__) from error
    return Layout("parquet", "", columns, 0, len(columns))


def scan(path: Path) -> pl.LazyFrame:
    """The records as text with their number."""
    return as_text(pl.scan_parquet(path, glob=False))


def as_text(frame: pl.LazyFrame) -> pl.LazyFrame:
    """Columns of any type as text, with the number of the record."""
    texts = [_parquet_text(column, dtype) for column, dtype in frame.collect_schema().items()]
    return frame.select(texts).with_row_index(RECORD, offset=1)


def rows_in(path: Path) -> int:
    """How many rows the file says that it has. A stream of Polars that panics ends as if the file did."""
    return int(pl.scan_parquet(path, glob=False).select(pl.len()).collect().item())


def parquet_batches(path: Path, name: str) -> Iterator[RawBatch]:
    rows = 0
    try:
        for batch in batches_of(scan(path)):
            rows += batch.height
            yield unbroken(batch)
        if rows != (promised := rows_in(path)):
            raise pl.exceptions.ComputeError(f"{rows:,} of {promised:,} rows")
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as error:
        raise _damaged_parquet(name, type(error).__name__) from error


def _parquet_text(name: str, dtype: pl.DataType) -> pl.Expr:
    """A column as the text that a CSV file would have in its place; what is nested, as JSON."""
    # Selected by name: `pl.col` would take a name such as `*` for a pattern.
    column = cs.by_name(name).as_expr()
    if isinstance(dtype, pl.Datetime):
        zone = "Z" if dtype.time_zone else ""
        value = column.dt.convert_time_zone("UTC") if dtype.time_zone else column
        return value.dt.strftime(f"%Y-%m-%dT%H:%M:%S%.f{zone}")
    if dtype.is_nested():
        # Only structs can be written as JSON: {"v":...}
        json_text = pl.struct(column.alias("v")).struct.json_encode().str.slice(5).str.head(-1)
        return pl.when(column.is_not_null()).then(json_text).alias(name)
    text = column.cast(pl.String)
    return pl.when(text != "").then(text).alias(name)


def _damaged_parquet(name: str, why: str) -> FileRefused:
    """`why` is what an error or a signal is called, never the words of an error: they may hold cells of the file."""
    return FileRefused(
        "damaged_parquet",
        f"{name}: Parquet data cannot be read: damaged, cut off, or not UTF-8 ({why})",
        fix="deliver the file again, text as UTF-8",
    )

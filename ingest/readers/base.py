"""What all readers of records share: the layout of a file, a batch of its records, and what to say of damage."""

from dataclasses import dataclass
from typing import Any

import polars as pl

from schemas.errors import FileRefused
from schemas.sources import RECORD

BATCH_ROWS = 250_000
HEAD_BYTES = 1 << 16
CHUNK = 1 << 20
NO_ROWS = pl.Schema(
    {
        "record": pl.Int64,
        "line": pl.Int64,
        "value": pl.String,
        "rule": pl.String,
        "allowed": pl.String,
        "fix": pl.String,
    }
)


@dataclass(frozen=True)
class Layout:
    """How a file's records lie in it."""

    format: str
    delimiter: str
    header: tuple[str, ...]
    lines_before: int  # physical lines before the first record
    cells_per_record: int
    escape: str | None = None  # what stands before a quote inside of a cell of a CSV file
    line_pattern: str = ""  # what nearly all lines of an NDJSON file look like; none where they must be parsed


@dataclass(frozen=True)
class RawBatch:
    """Text rows with their record number, and the records that are no rows at all."""

    rows: pl.DataFrame
    broken: pl.DataFrame


class FallbackToSlowReader(Exception):
    """The quick reader cannot tell cells from records; read again record by record."""


def distinct_names(layout: Layout) -> list[str]:
    """Column names to hold the cells under: the header's, repeated names told apart by their position."""
    names: dict[str, None] = {}  # in order, and quickly asked
    given = set(layout.header)
    for position, cell in enumerate(layout.header, start=1):
        name = cell
        while name in names or not name or (name != cell and name in given):
            name += f"#{position}"
        names[name] = None
    return list(names)


def raw_batch(rows: list[tuple[Any, ...]], broken: list[dict[str, Any]], names: list[str]) -> RawBatch:
    schema = pl.Schema({RECORD: pl.UInt32, **dict.fromkeys(names, pl.String)})
    return RawBatch(pl.DataFrame(rows, schema=schema, orient="row"), pl.DataFrame(broken, schema=NO_ROWS))


def unbroken(rows: pl.DataFrame) -> RawBatch:
    return RawBatch(rows, NO_ROWS.to_frame())


def not_utf8(name: str, error: UnicodeDecodeError) -> FileRefused:
    return FileRefused(
        "encoding",
        f"{name}: is not UTF-8 text (byte {error.object[error.start]:#04x})",
        fix='declare its encoding in sources.toml, such as encoding = "cp1252"',
    )


def first_line(error: BaseException) -> str:
    return str(error).strip().splitlines()[0][:200] if str(error).strip() else type(error).__name__

"""What all readers of records share: the layout of a file, a batch of its records, and what to say of damage."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import polars as pl

from schemas.errors import FileRefused
from schemas.rejects import NO_REJECTS, Reject, rejects_of
from schemas.sources import RECORD

# A batch ends at so many records, or sooner at so many bytes: records may be long.
BATCH_ROWS = 250_000
BATCH_BYTES = 128 << 20
# What a quick reader raises on a file that is to be read with care: what is damaged makes Polars panic.
UNREADABLE = (pl.exceptions.ComputeError, pl.exceptions.SchemaError, pl.exceptions.PanicException)
HEAD_BYTES = 1 << 16
# The kinds of workbooks that sheets are of, as the ledger calls their format.
OF_SHEETS = ("xlsx", "xls", "ods")
CHUNK = 1 << 20


@dataclass(frozen=True)
class Layout:
    """How a file's records lie in it."""

    format: str
    delimiter: str
    header: tuple[str, ...]
    lines_before: int  # physical lines before the first record
    cells_per_record: int
    escape: str | None = None  # what stands before a quote inside of a cell of a CSV file
    quote: str = '"'  # what stands around a cell of a CSV file; "" where quotes are text
    line_pattern: str = ""  # what nearly all lines of an NDJSON file look like; none where they must be parsed

    @property
    def is_by_place(self) -> bool:
        """Whether cells stand under a header, so that they can come to stand under another name than theirs."""
        return self.format in ("csv", "sheet")


@dataclass(frozen=True)
class RawBatch:
    """Text rows with their record number, and the rejects of records that are no rows at all."""

    rows: pl.DataFrame
    rejects: pl.DataFrame


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


def raw_batch(rows: list[tuple[Any, ...]], rejects: list[Reject], names: list[str]) -> RawBatch:
    schema = pl.Schema({RECORD: pl.UInt32, **dict.fromkeys(names, pl.String)})
    return RawBatch(pl.DataFrame(rows, schema=schema, orient="row"), rejects_of(rejects))


def without(batch: RawBatch, rejects: list[Reject]) -> RawBatch:
    """The batch, the records of these rejects no longer among its rows."""
    if not rejects:
        return batch
    gone = pl.Series([reject.record for reject in rejects], dtype=pl.UInt32)
    return RawBatch(
        batch.rows.filter(~pl.col(RECORD).is_in(gone.implode())), pl.concat([batch.rejects, rejects_of(rejects)])
    )


def unbroken(rows: pl.DataFrame) -> RawBatch:
    return RawBatch(rows, NO_REJECTS)


def no_object(text: str, why: str, line: int | None = None) -> Reject:
    """The reject of a line that should be an object of JSON."""
    rule, fix = f"line is not a JSON object ({why})", "deliver the file again, or correct the line"
    return Reject(rule, "one JSON object per line", fix, text, line)


def batches_of(frame: pl.LazyFrame) -> Iterator[pl.DataFrame]:
    """The rows of a lazy frame in order, in batches of `BATCH_ROWS` or of `BATCH_BYTES`."""
    held, size = pl.DataFrame(), 0.0
    for piece in frame.collect_batches():
        held = held.vstack(piece) if held.height else piece
        size += piece.estimated_size()  # Polars counts the texts of one piece alone in a frame of several
        while held.height >= BATCH_ROWS:
            yield held.head(BATCH_ROWS).rechunk()
            held, size = held.slice(BATCH_ROWS), 0
        if size >= BATCH_BYTES:
            yield held.rechunk()
            held, size = held.clear(), 0
    if held.height:
        yield held.rechunk()


def head_of(lines: Iterable[str]) -> Iterator[str]:
    """The first lines, so many of them as `BATCH_BYTES` hold."""
    size = 0
    for line in lines:
        yield line
        size += len(line)
        if size >= BATCH_BYTES:
            break


def not_utf8(name: str, error: UnicodeDecodeError) -> FileRefused:
    return FileRefused(
        "encoding",
        f"{name}: is not UTF-8 text (byte {error.object[error.start]:#04x})",
        fix='declare its encoding in sources.toml, such as encoding = "cp1252"',
    )

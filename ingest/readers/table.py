"""Records of an export file as batches of text: CSV, NDJSON and Parquet, nothing inferred.

Every cell comes out as text or null, with the number of its record, so that casting happens in one place
and a value is never altered by a reader.
"""

from collections.abc import Iterator
from pathlib import Path

import polars as pl

from ingest.compression import UNPACKERS
from ingest.readers import csv, ndjson, parquet, sheet
from ingest.readers.base import (
    HEAD_BYTES,
    UNREADABLE,
    FallbackToSlowReader,
    Layout,
    RawBatch,
    batches_of,
    distinct_names,
    unbroken,
)
from ingest.readers.csv_rows import rows_of
from schemas.errors import FileRefused
from schemas.sources import FILE, LINE, RECORD

__all__ = [
    "FallbackToSlowReader",
    "Layout",
    "RawBatch",
    "distinct_names",
    "layout_of",
    "line_numbers",
    "read_batches",
    "scan",
    "with_care",
]

SAMPLE_ROWS = 1000
BLANK = b"\xef\xbb\xbf \t\r\n"
# What people deliver in place of an export, by the bytes it begins with.
FOREIGN = {
    b"PK\x03\x04": "a ZIP archive or a workbook inside of another file, or a document",
    b"\xd0\xcf\x11\xe0": "an Excel workbook inside of another file",
    b"%PDF-": "a PDF document",
    b"BZh91AY&SY": "packed by bzip2",
    **dict.fromkeys(UNPACKERS, "packed twice"),
    b"SQLite format 3": "an SQLite database",
}


def layout_of(
    path: Path,
    name: str,
    *,
    format: str | None,
    delimiter: str,
    skip_lines: int,
    header: bool,
    escape: str | None = None,
    quote: str = '"',
) -> Layout | None:
    """Read just enough to say what the file is; null for an empty file."""
    with path.open("rb") as stream:
        head = stream.read(HEAD_BYTES)
        while head and not head.strip(BLANK):
            head = stream.read(HEAD_BYTES)
    if not head:
        return None
    kind = format or format_of(head, name)
    if kind == "parquet":
        layout = parquet.parquet_layout(path, name)
    elif kind == "ndjson":
        layout = ndjson.ndjson_layout(path, name)
    else:
        layout = csv.csv_layout(path, name, delimiter, skip_lines, header, escape, quote)
    return layout


def refuse_reserved(name: str, layout: Layout) -> None:
    if taken := next((column for column in (RECORD, FILE) if column in layout.header), None):
        raise FileRefused(
            "reserved_column", f"{name}: a column may not be called {taken}", fix="give the column another name"
        )


def format_of(head: bytes, name: str) -> str:
    """The format that the first bytes of a file tell; `FileRefused` for what is no file of records."""
    for mark, kind in FOREIGN.items():
        if head.startswith(mark):
            raise FileRefused(
                "unknown_format",
                f"{name}: is {kind}, not a file of records",
                fix="deliver CSV, JSON, NDJSON, Parquet or a workbook itself; of packed files .gz, .zst, .xz and .zip",
            )
    if head.lstrip(BLANK)[:14].lower().startswith((b"<html", b"<!doctype html")):
        raise FileRefused("unknown_format", f"{name}: is a web page", fix="ask for the export as JSON, not HTML")
    if head[:4] == b"PAR1":
        return "parquet"
    return "ndjson" if head.lstrip(BLANK)[:1] in (b"{", b"[") else "csv"


def read_batches(path: Path, name: str, layout: Layout, *, careful: bool = False) -> Iterator[RawBatch]:
    """The records in order. The quick way raises `FallbackToSlowReader` where a CSV record has too few or too many cells."""
    match layout.format:
        case "parquet":
            return parquet.parquet_batches(path, name)
        case "sheet":
            return sheet.sheet_batches(path, layout)
        case "ndjson":
            return ndjson.ndjson_batches(path, name, layout)
        case _ if careful:
            return csv.careful_batches(path, name, layout)
        case _:
            return csv.quick_batches(path, layout)


def scan(path: Path, layout: Layout) -> pl.LazyFrame:
    """The records of a file as one lazy frame of text. `FallbackToSlowReader` where they must be read one by one.

    Of NDJSON some are left as they stand, in the column `LINE`, for `with_care`.
    """
    match layout.format:
        case "parquet":
            return parquet.scan(path)
        case "sheet":
            return sheet.scan(path, layout)
        case "ndjson":
            return ndjson.scan(path, layout)
        case _:
            return csv.scan(path, layout)


def with_care(records: pl.DataFrame) -> RawBatch:
    """Scanned records, those that the quick reader left as they stand parsed."""
    return ndjson.with_care(records) if LINE in records.columns else unbroken(records)


def head(records: pl.LazyFrame) -> pl.DataFrame:
    """The first records."""
    try:
        first = next(batches_of(records.head(SAMPLE_ROWS)), None)
        return with_care(records.head(0).collect() if first is None else first).rows
    except UNREADABLE as error:
        raise FallbackToSlowReader from error


def line_numbers(path: Path, layout: Layout, records: list[int], *, careful: bool) -> dict[int, int]:
    """The line each of these records begins on: by counting, unless cells may hold line breaks."""
    if layout.format == "parquet":
        return {}
    if layout.format == "sheet":
        return sheet.rows_of(path, layout, records)
    if layout.format == "ndjson" or not (careful or csv.has_quotes(path, layout)):
        return _lines_without_blanks(path, layout, records)
    wanted, found = set(records), {}
    with path.open(encoding="utf-8-sig", newline="", errors="replace") as stream:
        for _ in range(layout.lines_before):
            stream.readline()
        rows = rows_of(stream, layout.delimiter, layout.escape, layout.quote)
        record, begins = 0, layout.lines_before + 1
        for cells in rows:
            if cells:
                record += 1
                if record in wanted:
                    found[record] = begins
            begins = layout.lines_before + rows.line_num + 1
    return found


def _lines_without_blanks(path: Path, layout: Layout, records: list[int]) -> dict[int, int]:
    """Records are the lines that are not blank."""
    wanted, found, record = set(records), {}, 0
    with path.open(encoding="utf-8-sig", errors="replace") as stream:
        for number, line in enumerate(stream, start=1):
            if number > layout.lines_before and line.strip():
                record += 1
                if record in wanted:
                    found[record] = number
                    if len(found) == len(wanted):
                        break
    return found

"""The records of a small table, its bytes at hand: text cells and nothing inferred.

`FallbackToSlowReader` for any oddity. The readers of large files take such a file, and say what is wrong with it.
"""

import csv
import io
from functools import partial
from typing import Any

import msgspec
import polars as pl

from ingest.compression import UNPACKERS
from ingest.readers import ndjson, parquet
from ingest.readers.base import FallbackToSlowReader
from ingest.readers.csv_rows import SEPARATOR_LINE, rows_of
from ingest.readers.json import MARK
from ingest.readers.json_values import AS_NUMBERS, NOT_JSON, Decoder, decoded
from ingest.readers.parquet_trial import brings_down
from schemas.sources import RECORD, Source

# A file of no more rows is its own sample: what is told from the first rows of a large one is told from all of them.
ROWS_MAX = 1000
# Of so many columns a small file is all columns: that is for the other readers to judge.
COLUMNS_MAX = 1000
PACKED = (*UNPACKERS, b"PK\x03\x04")
UTF16 = (b"\xff\xfe", b"\xfe\xff")
Cells = list[tuple[str | None, ...]]


def text_in(content: bytes, encoding: str) -> str:
    """The text of a file, its line ends as they are and without a mark of byte order."""
    if content.startswith(UTF16) or b"\0" in content:
        raise FallbackToSlowReader
    try:
        return content.decode(encoding).removeprefix("\ufeff")
    except UnicodeError:
        raise FallbackToSlowReader from None


class CsvText:
    """A CSV file: its header line, and its records once their delimiter is known."""

    def __init__(self, text: str, source: Source) -> None:
        self._rows_of = partial(rows_of, escape=source.escape, quote=source.quote)
        self._stream = io.StringIO(text, newline="")
        for _ in range(source.skip_lines):
            if not self._stream.readline():
                raise FallbackToSlowReader
        begins = self._stream.tell()
        self.header_line = self._stream.readline()
        if not source.skip_lines and SEPARATOR_LINE.fullmatch(self.header_line):
            raise FallbackToSlowReader
        # A header that is blank or runs over several lines is looked for by the other reader.
        if not self.header_line.strip() or (source.quote and self.header_line.count('"') % 2):
            raise FallbackToSlowReader
        if not source.header:
            self._stream.seek(begins)
            try:
                self.header_line = str(len(next(self._rows_of([self.header_line], source.delimiter))))
            except csv.Error:
                raise FallbackToSlowReader from None
        self.lines_before = source.skip_lines + source.header

    def records(self, delimiter: str, cells_per_record: int) -> Cells:
        rows: Cells = []
        try:
            for cells in self._rows_of(self._stream, delimiter):
                if cells:
                    if len(cells) != cells_per_record:
                        raise FallbackToSlowReader
                    rows.append(tuple([cell or None for cell in cells]))
        except csv.Error:
            raise FallbackToSlowReader from None
        return rows


def lines_of_array(content: bytes) -> list[str]:
    """The elements of a JSON array, each as it stands."""
    try:
        elements = msgspec.json.decode(content.removeprefix(MARK), type=list[msgspec.Raw])
        return [bytes(element).decode() for element in elements]
    except NOT_JSON:
        raise FallbackToSlowReader from None


def lines_in(text: str) -> list[str]:
    """The lines of a text that are not blank."""
    if "\r" in text and text.count("\r") != text.count("\r\n"):
        raise FallbackToSlowReader
    return [line for line in text.replace("\r\n", "\n").split("\n") if line.strip()]


def objects_in(lines: list[str], decoder: Decoder = AS_NUMBERS) -> list[dict[str, Any]]:
    """The objects that lines hold, decoded as nested JSON is."""
    try:
        records = [decoded(line, decoder) for line in lines]
    except NOT_JSON:
        raise FallbackToSlowReader from None
    if not all(isinstance(record, dict) for record in records):
        raise FallbackToSlowReader
    return records


def ndjson_records(lines: list[str]) -> tuple[tuple[str, ...], Cells]:
    """The keys of all objects in order of appearance, and the cells under them."""
    try:
        records = [ndjson.json_record(line) for line in lines]
    except ValueError:
        raise FallbackToSlowReader from None
    keys = tuple(dict.fromkeys(key for record in records for key in record))
    if len(keys) > COLUMNS_MAX:
        raise FallbackToSlowReader
    return keys, [tuple([ndjson.json_text(record.get(key)) for key in keys]) for record in records]


def parquet_records(content: bytes) -> tuple[tuple[str, ...], Cells]:
    """The columns of a Parquet file, and its cells."""
    if brings_down(None, content):
        raise FallbackToSlowReader
    try:
        scanned = pl.scan_parquet(io.BytesIO(content))
        if len(scanned.collect_schema()) > COLUMNS_MAX:
            raise FallbackToSlowReader
        frame = parquet.as_text(scanned).collect()
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError):
        raise FallbackToSlowReader from None
    cells = frame.drop(RECORD)
    return tuple(cells.columns), cells.rows()

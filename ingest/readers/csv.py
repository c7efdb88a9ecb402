"""Records of a CSV file: by a quick streaming reader where it can be trusted, else record by record."""

import csv
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import polars.selectors as cs

from ingest.readers.base import (
    BATCH_BYTES,
    BATCH_ROWS,
    CHUNK,
    UNREADABLE,
    FallbackToSlowReader,
    Layout,
    RawBatch,
    batches_of,
    distinct_names,
    not_utf8,
    raw_batch,
    unbroken,
)
from ingest.readers.csv_rows import SEPARATOR_LINE, rows_of
from schemas.errors import FileRefused
from schemas.rejects import Reject
from schemas.sources import RECORD
from schemas.visible import column_name

# What people draw lines with, in files made to be looked at.
RULE_SIGNS = "=-_*~#+"
BACKSLASH = "\\"
LONGEST_CELL = 16  # pieces of `CHUNK` bytes or more


def csv_layout(
    path: Path,
    name: str,
    delimiter: str,
    skip_lines: int,
    header: bool,
    escape: str | None = None,
    quote: str = '"',
) -> Layout:
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            if not skip_lines and (mark := SEPARATOR_LINE.fullmatch(stream.readline())):
                skip_lines, delimiter = 1, mark[1]
            stream.seek(0)
            for _ in range(skip_lines):
                if not stream.readline():
                    break
            rows = rows_of(stream, delimiter, escape, quote)
            first = next((row for row in rows if "".join(row).strip()), [])
            lines = rows.line_num if header else 0
    except UnicodeDecodeError as error:
        raise not_utf8(name, error) from error
    except csv.Error as error:
        raise FileRefused(
            "damaged_csv", f"{name}, line {skip_lines + 1}: {error}", fix="correct the quotes of the header line"
        ) from error
    if not first:
        raise FileRefused(
            "no_header",
            f"{name}: nothing follows the {skip_lines} lines that are skipped"
            if skip_lines
            else f"{name}: all cells are blank",
            fix="correct skip_lines in sources.toml" if skip_lines else "deliver the file with its header line",
        )
    if "\0" in "".join(first):
        raise FileRefused(
            "encoding",
            f"{name}: is not UTF-8 text (NUL bytes in line {skip_lines + 1})",
            fix='declare its encoding in sources.toml, such as encoding = "utf-16-le"',
        )
    cells = (
        tuple(column_name(cell) for cell in first) if header else tuple(f"column_{i}" for i in range(1, len(first) + 1))
    )
    return Layout("csv", delimiter, cells, skip_lines + lines, len(first), escape, quote)


def scan(path: Path, layout: Layout) -> pl.LazyFrame:
    """The records by the quick reader, as text with their number.

    `FallbackToSlowReader` where it would misread the file without a word; `is_whole` tells afterwards whether it did.
    """
    names = distinct_names(layout)
    quoted = _has_regular_quotes(path, layout)
    frame = pl.scan_csv(
        path,
        glob=False,
        has_header=False,
        skip_lines=layout.lines_before,
        separator=layout.delimiter,
        quote_char=layout.quote or None,
        schema=pl.Schema(dict.fromkeys(names, pl.String)),
        infer_schema=False,
        row_index_name=RECORD,
        row_index_offset=1,
        raise_if_empty=False,
    )
    return frame.with_columns(_blank_as_null(names)) if quoted else frame


def is_whole(path: Path, layout: Layout, rows: int, blanks_at_the_end: int) -> bool:
    """Whether each record had all its cells.

    A record with too few reads as one with empty cells at its end: only where the last cell of some is empty, is it
    worth counting separators.
    """
    return not blanks_at_the_end or _separators(path, layout) == rows * (layout.cells_per_record - 1)


def may_have_lines_in_cells(path: Path, layout: Layout, records: int) -> bool:
    """Whether a file with quotes has more lines than records, single blank ones left out."""
    if not has_quotes(path, layout):
        return False
    blank = (b"\n\n", b"\n\r\n")
    lines = sum(chunk.count(b"\n") - sum(map(chunk.count, blank)) for chunk in _chunks(path, layout))
    return lines + (_last_byte(path) != b"\n") > records


def has_quotes(path: Path, layout: Layout) -> bool:
    """Whether any cell of a CSV file may stand in quotes."""
    if layout.format != "csv" or not layout.quote:
        return False
    with path.open("rb") as stream:
        return any(b'"' in chunk for chunk in iter(lambda: stream.read(CHUNK), b""))


def quick_batches(path: Path, layout: Layout) -> Iterator[RawBatch]:
    last = distinct_names(layout)[-1]
    rows = blanks = 0
    try:
        for batch in batches_of(scan(path, layout)):
            rows += batch.height
            blanks += batch.get_column(last).null_count()
            yield unbroken(batch)
    except UNREADABLE as error:
        raise FallbackToSlowReader from error
    if not is_whole(path, layout, rows, blanks):
        raise FallbackToSlowReader


def careful_batches(path: Path, name: str, layout: Layout) -> Iterator[RawBatch]:
    names = distinct_names(layout)
    rows: list[tuple[Any, ...]] = []
    rejects: list[Reject] = []
    record = size = 0
    ends_with_newline = _last_byte(path) in b"\r\n"
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            for _ in range(layout.lines_before):
                stream.readline()
            reader = rows_of(stream, layout.delimiter, layout.escape, layout.quote)
            begins = layout.lines_before + 1
            for cells in reader:
                if len(rows) + len(rejects) >= BATCH_ROWS or size >= BATCH_BYTES:
                    yield raw_batch(rows, rejects, names)
                    rows, rejects, size = [], [], 0
                if cells:
                    record += 1
                    size += sum(map(len, cells))
                    if len(cells) == layout.cells_per_record:
                        rows.append((record, *(cell or None for cell in cells)))
                    else:
                        rejects.append(_ragged(record, begins, cells, layout))
                begins = layout.lines_before + reader.line_num + 1
    except UnicodeDecodeError as error:
        raise not_utf8(name, error) from error
    except csv.Error as error:
        raise FileRefused(
            "damaged_csv",
            f"{name}, record {record + 1}, line {begins}: {error}",
            fix=_fix_of_quotes(path, layout),
        ) from error
    if rejects and not ends_with_newline and rejects[-1].record == record:
        rejects[-1] = rejects[-1]._replace(
            rule="record is cut off at the end of the file", fix="deliver the file again, whole"
        )
    yield raw_batch(rows, rejects, names)


def _fix_of_quotes(path: Path, layout: Layout) -> str:
    """What to do about a file whose quotes are damaged as it is declared."""
    if layout.escape is None and _is_read_with(path, replace(layout, escape=BACKSLASH)):
        return 'declare escape = "\\\\" for this source in sources.toml: read so, every record has its cells'
    return (
        "close the quote that is open there, or double the quotes inside a quoted cell; where quotes are never more than "
        'text, declare quote = "" for this source in sources.toml'
    )


def _is_read_with(path: Path, layout: Layout) -> bool:
    """Whether every record has all its cells in this layout."""
    with path.open(encoding="utf-8-sig", newline="") as stream:
        for _ in range(layout.lines_before):
            stream.readline()
        try:
            return all(
                len(cells) in (0, layout.cells_per_record)
                for cells in rows_of(stream, layout.delimiter, layout.escape, layout.quote)
            )
        except (csv.Error, UnicodeDecodeError):
            return False


def _ragged(record: int, line: int, cells: list[str], layout: Layout) -> Reject:
    rule, fix = f"record has {len(cells)} cells", "quote cells that hold the delimiter, or fill in the missing cells"
    if _is_rule(cells):
        rule, fix = "a line drawn between records", "nothing: it is counted, and is no record"
    allowed = f"{layout.cells_per_record} cells, as in the header"
    return Reject(rule, allowed, fix, layout.delimiter.join(cells), line, record=record)


def _is_rule(cells: list[str]) -> bool:
    """`=====` or `-----` alone in its line."""
    text = "".join(cells).strip()
    return len(cells) == 1 and len(text) >= 3 and len(set(text)) == 1 and text[0] in RULE_SIGNS


def _blank_as_null(names: list[str]) -> list[pl.Expr]:
    """A cell of two quotes holds nothing, like one without quotes."""
    return [pl.when(column != "").then(column).alias(name) for name in names for column in [cs.by_name(name).as_expr()]]


def _has_regular_quotes(path: Path, layout: Layout) -> bool:
    """Whether cells are quoted. `FallbackToSlowReader` where the quick reader would misread the file without a word:

    lines that end in CR alone, a quote inside of an unquoted cell, a quote that is never closed, a separator at the
    very end, files of one column, whose blank lines it takes for records, and those with a character that escapes quotes.
    """
    if layout.cells_per_record == 1 or _last_byte(path) == layout.delimiter.encode():
        raise FallbackToSlowReader
    kinds = bytes(b if b in b'"\r\n' or b == ord(layout.delimiter) else 0 for b in range(256))
    escape = (layout.escape or "").encode()
    quoted = inside = False
    silent = 0  # pieces in a row that lie in one cell: somebody has left its quote open
    for chunk in _chunks(path, layout):
        if escape and escape in chunk:
            raise FallbackToSlowReader
        if not layout.quote:
            continue
        silent = silent + 1 if inside and b'"' not in chunk else 0
        if silent > LONGEST_CELL:
            raise FallbackToSlowReader
        if inside or b'"' in chunk:
            quoted = True
            outside, ends_inside = _outside_quotes(chunk, inside)
            # What stands outside of quotes must touch them with a separator or a line end, or be another quote.
            seams = (b'"' * inside + outside + b'"' * ends_inside).translate(kinds)
            if b'\0"' in seams or b'"\0' in seams:
                raise FallbackToSlowReader
            inside = ends_inside
    if inside:
        raise FallbackToSlowReader
    return quoted


def _outside_quotes(chunk: bytes, inside: bool) -> tuple[bytes, bool]:
    """The pieces that lie outside of quotes, a quote between them, and whether the chunk ends inside of quotes."""
    pieces = chunk.split(b'"')
    return b'"'.join(pieces[inside::2]), inside ^ (len(pieces) % 2 == 0)


def _separators(path: Path, layout: Layout) -> int:
    """How many delimiters separate cells, those inside of quotes left out."""
    count, inside = 0, False
    for chunk in _chunks(path, layout):
        is_quoted = bool(layout.quote) and (inside or b'"' in chunk)
        outside, inside = _outside_quotes(chunk, inside) if is_quoted else (chunk, False)
        count += outside.count(layout.delimiter.encode())
    return count


def _chunks(path: Path, layout: Layout) -> Iterator[bytes]:
    """The records as bytes, in pieces of whole lines unless these are very long; `FallbackToSlowReader` for lines that end in CR."""
    with path.open("rb") as stream:
        for _ in range(layout.lines_before):
            line = stream.readline(CHUNK)
            if not line.endswith(b"\n") or _has_bare_cr(line):
                raise FallbackToSlowReader
        while chunk := stream.read(CHUNK) + stream.readline(CHUNK):
            if _has_bare_cr(chunk):
                raise FallbackToSlowReader
            yield chunk


def _has_bare_cr(text: bytes) -> bool:
    return b"\r" in text and text.count(b"\r") != text.count(b"\r\n")


def _last_byte(path: Path) -> bytes:
    """The last byte of a file that is not empty."""
    with path.open("rb") as stream:
        stream.seek(-1, os.SEEK_END)
        return stream.read(1)

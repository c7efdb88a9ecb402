"""Records of an export file as batches of text: CSV, NDJSON and Parquet, nothing inferred.

Every cell comes out as text or null, with the number of its record, so that casting happens in one place
and a value is never altered by a reader.
"""

import csv
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
import polars.selectors as cs

from schemas.errors import FileRefused

RECORD = "__record"
BATCH_ROWS = 250_000
HEAD_BYTES = 1 << 16
CHUNK = 1 << 20
BLANK = b"\xef\xbb\xbf \t\r\n"
# What people deliver in place of an export, by the bytes it begins with.
FOREIGN = {
    b"PK\x03\x04": "a ZIP archive or an Excel workbook",
    b"\xd0\xcf\x11\xe0": "an Excel workbook",
    b"%PDF-": "a PDF document",
    b"BZh91AY&SY": "packed by bzip2",
    b"\xfd7zXZ": "packed by xz",
    b"SQLite format 3": "an SQLite database",
}
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


@dataclass(frozen=True)
class RawBatch:
    """Text rows with their record number, and the records that are no rows at all."""

    rows: pl.DataFrame
    broken: pl.DataFrame


def layout_of(
    path: Path, name: str, *, format: str | None, delimiter: str, skip_lines: int, header: bool
) -> Layout | None:
    """Read just enough to say what the file is; null for an empty file."""
    with path.open("rb") as stream:
        head = stream.read(HEAD_BYTES)
        while head and not head.strip(BLANK):
            head = stream.read(HEAD_BYTES)
    if not head:
        return None
    kind = format or _format_of(head, name)
    if kind == "parquet":
        layout = _parquet_layout(path, name)
    elif kind == "ndjson":
        layout = _ndjson_layout(path, name)
    else:
        layout = _csv_layout(path, name, delimiter, skip_lines, header)
    if RECORD in layout.header:
        raise FileRefused(
            "reserved_column", f"{name}: a column may not be called {RECORD}", fix="give the column another name"
        )
    return layout


def _format_of(head: bytes, name: str) -> str:
    for mark, kind in FOREIGN.items():
        if head.startswith(mark):
            raise FileRefused(
                "unknown_format",
                f"{name}: is {kind}, not a file of records",
                fix="deliver CSV, NDJSON or Parquet; of packed files .gz and .zst",
            )
    if head[:4] == b"PAR1":
        return "parquet"
    return "ndjson" if head.lstrip(BLANK)[:1] in (b"{", b"[") else "csv"


def _parquet_layout(path: Path, name: str) -> Layout:
    try:
        columns = tuple(pl.scan_parquet(path, glob=False).collect_schema().names())
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as error:
        raise _damaged_parquet(name, error) from error
    return Layout("parquet", "", columns, 0, len(columns))


def _damaged_parquet(name: str, error: BaseException) -> FileRefused:
    return FileRefused(
        "damaged_parquet",
        f"{name}: Parquet data cannot be read: damaged, cut off, or not UTF-8 ({_first_line(error)})",
        fix="deliver the file again, text as UTF-8",
    )


def _ndjson_layout(path: Path, name: str) -> Layout:
    """The keys of all objects, in order of appearance: a key may be absent from the first thousand and matter after."""
    keys: dict[str, None] = {}
    with path.open(encoding="utf-8-sig", errors="replace") as stream:
        for line in stream:
            try:
                keys.update(dict.fromkeys(_json_record(line)))
            except ValueError:
                continue
    if not keys:
        raise FileRefused(
            "unknown_format",
            f"{name}: looks like JSON, but no line of it is a JSON object",
            fix='deliver one JSON object per line; a CSV file that begins like JSON needs format = "csv" in sources.toml',
        )
    return Layout("ndjson", "", tuple(keys), 0, len(keys))


def _json_record(line: str) -> dict[str, Any]:
    """The object that a line holds; `ValueError` says what else it is."""
    try:
        record = JSON.decode(line.rstrip("\n"))
    except json.JSONDecodeError as error:
        raise ValueError(f"{error.msg}, character {error.pos + 1}") from None
    except RecursionError:
        raise ValueError("nested too deep") from None
    if not isinstance(record, dict):
        raise ValueError("another kind of value")
    if "\\ud" in line.lower():
        try:
            json.dumps(record, ensure_ascii=False).encode()
        except UnicodeEncodeError as error:
            raise ValueError(f"half of a character, {error.object[error.start]!a}") from None
    return record


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object of JSON; where a key occurs twice, which of its values is meant is anybody's guess."""
    record = dict(pairs)
    if len(record) < len(pairs):
        keys = [key for key, _ in pairs]
        raise ValueError(f"key {max(keys, key=keys.count)!a} occurs more than once")
    return record


# Numbers stay the digits that were written: a float would lose those of a long id.
JSON = json.JSONDecoder(parse_int=str, parse_float=str, parse_constant=str, object_pairs_hook=_without_repeats)


def _csv_layout(path: Path, name: str, delimiter: str, skip_lines: int, header: bool) -> Layout:
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            for _ in range(skip_lines):
                stream.readline()
            rows = csv.reader(stream, delimiter=delimiter, strict=True)
            first = next((row for row in rows if "".join(row).strip()), [])
            lines = rows.line_num if header else 0
    except UnicodeDecodeError as error:
        raise _not_utf8(name, error) from error
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
    cells = tuple(cell.strip() for cell in first) if header else tuple(f"column_{i}" for i in range(1, len(first) + 1))
    return Layout("csv", delimiter, cells, skip_lines + lines, len(first))


def _not_utf8(name: str, error: UnicodeDecodeError) -> FileRefused:
    return FileRefused(
        "encoding",
        f"{name}: is not UTF-8 text (byte {error.object[error.start]:#04x})",
        fix='declare its encoding in sources.toml, such as encoding = "cp1252"',
    )


def distinct_names(layout: Layout) -> list[str]:
    """Column names to hold the cells under: the header's, repeated names told apart by their position."""
    names: list[str] = []
    for position, cell in enumerate(layout.header, start=1):
        name = cell
        while name in names or not name or (name != cell and name in layout.header):
            name += f"#{position}"
        names.append(name)
    return names


def read_batches(path: Path, name: str, layout: Layout, *, careful: bool = False) -> Iterator[RawBatch]:
    """The records in order. The quick way raises `NeedsCare` where a CSV record has too few or too many cells."""
    match layout.format:
        case "parquet":
            return _parquet_batches(path, name)
        case "ndjson":
            return _ndjson_batches(path, name, layout)
        case _ if careful:
            return _careful_csv_batches(path, name, layout)
        case _:
            return _quick_csv_batches(path, layout)


class NeedsCare(Exception):
    """The quick CSV reader cannot tell cells from records; read again record by record."""


def _quick_csv_batches(path: Path, layout: Layout) -> Iterator[RawBatch]:
    names = distinct_names(layout)
    quoted = _has_regular_quotes(path, layout)
    frame = pl.scan_csv(
        path,
        glob=False,
        has_header=False,
        skip_lines=layout.lines_before,
        separator=layout.delimiter,
        schema=pl.Schema(dict.fromkeys(names, pl.String)),
        infer_schema=False,
        row_index_name=RECORD,
        row_index_offset=1,
        raise_if_empty=False,
    )
    if quoted:
        frame = frame.with_columns(_blank_as_null(names))
    rows = 0
    last_may_be_short = False
    try:
        for batch in frame.collect_batches(chunk_size=BATCH_ROWS):
            rows += batch.height
            last_may_be_short |= batch.get_column(names[-1]).null_count() > 0
            yield RawBatch(batch, NO_ROWS.to_frame())
    except (pl.exceptions.ComputeError, pl.exceptions.SchemaError) as error:
        raise NeedsCare from error
    # A record with too few cells reads as one with empty cells at its end: only then is it worth counting separators.
    if last_may_be_short and _separators(path, layout) != rows * (layout.cells_per_record - 1):
        raise NeedsCare


def _blank_as_null(names: list[str]) -> list[pl.Expr]:
    """A cell of two quotes holds nothing, like one without quotes."""
    return [pl.when(column != "").then(column).alias(name) for name in names for column in [cs.by_name(name).as_expr()]]


def _has_regular_quotes(path: Path, layout: Layout) -> bool:
    """Whether cells are quoted. `NeedsCare` where the quick reader would misread the file without a word:

    lines that end in CR alone, a quote inside of an unquoted cell, a quote that is never closed, a separator at the
    very end, and files of one column, whose blank lines it takes for records.
    """
    if layout.cells_per_record == 1 or _last_byte(path) == layout.delimiter.encode():
        raise NeedsCare
    kinds = bytes(b if b in b'"\r\n' or b == ord(layout.delimiter) else 0 for b in range(256))
    quoted = inside = False
    for chunk in _chunks(path, layout):
        if inside or b'"' in chunk:
            quoted = True
            outside, ends_inside = _outside_quotes(chunk, inside)
            # What stands outside of quotes must touch them with a separator or a line end, or be another quote.
            seams = (b'"' * inside + outside + b'"' * ends_inside).translate(kinds)
            if b'\0"' in seams or b'"\0' in seams:
                raise NeedsCare
            inside = ends_inside
    if inside:
        raise NeedsCare
    return quoted


def _outside_quotes(chunk: bytes, inside: bool) -> tuple[bytes, bool]:
    """The pieces that lie outside of quotes, a quote between them, and whether the chunk ends inside of quotes."""
    pieces = chunk.split(b'"')
    return b'"'.join(pieces[inside::2]), inside ^ (len(pieces) % 2 == 0)


def _separators(path: Path, layout: Layout) -> int:
    """How many delimiters separate cells, those inside of quotes left out."""
    count, inside = 0, False
    for chunk in _chunks(path, layout):
        outside, inside = _outside_quotes(chunk, inside) if inside or b'"' in chunk else (chunk, False)
        count += outside.count(layout.delimiter.encode())
    return count


def _chunks(path: Path, layout: Layout) -> Iterator[bytes]:
    """The records as bytes, in pieces of whole lines unless these are very long; `NeedsCare` for lines that end in CR."""
    with path.open("rb") as stream:
        for _ in range(layout.lines_before):
            line = stream.readline(CHUNK)
            if not line.endswith(b"\n") or _has_bare_cr(line):
                raise NeedsCare
        while chunk := stream.read(CHUNK) + stream.readline(CHUNK):
            if _has_bare_cr(chunk):
                raise NeedsCare
            yield chunk


def _has_bare_cr(text: bytes) -> bool:
    return b"\r" in text and text.count(b"\r") != text.count(b"\r\n")


def _careful_csv_batches(path: Path, name: str, layout: Layout) -> Iterator[RawBatch]:
    names = distinct_names(layout)
    rows: list[tuple[Any, ...]] = []
    broken: list[dict[str, Any]] = []
    record = 0
    ends_with_newline = _last_byte(path) in b"\r\n"
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            for _ in range(layout.lines_before):
                stream.readline()
            reader = csv.reader(stream, delimiter=layout.delimiter, strict=True)
            begins = layout.lines_before + 1
            for cells in reader:
                if len(rows) + len(broken) >= BATCH_ROWS:
                    yield _raw_batch(rows, broken, names)
                    rows, broken = [], []
                if cells:
                    record += 1
                    if len(cells) == layout.cells_per_record:
                        rows.append((record, *(cell or None for cell in cells)))
                    else:
                        broken.append(_ragged(record, begins, cells, layout))
                begins = layout.lines_before + reader.line_num + 1
    except UnicodeDecodeError as error:
        raise _not_utf8(name, error) from error
    except csv.Error as error:
        raise FileRefused(
            "damaged_csv",
            f"{name}, record {record + 1}, line {begins}: {error}",
            fix="close the quote that is open there, or double the quotes inside a quoted cell",
        ) from error
    if broken and not ends_with_newline and broken[-1]["record"] == record:
        broken[-1] |= {"rule": "record is cut off at the end of the file", "fix": "deliver the file again, whole"}
    yield _raw_batch(rows, broken, names)


def _ragged(record: int, line: int, cells: list[str], layout: Layout) -> dict[str, Any]:
    return {
        "record": record,
        "line": line,
        "value": layout.delimiter.join(cells)[:200],
        "rule": f"record has {len(cells)} cells",
        "allowed": f"{layout.cells_per_record} cells, as in the header",
        "fix": "quote cells that hold the delimiter, or fill in the missing cells",
    }


def _last_byte(path: Path) -> bytes:
    """The last byte of a file that is not empty."""
    with path.open("rb") as stream:
        stream.seek(-1, os.SEEK_END)
        return stream.read(1)


def _raw_batch(rows: list[tuple[Any, ...]], broken: list[dict[str, Any]], names: list[str]) -> RawBatch:
    schema = pl.Schema({RECORD: pl.UInt32, **dict.fromkeys(names, pl.String)})
    return RawBatch(pl.DataFrame(rows, schema=schema, orient="row"), pl.DataFrame(broken, schema=NO_ROWS))


def _ndjson_batches(path: Path, name: str, layout: Layout) -> Iterator[RawBatch]:
    names = list(layout.header)
    rows: list[tuple[Any, ...]] = []
    broken: list[dict[str, Any]] = []
    record = 0
    try:
        with path.open(encoding="utf-8-sig") as stream:
            for number, line in enumerate(stream, start=1):
                if not line.strip():
                    continue
                record += 1
                try:
                    values = _json_record(line)
                    rows.append((record, *(_json_text(values.get(key)) for key in names)))
                except ValueError as error:
                    broken.append(
                        {
                            "record": record,
                            "line": number,
                            "value": line.strip()[:200],
                            "rule": f"line is not a JSON object ({error})",
                            "allowed": "one JSON object per line",
                            "fix": "deliver the file again, or mend the line",
                        }
                    )
                if len(rows) + len(broken) >= BATCH_ROWS:
                    yield _raw_batch(rows, broken, names)
                    rows, broken = [], []
    except UnicodeDecodeError as error:
        raise _not_utf8(name, error) from error
    yield _raw_batch(rows, broken, names)


def _json_text(value: Any) -> str | None:
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _parquet_batches(path: Path, name: str) -> Iterator[RawBatch]:
    try:
        frame = pl.scan_parquet(path, glob=False)
        texts = [_parquet_text(column, dtype) for column, dtype in frame.collect_schema().items()]
        for batch in frame.select(texts).with_row_index(RECORD, offset=1).collect_batches(chunk_size=BATCH_ROWS):
            yield RawBatch(batch, NO_ROWS.to_frame())
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as error:
        raise _damaged_parquet(name, error) from error


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


def line_numbers(path: Path, layout: Layout, records: list[int], *, careful: bool) -> dict[int, int]:
    """The line each of these records begins on: by counting, unless cells may hold line breaks."""
    if layout.format == "parquet":
        return {}
    if layout.format == "ndjson" or not (careful or _has_quotes(path)):
        return _lines_without_blanks(path, layout, records)
    wanted, found = set(records), {}
    with path.open(encoding="utf-8-sig", newline="", errors="replace") as stream:
        for _ in range(layout.lines_before):
            stream.readline()
        reader = csv.reader(stream, delimiter=layout.delimiter)
        record, begins = 0, layout.lines_before + 1
        for cells in reader:
            if cells:
                record += 1
                if record in wanted:
                    found[record] = begins
            begins = layout.lines_before + reader.line_num + 1
    return found


def _has_quotes(path: Path) -> bool:
    with path.open("rb") as stream:
        while chunk := stream.read(HEAD_BYTES * 16):
            if b'"' in chunk:
                return True
    return False


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


def _first_line(error: BaseException) -> str:
    return str(error).strip().splitlines()[0][:200] if str(error).strip() else type(error).__name__

"""Records of an export file as batches of text: CSV, NDJSON and Parquet, nothing inferred.

Every cell comes out as text or null, with the number of its record, so that casting happens in one place
and a value is never altered by a reader.
"""

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from schemas.errors import FileRefused

RECORD = "__record"
BATCH_ROWS = 250_000
HEAD_BYTES = 1 << 16
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
    if not head.strip(b"\xef\xbb\xbf \t\r\n"):
        return None
    kind = format or _format_of(head)
    if kind == "parquet":
        return _parquet_layout(path, name)
    if kind == "ndjson":
        return _ndjson_layout(path, name)
    return _csv_layout(path, name, delimiter, skip_lines, header)


def _format_of(head: bytes) -> str:
    if head[:4] == b"PAR1":
        return "parquet"
    return "ndjson" if head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"{" else "csv"


def _parquet_layout(path: Path, name: str) -> Layout:
    try:
        columns = tuple(pl.scan_parquet(path, glob=False).collect_schema().names())
    except (pl.exceptions.PolarsError, OSError) as error:
        raise FileRefused(
            "damaged_parquet",
            f"{name}: Parquet data is damaged or cut off ({_first_line(error)})",
            fix="deliver the file again",
        ) from error
    return Layout("parquet", "", columns, 0, len(columns))


def _ndjson_layout(path: Path, name: str) -> Layout:
    """The keys of all objects, in order of appearance: a key may be absent from the first thousand and matter after."""
    keys: dict[str, None] = {}
    with path.open(encoding="utf-8-sig", errors="replace") as stream:
        for line in stream:
            try:
                record = json.loads(line)
            except ValueError:
                continue
            if isinstance(record, dict):
                keys.update(dict.fromkeys(record))
    if not keys:
        raise FileRefused(
            "unknown_format",
            f"{name}: looks like JSON, but no line of it is a JSON object",
            fix="deliver one JSON object per line",
        )
    return Layout("ndjson", "", tuple(keys), 0, len(keys))


def _csv_layout(path: Path, name: str, delimiter: str, skip_lines: int, header: bool) -> Layout:
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            for _ in range(skip_lines):
                stream.readline()
            rows = csv.reader(stream, delimiter=delimiter)
            first = next(rows, [])
            lines = rows.line_num if header else 0
    except UnicodeDecodeError as error:
        raise _not_utf8(name, error) from error
    except csv.Error as error:
        raise FileRefused(
            "damaged_csv", f"{name}, line {skip_lines + 1}: {error}", fix="correct the quotes of the header line"
        ) from error
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
    seen: set[str] = set()
    names = []
    for position, cell in enumerate(layout.header, start=1):
        names.append(cell if cell not in seen and cell else f"{cell}#{position}")
        seen.add(cell)
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
    if last_may_be_short and not _separators_add_up(path, layout, rows):
        raise NeedsCare


def _separators_add_up(path: Path, layout: Layout, rows: int) -> bool:
    separators = 0
    with path.open("rb") as stream:
        for _ in range(layout.lines_before):
            stream.readline()
        while chunk := stream.read(HEAD_BYTES * 16):
            if b'"' in chunk:
                return False
            separators += chunk.count(layout.delimiter.encode())
    return separators == rows * (layout.cells_per_record - 1)


def _careful_csv_batches(path: Path, name: str, layout: Layout) -> Iterator[RawBatch]:
    names = distinct_names(layout)
    rows: list[tuple[Any, ...]] = []
    broken: list[dict[str, Any]] = []
    record = 0
    ends_with_newline = _ends_with_newline(path)
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            for _ in range(layout.lines_before):
                stream.readline()
            reader = csv.reader(stream, delimiter=layout.delimiter, strict=True)
            begins = layout.lines_before + 1
            for cells in reader:
                if cells:
                    record += 1
                    if len(cells) == layout.cells_per_record:
                        rows.append((record, *(cell or None for cell in cells)))
                    else:
                        broken.append(_ragged(record, begins, cells, layout))
                begins = layout.lines_before + reader.line_num + 1
                if len(rows) >= BATCH_ROWS:
                    yield _raw_batch(rows, broken, names)
                    rows, broken = [], []
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


def _ends_with_newline(path: Path) -> bool:
    with path.open("rb") as stream:
        stream.seek(0, 2)
        if stream.tell() == 0:
            return True
        stream.seek(-1, 2)
        return stream.read(1) in (b"\n", b"\r")


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
                    # Numbers stay the digits that were written: a float would lose those of a long id.
                    values = json.loads(line, parse_int=str, parse_float=str, parse_constant=str)
                    if not isinstance(values, dict):
                        raise ValueError("not an object")
                    rows.append((record, *(_json_text(values.get(key)) for key in names)))
                except (ValueError, RecursionError) as error:
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
                if len(rows) >= BATCH_ROWS:
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
    frame = pl.scan_parquet(path, glob=False)
    texts = [_parquet_text(column, dtype) for column, dtype in frame.collect_schema().items()]
    try:
        for batch in frame.select(texts).with_row_index(RECORD, offset=1).collect_batches(chunk_size=BATCH_ROWS):
            yield RawBatch(batch, NO_ROWS.to_frame())
    except (pl.exceptions.PolarsError, OSError) as error:
        raise FileRefused(
            "damaged_parquet",
            f"{name}: Parquet data is damaged or cut off ({_first_line(error)})",
            fix="deliver the file again",
        ) from error


def _parquet_text(column: str, dtype: pl.DataType) -> pl.Expr:
    if isinstance(dtype, pl.Datetime):
        zone = "Z" if dtype.time_zone else ""
        value = pl.col(column).dt.convert_time_zone("UTC") if dtype.time_zone else pl.col(column)
        return value.dt.strftime(f"%Y-%m-%dT%H:%M:%S%.f{zone}")
    return pl.col(column).cast(pl.String)


def line_numbers(path: Path, layout: Layout, records: list[int]) -> dict[int, int]:
    """The line each of these records begins on: by counting, unless cells hold line breaks."""
    if layout.format == "parquet":
        return {}
    if layout.format == "ndjson" or not _has_quotes(path):
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
    with path.open("rb") as stream:
        for number, line in enumerate(stream, start=1):
            if number > layout.lines_before and line.strip():
                record += 1
                if record in wanted:
                    found[record] = number
                    if len(found) == len(wanted):
                        break
    return found


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0][:200] if str(error).strip() else type(error).__name__

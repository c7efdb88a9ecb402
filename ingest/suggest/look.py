"""A first look at a file that nothing recognises: its characters, its delimiter, where its table begins, some records."""

import csv
import io
import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from ingest import files
from ingest.cast.canonical import canonical_dataset, canonical_load, creators_by_platform
from ingest.cast.json_text import cell
from ingest.cast.mapping import plan_of
from ingest.cast.rows import read_batch
from ingest.detect import find_layout
from ingest.export_file import ExportFile
from ingest.formats.registry import format_of
from ingest.readers import table
from ingest.readers.base import distinct_names, raw_batch
from ingest.readers.json import open_json
from ingest.readers.json_values import AS_WRITTEN
from ingest.vendor_tables.registry import asked_by, known_table, refuse_other
from schemas.errors import FileRefused
from schemas.paths import paths_of, values_at
from schemas.sources import Source

HEAD_BYTES, LINES = 1 << 18, 40
DELIMITERS = (",", ";", "\t", "|")
DEPTH_MAX, PATHS_MAX, RECORDS = 4, 200, 1000
# A record with no more cells of its own is the envelope of a list.
OUTER_CELLS = 4


@dataclass(frozen=True)
class Looked:
    """What a file is written as, its columns, and its first records as text."""

    name: str
    source: Source
    format: str
    header: list[str]
    rows: pl.DataFrame
    repeated: frozenset[str] = frozenset()  # columns whose name occurs more than once: they go by position
    each: str | None = None  # of nested JSON, the path of what becomes a row each
    known: str | None = None  # the format or table that it is read as without a declaration
    asked: tuple[str, ...] = ()  # keys of sources.toml that this table cannot be read without


def look_at(file: ExportFile, scratch: Path) -> Looked:
    """Look at a file.

    Args:
        file: The file, or a member of an archive.
        scratch: A folder for what must be unpacked or transcoded first.

    Raises:
        FileRefused: it holds no records that could be read as a table or as JSON.
    """
    try:
        return _look_at(file, scratch)
    finally:
        files.spool_of(file, scratch).unlink(missing_ok=True)


def _look_at(file: ExportFile, scratch: Path) -> Looked:
    name = file.name
    encoding = _encoding(files.plain_text(file, "utf-8", scratch))
    text = files.plain_text(file, encoding, scratch)
    source = Source(files="*", encoding=encoding) if encoding != "utf-8" else Source(files="*")
    native = open_json(text, name)
    if native is not None and (form := format_of(native.head)):
        return Looked(name, source, form.name, [], pl.DataFrame(), known=form.name)
    nested = open_json(text, name, AS_WRITTEN)
    if nested is not None:
        return _nested(name, source, [record for record in nested if isinstance(record, dict)][:RECORDS])
    with text.open("rb") as stream:
        head = stream.read(HEAD_BYTES)
    if table.format_of(head, name) == "csv":
        source = _with_layout(source, head.decode("utf-8-sig", "replace"))
    layout = find_layout(text, name, source)
    if layout is None:
        raise FileRefused("empty", f"{name}: the file holds nothing", fix="deliver it with its records")
    if layout.format == "ndjson" and _is_nested(text):
        lines = [
            json.loads(line) for line in text.read_text(encoding="utf-8-sig").splitlines()[:RECORDS] if line.strip()
        ]
        return _nested(name, source, lines)
    header = distinct_names(layout)
    careful = table.read_batches(text, name, layout, careful=True)
    rows = next((batch.rows for batch in careful), pl.DataFrame()).head(RECORDS)
    if not source.model_fields_set - {"files"}:
        known = known_table(header)
        dataset = canonical_dataset(header, is_table=known is not None)
        if dataset and _loads_as_it_is(dataset, header, rows, is_text=layout.format == "csv"):
            return Looked(name, source, layout.format, header, pl.DataFrame(), known=dataset)
        refuse_other(name, list(layout.header))
        if not known and creators_by_platform(header):
            return Looked(name, source, layout.format, header, pl.DataFrame(), known="creators")
        if known:
            return Looked(
                name, source, layout.format, header, pl.DataFrame(), known=known.name, asked=asked_by(known, header)
            )
    counts = Counter(layout.header)
    repeated = frozenset(name for name, cell in zip(header, layout.header, strict=True) if counts[cell] > 1 or not cell)
    return Looked(name, source, layout.format, header, rows, repeated)


def _loads_as_it_is(dataset: str, header: list[str], rows: pl.DataFrame, *, is_text: bool) -> bool:
    """Whether records under a canonical header need no declaration: numbers and times may be written in ways of their own."""
    if rows.is_empty():
        return True
    plan = plan_of(canonical_load(dataset, header), Source(files="*"), header, rows, is_text=is_text)
    return 2 * read_batch(rows, plan).rejects.get_column("record").n_unique() < rows.height


def _encoding(path: Path) -> str:
    """UTF-8, which UTF-16 has become by its mark, or what Windows wrote before."""
    with path.open("rb") as stream:
        head = stream.read(HEAD_BYTES)
    if head.startswith(b"PAR1"):
        return "utf-8"
    try:
        # A character may be cut off at the end.
        head[: head.rfind(b"\n") + 1 or None].decode("utf-8-sig")
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"


def _with_layout(source: Source, text: str) -> Source:
    """The declaration with the delimiter that takes the lines apart alike, and the lines above the header."""
    lines = text.splitlines()[:LINES]
    best = max(DELIMITERS, key=lambda delimiter: _alike(lines, delimiter))
    rows = [next(csv.reader([line], delimiter=best), []) for line in lines]
    width = Counter(len(row) for row in rows if len(row) > 1).most_common(1)
    skipped = next((n for n, row in enumerate(rows) if width and len(row) == width[0][0] and _is_header(row)), 0)
    said = {key: value for key, value in (("delimiter", best), ("skip_lines", skipped)) if value not in (",", 0)}
    return Source.model_validate({**source.model_dump(exclude_unset=True), **said})


def _alike(lines: list[str], delimiter: str) -> tuple[int, int]:
    """How many lines have the same number of cells, more than one, and how many cells that are."""
    try:
        widths = Counter(
            len(row) for row in csv.reader(io.StringIO("\n".join(lines)), delimiter=delimiter) if len(row) > 1
        )
    except csv.Error:
        return 0, 0
    if not widths:
        return 0, 0
    width, count = widths.most_common(1)[0]
    return count, width


def _is_header(row: list[str]) -> bool:
    """Names: no cell is a number alone, and most say something."""
    said = [cell for cell in row if cell.strip()]
    return len(said) * 2 > len(row) and not any(
        cell.strip().replace(".", "").replace(",", "").isdigit() for cell in said
    )


def _is_nested(path: Path) -> bool:
    """Whether the first line of records is an object with objects in it."""
    with path.open(encoding="utf-8-sig") as stream:
        first = next((line for line in stream if line.strip()), "{}")
    try:
        record = json.loads(first)
    except ValueError:
        return False
    return isinstance(record, dict) and any(isinstance(value, dict) for value in record.values())


def _nested(name: str, source: Source, records: list[dict[str, Any]]) -> Looked:
    """Records of nested JSON: every path to a cell is a column, inside the list whose elements are the rows where there is one."""
    each = _list_of_rows(records)
    inside = paths_of(each)[0].steps if each else ()
    pairs = [(record, element) for record in records for element in values_at(record, inside)][:RECORDS]
    own = dict.fromkeys(path for _, element in pairs for path in _paths(element))
    outer = dict.fromkeys(path for record, _ in pairs for path in _paths(record)) if each else {}
    columns = ([f".{path}" for path in own] if each else list(own)) + list(outer)
    columns = columns[:PATHS_MAX]
    ways = [(paths_of(text)[0]) for text in columns]
    rows = [
        (number, *(cell(next(values_at(element if way.is_inside else record, way.steps), None)) for way in ways))
        for number, (record, element) in enumerate(pairs, start=1)
    ]
    return Looked(name, source, "json", columns, raw_batch(rows, [], columns).rows, each=each)


def _list_of_rows(records: list[dict[str, Any]]) -> str | None:
    """The path of the list of objects that has most elements, where a record is little more than that list."""
    counts: Counter[str] = Counter()
    for record in records:
        for key, value in record.items():
            for path, inner in (
                (key, value),
                *((f"{key}.{k}", v) for k, v in (value.items() if isinstance(value, dict) else ())),
            ):
                if (
                    isinstance(inner, list)
                    and inner
                    and all(isinstance(item, dict) for item in inner)
                    and _is_path(path)
                ):
                    counts[path] += len(inner)
    path, count = counts.most_common(1)[0] if counts else ("", 0)
    few = sum(not isinstance(value, dict | list) for value in records[0].values()) <= OUTER_CELLS if records else False
    return f"{path}[]" if count and few else None


def _paths(value: Any, depth: int = 1) -> list[str]:
    """The paths to the cells of a record, keys that no path can name left out."""
    found = []
    for key, inner in value.items() if isinstance(value, dict) else ():
        if not _is_path(key):
            continue
        if isinstance(inner, dict) and depth < DEPTH_MAX:
            found += [f"{key}.{path}" for path in _paths(inner, depth + 1)]
        elif not isinstance(inner, dict | list):
            found.append(key)
    return found


def _is_path(text: str) -> bool:
    try:
        return not paths_of(text)[0].is_inside and "|" not in text
    except ValueError:
        return False

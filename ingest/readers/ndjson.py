"""Records of an NDJSON file: one object a line, its numbers kept as the digits that were written.

Lines that look like nearly all others of the file are taken apart by `ndjson_pattern`, the rest is parsed.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from pathlib import Path
from typing import Any

import polars as pl

from ingest.privacy import key_named
from ingest.readers import ndjson_pattern
from ingest.readers.base import (
    BATCH_BYTES,
    BATCH_ROWS,
    FallbackToSlowReader,
    Layout,
    RawBatch,
    distinct_names,
    head_of,
    no_object,
    not_utf8,
    raw_batch,
    unbroken,
)
from ingest.readers.json_values import RepeatedKey, without_repeats
from schemas.errors import FileRefused
from schemas.rejects import Reject
from schemas.sources import LINE, RECORD

HEAD_LINES = 1000


def ndjson_layout(path: Path, name: str) -> Layout:
    """The keys of all objects, in order of appearance: a key may be absent from the first thousand and matter after."""
    with path.open(encoding="utf-8-sig", errors="replace") as stream:
        first = list(islice(head_of(stream), HEAD_LINES))
        shapes = list(_keys_of(first))
        known = tuple(dict.fromkeys(chain.from_iterable(shapes)))
        pattern = ndjson_pattern.pattern_of(first, shapes, known)
        if pattern and ndjson_pattern.is_regular(path):
            others = ndjson_pattern.unlike_lines(path, pattern)
        else:
            pattern, others = "", stream
        keys = dict.fromkeys(chain(known, chain.from_iterable(_keys_of(others))))
    if LINE in keys or "" in keys:  # names that the quick way could not tell from its own
        pattern = ""
    if not keys:
        raise FileRefused(
            "unknown_format",
            f"{name}: looks like JSON, but no line of it is a JSON object",
            fix='deliver one JSON object per line, or declare format = "json" with paths, or format = "csv", in sources.toml',
        )
    return Layout("ndjson", "", tuple(keys), 0, len(keys), line_pattern=pattern)


def _keys_of(lines: Iterable[str]) -> Iterator[tuple[str, ...]]:
    """The keys of each line that is an object."""
    for line in lines:
        try:
            yield tuple(json_record(line))
        except ValueError:
            continue


def scan(path: Path, layout: Layout) -> pl.LazyFrame:
    """The records by the quick way: number, cells and, of a line that is unlike the others, its text in their place."""
    if not layout.line_pattern:
        raise FallbackToSlowReader
    return ndjson_pattern.scan(path, layout)


def with_care(records: pl.DataFrame) -> RawBatch:
    """Records of the quick way, those that it did not take apart parsed."""
    names = [name for name in records.columns if name not in (RECORD, LINE)]
    quick = records.filter(pl.col(LINE).is_null()).drop(LINE)
    rows: list[tuple[Any, ...]] = []
    rejects: list[Reject] = []
    for record, text in records.select(RECORD, LINE).drop_nulls().iter_rows():
        _take_apart(text.removeprefix("\ufeff"), record, None, names, rows, rejects)
    if not rows and not rejects:
        return unbroken(quick)
    parsed = raw_batch(rows, rejects, names)
    return RawBatch(pl.concat([quick, parsed.rows]).sort(RECORD), parsed.rejects)


def ndjson_batches(path: Path, name: str, layout: Layout) -> Iterator[RawBatch]:
    keys, names = layout.header, distinct_names(layout)
    rows: list[tuple[Any, ...]] = []
    rejects: list[Reject] = []
    record = size = 0
    try:
        with path.open(encoding="utf-8-sig") as stream:
            for number, line in enumerate(stream, start=1):
                if not line.strip():
                    continue
                record += 1
                size += len(line)
                _take_apart(line, record, number, keys, rows, rejects)
                if len(rows) + len(rejects) >= BATCH_ROWS or size >= BATCH_BYTES:
                    yield raw_batch(rows, rejects, names)
                    rows, rejects, size = [], [], 0
    except UnicodeDecodeError as error:
        raise not_utf8(name, error) from error
    yield raw_batch(rows, rejects, names)


def _take_apart(
    line: str,
    record: int,
    number: int | None,
    keys: Sequence[str],
    rows: list[tuple[Any, ...]],
    rejects: list[Reject],
) -> None:
    """Add what a line holds to the rows, or what is wrong with it to the rejects."""
    try:
        values = json_record(line)
        rows.append((record, *(json_text(values.get(key)) for key in keys)))
    except ValueError as error:
        rejects.append(no_object(line.strip(), str(error), number)._replace(record=record))


def json_record(line: str) -> dict[str, Any]:
    """The object that a line holds; `ValueError` says what else it is."""
    try:
        record = JSON.decode(line.rstrip("\n"))
    except json.JSONDecodeError as error:
        raise ValueError(f"{error.msg}, character {error.pos + 1}") from None
    except RepeatedKey as error:
        raise ValueError(f"{key_named(error.key)} occurs more than once") from None
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


# Numbers stay the digits that were written: a float would lose those of a long id.
JSON = json.JSONDecoder(parse_int=str, parse_float=str, parse_constant=str, object_pairs_hook=without_repeats)


def json_text(value: Any) -> str | None:
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)

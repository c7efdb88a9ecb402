"""Records of an NDJSON file: one object a line, its numbers kept as the digits that were written."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from schemas.errors import FileRefused
from warehouse.records import BATCH_ROWS, Layout, RawBatch, not_utf8, raw_batch


def ndjson_layout(path: Path, name: str) -> Layout:
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


def ndjson_batches(path: Path, name: str, layout: Layout) -> Iterator[RawBatch]:
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
                    yield raw_batch(rows, broken, names)
                    rows, broken = [], []
    except UnicodeDecodeError as error:
        raise not_utf8(name, error) from error
    yield raw_batch(rows, broken, names)


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


def _json_text(value: Any) -> str | None:
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)

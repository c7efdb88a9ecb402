"""A file of nested JSON, read as sources.toml declares it, as batches of text rows for each of its loads."""

from collections.abc import Iterator
from typing import Any

from ingest.cast.edges import MASK
from ingest.edges import EDGE_DATASETS
from ingest.formats.base import Refused
from ingest.formats.batches import BATCH_ROWS
from ingest.formats.json_paths import Cells, refuse_absent
from ingest.readers.base import RawBatch, raw_batch
from ingest.readers.json import Broken, JsonRecords
from schemas.errors import FileRefused
from schemas.sources import Load


class _Waiting:
    """The rows of one load that are to be given with the next batch. They are numbered within their load."""

    def __init__(self, load: Load) -> None:
        self.cells = Cells(load)
        self._hides = load.dataset in EDGE_DATASETS
        self._number = 0
        self._rows: list[tuple[Any, ...]] = []
        self._broken: list[dict[str, Any]] = []

    def take(self, record: dict[str, Any] | Broken) -> int:
        """Add the rows of a record; how many there were."""
        before = self._number
        for row in (record,) if isinstance(record, Broken) else self.cells.rows_of(record):
            self._number += 1
            if isinstance(row, list):
                self._rows.append((self._number, *row))
            else:
                self._broken.append(_said(row, self._number, hides=self._hides))
        return self._number - before

    def batch(self) -> RawBatch:
        """What has gathered, the lists emptied."""
        batch = raw_batch(self._rows, self._broken, self.cells.names)
        self._rows, self._broken = [], []
        return batch


def _said(row: Broken | Refused, number: int, *, hides: bool) -> dict[str, Any]:
    value = MASK if hides else row.value
    if isinstance(row, Refused):
        return {
            "record": number, "line": None, "value": value, "rule": row.rule, "allowed": row.allowed, "fix": row.fix,
        }  # fmt: skip
    advice = {"allowed": "a JSON object", "fix": "deliver the file again, or mend the record"}
    return {"record": number, "line": row.line, "value": value, "rule": row.rule, **advice}


def batches_by_path(name: str, records: JsonRecords, loads: tuple[Load, ...]) -> Iterator[list[RawBatch]]:
    """One batch for each load, in their order. `FileRefused` where no record has one of the paths."""
    waiting = [_Waiting(load) for load in loads]
    refuse_absent(name, records, [each.cells for each in waiting])
    rows = 0
    for record in records:
        rows += sum(each.take(record) for each in waiting)
        if rows >= BATCH_ROWS:
            yield [each.batch() for each in waiting]
            rows = 0
    yield [each.batch() for each in waiting]


def not_json(name: str) -> FileRefused:
    return FileRefused(
        "unknown_format",
        f"{name}: is declared as JSON, and does not begin like it",
        fix="correct format in sources.toml, or deliver a JSON document or one object per line",
    )

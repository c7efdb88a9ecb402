"""Nested JSON that is read as declared: the cells of a load, found in each record by their paths."""

from collections.abc import Iterable, Iterator
from typing import Any

import polars as pl

from ingest.cast.conditions import split
from ingest.cast.json_text import cell
from ingest.formats.base import text_of
from ingest.formats.batches import BATCH_ROWS
from ingest.privacy import keys_listed
from ingest.readers.base import RawBatch, raw_batch
from ingest.readers.json import JsonRecords
from schemas.errors import FileRefused
from schemas.paths import (
    BETWEEN_NAMES,
    LISTS,
    Path,
    Steps,
    after_shared_lists,
    elements_at,
    has_path,
    paths_of,
    values_at,
)
from schemas.rejects import Reject
from schemas.sources import Load


class CellsByPath:
    """How one load takes its cells out of a record. Each path is a column, under the text of the path."""

    def __init__(self, load: Load) -> None:
        self.each: Path | None = paths_of(load.each)[0] if load.each else None
        read = {path: name for name, reading in load.columns.items() for path in reading.names}
        self.names = list(dict.fromkeys([*read, *load.columns_asked]))
        self._ways = {text: [self._way(path) for path in paths_of(text)] for text in self.names}
        self._where, self._where_not = load.where, load.where_not
        self._lists = {path for path, name in read.items() if name in LISTS}

    def rows_of(self, record: dict[str, Any]) -> Iterator[list[str | None] | Reject]:
        """The rows of a record: one, or one for each element."""
        for passed in elements_at(record, self.each.steps) if self.each else ((),):
            yield self._row((record, *passed))

    def _way(self, path: Path) -> tuple[int, Steps]:
        """Where a path starts, as a place in what `_row` is given, and its steps from there.

        A list that `each` goes through as well is at the element that the row is of: an owner is the one whose list it is.
        """
        return (
            (-1, path.steps) if path.is_inside else after_shared_lists(path.steps, self.each.steps if self.each else ())
        )

    def _row(self, starts: tuple[Any, ...]) -> list[str | None] | Reject:
        """The row of a record, the elements of the lists passed on the way, and the element itself."""
        row: list[str | None] = []
        reject = None
        for text, ways in self._ways.items():
            found = [value for start, steps in ways for value in values_at(starts[start], steps) if value != ""]
            others = [value for value in found if isinstance(value, dict | list)]
            if others:
                reject = reject or _no_cell(text, others[0], takes_all=text in self._lists)
                row.append(None)
                continue
            texts = dict.fromkeys(cell(value) for value in found)
            first = next(iter(texts), None)
            row.append((BETWEEN_NAMES.join(map(str, texts)) or None) if text in self._lists else first)
        return reject if reject and self._counts(row) else row

    def _counts(self, row: list[str | None]) -> bool:
        """Whether the load does not leave such a row out: of one that it does, nothing is wanted."""
        if not self._where and not self._where_not:
            return True
        cells = pl.DataFrame([row], schema=dict.fromkeys(self.names, pl.String), orient="row")
        return not split(cells, self._where, self._where_not).is_empty()

    def wanted(self) -> list[tuple[str, list[Steps]]]:
        """Every path that the file should have, and its ways from the record: of alternatives one will do."""
        before = self.each.steps if self.each else ()
        own = [
            (text, [(*(before if path.is_inside else ()), *path.steps) for path in paths_of(text)])
            for text in self.names
        ]
        return [(self.each.text, [before]), *own] if self.each else own


def _no_cell(path: str, value: Any, *, takes_all: bool) -> Reject:
    if isinstance(value, dict):
        kind, fix = "an object", "name a key inside it"
    elif takes_all:
        kind, fix = "a list", f"write {path}[] for all of its elements"
    else:
        kind = "a list"
        fix = (
            f"write {path}[] where its first element alone is meant; for a row of each, name in each a list whose elements "
            "hold all cells of a row: values of lists that stand beside each other must be delivered so"
        )
    return Reject(f"{path}: {kind}, where a cell is wanted", "text, a number, true, false", fix, text_of(value))


def refuse_absent(name: str, records: Iterable[Any], every: list[CellsByPath]) -> None:
    """`FileRefused` for a path that no record has. Stops at the record that has the last of them."""
    wanted = [path for cells in every for path in cells.wanted()]
    declared = {str(step) for _, ways in wanted for steps in ways for step in steps}
    keys: list[str] = []
    for record in records:
        if isinstance(record, dict):
            keys = keys or list(record)
            wanted = [(text, ways) for text, ways in wanted if not any(has_path(record, steps) for steps in ways)]
        if not wanted:
            return
    if keys:
        raise FileRefused(
            "missing_column",
            f"{name}: {wanted[0][0]!r} is declared as a path, which no record has; the first has {keys_listed(keys, declared)}",
            fix="correct the path in sources.toml",
        )


class _Waiting:
    """The rows of one load that are to be given with the next batch. They are numbered within their load."""

    def __init__(self, load: Load) -> None:
        self.cells = CellsByPath(load)
        self._number = 0
        self._rows: list[tuple[Any, ...]] = []
        self._rejects: list[Reject] = []

    def add(self, record: dict[str, Any] | Reject) -> int:
        """Add the rows of a record; how many there were."""
        before = self._number
        for row in (record,) if isinstance(record, Reject) else self.cells.rows_of(record):
            self._number += 1
            if isinstance(row, list):
                self._rows.append((self._number, *row))
            else:
                self._rejects.append(row._replace(record=self._number))
        return self._number - before

    def batch(self) -> RawBatch:
        """What has gathered, the lists emptied."""
        batch = raw_batch(self._rows, self._rejects, self.cells.names)
        self._rows, self._rejects = [], []
        return batch


def batches_by_path(name: str, records: JsonRecords, loads: tuple[Load, ...]) -> Iterator[list[RawBatch]]:
    """One batch for each load, in their order. `FileRefused` for a path that no record has."""
    waiting = [_Waiting(load) for load in loads]
    refuse_absent(name, records, [each.cells for each in waiting])
    rows = 0
    for record in records:
        rows += sum(each.add(record) for each in waiting)
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

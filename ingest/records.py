"""The records of one file on their way into the lake: each batch with the number of the load that it is for."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import polars as pl
import polars.selectors as cs

from ingest.cast.column_types import column_kinds
from ingest.cast.conditions import split
from ingest.cast.header_check import refuse_shifted, refuse_words_under_number_names
from ingest.cast.ids import exact_ids
from ingest.cast.json_cells import refuse_absent
from ingest.cast.lines_in_cells import misplaced_records
from ingest.cast.mapping import Plan, plan_of
from ingest.cast.misplaced_rows import Misplaced
from ingest.cast.totals import fix_of_heading
from ingest.delivery import Delivery
from ingest.detect import Detected
from ingest.formats.base import NOTHING_READ, Format
from ingest.formats.batches import context_of, declared, native_batches
from ingest.formats.json_paths import batches_by_path, not_json
from ingest.formats.streams import with_streams
from ingest.load_state import LoadState
from ingest.privacy import hidden_rejects, may_name_members
from ingest.readers import csv, sheet, table
from ingest.readers.base import FallbackToSlowReader, Layout, RawBatch, without
from ingest.readers.json import JsonRecords, open_json
from ingest.readers.json_values import AS_WRITTEN
from ingest.vendor_tables.registry import with_date_format, with_made_columns, without_others
from schemas.errors import FileRefused
from schemas.pagination import Page
from schemas.rejects import VALUE_LENGTH
from schemas.sources import Source

SAMPLE_ROWS = 1000


class Records(ABC):
    """What the loop of `load` needs of any kind of file."""

    format: str
    note: str | None = None
    empty = "nothing in it to read"  # what to say of a file without records

    def __init__(self, hidden: pl.Expr) -> None:
        self.pages: list[Page] = []
        self.hidden = hidden  # which of its rejects may name a member

    @abstractmethod
    def batches(self) -> Iterator[tuple[int, RawBatch]]:
        """Batches of text rows, each with the number of its load."""

    @abstractmethod
    def begin(self, number: int, _batch: RawBatch, /) -> LoadState:
        """A load made ready by its first batch. `FileRefused` where that shows that the file cannot be read so."""

    def lines_of(self, _records: list[int]) -> dict[int, int]:
        """The line that each of these records begins on, where the records of the file have lines of their own."""
        return {}


class TableRecords(Records):
    """Records that share their columns, which one or several loads read."""

    empty = "a header and no records"

    def __init__(self, delivery: Delivery, path: Path, layout: Layout, what: Detected) -> None:
        super().__init__(hidden_rejects(load.dataset for load in what.loads))
        self.path, self.layout, self.what = path, layout, what
        self.format, self.note = layout.format, what.note
        self.careful = False
        self._name = delivery.file.name
        self._plans: list[Plan] = []
        self._kinds: dict[str, str | None] = {}
        self._has_quotes = csv.has_quotes(path, layout)

    def batches(self) -> Iterator[tuple[int, RawBatch]]:
        for whole in table.read_batches(self.path, self._name, self.layout, careful=self.careful):
            known = self.what.table
            batch = with_made_columns(without_others(whole, known), known) if known else whole
            if not self._plans:
                self._make_ready(batch.rows)
            batch = self._without_misplaced(batch)
            for number in range(len(self.what.loads)):
                yield number, batch

    def begin(self, number: int, _batch: RawBatch, /) -> LoadState:
        return self.state(number)

    def _make_ready(self, rows: pl.DataFrame) -> None:
        """What is told from the first records."""
        source = self.what.source
        if self.what.table:
            source = with_date_format(self._name, self.what.table, source, self.what.loads, rows)
        self.make_plans(source, rows)

    def _without_misplaced(self, batch: RawBatch) -> RawBatch:
        """The batch, records that do not stand under the header among those that are no rows."""
        if not self.layout.is_by_place:
            return batch
        names = table.distinct_names(self.layout)
        found = misplaced_records(batch.rows, names, self._plans, self.layout.delimiter if self._has_quotes else None)
        if tables := [one for one in found if one.begins_another_table]:
            if not self.careful:
                raise FallbackToSlowReader  # which alone knows records from blank lines
            raise self._another_table(tables[0])
        return without(batch, [one.reject for one in found])

    def _another_table(self, found: Misplaced) -> FileRefused:
        line = self.lines_of([found.record])[found.record]
        shown = "" if may_name_members(plan.dataset for plan in self._plans) else f" ({found.value[:VALUE_LENGTH]})"
        what, fix = "header", "deliver each table in a file of its own"
        if found.kind == "section":
            what = "heading"
        if shown and found.kind == "section":
            fix += f"; if what stands below it is of the same table, {fix_of_heading(found.column, found.value)}"
        return FileRefused(
            "another_table",
            f"{self._name}: line {line:,} is the {what} of another table{shown}, whose figures would be added to those "
            "of the first",
            fix=fix,
        )

    def state(self, number: int) -> LoadState:
        return LoadState(number, self._plans[number], columns=self._kinds)

    def lines_of(self, records: list[int]) -> dict[int, int]:
        return table.line_numbers(self.path, self.layout, records, careful=self.careful)

    def make_plans(self, source: Source, rows: pl.DataFrame) -> None:
        """The plan of each load, told from the first rows, and a look at whether the header names what stands below it."""
        names = table.distinct_names(self.layout)
        sample = rows.head(SAMPLE_ROWS)
        is_text = self.layout.format == "csv"
        plans = [plan_of(load, source, names, sample, is_text=is_text) for load in self.what.loads]
        self._plans = [replace(plan, exact_ids=exact_ids(sample, plan)) for plan in plans]
        self._kinds = column_kinds(rows.select(cs.by_name(names)), source)
        for plan in self._plans:
            refuse_absent(self._name, sample, plan.insides)
        if self.layout.is_by_place:
            for plan in self._plans:
                refuse_shifted(self._name, split(rows, plan.where, plan.where_not), plan)
            refuse_words_under_number_names(self._name, rows, self._kinds, self._plans)


class ArrayRecords(TableRecords):
    """The same of a JSON array, written one record a line: these lines are ours, and no place in what was delivered."""

    empty = Records.empty

    def __init__(self, delivery: Delivery, path: Path, layout: Layout, what: Detected) -> None:
        super().__init__(delivery, path, layout, what)
        self.format = "json"

    def lines_of(self, _records: list[int]) -> dict[int, int]:
        return {}


class SheetRecords(TableRecords):
    """The same of a sheet of a workbook, whose lines are its rows."""

    def __init__(self, delivery: Delivery, path: Path, layout: Layout, what: Detected) -> None:
        super().__init__(delivery, path, layout, what)
        self.format = sheet.kind_of(path)
        self.note = "; ".join(filter(None, (what.note, sheet.note_of(path, layout)))) or None


class NativeRecords(Records):
    """Nested JSON of a known format: a load for each dataset that is met."""

    def __init__(self, delivery: Delivery, records: JsonRecords, form: Format) -> None:
        super().__init__(hidden_rejects(form.columns, of_format=True))
        self.format = form.name
        self._records, self._form = records, form
        self._context = context_of(delivery.file.name, delivery.source)
        self._source = declared(form, delivery.source)
        self._datasets = list(form.columns)

    def batches(self) -> Iterator[tuple[int, RawBatch]]:
        for batches in native_batches(self._records, self._form, self._context, self.pages):
            for dataset, batch in batches.items():
                yield self._datasets.index(dataset), batch

    def begin(self, number: int, batch: RawBatch, /) -> LoadState:
        dataset = self._datasets[number]
        (load,) = (load for load in self._source.load if load.dataset == dataset)
        return LoadState(number, plan_of(load, self._source, list(self._form.columns[dataset]), _sample(batch)))

    def is_strange(self, states: list[LoadState]) -> bool:
        """Whether nothing was read from any record, although something stands there."""
        rules = {rule for state in states for rejects in state.rejects for rule in rejects.get_column("rule")}
        is_empty = not self.pages and not any(state.rows_read - state.rows_rejected for state in states)
        return is_empty and rules == {NOTHING_READ}


class PathRecords(Records):
    """Nested JSON whose declaration says by which paths its cells are found."""

    format = "json"

    def __init__(self, delivery: Delivery, path: Path) -> None:
        super().__init__(hidden_rejects(load.dataset for load in delivery.source.load))
        self._delivery, self._path = delivery, path
        self._loads = delivery.source.load

    def batches(self) -> Iterator[tuple[int, RawBatch]]:
        name = self._delivery.file.name
        if not self._path.stat().st_size:
            return
        records = open_json(self._path, name, AS_WRITTEN)
        if records is None:
            raise not_json(name)
        self._loads = with_streams(name, records, records.head, self._loads)
        for batches in batches_by_path(name, records, self._loads):
            yield from enumerate(batches)

    def begin(self, number: int, batch: RawBatch, /) -> LoadState:
        source, rows = self._delivery.source, _sample(batch)
        plan = plan_of(self._loads[number], source, rows.columns, rows)
        refuse_absent(self._delivery.file.name, rows, plan.insides)
        return LoadState(number, plan, columns=column_kinds(rows, source))


def _sample(batch: RawBatch) -> pl.DataFrame:
    return batch.rows.head(SAMPLE_ROWS)

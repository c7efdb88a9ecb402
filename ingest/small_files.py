"""Many small files of nested JSON, read together: one segment for thousands of them, an entry of the ledger for each.

A file that is not one whole document of a known format is left to the way of all other files, which says why.
"""

import hashlib
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Any

import polars as pl

from ingest import edges
from ingest import files as landing
from ingest.cast.edges import masked
from ingest.cast.mapping import Plan, plan_of
from ingest.cast.rows import read_batch, records_rejected
from ingest.delivery import as_rejected_rows, entry_of
from ingest.edges import EDGE_DATASETS, EdgeContext
from ingest.export_file import size_and_stamp
from ingest.formats.base import Format, Refused
from ingest.formats.batches import broken_record, declared, told_of
from ingest.formats.registry import FORMATS, format_of
from ingest.inventory import Delivery
from ingest.load_state import cells_kept, rounded_note
from ingest.readers.base import NO_ROWS, raw_batch
from ingest.readers.json import HEAD_RECORDS, document_in
from schemas.errors import FileRefused
from schemas.pagination import Page
from schemas.sources import RECORD, Source
from schemas.times import newest_times
from warehouse.lake.incomplete_lists import pages_kept
from warehouse.lake.ledger import PART, Counts, Entry, Lake, Segment, dated

ROWS_AT_ONCE = 50_000


@dataclass
class _File:
    """One file, and what has become of it so far."""

    delivery: Delivery
    form: Format
    counts: dict[str, list[int]] = field(
        default_factory=dict
    )  # dataset -> rows read, duplicate, rejected, forgotten, cells
    cells_rounded: int = 0
    segments: list[Segment] = field(default_factory=list)
    rejects: list[pl.DataFrame] = field(default_factory=list)
    pages: list[Page] = field(default_factory=list)


@dataclass
class _Group:
    """The rows of one dataset from files of one format and one declaration, and the file of each by its place."""

    form: Format
    source: Source
    dataset: str
    rows: list[tuple[Any, ...]] = field(default_factory=list)
    parts: list[int] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)  # of each row, within its file

    def emptied(self) -> "_Group":
        return _Group(self.form, self.source, self.dataset)


class SmallFiles:
    """Takes files one by one, writes their rows in large batches, and gives their entries at the end."""

    def __init__(self, lake: Lake, context: EdgeContext, tick: Callable[[int], None]) -> None:
        self._lake, self._context, self._tick = lake, context, tick
        self._files: list[_File] = []
        self._groups: dict[tuple[str, str, str], _Group] = {}
        self._forms = list(FORMATS)
        self._waiting = 0
        # Rows are cast and written beside the reading of the next files, one batch at a time: all rows of a file are in one.
        self._writer = ThreadPoolExecutor(1)
        self._written: Future[None] | None = None

    def take(self, delivery: Delivery) -> bool:
        """Whether the file was taken: one whole document of a known format, which says all that its rows need."""
        file, source = delivery.file, delivery.source
        if source.load or source.format or source.encoding != "utf-8":
            return False
        try:
            content = landing.content_if_small(file)
            records = document_in(content) if content else None
            form = self._form_of(records) if records else None
            if records is None or form is None or size_and_stamp(file.path)[1] != file.stamp:
                return False
            told = told_of(file.name, source)
            rows = [row for record in records for row in form.rows_of(record, told)]
        except FileRefused:
            return False
        self._add(_File(delivery, form), rows)
        if self._waiting >= ROWS_AT_ONCE:
            self._write()
        return True

    def _form_of(self, records: list[Any]) -> Format | None:
        """The format of a document of objects; the one met last is asked first."""
        if not all(isinstance(record, dict) for record in records):
            return None
        form = format_of(records[:HEAD_RECORDS], self._forms)
        if form and form is not self._forms[0]:
            self._forms.remove(form)
            self._forms.insert(0, form)
        return form

    def _add(self, file: _File, rows: list[Any]) -> None:
        part = len(self._files)
        self._files.append(file)
        for row in rows:
            if isinstance(row, Page):
                file.pages.append(row)
                continue
            counts = file.counts.setdefault(row.dataset, [0, 0, 0, 0, 0])
            counts[0] += 1
            if isinstance(row, Refused):
                counts[2] += 1
                rejects = pl.DataFrame([broken_record(row, counts[0], file.form)], schema=NO_ROWS)
                if row.dataset in EDGE_DATASETS:
                    rejects = masked(rejects, row.dataset, {})
                file.rejects.append(_of_dataset(rejects, row.dataset))
                continue
            group = self._group(file, row.dataset)
            group.rows.append((len(group.rows), *file.form.cells_of(row)))
            group.parts.append(part)
            group.numbers.append(counts[0])
        self._waiting += len(rows)

    def _group(self, file: _File, dataset: str) -> _Group:
        key = (file.form.name, file.delivery.declaration, dataset)
        if key not in self._groups:
            self._groups[key] = _Group(file.form, declared(file.form, file.delivery.source), dataset)
        return self._groups[key]

    def _write(self) -> None:
        """Have what has gathered written, once the batch before it is."""
        full = [group for group in self._groups.values() if group.rows]
        self._groups = {key: group.emptied() for key, group in self._groups.items()}
        self._tick(self._waiting)
        self._waiting = 0
        if self._written:
            self._written.result()
        self._written = self._writer.submit(self._write_groups, full)

    def _write_groups(self, groups: list[_Group]) -> None:
        for group in groups:
            self._write_group(group)

    def _write_group(self, group: _Group) -> None:
        columns = list(group.form.columns[group.dataset])
        raw = raw_batch(group.rows, [], columns).rows
        (load,) = (load for load in group.source.load if load.dataset == group.dataset)
        plan = plan_of(load, group.source, columns, raw.head(1000))
        read = read_batch(raw, plan, self._context.forgotten)
        parts = pl.Series(PART, group.parts, pl.UInt32)
        for record in read.rounded.get_column("record"):
            self._files[group.parts[record]].cells_rounded += 1
        refused = read.records_rejected
        if read.rejects.height:
            self._refuse(group, plan, read.rejects)
        for record in read.records_forgotten:
            self._files[group.parts[record]].counts[group.dataset][3] += 1
        left_out = pl.concat([refused.cast(pl.UInt32), read.records_forgotten])
        if left_out.len():
            parts = parts.filter(~raw.get_column(RECORD).is_in(left_out.implode()))
        rows = read.rows.with_columns(parts)
        if group.dataset in EDGE_DATASETS:
            self._keep(edges.write_parts(self._lake, plan, self._segment_name(group), rows, self._context))
        else:
            first = rows.select(pl.struct(pl.all()).is_first_distinct()).to_series()
            for number, count in rows.filter(~first).group_by(PART).len().iter_rows():
                self._files[number].counts[group.dataset][1] += count
            kept = rows.filter(first)
            if kept.height:
                segment = self._lake.write_segment(group.dataset, self._segment_name(group), 0, kept)
                own = kept.group_by(PART).agg(pl.len(), *newest_times(group.dataset, kept.columns)).iter_rows()
                self._keep([dated(replace(segment, rows=rows, part=part), *times) for part, rows, *times in own])

    def _segment_name(self, group: _Group) -> str:
        """By the files in it, so that reading a batch again gives the same names."""
        deliveries = [self._files[part].delivery.id for part in dict.fromkeys(group.parts)]
        return f"many-{hashlib.sha256(':'.join(deliveries).encode()).hexdigest()[:24]}"

    def _keep(self, segments: list[Segment]) -> None:
        for segment in segments:
            assert segment.part is not None
            self._files[segment.part].segments.append(segment)

    def _refuse(self, group: _Group, plan: Plan, rejects: pl.DataFrame) -> None:
        """Give each file its own rejects, numbered as in the file."""
        if group.dataset in EDGE_DATASETS:
            names = {column: reading.source or column for column, reading in plan.readings.items()}
            rejects = masked(rejects, group.dataset, names)
        places = pl.DataFrame(
            {"record": range(len(group.rows)), PART: group.parts, "number": group.numbers},
            schema={"record": pl.Int64, PART: pl.UInt32, "number": pl.Int64},
        )
        placed = rejects.join(places, on="record", how="left").with_columns(record=pl.col("number")).drop("number")
        for (number,), own in placed.group_by(PART, maintain_order=True):
            file = self._files[int(str(number))]
            file.counts[group.dataset][2] += records_rejected(own).len()
            file.counts[group.dataset][4] += cells_kept(own)
            file.rejects.append(_of_dataset(own.drop(PART), group.dataset))

    def finish(self) -> list[Entry]:
        """The entries of all files taken. They count once they are committed."""
        self._write()
        self._writer.shutdown()
        if self._written:
            self._written.result()
        return [replace(self._entry(file), pages=pages_kept(file.pages)) for file in self._files]

    def _entry(self, file: _File) -> Entry:
        delivery, form = file.delivery, file.form.name
        name = (delivery.file, delivery.sha256, delivery.declaration, delivery.id)
        if not file.counts:
            return entry_of(*name, "empty", note="nothing in it to read", format=form)
        counts = tuple(
            Counts(dataset, read, read - duplicate - rejected - forgotten, duplicate, rejected, cells, forgotten)
            for dataset, (read, duplicate, rejected, forgotten, cells) in file.counts.items()
        )
        rejects = None
        if file.rejects:
            listed = pl.concat(file.rejects, how="diagonal").sort("record", "dataset")
            rejects = self._lake.write_rejects(delivery.id, as_rejected_rows(listed))
        return entry_of(
            *name, "loaded", note=rounded_note(file.cells_rounded), format=form, counts=counts,
            segments=tuple(file.segments), rejects=rejects,
        )  # fmt: skip


def _of_dataset(rejects: pl.DataFrame, dataset: str) -> pl.DataFrame:
    return rejects.with_columns(pl.lit(dataset).alias("dataset"))

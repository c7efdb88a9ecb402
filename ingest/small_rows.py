"""Rows of many small files cast, checked and written at once; what becomes of each file is kept apart."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

import polars as pl
import polars.selectors as cs

from ingest import edges
from ingest.cast.column_types import Kinds, column_kinds_of_each
from ingest.cast.conditions import split
from ingest.cast.header_check import columns_named_as_numbers, files_with_shifted_header
from ingest.cast.json_cells import files_without_path
from ingest.cast.lines_in_cells import misplaced_records
from ingest.cast.mapping import Plan, plan_of
from ingest.cast.rows import cells_rejected, read_batch, records_rejected
from ingest.delivery import Delivery
from ingest.edges import EDGE_DATASETS, EdgeContext, EdgeLoad
from ingest.readers.base import unbroken, without
from ingest.readers.small import Cells
from ingest.shapes import Shape, SmallFile, Stream
from ingest.vendor_tables.left_out import formats_that_fit
from ingest.vendor_tables.registry import has_date_formats, with_made_columns, without_others
from schemas.errors import FileRefused
from schemas.pagination import Page
from schemas.rejects import Reject, rejects_of
from schemas.sources import FILE, RECORD, Source
from schemas.times import newest_times
from warehouse.lake.commits import Counts, Segment, dated
from warehouse.lake.ledger import Lake
from warehouse.lake.shared_segments import PART


@dataclass
class Tally:
    """What became of the records of one file for one of its loads."""

    rows_read: int = 0
    rows_duplicate: int = 0
    rows_rejected: int = 0
    rows_left_out: int = 0
    rows_forgotten: int = 0
    cells_rejected: int = 0


@dataclass
class Outcome:
    """What has become of one file so far. `fell_back`: its cells hold something that it must be read by itself for."""

    delivery: Delivery
    shape: Shape
    number: int
    pages: list[Page]
    counts: dict[int, Tally] = field(default_factory=dict)  # by the number of the load
    cells_rounded: int = 0
    segments: list[Segment] = field(default_factory=list)
    rejects: list[pl.DataFrame] = field(default_factory=list)
    kinds: Kinds = field(default_factory=dict)
    fell_back: bool = False

    @classmethod
    def of(cls, file: SmallFile, number: int) -> "Outcome":
        """A file that was read and not yet cast: of nested JSON only the datasets count that it has records of."""
        outcome = cls(file.delivery, file.shape, number, file.pages)
        streams = file.shape.streams
        if not file.shape.form:
            outcome.kinds = dict.fromkeys(streams[0].names)
        with_rejects = {place for place, _ in file.rejects}
        for place, stream in enumerate(streams):
            if file.shape.form and not file.numbers[place] and place not in with_rejects:
                continue
            for load, _ in stream.loads:
                outcome.counts[load] = Tally(rows_read=len(file.numbers[place]))
        for place, reject in file.rejects:
            outcome.counts[place].rows_read += 1
            outcome.reject(place, rejects_of([reject]), streams[place].loads[0][1].dataset)
        return outcome

    def reject(self, load: int, rejects: pl.DataFrame, dataset: str) -> None:
        self.counts[load].rows_rejected += records_rejected(rejects).len()
        self.counts[load].cells_rejected += cells_rejected(rejects)
        self.rejects.append(rejects.with_columns(pl.lit(dataset).alias("dataset")))

    def all_counts(self) -> tuple[Counts, ...]:
        datasets = {number: load.dataset for stream in self.shape.streams for number, load in stream.loads}
        return tuple(
            Counts(
                datasets[load],
                rows_read=each.rows_read,
                rows_loaded=each.rows_read
                - each.rows_duplicate
                - each.rows_rejected
                - each.rows_left_out
                - each.rows_forgotten,
                rows_duplicate=each.rows_duplicate,
                rows_rejected=each.rows_rejected,
                rows_left_out=each.rows_left_out,
                cells_rejected=each.cells_rejected,
                rows_forgotten=each.rows_forgotten,
            )
            for load, each in self.counts.items()
        )


@dataclass
class Group:
    """The records of one stream from files of one shape, and the file and number of each by its place."""

    shape: Shape
    stream: Stream
    cells: Cells = field(default_factory=list)
    files: list[int] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    outcomes: dict[int, Outcome] = field(default_factory=dict)

    def add(self, outcome: Outcome, cells: Cells, numbers: list[int]) -> None:
        self.outcomes[outcome.number] = outcome
        self.cells += cells
        self.files += [outcome.number] * len(cells)
        self.numbers += numbers

    def frame(self) -> pl.DataFrame:
        """The records as text, each with its place in the group and its file."""
        columns = zip(*self.cells, strict=True)
        texts = [pl.Series(name, cells, pl.String) for name, cells in zip(self.stream.names, columns, strict=True)]
        places = pl.int_range(len(self.cells), dtype=pl.UInt32, eager=True).alias(RECORD)
        return pl.DataFrame([places, *texts, pl.Series(FILE, self.files, pl.UInt32)])

    def fall_back(self, files: Iterable[int]) -> None:
        for file in files:
            self.outcomes[file].fell_back = True

    @property
    def taken(self) -> list[int]:
        return [number for number, outcome in self.outcomes.items() if not outcome.fell_back]


def write_group(group: Group, lake: Lake, context: EdgeContext) -> None:
    """Cast and check the records of a group for each of its loads, and write the good rows."""
    batch = unbroken(group.frame())
    if table := group.shape.table:
        batch = with_made_columns(without_others(batch, table), table)
    misplaced: list[Reject] = []
    for source, rows in _by_source(group, batch.rows):
        try:
            names, sample, is_text = list(group.stream.names), rows.head(1000), group.shape.format == "csv"
            plans = [plan_of(load, source, names, sample, is_text=is_text) for _, load in group.stream.loads]
        except FileRefused:
            group.fall_back(rows.get_column(FILE).unique())
            continue
        if not group.shape.form:
            _check(group, rows, plans)
        own = _misplaced(group, rows, plans)
        taken = without(unbroken(rows.filter(pl.col(FILE).is_in(group.taken))), own).rows
        misplaced += own
        for (number, _), plan in zip(group.stream.loads, plans, strict=True):
            if taken.height:
                _write_load(_Load(group, number, plan, lake, context), taken)
    for number, load in group.stream.loads:
        _reject(group, number, load.dataset, without(batch, misplaced).rejects)


def _by_source(group: Group, rows: pl.DataFrame) -> Iterator[tuple[Source, pl.DataFrame]]:
    """The rows by the declaration they are read with: some tables write times in several ways, each file in its own."""
    shape = group.shape
    group.fall_back(group.outcomes.keys() - set(rows.get_column(FILE).unique()))
    if not shape.table or not has_date_formats(shape.table, shape.source):
        yield shape.source, rows
        return
    loads = [load for _, load in group.stream.loads]
    fitting = formats_that_fit(rows, loads, shape.source, shape.table.date_formats)
    group.fall_back(file for file, formats in fitting.items() if len(formats) != 1)
    for fmt in shape.table.date_formats:
        own = [file for file, formats in fitting.items() if formats == [fmt]]
        if own:
            source = shape.source.model_copy(update={"date_format": fmt})
            yield source, rows.filter(pl.col(FILE).is_in(own))


def _misplaced(group: Group, rows: pl.DataFrame, plans: list[Plan]) -> list[Reject]:
    """The rejects of records that do not stand under the header; a file with a second table is read by itself."""
    if group.shape.format != "csv":
        return []
    names, layout = list(group.stream.names), group.shape.layout
    found = misplaced_records(rows, names, plans, layout.delimiter if layout and layout.quote else None)
    group.fall_back(one.file for one in found if one.begins_another_table)
    return [one.reject for one in found if one.file in group.taken]


def _check(group: Group, rows: pl.DataFrame, plans: list[Plan]) -> None:
    """Tell what the columns of each file hold, and which of the files have a header that may have slipped."""
    kinds = column_kinds_of_each(rows.select(FILE, cs.by_name(group.stream.names)), plans[0].source)
    for file, own in kinds.items():
        # Of JSON that is declared by paths, each load has its columns: those of the first stand for the file.
        if group.stream is group.shape.streams[0]:
            group.outcomes[file].kinds = own
    for plan in plans:
        group.fall_back(files_without_path(rows, plan.insides))
    if group.shape.format != "csv":
        return
    for plan in plans:
        group.fall_back(files_with_shifted_header(split(rows, plan.where, plan.where_not), plan))
    named = columns_named_as_numbers(dict.fromkeys(group.stream.names), plans)
    group.fall_back(file for file, own in kinds.items() if any(own[name] == "words" for name in named))


@dataclass(frozen=True)
class _Load:
    """One load of a group, and what its rows are written with."""

    group: Group
    number: int
    plan: Plan
    lake: Lake
    context: EdgeContext


def _write_load(load: _Load, raw: pl.DataFrame) -> None:
    group, dataset = load.group, load.plan.dataset
    read = read_batch(raw, load.plan, load.context.forgotten)
    for record in read.rounded.get_column("record"):
        group.outcomes[group.files[record]].cells_rounded += 1
    _reject(group, load.number, dataset, read.rejects)
    for place in read.left_out:
        group.outcomes[group.files[place]].counts[load.number].rows_left_out += 1
    for place in read.records_forgotten:
        group.outcomes[group.files[place]].counts[load.number].rows_forgotten += 1
    files = raw.filter(~pl.col(RECORD).is_in(read.records_without_row.implode())).get_column(FILE).alias(PART)
    rows = read.rows.with_columns(files)
    if dataset in EDGE_DATASETS:
        written = EdgeLoad(_segment_name(load, raw), load.plan, load.lake, load.context)
        _keep(group, edges.write_parts(written, rows))
        return
    first = rows.select(pl.struct(pl.all()).is_first_distinct()).to_series()
    for file, count in rows.filter(~first).group_by(PART).len().iter_rows():
        group.outcomes[file].counts[load.number].rows_duplicate += count
    kept = rows.filter(first)
    if kept.height:
        segment = load.lake.write_segment(dataset, _segment_name(load, raw), 0, kept)
        own = kept.group_by(PART).agg(pl.len(), *newest_times(dataset, kept.columns)).iter_rows()
        _keep(group, [dated(replace(segment, rows=rows, part=part), *times) for part, rows, *times in own])


def _segment_name(load: _Load, raw: pl.DataFrame) -> str:
    """By the files in it, so that reading a batch again gives the same names."""
    files = raw.get_column(FILE).unique(maintain_order=True)
    deliveries = ":".join(load.group.outcomes[file].delivery.id for file in files)
    return f"many-{hashlib.sha256(deliveries.encode()).hexdigest()[:24]}-{load.number}"


def _keep(group: Group, segments: list[Segment]) -> None:
    for segment in segments:
        assert segment.part is not None
        group.outcomes[segment.part].segments.append(segment)


def _reject(group: Group, load: int, dataset: str, rejects: pl.DataFrame) -> None:
    """Give each file its own rejects, numbered as in the file."""
    if not rejects.height:
        return
    places = rejects.get_column("record").to_list()
    placed = rejects.with_columns(
        pl.Series("record", [group.numbers[place] for place in places], pl.Int64),
        pl.Series(FILE, [group.files[place] for place in places], pl.UInt32),
    )
    for (file,), own in placed.group_by(FILE, maintain_order=True):
        outcome = group.outcomes[int(str(file))]
        if not outcome.fell_back:
            outcome.reject(load, own.drop(FILE), dataset)

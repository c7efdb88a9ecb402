"""What small files share that are read together: their format, their columns, the loads that read them."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import polars as pl

from ingest import files
from ingest.cast.canonical import is_canonical
from ingest.cast.mapping import plan_of
from ingest.delivery import Delivery
from ingest.detect import detected, find_layout
from ingest.formats.base import NOTHING_READ, Format
from ingest.formats.batches import context_of, declared
from ingest.formats.json_paths import CellsByPath, refuse_absent
from ingest.formats.registry import FORMATS, format_of
from ingest.formats.streams import stream_at
from ingest.limits import DEFAULT_LIMITS, Limits, check_columns
from ingest.privacy import hidden_rejects
from ingest.readers import small, table
from ingest.readers.base import HEAD_BYTES, FallbackToSlowReader, Layout, distinct_names
from ingest.readers.json import BLANK, BLOCKS, HEAD_RECORDS, SCRIPT, document_in
from ingest.readers.json_values import AS_WRITTEN
from ingest.readers.small import Cells
from ingest.vendor_tables.registry import known_table
from schemas.errors import FileRefused
from schemas.pagination import Page
from schemas.rejects import Reject
from schemas.sources import FILE, LINE, RECORD, Load, Source
from schemas.vendor_tables import KnownTable


@dataclass(frozen=True)
class Stream:
    """Records that share their columns, and the loads that read them, each with its number among those of the file."""

    names: tuple[str, ...]
    loads: tuple[tuple[int, Load], ...]


@dataclass(frozen=True, eq=False)
class Shape:
    """What files of one declaration, one format and one header share: one object for all of them."""

    format: str
    source: Source
    streams: tuple[Stream, ...]
    form: Format | None = None  # of nested JSON that is read as it comes
    layout: Layout | None = None  # of a table whose records begin on lines of the file
    table: KnownTable | None = None
    note: str | None = None
    paths: tuple[CellsByPath, ...] = ()

    @cached_property
    def hidden(self) -> pl.Expr:
        """Which rejects of its files may name a member."""
        datasets = [load.dataset for stream in self.streams for _, load in stream.loads]
        return hidden_rejects(datasets, of_format=self.form is not None)


@dataclass
class SmallFile:
    """One file as it was read: the cells of each stream of its shape, and the number of each record."""

    delivery: Delivery
    shape: Shape
    cells: list[Cells]
    numbers: list[list[int]]
    rejects: list[tuple[int, Reject]] = field(default_factory=list)  # with the number of their stream
    pages: list[Page] = field(default_factory=list)


class Shapes:
    """Reads small files, finding out once what all files of one shape share."""

    def __init__(self, scratch: Path, limits: Limits = DEFAULT_LIMITS) -> None:
        self._scratch, self._limits = scratch, limits
        self._found: dict[tuple[Any, ...], Shape | None] = {}
        self._forms = list(FORMATS)

    def read(self, delivery: Delivery) -> SmallFile:
        """A small file. `FallbackToSlowReader` where it is large, or needs more care; `FileRefused` says no more than that."""
        content = files.content_if_small(delivery.file)
        if not content or content.startswith(small.PACKED):
            raise FallbackToSlowReader
        source = delivery.source
        begins = content[:64].lstrip(BLANK)
        if not (source.load or source.format) and begins.startswith((b"{", b"[", SCRIPT, BLOCKS)):
            return self._nested(delivery, content)
        kind = source.format or table.format_of(content[:HEAD_BYTES], delivery.file.name)
        if kind == "json":
            return self._by_path(delivery, content)
        if kind == "parquet":
            return self._table(delivery, "parquet", *small.parquet_records(content))
        if kind == "ndjson" and begins.startswith(b"["):
            return self._table(delivery, "json", *small.ndjson_records(small.lines_of_array(content)))
        text = small.text_in(content, source.encoding)
        if kind == "ndjson":
            return self._table(delivery, "ndjson", *small.ndjson_records(small.lines_in(text)))
        return self._csv(delivery, text)

    def _nested(self, delivery: Delivery, content: bytes) -> SmallFile:
        """JSON that is not declared: of a format that is known, else lines or an array of the records of a table."""
        if delivery.source.encoding != "utf-8":
            raise FallbackToSlowReader
        is_array = content.lstrip(BLANK).startswith(b"[")
        records = document_in(content) or small.objects_in(small.lines_in(small.text_in(content, "utf-8")))
        if not all(isinstance(record, dict) for record in records):
            raise FallbackToSlowReader
        if form := self._form_of(records):
            return self._native(delivery, form, records)
        if not is_array:
            return self._table(
                delivery, "ndjson", *small.ndjson_records(small.lines_in(small.text_in(content, "utf-8")))
            )
        keys = list(dict.fromkeys(key for record in records[:HEAD_RECORDS] for key in record))
        if not (is_canonical(keys) or known_table(keys)):
            raise FallbackToSlowReader
        return self._table(delivery, "json", *small.ndjson_records(small.lines_of_array(content)))

    def _form_of(self, records: list[Any]) -> Format | None:
        """The format of these objects; the one met last is asked first."""
        form = format_of(records[:HEAD_RECORDS], self._forms)
        if form and form is not self._forms[0]:
            self._forms.remove(form)
            self._forms.insert(0, form)
        return form

    def _native(self, delivery: Delivery, form: Format, records: list[Any]) -> SmallFile:
        shape = self._shape(("native", form.name, delivery.declaration), lambda: _native_shape(form, delivery.source))
        places = {dataset: place for place, dataset in enumerate(form.columns)}
        file = SmallFile(delivery, shape, [[] for _ in places], [[] for _ in places])
        counts = [0] * len(places)
        told = context_of(delivery.file.name, delivery.source)
        for record in records:
            for row in form.rows_of(record, told):
                if isinstance(row, Page):
                    file.pages.append(row)
                    continue
                place = places[row.dataset] if row.dataset else 0
                counts[place] += 1
                if isinstance(row, Reject):
                    file.rejects.append((place, row._replace(record=counts[place])))
                else:
                    file.cells[place].append(tuple(form.cells_of(row)))
                    file.numbers[place].append(counts[place])
        if not any(file.cells) and not file.pages and {reject.rule for _, reject in file.rejects} == {NOTHING_READ}:
            raise FallbackToSlowReader
        return file

    def _by_path(self, delivery: Delivery, content: bytes) -> SmallFile:
        """Nested JSON that is declared by paths."""
        if delivery.source.encoding != "utf-8":
            raise FallbackToSlowReader
        shape = self._shape(("json", delivery.declaration), lambda: _shape_of_paths(delivery.source))
        records = document_in(content, AS_WRITTEN)
        if records is None:
            records = small.objects_in(small.lines_in(small.text_in(content, "utf-8")), AS_WRITTEN)
        if not all(isinstance(record, dict) for record in records):
            raise FallbackToSlowReader
        if any(map(stream_at, records[:HEAD_RECORDS])) and not all(load.where for load in delivery.source.load):
            raise FallbackToSlowReader
        refuse_absent(delivery.file.name, records, list(shape.paths))
        file = SmallFile(delivery, shape, [], [])
        for cells in shape.paths:
            rows = [row for record in records for row in cells.rows_of(record)]
            if len(rows) > small.ROWS_MAX or any(isinstance(row, Reject) for row in rows):
                raise FallbackToSlowReader
            file.cells.append([tuple(row) for row in rows if not isinstance(row, Reject)])
            file.numbers.append(list(range(1, len(rows) + 1)))
        if not any(file.cells):
            raise FallbackToSlowReader
        return file

    def _csv(self, delivery: Delivery, text: str) -> SmallFile:
        table_text = small.CsvText(text, delivery.source)

        def make() -> Shape:
            layout = self._layout_of(delivery)
            if layout.format != "csv" or layout.lines_before != table_text.lines_before:
                raise FallbackToSlowReader
            return _shape_of_table(delivery, layout, "csv")

        shape = self._shape(("csv", table_text.header_line, delivery.declaration), make)
        assert shape.layout is not None
        return _as_table(delivery, shape, table_text.records(shape.layout.delimiter, shape.layout.cells_per_record))

    def _table(self, delivery: Delivery, format: str, names: tuple[str, ...], cells: Cells) -> SmallFile:
        if "" in names or not {RECORD, LINE, FILE}.isdisjoint(names):
            raise FallbackToSlowReader
        check_columns(delivery.file.name, len(names), self._limits)
        layout = Layout("parquet" if format == "parquet" else "ndjson", "", names, 0, len(names))
        key = (format, names, delivery.declaration)
        return _as_table(delivery, self._shape(key, lambda: _shape_of_table(delivery, layout, format)), cells)

    def _layout_of(self, delivery: Delivery) -> Layout:
        """The layout of the first file of its shape, found as that of a large file is."""
        file, source = delivery.file, delivery.source
        try:
            layout = find_layout(
                files.plain_text(file, source.encoding, self._scratch), file.name, source, self._limits
            )
        finally:
            files.spool_of(file, self._scratch).unlink(missing_ok=True)
        if layout is None:
            raise FallbackToSlowReader
        return layout

    def _shape(self, key: tuple[Any, ...], make: Callable[[], Shape]) -> Shape:
        """The shape under this key, made once; where that fails, all files of it go the other way."""
        if key not in self._found:
            try:
                self._found[key] = make()
            except (FileRefused, FallbackToSlowReader):
                self._found[key] = None
        shape = self._found[key]
        if shape is None:
            raise FallbackToSlowReader
        return shape


def _native_shape(form: Format, source: Source) -> Shape:
    full = declared(form, source)
    loads = {load.dataset: load for load in full.load}
    streams = tuple(
        Stream(form.columns[dataset], ((number, loads[dataset]),)) for number, dataset in enumerate(form.columns)
    )
    return Shape(form.name, full, streams, form=form)


def _shape_of_paths(source: Source) -> Shape:
    paths = tuple(CellsByPath(load) for load in source.load)
    streams = tuple(
        Stream(tuple(cells.names), ((number, load),))
        for number, (cells, load) in enumerate(zip(paths, source.load, strict=True))
    )
    for load in source.load:
        plan_of(load, source, [], pl.DataFrame())  # refuses times whose zone is not told, before any row is written
    return Shape("json", source, streams, paths=paths)


def _shape_of_table(delivery: Delivery, layout: Layout, format: str) -> Shape:
    what = detected(delivery.file.name, delivery.source, layout)
    if any(load.undirected for load in what.loads):
        raise FallbackToSlowReader
    stream = Stream(tuple(distinct_names(layout)), tuple(enumerate(what.loads)))
    return Shape(format, what.source, (stream,), layout=layout, table=what.table, note=what.note)


def _as_table(delivery: Delivery, shape: Shape, cells: Cells) -> SmallFile:
    """A file of at least one record, and of no more than its sample holds."""
    if not 0 < len(cells) <= small.ROWS_MAX:
        raise FallbackToSlowReader
    return SmallFile(delivery, shape, [cells], [list(range(1, len(cells) + 1))])

"""One export file into the lake: recognised, read as text, cast, checked, counted."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import polars as pl
import polars.selectors as cs

from ingest import edges
from ingest import files as landing
from ingest.cast.column_types import column_kinds
from ingest.cast.header_check import refuse_shifted, refuse_words_under_number_names
from ingest.cast.mapping import Plan, canonical_dataset, plan_of
from ingest.delivery import entry_of, quarantined
from ingest.detect import Recognised, find_layout, recognised
from ingest.edges import EdgeContext, PostsFirst
from ingest.export_file import ExportFile
from ingest.formats.base import Format
from ingest.formats.batches import declared, native_batches, native_format, nothing_known, says_something, told_of
from ingest.formats.registry import format_of
from ingest.load_state import Gathering, Job, add, finish, rounded_note, take, write_rejects
from ingest.names_told import kept_by_name
from ingest.path_formats import batches_by_path, not_json
from ingest.readers import table as tabular
from ingest.readers.json import AS_WRITTEN, JsonRecords, array_as_lines, open_json
from ingest.vendor_tables.registry import known_table, with_date_format, with_made_columns, without_others
from schemas.errors import FileRefused
from schemas.pagination import Page
from schemas.sources import Source
from warehouse.lake.edges import SMALL_BYTES
from warehouse.lake.incomplete_lists import pages_kept
from warehouse.lake.ledger import Entry, Lake

BY_POST = ("likes", "comments")


def ingest_file(
    file: ExportFile,
    sha256: str,
    source: Source,
    declaration: str,
    lake: Lake,
    context: EdgeContext,
    tick: Callable[[int], None] = lambda rows: None,
) -> Entry:
    """Read one file into segments and rejects. Nothing counts until the caller commits the entry.

    `PostsFirst` where the file holds likes or comments and the posts they are of are still to be read.
    """
    job = Job(file, sha256, source, declaration, lake, context, tick)
    try:
        path = landing.plain_text(file, source.encoding, lake.scratch)
        if source.format == "json":
            return _loaded(job, path, _gather_by_path(job, path), "json")
        records = None if source.load or source.format else open_json(path, file.name)
        lines = landing.spool_of(file, lake.scratch).with_suffix(".lines")
        if _may_be_table(records, source) and array_as_lines(path, lines):
            return _ingest_table(job, lines, is_array=True)
        form = records and native_format(file.name, records)
        if records and form:
            gatherings, pages = _gather_native(job, records, form)
            if not gatherings and not pages and says_something(records.head):
                raise nothing_known(file.name, form)
            return replace(_loaded(job, path, gatherings, form.name), pages=pages_kept(pages))
        if records and records.document == []:
            return entry_of(file, sha256, declaration, job.delivery, "empty", note="an empty list", format="json")
        return _ingest_table(job, path)
    except FileRefused as refusal:
        return quarantined(file, refusal, lake, sha256=sha256, declaration=declaration, delivery=job.delivery)
    finally:
        # At once: the unpacked text of all files together may be more than the disk holds.
        spool = landing.spool_of(file, lake.scratch)
        spool.unlink(missing_ok=True)
        spool.with_suffix(".lines").unlink(missing_ok=True)


def _ingest_table(job: Job, path: Path, *, is_array: bool = False) -> Entry:
    """A file of records that share their columns; a JSON array comes with one record a line."""
    file, source = job.file, job.source
    layout = find_layout(path, file.name, source)
    if layout is None:
        note = "the file holds nothing"
        return entry_of(file, job.sha256, job.declaration, job.delivery, "empty", note=note)
    try:
        what = recognised(file.name, source, layout)
        careful = False
        try:
            gatherings = _gather(job, path, layout, what, careful=careful)
        except tabular.FallbackToSlowReader:
            careful = True
            gatherings = _gather(job, path, layout, what, careful=careful)
        # Lines of an array are ours, and no place in the file that was delivered.
        of_file = None if is_array else layout
        form = "json" if is_array else layout.format
        return _loaded(job, path, gatherings, form, of_file, what.note, careful=careful)
    except FileRefused as refusal:
        columns = kept_by_name(dict.fromkeys(tabular.distinct_names(layout)), source)
        return quarantined(
            file, refusal, job.lake, sha256=job.sha256, declaration=job.declaration, delivery=job.delivery,
            columns=columns,
        )  # fmt: skip


def _may_be_table(records: JsonRecords | None, source: Source) -> bool:
    """Whether a document may be an array of the records of a table, as its declaration or its keys tell."""
    if records is None:
        return bool(source.load) and source.format in (None, "ndjson")
    if not records.document or format_of(records.head):
        return False
    keys = list(dict.fromkeys(key for record in records.head for key in record))
    return canonical_dataset(keys) is not None or known_table(keys) is not None


def _loaded(
    job: Job,
    path: Path,
    gatherings: list[Gathering],
    format: str,
    layout: tabular.Layout | None = None,
    note: str | None = None,
    *,
    careful: bool = False,
) -> Entry:
    """The entry of a file that was read to its end."""
    entry = partial(entry_of, job.file, job.sha256, job.declaration, job.delivery, format=format)
    counts = tuple(finish(gathering, job.lake) for gathering in gatherings)
    if not any(count.rows_read for count in counts):
        return entry("empty", note="nothing in it to read" if layout is None else "a header and no records")
    rejects = write_rejects(path, layout, gatherings, job.delivery, job.lake, careful=careful)
    segments = tuple(segment for gathering in gatherings for segment in gathering.segments)
    columns = kept_by_name(gatherings[0].columns, job.source)
    note = "; ".join(filter(None, (note, rounded_note(sum(each.cells_rounded for each in gatherings))))) or None
    return entry("loaded", note=note, counts=counts, segments=segments, rejects=rejects, columns=columns)


def _gather(job: Job, path: Path, layout: tabular.Layout, what: Recognised, *, careful: bool) -> list[Gathering]:
    """The rows of a table, load by load."""
    if not careful and len(what.loads) == 1 and edges.can_stream(what.loads[0], layout):
        return [_stream(job, path, layout, what)]
    names = tabular.distinct_names(layout)
    gatherings: list[Gathering] = []
    for whole in tabular.read_batches(path, job.file.name, layout, careful=careful):
        batch = with_made_columns(without_others(whole, what.table), what.table) if what.table else whole
        if not gatherings:
            source = what.source
            if what.table:
                source = with_date_format(job.file.name, what.table, source, what.loads, batch.rows)
            plans = [plan_of(load, source, names, batch.rows.head(1000)) for load in what.loads]
            columns = column_kinds(batch.rows.select(cs.by_name(whole.rows.columns)), source)
            _check_header(job.file.name, layout, plans, batch.rows, columns)
            gatherings = [Gathering(number, plan, columns=columns) for number, plan in enumerate(plans)]
        for gathering in gatherings:
            take(gathering, batch, job)
        job.tick(whole.rows.height)
    return gatherings


def _gather_native(job: Job, records: JsonRecords, form: Format) -> tuple[list[Gathering], list[Page]]:
    """The rows of nested JSON, a load for each dataset that is met, and what they tell of the pages of lists."""
    pages: list[Page] = []
    as_declared = declared(form, job.source)
    loads = {load.dataset: load for load in as_declared.load}
    gatherings: dict[str, Gathering] = {}
    for batches in native_batches(records, form, told_of(job.file.name, job.source), pages):
        for dataset, batch in batches.items():
            if dataset not in gatherings:
                plan = plan_of(loads[dataset], as_declared, list(form.columns[dataset]), batch.rows.head(1000))
                gatherings[dataset] = Gathering(len(gatherings), plan)
            take(gatherings[dataset], batch, job)
            job.tick(batch.rows.height)
    return list(gatherings.values()), pages


def _gather_by_path(job: Job, path: Path) -> list[Gathering]:
    """The rows of nested JSON that is declared by paths."""
    if not path.stat().st_size:
        return []
    records = open_json(path, job.file.name, AS_WRITTEN)
    if records is None:
        raise not_json(job.file.name)
    gatherings: list[Gathering] = []
    for batches in batches_by_path(job.file.name, records, job.source.load):
        if not gatherings:
            for number, (load, batch) in enumerate(zip(job.source.load, batches, strict=True)):
                rows = batch.rows.head(1000)
                plan = plan_of(load, job.source, batch.rows.columns, rows)
                gatherings.append(Gathering(number, plan, columns=column_kinds(rows, job.source)))
        for gathering, batch in zip(gatherings, batches, strict=True):
            take(gathering, batch, job)
            job.tick(batch.rows.height)
    return gatherings


def _check_header(
    name: str, layout: tabular.Layout, plans: list[Plan], sample: pl.DataFrame, kinds: dict[str, str | None]
) -> None:
    """Only in CSV can cells come to stand below another name: elsewhere each value has its own."""
    if layout.format == "csv":
        for plan in plans:
            refuse_shifted(name, sample, plan)
        refuse_words_under_number_names(name, sample, kinds, plans)


def _stream(job: Job, path: Path, layout: tabular.Layout, what: Recognised) -> Gathering:
    """A whole file of edges in one pass."""
    (load,) = what.loads
    if load.dataset in BY_POST and path.stat().st_size >= SMALL_BYTES and job.context.owners is None:
        raise PostsFirst
    raw = tabular.scan(path, layout)
    sample = tabular.head(raw)
    plan = plan_of(load, what.source, tabular.distinct_names(layout), sample)
    gathering = Gathering(0, plan, columns=column_kinds(sample, what.source))
    _check_header(job.file.name, layout, [plan], sample, gathering.columns)
    read = edges.stream(path, layout, raw, plan, f"{job.delivery}-0", job.lake, job.context, sample)
    add(gathering, read)
    job.tick(read.rows_read)
    return gathering

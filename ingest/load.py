"""Load export files into the lake: detect the format of each, read it as text, cast, validate, count."""

from dataclasses import dataclass, replace
from pathlib import Path

from ingest import edges, files
from ingest.cast.canonical import is_canonical
from ingest.delivery import Delivery, entry_of
from ingest.detect import detected, find_layout, find_sheet_layout
from ingest.edges import EdgeContext, PostsFirst, write_owners
from ingest.export_file import size_and_stamp
from ingest.faults import ANYTHING, check_blame, refusal_of
from ingest.formats.batches import native_format, nothing_known
from ingest.formats.registry import format_of
from ingest.limits import check_lines
from ingest.load_state import Job, LoadState, Tick, add_batch, finish, note_of
from ingest.privacy import declared_names, kept_by_name, names_of_table, names_told
from ingest.quarantine import quarantined
from ingest.readers import table
from ingest.readers.base import FallbackToSlowReader
from ingest.readers.json import JsonRecords, array_as_lines, open_json
from ingest.records import ArrayRecords, NativeRecords, PathRecords, Records, SheetRecords, TableRecords
from ingest.rejects import write_rejects
from ingest.small_files import SmallFiles
from ingest.vendor_tables.registry import known_table
from schemas.errors import FileRefused
from schemas.sources import Source
from warehouse.lake.commits import Entry
from warehouse.lake.edge_layout import observed_owners
from warehouse.lake.edges import SMALL_BYTES
from warehouse.lake.incomplete_lists import pages_kept
from warehouse.lake.ledger import Lake

BY_POST = ("likes", "comments")
BATCH_FILES, BATCH_BYTES = 2_000, 256 << 20


@dataclass(frozen=True)
class Loaded:
    """What became of some deliveries; `late` are those that must be read after the posts of all the others."""

    entries: list[Entry]
    late: list[Delivery]


def batches_of(deliveries: list[Delivery]) -> list[list[Delivery]]:
    """Files grouped so that a task reads many small ones or a few large ones: tasks cost, tens are fine, thousands not."""
    batches: list[list[Delivery]] = []
    weight = BATCH_BYTES
    for delivery in deliveries:
        if weight >= BATCH_BYTES or len(batches[-1]) >= BATCH_FILES:
            batches.append([])
            weight = 0
        batches[-1].append(delivery)
        weight += delivery.file.size
    return batches


def load_files(deliveries: list[Delivery], lake: Lake, context: EdgeContext, tick: Tick = lambda rows: None) -> Loaded:
    """Load deliveries into the lake, small ones many at a time, the others one after the other.

    Args:
        deliveries: the files, with their declarations.
        lake: where their rows and rejects are written. Nothing counts until the caller commits the entries.
        context: what likes, comments and followers need beside their own file.
        tick: called with a number of rows each time some have been read.

    Returns:
        An entry for each file, quarantined ones included, and the files that are to be loaded after all others.
    """
    small = SmallFiles(lake, context, tick)
    alone = [delivery for delivery in deliveries if not small.add(delivery)]
    entries, fell_back = small.finish()
    late: list[Delivery] = []
    for delivery in [*alone, *fell_back]:
        try:
            entries.append(load_file(Job(delivery, lake, context, tick)))
        except PostsFirst:
            late.append(delivery)
    return Loaded(entries, late)


def note_owners(lake: Lake, entries: list[Entry]) -> Path:
    """Write down which account each post belongs to, of the lake and of what this run has read so far; returns the file."""
    segments = [*lake.segments("posts"), *(segment for entry in entries for segment in entry.segments)]
    path = lake.scratch / "owners.parquet"
    write_owners(observed_owners(lake, segments), path)
    return path


def load_file(job: Job) -> Entry:
    """Load one file. Its entry says loaded, empty or quarantined; it counts once it is committed.

    Raises:
        PostsFirst: the file holds likes or comments, and the posts they are of are still to be read.
    """
    delivery, lake = job.delivery, job.lake
    file = delivery.file
    try:
        entry = _load(job, files.plain_text(file, delivery.source.encoding, lake.scratch))
    except PostsFirst:
        raise
    except FileRefused as refusal:
        entry = quarantined(delivery, refusal, lake)
    except ANYTHING as error:
        check_blame(error, lake.root)
        # Not known by its bytes, so that it is tried again by every run until it can be read.
        return quarantined(file, refusal_of(file, error), lake)
    finally:
        # At once: the unpacked text of all files together may be more than the disk holds.
        spool = files.spool_of(file, lake.scratch)
        spool.unlink(missing_ok=True)
        _lines_of(spool).unlink(missing_ok=True)
    if size_and_stamp(file.path)[1] != file.stamp:
        why = f"{file.name}: was written to while it was read"
        return quarantined(file, FileRefused("changed_while_read", why, fix="run again"), lake)
    return entry


def _load(job: Job, path: Path) -> Entry:
    """Find out what a file is, and read it as that."""
    delivery, source = job.delivery, job.delivery.source
    if delivery.file.sheet is not None:
        return _load_table(job, path)
    if source.format == "json":
        records: Records = PathRecords(delivery, path)
        return _entry(job, records, _read(job, records))
    nested = None if source.load or source.format else open_json(path, delivery.file.name, limits=job.context.limits)
    lines = _lines_of(files.spool_of(delivery.file, job.lake.scratch))
    if _may_be_table(nested, source) and array_as_lines(path, lines, job.context.limits):
        return _load_table(job, lines, is_array=True)
    form = nested and native_format(delivery.file.name, nested)
    if nested and form:
        records = NativeRecords(delivery, nested, form)
        states = _read(job, records)
        if records.is_strange(states):
            raise nothing_known(delivery.file.name, form)
        return _entry(job, records, states)
    if nested and nested.document == []:
        return replace(entry_of(delivery, "empty", "an empty list"), format="json")
    return _load_table(job, path)


def _lines_of(spool: Path) -> Path:
    """Where the elements of an array lie, one a line."""
    return spool.with_suffix(".lines")


def _may_be_table(records: JsonRecords | None, source: Source) -> bool:
    """Whether a document may be an array of the records of a table, as its declaration or its keys tell."""
    if records is None:
        return bool(source.load) and source.format in (None, "ndjson")
    if not records.document or format_of(records.head):
        return False
    keys = list(dict.fromkeys(key for record in records.head for key in record))
    return is_canonical(keys) or known_table(keys) is not None


def _load_table(job: Job, path: Path, *, is_array: bool = False) -> Entry:
    """A file of records that share their columns; a JSON array comes with one record a line."""
    delivery = job.delivery
    check_lines(path, delivery.file.name, job.context.limits)
    find = find_layout if delivery.file.sheet is None else find_sheet_layout
    layout = find(path, delivery.file.name, delivery.source, job.context.limits)
    if layout is None:
        return entry_of(delivery, "empty", "the file holds nothing")
    try:
        what = detected(delivery.file.name, delivery.source, layout)
        kind = ArrayRecords if is_array else SheetRecords if layout.format == "sheet" else TableRecords
        records = kind(delivery, path, layout, what)
        try:
            states = _read_table(job, records)
        except FallbackToSlowReader:
            records.careful = True
            states = _read(job, records)
        return _entry(job, records, states)
    except FileRefused as refusal:
        columns: dict[str, str | None] = dict.fromkeys(table.distinct_names(layout))
        told = kept_by_name(columns, names_told(columns, declared_names(delivery.source)))
        return replace(quarantined(delivery, refusal, job.lake), columns=told)


def _read_table(job: Job, records: TableRecords) -> list[LoadState]:
    """The records by the quick way; of a whole file of edges in one pass."""
    loads, path = records.what.loads, records.path
    if len(loads) > 1 or not edges.can_stream(loads[0], records.layout):
        return _read(job, records)
    if loads[0].dataset in BY_POST and path.stat().st_size >= SMALL_BYTES and job.context.owners is None:
        raise PostsFirst
    raw = table.scan(path, records.layout)
    sample = table.head(raw)
    records.make_plans(records.what.source, sample)
    state = records.state(0)
    read = edges.stream(job.edge_load(state), path, records.layout, raw, sample)
    state.add_edges(read)
    job.tick(read.rows_read)
    return [state]


def _read(job: Job, records: Records) -> list[LoadState]:
    """The one loop: every batch of a file to the load that it is for, whatever the format."""
    states: dict[int, LoadState] = {}
    for number, batch in records.batches():
        if number not in states:
            states[number] = records.begin(number, batch)
        add_batch(states[number], batch, job)
        # Of a table each batch comes once for each load.
        if number == 0 or not isinstance(records, TableRecords):
            job.tick(batch.rows.height)
    return list(states.values())


def _entry(job: Job, records: Records, states: list[LoadState]) -> Entry:
    """The entry of a file that was read to its end."""
    counts = tuple(finish(state, job.lake) for state in states)
    pages = pages_kept(records.pages)
    if not any(count.rows_read for count in counts):
        return replace(entry_of(job.delivery, "empty", records.empty), format=records.format, pages=pages)
    rejects, kinds = [rejects for state in states for rejects in state.rejects], states[0].columns
    return replace(
        entry_of(job.delivery, "loaded", note_of(records.note, sum(state.cells_rounded for state in states))),
        format=records.format,
        counts=counts,
        segments=tuple(segment for state in states for segment in state.segments),
        rejects=write_rejects(job.delivery.id, rejects, records.hidden, job.lake, records.lines_of),
        columns=kept_by_name(kinds, names_of_table(kinds, records.format, job.delivery.source)),
        pages=pages,
    )

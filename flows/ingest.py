"""One export file into the lake: recognised, read as text, cast, checked, counted."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import polars as pl
import polars.selectors as cs

from flows import edges
from flows.by_path import batches_by_path, not_json
from flows.edges import EDGE_DATASETS, EdgeContext, PostsFirst
from flows.entries import as_rejected_rows, entry_of, quarantined
from flows.known_tables import known_table, with_date_format, with_made_columns, without_others
from flows.native import declared, native_batches, native_format, told_of
from flows.recognition import Recognised, find_layout, recognised
from schemas.errors import FileRefused
from schemas.pages import Page
from schemas.sources import Load, Source
from transforms.exports.edges import masked
from transforms.exports.formats import format_of
from transforms.exports.kinds import column_kinds
from transforms.exports.nested import Format
from transforms.exports.plan import Plan, canonical_dataset, plan_of
from transforms.exports.rows import read_batch
from transforms.exports.shifted import refuse_shifted
from warehouse import landing, tabular
from warehouse.edges import SMALL_BYTES
from warehouse.export_file import ExportFile
from warehouse.lake import Counts, Entry, Lake, Segment, delivery_id
from warehouse.pages import pages_kept
from warehouse.records_json import AS_WRITTEN, JsonRecords, array_as_lines, open_json

# Past this, more of the same adds nothing a reader could use: the first ones tell what is wrong.
REJECTS_LISTED_MAX = 1_000_000
BY_POST = ("likes", "comments")


@dataclass
class _Gathering:
    """What one load of a file has brought so far."""

    number: int
    plan: Plan
    segments: list[Segment] = field(default_factory=list)
    row_hashes: list[pl.Series] = field(default_factory=list)
    parts: int = 0
    rows_loaded: int = 0
    rejects: list[pl.DataFrame] = field(default_factory=list)
    rows_read: int = 0
    rows_rejected: int = 0
    columns: dict[str, str | None] = field(default_factory=dict)


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
    delivery = delivery_id(sha256, declaration)
    layout: tabular.Layout | None = None
    try:
        path = landing.plain_text(file, source.encoding, lake.scratch)
        if source.format == "json":
            gatherings = _gather_by_path(path, file, source, delivery, lake, context, tick)
            return _loaded(gatherings, path, None, file, sha256, declaration, delivery, lake, "json")
        records = None if source.load or source.format else open_json(path, file.name)
        lines = landing.spool_of(file, lake.scratch).with_suffix(".lines")
        is_array = _may_be_table(records, source) and array_as_lines(path, lines)
        path, records = (lines, None) if is_array else (path, records)
        form = records and native_format(file.name, records)
        if records and form:
            gatherings, pages = _gather_native(records, form, file, source, delivery, lake, context, tick)
            entry = _loaded(gatherings, path, None, file, sha256, declaration, delivery, lake, form.name)
            return replace(entry, pages=pages_kept(pages))
        if records and records.document == []:
            return entry_of(file, sha256, declaration, delivery, "empty", note="an empty list", format="json")
        layout = find_layout(path, file.name, source)
        if layout is None:
            return entry_of(file, sha256, declaration, delivery, "empty", note="the file holds nothing")
        what = recognised(file.name, source, layout)
        careful = False
        try:
            gatherings = _gather(path, file, layout, what, delivery, lake, context, tick, careful=careful)
        except tabular.NeedsCare:
            careful = True
            gatherings = _gather(path, file, layout, what, delivery, lake, context, tick, careful=careful)
        return _loaded(
            gatherings,
            path,
            None if is_array else layout,
            file,
            sha256,
            declaration,
            delivery,
            lake,
            "json" if is_array else layout.format,
            what.note,
            careful=careful,
        )
    except FileRefused as refusal:
        columns: dict[str, str | None] = dict.fromkeys(tabular.distinct_names(layout)) if layout else {}
        return quarantined(
            file, refusal, lake, sha256=sha256, declaration=declaration, delivery=delivery, columns=columns
        )
    finally:
        # At once: the unpacked text of all files together may be more than the disk holds.
        spool = landing.spool_of(file, lake.scratch)
        spool.unlink(missing_ok=True)
        spool.with_suffix(".lines").unlink(missing_ok=True)


def _may_be_table(records: JsonRecords | None, source: Source) -> bool:
    """Whether a document may be an array of the records of a table, as its declaration or its keys tell."""
    if records is None:
        return bool(source.load) and source.format in (None, "ndjson")
    if not records.document or format_of(records.head):
        return False
    keys = list(dict.fromkeys(key for record in records.head for key in record))
    return canonical_dataset(keys) is not None or known_table(keys) is not None


def _loaded(
    gatherings: list[_Gathering],
    path: Path,
    layout: tabular.Layout | None,
    file: ExportFile,
    sha256: str,
    declaration: str,
    delivery: str,
    lake: Lake,
    format: str,
    note: str | None = None,
    *,
    careful: bool = False,
) -> Entry:
    """The entry of a file that was read to its end."""
    counts = tuple(_finish(gathering, lake) for gathering in gatherings)
    if not any(count.rows_read for count in counts):
        nothing = "nothing in it to read" if layout is None else "a header and no records"
        return entry_of(file, sha256, declaration, delivery, "empty", note=nothing, format=format)
    rejects = _write_rejects(path, layout, gatherings, delivery, lake, careful=careful)
    segments = tuple(segment for gathering in gatherings for segment in gathering.segments)
    return entry_of(
        file, sha256, declaration, delivery, "loaded",
        format=format, note=note, counts=counts, segments=segments, rejects=rejects, columns=gatherings[0].columns,
    )  # fmt: skip


def _gather(
    path: Path,
    file: ExportFile,
    layout: tabular.Layout,
    what: Recognised,
    delivery: str,
    lake: Lake,
    context: EdgeContext,
    tick: Callable[[int], None],
    *,
    careful: bool,
) -> list[_Gathering]:
    if not careful and len(what.loads) == 1 and edges.can_stream(what.loads[0], layout):
        return [_stream(path, file.name, layout, what.source, what.loads[0], delivery, lake, context, tick)]
    names = tabular.distinct_names(layout)
    gatherings: list[_Gathering] = []
    for whole in tabular.read_batches(path, file.name, layout, careful=careful):
        batch = with_made_columns(without_others(whole, what.table), what.table) if what.table else whole
        if not gatherings:
            source = what.source
            if what.table:
                source = with_date_format(file.name, what.table, source, what.loads, batch.rows)
            plans = [plan_of(load, source, names, batch.rows.head(1000)) for load in what.loads]
            _check_header(file.name, layout, plans, batch.rows)
            columns = column_kinds(batch.rows.select(cs.by_name(whole.rows.columns)), source)
            gatherings = [_Gathering(number, plan, columns=columns) for number, plan in enumerate(plans)]
        for gathering in gatherings:
            _take(gathering, batch, delivery, lake, context)
        tick(whole.rows.height)
    return gatherings


def _gather_native(
    records: JsonRecords,
    form: Format,
    file: ExportFile,
    source: Source,
    delivery: str,
    lake: Lake,
    context: EdgeContext,
    tick: Callable[[int], None],
) -> tuple[list[_Gathering], list[Page]]:
    """The rows of nested JSON, a load for each dataset that is met, and what they tell of the pages of lists."""
    pages: list[Page] = []
    as_declared = declared(form, source)
    loads = {load.dataset: load for load in as_declared.load}
    gatherings: dict[str, _Gathering] = {}
    for batches in native_batches(records, form, told_of(file.name, source), pages):
        for dataset, batch in batches.items():
            if dataset not in gatherings:
                plan = plan_of(loads[dataset], as_declared, list(form.columns[dataset]), batch.rows.head(1000))
                gatherings[dataset] = _Gathering(len(gatherings), plan)
            _take(gatherings[dataset], batch, delivery, lake, context)
            tick(batch.rows.height)
    return list(gatherings.values()), pages


def _gather_by_path(
    path: Path,
    file: ExportFile,
    source: Source,
    delivery: str,
    lake: Lake,
    context: EdgeContext,
    tick: Callable[[int], None],
) -> list[_Gathering]:
    """The rows of nested JSON that is declared by paths."""
    if not path.stat().st_size:
        return []
    records = open_json(path, file.name, AS_WRITTEN)
    if records is None:
        raise not_json(file.name)
    gatherings: list[_Gathering] = []
    for batches in batches_by_path(file.name, records, source.load):
        if not gatherings:
            for number, (load, batch) in enumerate(zip(source.load, batches, strict=True)):
                rows = batch.rows.head(1000)
                plan = plan_of(load, source, batch.rows.columns, rows)
                gatherings.append(_Gathering(number, plan, columns=column_kinds(rows, source)))
        for gathering, batch in zip(gatherings, batches, strict=True):
            _take(gathering, batch, delivery, lake, context)
            tick(batch.rows.height)
    return gatherings


def _check_header(name: str, layout: tabular.Layout, plans: list[Plan], sample: pl.DataFrame) -> None:
    """Only in CSV can cells come to stand below another name: elsewhere each value has its own."""
    if layout.format == "csv":
        for plan in plans:
            refuse_shifted(name, sample, plan)


def _stream(
    path: Path,
    name: str,
    layout: tabular.Layout,
    source: Source,
    load: Load,
    delivery: str,
    lake: Lake,
    context: EdgeContext,
    tick: Callable[[int], None],
) -> _Gathering:
    """A whole file of edges in one pass."""
    if load.dataset in BY_POST and path.stat().st_size >= SMALL_BYTES and context.owners is None:
        raise PostsFirst
    raw = tabular.scan(path, layout)
    sample = tabular.head(raw)
    plan = plan_of(load, source, tabular.distinct_names(layout), sample)
    gathering = _Gathering(0, plan, columns=column_kinds(sample, source))
    _check_header(name, layout, [gathering.plan], sample)
    read = edges.stream(path, layout, raw, gathering.plan, f"{delivery}-0", lake, context, sample)
    _add(gathering, read)
    tick(read.rows_read)
    return gathering


def _take(gathering: _Gathering, batch: tabular.RawBatch, delivery: str, lake: Lake, context: EdgeContext) -> None:
    """Cast and check one batch for one load, write its good rows, keep its rejects."""
    dataset = gathering.plan.dataset
    if dataset in EDGE_DATASETS:
        name = f"{delivery}-{gathering.number}-{gathering.parts:05d}"
        _add(gathering, edges.take(batch.rows, gathering.plan, name, lake, context))
        gathering.parts += 1
        _refuse(gathering, masked(batch.broken, dataset, {}))
        gathering.rows_read += batch.broken.height
        return
    read = read_batch(batch.rows, gathering.plan)
    gathering.rows_read += batch.rows.height + batch.broken.height
    for rejects in (read.rejects, batch.broken):
        _refuse(gathering, rejects)
    if read.rows.height:
        name = f"{delivery}-{gathering.number}"
        gathering.segments.append(lake.write_segment(dataset, name, len(gathering.segments), read.rows))
        gathering.row_hashes.append(read.rows.hash_rows())
        gathering.rows_loaded += read.rows.height


def _add(gathering: _Gathering, read: edges.Read) -> None:
    gathering.segments.extend(read.segments)
    for rejects in read.rejects:
        _refuse(gathering, rejects)
    gathering.rows_read += read.rows_read
    gathering.rows_loaded += read.rows_read - read.rows_rejected


def _refuse(gathering: _Gathering, rejects: pl.DataFrame) -> None:
    if rejects.height:
        gathering.rejects.append(rejects.with_columns(pl.lit(gathering.plan.dataset).alias("dataset")))
        gathering.rows_rejected += rejects.get_column("record").n_unique()


def _finish(gathering: _Gathering, lake: Lake) -> Counts:
    """Drop rows that repeat another of the same file, and count."""
    duplicates = 0
    if gathering.row_hashes:
        hashes = pl.concat(gathering.row_hashes)
        if hashes.n_unique() < hashes.len():
            duplicates = _drop_repeats(gathering, hashes, lake)
    return Counts(
        gathering.plan.dataset,
        rows_read=gathering.rows_read,
        rows_loaded=gathering.rows_loaded - duplicates,
        rows_duplicate=duplicates,
        rows_rejected=gathering.rows_rejected,
    )


def _drop_repeats(gathering: _Gathering, hashes: pl.Series, lake: Lake) -> int:
    """Rewrite the segments without the rows that repeat an earlier one. Returns how many.

    Equal hashes only name the candidates; whether two rows are equal is decided on the rows.
    """
    repeated = hashes.filter(hashes.is_duplicated()).unique()
    candidates = []
    for number, (segment, own) in enumerate(zip(gathering.segments, gathering.row_hashes, strict=True)):
        rows = pl.read_parquet(lake.root / segment.path).with_row_index("__row").filter(own.is_in(repeated.implode()))
        candidates.append(rows.with_columns(pl.lit(number).alias("__segment")))
    every = pl.concat(candidates)
    content = [name for name in every.columns if not name.startswith("__")]
    dropped = every.filter(~pl.struct(content).is_first_distinct())
    for (number,), rows in dropped.group_by("__segment"):
        index = int(str(number))
        segment = gathering.segments[index]
        kept = (
            pl.read_parquet(lake.root / segment.path)
            .with_row_index("__row")
            .join(rows, on="__row", how="anti")
            .drop("__row")
        )
        gathering.segments[index] = lake.rewrite_segment(segment, kept)
    gathering.segments = [segment for segment in gathering.segments if segment.rows]
    return dropped.height


def _write_rejects(
    path: Path, layout: tabular.Layout | None, gatherings: list[_Gathering], delivery: str, lake: Lake, *, careful: bool
) -> str | None:
    """The refused records of a file, with the lines they begin on."""
    frames = [rejects for gathering in gatherings for rejects in gathering.rejects]
    if not frames:
        return None
    rejects = pl.concat(frames, how="diagonal").sort("record", "dataset").head(REJECTS_LISTED_MAX)
    refused = rejects.get_column("record").unique().to_list()
    lines = tabular.line_numbers(path, layout, refused, careful=careful) if layout else {}
    found = pl.DataFrame(
        {"record": list(lines), "line_found": list(lines.values())}, schema={"record": pl.Int64, "line_found": pl.Int64}
    )
    rejects = rejects.join(found, on="record", how="left", maintain_order="left")
    line = pl.coalesce("line", "line_found") if "line" in rejects.columns else pl.col("line_found")
    return lake.write_rejects(delivery, as_rejected_rows(rejects.with_columns(line.alias("line"))))

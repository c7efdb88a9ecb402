"""What the records of a file become, load by load: segments, rejects and counts."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from ingest import edges
from ingest.cast.edges import masked, may_name_members
from ingest.cast.mapping import Plan
from ingest.cast.rows import read_batch, records_rejected
from ingest.delivery import as_rejected_rows
from ingest.edges import EDGE_DATASETS, EdgeContext
from ingest.export_file import ExportFile
from ingest.readers import table as tabular
from schemas.sources import Source
from warehouse.lake.ledger import Counts, Lake, Segment, delivery_id

# Past this, more of the same adds nothing a reader could use: the first ones tell what is wrong.
REJECTS_LISTED_MAX = 1_000_000


@dataclass(frozen=True)
class Job:
    """One delivery to be read, and what it is read with."""

    file: ExportFile
    sha256: str
    source: Source
    declaration: str
    lake: Lake
    context: EdgeContext
    tick: Callable[[int], None]

    @property
    def delivery(self) -> str:
        return delivery_id(self.sha256, self.declaration)


@dataclass
class Gathering:
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
    cells_rejected: int = 0
    cells_rounded: int = 0
    columns: dict[str, str | None] = field(default_factory=dict)


def take(gathering: Gathering, batch: tabular.RawBatch, job: Job) -> None:
    """Cast and check one batch for one load, write its good rows, keep its rejects."""
    dataset = gathering.plan.dataset
    if dataset in EDGE_DATASETS:
        name = f"{job.delivery}-{gathering.number}-{gathering.parts:05d}"
        add(gathering, edges.take(batch.rows, gathering.plan, name, job.lake, job.context))
        gathering.parts += 1
        _refuse(gathering, masked(batch.broken))
        gathering.rows_read += batch.broken.height
        return
    read = read_batch(batch.rows, gathering.plan)
    gathering.rows_read += batch.rows.height + batch.broken.height
    gathering.cells_rounded += read.rounded.height
    for rejects in (read.rejects, batch.broken):
        _refuse(gathering, masked(rejects) if may_name_members(job.source.load) else rejects)
    if read.rows.height:
        name = f"{job.delivery}-{gathering.number}"
        gathering.segments.append(job.lake.write_segment(dataset, name, len(gathering.segments), read.rows))
        gathering.row_hashes.append(read.rows.hash_rows())
        gathering.rows_loaded += read.rows.height


def add(gathering: Gathering, read: edges.Read) -> None:
    gathering.segments.extend(read.segments)
    for rejects in read.rejects:
        _refuse(gathering, rejects)
    gathering.rows_read += read.rows_read
    gathering.rows_loaded += read.rows_read - read.rows_rejected


def cells_kept(rejects: pl.DataFrame) -> int:
    """How many cells are null of rows that were loaded."""
    return int(rejects.get_column("kept").sum()) if "kept" in rejects.columns else 0


def rounded_note(cells: int) -> str | None:
    """What the ledger says of counts whose last digits are not known."""
    return f"counts in E-notation, rounded to the digits shown: {cells:,}" if cells else None


def _refuse(gathering: Gathering, rejects: pl.DataFrame) -> None:
    if rejects.height:
        gathering.rejects.append(rejects.with_columns(pl.lit(gathering.plan.dataset).alias("dataset")))
        gathering.rows_rejected += records_rejected(rejects).len()
        gathering.cells_rejected += cells_kept(rejects)


def finish(gathering: Gathering, lake: Lake) -> Counts:
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
        cells_rejected=gathering.cells_rejected,
    )


def _drop_repeats(gathering: Gathering, hashes: pl.Series, lake: Lake) -> int:
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


def write_rejects(
    path: Path, layout: tabular.Layout | None, gatherings: list[Gathering], delivery: str, lake: Lake, *, careful: bool
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

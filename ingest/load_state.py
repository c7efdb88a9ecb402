"""What the records of a file become, load by load: segments, rejects and counts."""

from collections.abc import Callable
from dataclasses import dataclass, field

import polars as pl

from ingest import edges
from ingest.cast.mapping import Plan
from ingest.cast.rows import cells_rejected, read_batch, records_rejected
from ingest.delivery import Delivery
from ingest.edges import EDGE_DATASETS, EdgeContext, EdgeLoad
from ingest.readers.base import RawBatch
from warehouse.lake.commits import Counts, Segment
from warehouse.lake.ledger import Lake

# Told of rows as they are read, for whoever shows progress.
Tick = Callable[[int], None]


@dataclass(frozen=True)
class Job:
    """One delivery to be read, and what it is read with. `tick` is told of rows as they are read."""

    delivery: Delivery
    lake: Lake
    context: EdgeContext
    tick: Tick

    def edge_load(self, state: "LoadState", part: str = "") -> EdgeLoad:
        """What edges of a load are written with, under a name of their own."""
        return EdgeLoad(f"{self.delivery.id}-{state.number}{part}", state.plan, self.lake, self.context)


@dataclass
class LoadState:
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
    rows_left_out: int = 0
    rows_forgotten: int = 0
    cells_rejected: int = 0
    cells_rounded: int = 0
    columns: dict[str, str | None] = field(default_factory=dict)

    def reject(self, rejects: pl.DataFrame) -> None:
        """Keep rejects, and count the records and cells that they cost."""
        if rejects.height:
            self.rejects.append(rejects.with_columns(pl.lit(self.plan.dataset).alias("dataset")))
            self.rows_rejected += records_rejected(rejects).len()
            self.cells_rejected += cells_rejected(rejects)

    def add_edges(self, read: edges.Read) -> None:
        self.segments.extend(read.segments)
        for rejects in read.rejects:
            self.reject(rejects)
        self.rows_read += read.rows_read
        self.rows_left_out += read.rows_left_out
        self.rows_forgotten += read.rows_forgotten
        self.rows_loaded += read.rows_read - read.rows_rejected - read.rows_left_out - read.rows_forgotten


def add_batch(state: LoadState, batch: RawBatch, job: Job) -> None:
    """Cast and check one batch for one load, write its good rows, keep its rejects."""
    dataset = state.plan.dataset
    if dataset in EDGE_DATASETS:
        state.add_edges(edges.read_edges(batch.rows, job.edge_load(state, f"-{state.parts:05d}")))
        state.parts += 1
        state.reject(batch.rejects)
        state.rows_read += batch.rejects.height
        return
    read = read_batch(batch.rows, state.plan, job.context.forgotten)
    state.rows_forgotten += read.records_forgotten.len()
    state.rows_read += batch.rows.height + batch.rejects.height
    state.cells_rounded += read.rounded.height
    state.rows_left_out += read.left_out.len()
    for rejects in (read.rejects, batch.rejects):
        state.reject(rejects)
    if read.rows.height:
        name = f"{job.delivery.id}-{state.number}"
        state.segments.append(job.lake.write_segment(dataset, name, len(state.segments), read.rows))
        state.row_hashes.append(read.rows.hash_rows())
        state.rows_loaded += read.rows.height


def note_of(note: str | None, cells_rounded: int) -> str | None:
    """What the ledger says of a file beside its counts: how many of its numbers are not known to their last digit."""
    said = "rounded numbers, counts in E-notation or prices with more than two decimals"
    rounded = f"{said}: {cells_rounded:,}" if cells_rounded else None
    return "; ".join(filter(None, (note, rounded))) or None


def finish(state: LoadState, lake: Lake) -> Counts:
    """Drop rows that repeat another of the same file, and count."""
    duplicates = 0
    if state.row_hashes:
        hashes = pl.concat(state.row_hashes)
        if hashes.n_unique() < hashes.len():
            duplicates = _drop_repeats(state, hashes, lake)
    return Counts(
        state.plan.dataset,
        rows_read=state.rows_read,
        rows_loaded=state.rows_loaded - duplicates,
        rows_duplicate=duplicates,
        rows_rejected=state.rows_rejected,
        rows_left_out=state.rows_left_out,
        cells_rejected=state.cells_rejected,
        rows_forgotten=state.rows_forgotten,
    )


def _drop_repeats(state: LoadState, hashes: pl.Series, lake: Lake) -> int:
    """Rewrite the segments without the rows that repeat an earlier one. Returns how many.

    Equal hashes only name the candidates; whether two rows are equal is decided on the rows.
    """
    repeated = hashes.filter(hashes.is_duplicated()).unique()
    candidates = []
    for number, (segment, own) in enumerate(zip(state.segments, state.row_hashes, strict=True)):
        rows = pl.read_parquet(lake.root / segment.path).with_row_index("__row").filter(own.is_in(repeated.implode()))
        candidates.append(rows.with_columns(pl.lit(number).alias("__segment")))
    every = pl.concat(candidates)
    content = [name for name in every.columns if not name.startswith("__")]
    dropped = every.filter(~pl.struct(content).is_first_distinct())
    for (number,), rows in dropped.group_by("__segment"):
        index = int(str(number))
        segment = state.segments[index]
        kept = (
            pl.read_parquet(lake.root / segment.path)
            .with_row_index("__row")
            .join(rows, on="__row", how="anti")
            .drop("__row")
        )
        state.segments[index] = lake.rewrite_segment(segment, kept)
    state.segments = [segment for segment in state.segments if segment.rows]
    return dropped.height

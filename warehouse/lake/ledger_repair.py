"""What the ledger says of a delivery, put right by what its segments hold."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import polars as pl

from schemas.tables import DATASETS
from schemas.times import newest_times
from warehouse.lake.commits import Counts, Entry, Segment, dated
from warehouse.lake.ledger import Lake
from warehouse.lake.shared_segments import PART


def records_gone(lake: Lake, entry: Entry, dataset: str) -> int:
    """How many records of a file its segments no longer hold. Mutual friends are two rows of one record."""
    own = [segment for segment in entry.segments if segment.dataset == dataset]
    stated = sum(segment.rows for segment in own)
    loaded = sum(counts.rows_loaded for counts in entry.counts if counts.dataset == dataset)
    if not stated or not loaded:
        return 0
    gone = stated - sum(_rows(lake, segment) for segment in own)
    return gone * loaded // stated


def entry_as_stored(lake: Lake, entry: Entry, now: Sequence[Segment] | None = None) -> Entry:
    """The entry with the rows that its segments hold now, and what they have lost counted as forgotten.

    `now` is where the rows of each of its segments lie, if they were gathered since.
    """
    counts, lying = entry.counts, now or entry.segments
    for dataset in sorted({segment.dataset for segment in entry.segments}):
        counts = _without(counts, dataset, records_gone(lake, replace(entry, segments=tuple(lying)), dataset))
    stored = [
        replace(held, path=segment.path, part=segment.part)
        for segment, held in zip(entry.segments, (_as_stored(lake, each) for each in lying), strict=True)
        if held.rows
    ]
    return replace(entry, counts=counts, segments=tuple(stored))


def _without(counts: tuple[Counts, ...], dataset: str, gone: int) -> tuple[Counts, ...]:
    """The counts of a file with so many records of a dataset no longer loaded but forgotten."""
    found = []
    for own in counts:
        taken = min(own.rows_loaded, gone) if own.dataset == dataset else 0
        gone -= taken
        found.append(
            replace(own, rows_loaded=own.rows_loaded - taken, rows_forgotten=own.rows_forgotten + taken)
            if taken
            else own
        )
    return tuple(found)


def _as_stored(lake: Lake, segment: Segment) -> Segment:
    """The segment as its file is: its rows, and their newest times."""
    rows = _rows(lake, segment)
    if rows == segment.rows:
        return segment
    found = replace(segment, rows=rows)
    if segment.dataset not in DATASETS:
        return found
    held = _scan(lake.root / segment.path, segment.part)
    times = newest_times(segment.dataset, held.collect_schema().names())
    return dated(found, *held.select(times).collect().row(0))


def _rows(lake: Lake, segment: Segment) -> int:
    """As many as are said of one whose file is gone: it was damaged, and what it held has been read again."""
    path = lake.root / segment.path
    return int(_scan(path, segment.part).select(pl.len()).collect().item()) if path.exists() else segment.rows


def _scan(path: Path, part: int | None) -> pl.LazyFrame:
    rows = pl.scan_parquet(path, glob=False, hive_partitioning=False)
    return rows if part is None else rows.filter(pl.col(PART) == part)

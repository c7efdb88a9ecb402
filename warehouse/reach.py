"""How far in time the lake reaches, and which of its rows are later than an instant.

The newest times of a segment stand in the ledger, so that a lake of many millions of edges is asked without reading them.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

import polars as pl

from schemas.columns import polars_schema
from schemas.tables import DATASETS
from schemas.times import STATEMENTS, is_later, newest_times, times_of
from warehouse.lake.commits import RowsOfSegments, Segment
from warehouse.lake.edges import EDGE_SCHEMAS
from warehouse.lake.ledger import Lake
from warehouse.lake.shared_segments import PART

BY_DEFAULT = " by default"


@dataclass(frozen=True)
class AsOf:
    """The instant the figures are for; `file` is what a default comes from, null where the instant was given."""

    at: datetime | None
    file: str | None = None

    @property
    def cut(self) -> datetime | None:
        """What later rows are left out by: an instant that was given. A default leaves out nothing."""
        return None if self.file else self.at

    def __str__(self) -> str:
        return f"{self.at}{BY_DEFAULT if self.file else ''}"


def as_of_from(lake: Lake, given: datetime | None) -> AsOf:
    """The instant that was given; else the newest observation or event in the lake, and where nothing else has a time,
    the newest statement."""
    if given:
        return AsOf(given)
    observed = [dataset for dataset in DATASETS if dataset not in STATEMENTS]
    return _newest_of(lake, observed) or _newest_of(lake, STATEMENTS) or AsOf(None)


def _newest_of(lake: Lake, datasets: Collection[str]) -> AsOf | None:
    segments = [
        (segment, entry.file)
        for entry in lake.deliveries().values()
        for segment in entry.segments
        if segment.dataset in datasets
    ]
    scanned = _scanned(lake, [segment for segment, _ in segments if _is_unsaid(segment)])
    found = ((_newest(segment) or scanned.get(segment.path), file) for segment, file in segments)
    # Of two files that reach equally far, the first by name.
    times = sorted(((at, file) for at, file in found if at), key=lambda each: each[1])
    return AsOf(*max(times, key=lambda each: each[0])) if times else None


def _newest(segment: Segment) -> datetime | None:
    return max((datetime.fromisoformat(at) for at in (segment.observed, segment.happened) if at), default=None)


def _is_unsaid(segment: Segment) -> bool:
    """Whether the ledger is of a version that did not note the times of such rows."""
    return segment.observed is None and segment.happened is None and segment.dataset not in EDGE_SCHEMAS


def _scanned(lake: Lake, segments: Iterable[Segment]) -> dict[str, datetime]:
    """The newest time of each of these segments, by path, as its rows say."""
    found: dict[str, datetime] = {}
    paths: dict[str, set[str]] = {}
    for segment in segments:
        paths.setdefault(segment.dataset, set()).add(segment.path)
    for dataset, own in paths.items():
        newest = pl.max_horizontal(newest_times(dataset, times_of(dataset)))
        rows = scan(lake, dataset, own).group_by("path").agg(newest.alias("at")).drop_nulls().collect()
        found |= dict(rows.iter_rows())
    return found


def scan(lake: Lake, dataset: str, paths: Iterable[str]) -> pl.LazyFrame:
    """Rows of segments with the times, keys and part that they have, and their path inside the lake."""
    schema = EDGE_SCHEMAS.get(dataset) or polars_schema(DATASETS[dataset])
    rows = pl.scan_parquet(
        [lake.root / path for path in sorted(paths)],
        schema=pl.Schema({**schema, PART: pl.UInt32()}),
        glob=False,
        missing_columns="insert",
        extra_columns="ignore",
        include_file_paths="path",
    )
    return rows.with_columns(pl.col("path").str.strip_prefix(f"{lake.root}/"))


def later_rows(lake: Lake, cut: datetime | None) -> RowsOfSegments:
    """How many rows of each segment are later than the instant; segments that have none are absent."""
    later: RowsOfSegments = {}
    if cut is None:
        return later
    for dataset in DATASETS:
        if reaching := _reaching_beyond(lake, dataset, cut):
            rows = scan(lake, dataset, reaching).filter(is_later(dataset, cut)).group_by("path", PART).len()
            later |= {(path, part): count for path, part, count in rows.collect().iter_rows()}
    return later


def _reaching_beyond(lake: Lake, dataset: str, cut: datetime) -> list[str]:
    """The segments that may have later rows."""
    newest = ((segment, _newest(segment)) for segment in lake.segments(dataset))
    return [segment.path for segment, at in newest if (at and at > cut) or _is_unsaid(segment)]

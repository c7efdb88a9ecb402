"""One file's follower, like and comment lists into the lake: in one streaming pass, what is doubtful with care after it."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import polars as pl
import polars.selectors as cs

from ingest.cast import edges as transforms
from ingest.cast.mapping import Plan
from ingest.cast.rows import read_batch, records_rejected
from ingest.readers import csv as records_csv
from ingest.readers import table as tabular
from schemas.errors import TierwiseError
from schemas.sources import LINE, RECORD, Load
from warehouse.lake import edges
from warehouse.lake.ledger import ACCOUNTS_OF_LISTS, PART, Lake, Segment, dated

EDGE_DATASETS = frozenset(edges.EDGE_SCHEMAS)


class PostsFirst(Exception):
    """The file holds likes or comments, which are laid out by posts: read it once those of the run are known."""


@dataclass(frozen=True)
class EdgeContext:
    """What edges need beside their own file: the secret of their members, and post_key and account_key of known posts."""

    secret: Callable[[], str]
    owners: Path | None = None

    def secret_for(self, plan: Plan) -> str | None:
        return None if plan.source.members == "pseudonyms" else self.secret()


@dataclass(frozen=True)
class Read:
    """What became of some records of a file."""

    segments: tuple[Segment, ...]
    rejects: tuple[pl.DataFrame, ...]
    rows_read: int
    rows_rejected: int


def can_stream(load: Load, layout: tabular.Layout) -> bool:
    """Whether a file can be read in one pass: lists of one dataset, in a format that Polars scans."""
    scans = layout.format != "ndjson" or bool(layout.line_pattern)
    return load.dataset in EDGE_DATASETS and scans and transforms.DOUBTFUL not in layout.header and not load.undirected


def stream(
    path: Path,
    layout: tabular.Layout,
    raw: pl.LazyFrame,
    plan: Plan,
    name: str,
    lake: Lake,
    context: EdgeContext,
    sample: pl.DataFrame,
) -> Read:
    """A whole file. `FallbackToSlowReader` where its records must be read one by one."""
    rows = transforms.raw_to_rows(raw, plan, sample)
    last = tabular.distinct_names(layout)[-1]
    try:
        segments, facts = _write(
            lake, plan, name, transforms.canonical_columns(rows, plan), path.stat().st_size, context,
            transforms.rows_to_facts(rows, plan, last),
        )  # fmt: skip
    except (pl.exceptions.ComputeError, pl.exceptions.SchemaError) as error:
        raise tabular.FallbackToSlowReader from error
    records, doubtful, blanks = facts.select(pl.col("records", transforms.DOUBTFUL, "blanks").sum()).row(0)
    if layout.format == "csv" and not records_csv.is_whole(path, layout, records, blanks):
        raise tabular.FallbackToSlowReader
    if sum(segment.rows for segment in segments) != records - doubtful:
        raise TierwiseError(f"{name}: not every row was written", fix="report this as a fault of Tierwise")
    observed, happened = facts.select(pl.col("observed", "happened").max()).row(0)
    good = facts.filter(pl.col("records") > pl.col(transforms.DOUBTFUL))
    parts = [_dated(segments, observed, happened), _named(lake, plan, name, good)]
    rejects: list[pl.DataFrame] = []
    if doubtful:
        left = [LINE] if layout.format == "ndjson" else []
        seen = rows.filter(transforms.DOUBTFUL).select(cs.by_name(RECORD, *tabular.distinct_names(layout), *left))
        for number, scanned in enumerate(seen.collect_batches(chunk_size=tabular.BATCH_ROWS)):
            batch = tabular.with_care(scanned)
            read = take(batch.rows, plan, f"{name}-{number:05d}", lake, context)
            parts.append(read.segments)
            rejects.extend(read.rejects)
            if batch.broken.height:
                rejects.append(transforms.masked(batch.broken))
    refused = sum(records_rejected(frame).len() for frame in rejects)
    return Read(tuple(s for part in parts for s in part), tuple(rejects), records, refused)


def take(batch: pl.DataFrame, plan: Plan, name: str, lake: Lake, context: EdgeContext) -> Read:
    """A batch of raw records, each checked with all that a reject must say."""
    read = read_batch(batch, plan)
    rejects = transforms.masked(read.rejects)
    segments: tuple[Segment, ...] = ()
    if read.rows.height:
        written, _ = _write(lake, plan, name, read.rows.lazy(), 0, context, None)
        segments = _dated(written, *transforms.newest_times(read.rows, plan.dataset))
        segments += _named(lake, plan, name, read.rows)
    return Read(segments, (rejects,) if rejects.height else (), batch.height, read.records_rejected.len())


def write_parts(lake: Lake, plan: Plan, name: str, rows: pl.DataFrame, context: EdgeContext) -> list[Segment]:
    """Canonical rows of many small files in one segment, with the file of each in the column `part`."""
    if not rows.height:
        return []
    keys = transforms.rows_to_keys(rows.lazy(), plan.dataset, context.secret_for(plan)).collect()
    written = lake.write_segment(plan.dataset, name, 0, keys.with_columns(rows.get_column(PART)))
    segments: list[Segment] = []
    for part, count, observed, happened in transforms.newest_times_of_each(rows, plan.dataset, PART).iter_rows():
        segments += _dated((replace(written, rows=count, part=part),), observed, happened)
    if plan.dataset == "follows":
        named = rows.select("platform", "account_id", PART).unique(maintain_order=True)
        accounts = transforms.named_accounts(named).join(named, on=["platform", "account_id"])
        listed = lake.write_segment(ACCOUNTS_OF_LISTS, name, 0, accounts)
        counts = accounts.group_by(PART).len().iter_rows()
        segments += [replace(listed, rows=count, part=number) for number, count in counts]
    return segments


def _write(
    lake: Lake, plan: Plan, name: str, rows: pl.LazyFrame, size: int, context: EdgeContext, facts: pl.LazyFrame | None
) -> tuple[tuple[Segment, ...], pl.DataFrame]:
    """Stream canonical rows into the lake as keys; returns the segments, and the facts collected on the way."""
    keys = transforms.rows_to_keys(rows, plan.dataset, context.secret_for(plan), undirected=_is_undirected(plan))
    others = [] if facts is None else [facts]
    segments, found = edges.write_edges(lake, plan.dataset, name, _bucketed(keys, plan.dataset, size, context), others)
    return segments, pl.concat(found) if found else pl.DataFrame()


def _is_undirected(plan: Plan) -> bool:
    return any(load.undirected for load in plan.source.load if load.dataset == plan.dataset)


def _dated(segments: tuple[Segment, ...], observed: datetime | None, happened: datetime | None) -> tuple[Segment, ...]:
    return tuple(dated(segment, observed, happened) for segment in segments)


def _named(lake: Lake, plan: Plan, name: str, rows: pl.DataFrame) -> tuple[Segment, ...]:
    """Write down which accounts follower lists are about: among mutual friends both."""
    if plan.dataset != "follows" or not rows.height:
        return ()
    if _is_undirected(plan):
        others = rows.select("platform", pl.col("follower_id").alias("account_id"))
        rows = pl.concat([rows.select("platform", "account_id"), others])
    return (lake.write_segment(ACCOUNTS_OF_LISTS, name, 0, transforms.named_accounts(rows)),)


def _bucketed(keys: pl.LazyFrame, dataset: str, size: int, context: EdgeContext) -> pl.LazyFrame:
    """Keys with their bucket: of a large file by account, of a small one none, nor for likes whose post is not known."""
    if size < edges.SMALL_BYTES:
        return keys.with_columns(pl.lit(edges.WAITING, pl.UInt8).alias("bucket"))
    if dataset == "follows":
        return keys.with_columns(edges.bucket_of())
    assert context.owners is not None
    owners = pl.scan_parquet(context.owners, glob=False).select("post_key", edges.bucket_of())
    return keys.join(owners, on="post_key", how="left", maintain_order="none").with_columns(
        pl.col("bucket").fill_null(edges.WAITING)
    )


def write_owners(owners: pl.LazyFrame, path: Path) -> None:
    """One account for each post that any delivery names, for the laying out of likes and comments."""
    owners.unique("post_key", keep="any").collect().write_parquet(path)

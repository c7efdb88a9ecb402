"""One file's follower, like and comment lists into the lake: in one streaming pass, records that may break a rule once more after it."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import polars as pl
import polars.selectors as cs

from ingest.cast import edges as cast
from ingest.cast.mapping import Plan
from ingest.cast.misplaced_rows import may_be_misplaced
from ingest.cast.rows import read_batch, records_rejected
from ingest.limits import DEFAULT_LIMITS, Limits
from ingest.readers import csv, parquet, table
from ingest.readers.base import UNREADABLE, FallbackToSlowReader, Layout, batches_of, distinct_names
from schemas.errors import TierwiseError
from schemas.forgotten import NOBODY, Forgotten
from schemas.keys import stable_key, without_first
from schemas.sources import LINE, RECORD, Load
from warehouse.lake import edges
from warehouse.lake.commits import Segment, dated
from warehouse.lake.ledger import ACCOUNTS_OF_LISTS, Lake
from warehouse.lake.shared_segments import PART

EDGE_DATASETS = frozenset(edges.EDGE_SCHEMAS)


class PostsFirst(Exception):
    """The file holds likes or comments, which are laid out by posts: read it once those of the run are known."""


@dataclass(frozen=True)
class EdgeContext:
    """What files are read with: the secret of members, post_key and account_key of known posts, and how much is read.

    `forgotten` are people and accounts whose rows are left out, of every dataset. `known_secret` gives the secret where the
    lake has one already: once it was rotated, those who come as pseudonyms need it too.
    """

    secret: Callable[[], str]
    owners: Path | None = None
    limits: Limits = DEFAULT_LIMITS
    forgotten: Forgotten = NOBODY
    known_secret: Callable[[], str | None] = lambda: None

    def secret_for(self, plan: Plan) -> str | None:
        if plan.source.members != "pseudonyms":
            return self.secret()
        known = self.known_secret()
        return without_first(known) if known else None


@dataclass(frozen=True)
class Read:
    """What became of some records of a file."""

    segments: tuple[Segment, ...]
    rejects: tuple[pl.DataFrame, ...]
    rows_read: int
    rows_rejected: int
    rows_left_out: int = 0
    rows_forgotten: int = 0


@dataclass(frozen=True)
class EdgeLoad:
    """One load of edges: the name of its segments, its plan, and what they are written with."""

    name: str
    plan: Plan
    lake: Lake
    context: EdgeContext

    @property
    def dataset(self) -> str:
        return self.plan.dataset

    @property
    def is_undirected(self) -> bool:
        return any(load.undirected for load in self.plan.source.load if load.dataset == self.dataset)


def can_stream(load: Load, layout: Layout) -> bool:
    """Whether a file can be read in one pass: lists of one dataset, in a format that Polars scans."""
    scans = layout.format != "ndjson" or bool(layout.line_pattern)
    whole = not (load.undirected or load.columns_asked)
    return load.dataset in EDGE_DATASETS and scans and cast.SUSPECT not in layout.header and whole


def stream(load: EdgeLoad, path: Path, layout: Layout, raw: pl.LazyFrame, sample: pl.DataFrame) -> Read:
    """A whole file. `FallbackToSlowReader` where its records must be read one by one."""
    rows = cast.raw_to_rows(raw, load.plan, sample, load.context.forgotten)
    is_large = path.stat().st_size >= edges.SMALL_BYTES
    placed = _with_buckets(rows, load.context) if is_large and load.dataset != "follows" else rows
    last = distinct_names(layout)[-1]
    try:
        written, told = cast.canonical_columns(placed, load.plan), cast.rows_to_facts(placed, load.plan, last)
        segments, facts = _write(load, written, told, is_large=is_large)
    except UNREADABLE as error:
        raise FallbackToSlowReader from error
    if layout.format == "parquet" and parquet.rows_in(path) != facts.get_column("records").sum():
        raise FallbackToSlowReader  # which says that it is damaged
    records, suspects, forgotten, blanks = facts.select(
        pl.col("records", cast.SUSPECT, cast.FORGOTTEN, "blanks").sum()
    ).row(0)
    if layout.format == "csv" and not csv.is_whole(path, layout, records, blanks):
        raise FallbackToSlowReader
    if csv.may_have_lines_in_cells(path, layout, records):
        raise FallbackToSlowReader
    if sum(segment.rows for segment in segments) != records - suspects - forgotten:
        raise TierwiseError(f"{load.name}: not every row was written", fix="report this as a fault of Tierwise")
    observed, happened = facts.select(pl.col("observed", "happened").max()).row(0)
    if facts.get_column(cast.ROUNDED).any():
        if cast.has_destroyed_ids(rows, load.plan):
            raise FallbackToSlowReader
        # The file has told: its few suspects alone could seem all rounded.
        load = replace(load, plan=replace(load.plan, exact_ids=frozenset(load.plan.readings)))
    good = facts.filter(pl.col("records") > pl.col(cast.SUSPECT) + pl.col(cast.FORGOTTEN))
    read_again = _read_suspects(load, rows, layout) if suspects else []
    parts = [_dated(segments, observed, happened), _named(load, good), *(read.segments for read in read_again)]
    rejects = tuple(frame for read in read_again for frame in read.rejects)
    rejected = sum(records_rejected(frame).len() for frame in rejects)
    forgotten += sum(read.rows_forgotten for read in read_again)
    return Read(tuple(s for part in parts for s in part), rejects, records, rejected, rows_forgotten=forgotten)


def _read_suspects(load: EdgeLoad, rows: pl.LazyFrame, layout: Layout) -> list[Read]:
    """The records that may break a rule, read again with all that a reject must say."""
    left = [LINE] if layout.format == "ndjson" else []
    seen = rows.filter(cast.SUSPECT).select(cs.by_name(RECORD, *distinct_names(layout), *left))
    found = []
    for number, scanned in enumerate(batches_of(seen)):
        batch = table.with_care(scanned)
        if layout.is_by_place and may_be_misplaced(batch.rows, distinct_names(layout), [load.plan]):
            raise FallbackToSlowReader
        read = read_edges(batch.rows, replace(load, name=f"{load.name}-{number:05d}"))
        found.append(replace(read, rejects=(*read.rejects, batch.rejects)))
    return found


def read_edges(batch: pl.DataFrame, load: EdgeLoad) -> Read:
    """A batch of raw records, each checked with all that a reject must say."""
    read = read_batch(batch, load.plan, load.context.forgotten)
    segments: tuple[Segment, ...] = ()
    if read.rows.height:
        written, _ = _write(load, read.rows.lazy())
        segments = _dated(written, *cast.newest_times(read.rows, load.dataset))
        segments += _named(load, read.rows)
    return Read(
        segments,
        (read.rejects,),
        rows_read=batch.height,
        rows_rejected=read.records_rejected.len(),
        rows_left_out=read.left_out.len(),
        rows_forgotten=read.records_forgotten.len(),
    )


def write_parts(load: EdgeLoad, rows: pl.DataFrame) -> list[Segment]:
    """Canonical rows of many small files in one segment, with the file of each in the column `part`."""
    if not rows.height:
        return []
    keys = cast.rows_to_keys(rows.lazy(), load.dataset, load.context.secret_for(load.plan)).collect()
    written = load.lake.write_segment(load.dataset, load.name, 0, keys.with_columns(rows.get_column(PART)))
    segments: list[Segment] = []
    for part, count, observed, happened in cast.newest_times_of_each(rows, load.dataset, PART).iter_rows():
        segments += _dated((replace(written, rows=count, part=part),), observed, happened)
    if load.dataset == "follows":
        named = rows.select("platform", "account_id", PART).unique(maintain_order=True)
        accounts = cast.named_accounts(named).join(named, on=["platform", "account_id"])
        listed = load.lake.write_segment(ACCOUNTS_OF_LISTS, load.name, 0, accounts)
        counts = accounts.group_by(PART).len().iter_rows()
        segments += [replace(listed, rows=count, part=number) for number, count in counts]
    return segments


def _write(
    load: EdgeLoad, rows: pl.LazyFrame, facts: pl.LazyFrame | None = None, *, is_large: bool = False
) -> tuple[tuple[Segment, ...], pl.DataFrame]:
    """Stream canonical rows into the lake as keys; returns the segments, and the facts collected on the way."""
    secret = load.context.secret_for(load.plan)
    keys = cast.rows_to_keys(rows, load.dataset, secret, undirected=load.is_undirected)
    if not is_large:
        keys = keys.with_columns(pl.lit(edges.WAITING, pl.UInt8).alias("bucket"))
    elif load.dataset == "follows":
        keys = keys.with_columns(edges.bucket_of())
    others = [] if facts is None else [facts]
    segments, found = edges.write_edges(load.lake, load.dataset, load.name, keys, others)
    return segments, pl.concat(found) if found else pl.DataFrame()


def _dated(segments: tuple[Segment, ...], observed: datetime | None, happened: datetime | None) -> tuple[Segment, ...]:
    return tuple(dated(segment, observed, happened) for segment in segments)


def _named(load: EdgeLoad, rows: pl.DataFrame) -> tuple[Segment, ...]:
    """Write down which accounts follower lists are about: among mutual friends both."""
    if load.dataset != "follows" or not rows.height:
        return ()
    if load.is_undirected:
        others = rows.select("platform", pl.col("follower_id").alias("account_id"))
        rows = pl.concat([rows.select("platform", "account_id"), others])
    return (load.lake.write_segment(ACCOUNTS_OF_LISTS, load.name, 0, cast.named_accounts(rows)),)


def _with_buckets(rows: pl.LazyFrame, context: EdgeContext) -> pl.LazyFrame:
    """Likes or comments with the bucket of their post's account; those whose post is not known wait.

    Posts are joined before the rows part into those that are written and those that are counted. Joined to the former
    alone, the others would be counted to their end while the posts are read, and Polars would hold all rows meanwhile.
    """
    assert context.owners is not None
    key = "=post_key"
    owners = pl.scan_parquet(context.owners, glob=False).select(
        pl.col("post_key").alias(key), edges.bucket_of().alias(cast.BUCKET)
    )
    keyed = rows.with_columns(stable_key("=platform", "=post_id").alias(key))
    joined = keyed.join(owners, on=key, how="left", maintain_order="none", build_side="force_right")
    return joined.with_columns(pl.col(cast.BUCKET).fill_null(edges.WAITING))


def write_owners(owners: pl.LazyFrame, path: Path) -> None:
    """One account for each post that any delivery names, for the laying out of likes and comments."""
    owners.unique("post_key", keep="any").collect().write_parquet(path)

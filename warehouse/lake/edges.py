"""Edges in the lake: follower, like and comment lists, laid out so that all edges of an account meet in one bucket.

    lake/segments/<dataset>/<delivery>-<n>/bucket=<b>/<part>.parquet   a large delivery, in buckets by account
    lake/segments/<dataset>/<delivery>-<n>/bucket=64/...               its likes and comments whose post is not known
    lake/cache/edges/<dataset>-<hash>/bucket=<b>/<part>.parquet        small deliveries and late posts, put into buckets

What is in a bucket of its own is final; everything else is put into buckets anew when it, or the posts, change. The
layout is never content: a like whose post is unknown is not in any bucket, and joins one when the post arrives.
"""

import os
import shutil
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path

import polars as pl

from warehouse.atomic_write import PRIVATE, crash_point, sync
from warehouse.lake.commits import Segment
from warehouse.lake.ledger import Lake

BUCKET_BITS = 6
BUCKETS = 1 << BUCKET_BITS
WAITING = BUCKETS
# Below this many bytes of export a delivery is not worth a file for each bucket.
SMALL_BYTES = 64 << 20
INSTANT = pl.Datetime("us")
EDGE_SCHEMAS: dict[str, pl.Schema] = {
    "follows": pl.Schema(
        {
            "account_key": pl.UInt64(),
            "member_key": pl.UInt64(),
            "followed_at": INSTANT,
            "observed_at": INSTANT,
            "is_complete_list": pl.Boolean(),
        }
    ),
    "likes": pl.Schema({"post_key": pl.UInt64(), "member_key": pl.UInt64(), "liked_at": INSTANT}),
    "comments": pl.Schema(
        {"post_key": pl.UInt64(), "member_key": pl.UInt64(), "commented_at": INSTANT, "comment_key": pl.UInt64()}
    ),
}


def bucket_of(account_key: str = "account_key") -> pl.Expr:
    """The bucket of an account: the highest bits of its key."""
    return (pl.col(account_key) // (1 << (64 - BUCKET_BITS))).cast(pl.UInt8).alias("bucket")


def write_edges(
    lake: Lake, dataset: str, name: str, rows: pl.LazyFrame, others: Sequence[pl.LazyFrame]
) -> tuple[tuple[Segment, ...], list[pl.DataFrame]]:
    """Stream rows (with their column `bucket`) into the lake in one pass, and collect other frames of the same scan.

    The rows count once a commit names the segments.
    """
    crash_point(f"write {name}")
    partial, target = (lake.root / "segments" / dataset / each for each in (f".{name}.partial", name))
    collected = _fill(partial, rows, others, lake.key_id)
    _commit_folder(partial, target)
    return tuple(_segments(lake, dataset, target)), collected


def _fill(
    partial: Path, rows: pl.LazyFrame, others: Sequence[pl.LazyFrame] = (), metadata: dict[str, str] | None = None
) -> list[pl.DataFrame]:
    """Sink rows by bucket into a folder, emptied of what an attempt before has left, and collect the other frames."""
    shutil.rmtree(partial, ignore_errors=True)
    sink = rows.sink_parquet(
        pl.PartitionBy(partial, key="bucket", include_key=False),
        mkdir=True,
        compression="uncompressed",
        statistics=False,
        metadata=metadata,
        lazy=True,
    )
    return pl.collect_all([sink, *others])[1:]


def _commit_folder(partial: Path, target: Path) -> None:
    """Flush a finished folder to the disk and rename it to its name. A folder of no files stays away."""
    files = sorted(partial.rglob("*.parquet")) if partial.exists() else []
    if not files:
        return
    crash_point(f"fsync {target.name}")
    for path in files:
        path.chmod(0o666 & ~PRIVATE)
        sync(path)
    for folder in {path.parent for path in files} | {partial}:
        folder.chmod(0o777 & ~PRIVATE)
        sync(folder)
    crash_point(f"rename {target.name}")
    shutil.rmtree(target, ignore_errors=True)
    os.replace(partial, target)
    crash_point(f"renamed {target.name}")
    sync(target.parent)
    crash_point(f"committed {target.name}")


def _segments(lake: Lake, dataset: str, folder: Path) -> Iterable[Segment]:
    for path in sorted(folder.rglob("*.parquet")):
        bucket = int(path.parent.name.partition("=")[2])
        rows = pl.scan_parquet(path, glob=False).select(pl.len()).collect().item()
        yield Segment(dataset, path.relative_to(lake.root).as_posix(), rows, None if bucket == WAITING else bucket)


def scan(dataset: str, paths: Iterable[Path]) -> pl.LazyFrame:
    """Rows of edge files with all their columns, those that a delivery did not have as null."""
    paths, schema = list(paths), EDGE_SCHEMAS[dataset]
    if not paths:
        return pl.LazyFrame(schema=schema)
    return pl.scan_parquet(paths, schema=schema, glob=False, missing_columns="insert", extra_columns="ignore")


def cached_buckets(lake: Lake, dataset: str, key: str, rows: pl.LazyFrame) -> Path:
    """The folder of rows (with their column `bucket`) put into buckets, made unless it is there already."""
    target = lake.root / "cache" / "edges" / f"{dataset}-{key}"
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        partial = target.with_name(f".{target.name}.partial")
        _fill(partial, rows)
        partial.mkdir(exist_ok=True)
        os.replace(partial, target)
    return target


def sweep_cached_buckets(lake: Lake, wanted: Collection[str]) -> None:
    """Remove what was put into buckets and is read no more; `wanted` are paths inside the lake."""
    kept = {lake.root / Path(name).parents[1] for name in wanted}
    for folder in (lake.root / "cache" / "edges").glob("*"):
        if folder not in kept:
            shutil.rmtree(folder)


def files_of(folder: Path, bucket: int | None = None) -> list[Path]:
    """The files of rows put into buckets, those of one bucket or all."""
    return sorted(folder.glob("bucket=*/*.parquet" if bucket is None else f"bucket={bucket}/*.parquet"))

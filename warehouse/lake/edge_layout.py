"""What has no bucket of its own, put into buckets: small deliveries, likes that came before their post, posts that moved."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path

import polars as pl

from schemas.keys import stable_key
from schemas.times import until
from warehouse.lake import edges
from warehouse.lake.commits import RowsOfSegments, Segment
from warehouse.lake.ledger import Lake
from warehouse.lake.shared_segments import PART
from warehouse.reach import scan

ENGAGEMENTS = ("likes", "comments")
# What was counted by other code, or hashed by another Polars, is counted again.
CACHE_VERSION = f"6-{pl.__version__}"


def digest(*said: object) -> str:
    return hashlib.sha256(repr((CACHE_VERSION, *said)).encode()).hexdigest()[:24]


def content_by_bucket(frame: pl.DataFrame) -> dict[int, str]:
    """A hash of each bucket's rows."""
    summed = frame.group_by("bucket").agg(pl.struct(pl.all()).hash().sum().alias("hash"), pl.len())
    return {number: f"{total}:{rows}" for number, total, rows in summed.iter_rows()}


def apart(lake: Lake, follows: Sequence[Segment], moved: pl.DataFrame) -> tuple[list[Segment], list[Segment]]:
    """Follower lists that are final, and those to be put into buckets: small ones, and files with a list that moved."""
    laid_out = [segment for segment in follows if segment.bucket is not None]
    keys = set(moved.select(edges.bucket_of()).to_series())
    suspects = [segment.path for segment in laid_out if segment.bucket in keys]
    found: set[str] = set()
    if suspects:
        rows = scan(lake, "follows", suspects).join(
            moved.lazy().select("account_key").unique(), on="account_key", how="semi"
        )
        found = set(rows.select("path").unique().collect().to_series())
    final = [segment for segment in laid_out if segment.path not in found]
    return final, [segment for segment in follows if segment.bucket is None or segment.path in found]


def place(
    lake: Lake,
    segments: Mapping[str, Sequence[Segment]],
    windows: pl.DataFrame,
    follows: Sequence[Segment],
    moved_lists: pl.DataFrame,
) -> dict[str, Path | None]:
    """What has no bucket of its own, put into buckets by the posts and names of today. One folder for each dataset.

    Those are small deliveries, likes that came before their post, likes of posts that have changed hands since they were
    laid out, and the given files of `follows`, the lists that moved under their new key.
    """
    is_laid_out = any(segment.bucket is not None for dataset in ENGAGEMENTS for segment in segments[dataset])
    moved = _moved(lake, windows) if is_laid_out else None
    home = windows.select("post_key", "bucket")
    content = content_by_bucket(home)
    placed = {
        dataset: _place_engagements(lake, dataset, segments[dataset], moved, home, content) for dataset in ENGAGEMENTS
    }
    return {**placed, "follows": _place_follows(lake, follows, moved_lists)}


def _place_engagements(
    lake: Lake,
    dataset: str,
    segments: Sequence[Segment],
    moved: pl.DataFrame | None,
    home: pl.DataFrame,
    content: dict[int, str],
) -> Path | None:
    loose = [segment for segment in segments if segment.bucket is None]
    left = set() if moved is None else set(moved.get_column("old_bucket"))
    strays = [segment for segment in segments if segment.bucket in left]
    if not loose and not strays:
        return None
    rows = [edges.scan(dataset, _paths(lake, loose))]
    if moved is not None and strays:
        strayed = edges.scan(dataset, _paths(lake, strays))
        rows.append(strayed.join(moved.lazy().select("post_key").unique(), on="post_key", how="semi"))
    key = digest([s.path for s in loose], [s.path for s in strays], content, 0 if moved is None else moved.height)
    return edges.cached_buckets(
        lake, dataset, key, pl.concat(rows).join(home.lazy(), on="post_key", build_side="force_right")
    )


def _moved(lake: Lake, windows: pl.DataFrame) -> pl.DataFrame:
    """Posts that some delivery once gave to an account of another bucket: (post_key, old_bucket)."""
    observed = observed_owners(lake, [s for commit in lake.commits for e in commit.entries for s in e.segments])
    return (
        observed.unique()
        .join(windows.lazy().select("post_key", "bucket"), on="post_key", build_side="force_right")
        .with_columns(edges.bucket_of().alias("old_bucket"))
        .filter(pl.col("old_bucket") != pl.col("bucket"))
        .select("post_key", "old_bucket")
        .collect()
    )


def observed_owners(lake: Lake, segments: Iterable[Segment]) -> pl.LazyFrame:
    """post_key and account_key of every post observation in these segments, repeats included."""
    paths = sorted({lake.root / segment.path for segment in segments if segment.dataset == "posts"})
    if not paths:
        return pl.LazyFrame(schema={"post_key": pl.UInt64, "account_key": pl.UInt64})
    return pl.scan_parquet(paths, glob=False, extra_columns="ignore").select(
        stable_key("platform", "post_id").alias("post_key"), stable_key("platform", "account_id").alias("account_key")
    )


def waiting_rows(lake: Lake, cut: datetime | None) -> RowsOfSegments:
    """Likes and comments not later than `cut` whose post is not known yet, by segment and part.

    Those in a bucket had a post when they were read. It may be gone since, or be later than `cut` itself.
    """
    posts_differ = cut is not None or any(commit.retired for commit in lake.commits)
    known: pl.LazyFrame | None = None
    waiting: RowsOfSegments = {}
    for dataset in ENGAGEMENTS:
        if not (paths := [s.path for s in lake.segments(dataset) if posts_differ or s.bucket is None]):
            continue
        if known is None:
            posts = until(lake.rows("posts"), "posts", cut)
            known = posts.select(stable_key("platform", "post_id").alias("post_key")).unique().collect().lazy()
        rows = until(scan(lake, dataset, paths), dataset, cut).join(known, on="post_key", how="anti")
        counted = rows.group_by("path", PART).len().collect()
        waiting |= {(path, part): count for path, part, count in counted.iter_rows()}
    return waiting


def _place_follows(lake: Lake, segments: Sequence[Segment], moved: pl.DataFrame) -> Path | None:
    if not segments:
        return None
    rows = under_new_keys(edges.scan("follows", _paths(lake, segments)), moved)
    key = digest([s.path for s in segments], sorted(moved.rows(), key=str))
    return edges.cached_buckets(lake, "follows", key, rows.with_columns(edges.bucket_of()))


def under_new_keys(follows: pl.LazyFrame, moved: pl.DataFrame) -> pl.LazyFrame:
    """Rows of lists under the key of the account's id, those known by a name among them."""
    if moved.is_empty():
        return follows
    told = follows.join(
        moved.lazy(), on=["account_key", "observed_at"], how="left", nulls_equal=True, build_side="force_right"
    )
    return told.with_columns(pl.coalesce("new_key", "account_key").alias("account_key")).drop("new_key")


def _paths(lake: Lake, segments: Iterable[Segment]) -> list[Path]:
    return [lake.root / segment.path for segment in segments]

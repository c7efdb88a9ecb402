"""What each bucket is counted from, laid out: final files, what was put into buckets, posts, and fingerprints of it all.

Everything passes through paths, so that buckets can be counted by threads, or by workers on other machines that share
the lake. What a bucket gives depends on nothing but its inputs, whose hash names the result: unchanged, it is reused,
and where few accounts are new or different it is brought up to date.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import polars as pl

from marts.audience_results import Bucket, earlier_results, is_counted, power_of_two, serves
from transforms import audience_edges
from transforms.audience_changes import rows_to_fingerprints
from warehouse.atomic_write import write_durably
from warehouse.lake import edges
from warehouse.lake.commits import Segment
from warehouse.lake.edge_layout import ENGAGEMENTS, apart, content_by_bucket, digest, place
from warehouse.lake.ledger import Lake

# People are compared across accounts in slices of about this many follows.
SLICE_ROWS = 8_000_000
# What counting a bucket takes of memory at its peak for each follow, like and comment; what comparing people takes for
# each follow of a slice.
EDGE_BYTES, SLICE_ROW_BYTES = 130, 64
# The least a row takes in the files of rows put into buckets.
ROW_BYTES = 16
# How much of the memory allowed counting may take; the program, the posts and what the allocator holds have the rest.
COUNTING_SHARE = 0.5
# What is hashed is told apart by its place here.
SEEDS = {name: seed for seed, name in enumerate(("selves", "posts", *edges.EDGE_SCHEMAS))}


@dataclass(frozen=True)
class _Inputs:
    """What the buckets are counted from: final files, what was placed, and the rest of what a count depends on."""

    segments: dict[str, list[Segment]]
    placed: dict[str, Path | None]
    windows: pl.DataFrame
    selves: pl.DataFrame
    fingerprints: pl.DataFrame


def prepare(
    lake: Lake, posts: pl.LazyFrame, selves: pl.DataFrame, moved: pl.DataFrame, as_of: datetime | None, memory: int
) -> list[Bucket]:
    """Lay out what each bucket is counted from.

    `posts` is the mart, `selves` pairs accounts with themselves, `moved` are lists under the key of a name, and `memory` is
    bytes allowed.
    """
    windows = audience_edges.posts_to_windows(posts, as_of).with_columns(edges.bucket_of())
    selves = selves.with_columns(edges.bucket_of())
    segments = {dataset: lake.segments(dataset) for dataset in edges.EDGE_SCHEMAS}
    final_lists, lists_to_place = apart(lake, segments["follows"], moved)
    placed = place(lake, segments, windows, lists_to_place, moved)
    final = {**segments, "follows": final_lists}
    inputs = _Inputs(final, placed, windows, selves, _fingerprints(placed, windows, selves))
    newest = _newest(segment for of_dataset in segments.values() for segment in of_dataset)
    cut = as_of if as_of and newest and newest > as_of else None
    allowed = int(memory * COUNTING_SHARE)
    slices = _slices(sum(segment.rows for segment in segments["follows"]), allowed)
    return _buckets(lake, inputs, cut, slices, allowed)


def _fingerprints(placed: dict[str, Path | None], windows: pl.DataFrame, selves: pl.DataFrame) -> pl.DataFrame:
    """One row per account: account_key, bucket, follows_fingerprint, follows_rows, acts_fingerprint, acts_rows.

    They are of the account's inputs beside final files: of its followers, and of posts and who engaged with them.
    """
    rows = {name: edges.scan(name, edges.files_of(folder)) for name, folder in placed.items() if folder}
    owners = windows.lazy().select("post_key", "account_key")
    acts = {
        SEEDS[name]: rows[name].join(owners, on="post_key", build_side="force_right")
        for name in ENGAGEMENTS
        if name in rows
    }
    follows = {SEEDS["selves"]: selves.lazy()}
    if "follows" in rows:
        follows[SEEDS["follows"]] = rows["follows"]
    of_follows = rows_to_fingerprints(follows, "follows")
    of_acts = rows_to_fingerprints({SEEDS["posts"]: windows.lazy()} | acts, "acts")
    return of_follows.join(of_acts, on="account_key", how="full", coalesce=True).with_columns(edges.bucket_of())


def _buckets(lake: Lake, inputs: _Inputs, cut: datetime | None, slices: int, allowed: int) -> list[Bucket]:
    folder = lake.root / "cache" / "audience"
    folder.mkdir(parents=True, exist_ok=True)
    content = content_by_bucket(inputs.fingerprints)
    of_follows = inputs.fingerprints.select("account_key", "bucket", "follows_fingerprint", "follows_rows")
    content_of_follows = content_by_bucket(of_follows.drop_nulls())
    own = {
        name: defaultdict(
            frame.clear, {number: rows for (number,), rows in frame.partition_by("bucket", as_dict=True).items()}
        )
        for name, frame in (("posts", inputs.windows), ("selves", inputs.selves), ("fingerprints", inputs.fingerprints))
    }
    earlier = earlier_results(lake.root)
    buckets = []
    for number in range(edges.BUCKETS):
        final = {name: [s for s in of_all if s.bucket == number] for name, of_all in inputs.segments.items()}
        placed = {name: edges.files_of(found, number) if found else [] for name, found in inputs.placed.items()}
        if not any([*final.values(), *placed.values()]):
            continue
        paths = {name: [segment.path for segment in segments] for name, segments in final.items()}
        files = {
            name: (*paths[name], *(path.relative_to(lake.root).as_posix() for path in placed[name]))
            for name in edges.EDGE_SCHEMAS
        }
        key = digest(number, cut, slices, content.get(number), paths)
        members = digest(number, cut, slices, content_of_follows.get(number), paths["follows"])
        bucket = Bucket(
            number,
            files,
            f"cache/audience/{key}-in",
            cut,
            slices,
            f"cache/audience/{members}",
            f"cache/audience/{key}",
            *_parts(_bytes(final, placed), allowed),
        )
        if not is_counted(lake.root, bucket.result):
            result, made = earlier.get(number, ("", None))
            if made and serves(made, bucket):
                bucket = replace(bucket, earlier=result)
            for name, target in (("posts", bucket.inputs), ("selves", bucket.inputs), ("fingerprints", bucket.result)):
                write_durably(lake.root / f"{target}-{name}.parquet", own[name][number].write_parquet)
        buckets.append(bucket)
    return buckets


def _bytes(final: dict[str, list[Segment]], placed: dict[str, list[Path]]) -> int:
    """About what counting a bucket whole takes of memory."""
    rows = sum(segment.rows for segments in final.values() for segment in segments)
    rows += sum(path.stat().st_size // ROW_BYTES for paths in placed.values() for path in paths)
    return rows * EDGE_BYTES


def _parts(needed: int, allowed: int) -> tuple[int, int]:
    """In how many parts of the people a bucket must be counted to fit, and how many like it fit at once."""
    parts = power_of_two(needed / allowed)
    return parts, max(1, allowed * parts // max(needed, 1))


def _newest(segments: Iterable[Segment]) -> datetime | None:
    times = [time for segment in segments for time in (segment.observed, segment.happened) if time]
    return max(map(datetime.fromisoformat, times), default=None)


def _slices(rows: int, allowed: int) -> int:
    return power_of_two(rows / min(SLICE_ROWS, allowed // SLICE_ROW_BYTES))

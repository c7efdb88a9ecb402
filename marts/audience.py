"""From the edges of the lake to the audience marts: buckets laid out, counted one by one, and put together.

Everything passes through paths, so that buckets can be counted by threads, or by workers on other machines that share
the lake. What a bucket gives depends on nothing but its inputs, whose hash names the result: unchanged, it is reused,
and where few accounts are new or different it is brought up to date.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import polars as pl

from marts.audience_buckets import Bucket, Layer, count_buckets, earlier_results, is_counted, read_made, serves
from marts.audience_people import OTHERS, SUMS, TOLD, People, read_sums, sum_over_people
from schemas.audience_overlap import Bounds
from schemas.columns import polars_schema
from schemas.keys import stable_key
from schemas.tables import MARTS
from transforms import audience, audience_niches, audience_overlap, audience_rates
from transforms.self_pairs import accounts_to_selves
from warehouse.atomic_write import write_durably
from warehouse.lake import edges
from warehouse.lake.edge_layout import ENGAGEMENTS, content_by_bucket, digest, observed_owners, place, waiting_rows
from warehouse.lake.ledger import Lake, Segment

ACCOUNT = ["platform", "account_id"]
AUDIENCE_MARTS = ("audience", "audience_niches", "audience_overlap", "audience_dilution")
# How many buckets one task counts: tasks cost, tens of them are fine.
BUCKETS_PER_TASK = 8
# Of buckets that were counted before there is less to count, and it is counted together.
UPDATES_PER_TASK = 32
# People are compared across accounts in slices of about this many follows.
SLICE_ROWS = 8_000_000
# What counting a bucket takes of memory at its peak for each follow, like and comment; what comparing people takes for
# each follow of a slice.
EDGE_BYTES, SLICE_ROW_BYTES = 130, 64
# The least a row takes in the files of rows put into buckets.
ROW_BYTES = 16
# How much of the memory allowed counting may take; the program, the posts and what the allocator holds have the rest.
COUNTING_SHARE = 0.5

Frames = dict[str, pl.DataFrame]


def no_audience() -> Frames:
    """The audience marts of a lake without follower, like and comment lists."""
    return {name: polars_schema(MARTS[name]).to_frame() for name in AUDIENCE_MARTS}


def has_edges(lake: Lake) -> bool:
    return any(lake.segments(dataset) for dataset in edges.EDGE_SCHEMAS)


@dataclass(frozen=True)
class _Inputs:
    """What the buckets are counted from: final files, what was placed, and the rest of what a count depends on."""

    segments: dict[str, list[Segment]]
    placed: dict[str, Path | None]
    windows: pl.DataFrame
    selves: pl.DataFrame
    prints: pl.DataFrame


def prepare(
    lake: Lake, posts: pl.LazyFrame, accounts: pl.DataFrame, secret: str | None, as_of: datetime | None, memory: int
) -> list[Bucket]:
    """Lay out what each bucket is counted from. `posts` and `accounts` are the marts, `memory` is bytes allowed."""
    windows = audience.posts_to_windows(posts, as_of).with_columns(edges.bucket_of())
    selves = accounts_to_selves(accounts, secret).with_columns(edges.bucket_of())
    segments = {dataset: lake.segments(dataset) for dataset in edges.EDGE_SCHEMAS}
    placed = place(lake, segments, windows)
    inputs = _Inputs(segments, placed, windows, selves, _prints(placed, windows, selves))
    newest = _newest(segment for of_dataset in segments.values() for segment in of_dataset)
    cut = as_of if as_of and newest and newest > as_of else None
    allowed = int(memory * COUNTING_SHARE)
    slices = _slices(sum(segment.rows for segment in segments["follows"]), allowed)
    return _buckets(lake, inputs, cut, slices, allowed)


def _prints(placed: dict[str, Path | None], windows: pl.DataFrame, selves: pl.DataFrame) -> pl.DataFrame:
    """A fingerprint of each account's inputs beside final files: (account_key, bucket, what its followers are made of,
    what its engagement is made of), each the sum of its rows' hashes, and how many rows they are."""
    rows = {name: edges.scan(name, edges.files_of(folder)) for name, folder in placed.items() if folder}
    owners = windows.lazy().select("post_key", "account_key")
    acts = {name: rows[name].join(owners, on="post_key") for name in ENGAGEMENTS if name in rows}
    follows = {"selves": selves.lazy()} | {name: rows[name] for name in ("follows",) if name in rows}
    summed = [_summed(follows, "follows"), _summed({"posts": windows.lazy()} | acts, "acts")]
    both = summed[0].join(summed[1], on="account_key", how="full", coalesce=True)
    return both.with_columns(edges.bucket_of())


def _summed(parts: dict[str, pl.LazyFrame], kind: str) -> pl.DataFrame:
    # A seed for each dataset: the same keys and time in a list of likes and in one of comments are not the same.
    seeds = {name: seed for seed, name in enumerate(("selves", "posts", *edges.EDGE_SCHEMAS))}
    hashed = [
        rows.select("account_key", pl.struct(pl.all()).hash(seed=seeds[name]).alias("print"))
        for name, rows in parts.items()
    ]
    total, rows = pl.col("print").sum().alias(f"{kind}_print"), pl.len().alias(f"{kind}_rows")
    return pl.concat(hashed).group_by("account_key").agg(total, rows).collect()


def _buckets(lake: Lake, inputs: _Inputs, cut: datetime | None, slices: int, allowed: int) -> list[Bucket]:
    folder = lake.root / "cache" / "audience"
    folder.mkdir(parents=True, exist_ok=True)
    content = content_by_bucket(inputs.prints)
    of_follows = inputs.prints.select("account_key", "bucket", "follows_print", "follows_rows")
    content_of_follows = content_by_bucket(of_follows.drop_nulls())
    own = {
        name: defaultdict(
            frame.clear, {number: rows for (number,), rows in frame.partition_by("bucket", as_dict=True).items()}
        )
        for name, frame in (("posts", inputs.windows), ("selves", inputs.selves), ("prints", inputs.prints))
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
            for name, target in (("posts", bucket.inputs), ("selves", bucket.inputs), ("prints", bucket.result)):
                write_durably(lake.root / f"{target}-{name}.parquet", own[name][number].write_parquet)
        buckets.append(bucket)
    return buckets


def _bytes(final: dict[str, list[Segment]], placed: dict[str, list[Path]]) -> int:
    """About what counting a bucket whole takes of memory."""
    rows = sum(segment.rows for segments in final.values() for segment in segments)
    rows += sum(path.stat().st_size // ROW_BYTES for paths in placed.values() for path in paths)
    return rows * EDGE_BYTES


def _parts(needed: int, allowed: int) -> tuple[int, int]:
    """In how many parts a bucket must be counted to fit, and how many like it fit at once."""
    parts = max(1, -(-needed // allowed))
    return parts, max(1, allowed * parts // max(needed, 1))


def _newest(segments: Iterable[Segment]) -> datetime | None:
    times = [time for segment in segments for time in (segment.observed, segment.happened) if time]
    return max(map(datetime.fromisoformat, times), default=None)


def _slices(rows: int, allowed: int) -> int:
    slices = 1
    while slices * min(SLICE_ROWS, allowed // SLICE_ROW_BYTES) < rows:
        slices *= 2
    return slices


def tasks_of(lake: Path, buckets: Sequence[Bucket]) -> list[list[Bucket]]:
    """The buckets that are still to be counted, a few for each task."""
    missing = [bucket for bucket in buckets if not is_counted(lake, bucket.result)]
    whole, updates = ([bucket for bucket in missing if bool(bucket.earlier) is wanted] for wanted in (False, True))
    return [
        each[i : i + size]
        for each, size in ((whole, BUCKETS_PER_TASK), (updates, UPDATES_PER_TASK))
        for i in range(0, len(each), size)
    ]


def put_together(
    lake: Lake,
    buckets: Sequence[Bucket],
    accounts: pl.DataFrame,
    as_of: datetime | None,
    bounds: Bounds,
) -> Frames:
    """The audience marts, from the counted buckets."""
    if not buckets:  # every like still waits for its post
        return no_audience()
    counts, deciles = (
        pl.concat(pl.read_parquet(lake.root / f"{bucket.result}-{name}.parquet") for bucket in buckets)
        for name in ("counts", "deciles")
    )
    known_count = pl.col("followers_known_count")
    known = counts.filter(pl.col("time_window") == "all_time").select("account_key", known_count)
    listed = accounts.select(
        stable_key("platform", "account_id").alias("account_key"), *ACCOUNT, "followers_count", "niche"
    )
    followed = listed.join(known, on="account_key", how="inner")
    numbered = audience_overlap.number_accounts(followed.filter(known_count > 0)).with_columns(
        (known_count >= bounds.listed_min).alias("is_told")
    )
    people = People(lake.root, _layers(lake, buckets), buckets[0].slices)
    sums = sum_over_people(people, listed.join(known, on="account_key", how="left"), numbered)
    overlaps = audience_overlap.shared_to_counts(sums.shared[TOLD], sums.shared[OTHERS], numbered, bounds)
    concentration = audience_niches.counts_to_concentration(sums.niches, sums.labelled)
    mart = audience_rates.counts_to_audience(counts, listed, concentration, overlaps, as_of)
    return {
        "audience": mart,
        "audience_dilution": audience_rates.deciles_to_audience_dilution(deciles, listed, mart),
        "audience_niches": audience_niches.counts_to_audience_niches(sums.niches, listed),
        "audience_overlap": audience_overlap.shared_to_audience_overlap(
            sums.shared[TOLD], numbered, 0.5 ** sums.halvings[TOLD], bounds
        ),
    }


def _layers(lake: Lake, buckets: Sequence[Bucket]) -> dict[int, list[Layer]]:
    """Where the followers of each bucket are."""
    made = {bucket.number: read_made(lake.root, bucket.result) for bucket in buckets}
    return {number: own.layers for number, own in made.items() if own}


def sweep_cache(lake: Lake, buckets: Sequence[Bucket]) -> None:
    """Remove results and layouts that the published marts were not made from."""
    edges.sweep_cached_buckets(lake, {name for bucket in buckets for names in bucket.files.values() for name in names})
    wanted = {Path(bucket.result).name for bucket in buckets}
    wanted |= {Path(layer.path).name for own in _layers(lake, buckets).values() for layer in own}
    sums = read_sums(lake.root)
    wanted |= {Path(SUMS).name, Path(sums.path).name} if sums else set()
    for path in (lake.root / "cache" / "audience").glob("*"):
        if path.name.partition("-")[0] not in wanted or "-in-" in path.name:
            path.unlink()


__all__ = [
    "Bucket",
    "count_buckets",
    "has_edges",
    "no_audience",
    "observed_owners",
    "prepare",
    "put_together",
    "sweep_cache",
    "tasks_of",
    "waiting_rows",
]

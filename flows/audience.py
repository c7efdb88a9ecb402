"""From the edges of the lake to the audience marts: buckets laid out, counted one by one, and put together.

Everything passes through paths, so that buckets can be counted by threads, or by workers on other machines that share
the lake. What a bucket gives depends on nothing but its inputs, whose hash names the result: unchanged, it is reused.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import polars as pl

from schemas.columns import polars_schema
from schemas.tables import MARTS
from transforms import audience, audience_niches, audience_overlap
from transforms.niches import UNKNOWN
from transforms.pseudonyms import member_key, stable_key
from warehouse import edges
from warehouse.durable import write_durably
from warehouse.lake import Lake, Segment

ACCOUNT = ["platform", "account_id"]
AUDIENCE_MARTS = ("audience", "audience_niches", "audience_overlap", "audience_dilution")
ENGAGEMENTS = ("likes", "comments")
# How many buckets one task counts: tasks cost, tens of them are fine.
BUCKETS_PER_TASK = 8
# People are compared across accounts in slices of about this many follows.
SLICE_ROWS = 8_000_000
# Past this many pairs of accounts that have a follower in common, overlaps are estimated from a sample of people.
OVERLAP_PAIRS_MAX = 5_000_000
# What was counted by other code, or hashed by another Polars, is counted again.
CACHE_VERSION = f"1-{pl.__version__}"

Frames = dict[str, pl.DataFrame]


@dataclass(frozen=True)
class Bucket:
    """What one bucket is counted from, by paths inside the lake. The name of its result is a hash of it all."""

    number: int
    files: dict[str, tuple[str, ...]]
    inputs: str
    as_of: datetime | None
    slices: int
    members: str
    result: str


def no_audience() -> Frames:
    """The audience marts of a lake without follower, like and comment lists."""
    return {name: polars_schema(MARTS[name]).to_frame() for name in AUDIENCE_MARTS}


def has_edges(lake: Lake) -> bool:
    return any(edges.segments_of(lake, dataset) for dataset in edges.EDGE_SCHEMAS)


def prepare(
    lake: Lake, posts: pl.LazyFrame, accounts: pl.DataFrame, secret: str | None, as_of: datetime | None
) -> list[Bucket]:
    """Lay out what each bucket is counted from. `posts` and `accounts` are the marts."""
    windows = audience.posts_to_windows(posts, as_of).with_columns(edges.bucket_of())
    selves = _selves(accounts, secret)
    content, content_of_selves = _content_by_bucket(windows, selves), _content_by_bucket(selves)
    segments = {dataset: edges.segments_of(lake, dataset) for dataset in edges.EDGE_SCHEMAS}
    placed = {dataset: _placed(lake, dataset, windows) for dataset in ENGAGEMENTS}
    placed["follows"] = _placed_follows(lake)
    newest = _newest(segment for of_dataset in segments.values() for segment in of_dataset)
    cut = as_of if as_of and newest and newest > as_of else None
    slices = _slices(sum(segment.rows for segment in segments["follows"]))
    (lake.root / "cache" / "audience").mkdir(parents=True, exist_ok=True)
    buckets = []
    for number in range(edges.BUCKETS):
        files = {dataset: _files(lake, segments[dataset], number, placed[dataset]) for dataset in edges.EDGE_SCHEMAS}
        if any(files.values()):
            said = {dataset: _said(lake, names) for dataset, names in files.items()}
            key = _digest(number, cut, slices, content.get(number), said)
            members = _digest(number, cut, slices, content_of_selves.get(number), said["follows"])
            bucket = Bucket(
                number,
                files,
                f"cache/audience/{key}-in",
                cut,
                slices,
                f"cache/audience/{members}",
                f"cache/audience/{key}",
            )
            buckets.append(bucket)
            if not is_counted(lake.root, bucket):
                for name, frame in (("posts", windows), ("selves", selves)):
                    own = frame.filter(pl.col("bucket") == number)
                    write_durably(lake.root / f"{bucket.inputs}-{name}.parquet", own.write_parquet)
    return buckets


def _selves(accounts: pl.DataFrame, secret: str | None) -> pl.DataFrame:
    """Each account paired with itself, by id and by handle: what never counts as an audience."""
    handles = pl.col("username").str.strip_chars_start("@")
    names = {"account_id": pl.col("account_id"), "username": handles, "handle": handles.str.to_lowercase()}
    keyed = accounts.select("platform", stable_key("platform", "account_id").alias("account_key"), **names)
    ways = [None] if secret is None else [None, secret]
    pairs = [keyed.select("account_key", member_key(name, way).alias("member_key")) for name in names for way in ways]
    own = pl.concat(pairs).drop_nulls().unique()
    return own.select(edges.bucket_of(), audience.pair())


def _content_by_bucket(*frames: pl.DataFrame) -> dict[int, str]:
    """A hash of each bucket's rows."""
    hashes: dict[int, str] = {}
    for frame in frames:
        summed = frame.group_by("bucket").agg(pl.struct(pl.all()).hash().sum().alias("hash"), pl.len())
        for number, total, rows in summed.iter_rows():
            hashes[number] = f"{hashes.get(number, '')}:{total}:{rows}"
    return hashes


def _placed(lake: Lake, dataset: str, windows: pl.DataFrame) -> Path | None:
    """What has no bucket of its own, put into buckets by the posts of today: small deliveries, likes that came before
    their post, and likes of posts that have changed hands since they were laid out."""
    segments = edges.segments_of(lake, dataset)
    loose = [segment for segment in segments if segment.bucket is None]
    final = [segment for segment in segments if segment.bucket is not None]
    moved = _moved(lake, windows) if final else windows.clear()
    left = set(moved.get_column("old_bucket")) if moved.height else set()
    rows = [edges.scan(dataset, _paths(lake, loose))]
    if left:
        strayed = edges.scan(dataset, _paths(lake, [s for s in final if s.bucket in left]))
        rows.append(strayed.join(moved.lazy().select("post_key").unique(), on="post_key", how="semi"))
    if not loose and not left:
        return None
    home = windows.select("post_key", "bucket")
    key = _digest([s.path for s in loose], sorted(left), _content_by_bucket(home), moved.height)
    return edges.cached_buckets(lake, dataset, key, pl.concat(rows).join(home.lazy(), on="post_key"))


def _moved(lake: Lake, windows: pl.DataFrame) -> pl.DataFrame:
    """Posts that some delivery once gave to an account of another bucket: (post_key, old_bucket)."""
    observed = observed_owners(lake, [s for commit in lake.commits for e in commit.entries for s in e.segments])
    return (
        observed.unique()
        .join(windows.lazy().select("post_key", "bucket"), on="post_key")
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
    return pl.scan_parquet(paths, glob=False).select(
        stable_key("platform", "post_id").alias("post_key"), stable_key("platform", "account_id").alias("account_key")
    )


def waiting_rows(lake: Lake) -> dict[str, int]:
    """Likes and comments of each segment whose post no delivery has told of yet: they are in no bucket, and wait."""
    loose = [s for dataset in ENGAGEMENTS for s in edges.segments_of(lake, dataset) if s.bucket is None]
    if not loose:
        return {}
    every = [segment for entry in lake.deliveries().values() for segment in entry.segments]
    known = observed_owners(lake, every).select("post_key").unique().collect().lazy()
    return {
        segment.path: edges.scan(segment.dataset, [lake.root / segment.path])
        .join(known, on="post_key", how="anti")
        .select(pl.len())
        .collect()
        .item()
        for segment in loose
    }


def _placed_follows(lake: Lake) -> Path | None:
    loose = [segment for segment in edges.segments_of(lake, "follows") if segment.bucket is None]
    if not loose:
        return None
    rows = edges.scan("follows", _paths(lake, loose)).with_columns(edges.bucket_of())
    return edges.cached_buckets(lake, "follows", _digest([s.path for s in loose]), rows)


def _files(lake: Lake, segments: Iterable[Segment], number: int, placed: Path | None) -> tuple[str, ...]:
    own = [segment.path for segment in segments if segment.bucket == number]
    put = edges.files_of_bucket(placed, number) if placed else []
    return (*own, *(path.relative_to(lake.root).as_posix() for path in put))


def _said(lake: Lake, names: Iterable[str]) -> list[str]:
    """What names the content of files: a delivery's path does; what was put into buckets is named by its rows."""
    return [_rows_hash(lake.root / name) if name.startswith("cache/") else name for name in names]


def _rows_hash(path: Path) -> str:
    rows = pl.read_parquet(path, glob=False).select(pl.struct(pl.all()).hash().alias("hash"))
    return f"{rows.height}:{rows.get_column('hash').sum()}"


def _paths(lake: Lake, segments: Iterable[Segment]) -> list[Path]:
    return [lake.root / segment.path for segment in segments]


def _newest(segments: Iterable[Segment]) -> datetime | None:
    times = [time for segment in segments for time in (segment.observed, segment.happened) if time]
    return max(map(datetime.fromisoformat, times), default=None)


def _slices(rows: int) -> int:
    slices = 1
    while slices * SLICE_ROWS < rows:
        slices *= 2
    return slices


def _digest(*said: object) -> str:
    return hashlib.sha256(repr((CACHE_VERSION, *said)).encode()).hexdigest()[:24]


def is_counted(lake: Path, bucket: Bucket) -> bool:
    return (lake / f"{bucket.result}-counts.parquet").exists()


def tasks_of(lake: Path, buckets: Sequence[Bucket]) -> list[list[Bucket]]:
    """The buckets that are still to be counted, a few for each task."""
    missing = [bucket for bucket in buckets if not is_counted(lake, bucket)]
    return [missing[i : i + BUCKETS_PER_TASK] for i in range(0, len(missing), BUCKETS_PER_TASK)]


def count_buckets(root: Path, buckets: Sequence[Bucket]) -> int:
    """Count some buckets and leave the results in the lake's cache. Counting again gives the same files."""
    for bucket in buckets:
        _count(root, bucket)
    return len(buckets)


def _count(root: Path, bucket: Bucket) -> None:
    posts, selves = (pl.read_parquet(root / f"{bucket.inputs}-{name}.parquet") for name in ("posts", "selves"))
    scans = {dataset: edges.scan(dataset, [root / name for name in names]) for dataset, names in bucket.files.items()}
    complete = audience.newest_complete_lists(scans["follows"], bucket.as_of)
    followers = audience.follows_to_followers(scans["follows"], complete, selves, bucket.as_of)
    likes = audience.edges_to_engagements(scans["likes"], "liked_at", posts, selves, bucket.as_of)
    comments = audience.edges_to_engagements(scans["comments"], "commented_at", posts, selves, bucket.as_of)
    counts, deciles = audience.edges_to_counts(followers, likes, comments)
    counts = counts.join(audience.posts_to_post_counts(posts), on=["account_key", "time_window"], how="left")
    result, of_members = root / bucket.result, root / bucket.members
    members = followers.select("account_key", "member_key", (pl.col("member_key") % bucket.slices).alias("slice"))
    for (number,), rows in members.partition_by("slice", as_dict=True, include_key=False).items():
        write_durably(of_members.with_name(f"{of_members.name}-members-{number}.parquet"), rows.write_parquet)
    write_durably(result.with_name(f"{result.name}-deciles.parquet"), deciles.write_parquet)
    write_durably(result.with_name(f"{result.name}-counts.parquet"), counts.write_parquet)


def put_together(lake: Lake, buckets: Sequence[Bucket], accounts: pl.DataFrame, as_of: datetime | None) -> Frames:
    """The audience marts, from the counted buckets."""
    if not buckets:  # every like still waits for its post
        return no_audience()
    listed = accounts.select(
        stable_key("platform", "account_id").alias("account_key"), *ACCOUNT, "followers_count", "niche"
    )
    counts, deciles = (
        pl.concat(pl.read_parquet(lake.root / f"{bucket.result}-{name}.parquet") for bucket in buckets)
        for name in ("counts", "deciles")
    )
    known = counts.filter(pl.col("time_window") == "all_time").select("account_key", "followers_known_count")
    niche_counts, labelled = _by_niche(lake, buckets, listed)
    concentration = audience_niches.counts_to_concentration(niche_counts, labelled)
    mart = audience.counts_to_audience(counts, listed, concentration, as_of)
    eligible = audience_overlap.number_accounts(
        listed.join(known.filter(pl.col("followers_known_count") >= audience_overlap.LISTED_MIN), on="account_key")
    )
    shared, rate = _shared(lake, buckets, eligible)
    return {
        "audience": mart,
        "audience_dilution": audience.deciles_to_audience_dilution(deciles, listed, mart),
        "audience_niches": audience_niches.counts_to_audience_niches(niche_counts, listed),
        "audience_overlap": audience_overlap.shared_to_audience_overlap(shared, eligible, rate),
    }


def _slices_of(lake: Lake, buckets: Sequence[Bucket]) -> Iterator[pl.DataFrame]:
    """Distinct (account_key, member_key), slice by slice: all follows of a person are in one of them."""
    for number in range(buckets[0].slices):
        paths = [lake.root / f"{bucket.members}-members-{number}.parquet" for bucket in buckets]
        if found := [path for path in paths if path.exists()]:
            yield pl.read_parquet(found, glob=False)


def _by_niche(lake: Lake, buckets: Sequence[Bucket], listed: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    labelled_at_all = listed.filter(pl.col("niche") != UNKNOWN).height > 0
    slices = _slices_of(lake, buckets) if labelled_at_all else iter(())
    found = [audience_niches.follows_to_niche_counts(rows, listed) for rows in slices]
    empty = audience_niches.follows_to_niche_counts(
        pl.DataFrame(schema={"account_key": pl.UInt64, "member_key": pl.UInt64}), listed
    )
    counts, labelled = zip(empty, *found, strict=True)
    return pl.concat(counts), pl.concat(labelled)


def _shared(lake: Lake, buckets: Sequence[Bucket], eligible: pl.DataFrame) -> tuple[pl.DataFrame, float]:
    """Shared followers of pairs of accounts, and the share of people they were counted from: 1 where all were."""
    numbers = eligible.select("account_key", "number")

    def slices() -> Iterator[pl.DataFrame]:
        return (rows.join(numbers, on="account_key", maintain_order="none") for rows in _slices_of(lake, buckets))

    pairs = sum(audience_overlap.count_pairs(rows) for rows in slices())
    halvings = 0
    while pairs >> halvings > OVERLAP_PAIRS_MAX:
        halvings += 1
    # The highest bits choose the sample, the lowest the slice: the one says nothing of the other.
    sampled = pl.col("member_key") < (1 << (64 - halvings)) if halvings else pl.lit(value=True)
    found = [audience_overlap.follows_to_shared(rows.filter(sampled)) for rows in slices()]
    empty = pl.DataFrame(schema={"pair": pl.UInt64, "shared": pl.Int64})
    return pl.concat([empty, *found]), 0.5**halvings


def sweep_cache(lake: Lake, buckets: Sequence[Bucket]) -> None:
    """Remove results and layouts that the published marts were not made from."""
    edges.sweep_cached_buckets(lake, {name for bucket in buckets for names in bucket.files.values() for name in names})
    wanted = {Path(name).name for bucket in buckets for name in (bucket.result, bucket.members)}
    for path in (lake.root / "cache" / "audience").glob("*.parquet"):
        if path.name.partition("-")[0] not in wanted or "-in-" in path.name:
            path.unlink()

"""One bucket of accounts counted: whole, in parts that fit in memory, or only those accounts that something is new about.

A result is four files below `cache/audience`, named by a hash of all that the bucket is counted from:

    <result>-prints.parquet    a fingerprint of each account's own inputs, beside what is in final files
    <result>-made.json         the final files, and the layers that hold the bucket's followers
    <result>-deciles.parquet, <result>-counts.parquet    the counts; the last one makes the result count

No account's counts depend on another account. So a result of an earlier run serves for every account whose fingerprint
is the same and which no new final file names; the others are counted again, and the whole is written under its new name.
"""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl

from transforms import audience
from warehouse.atomic_write import write_durably, write_text_durably
from warehouse.lake import edges
from warehouse.lake.edge_layout import CACHE_VERSION, ENGAGEMENTS, digest

# Above this share of a bucket's edges, counting all of them costs no more than looking for those that changed.
TOUCHED_MAX = 0.4
# Followers are written whole again once so many deliveries have each replaced some accounts' part.
LAYERS_MAX = 8


@dataclass(frozen=True)
class Bucket:
    """What one bucket is counted from, by paths inside the lake. The name of its result is a hash of it all.

    `parts` is how many parts it is counted in, and `at_once` how many like it may be counted at a time, so that they
    fit in memory; `earlier` is the result of an earlier run, for accounts that are as they were then.
    """

    number: int
    files: dict[str, tuple[str, ...]]
    inputs: str
    as_of: datetime | None
    slices: int
    members: str
    result: str
    parts: int = 1
    at_once: int = 1
    earlier: str | None = None


@dataclass(frozen=True)
class Layer:
    """Distinct followers of some accounts of a bucket, by the common path of the files: one for each slice of people.

    A layer that `replaces` accounts has one file: all there is of them, whose rows in the layers before are void.
    """

    path: str
    replaces: list[int]


@dataclass(frozen=True)
class Made:
    """What a result was made from and where its followers are. `counted` of its `accounts` were counted anew."""

    version: str
    number: int
    as_of: str | None
    slices: int
    final: dict[str, list[str]]
    layers: list[Layer]
    accounts: int
    counted: int


def final_files(bucket: Bucket) -> dict[str, list[str]]:
    """The files of large deliveries: what they hold never changes, whatever is delivered later."""
    return {
        dataset: [name for name in names if name.startswith("segments/")] for dataset, names in bucket.files.items()
    }


def read_made(root: Path, result: str) -> Made | None:
    """What a result was made from; null where another version made it, whose fingerprints say nothing now."""
    path = root / f"{result}-made.json"
    said: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    if said.get("version") != CACHE_VERSION:
        return None
    return Made(**{**said, "layers": [Layer(**layer) for layer in said["layers"]]})


def is_counted(root: Path, result: str) -> bool:
    return (root / f"{result}-counts.parquet").exists()


def earlier_results(root: Path) -> dict[int, tuple[str, Made]]:
    """A complete result of each bucket from the runs before; where there are several, the newest."""
    found = {}
    paths = sorted((root / "cache" / "audience").glob("*-counts.parquet"), key=lambda path: path.stat().st_mtime_ns)
    for path in paths:
        result = f"cache/audience/{path.name.partition('-')[0]}"
        if made := read_made(root, result):
            found[made.number] = (result, made)
    return found


def serves(made: Made, bucket: Bucket) -> bool:
    """Whether an earlier result can be brought up to date: cut alike, and none of its files taken back since."""
    final = final_files(bucket)
    same_cut = (made.as_of, made.slices) == (_said(bucket.as_of), bucket.slices)
    return same_cut and all(set(names) <= set(final[dataset]) for dataset, names in made.final.items())


@dataclass(frozen=True)
class _Update:
    """A bucket of which only the touched accounts are counted: (account_key, follows, rows), whether their followers may
    have changed too and about how many rows are new. The rest is in the result of an earlier run."""

    bucket: Bucket
    made: Made
    touched: pl.DataFrame
    posts: pl.DataFrame
    selves: pl.DataFrame
    counts: pl.DataFrame
    deciles: pl.DataFrame
    accounts: int

    @property
    def share(self) -> float:
        """How much of the bucket's edges are those of the touched accounts."""
        counted = pl.col("followers_known_count") + pl.col("listed_like_count") + pl.col("listed_comment_count")
        every = self.counts.filter(pl.col("time_window") == "all_time").select("account_key", counted.alias("edges"))
        of_touched = every.join(self.touched, on="account_key", how="semi")
        total, touched = (int(rows.get_column("edges").sum()) for rows in (every, of_touched))
        new = int(self.touched.get_column("rows").sum())
        return (touched + new) / (total + new) if total else 1.0

    @property
    def parts(self) -> float:
        """The memory it takes, a part of a bucket counted whole being one."""
        return self.share * self.bucket.parts


def count_buckets(root: Path, buckets: Sequence[Bucket]) -> int:
    """Count some buckets and leave the results in the lake's cache. Counting again gives the same content."""
    together: list[_Update] = []
    for bucket in buckets:
        update = _update_of(root, bucket)
        if update is None:
            _count(root, bucket)
            continue
        # Many small frames cost more than one large frame: what is touched is counted together while it fits.
        if together and sum(each.parts for each in together) + update.parts > 1:
            _count_touched(root, together)
            together = []
        together.append(update)
    if together:
        _count_touched(root, together)
    return len(buckets)


def _count(root: Path, bucket: Bucket) -> None:
    """Count a bucket whole, in as many parts as it takes to fit in memory."""
    posts, selves, prints = _inputs(root, bucket)
    layers, counted = [], []
    for part in range(bucket.parts):
        in_part = pl.lit(value=True) if bucket.parts == 1 else pl.col("account_key") % bucket.parts == part
        found = _counted(_scans(root, bucket.files, in_part), posts.filter(in_part), selves, bucket.as_of)
        path = bucket.members if bucket.parts == 1 else _named(bucket.members, "part", part, bucket.parts)
        layers.append(Layer(path, []))
        _write_members(root, path, found.members, bucket.slices)
        counted.append(found)
    counts, deciles = pl.concat(each.counts for each in counted), pl.concat(each.deciles for each in counted)
    _finish(root, bucket, layers, counts, deciles, (prints.height, prints.height))


def _inputs(root: Path, bucket: Bucket) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """The bucket's posts, its accounts paired with themselves, and their fingerprints."""
    posts, selves = (pl.read_parquet(root / f"{bucket.inputs}-{name}.parquet") for name in ("posts", "selves"))
    return posts, selves, pl.read_parquet(root / f"{bucket.result}-prints.parquet")


def _update_of(root: Path, bucket: Bucket) -> _Update | None:
    """What must be counted again of a bucket; null where that is too much, or there is nothing to go by."""
    made = read_made(root, bucket.earlier) if bucket.earlier else None
    if made is None or sum(bool(layer.replaces) for layer in made.layers) >= LAYERS_MAX:
        return None
    posts, selves, prints = _inputs(root, bucket)
    touched = _touched(root, bucket, made, prints, posts)
    counts, deciles = (pl.read_parquet(root / f"{bucket.earlier}-{name}.parquet") for name in ("counts", "deciles"))
    own = posts.join(touched, on="account_key", how="semi")
    update = _Update(bucket, made, touched, own, selves, counts, deciles, prints.height)
    return update if update.share <= TOUCHED_MAX else None


def _count_touched(root: Path, updates: Sequence[_Update]) -> None:
    """Count the touched accounts of some buckets together, and write the whole result of each."""
    touched, posts, selves = (
        pl.concat(getattr(update, name) for update in updates) for name in ("touched", "posts", "selves")
    )
    files = {name: [file for each in updates for file in each.bucket.files[name]] for name in edges.EDGE_SCHEMAS}
    parts = max(1, math.ceil(sum(update.parts for update in updates)))
    counted = []
    for part in range(parts):
        chosen = touched.filter(pl.col("account_key") % parts == part)
        own = posts.join(chosen, on="account_key", how="semi")
        scans = _scans(root, files, among("account_key", chosen), among("post_key", own))
        counted.append(_counted(scans, own, selves, updates[0].bucket.as_of).of_followers(chosen.filter("follows")))
    every = _Counted(*(pl.concat(getattr(each, name) for each in counted) for name in ("counts", "deciles", "members")))
    for update in updates:
        _write_update(root, update, every.of_accounts(update.touched))


def _write_update(root: Path, update: _Update, found: "_Counted") -> None:
    bucket, layers = update.bucket, [*update.made.layers]
    refollowed = update.touched.filter("follows").get_column("account_key").sort().to_list()
    if refollowed:
        path = _named(bucket.members, "over", [layer.path for layer in layers])
        write_durably(root / f"{path}-members.parquet", partial(write_keys, found.members))
        layers.append(Layer(path, refollowed))
    counts, deciles = (
        pl.concat([before.join(update.touched, on="account_key", how="anti"), now])
        for before, now in ((update.counts, found.counts), (update.deciles, found.deciles))
    )
    _finish(root, bucket, layers, counts, deciles, (update.accounts, update.touched.height))


def _touched(root: Path, bucket: Bucket, made: Made, prints: pl.DataFrame, posts: pl.DataFrame) -> pl.DataFrame:
    """Accounts whose inputs are not what they were: (account_key, follows, rows)."""
    before = pl.read_parquet(root / f"{bucket.earlier}-prints.parquet")
    both = prints.join(before, on="account_key", how="full", coalesce=True, suffix="_before")
    follows_differ, acts_differ = (
        pl.any_horizontal(
            pl.col(name).ne_missing(pl.col(f"{name}_before")) for name in (f"{kind}_print", f"{kind}_rows")
        )
        for kind in ("follows", "acts")
    )
    now, then = (
        pl.sum_horizontal(pl.col(f"follows_rows{at}", f"acts_rows{at}").cast(pl.Int64)) for at in ("", "_before")
    )
    new = (now - then).clip(0).alias("rows")
    found = [both.filter(follows_differ | acts_differ).select("account_key", follows_differ.alias("follows"), new)]
    for dataset, names in final_files(bucket).items():
        if added := [root / name for name in names if name not in made.final[dataset]]:
            rows = edges.scan(dataset, added)
            if dataset in ENGAGEMENTS:
                rows = rows.join(posts.lazy().select("post_key", "account_key"), on="post_key", how="inner")
            accounts = rows.group_by("account_key").agg(pl.len().cast(pl.Int64).alias("rows")).collect()
            found.append(accounts.select("account_key", pl.lit(dataset == "follows").alias("follows"), "rows"))
    return pl.concat(found).group_by("account_key").agg(pl.col("follows").any(), pl.col("rows").sum())


def among(name: str, rows: pl.DataFrame) -> pl.Expr:
    return pl.col(name).is_in(rows.get_column(name).implode())


def _scans(
    root: Path, files: Mapping[str, Sequence[str]], follows: pl.Expr, acts: pl.Expr | None = None
) -> dict[str, pl.LazyFrame]:
    """Files of edges, filtered. Likes and comments need no filter: those of other posts find no post to join."""
    found = {name: edges.scan(name, [root / file for file in own]) for name, own in files.items()}
    found["follows"] = found["follows"].filter(follows)
    return found if acts is None else found | {name: found[name].filter(acts) for name in ENGAGEMENTS}


@dataclass(frozen=True)
class _Counted:
    """Counts per account and window, the same by tenths in order of joining, and the distinct followers."""

    counts: pl.DataFrame
    deciles: pl.DataFrame
    members: pl.DataFrame

    def of_accounts(self, accounts: pl.DataFrame) -> "_Counted":
        frames = (
            frame.join(accounts, on="account_key", how="semi") for frame in (self.counts, self.deciles, self.members)
        )
        return _Counted(*frames)

    def of_followers(self, accounts: pl.DataFrame) -> "_Counted":
        return replace(self, members=self.members.join(accounts, on="account_key", how="semi"))


def _counted(
    scans: Mapping[str, pl.LazyFrame], posts: pl.DataFrame, selves: pl.DataFrame, as_of: datetime | None
) -> _Counted:
    complete = audience.newest_complete_lists(scans["follows"], as_of)
    followers = audience.follows_to_followers(scans["follows"], complete, selves, as_of)
    likes, comments = (audience.edges_to_engagements(scans[name], name, posts, selves, as_of) for name in ENGAGEMENTS)
    listed = audience.comments_to_listed(scans["comments"], posts, as_of)
    counts, deciles = audience.edges_to_counts(followers, likes, comments, listed)
    counts = counts.join(audience.posts_to_post_counts(posts), on=["account_key", "time_window"], how="left")
    return _Counted(counts, deciles, followers.select("account_key", "member_key"))


def _write_members(root: Path, path: str, members: pl.DataFrame, slices: int) -> None:
    sliced = members.with_columns((pl.col("member_key") % slices).alias("slice"))
    for (number,), rows in sliced.partition_by("slice", as_dict=True, include_key=False).items():
        write_durably(root / f"{path}-members-{number}.parquet", partial(write_keys, rows))


def write_keys(rows: pl.DataFrame, target: Path) -> None:
    """Keys are as good as random: nothing is gained by packing them, nor by noting their bounds."""
    rows.write_parquet(target, compression="uncompressed", statistics=False)


def _finish(
    root: Path,
    bucket: Bucket,
    layers: list[Layer],
    counts: pl.DataFrame,
    deciles: pl.DataFrame,
    sizes: tuple[int, int],
) -> None:
    """Write the result, last of all the file that makes it count. `sizes`: its accounts, and those counted anew."""
    made = Made(CACHE_VERSION, bucket.number, _said(bucket.as_of), bucket.slices, final_files(bucket), layers, *sizes)
    write_text_durably(root / f"{bucket.result}-made.json", json.dumps(asdict(made)))
    write_durably(root / f"{bucket.result}-deciles.parquet", deciles.write_parquet)
    write_durably(root / f"{bucket.result}-counts.parquet", counts.write_parquet)


def _said(time: datetime | None) -> str | None:
    return time.isoformat() if time else None


def _named(members: str, *said: object) -> str:
    """The path of a layer that holds only some of a bucket's accounts."""
    return f"cache/audience/{digest(members, *said)}"

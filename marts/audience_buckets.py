"""One bucket of accounts counted: whole, in parts that fit in memory, or only those accounts that something is new about.

No account's counts depend on another account. So a result of an earlier run serves for every account whose fingerprint
is the same and which no new final file names; the others are counted again, and the whole is written under its new name.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import polars as pl

from marts.audience_results import (
    Bucket,
    Layer,
    Made,
    final_files,
    named,
    power_of_two,
    read_made,
    write_keys,
    write_members,
    write_result,
)
from transforms import audience_changes
from transforms.audience_changes import among
from transforms.audience_counts import Counted, Counting, Sums, edges_to_counted, sums_to_counted
from warehouse.atomic_write import write_durably
from warehouse.lake import edges
from warehouse.lake.edge_layout import ENGAGEMENTS

# Above this share of a bucket's edges, counting all of them costs no more than looking for those that changed.
TOUCHED_MAX = 0.4
# Followers are written whole again once so many deliveries have each replaced some accounts' part.
LAYERS_MAX = 8


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
        return audience_changes.share_of_edges(self.counts, self.touched)

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
    """Count a bucket whole, in as many parts of the people as it takes to fit in memory."""
    posts, selves, fingerprints = _inputs(root, bucket)
    counting = Counting.of(_scans(root, bucket.files), posts, selves, bucket.as_of, bucket.parts)
    sums: list[Sums] = []
    # Both are powers of two. The people of a slice are all of one part or, of more parts than slices, of those counted together.
    for first in range(min(bucket.parts, bucket.slices)):
        own = [counting.sums(part) for part in range(first, bucket.parts, bucket.slices)]
        write_members(root, bucket.members, pl.concat(each.members for each in own), bucket.slices)
        sums += [each.without_members() for each in own]
    counted = sums_to_counted(sums, posts)
    write_result(root, bucket, [Layer(bucket.members, [])], counted, (fingerprints.height, fingerprints.height))


def _inputs(root: Path, bucket: Bucket) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """The bucket's posts, its accounts paired with themselves, and their fingerprints."""
    posts, selves = (pl.read_parquet(root / f"{bucket.inputs}-{name}.parquet") for name in ("posts", "selves"))
    return posts, selves, pl.read_parquet(root / f"{bucket.result}-fingerprints.parquet")


def _update_of(root: Path, bucket: Bucket) -> _Update | None:
    """What must be counted again of a bucket; null where that is too much, or there is nothing to go by."""
    made = read_made(root, bucket.earlier) if bucket.earlier else None
    if made is None or sum(bool(layer.replaces) for layer in made.layers) >= LAYERS_MAX:
        return None
    posts, selves, fingerprints = _inputs(root, bucket)
    touched = _touched(root, bucket, made, fingerprints, posts)
    counts, deciles = (pl.read_parquet(root / f"{bucket.earlier}-{name}.parquet") for name in ("counts", "deciles"))
    own = posts.join(touched, on="account_key", how="semi")
    update = _Update(bucket, made, touched, own, selves, counts, deciles, fingerprints.height)
    return update if update.share <= TOUCHED_MAX else None


def _count_touched(root: Path, updates: Sequence[_Update]) -> None:
    """Count the touched accounts of some buckets together, and write the whole result of each."""
    touched, posts, selves = (
        pl.concat(getattr(update, name) for update in updates) for name in ("touched", "posts", "selves")
    )
    files = {name: [file for each in updates for file in each.bucket.files[name]] for name in edges.EDGE_SCHEMAS}
    parts = power_of_two(sum(update.parts for update in updates))
    scans = _scans(root, files, among("account_key", touched), among("post_key", posts))
    every = edges_to_counted(scans, posts, selves, updates[0].bucket.as_of, parts, touched.filter("follows"))
    for update in updates:
        _write_update(root, update, every.of_accounts(update.touched))


def _write_update(root: Path, update: _Update, found: Counted) -> None:
    bucket, layers = update.bucket, [*update.made.layers]
    refollowed = update.touched.filter("follows").get_column("account_key").sort().to_list()
    if refollowed:
        path = named(bucket.members, "over", [layer.path for layer in layers])
        write_durably(root / f"{path}-members.parquet", partial(write_keys, found.members))
        layers.append(Layer(path, refollowed))
    counts, deciles = (
        audience_changes.with_changed(before, update.touched, now)
        for before, now in ((update.counts, found.counts), (update.deciles, found.deciles))
    )
    whole = Counted(counts, deciles, found.members)
    write_result(root, bucket, layers, whole, (update.accounts, update.touched.height))


def _touched(root: Path, bucket: Bucket, made: Made, fingerprints: pl.DataFrame, posts: pl.DataFrame) -> pl.DataFrame:
    """Accounts whose inputs are not what they were: (account_key, follows, rows)."""
    before = pl.read_parquet(root / f"{bucket.earlier}-fingerprints.parquet")
    found = [audience_changes.fingerprints_to_changed(fingerprints, before)]
    for dataset, names in final_files(bucket).items():
        if added := [root / name for name in names if name not in made.final[dataset]]:
            rows = edges.scan(dataset, added)
            if dataset in ENGAGEMENTS:
                rows = rows.join(
                    posts.lazy().select("post_key", "account_key"), on="post_key", how="inner", build_side="force_right"
                )
            found.append(audience_changes.edges_to_changed(rows, is_follows=dataset == "follows"))
    return audience_changes.together(found)


def _scans(
    root: Path, files: Mapping[str, Sequence[str]], follows: pl.Expr | None = None, acts: pl.Expr | None = None
) -> dict[str, pl.LazyFrame]:
    """Files of edges, filtered where that is asked for."""
    found = {name: edges.scan(name, [root / file for file in own]) for name, own in files.items()}
    wanted = {"follows": follows, **dict.fromkeys(ENGAGEMENTS, acts)}
    return {name: rows if (own := wanted[name]) is None else rows.filter(own) for name, rows in found.items()}

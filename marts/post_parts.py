"""Posts laid out in parts, each with all posts of its accounts: so many posts at a time are in memory, however many there are."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from transforms.post_windows import with_newest
from transforms.query_keys import HASH
from warehouse.atomic_write import crash_point, remove

# A part takes some 0.1 GB, and a few times that while its accounts' figures are worked out. Posts that are no more than one
# part never leave memory.
PART_POSTS = 1_000_000
# What streams through at a time is laid down in the order of the parts.
BATCH_POSTS = 500_000


@dataclass(frozen=True)
class _Batch:
    """A file with posts in the order of their parts, and the row that each part starts at; at last how many rows there are."""

    path: Path
    starts: list[int]

    def part(self, number: int) -> pl.LazyFrame:
        start, end = self.starts[number : number + 2]
        return pl.scan_ipc(self.path, glob=False).slice(start, end - start)


def in_parts(measured: pl.LazyFrame, post_count: int, folder: Path) -> list[pl.LazyFrame]:
    """Measured posts (`account_engagement.posts_to_measured`) with `is_newest`, in the order of their accounts.

    Args:
        measured: The posts, which stream through.
        post_count: How many they are, about.
        folder: Where parts are laid out, of more than one.
    """
    count = -(-post_count // PART_POSTS)
    if count <= 1:
        return [_in_order(measured.collect(engine="streaming")).lazy()]
    remove(folder)
    folder.mkdir(parents=True)
    part = (pl.col(HASH) % count).alias("part")
    numbers = pl.Series(range(count + 1), dtype=pl.UInt64)
    batches: list[_Batch] = []
    for number, batch in enumerate(measured.collect_batches(chunk_size=BATCH_POSTS, maintain_order=False)):
        ordered = batch.with_columns(part).sort("part")
        starts = ordered.get_column("part").search_sorted(numbers, side="left").to_list()
        batches.append(_Batch(folder / f"batch-{number}.arrow", starts))
        # A part is read without the records of others.
        ordered.drop("part").write_ipc(batches[-1].path, record_batch_size=max(1, batch.height // count))
    crash_point("lay out posts")
    parts = [_part(batches, number, folder / f"{number}.arrow") for number in range(count)]
    crash_point("lay out posts in parts")
    for laid in batches:
        laid.path.unlink()
    return parts


def _part(batches: Sequence[_Batch], number: int, path: Path) -> pl.LazyFrame:
    """The posts of a part in a file of their own, which is mapped into memory as it is read."""
    posts = pl.concat(batch.part(number) for batch in batches)
    _in_order(posts.collect()).write_ipc(path)
    # Grouping what is known to lie in order costs a third.
    return pl.scan_ipc(path, glob=False).set_sorted(HASH)


def _in_order(measured: pl.DataFrame) -> pl.DataFrame:
    return with_newest(measured.sort(HASH))

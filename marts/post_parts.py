"""Posts laid out in parts, each with all posts of its accounts: so many posts at a time are in memory, however many there are."""

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
PART = "__part"


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
    part = (pl.col(HASH) % count).cast(pl.UInt16).alias(PART)
    for number, batch in enumerate(measured.collect_batches(chunk_size=BATCH_POSTS, maintain_order=False)):
        batch.with_columns(part).sort(PART).write_ipc(folder / f"batch-{number}.arrow")
    crash_point("lay out posts")
    batches = pl.scan_ipc(folder / "batch-*.arrow")
    parts = [_part(batches, number, folder / f"{number}.arrow") for number in range(count)]
    crash_point("lay out posts in parts")
    for batch_file in folder.glob("batch-*.arrow"):
        batch_file.unlink()
    return parts


def _part(batches: pl.LazyFrame, number: int, path: Path) -> pl.LazyFrame:
    """The posts of a part in a file of their own, which is mapped into memory as it is read."""
    _in_order(batches.filter(pl.col(PART) == number).drop(PART).collect()).write_ipc(path)
    return pl.scan_ipc(path, glob=False)


def _in_order(measured: pl.DataFrame) -> pl.DataFrame:
    return with_newest(measured.sort(HASH))

"""Posts laid out in parts, each with all posts of its accounts: so many posts at a time are in memory, however many there are."""

from pathlib import Path

import polars as pl

from transforms.post_windows import with_newest
from transforms.query_keys import HASH
from warehouse.atomic_write import crash_point, remove

# A part takes some 0.1 GB, and a few times that while its accounts' figures are worked out. Posts that are no more than one
# part never leave memory.
PART_POSTS = 1_000_000


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
    parts = pl.PartitionBy(folder, key=(pl.col(HASH) % count).alias("part"), include_key=False)
    measured.sink_ipc(parts, mkdir=True)
    crash_point("lay out posts")
    nothing = measured.collect_schema().to_frame()
    laid = [_part(folder / f"part={number}", nothing, folder / f"{number}.arrow") for number in range(count)]
    crash_point("lay out posts in parts")
    return laid


def _part(folder: Path, nothing: pl.DataFrame, path: Path) -> pl.LazyFrame:
    """The posts of a part in a file of their own, which is mapped into memory as it is read."""
    files = sorted(folder.glob("*"))
    _in_order(pl.scan_ipc(files, glob=False).collect() if files else nothing).write_ipc(path)
    remove(folder)
    # Grouping what is known to lie in order costs a third.
    return pl.scan_ipc(path, glob=False).set_sorted(HASH)


def _in_order(measured: pl.DataFrame) -> pl.DataFrame:
    return with_newest(measured.sort(HASH))

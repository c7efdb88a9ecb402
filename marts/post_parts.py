"""Posts laid out in parts, each with all posts of its accounts: so many posts at a time are in memory, however many there are."""

from pathlib import Path

import polars as pl

from transforms.post_windows import with_newest
from transforms.query_keys import HASH
from warehouse.atomic_write import remove

# A part takes some 0.1 GB, and a few times that while its accounts' figures are worked out. Posts that are no more than one
# part never leave memory.
PART_POSTS = 1_000_000
# A batch is put into all parts at once, a file for each.
BATCH_POSTS = 500_000


def in_parts(measured: pl.LazyFrame, post_count: int, folder: Path | None) -> list[pl.LazyFrame]:
    """Measured posts (`account_engagement.posts_to_measured`) with `is_newest`, in the order of their accounts.

    Args:
        measured: The posts, which stream through.
        post_count: How many they are, about.
        folder: Where parts are laid out; null where all are one.
    """
    count = -(-post_count // PART_POSTS)
    if folder is None or count <= 1:
        return [_in_order(measured.collect(engine="streaming")).lazy()]
    remove(folder)
    folder.mkdir(parents=True)
    for number, batch in enumerate(measured.collect_batches(chunk_size=BATCH_POSTS, maintain_order=False)):
        of_parts = batch.with_columns((pl.col(HASH) % count).alias("part")).partition_by(
            "part", as_dict=True, include_key=False
        )
        for (part,), rows in of_parts.items():
            rows.write_ipc(folder / f"{part}-{number}.arrow")
    # A single account may have nearly all posts: not each part has any.
    return [_one_file(folder, batches) for part in range(count) if (batches := sorted(folder.glob(f"{part}-*.arrow")))]


def _one_file(folder: Path, batches: list[Path]) -> pl.LazyFrame:
    """A part put into one file, which is mapped into memory as it is read."""
    path = folder / f"{batches[0].stem}-whole.arrow"
    _in_order(pl.concat([pl.read_ipc(batch) for batch in batches])).write_ipc(path)
    for batch in batches:
        batch.unlink()
    return pl.scan_ipc(path, glob=False)


def _in_order(measured: pl.DataFrame) -> pl.DataFrame:
    return with_newest(measured.sort(HASH))

"""Posts laid out in parts, each with all posts of its accounts: so many posts at a time are in memory, however many there are.

A part is a piece of work: whoever does it works out whatever depends on the posts of its accounts alone.
"""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import polars as pl

from marts.pieces import Share
from transforms import account_engagement, data_quality, suspicions
from transforms.post_windows import Made, Windows, not_made, with_newest
from transforms.query_keys import HASH
from warehouse.atomic_write import crash_point, remove

# A part takes some 0.1 GB, and a few times that while its accounts' figures are worked out. Posts that are no more than one
# part never leave memory.
PART_POSTS = 1_000_000
# The memory that working out a part takes.
PART_BYTES = 600 << 20
FOLDER, FIGURES = "posts", "figures"


@dataclass(frozen=True)
class Part:
    """A part of the posts, laid out in a folder of the lake."""

    number: int
    folder: str
    as_of: datetime | None
    at_once: int

    @property
    def name(self) -> str:
        return f"work-out-posts-{self.number}"

    def do(self, lake: Path) -> None:
        """Put the posts in the order of their accounts, in one file, and write what is worked out of them to others."""
        self._lay_in_order(lake)
        crash_point(f"work out posts {self.number}")
        figures = lake / self.folder / f"{FIGURES}-{self.number}"
        figures.mkdir(exist_ok=True)

        def write(name: str, rows: Iterable[pl.DataFrame]) -> pl.LazyFrame:
            found = pl.concat(rows)
            found.write_ipc(figures / f"{name}.arrow")
            return found.lazy()

        windows = Windows.of([self.posts(lake)], self.as_of, write)
        account_engagement.figures_of(windows)
        above_one(windows)
        comments(windows)

    def _lay_in_order(self, lake: Path) -> None:
        """The posts in a file of their own, which is mapped into memory as it is read."""
        folder, path = lake / self.folder / f"part={self.number}", self._path(lake)
        if path.exists():  # whoever began this piece ended after that
            return
        rows = _in_order(pl.scan_ipc(sorted(folder.glob("*")), glob=False).collect())
        partial = path.with_suffix(".partial")
        rows.write_ipc(partial)
        os.replace(partial, path)
        remove(folder)

    def _path(self, lake: Path) -> Path:
        return lake / self.folder / f"{self.number}.arrow"

    def posts(self, lake: Path) -> pl.LazyFrame:
        """Its posts, once it is done."""
        # Grouping what is known to lie in order costs a third.
        return pl.scan_ipc(self._path(lake), glob=False).set_sorted(HASH)

    def figures(self, lake: Path, name: str) -> pl.DataFrame:
        """What was worked out by this name, once it is done."""
        return pl.read_ipc(lake / self.folder / f"{FIGURES}-{self.number}" / f"{name}.arrow")


@dataclass(frozen=True)
class Laid:
    """Posts in parts, and what was worked out of each by name where they were laid out (`post_windows.Made`)."""

    parts: list[pl.LazyFrame]
    made: Made = not_made


def in_parts(
    measured: pl.LazyFrame, post_count: int, as_of: datetime | None, scratch: Path, memory: int, share: Share
) -> Laid:
    """Measured posts (`account_engagement.posts_to_measured`) with `is_newest`, in the order of their accounts.

    Args:
        measured: The posts, which stream through.
        post_count: How many they are, about.
        as_of: The instant of the figures (UTC).
        scratch: Folder of the lake where parts are laid out, of more than one.
        memory: Bytes that working them out may take.
        share: Has each part worked out.
    """
    count = -(-post_count // PART_POSTS)
    if count <= 1:
        return Laid([_in_order(measured.collect(engine="streaming")).lazy()])
    lake, folder = scratch.parent, scratch / FOLDER
    remove(folder)
    laid = pl.PartitionBy(folder, key=(pl.col(HASH) % count).alias("part"), include_key=False)
    measured.sink_ipc(laid, mkdir=True)
    crash_point("lay out posts")
    at_once = max(1, memory // PART_BYTES)
    place = folder.relative_to(lake).as_posix()
    parts = [Part(number, place, as_of, at_once) for number in range(count) if (folder / f"part={number}").exists()]
    share(lake, parts)
    crash_point("lay out posts in parts")
    names = {path.stem for path in (folder / f"{FIGURES}-{parts[0].number}").glob("*.arrow")}

    def made(name: str) -> Iterable[pl.DataFrame] | None:
        return (part.figures(lake, name) for part in parts) if name in names else None

    return Laid([part.posts(lake) for part in parts], made)


def forget_parts(scratch: Path) -> None:
    """Let posts that were laid out give their disk back."""
    remove(scratch / FOLDER)


def above_one(windows: Windows) -> pl.LazyFrame:
    """Posts of all accounts with more interactions than followers (`data_quality.posts_above_one`)."""
    return windows.of_each("rate_above_one", data_quality.posts_above_one)


def comments(windows: Windows) -> pl.LazyFrame:
    """Likes and comments of all accounts (`suspicions.posts_to_comments`)."""
    return windows.of_each("comments", suspicions.posts_to_comments)


def _in_order(measured: pl.DataFrame) -> pl.DataFrame:
    return with_newest(measured.sort(HASH))

"""Observations of posts that were seen more than once, in parts: however often all posts are scraped, some are settled at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import polars as pl

from marts import post_parts
from transforms import data_quality, posts
from transforms.query_keys import hashed, split_repeated
from warehouse.atomic_write import crash_point, remove

FOLDER = "repeated"


@dataclass(frozen=True)
class Repeated:
    """Observations in parts, each with all of its posts'. What is made of several parts lies in `folder`."""

    parts: Sequence[pl.LazyFrame]
    folder: Path

    @property
    def rows(self) -> pl.LazyFrame:
        """All of them."""
        return pl.concat(self.parts)

    @cached_property
    def newest(self) -> pl.LazyFrame:
        """Posts in their newest state (`posts.observations_to_newest`)."""
        if len(self.parts) == 1:
            return posts.observations_to_newest(self.rows).collect().lazy()
        paths = [self.folder / f"newest-{number}.arrow" for number in range(len(self.parts))]
        for path, part in zip(paths, self.parts, strict=True):
            posts.observations_to_newest(part).collect().write_ipc(path)
        return pl.scan_ipc(paths, glob=False)

    @property
    def conflicts(self) -> pl.LazyFrame:
        """Observations that disagree (`data_quality.posts_to_conflicts`)."""
        return pl.concat(map(data_quality.posts_to_conflicts, self.parts))


def split_in_parts(observations: pl.LazyFrame, scratch: Path) -> tuple[pl.LazyFrame, Repeated]:
    """The observations of posts that were seen once, and of the others.

    Args:
        observations: Rows of the dataset `posts`.
        scratch: Folder of the lake where parts are laid out, of more than one.
    """
    once, again, again_count = split_repeated(observations, posts.KEY)
    count, folder = -(-again_count // post_parts.PART_POSTS), scratch / FOLDER
    if count <= 1:
        return once, Repeated([again], folder)
    remove(folder)
    keyed = again.with_columns((hashed(posts.KEY) % count).alias("part"))
    keyed.sink_ipc(pl.PartitionBy(folder, key="part", include_key=False), mkdir=True)
    crash_point("lay out repeated posts")
    parts = [pl.scan_ipc(sorted(part.glob("*")), glob=False) for part in sorted(folder.iterdir())]
    return once, Repeated(parts, folder)

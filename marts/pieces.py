"""The pieces that a publication's work falls into: each needs the lake alone, so that threads or workers elsewhere do them."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol, TypeAlias


class Piece(Protocol):
    """A piece of work. Done again, it leaves the same files."""

    @property
    def name(self) -> str:
        """What it is called among the tasks of a run."""

    @property
    def at_once(self) -> int:
        """How many like it may be done at a time, so that they fit in memory."""

    def do(self, lake: Path) -> None:
        """Do it in the lake below a folder."""


# Has pieces of work done in the lake below a folder, by whoever has time; returns once they are all done.
Share: TypeAlias = Callable[[Path, Sequence[Piece]], None]

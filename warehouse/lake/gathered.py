"""Small segments gathered into one, so that a lake of ten thousand deliveries is read nearly as fast as one of a hundred.

Segments of like size are gathered, as a log-structured merge tree does: so a row is written anew a few times in all, and
of no size are there many files.
"""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import polars as pl

from warehouse.atomic_write import write_rows_durably
from warehouse.lake.commits import Commit, Entry, Segment
from warehouse.lake.shared_segments import PART

# So many segments of like size are made one. A size is up to 32 rows, up to 1,024 and up to 32,768; longer ones stay.
FILES = 32
SIZES = 3
# So many rows are gathered at once.
ROWS = 1 << 18
# Where the rows of a segment went, by its path: the number of the commit, the new path, and what the numbers of their
# files are raised by; null where these stay.
Moves = dict[str, list[tuple[int, str, int | None]]]


def gather(root: Path, segments: Iterable[Segment], sequence: int) -> tuple[tuple[str, str, int], ...]:
    """Write segments of one dataset together where there are many of a size. They count once the commit does.

    Args:
        root: The lake.
        segments: Those of the dataset that count, each file once, with all its rows.
        sequence: The number of the commit.

    Returns:
        The path of each segment that was gathered, the path of the new one, and what the numbers of files in it are raised by.
    """
    of_size: dict[int, list[Segment]] = {}
    for segment in segments:
        if (size := _size(segment.rows)) < SIZES:
            of_size.setdefault(size, []).append(segment)
    moved = []
    for size, own in sorted(of_size.items()):
        for number, group in enumerate(_groups(own) if len(own) >= FILES else ()):
            target = f"segments/{own[0].dataset}/gathered-{sequence:08d}-{size}-{number}.parquet"
            moved += _write_together(root, [segment.path for segment in group], target)
    return tuple(moved)


def _groups(segments: list[Segment]) -> list[list[Segment]]:
    """As many together as fit in memory with ease."""
    groups: dict[int, list[Segment]] = {}
    before = 0
    for segment in segments:
        groups.setdefault(before // ROWS, []).append(segment)
        before += segment.rows
    return [group for group in groups.values() if len(group) > 1]


def _size(rows: int) -> int:
    size = 0
    while rows > FILES ** (size + 1):
        size += 1
    return size


def _write_together(root: Path, paths: list[str], target: str) -> list[tuple[str, str, int]]:
    """One segment of several, in which each row keeps the number of its file, raised so that no two files share one."""
    frames, moved, next_number = [], [], 0
    for path in paths:
        try:
            rows = pl.read_parquet(root / path, glob=False)
        except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError):
            continue  # damaged or lost since it was written: it stays where it is, and publishing finds out whose it is
        moved.append((path, target, next_number))
        if PART not in rows.columns:
            rows = rows.with_columns(pl.lit(0, pl.UInt32).alias(PART))
        frames.append(rows.with_columns(pl.col(PART) + next_number))
        next_number = int(frames[-1].select(pl.col(PART).max()).item()) + 1
    if frames:
        write_rows_durably(root / target, pl.concat(frames, how="diagonal"))
    return moved


def moves_of(commits: Iterable[Commit]) -> Moves:
    """Where every segment went that a commit wrote anew or gathered, in the order of the commits."""
    moves: Moves = {}
    for commit in commits:
        for path, new in commit.rewritten:
            moves.setdefault(path, []).append((commit.sequence, new, None))
        for path, new, raised in commit.gathered:
            moves.setdefault(path, []).append((commit.sequence, new, raised))
    return moves


def moved_entry(entry: Entry, brought: int, moves: Moves) -> Entry:
    """An entry with the segments that hold its rows now. `brought` is the number of its commit: a delivery that was read
    again has segments of the same names."""
    if not any(segment.path in moves for segment in entry.segments):
        return entry
    return replace(entry, segments=tuple(_moved(segment, brought, moves) for segment in entry.segments))


def _moved(segment: Segment, since: int, moves: Moves) -> Segment:
    path, part = segment.path, segment.part
    while move := next((move for move in moves.get(path, ()) if move[0] >= since), None):
        since, path, raised = move
        part = part if raised is None else (part or 0) + raised
    return segment if path == segment.path else replace(segment, path=path, part=part)

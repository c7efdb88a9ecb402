"""Segments that many small files share: which rows are whose, and how the rows of some are taken out."""

from collections.abc import Callable, Collection, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from warehouse.atomic_write import write_rows_durably

if TYPE_CHECKING:
    from warehouse.lake.commits import Entry

# The column that tells which of the files a row is from.
PART = "part"
# What a segment of members says beside its rows: the id of the key that their pseudonyms are made under.
KEY_ID = "key_id"


def drop_rows_of_nobody(root: Path, entries: Iterable["Entry"], counted: Callable[[], Collection[str]]) -> None:
    """Take out of new segments what belongs to no entry: rows of files that were quarantined, or read by themselves,
    after they had been written there.

    Args:
        root: The lake.
        entries: What is about to count.
        counted: The segments that count already, asked only where any is shared: other files than these have rows in them.
    """
    named: dict[str, dict[int, int]] = {}
    for segment in (segment for entry in entries for segment in entry.segments):
        if segment.part is not None:
            named.setdefault(segment.path, {})[segment.part] = segment.rows
    for path in sorted(named.keys() - (counted() if named else ())):
        parts = named[path]
        try:
            rows = pl.scan_parquet(root / path, glob=False).select(pl.len()).collect().item()
        except (pl.exceptions.PolarsError, OSError):  # lost since it was written: publishing finds out whose it is
            continue
        if rows != sum(parts.values()):
            _keep_parts(root / path, parts, root / path)


def without_rows_of(
    root: Path, live: Mapping[str, "Entry"], retired: Collection[str], sequence: int
) -> tuple[tuple[str, str], ...]:
    """Write segments anew without the rows of deliveries that no longer count; returns their old and new paths."""
    if not retired:
        return ()
    kept: dict[str, set[int]] = {}
    gone: set[str] = set()
    for delivery, entry in live.items():
        for segment in entry.segments:
            if segment.part is None:
                continue
            kept.setdefault(segment.path, set())
            if delivery in retired:
                gone.add(segment.path)
            else:
                kept[segment.path].add(segment.part)
    moved = []
    for path in sorted(path for path in gone if kept[path]):
        new = f"{path.removesuffix('.parquet')}.{sequence}.parquet"
        _keep_parts(root / path, kept[path], root / new)
        moved.append((path, new))
    return tuple(moved)


def _keep_parts(segment: Path, parts: Iterable[int], target: Path) -> None:
    said = pl.read_parquet_metadata(segment)
    rows = pl.read_parquet(segment, glob=False).filter(pl.col(PART).is_in(sorted(parts)))
    write_rows_durably(target, rows, {name: said[name] for name in (KEY_ID,) if name in said})

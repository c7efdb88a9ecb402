"""Whether the lake holds what its ledger says, and which delivery keeps a warehouse from being built."""

import shlex
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

import duckdb
import polars as pl

from schemas.errors import OUR_FAULT, TierwiseError, Unpublishable
from warehouse.atomic_write import limit_reached
from warehouse.lake.commits import Commit, Entry, Segment
from warehouse.lake.ledger import Lake
from warehouse.lake.shared_segments import PART


def damaged(lake: Lake) -> dict[str, str]:
    """What is wrong with the segments and rejects of each delivery that counts, by its id; nothing of those that are whole."""
    found: dict[str, str] = {}
    heights: dict[str, dict[int | None, int] | str] = {}
    for delivery, entry in lake.deliveries().items():
        for segment in entry.segments:
            if segment.path not in heights:
                heights[segment.path] = _rows(lake.root / segment.path)
            if fault := _fault(segment, heights[segment.path]):
                found[delivery] = fault
    for _, entry in lake.entries():
        rejects = _rows(lake.root / entry.rejects) if entry.rejects else {}
        if isinstance(rejects, str):
            found[entry.delivery] = f"{entry.rejects} {rejects}"
    return found


def _rows(path: Path) -> dict[int | None, int] | str:
    """How many rows a file has, of each part where it has such; else what is wrong with it. Every byte is read."""
    if not path.is_file():
        return "is missing"
    try:
        rows = pl.read_parquet(path, glob=False)
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError):
        return "is damaged"
    if PART in rows.columns:
        return dict(rows.group_by(PART).len().iter_rows())
    return {None: rows.height}


def _fault(segment: Segment, rows: dict[int | None, int] | str) -> str | None:
    if isinstance(rows, str):
        return f"{segment.path} {rows}"
    there = rows.get(segment.part, 0)
    return f"{segment.path} has {there:,} of its {segment.rows:,} rows" if there != segment.rows else None


def unreadable(lake: Lake) -> tuple[dict[str, str], list[Path]]:
    """What cannot be read: of segments and rejects that count, by their paths and with what is wrong, and of all others."""
    live = {segment.path for entry in lake.deliveries().values() for segment in entry.segments}
    live |= {entry.rejects for _, entry in lake.entries() if entry.rejects}
    found = {path: fault for path in sorted(live) if isinstance(fault := _rows(lake.root / path), str)}
    others = [path for path in _stored(lake) if path.relative_to(lake.root).as_posix() not in live]
    return found, [path for path in others if isinstance(_rows(path), str)]


def unreferenced(lake: Lake) -> list[Path]:
    """What killed runs left: half-written files, spools, segments that no commit names. The next run sweeps them."""
    known = lake.paths_of_commits()
    partial = [*lake.root.rglob(".*.partial*")]
    orphans = [path for path in _stored(lake) if path.relative_to(lake.root).as_posix() not in known]
    return sorted({*partial, *lake.scratch.iterdir(), *orphans})


def _stored(lake: Lake) -> list[Path]:
    return [*(lake.root / "segments").rglob("*.parquet"), *(lake.root / "rejects").glob("*.parquet")]


@contextmanager
def naming_cause(lake: Lake, build: Callable[[Lake, Path], object]) -> Iterator[None]:
    """Turn an error of building the warehouse into one that names the delivery it comes from, if it comes from one.

    `build` tries to build, into a file, with a part of the deliveries. Errors that say what helps stay as they are.
    """
    try:
        yield
    except TierwiseError as error:
        if not error.fix.startswith(OUR_FAULT):
            raise
        _name_cause(error, lake, build)
    except Exception as error:
        if isinstance(error, MemoryError | duckdb.OutOfMemoryException) or limit_reached(error):
            raise
        _name_cause(error, lake, build)


def _name_cause(error: Exception, lake: Lake, build: Callable[[Lake, Path], object]) -> NoReturn:
    trial = lake.scratch / "trial.duckdb"
    try:
        found = _cause(error, lake, lambda part: build(part, trial))
    finally:
        trial.unlink(missing_ok=True)
    if found is None:
        raise error
    entry, why = found
    raise Unpublishable(
        f"{entry.file}: the warehouse cannot be built with it: {why}; what was published before is untouched",
        entry.delivery,
        fix=f"take it out with: tierwise doctor --retire {shlex.quote(entry.file)}, or have it read again where the lake is"
        " damaged: tierwise doctor --fix",
    ) from error


def _cause(error: Exception, lake: Lake, build: Callable[[Lake], object]) -> tuple[Entry, str] | None:
    """The delivery, and why; null where none is to blame.

    Deliveries are tried in the order they came: the cause is the last of the fewest that cannot be built.
    """
    live = lake.deliveries()
    if faults := damaged(lake):
        delivery, fault = next(iter(faults.items()))
        entries = [entry for _, entry in lake.entries() if entry.delivery == delivery]
        return live.get(delivery) or entries[0], fault
    entries = list(live.values())
    if not entries or not _works(lake, [], build):
        return None
    fine, failing = 0, len(entries)
    while failing - fine > 1:
        middle = (fine + failing) // 2
        fine, failing = (middle, failing) if _works(lake, entries[:middle], build) else (fine, middle)
    return entries[failing - 1], f"{type(error).__name__}: {' '.join(str(error).split())[:300]}"


def _works(lake: Lake, entries: Sequence[Entry], build: Callable[[Lake], object]) -> bool:
    newest = lake.commits[-1]
    try:
        build(Lake(lake.root, [Commit(newest.sequence, newest.committed_at, tuple(entries))]))
    except Exception:  # noqa: BLE001  # whatever it is, the question is whether it is there without some delivery
        return False
    return True

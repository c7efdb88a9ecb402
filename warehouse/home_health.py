"""What can be wrong with a home folder beside its lake: who may read it, what lies about, and the published file."""

import fcntl
import os
import stat
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import duckdb
import filelock

from warehouse.atomic_write import PRIVATE
from warehouse.contents import is_published_whole
from warehouse.lake.ledger import Lake
from warehouse.publish import content_hash
from warehouse.published import OtherVersion, open_published, published_state


def open_to_others(home: Path) -> list[Path]:
    """What other accounts of the machine could read or write, were it not for the folders above."""
    return [path for path in (home, *_within(home)) if stat.S_IMODE(path.stat().st_mode) & PRIVATE]


def make_private(paths: list[Path]) -> None:
    """Take from others what they may do with these."""
    for path in paths:
        path.chmod(stat.S_IMODE(path.stat().st_mode) & ~PRIVATE)


def _within(home: Path) -> Iterator[Path]:
    """Every file and folder in it; links lead elsewhere."""
    for folder, folders, files in os.walk(home):
        yield from (path for name in (*folders, *files) if not (path := Path(folder, name)).is_symlink())


def is_held(lock: Path) -> bool:
    """Whether somebody holds the lock. That its file is there means nothing."""
    if not lock.is_file():
        return False
    try:
        with filelock.FileLock(lock, timeout=0, mode=stat.S_IMODE(lock.stat().st_mode)):
            return False
    except filelock.Timeout:
        return True


def is_open_for_writing(warehouse: Path) -> bool:
    """Whether some program holds DuckDB's own lock of a writer."""
    if not warehouse.is_file():
        return False
    with warehouse.open("rb") as opened:
        try:
            fcntl.lockf(opened, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except OSError:
            return True
    return False


def foreign_wal(warehouse: Path) -> Path | None:
    """What a program leaves that opens the published file for writing: DuckDB would read it into the next one."""
    wal = warehouse.with_name(f"{warehouse.name}.wal")
    return wal if wal.exists() else None


def move_aside(wal: Path, now: datetime) -> Path:
    """Rename it, so that nothing of it is lost."""
    number, aside = 0, wal.with_name(f"{wal.name}.{now:%Y%m%dT%H%M%S}")
    while aside.exists():
        number += 1
        aside = wal.with_name(f"{wal.name}.{now:%Y%m%dT%H%M%S}-{number}")
    os.rename(wal, aside)
    return aside


def half_written(home: Path) -> list[Path]:
    """Beside the lake, what a killed run left."""
    return sorted([*home.glob(".*.partial*"), *home.glob("alerts.tmp")])


def published_fault(warehouse: Path, lake: Lake) -> str | None:
    """What is wrong with the published file: it cannot be read, was changed, or lacks deliveries; null if nothing is."""
    if not warehouse.is_file():
        return "no warehouse is published" if lake.commits else None
    state = published_state(warehouse)
    if state is None:
        return "the warehouse cannot be read, or is of another version"
    try:
        with open_published(warehouse) as connection:
            hashed = content_hash(connection)
    except OtherVersion as error:
        return str(error)
    except duckdb.Error as error:
        return f"the warehouse is damaged: {str(error).splitlines()[0]}"
    if hashed != state.content_hash:
        return "the content of the warehouse is not what was published: somebody changed it"
    return None if is_published_whole(lake, state) else "deliveries are in the lake that the warehouse does not have"

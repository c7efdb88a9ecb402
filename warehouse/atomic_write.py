"""Writes that survive a kill: a temporary name, fsync, rename, fsync of the folder.

`crash_point` marks the moments before and after each side effect. A test sets TIERWISE_CRASH_AT to the number of a
moment, and the process kills itself there; nothing else reads it.
"""

import errno
import os
import shutil
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import duckdb
import polars as pl

from schemas.errors import DiskFullError

_moments = count(1)
# A full disk, a used-up quota and a limit on file sizes, in the words the libraries pass on.
DISK_FULL = tuple(os.strerror(number) for number in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG))


def crash_point(name: str) -> None:
    """Die here by SIGKILL if this is the moment a test asked for; write the moment's name if it asked for a list."""
    crash_at, listing = os.environ.get("TIERWISE_CRASH_AT"), os.environ.get("TIERWISE_CRASH_LIST")
    if crash_at is None and listing is None:
        return
    number = next(_moments)
    if listing is not None:
        with open(listing, "a", encoding="utf-8") as file:
            file.write(f"{number} {name}\n")
    if crash_at is not None and number == int(crash_at):
        os.kill(os.getpid(), signal.SIGKILL)


def write_durably(target: Path, write: Callable[[Path], None]) -> None:
    """Let `write` fill a temporary file, then make it appear at `target` whole or not at all."""
    partial = target.with_name(f".{target.name}.partial")
    crash_point(f"write {target.name}")
    try:
        write(partial)
        commit_file(partial, target)
    finally:
        partial.unlink(missing_ok=True)


def write_text_durably(target: Path, text: str) -> None:
    """The same for a text."""
    write_durably(target, lambda partial: _write_text(partial, text))


def _write_text(target: Path, text: str) -> None:
    target.write_text(text, encoding="utf-8")


def commit_file(partial: Path, target: Path) -> None:
    """Flush a finished temporary file to the disk and rename it to its name."""
    crash_point(f"fsync {target.name}")
    sync(partial)
    crash_point(f"rename {target.name}")
    os.replace(partial, target)
    crash_point(f"renamed {target.name}")
    sync(target.parent)
    crash_point(f"committed {target.name}")


@contextmanager
def full_disk_explained(folder: Path) -> Iterator[None]:
    """Turn what Python, Polars or DuckDB say of a full disk into one error with a remedy."""
    try:
        yield
    except (OSError, pl.exceptions.PolarsError, duckdb.Error) as error:
        if not any(words in str(error) for words in DISK_FULL):
            raise
        raise DiskFullError(
            f"{folder}: the disk is full ({free_bytes(folder):,} bytes free); nothing of this run is published",
            fix="free some space, or choose another --home, and run again: what was published before is untouched",
        ) from error


def demand_space(folder: Path, needed: int) -> None:
    """Refuse to begin what the folder's disk cannot hold."""
    free = free_bytes(folder)
    if needed > free:
        raise DiskFullError(
            f"{folder}: this run may need {needed:,} bytes of disk, and {free:,} are free",
            fix="free some space, or choose another --home; nothing was touched",
        )


def free_bytes(folder: Path) -> int:
    """Free space on the folder's disk, for this account."""
    facts = os.statvfs(folder)
    return facts.f_bavail * facts.f_frsize


def sync(path: Path) -> None:
    """Flush a file or folder to the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sweep(folder: Path) -> None:
    """Remove what a killed run left half-written. Only the holder of the run lock may call this."""
    for partial in [*folder.rglob(".*.partial*")]:
        if partial.is_dir():
            shutil.rmtree(partial)
        else:
            partial.unlink(missing_ok=True)

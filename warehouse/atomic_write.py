"""Writes that survive a kill: a temporary name, fsync, rename, fsync of the folder.

`crash_point` marks the moments before and after each side effect. A test sets TIERWISE_CRASH_AT to the number of a
moment, and the process kills itself there; nothing else reads it.
"""

import errno
import os
import resource
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
# The home is one account's: it holds whom somebody pays, and the key of pseudonyms.
PRIVATE = 0o077
# What stops writing, in the words that the libraries pass on of it.
LIMITS = {os.strerror(number): number for number in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)}


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


def write_rows_durably(target: Path, rows: pl.DataFrame, said: dict[str, str] | None = None) -> None:
    """The same for rows of the lake, and what the file says beside them.

    Light compression: the lake is written once and read by every run, and zstd costs more than the disk does.
    """
    write_durably(
        target, lambda partial: rows.write_parquet(partial, compression="lz4", statistics=False, metadata=said)
    )


def _write_text(target: Path, text: str) -> None:
    target.write_text(text, encoding="utf-8")


def commit_file(partial: Path, target: Path) -> None:
    """Flush a finished temporary file to the disk and rename it to its name."""
    crash_point(f"fsync {target.name}")
    partial.chmod(0o666 & ~PRIVATE)  # whatever wrote it, and on whatever worker
    sync(partial)
    crash_point(f"rename {target.name}")
    os.replace(partial, target)
    crash_point(f"renamed {target.name}")
    sync(target.parent)
    crash_point(f"committed {target.name}")


@contextmanager
def full_disk_explained(folder: Path) -> Iterator[None]:
    """Turn what Python, Polars or DuckDB say of a limit to writing into one error that says which, with a remedy."""
    try:
        yield
    except (OSError, pl.exceptions.PolarsError, duckdb.Error) as error:
        limit = limit_reached(error)
        if limit is None:
            raise
        said, fix = _explained(limit, folder)
        raise DiskFullError(
            f"{folder}: {said}; nothing of this run is published",
            fix=f"{fix}, and run again: what was published before is untouched",
        ) from error


def limit_reached(error: BaseException) -> int | None:
    """The number of the limit that an error tells of: a full disk, a quota, the size of files; null for other errors."""
    return next((number for words, number in LIMITS.items() if words in str(error)), None)


def _explained(limit: int, folder: Path) -> tuple[str, str]:
    """A limit in words, and what helps."""
    if limit == errno.EFBIG:
        largest = resource.getrlimit(resource.RLIMIT_FSIZE)[0]
        bound = f" of {largest:,} bytes" if largest != resource.RLIM_INFINITY else ""
        return f"the limit on the size of a file{bound} is reached", "raise it (ulimit -f unlimited)"
    free = f"{free_bytes(folder):,} bytes are free"
    if limit == errno.EDQUOT:
        return f"the disk quota of this account is used up, though {free}", "have it raised, or choose another --home"
    return f"the disk is full ({free})", "free some space, or choose another --home"


def check_space(folder: Path, needed: int) -> None:
    """Raise DiskFullError where the disk cannot hold so many more bytes."""
    free = free_bytes(folder)
    if needed > free:
        raise DiskFullError(
            f"{folder}: this run may need {needed:,} bytes of disk, and {free:,} are free",
            fix="free some space, or choose another --home; nothing was touched",
        )


@contextmanager
def private() -> Iterator[None]:
    """What is made meanwhile, its owner alone may read."""
    before = os.umask(PRIVATE)
    try:
        yield
    finally:
        os.umask(before)


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
        remove(partial)


def remove(path: Path) -> None:
    """Remove a file, or a folder with all in it, if it is there."""
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)

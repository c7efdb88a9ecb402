"""Who is at work in a home folder: locks that the operating system lets go of when their process ends, however it ends."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import filelock

from schemas.errors import BusyError, UsageError


@contextmanager
def held(lock: Path, busy: str, fix: str) -> Iterator[None]:
    """Hold the lock, its folder made if need be. `BusyError` with these words where somebody else does."""
    try:
        lock.parent.mkdir(parents=True, exist_ok=True)
        holding = filelock.FileLock(lock)
        holding.acquire(timeout=0)
    except filelock.Timeout as error:
        raise BusyError(f"{lock.parent}: {busy}", fix=fix) from error
    except OSError as error:
        raise UsageError(
            f"{lock.parent}: {error.strerror}", fix="choose a home folder this account may write to"
        ) from error
    try:
        yield
    finally:
        holding.release()

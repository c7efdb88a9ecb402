"""Who is at work in a home folder: locks that the operating system lets go of when their process ends, however it ends."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import filelock

from schemas.errors import BusyError, UsageError
from warehouse.atomic_write import private

# The mode of lock files, which filelock sets whatever the umask is.
PRIVATE_FILE = 0o600


@contextmanager
def held(lock: Path, busy: str, fix: str) -> Iterator[None]:
    """Hold a lock, which the operating system lets go of when its process ends, however it ends.

    Its folder is made if need be. `BusyError` with these words where somebody else holds it.
    """
    try:
        with private():
            lock.parent.mkdir(parents=True, exist_ok=True)
        holding = filelock.FileLock(lock, mode=PRIVATE_FILE)
        holding.acquire(timeout=0)
    except filelock.Timeout as error:
        raise BusyError(f"{lock.parent}: {busy}", fix=fix) from error
    except OSError as error:
        raise UsageError(
            f"{lock.parent}: {error.strerror}", fix="choose a home folder this account may write to"
        ) from error
    try:
        with private():
            yield
    finally:
        holding.release()

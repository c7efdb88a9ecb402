"""One export file: what it is called, and its bytes, opened so that no link is followed and no pipe is waited for."""

import errno
import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from schemas.errors import FileRefused

CHUNK = 1 << 20
SMALL_FILE = 1 << 20


@dataclass(frozen=True)
class ExportFile:
    """One entry of the exports folder. `stamp` is what tells that it has not been touched since.

    `member`: its place in the ZIP archive at `path`, counted from 0, as two members may have one name. `sheet`: its place in
    the workbook there. `failure`: what finding out what it holds raised, so that it is not even opened.
    """

    name: str
    path: Path
    size: int
    stamp: str
    member: int | None = None
    failure: BaseException | None = None
    sheet: int | None = None


def size_and_stamp(path: Path) -> tuple[int, str]:
    """The size of a file, and what tells that it has not been touched since."""
    try:
        facts = path.lstat()
    except OSError:
        # Out of reach, or gone again: it is refused by name where it is opened.
        return 0, ""
    return facts.st_size, f"{facts.st_size}:{facts.st_mtime_ns}:{facts.st_ctime_ns}"


def read_small(file: ExportFile) -> bytes:
    """All bytes of a file, without the ceremony of a stream: a folder may hold forty thousand of them."""
    descriptor = descriptor_of(file)
    try:
        content = os.read(descriptor, file.size + 1)
        # One read is enough, unless the file has grown since it was listed.
        while len(content) > file.size and (more := os.read(descriptor, SMALL_FILE)):
            content += more
    except OSError as error:
        raise unreadable(file, error) from error
    finally:
        os.close(descriptor)
    return content


def open_regular(file: ExportFile) -> BinaryIO:
    """Open a regular file for reading, never following a link and never waiting on a pipe."""
    return os.fdopen(descriptor_of(file), "rb", buffering=CHUNK)


def descriptor_of(file: ExportFile) -> int:
    try:
        descriptor = os.open(file.path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise _not_a_file(file, "a link") from error
        raise unreadable(file, error) from error
    mode = os.fstat(descriptor).st_mode
    if not stat.S_ISREG(mode):
        os.close(descriptor)
        raise _not_a_file(file, "a folder" if stat.S_ISDIR(mode) else "a pipe" if stat.S_ISFIFO(mode) else "a device")
    return descriptor


def _not_a_file(file: ExportFile, kind: str) -> FileRefused:
    return FileRefused(
        "not_a_file", f"{file.name}: is {kind}, not a file", fix="deliver the file itself under this name"
    )


def unreadable(file: ExportFile, error: OSError) -> FileRefused:
    return FileRefused("unreadable", f"{file.name}: {error.strerror}", fix="deliver a plain file this account may read")

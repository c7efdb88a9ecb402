"""How much of one file is read: a file past one of these is quarantined, and the others are read as ever."""

import mmap
from dataclasses import dataclass
from pathlib import Path

from schemas.errors import FileRefused


@dataclass(frozen=True)
class Limits:
    """Bounds on one file. Each is a setting, named where it is exceeded."""

    line_bytes: int = 16 << 20
    columns: int = 2_000
    document_bytes: int = 512 << 20
    members: int = 100_000

    def are_others_than(self, refusal: str) -> bool:
        """Whether a file was refused for a limit that was another one then: it is worth another try."""
        now = (self.line_bytes, self.columns, self.document_bytes, self.members)
        return LIMIT in refusal and not any(refusal.endswith(f"{LIMIT}{limit:,}") for limit in now)


# How what is said of a file past a limit ends, the limit behind it.
LIMIT = "than the limit of "
# Unless settings say otherwise.
DEFAULT_LIMITS = Limits()


def check_columns(name: str, count: int, limits: Limits) -> None:
    """Every column costs time of its own, whether it is read or not."""
    if count > limits.columns:
        raise FileRefused(
            "too_many_columns",
            f"{name}: has {count:,} columns, more {LIMIT}{limits.columns:,}",
            fix="deliver the columns that are needed, or raise TIERWISE_COLUMNS_MAX",
        )


def too_many_members(name: str, limits: Limits) -> FileRefused:
    return FileRefused(
        "too_many_members",
        f"{name}: is an archive of more members {LIMIT}{limits.members:,}",
        fix="pack its files in several archives, or raise TIERWISE_MEMBERS_MAX",
    )


def check_lines(path: Path, name: str, limits: Limits) -> None:
    """`FileRefused` for a line longer than the limit, which readers would hold in memory many times over.

    From the beginning of a line the last line end within the limit is looked for, so that of nearly all lines nothing is read.
    """
    size = path.stat().st_size
    if size <= limits.line_bytes:
        return
    with path.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as text:
        if text[:4] == b"PAR1":  # Parquet has no lines
            return
        begins = 0
        while size - begins > limits.line_bytes:
            until = begins + limits.line_bytes + 1
            # CR alone ends lines too, in files whose lines do not end in LF: looked for only where there is no LF.
            end = text.rfind(b"\n", begins, until)
            end = end if end >= 0 else text.rfind(b"\r", begins, until)
            if end < 0:
                raise FileRefused(
                    "line_too_long",
                    f"{name}: at byte {begins + 1:,} begins a line of more bytes {LIMIT}{limits.line_bytes:,}",
                    fix="deliver one record a line, or raise TIERWISE_LINE_MAX",
                )
            begins = end + 1

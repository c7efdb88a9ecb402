"""What reading one file raises, whatever it is, stays with that file: it is quarantined, and the others are read."""

import traceback
from pathlib import Path

import polars as pl

from ingest.export_file import ExportFile
from schemas.errors import FileRefused, TierwiseError
from warehouse.atomic_write import full_disk_explained, limit_reached

# A panic of Polars is no `Exception`: nobody catches it who does not name it.
ANYTHING = (Exception, pl.exceptions.PanicException)
FAULT = "reading it ended in a fault of Tierwise"
HERE = Path(__file__).parents[1]


def check_blame(error: BaseException, home: Path) -> None:
    """Raise on what is no matter of the file that was read: a wrong setting, a full disk."""
    if isinstance(error, TierwiseError) and not isinstance(error, FileRefused):
        raise error
    if limit_reached(error):
        with full_disk_explained(home):
            raise error


def refusal_of(file: ExportFile, error: BaseException) -> FileRefused:
    """What to say of a file that could not be read. Never the words of the error: they may hold cells of the file."""
    if isinstance(error, FileRefused):
        return error
    if isinstance(error, MemoryError):
        return FileRefused(
            "out_of_memory", f"{file.name}: needs more memory than there is", fix="deliver it in several files"
        )
    if isinstance(error, OSError):
        why = error.strerror or type(error).__name__
        return FileRefused("unreadable", f"{file.name}: {why}", fix="deliver a plain file this account may read")
    return FileRefused(
        "fault",
        f"{file.name}: {FAULT} ({type(error).__name__}{_place(error)})",
        fix="report this as a fault of Tierwise, with the header of the file; the other files are read",
    )


def is_fault(file: str, note: str | None) -> bool:
    """Whether the note of a quarantined file tells of a fault of ours."""
    return bool(note) and str(note).startswith(f"{file}: {FAULT}")


def _place(error: BaseException) -> str:
    """The last line of our own code that was at work."""
    frames = [(Path(frame.filename), frame.lineno) for frame in traceback.extract_tb(error.__traceback__)]
    # An environment of libraries may lie within, in a folder whose name begins with a dot.
    ours = [
        (inside, line)
        for path, line in frames
        if path.is_relative_to(HERE) and not (inside := path.relative_to(HERE)).parts[0].startswith(".")
    ]
    return f" at {ours[-1][0]}, line {ours[-1][1]}" if ours else ""

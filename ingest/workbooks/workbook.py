"""A workbook as its bytes tell it: told from other files, looked through before it is read, and opened once for all its sheets."""

import logging
import os
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, BinaryIO

from ingest.export_file import ExportFile, descriptor_of, open_regular
from ingest.faults import ANYTHING
from ingest.workbooks import ods, packed, xls, xlsx
from ingest.workbooks.base import (
    SHEETS_MAX,
    UNPACKED_MAX,
    Sheet,
    damaged,
    encrypted,
    reach_too_far,
    refuse_too_far,
    refuse_too_large,
)
from schemas.errors import FileRefused

if TYPE_CHECKING:
    import fastexcel

SUFFIXES = (".xlsx", ".xlsm", ".xls", ".ods")
PACKED = b"PK\x03\x04"


@dataclass
class Workbook:
    """A workbook whose sheets were looked through. One sheet is read at a time: the reader is no good for two threads."""

    name: str
    kind: str
    sheets: list[Sheet]
    reader: "fastexcel.ExcelReader"
    lock: Lock


def kind_of(stream: BinaryIO) -> str | None:
    """`xlsx`, `ods`, `xls` or `xlsb`, whatever the file is called; null where it is no workbook."""
    head = stream.read(len(xls.MAGIC))
    if head == xls.MAGIC:
        return "xls"
    parts = packed.open_parts(stream) if head.startswith(PACKED) else None
    return packed.kind_of(parts) if parts else None


def sheet_names(file: ExportFile) -> list[str] | None:
    """The names of the sheets of a workbook; null for other files, and where they cannot be told: then reading it says why."""
    try:
        if not _begins_like_one(file):
            return None
        with open_regular(file) as stream:
            kind = kind_of(stream)
            if kind in ("xlsx", "ods"):
                return _names_of_parts(file.name, kind, zipfile.ZipFile(stream))
        return [sheet.name for sheet in workbook_of(file).sheets] if kind == "xls" else None
    except ANYTHING:  # whatever it is, it is said when the file is read
        return None


def _begins_like_one(file: ExportFile) -> bool:
    """Asked of every file of a folder, which may be forty thousand: without the ceremony of a stream."""
    descriptor = descriptor_of(file)
    try:
        return os.read(descriptor, len(xls.MAGIC)).startswith((PACKED, xls.MAGIC))
    finally:
        os.close(descriptor)


def _names_of_parts(name: str, kind: str, parts: zipfile.ZipFile) -> list[str] | None:
    if packed.is_too_large(parts) or (kind == "ods" and packed.is_ods_encrypted(name, parts)):
        return None
    sheets = xlsx.sheets_of(name, parts) if kind == "xlsx" else ods.sheets_of(name, parts)
    return [sheet.name for sheet in sheets] if 0 < len(sheets) <= SHEETS_MAX else None


def refuse_workbook(file: ExportFile, head: bytes) -> None:
    """`FileRefused` for a workbook that has not been told by its sheets, as it is damaged, encrypted or too large."""
    is_named_so = file.path.suffix.lower() in SUFFIXES
    if head.startswith(xls.MAGIC) or (head.startswith(PACKED) and (is_named_so or _is_workbook(file))):
        _workbook(file.path, file.stamp, file.name)
        raise FileRefused("changed_while_read", f"{file.name}: has become a workbook", fix="run again")


def _is_workbook(file: ExportFile) -> bool:
    with open_regular(file) as stream:
        return kind_of(stream) is not None


def forget_workbooks() -> None:
    """Have workbooks opened anew."""
    _workbook.cache_clear()


def workbook_of(file: ExportFile) -> Workbook:
    """The workbook at this path. `FileRefused` where it is none that can be read."""
    return _workbook(file.path, file.stamp, file.name if file.sheet is None else file.name.rpartition("/")[0])


@lru_cache(maxsize=2)
def _workbook(path: Path, stamp: str, name: str) -> Workbook:
    """Kept open: the texts of all sheets are read with the first."""
    with open_regular(ExportFile(name, path, 0, stamp)) as stream:
        content = stream.read(UNPACKED_MAX + 1)
    if len(content) > UNPACKED_MAX:
        refuse_too_large(name, f"has more than {UNPACKED_MAX >> 20:,} MiB, which is the limit")
    kind = kind_of(BytesIO(content))
    sheets = _looked_through(name, kind, content)
    if len(sheets) > SHEETS_MAX:
        refuse_too_large(name, f"has {len(sheets):,} sheets, and {SHEETS_MAX:,} are the limit")
    if kind != "xlsx" and reach_too_far(sheets):
        refuse_too_far(name)
    reader = opened(name, content)
    if len(reader.sheet_names) != len(sheets):
        raise damaged(name, "its list of sheets does not fit them")
    for sheet, title in zip(sheets, reader.sheet_names, strict=True):
        sheet.name = title
    return Workbook(name, str(kind), sheets, reader, Lock())


def _looked_through(name: str, kind: str | None, content: bytes) -> list[Sheet]:
    if kind == "xls":
        return xls.looked_through(name, content)
    parts = packed.open_parts(BytesIO(content))
    if parts is None or kind is None:
        raise damaged(name, "no list of its parts is found")
    if kind == "xlsb":
        raise FileRefused(
            "unknown_format", f"{name}: is a binary workbook (.xlsb), which is not read", fix="save it as .xlsx"
        )
    packed.verify(name, parts)
    if kind == "ods" and packed.is_ods_encrypted(name, parts):
        raise encrypted(name)
    return xlsx.looked_through(name, parts) if kind == "xlsx" else ods.looked_through(name, parts)


def opened(name: str, content: bytes) -> "fastexcel.ExcelReader":
    import fastexcel  # where there is a workbook: it takes a twentieth of a second

    for speaks in ("calamine", "fastexcel"):  # of odd parts, in words that may be those of the file
        logging.getLogger(speaks).setLevel(logging.CRITICAL)
    with refusals(name):
        return fastexcel.read_excel(content)


@contextmanager
def refusals(name: str) -> Iterator[None]:
    """What the reader of cells raises, as a refusal of the workbook. A panic of it is no `Exception`, and has no name."""
    import fastexcel

    try:
        yield
    except fastexcel.FastExcelError as error:
        raise (encrypted(name) if "Password" in str(error) else damaged(name, type(error).__name__)) from error
    except BaseException as error:
        if type(error).__name__ == "PanicException":
            raise damaged(name, "its reader gave up") from error
        raise

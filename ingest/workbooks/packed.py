"""The parts of a workbook that is a ZIP archive, as .xlsx, .xlsm and .ods are, verified before anybody unpacks them."""

import lzma
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from typing import BinaryIO
from xml.parsers import expat

from ingest.export_file import CHUNK
from ingest.workbooks.base import UNPACKED_MAX, damaged, encrypted, refuse_too_large

XLSX, ODS, XLSB = "xl/workbook.xml", "content.xml", "xl/workbook.bin"
ODS_KIND = b"application/vnd.oasis.opendocument.spreadsheet"
MANIFEST = "META-INF/manifest.xml"
# Beside what is damaged: `RuntimeError` is a part under a password, or packed in a way that is not known.
DAMAGE = (
    EOFError, zipfile.BadZipFile, zlib.error, lzma.LZMAError, OverflowError, ValueError, KeyError, RuntimeError, OSError,
)  # fmt: skip
Attributes = dict[str, str]


def open_parts(stream: BinaryIO) -> zipfile.ZipFile | None:
    """The archive; null where the bytes are none."""
    try:
        return zipfile.ZipFile(stream)
    except DAMAGE:
        return None


def kind_of(parts: zipfile.ZipFile) -> str | None:
    """`xlsx`, `ods` or `xlsb`; null where the archive is no workbook."""
    names = set(parts.namelist())
    if XLSX in names:
        return "xlsx"
    if XLSB in names:
        return "xlsb"
    if "mimetype" not in names or ODS not in names:
        return None
    try:
        with parts.open("mimetype") as stream:
            return "ods" if stream.read(len(ODS_KIND)) == ODS_KIND else None
    except DAMAGE:
        return None


def is_too_large(parts: zipfile.ZipFile) -> bool:
    """Whether the parts unpack to more than is read, by what the directory says."""
    return sum(member.file_size for member in parts.infolist()) > UNPACKED_MAX


def verify(name: str, parts: zipfile.ZipFile) -> None:
    """`FileRefused` where a part is damaged, encrypted, there twice, or unpacks to other than it says.

    Python stops at the size that the directory tells, and checks the checksum there: after this the sizes are true.
    """
    members = parts.infolist()
    if is_too_large(parts):
        refuse_too_large(name, f"unpacks to more than {UNPACKED_MAX >> 20:,} MiB, which is the limit")
    if any(member.flag_bits & 0x1 for member in members):
        raise encrypted(name)
    if len({member.filename.lower().replace("\\", "/") for member in members}) < len(members):
        raise damaged(name, "a part of it is there twice")
    for member in members:
        for _ in chunks_of(name, parts, member.filename):
            pass


def chunks_of(name: str, parts: zipfile.ZipFile, part: str) -> Iterator[bytes]:
    """The bytes of one part, its checksum verified at its end."""
    try:
        with parts.open(part) as stream:
            while chunk := stream.read(CHUNK):
                yield chunk
    except DAMAGE as error:
        raise damaged(name, f"{part}: {type(error).__name__}") from error


def walk(
    name: str,
    parts: zipfile.ZipFile,
    part: str,
    begin: Callable[[str, Attributes], None],
    end: Callable[[str], None] = lambda tag: None,
    text: Callable[[str], None] | None = None,
) -> None:
    """Each element of an XML part. `FileRefused` where it is none."""
    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler = begin, end
    if text:
        parser.buffer_text, parser.CharacterDataHandler = True, text
    try:
        for chunk in chunks_of(name, parts, part):
            parser.Parse(chunk, False)
        parser.Parse(b"", True)
    except (expat.ExpatError, LookupError, ValueError) as error:  # or its encoding is none, or a number in it
        raise damaged(name, f"{part}: {error}") from error


def is_ods_encrypted(name: str, parts: zipfile.ZipFile) -> bool:
    """Whether the parts of an OpenDocument file are packed under a password, as its list of parts says."""
    if MANIFEST not in parts.namelist():
        return False
    return any(re.search(rb"<manifest:encryption-data", chunk) for chunk in chunks_of(name, parts, MANIFEST))

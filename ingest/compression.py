"""The bytes inside packed files and archives, checksums verified to the last one; never written under their own names."""

import gzip
import io
import lzma
import os
import stat
import struct
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import zstandard

from ingest.export_file import CHUNK, ExportFile, descriptor_of, open_regular
from schemas.errors import FileRefused

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

BITE = 1 << 12
END_BYTES = (1 << 16) + 98  # what stands behind the directory of an archive, with a comment of any length


def members_of(file: ExportFile, most: int) -> list[zipfile.ZipInfo] | None:
    """What a ZIP archive holds; null where it cannot be told, which is said when it is read.

    `OverflowError` for more members than `most`: they are counted before anything is made of them.
    """
    try:
        with open_regular(file) as stream:
            if _has_more_members(stream, most):
                raise OverflowError
            with zipfile.ZipFile(stream) as archive:
                members = archive.infolist()
    except (FileRefused, zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return None
    if len(members) > most:
        raise OverflowError
    return members


def _has_more_members(stream: BinaryIO, most: int) -> bool:
    """Whether the directory of an archive has more entries, by their marks: what it says of their number may be a lie."""
    size = stream.seek(0, os.SEEK_END)
    begins = stream.seek(max(0, size - END_BYTES))
    tail = stream.read()
    end = tail.rfind(b"PK\5\6")
    if not 0 <= end <= len(tail) - 22:
        return False  # no archive
    (directory,) = struct.unpack_from("<L", tail, end + 12)
    end_of_directory = begins + end
    if tail[max(0, end - 20) : end].startswith(b"PK\6\7") and end >= 76:  # of a large archive: told in eight bytes
        (directory,) = struct.unpack_from("<Q", tail, end - 36)
        end_of_directory -= 76
    stream.seek(max(0, end_of_directory - directory))
    count = 0
    while directory > 0 and count <= most and (chunk := stream.read(min(CHUNK, directory))):
        directory -= len(chunk)
        count += chunk.count(b"PK\1\2")
    return count > most


def bytes_of(file: ExportFile) -> Iterator[bytes]:
    """The bytes of a file as they lie there, of a member of an archive unpacked."""
    if file.member is not None:
        yield from unzipped(file, file.member)
        return
    with open_regular(file) as stream:
        while chunk := stream.read(CHUNK):
            yield chunk


class _Member(io.RawIOBase):
    """The bytes of a member of an archive as a stream."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks, self._rest = chunks, b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int:
        self._rest = self._rest or next(self._chunks, b"")
        view = memoryview(buffer)
        given, self._rest = self._rest[: len(view)], self._rest[len(view) :]
        view[: len(given)] = given
        return len(given)


def _stream_of(file: ExportFile) -> BinaryIO:
    return open_regular(file) if file.member is None else io.BufferedReader(_Member(bytes_of(file)), CHUNK)


def gunzipped(file: ExportFile) -> Iterator[bytes]:
    try:
        with _stream_of(file) as stream, gzip.open(stream) as unpacked:
            while chunk := unpacked.read(CHUNK):
                yield chunk
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise _cut(file, "gzip", error) from error


def unzstd(file: ExportFile) -> Iterator[bytes]:
    try:
        frame = zstandard.ZstdDecompressor().decompressobj()
        # In small bites: each may unpack to thirty thousand times its size before anybody can count.
        bites = (chunk[start : start + BITE] for chunk in bytes_of(file) for start in range(0, len(chunk), BITE))
        for bite in bites:
            rest = bite
            while rest:
                if frame.eof:
                    frame = zstandard.ZstdDecompressor().decompressobj()
                yield frame.decompress(rest)
                rest = frame.unused_data if frame.eof else b""
        if not frame.eof:
            raise EOFError("the last frame does not end")
    except (EOFError, zstandard.ZstdError) as error:
        raise _cut(file, "zstd", error) from error


def unxz(file: ExportFile) -> Iterator[bytes]:
    try:
        with _stream_of(file) as stream, lzma.open(stream) as unpacked:
            while chunk := unpacked.read(CHUNK):
                yield chunk
    except (EOFError, lzma.LZMAError) as error:
        raise _cut(file, "xz", error) from error


# How packed files are unpacked, by the bytes that they begin with.
UNPACKERS: dict[bytes, Callable[[ExportFile], Iterator[bytes]]] = {
    b"\x1f\x8b": gunzipped,
    b"\x28\xb5\x2f\xfd": unzstd,
    b"\xfd7zX": unxz,
}


def unzipped(file: ExportFile, number: int) -> Iterator[bytes]:
    """One member, its checksum verified at its end. It is never written under its own name."""
    try:
        os.close(descriptor_of(file))  # refuses what is no plain file
        archive, twice = _archive(file.path, file.stamp)
        member = archive.infolist()[number]
        _check_member(file, member, twice)
        with archive.open(member) as unpacked:
            while chunk := unpacked.read(CHUNK):
                yield chunk
    except (EOFError, zipfile.BadZipFile, zlib.error, lzma.LZMAError, IndexError, OverflowError, ValueError) as error:
        raise _cut(file, "ZIP", error) from error
    except NotImplementedError as error:
        raise FileRefused(
            "unknown_packing",
            f"{file.name}: is packed in a way that is not read ({error})",
            fix="pack the archive anew",
        ) from error


@lru_cache(maxsize=2)
def _archive(path: Path, _stamp: str) -> tuple[zipfile.ZipFile, frozenset[str]]:
    """An archive, and the names that stand in it twice: kept open, as its list of members is long and read for each."""
    archive = zipfile.ZipFile(path)
    return archive, frozenset(name for name, count in Counter(archive.namelist()).items() if count > 1)


def _check_member(file: ExportFile, member: zipfile.ZipInfo, twice: Collection[str]) -> None:
    """Members that are no plain file at a place inside the archive are somebody's trick or mistake."""
    parts = member.filename.replace("\\", "/").split("/")
    wrong = (
        "is encrypted" if member.flag_bits & 0x1
        else "is a link" if stat.S_ISLNK(member.external_attr >> 16)
        else "has no name" if not member.filename
        else "has a name that leads out of the archive" if ".." in parts or parts[0] == "" or ":" in parts[0]
        else "stands in the archive twice" if member.filename in twice
        else None
    )  # fmt: skip
    if wrong:
        raise FileRefused("odd_member", f"{file.name}: {wrong}", fix="pack the files themselves, without a password")


def no_archive(file: ExportFile) -> FileRefused:
    return FileRefused(
        "damaged_archive",
        f"{file.name}: the ZIP archive is damaged or cut off",
        fix="deliver it again, or its files themselves",
    )


def _cut(file: ExportFile, kind: str, error: Exception) -> FileRefused:
    return FileRefused(
        "damaged_archive", f"{file.name}: {kind} data is damaged or cut off ({error})", fix="deliver the file again"
    )

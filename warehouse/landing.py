"""The exports folder: which files it holds, what each one is, and its bytes as plain UTF-8.

Nothing here writes to the exports folder. What must be decompressed or transcoded first is spooled to a scratch folder.
"""

import codecs
import gzip
import hashlib
import os
import stat
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import zstandard

from schemas.errors import FileRefused, UsageError

CHUNK = 1 << 20
IGNORED_SUFFIXES = (".part", ".tmp", ".crdownload", "~")
SOURCES_FILE = "sources.toml"
# A small file that unpacks to more than this, a thousandfold, is a bomb and not an export.
BOMB_BYTES, BOMB_RATIO = 1 << 30, 1000


@dataclass(frozen=True)
class ExportFile:
    """One entry of the exports folder. `stamp` is what tells that it has not been touched since."""

    name: str
    path: Path
    size: int
    stamp: str


def list_exports(folder: Path) -> list[ExportFile]:
    """Every file below the folder, in name order; hidden, unfinished and configuration files left out."""
    if not folder.exists():
        raise UsageError(f"{folder}: there is no such folder", fix="give the folder that holds the export files")
    if not folder.is_dir():
        raise UsageError(f"{folder}: is a file, not a folder", fix="give the folder that holds the export files")
    found = []
    for path in _walk(folder):
        facts = path.lstat()
        stamp = f"{facts.st_size}:{facts.st_mtime_ns}:{facts.st_ctime_ns}"
        found.append(ExportFile(path.relative_to(folder).as_posix(), path, facts.st_size, stamp))
    return sorted(found, key=lambda file: file.name)


def _walk(folder: Path) -> Iterator[Path]:
    for entry in os.scandir(folder):
        if entry.name.startswith(".") or entry.name.endswith(IGNORED_SUFFIXES) or entry.name == SOURCES_FILE:
            continue
        if entry.is_dir(follow_symlinks=False) and not _looks_like_a_file(entry):
            yield from _walk(Path(entry.path))
        else:
            yield Path(entry.path)


def _looks_like_a_file(entry: os.DirEntry[str]) -> bool:
    """A folder called `likes.csv`: a mistake worth a line, whatever it holds."""
    return entry.name.lower().endswith((".csv", ".tsv", ".json", ".ndjson", ".jsonl", ".parquet", ".gz", ".zst"))


def fingerprint(file: ExportFile) -> str:
    """The sha256 of the file's bytes. Links, folders, devices and pipes are refused."""
    digest = hashlib.sha256()
    with open_regular(file) as stream:
        while chunk := stream.read(CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def open_regular(file: ExportFile) -> BinaryIO:
    """Open a regular file for reading, never following a link and never waiting on a pipe."""
    try:
        descriptor = os.open(file.path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError as error:
        raise FileRefused(
            "unreadable", f"{file.name}: {error.strerror}", fix="deliver a plain file this account may read"
        ) from error
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise FileRefused(
            "not_a_file", f"{file.name}: is not a regular file", fix="deliver the file itself, not a folder or device"
        )
    return os.fdopen(descriptor, "rb", buffering=CHUNK)


def plain_text(file: ExportFile, encoding: str, scratch: Path) -> Path:
    """The file as plain UTF-8 (or Parquet) bytes: itself, or a verified copy in the scratch folder.

    Checksums and lengths of compressed files are verified to the last byte before anything is parsed.
    """
    with open_regular(file) as stream:
        head = stream.read(4)
    spool = scratch / f"{hashlib.sha256(file.name.encode()).hexdigest()[:16]}.spool"
    if head[:2] == b"\x1f\x8b":
        chunks = _gunzip(file)
    elif head == b"\x28\xb5\x2f\xfd":
        chunks = _unzstd(file)
    elif _is_utf8(encoding) and head[:2] not in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        return file.path
    else:
        chunks = _raw(file)
    _spool(_guarded(file, chunks), encoding, spool, file)
    return spool


def _is_utf8(encoding: str) -> bool:
    return codecs.lookup(encoding).name in ("utf-8", "utf-8-sig", "ascii")


def _raw(file: ExportFile) -> Iterator[bytes]:
    with open_regular(file) as stream:
        while chunk := stream.read(CHUNK):
            yield chunk


def _gunzip(file: ExportFile) -> Iterator[bytes]:
    try:
        with open_regular(file) as stream, gzip.open(stream) as unpacked:
            while chunk := unpacked.read(CHUNK):
                yield chunk
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise _cut(file, "gzip", error) from error


def _unzstd(file: ExportFile) -> Iterator[bytes]:
    try:
        frame = zstandard.ZstdDecompressor().decompressobj()
        for chunk in _raw(file):
            rest = chunk
            while rest:
                if frame.eof:
                    frame = zstandard.ZstdDecompressor().decompressobj()
                yield frame.decompress(rest)
                rest = frame.unused_data if frame.eof else b""
        if not frame.eof:
            raise EOFError("the last frame does not end")
    except (EOFError, zstandard.ZstdError) as error:
        raise _cut(file, "zstd", error) from error


def _cut(file: ExportFile, kind: str, error: Exception) -> FileRefused:
    return FileRefused(
        "damaged_archive", f"{file.name}: {kind} data is damaged or cut off ({error})", fix="deliver the file again"
    )


def _guarded(file: ExportFile, chunks: Iterator[bytes]) -> Iterator[bytes]:
    total = 0
    for chunk in chunks:
        total += len(chunk)
        if total > BOMB_BYTES and total > BOMB_RATIO * file.size:
            raise FileRefused(
                "bomb",
                f"{file.name}: unpacks to more than {BOMB_RATIO} times its size",
                fix="deliver the file unpacked",
            )
        yield chunk


def _spool(chunks: Iterator[bytes], encoding: str, spool: Path, file: ExportFile) -> None:
    """Write the bytes as UTF-8; UTF-16 is known by its mark, anything else must be declared."""
    decoder: codecs.IncrementalDecoder | None = None
    try:
        with spool.open("wb") as out:
            for number, chunk in enumerate(chunks):
                if number == 0 and chunk[:4] != b"PAR1":
                    marked = chunk[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
                    name = "utf-16" if marked else encoding
                    decoder = None if _is_utf8(name) else codecs.getincrementaldecoder(name)("strict")
                out.write(chunk if decoder is None else decoder.decode(chunk).encode())
            if decoder is not None:
                out.write(decoder.decode(b"", final=True).encode())
    except UnicodeDecodeError as error:
        raise FileRefused(
            "encoding",
            f"{file.name}: is not {encoding} text ({error.reason})",
            fix="declare its encoding in sources.toml",
        ) from error

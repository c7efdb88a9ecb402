"""The exports folder: which files it holds, what each one is, and its bytes as plain UTF-8.

Nothing here writes to the exports folder. What must be decompressed or transcoded first is spooled to a scratch folder.
"""

import codecs
import errno
import gzip
import hashlib
import lzma
import os
import stat
import zipfile
import zlib
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO

import zstandard

from schemas.errors import FileRefused, UsageError

CHUNK = 1 << 20
IGNORED_SUFFIXES = (".part", ".tmp", ".crdownload", "~")
SOURCES_FILE = "sources.toml"
# A small file that unpacks to more than this, a thousandfold, is a bomb and not an export.
BOMB_BYTES, BOMB_RATIO = 1 << 30, 1000
MEMBERS_MAX = 100_000
SMALL_FILE = 1 << 20
BITE = 1 << 12
UTF16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
FOLDER_WANTED = "give the folder that holds the export files"


@dataclass(frozen=True)
class ExportFile:
    """One entry of the exports folder. `stamp` is what tells that it has not been touched since.

    `member`: its place in the ZIP archive at `path`, counted from 0, as two members may have one name.
    """

    name: str
    path: Path
    size: int
    stamp: str
    member: int | None = None


def list_exports(folder: Path) -> list[ExportFile]:
    """Every file below the folder, in name order; hidden, unfinished and configuration files left out."""
    try:
        entries = list(os.scandir(folder))
    except NotADirectoryError:
        raise UsageError(f"{folder}: is a file, not a folder", fix=FOLDER_WANTED) from None
    except FileNotFoundError:
        raise UsageError(f"{folder}: there is no such folder", fix=FOLDER_WANTED) from None
    except OSError as error:
        raise UsageError(f"{folder}: {error.strerror}", fix=FOLDER_WANTED) from error
    paths = _walk(entry for entry in entries if entry.name != SOURCES_FILE)
    return sorted((file for path in paths for file in _export_files(path, folder)), key=lambda file: file.name)


def _export_files(path: Path, folder: Path) -> Iterator[ExportFile]:
    """The file itself; of a ZIP archive its members, named as if it were a folder."""
    # A name that is not UTF-8 could be written into no ledger: its odd bytes are shown as \xe9.
    name = os.fsencode(os.fspath(path)[len(os.path.join(folder, "")) :]).decode("utf-8", "backslashreplace")
    size, stamp = size_and_stamp(path)
    whole = ExportFile(name, path, size, stamp)
    members = _members(whole) if path.suffix.lower() == ".zip" else None
    if members is None:
        yield whole
        return
    for number, member in enumerate(members):
        base = member.filename.rstrip("/").rsplit("/", 1)[-1]
        if not (member.is_dir() or base.startswith(".") or base.endswith(IGNORED_SUFFIXES)):
            yield ExportFile(f"{name}/{member.filename}", path, member.compress_size, stamp, number)


def _members(file: ExportFile) -> list[zipfile.ZipInfo] | None:
    """What a ZIP archive holds; null where it cannot be told, which is said when it is read."""
    try:
        with open_regular(file) as stream, zipfile.ZipFile(stream) as archive:
            members = archive.infolist()
    except (FileRefused, zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return None
    return members if len(members) <= MEMBERS_MAX else None


def size_and_stamp(path: Path) -> tuple[int, str]:
    """The size of a file, and what tells that it has not been touched since."""
    try:
        facts = path.lstat()
    except OSError:
        # Out of reach, or gone again: it is refused by name where it is opened.
        return 0, ""
    return facts.st_size, f"{facts.st_size}:{facts.st_mtime_ns}:{facts.st_ctime_ns}"


def _walk(entries: Iterable[os.DirEntry[str]]) -> Iterator[Path]:
    for entry in entries:
        if entry.name.startswith(".") or entry.name.endswith(IGNORED_SUFFIXES):
            continue
        if entry.is_dir(follow_symlinks=False) and not _looks_like_a_file(entry):
            try:
                below = list(os.scandir(entry))
            except OSError:
                # A folder that may not be read is refused like a file that may not.
                yield Path(entry.path)
            else:
                yield from _walk(below)
        else:
            yield Path(entry.path)


def _looks_like_a_file(entry: os.DirEntry[str]) -> bool:
    """A folder called `likes.csv`: a mistake worth a line, whatever it holds."""
    return entry.name.lower().endswith(
        (".csv", ".tsv", ".json", ".ndjson", ".jsonl", ".parquet", ".gz", ".zst", ".xz", ".zip")
    )


def fingerprint(file: ExportFile) -> str:
    """The sha256 of the file's bytes. Links, folders, devices and pipes are refused."""
    digest = hashlib.sha256()
    if file.member is None and file.size <= SMALL_FILE:
        return hashlib.sha256(read_small(file)).hexdigest()
    try:
        for chunk in _raw(file):
            digest.update(chunk)
    except OSError as error:
        raise _unreadable(file, error) from error
    return digest.hexdigest()


def read_small(file: ExportFile) -> bytes:
    """All bytes of a file, without the ceremony of a stream: a folder may hold forty thousand of them."""
    descriptor = _open(file)
    try:
        content = os.read(descriptor, file.size + 1)
        # One read is enough, unless the file has grown since it was listed.
        while len(content) > file.size and (more := os.read(descriptor, SMALL_FILE)):
            content += more
    except OSError as error:
        raise _unreadable(file, error) from error
    finally:
        os.close(descriptor)
    return content


def content_if_small(file: ExportFile) -> bytes | None:
    """All bytes of a file or member of an archive; null where it is large, whatever the archive says of its size."""
    if file.member is None:
        return read_small(file) if file.size <= SMALL_FILE else None
    content = b""
    for chunk in _raw(file):
        content += chunk
        if len(content) > SMALL_FILE:
            return None
    return content


def open_regular(file: ExportFile) -> BinaryIO:
    """Open a regular file for reading, never following a link and never waiting on a pipe."""
    return os.fdopen(_open(file), "rb", buffering=CHUNK)


def _open(file: ExportFile) -> int:
    try:
        descriptor = os.open(file.path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise _not_a_file(file, "a link") from error
        raise _unreadable(file, error) from error
    mode = os.fstat(descriptor).st_mode
    if not stat.S_ISREG(mode):
        os.close(descriptor)
        raise _not_a_file(file, "a folder" if stat.S_ISDIR(mode) else "a pipe" if stat.S_ISFIFO(mode) else "a device")
    return descriptor


def _not_a_file(file: ExportFile, kind: str) -> FileRefused:
    return FileRefused(
        "not_a_file", f"{file.name}: is {kind}, not a file", fix="deliver the file itself under this name"
    )


def _unreadable(file: ExportFile, error: OSError) -> FileRefused:
    return FileRefused("unreadable", f"{file.name}: {error.strerror}", fix="deliver a plain file this account may read")


def spool_of(file: ExportFile, scratch: Path) -> Path:
    """Where the plain text of a file lies that cannot be read as it is."""
    return scratch / f"{hashlib.sha256(file.name.encode()).hexdigest()[:16]}.spool"


def plain_text(file: ExportFile, encoding: str, scratch: Path) -> Path:
    """The file as plain UTF-8 (or Parquet) bytes: itself, or a verified copy in the scratch folder.

    Checksums and lengths of compressed files are verified to the last byte before anything is parsed.
    """
    if file.member is None:
        with open_regular(file) as stream:
            head = stream.read(4)
    else:
        head = b""  # what is packed inside an archive is not unpacked again
    spool = spool_of(file, scratch)
    if head[:2] == b"\x1f\x8b":
        chunks = _gunzip(file)
    elif head == b"\x28\xb5\x2f\xfd":
        chunks = _unzstd(file)
    elif head == b"\xfd7zX":
        chunks = _unxz(file)
    elif head == b"PK\x03\x04" and file.path.suffix.lower() == ".zip":
        raise _no_archive(file)
    elif file.member is not None:
        chunks = _raw(file)
    elif _is_utf8(encoding) and head[:2] not in UTF16_MARKS and _has_plain_path(file):
        return file.path
    else:
        chunks = _raw(file)
    _spool(_guarded(file, chunks), encoding, spool, file)
    return spool


def _has_plain_path(file: ExportFile) -> bool:
    """Whether the name is UTF-8: the readers of Polars cannot be given any other."""
    return not any("\ud800" <= character <= "\udfff" for character in os.fspath(file.path))


def _is_utf8(encoding: str) -> bool:
    return codecs.lookup(encoding).name in ("utf-8", "utf-8-sig", "ascii")


def _raw(file: ExportFile) -> Iterator[bytes]:
    if file.member is not None:
        yield from _unzipped(file, file.member)
        return
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
        # In small bites: each may unpack to thirty thousand times its size before anybody can count.
        bites = (chunk[start : start + BITE] for chunk in _raw(file) for start in range(0, len(chunk), BITE))
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


def _unxz(file: ExportFile) -> Iterator[bytes]:
    try:
        with open_regular(file) as stream, lzma.open(stream) as unpacked:
            while chunk := unpacked.read(CHUNK):
                yield chunk
    except (EOFError, lzma.LZMAError) as error:
        raise _cut(file, "xz", error) from error


def _unzipped(file: ExportFile, number: int) -> Iterator[bytes]:
    """One member, its checksum verified at its end. It is never written under its own name."""
    try:
        os.close(_open(file))  # refuses what is no plain file
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
        else "has a name that leads out of the archive" if ".." in parts or parts[0] == "" or ":" in parts[0]
        else "stands in the archive twice" if member.filename in twice
        else None
    )  # fmt: skip
    if wrong:
        raise FileRefused("odd_member", f"{file.name}: {wrong}", fix="pack the files themselves, without a password")


def _no_archive(file: ExportFile) -> FileRefused:
    return FileRefused(
        "damaged_archive",
        f"{file.name}: the ZIP archive is damaged or cut off, or has more than {MEMBERS_MAX:,} members",
        fix="deliver it again, or its files themselves",
    )


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
            for number, chunk in enumerate(filter(None, chunks)):
                if number == 0 and chunk[:4] != b"PAR1":
                    encoding = "utf-16" if chunk[:2] in UTF16_MARKS else encoding
                    decoder = None if _is_utf8(encoding) else codecs.getincrementaldecoder(encoding)("strict")
                out.write(chunk if decoder is None else decoder.decode(chunk).encode())
            if decoder is not None:
                out.write(decoder.decode(b"", final=True).encode())
    except UnicodeError as error:
        raise FileRefused(
            "encoding",
            f"{file.name}: is not {encoding} text ({getattr(error, 'reason', error)})",
            fix="deliver the file again, or correct its encoding in sources.toml",
        ) from error

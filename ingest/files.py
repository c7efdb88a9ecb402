"""The exports folder: which files it holds, what each one is, and its bytes as plain UTF-8.

Nothing here writes to the exports folder. What must be decompressed or transcoded first is spooled to a scratch folder.
"""

import codecs
import hashlib
import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import lru_cache
from pathlib import Path, PurePosixPath

from ingest.compression import UNPACKERS, bytes_of, members_of, no_archive
from ingest.export_file import SMALL_FILE, ExportFile, open_regular, read_small, size_and_stamp, unreadable
from ingest.faults import ANYTHING
from ingest.limits import DEFAULT_LIMITS, Limits, too_many_members
from ingest.workbooks.cells import write_cells
from ingest.workbooks.workbook import SUFFIXES, forget_workbooks, refuse_workbook, sheet_names, workbook_of
from schemas.errors import FileRefused, UsageError

# What downloads, transfers and editors call a file that they have not finished, and what desktops leave in every folder.
UNFINISHED = (".part", ".partial", ".filepart", ".tmp", ".crdownload", ".opdownload", ".download", ".swp", "~")
OF_THE_DESKTOP = ("thumbs.db", "desktop.ini", "icon\r")
SOURCES_FILE = "sources.toml"
# A small file that unpacks to more than this, a thousandfold, is a bomb and not an export.
BOMB_BYTES, BOMB_RATIO = 1 << 30, 1000
UTF16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
NAMELESS = "(no name)"
FOLDER_WANTED = "give the folder that holds the export files"


def list_exports(
    folder: Path,
    limits: Limits = DEFAULT_LIMITS,
    is_settled: Callable[[ExportFile], bool] = lambda file: False,
) -> list[ExportFile]:
    """Every file below the folder, in name order; hidden, unfinished and configuration files left out.

    `is_settled` says of a file that it need not be opened to tell whether it is a workbook.
    """
    # A file may have changed since with no sign of it: whoever verifies it wants its bytes of now.
    forget_workbooks()
    _digest.cache_clear()
    try:
        entries = list(os.scandir(folder))
    except NotADirectoryError:
        raise UsageError(f"{folder}: is a file, not a folder", fix=FOLDER_WANTED) from None
    except FileNotFoundError:
        raise UsageError(f"{folder}: there is no such folder", fix=FOLDER_WANTED) from None
    except OSError as error:
        raise UsageError(f"{folder}: {error.strerror}", fix=FOLDER_WANTED) from error
    paths = _walk(entry for entry in entries if entry.name != SOURCES_FILE)
    files = (
        file for path in sorted(paths, key=os.fsencode) for file in _export_files(path, folder, limits, is_settled)
    )
    return _with_own_names(sorted(files, key=lambda file: file.name))


def _export_files(
    path: Path, folder: Path, limits: Limits, is_settled: Callable[[ExportFile], bool]
) -> list[ExportFile]:
    """The file itself; of a ZIP archive its members, of a workbook its sheets, named as if it were a folder."""
    # A name that is not UTF-8 could be written into no ledger: its odd bytes are shown as \xe9.
    name = os.fsencode(path.relative_to(folder)).decode("utf-8", "backslashreplace")
    whole = ExportFile(name, path, *size_and_stamp(path))
    try:
        return list(_files_in(whole, limits, is_settled))
    except ANYTHING as error:
        return [replace(whole, failure=error)]  # the inventory says what is to blame


def _files_in(whole: ExportFile, limits: Limits, is_settled: Callable[[ExportFile], bool]) -> Iterator[ExportFile]:
    name, path, size, stamp = whole.name, whole.path, whole.size, whole.stamp
    if not is_settled(whole) and (sheets := sheet_names(whole)):
        share = size // len(sheets)
        yield from (ExportFile(f"{name}/{_as_part(s)}", path, share, stamp, sheet=n) for n, s in enumerate(sheets))
        return
    try:
        members = members_of(whole, limits.members) if path.suffix.lower() == ".zip" else None
    except OverflowError:
        raise too_many_members(name, limits) from None
    if members is None:
        yield whole
        return
    seen: set[str] = set()
    for number, member in enumerate(members):
        if member.filename in seen:
            continue  # a name that stands twice is refused at its first member, for all of them
        seen.add(member.filename)
        parts = [part for part in member.filename.split("/") if part not in (".", "..")]
        if not (member.filename.endswith("/") or any(map(_is_left_out, parts))):
            yield ExportFile(f"{name}/{member.filename or NAMELESS}", path, member.compress_size, stamp, number)


def _as_part(sheet: str) -> str:
    """The name of a sheet as one part of a path: no program lets a slash or a line end into it, but a file may have them."""
    plain = "".join(c if c.isprintable() and c != "/" else c.encode("unicode_escape").decode() for c in sheet)
    return plain.replace("/", "\\x2f").encode("utf-8", "backslashreplace").decode() or NAMELESS


def _with_own_names(files: list[ExportFile]) -> list[ExportFile]:
    """The same files, no two under one name: \xe9 is how an odd byte is shown, and a name may hold those four characters."""
    named: dict[str, ExportFile] = {}
    for file in files:
        name, number, shown = file.name, 1, PurePosixPath(file.name)
        while name in named:
            number += 1
            name = str(shown.with_name(f"{shown.stem} ({number}){shown.suffix}"))
        named[name] = file if name == file.name else replace(file, name=name)
    return list(named.values())


def _walk(entries: Iterable[os.DirEntry[str]]) -> Iterator[Path]:
    for entry in entries:
        if _is_left_out(entry.name):
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


def _is_left_out(name: str) -> bool:
    """Whether a file or folder is hidden, unfinished, the lock of an editor, or of no interest to anybody."""
    lower = name.lower()
    return lower.startswith((".", "~$")) or lower.endswith(UNFINISHED) or lower in OF_THE_DESKTOP


def _looks_like_a_file(entry: os.DirEntry[str]) -> bool:
    """A folder called `likes.csv`: a mistake worth a line, whatever it holds."""
    return entry.name.lower().endswith(
        (".csv", ".tsv", ".json", ".ndjson", ".jsonl", ".parquet", ".gz", ".zst", ".xz", ".zip", *SUFFIXES)
    )


def fingerprint(file: ExportFile) -> str:
    """The sha256 of the file's bytes, of a sheet that of its workbook and place. Links, folders, devices and pipes are refused."""
    if file.sheet is not None:
        return hashlib.sha256(f"{_digest(file.path, file.stamp)}:{file.sheet}".encode()).hexdigest()
    if file.member is None and file.size <= SMALL_FILE:
        return hashlib.sha256(read_small(file)).hexdigest()
    digest = hashlib.sha256()
    try:
        for chunk in bytes_of(file):
            digest.update(chunk)
    except OSError as error:
        raise unreadable(file, error) from error
    return digest.hexdigest()


@lru_cache(maxsize=1)
def _digest(path: Path, stamp: str) -> str:
    """The sha256 of a workbook, which all of its sheets share."""
    return fingerprint(ExportFile(path.name, path, SMALL_FILE + 1, stamp))


def content_if_small(file: ExportFile) -> bytes | None:
    """All bytes of a file or member of an archive, unpacked; null where they are many, whatever it says of its size."""
    if file.sheet is not None:
        return None
    if file.member is None:
        if file.size > SMALL_FILE:
            return None
        content = read_small(file)
        chunks = _unpacked(file, content[:8])
        if chunks is None:
            return content
    else:
        chunks = bytes_of(file)
    content = b""
    for chunk in chunks:
        content += chunk
        if len(content) > SMALL_FILE:
            return None
    return content


def spool_of(file: ExportFile, scratch: Path) -> Path:
    """Where the plain text of a file lies that cannot be read as it is."""
    return scratch / f"{hashlib.sha256(file.name.encode()).hexdigest()[:16]}.spool"


def plain_text(file: ExportFile, encoding: str, scratch: Path) -> Path:
    """The file as plain UTF-8 (or Parquet) bytes: itself, or a verified copy in the scratch folder.

    Checksums and lengths of compressed files are verified to the last byte before anything is parsed. A sheet is the rows
    of its cells as Parquet, see `ingest.workbooks.cells`.
    """
    if file.sheet is not None:
        write_cells(workbook_of(file), file.sheet, spool_of(file, scratch))
        return spool_of(file, scratch)
    if file.member is None:
        with open_regular(file) as stream:
            head = stream.read(8)
    else:
        head = next(bytes_of(file), b"")[:8]
        if not head.startswith(tuple(UNPACKERS)):  # archives and workbooks inside of an archive are not taken apart
            head = b""
    spool = spool_of(file, scratch)
    chunks = _unpacked(file, head)
    if chunks is None:
        if file.member is None and _is_utf8(encoding) and head[:2] not in UTF16_MARKS and _has_plain_path(file):
            return file.path
        chunks = bytes_of(file)
    _spool(_guarded(file, chunks), encoding, spool, file)
    return spool


def _unpacked(file: ExportFile, head: bytes) -> Iterator[bytes] | None:
    """What is inside a packed file, told by its first bytes; null where it is not packed."""
    for mark, unpacked in UNPACKERS.items():
        if head.startswith(mark):
            return unpacked(file)
    if head[:4] == b"PK\x03\x04" and file.path.suffix.lower() == ".zip":
        raise no_archive(file)
    refuse_workbook(file, head)
    return None


def _has_plain_path(file: ExportFile) -> bool:
    """Whether the name is UTF-8: the readers of Polars cannot be given any other."""
    return not any("\ud800" <= character <= "\udfff" for character in os.fspath(file.path))


def _is_utf8(encoding: str) -> bool:
    return codecs.lookup(encoding).name in ("utf-8", "utf-8-sig", "ascii")


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

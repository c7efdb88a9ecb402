"""The sheets of an old Excel workbook (.xls): how far they reach, and their errors.

The file is a little disk of sectors with a table of which follows which (Compound File Binary); one stream on it is a
row of records (BIFF), each with its kind and length.
"""

import struct
from collections.abc import Iterator

from ingest.workbooks.base import Sheet, damaged, encrypted

MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
LAST = 0xFFFFFFFA  # from here on numbers of sectors have a meaning of their own
ENTRY, STREAM, ROOT = 128, 2, 5
BOF, EOF, FILEPASS, BOUNDSHEET, MERGED = 0x0809, 0x0A, 0x2F, 0x85, 0xE5
# Records of cells that hold something, which begin with row and column: numbers, texts, errors, formulas.
CELLS = {0x0203, 0x0204, 0x00FD, 0x027E, 0x00BD, 0x0205, 0x0006, 0x00D6}
MANY, ERROR_OR_FLAG, FORMULA = 0x00BD, 0x0205, 0x0006
ERRORS = {0: "#NULL!", 7: "#DIV/0!", 15: "#VALUE!", 23: "#REF!", 29: "#NAME?", 36: "#NUM!", 42: "#N/A"}


def looked_through(name: str, content: bytes) -> list[Sheet]:
    """The sheets, without their names, which the reader of cells knows."""
    try:
        streams = _streams(content)
        if "EncryptedPackage" in streams or "EncryptionInfo" in streams:
            raise encrypted(name)
        book = streams.get("Workbook") or streams.get("Book")
        if book is None:
            raise damaged(name, "it has no stream of sheets")
        return _sheets(name, book)
    except (struct.error, IndexError, ValueError, UnicodeError) as error:
        raise damaged(name, "its sectors do not hang together") from error


class _Disk:
    """The sectors of the file, and which follows which."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self._shift, mini_shift = struct.unpack_from("<HH", content, 0x1E)
        if self._shift not in (9, 12) or mini_shift != 6:
            raise ValueError("sectors of an odd size")
        next_list, lists = struct.unpack_from("<II", content, 0x44)
        listed = list(struct.unpack_from("<109I", content, 0x4C))
        for _ in range(min(lists, len(content) >> self._shift)):
            *more, next_list = _numbers(self._sector(next_list))
            listed += more
        self._follows = _numbers(b"".join(self._sector(number) for number in listed if number < LAST))

    def _sector(self, number: int) -> bytes:
        return self._content[(number + 1) << self._shift : (number + 2) << self._shift]

    def stream(self, first: int) -> bytes:
        return b"".join(map(self._sector, _chain(first, self._follows)))


def _numbers(sector: bytes) -> tuple[int, ...]:
    return struct.unpack(f"<{len(sector) // 4}I", sector[: len(sector) // 4 * 4])


def _chain(first: int, follows: tuple[int, ...]) -> Iterator[int]:
    """The sectors of a stream in order; a chain that bites its own tail ends."""
    for _ in follows:
        if first >= LAST:
            return
        yield first
        first = follows[first]


def _streams(content: bytes) -> dict[str, bytes]:
    """The streams of the file by name; small ones lie in pieces of 64 bytes in a stream of their own."""
    disk = _Disk(content)
    (directory,) = struct.unpack_from("<I", content, 0x30)
    cutoff, small_table = struct.unpack_from("<II", content, 0x38)
    small_follows = _numbers(disk.stream(small_table))
    entries, small = disk.stream(directory), b""
    found: dict[str, bytes] = {}
    for start in range(0, len(entries) - ENTRY + 1, ENTRY):
        length, kind = struct.unpack_from("<HB", entries, start + 64)
        first, size = struct.unpack_from("<II", entries, start + 116)
        if kind == ROOT:
            small = disk.stream(first)
        elif kind == STREAM and size < cutoff:
            pieces = (small[number << 6 : (number + 1) << 6] for number in _chain(first, small_follows))
            found[_title(entries, start, length)] = _whole(b"".join(pieces), size)
        elif kind == STREAM:
            found[_title(entries, start, length)] = _whole(disk.stream(first), size)
    return found


def _whole(stream: bytes, size: int) -> bytes:
    if len(stream) < size:
        raise ValueError("cut off")
    return stream[:size]


def _title(entries: bytes, start: int, length: int) -> str:
    return entries[start : start + max(length - 2, 0)].decode("utf-16-le")


def _records(book: bytes, start: int) -> Iterator[tuple[int, bytes]]:
    while start + 4 <= len(book):
        kind, length = struct.unpack_from("<HH", book, start)
        yield kind, book[start + 4 : start + 4 + length]
        start += 4 + length


def _sheets(name: str, book: bytes) -> list[Sheet]:
    """Each sheet, from the place that the list of sheets gives."""
    found = []
    for kind, said in _records(book, 0):
        if kind == FILEPASS:
            raise encrypted(name)
        if kind == BOUNDSHEET:
            start, state = struct.unpack_from("<IB", said)
            sheet = Sheet("", state & 0x3 != 0)
            _look_through(sheet, book, start)
            found.append(sheet)
        if kind == EOF:
            break
    return found


def _look_through(sheet: Sheet, book: bytes, start: int) -> None:
    depth = 0
    for kind, said in _records(book, start):
        depth += (kind == BOF) - (kind == EOF)
        if kind == EOF and depth <= 0:
            return
        if depth > 1:  # a chart inside of the sheet
            continue
        if kind in CELLS:
            row, column = struct.unpack_from("<HH", said)
            sheet.reach(row, struct.unpack_from("<H", said, len(said) - 2)[0] if kind == MANY else column)
            if kind == ERROR_OR_FLAG and said[7]:
                sheet.note((row, column), ERRORS.get(said[6], "#ERROR!"))
            elif kind == FORMULA and said[6] == 2 and said[12:14] == b"\xff\xff":
                sheet.note((row, column), ERRORS.get(said[8], "#ERROR!"))
        elif kind == MERGED:
            for place in range(2, len(said) - 7, 8):
                sheet.merge(*struct.unpack_from("<HH", said, place))

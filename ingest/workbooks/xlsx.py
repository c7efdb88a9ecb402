"""The sheets of an Excel workbook (.xlsx, .xlsm): their names, how far they reach, their errors and empty formulas."""

import re
import zipfile
from collections.abc import Iterator

from ingest.workbooks.base import Sheet, damaged, reach_too_far
from ingest.workbooks.packed import XLSX, Attributes, chunks_of, walk

RELATIONS = "xl/_rels/workbook.xml.rels"
# Any attribute that may name a place: more than do, so that none is missed. What is too far is looked at with care.
LETTERS, DIGITS = re.compile(rb'r="([A-Za-z]+)[0-9]'), re.compile(rb'r="[A-Za-z]*([0-9]+)')
BLANKS, QUOTES = b" \t\r\n", bytes.maketrans(b"'", b'"')
ERROR = re.compile(rb"<c\b([^>]*\bt=\"e\"[^>]*)>(?:<f\b[^>]*(?:/>|>[^<]*</f>))?<v>([^<]*)</v>")
FORMULA = re.compile(rb"<c\b([^>]*)>\s*<f\b[^>]*(?:/>|>[^<]*</f>)\s*(?:<v\s*/>|<v>\s*(0?)\s*</v>)?\s*</c>")
PLACE = re.compile(rb"\br=\"([A-Z]{1,3})(\d{1,7})\"")
MERGED = re.compile(rb"<mergeCell\b[^>]*\bref=\"[A-Z]+(\d{1,7}):[A-Z]+(\d{1,7})\"")
TAG_MAX = 64


class Book:
    """What `workbook.xml` says: the sheets in order, each with the part that holds its cells."""

    def __init__(self, name: str, parts: zipfile.ZipFile) -> None:
        self.sheets: list[Sheet] = []
        self.parts: list[str | None] = []
        self.is_calculated = True
        self._targets: dict[str, str] = {}
        if RELATIONS in parts.namelist():
            walk(name, parts, RELATIONS, self._relation)
        walk(name, parts, XLSX, self._element)

    def _relation(self, tag: str, said: Attributes) -> None:
        if tag.endswith("Relationship"):
            self._targets[said.get("Id", "")] = said.get("Target", "")

    def _element(self, tag: str, said: Attributes) -> None:
        if _local(tag) == "sheet":
            target = self._targets.get(next((said[key] for key in said if _local(key) == "id"), ""))
            self.sheets.append(Sheet(said.get("name", ""), said.get("state", "visible") != "visible"))
            self.parts.append(
                target and (target[1:] if target[0] == "/" else target if target[:3] == "xl/" else f"xl/{target}")
            )
        elif _local(tag) == "calcPr":
            # Who writes so has calculated nothing: a formula without a value stands there as 0.
            self.is_calculated = said.get("fullCalcOnLoad") not in ("1", "true")


def sheets_of(name: str, parts: zipfile.ZipFile) -> list[Sheet]:
    """The sheets by what `workbook.xml` alone says."""
    return Book(name, parts).sheets


def looked_through(name: str, parts: zipfile.ZipFile) -> list[Sheet]:
    """The same with what their cells say."""
    book = Book(name, parts)
    for sheet, part in zip(book.sheets, book.parts, strict=True):
        if part is None or part not in parts.namelist():
            raise damaged(name, f"sheet {sheet.name!r} has no cells")
        for piece in _by_rows(chunks_of(name, parts, part)):
            if b"\0" in piece[:TAG_MAX]:
                raise damaged(name, f"sheet {sheet.name!r} is not written in UTF-8")
            _look_through(sheet, piece, is_calculated=book.is_calculated)
        if reach_too_far([sheet]):
            # By the attributes alone. Cells that hold nothing but a colour may lie as far away as they like.
            sheet.rows = sheet.columns = 0
            walk(name, parts, part, _Reach(sheet).begin)
    return book.sheets


def _look_through(sheet: Sheet, piece: bytes, *, is_calculated: bool) -> None:
    """Some rows of a sheet, or what stands before and behind them."""
    _reach(sheet, piece)
    for cell, value in ERROR.findall(piece) if b't="e"' in piece else ():
        _note(sheet, cell, value.decode(errors="replace"))
    for cell, value in FORMULA.findall(piece) if b"<f" in piece else ():
        if b't="str"' not in cell and (not value or not is_calculated):
            sheet.formulas_without_value += 1
            _note(sheet, cell, None)
    for first, last in MERGED.findall(piece):
        sheet.merge(int(first) - 1, int(last) - 1)


def _reach(sheet: Sheet, piece: bytes) -> None:
    """How far the cells of these rows may reach. Those that do not say their place follow the one before."""
    bare = piece.translate(QUOTES, BLANKS)
    letters, digits = LETTERS.findall(bare), set(DIGITS.findall(bare))
    columns = max(map(_column, set(letters)), default=0)
    if bare.count(b"<c") + bare.count(b":c") > len(letters):
        columns += max(row.count(b"<c") + row.count(b":c") for row in bare.split(b"<row"))
    sheet.columns = max(sheet.columns, columns)
    rows = sheet.rows + bare.count(b"<row") + bare.count(b":row")
    sheet.rows = max(rows, *(int(number[:9]) for number in digits), 0)


def _note(sheet: Sheet, cell: bytes, text: str | None) -> None:
    if place := PLACE.search(cell):
        sheet.note((int(place[2]) - 1, _column(place[1]) - 1), text)


def _by_rows(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """The text of a sheet in pieces that begin with a row."""
    left = b""
    for chunk in chunks:
        left += chunk
        cut = left.rfind(b"<row")
        if cut > 0:
            yield left[:cut]
            left = left[cut:]
    yield left


class _Reach:
    """How far the cells reach that hold something, element by element."""

    def __init__(self, sheet: Sheet) -> None:
        self._sheet, self._row, self._column = sheet, -1, -1

    def begin(self, tag: str, said: Attributes) -> None:
        kind = _local(tag)
        if kind == "row":
            self._row, self._column = int(said["r"]) - 1 if "r" in said else self._row + 1, -1
        elif kind == "c":
            place = re.fullmatch(r"([A-Za-z]+)(\d+)", said.get("r", ""))
            self._column = _column(place[1].encode()) - 1 if place else self._column + 1
            self._row = int(place[2]) - 1 if place else self._row
        elif kind in ("v", "f", "is"):
            self._sheet.reach(self._row, self._column)


def _column(letters: bytes) -> int:
    """The number of a column, counted from 1: A, Z, AA."""
    number = 0
    for letter in letters.upper()[:8]:
        number = number * 26 + max(letter - 64, 0)
    return number


def _local(tag: str) -> str:
    return tag.rpartition(":")[2]

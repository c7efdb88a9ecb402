"""The sheets of an OpenDocument spreadsheet (.ods): their names, how far their repeated cells reach, times and formulas."""

import html
import re
import zipfile

from ingest.workbooks.base import Place, Sheet
from ingest.workbooks.packed import ODS, Attributes, chunks_of, walk

NAME = re.compile(rb"<table:table\s[^>]*?\btable:name=(?:\"([^\"]*)\"|'([^']*)')")
DURATION = re.compile(r"PT(\d+)H(\d+)M(\d+(?:[.,]\d+)?)S")
VALUES = ("office:value", "office:date-value", "office:time-value", "office:boolean-value", "office:string-value")
CELLS = ("table:table-cell", "table:covered-table-cell")


def sheets_of(name: str, parts: zipfile.ZipFile) -> list[Sheet]:
    """The sheets by name, found without taking all of their cells apart."""
    found, left = [], b""
    for chunk in chunks_of(name, parts, ODS):
        left += chunk
        cut = left.rfind(b"<")
        found += [one or other for one, other in NAME.findall(left[:cut])]
        left = left[cut:]
    return [Sheet(html.unescape(sheet.decode(errors="replace"))) for sheet in found]


def looked_through(name: str, parts: zipfile.ZipFile) -> list[Sheet]:
    """The sheets with what their cells say."""
    walker = _Walker()
    walk(name, parts, ODS, walker.begin, walker.end)
    return walker.sheets


class _Walker:
    """Goes through the cells as the reader of cells does: one that says it is repeated stands there so often."""

    def __init__(self) -> None:
        self.sheets: list[Sheet] = []
        self._hidden_styles: set[str] = set()
        self._style = ""
        self._row = self._column = self._rows_repeated = 0
        self._place: tuple[Place, int] | None = None  # of the cell that is open, and how often it is repeated

    def begin(self, tag: str, said: Attributes) -> None:
        if tag == "style:style":
            self._style = said.get("style:name", "")
        elif tag == "style:table-properties" and said.get("table:display") == "false":
            self._hidden_styles.add(self._style)
        elif tag == "table:table":
            is_hidden = said.get("table:style-name") in self._hidden_styles
            self.sheets.append(Sheet(said.get("table:name", ""), is_hidden))
            self._row = self._column = 0
        elif tag == "table:table-row":
            self._column, self._rows_repeated = 0, _times(said, "table:number-rows-repeated")
        elif tag in CELLS and self.sheets:
            self._cell(said)
        elif tag == "text:p" and self._place:
            self._holds_something()

    def end(self, tag: str) -> None:
        if tag == "table:table-row":
            self._row += self._rows_repeated
        elif tag in CELLS:
            self._place = None

    def _cell(self, said: Attributes) -> None:
        sheet, place = self.sheets[-1], (self._row, self._column)
        repeated = _times(said, "table:number-columns-repeated")
        self._place = (place, repeated)
        if any(key in said for key in VALUES) or "table:formula" in said:
            self._holds_something()
        if duration := DURATION.fullmatch(said.get("office:time-value", "")):
            sheet.note(place, f"{int(duration[1])}:{duration[2]}:{duration[3].replace(',', '.')}")
        sheet.merge(self._row, self._row + _times(said, "table:number-rows-spanned") - 1)
        if "table:formula" in said and "office:value-type" not in said:
            sheet.formulas_without_value += 1
        self._column += repeated

    def _holds_something(self) -> None:
        assert self._place is not None
        (row, column), repeated = self._place
        self.sheets[-1].reach(row + self._rows_repeated - 1, column + repeated - 1)


def _times(said: Attributes, key: str) -> int:
    """How often; numbers of more digits than any sheet has rows are as good as none."""
    text = said.get(key, "1")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 12 else 1

"""The cells of CSV text, one record after the other, as Python's reader takes them apart."""

import csv
import re
from collections.abc import Iterable, Iterator
from typing import Literal, Protocol

# What the reader makes of a cell that a database writes for null.
NULL = "N"
# What Excel reads above a header, and never shows: the delimiter of the file.
SEPARATOR_LINE = re.compile(r'sep=([^"\r\n\0\x80-\uffff])[\r\n]*', re.IGNORECASE)


class Rows(Protocol):
    """A reader of records: each is the list of its cells, a blank line an empty one."""

    @property
    def line_num(self) -> int: ...

    def __iter__(self) -> Iterator[list[str]]: ...

    def __next__(self) -> list[str]: ...


def rows_of(lines: Iterable[str], delimiter: str, escape: str | None = None, quote: str = '"') -> Rows:
    """The records in these lines. Without a quote each line is a record, and quotes are part of its cells.

    An escape character means something before a quote, a delimiter, a line end and itself, and as `\\N` alone in a cell
    for null. Before anything else it is part of the text, such as in `C:\\temp`: programs differ, and nothing is lost.
    """
    quoting: Literal[0, 3] = csv.QUOTE_MINIMAL if quote else csv.QUOTE_NONE
    if escape is None:
        return csv.reader(lines, delimiter=delimiter, quoting=quoting, strict=True)
    return _Escaped(lines, delimiter, escape, quoting)


class _Escaped:
    def __init__(self, lines: Iterable[str], delimiter: str, escape: str, quoting: Literal[0, 3]) -> None:
        special = '"' + delimiter + escape + "\r\n"
        self._null = escape + NULL
        pair = re.compile(re.escape(escape) + "(.)", re.DOTALL)

        def kept(found: re.Match[str]) -> str:
            return found[0] if found[1] in special else escape + found[0]

        doubled = (pair.sub(kept, line) for line in lines)
        self._rows = csv.reader(doubled, delimiter=delimiter, escapechar=escape, quoting=quoting, strict=True)

    @property
    def line_num(self) -> int:
        return self._rows.line_num

    def __iter__(self) -> Iterator[list[str]]:
        return self

    def __next__(self) -> list[str]:
        return ["" if cell == self._null else cell for cell in next(self._rows)]

"""Tables and JSON for a terminal. Text from exports is data: never markup, never control codes."""

import json
import re

from rich.cells import cell_len
from rich.console import Console
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

out = Console(highlight=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, soft_wrap=True)
WIDEST = 2_000
# Columns of longer cells are left to Rich, which folds them.
CELL_WIDTH_MAX = 100
# A cell of a table may be of any length; of longer ones the beginning is shown. JSON has them whole.
CELL_CHARACTERS_MAX = 2_000
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def plain(text: object) -> Text:
    """Text from outside, without markup and control characters."""
    return Text(CONTROL.sub("\N{REPLACEMENT CHARACTER}", str(text)))


def json_text(document: object) -> str:
    """JSON on one line, in which no control character is left for a terminal to obey."""
    text = json.dumps(document, default=str, ensure_ascii=False)
    return CONTROL.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def show_table(title: str, columns: list[str], rows: list[tuple[object, ...]], *, on_stderr: bool = False) -> None:
    """As wide as it needs to be: cells folded to a narrow terminal could not be read at all."""
    shown = table(title, columns, rows)
    width = Measurement.get(out, out.options.update(width=WIDEST), shown).maximum
    Console(highlight=False, soft_wrap=True, width=width, stderr=on_stderr).print(shown)


def table(title: str, columns: list[str], rows: list[tuple[object, ...]]) -> Table:
    """Rows for reading: numbers right-aligned and grouped, null as a dash."""
    shown = Table(title=title, title_justify="left", header_style="bold")
    cells = [[_cell(value) for value in row] for row in rows]
    for position, name in enumerate(columns):
        numeric = all(isinstance(row[position], int | float) or row[position] is None for row in rows)
        width = _width([plain(name).plain, *(row[position].plain for row in cells)])
        shown.add_column(plain(name), justify="right" if numeric else "left", overflow="fold", width=width)
    for row in cells:
        shown.add_row(*row)
    return shown


def _width(texts: list[str]) -> int | None:
    """What a column needs, which Rich would find out four times; null where it is more than lengths that say it."""
    widest = max(map(cell_len, texts))
    return widest if widest <= CELL_WIDTH_MAX and not any("\n" in text or "\t" in text for text in texts) else None


def _cell(value: object) -> Text:
    if value is None:
        return Text("-", style="dim")
    if isinstance(value, int) and not isinstance(value, bool):
        return Text(f"{value:,}")
    text = str(value)
    beyond = len(text) - CELL_CHARACTERS_MAX
    return plain(text if beyond <= 0 else f"{text[:CELL_CHARACTERS_MAX]}... and {beyond:,} characters more")

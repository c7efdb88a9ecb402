"""Tables and JSON for a terminal. Text from exports is data: never markup, never control codes."""

import json
import re
from collections.abc import Collection

from rich.cells import cell_len
from rich.console import Console
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

out = Console(highlight=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, soft_wrap=True)
WIDEST = 2_000
# Of what is folded to the terminal: between columns, and what is left to a column at least.
GAP, NARROWEST = 2, 10
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


def show_blocks(columns: list[str], rows: list[tuple[object, ...]], below: Collection[str]) -> None:
    """Rows as wide as the terminal, what is long below each of them under its own name; what is null is left out there."""
    above = [number for number, name in enumerate(columns) if name not in below]
    named = [columns[number] for number in above]
    cells = [[_cell(row[number]) for number in above] for row in rows]
    widths = [max(map(cell_len, (named[n], *(row[n].plain for row in cells)))) for n in range(len(above))]
    widest = widths.index(max(widths))
    widths[widest] = max(out.width - (sum(widths) - widths[widest]) - GAP * (len(widths) - 1), NARROWEST)
    _show_line(widths, [Text(name, style="bold") for name in named])
    for row, shown in zip(rows, cells, strict=True):
        _show_line(widths, shown)
        more = [(name, row[n]) for n, name in enumerate(columns) if name in below and row[n] is not None]
        label = max((len(name) for name, _ in more), default=0)
        for name, value in more:
            text = max(out.width - label - 2 * GAP, NARROWEST)
            _show_line([label + GAP, text], [Text(f"  {name}", style="dim"), _cell(value)])


def _show_line(widths: list[int], cells: list[Text]) -> None:
    """Cells beside each other, each folded to its width."""
    line = Table.grid(padding=(0, GAP, 0, 0))
    for width in widths:
        line.add_column(width=width, overflow="fold")
    line.add_row(*cells)
    out.print(line, soft_wrap=False)


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

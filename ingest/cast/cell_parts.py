"""Parts of a cell: the name beside a handle, the currency of a price, the ends of a range, labels run together."""

import polars as pl

from ingest.cast import grammars
from schemas.handles import ADDRESS, AT_WORD
from schemas.platforms import PLATFORMS
from schemas.sources import Part

UNKNOWN = "unknown"
# What may stand between two labels; mostly there is nothing.
BETWEEN = " \t\r\n,;|/"
# Around a handle beside a name, and between the two.
BESIDE = rf"{ADDRESS}|{AT_WORD}"
OPEN, CLOSE = r"(\[<{\x{ff08}", r")\]>}\x{ff09}"
SIGNS = ",;:|/-\u2013\u2014\u2022\u00b7\uff0c\uff1a\uff5c"
# Of which network a handle is, as in `IG: @name`.
NETWORK = rf"(?i)\b(?:{'|'.join(sign for signs in PLATFORMS.values() for sign in signs)})\s*[:\x{{ff1a}}]"
DASH = r"-\x{2013}\x{2014}"
LOW_AND_HIGH = rf"(?i)^\s*([^{DASH}]*[0-9][^{DASH}]*?)\s*(?:[{DASH}]|\bto\b)\s*([^{DASH}]*[0-9][^{DASH}]*)$"
MAGNITUDE = rf"(?i)[0-9]\s*(?:{'|'.join(grammars.WORD_SUFFIXES)})(?:$|[^a-z])"
CURRENCY_MEANT = (
    {f"{code}{dollar}": code for code in grammars.CURRENCY_CODES for dollar in ("", "$")}
    | grammars.CURRENCY_WORDS
    | grammars.CURRENCY_SIGNS
)


def part_of(text: pl.Expr, part: Part | int, by: str | None = None) -> pl.Expr:
    """The part of a cell that is meant; null where the cell has none."""
    match part:
        case int():
            piece = text.str.split(str(by)).list.get(part - 1, null_on_oob=True)
            return pl.when(piece.str.strip_chars() != "").then(piece)
        case "name":
            return _name_beside_handle(text)
        case "currency":
            return _currency(text)
        case "amount":
            return pl.when(~text.str.contains(LOW_AND_HIGH)).then(text)
        case _:
            return _end_of_range(text, 1 if part == "low" else 2)


def _name_beside_handle(text: pl.Expr) -> pl.Expr:
    """What is left of a cell without the handle or address in it, the brackets around that, and signs between the two."""
    accounts = text.str.count_matches(BESIDE)
    name = text.str.replace(NETWORK, "").str.replace(rf"[{OPEN}]?\s*(?:{BESIDE})\s*[{CLOSE}]?", " ")
    name = name.str.replace_all(r"\s+", " ")
    name = name.str.strip_chars(f" {SIGNS}")
    whole = rf"^[{OPEN}]([^{OPEN}{CLOSE}]*)[{CLOSE}]$"
    name = pl.coalesce(name.str.extract(whole), name)
    return pl.when((accounts == 1) & name.str.contains(r"\w") & ~text.str.contains(r"\w@")).then(name)


def _currency(text: pl.Expr) -> pl.Expr:
    """The ISO code of the sign, code or word beside a number; of several all, so that none is taken for the other."""
    bare = text.str.to_uppercase().str.replace_all("[0-9]", " ")
    marks = bare.str.extract_all(grammars.CURRENCY_MARK)
    codes = marks.list.eval(pl.element().str.replace_all(r"\s", "").replace(CURRENCY_MEANT))
    found = codes.list.unique(maintain_order=True).list.join("/")
    return pl.when(text.str.contains("[0-9]") & (found != "")).then(found)


def _end_of_range(text: pl.Expr, group: int) -> pl.Expr:
    """One end. Of `2-3k` it is not said what the 2 counts: the whole cell then, which is no number."""
    low, high = (text.str.extract(LOW_AND_HIGH, each) for each in (1, 2))
    is_open = high.str.contains(MAGNITUDE) & ~low.str.contains(MAGNITUDE)
    return pl.when(is_open).then(text).otherwise(low if group == 1 else high)


def split_by_labels(text: pl.Expr, labels: tuple[str, ...]) -> pl.Expr:
    """Labels run together as a list: `BooksMusic` is `Books; Music`. What they do not make up is `unknown: ...`."""
    return text.map_batches(lambda cells: _split_all(cells, labels), return_dtype=pl.String)


def _split_all(cells: pl.Series, labels: tuple[str, ...]) -> pl.Series:
    once = cells.drop_nulls().unique()
    read = {cell: _as_list(cell, labels) for cell in once}
    return cells.replace_strict(list(read), list(read.values()), default=None, return_dtype=pl.String)


def _as_list(cell: str, labels: tuple[str, ...]) -> str | None:
    if not cell.strip(BETWEEN):
        return None
    found = ways_to_split(cell.strip(BETWEEN), labels)
    return "; ".join(found[0]) if len(found) == 1 else f"{UNKNOWN}: {cell}"


def ways_to_split(cell: str, labels: tuple[str, ...]) -> list[tuple[str, ...]]:
    """Up to two ways to make up the cell of labels, from its end to its beginning: a second one is one too many."""
    ways: list[list[tuple[str, ...]]] = [[] for _ in cell] + [[()]]
    for start in range(len(cell) - 1, -1, -1):
        for label in dict.fromkeys(labels):
            if cell.startswith(label, start):
                rest = start + len(label)
                while rest < len(cell) and cell[rest] in BETWEEN:
                    rest += 1
                ways[start].extend((label, *way) for way in ways[rest])
        ways[start] = ways[start][:2]
    return ways[0]

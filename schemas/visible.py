"""Texts without what nobody sees of them: soft hyphens, zero widths, marks of direction and of byte order."""

import re
import unicodedata

import polars as pl

_RANGES = ("AD", "34F", "61C", "180E", "200B-200F", "202A-202E", "2060-2064", "2066-2069", "FEFF")
# For patterns of Polars.
INVISIBLE = "".join("-".join(rf"\u{{{end}}}" for end in each.split("-")) for each in _RANGES)
_INVISIBLE = re.compile("[" + "".join("-".join(chr(int(end, 16)) for end in each.split("-")) for each in _RANGES) + "]")


def visible(cell: pl.Expr) -> pl.Expr:
    """A cell without them, and without blanks around it."""
    return cell.str.replace_all(rf"[{INVISIBLE}]", "").str.strip_chars()


def visible_name(name: str) -> str:
    """The same of one text."""
    return _INVISIBLE.sub("", name).strip()


def spellings(name: str) -> list[str]:
    """The ways in which programs keep the letters of a text: mostly one."""
    return list(dict.fromkeys((name, *(unicodedata.normalize(form, name) for form in ("NFC", "NFD")))))


def column_name(name: str) -> str:
    """The name of a column as names are compared: a letter and its accent as one sign, however a program wrote them."""
    return unicodedata.normalize("NFC", visible_name(name))


def without_accents(text: str) -> str:
    """Letters without the marks on them; compatible signs as the plain ones."""
    return "".join(sign for sign in unicodedata.normalize("NFKD", text) if not unicodedata.combining(sign))

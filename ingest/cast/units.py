"""Units in the names of columns: the cells of `Followers (k)` count thousands, and do not say so themselves."""

import re
import unicodedata

import polars as pl

from schemas.errors import FileRefused
from schemas.visible import without_accents

# In small letters and without accents, as `_plain` leaves them.
UNITS = {
    1_000: "k 000 000s '000 '000s 1000 1000s x1000 thousand thousands tsd tausend mil miles milhares mille milliers mila "
    "migliaia duizend tis tusen tys bin ezer ribu rb тыс тысяч 千 천",
    10_000: "万 萬 만",
    100_000: "lakh lakhs",
    1_000_000: "m mm mn mi mio mln million millions millionen millones milhoes milioni milyon juta jt млн миллионов 百万 백만",
    10_000_000: "cr crore crores",
    100_000_000: "亿 億 억",
    1_000_000_000: "b bn bln mrd mia billion billions milliarden miliardi milliards миллиардов млрд",
}
FACTORS = {unit: factor for factor, units in UNITS.items() for unit in units.split()}
# Without brackets, or a word before them, these alone are no word of a name.
BARE = ("k", "thousand", "thousands", "tsd", "mio", "mln", "million", "millions", "millionen", "млн", "тыс")
CURRENCY = r"(?:[$€£¥]|us\$|usd|eur|gbp)?"
ANY = "|".join(map(re.escape, sorted(FACTORS, key=len, reverse=True)))
NAMED = re.compile(
    rf"(?:[(\[]\s*(?:(?:in|en|em|x)\s+)?{CURRENCY}\s*({ANY})\.?\s*{CURRENCY}\s*[)\]]"
    rf"|[\s_,](?:in|en|em)[\s_]+{CURRENCY}\s*({ANY})\.?|[\s_,]({'|'.join(BARE)})\.?)$"
)
ENDS_IN_DIGIT = r"\p{Nd}\s*$"
ZERO = r"^\s*0(?:[.,]0*)?\s*$"


def factor_named(name: str) -> int | None:
    """What the name of a column says that its numbers are to be multiplied by."""
    found = NAMED.search(_plain(name))
    return FACTORS[next(filter(None, found.groups()))] if found else None


def _plain(name: str) -> str:
    bare = without_accents(name.casefold())
    return (
        unicodedata.normalize("NFC", bare).replace("\u2019", "'").replace("\xd7", "x").replace("1,000", "1000").strip()
    )


def has_bare_numbers(cells: pl.Series) -> bool:
    """Whether any number stands without an abbreviation of its own, such as the k of `12.5k`."""
    return bool((cells.str.contains(ENDS_IN_DIGIT) & ~cells.str.contains(ZERO)).any())


def asked(name: str, column: str) -> FileRefused:
    """The refusal of a file whose header says thousands, where its cells do not and nobody has said what is meant."""
    others = " (or 1000000)" if re.search(r"\bmil\b", _plain(column)) else ""
    return FileRefused(
        "unit_in_header",
        f"{name}: its column {column!r} is named after a unit, and its numbers are written without one",
        fix=f"declare times = {factor_named(column)}{others} for this column in sources.toml, "
        "or times = 1 where the cells are whole figures",
    )

"""How numbers are written: separators, abbreviations, signs of currencies, by convention and by language."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import cache

from ingest import languages
from schemas.sources import NumberConvention

ENGLISH_SUFFIXES = {"k": 3, "m": 6, "b": 9}
# Words beside the letters, as price lists and rankings print them (English, Portuguese, Italian, Chinese, Indian, Korean).
# `w` is 万 as Chinese platforms write it in Latin letters. None of them means another number in a language that puts a
# point before decimals.
WORD_SUFFIXES = ENGLISH_SUFFIXES | {
    "thousand": 3, "million": 6, "billion": 9, "mil": 3, "mila": 3, "milione": 6, "milioni": 6, "mln": 6, "mi": 6,
    "万": 4, "萬": 4, "만": 4, "w": 4, "亿": 8, "億": 8, "억": 8, "lakh": 5, "lakhs": 5, "lac": 5, "lacs": 5,
    "crore": 7, "crores": 7, "cr": 7,
}  # fmt: skip
# Left to the second try: each word costs the first one time in every cell.
RARE = frozenset(("萬", "만", "w", "億", "억", "lakh", "lakhs", "lac", "lacs", "crore", "crores", "cr"))
# After a decimal comma `B` is a thousand in Turkish and a million million in Spanish, `M` a thousand million in
# Indonesian, `Billion` a million million in German: which of them, only a declared language says.
NOT_AFTER_A_COMMA = ("m", "b", "billion")
DOT_SUFFIXES = {word: power for word, power in WORD_SUFFIXES.items() if word not in NOT_AFTER_A_COMMA}
# Signs and words of currencies, in capitals. Where one may mean several it stands for itself.
CURRENCY_SIGNS = {
    "$": "USD", "US$": "USD", "CA$": "CAD", "C$": "CAD", "AU$": "AUD", "A$": "AUD", "NZ$": "NZD", "HK$": "HKD", "R$": "BRL",
    "NT$": "TWD", "SG$": "SGD", "S$": "SGD", "MX$": "MXN", "AR$": "ARS", "CL$": "CLP", "COL$": "COP",
    "€": "EUR", "£": "GBP", "₹": "INR", "₩": "KRW", "₺": "TRY", "₽": "RUB", "฿": "THB", "₫": "VND", "₱": "PHP", "₦": "NGN",
    "₪": "ILS", "₴": "UAH", "円": "JPY", "원": "KRW", "¥": "¥", "￥": "¥", "元": "元",
}  # fmt: skip
CURRENCY_WORDS = {
    "DOLLARI": "USD", "DOLLARS": "USD", "EURO": "EUR", "RM": "MYR", "RP": "IDR", "ZŁ": "PLN", "KČ": "CZK", "TL": "TRY",
    "RMB": "CNY", "KSH": "KES", "FT": "HUF", "РУБ": "RUB", "ЛВ": "BGN", "KR": "kr", "RS": "Rs",
}  # fmt: skip
CURRENCY_CODES = (
    "USD", "EUR", "GBP", "CHF", "JPY", "CNY", "CAD", "AUD", "NZD", "HKD", "SGD", "INR", "BRL", "MXN", "ARS", "CLP", "COP",
    "SEK", "NOK", "DKK", "PLN", "CZK", "HUF", "RON", "TRY", "UAH", "ZAR", "NGN", "KES", "EGP", "AED", "SAR", "ILS", "KRW",
    "THB", "IDR", "PHP", "MYR", "VND", "PKR", "BDT", "TWD", "RUB", "PEN", "BGN", "QAR", "KWD", "MAD", "GHS", "LKR",
)  # fmt: skip
# What else groups digits by three, whatever the convention: a blank, also one that does not break, and an apostrophe.
MARKS = "[\u200e\u200f\u061c]"  # of the direction of writing
BLANKS, APOSTROPHES = "[ \u00a0\u202f\u2009]", "['\u2019]"


# No decimals, as price lists write it: `1.500,-`, `1'500.-`, `1,500/-`.
NO_DECIMALS = r"[-\x{2013}\x{2014}]{1,2}"
PERCENT = r"[%\x{66a}\x{ff05}]"


def _any_of(texts: Iterable[str]) -> str:
    """A pattern of these texts, the longest first. Between the letters of a country and their sign may be a blank."""
    signs = (re.sub(r"(?<=\w\w)\$", r"\\s*$", text) for text in sorted(texts, key=lambda text: (-len(text), text)))
    return "|".join(sign.replace("$", r"\$") for sign in signs)


SIGNS, WORDS, CODES = map(_any_of, (CURRENCY_SIGNS, CURRENCY_WORDS, CURRENCY_CODES))
CURRENCY = rf"{SIGNS}|(?:{WORDS})\.?|(?:{CODES})(?:\s*\$)?"
# The signs that the quick way knows: the whole list costs a pattern five times its time.
USUAL_CURRENCY = r"(?:US)?\$|€|£"
BARE_SIGNS = _any_of(sign for sign in CURRENCY_SIGNS if not sign[0].isupper())
# The same inside of other text. Letters before a dollar sign say whose it is: ones that are not known stand for themselves.
CURRENCY_MARK = rf"\b(?:\pL{{1,4}}\$|{SIGNS}|(?:{WORDS})\b|(?:{CODES})(?:\s*\$|\b))|{BARE_SIGNS}"


@dataclass(frozen=True)
class Grammar:
    """How a convention writes a number: separators, powers of ten beside it, what may stand around it."""

    thousands: str = ""
    decimal: str = "."
    suffixes: dict[str, int] = field(default_factory=dict)
    is_money: bool = False
    exponent: int = 0
    either_point: bool = False
    language: str | None = None
    times: int = 0  # a power of ten that every number is multiplied by

    def pattern(self, *, quick: bool = False) -> str:
        """Sign, whole, decimals and abbreviation. The quick one knows one way to group digits, and is cheaper by half."""
        point, names = re.escape(self.decimal), self.names(quick=quick)
        has_dashes = self.is_money and not quick
        decimal = rf"(?:{point}(?:([0-9]+)|{NO_DECIMALS})|/-)?" if has_dashes else rf"(?:{point}([0-9]+))?"
        # `1.2W+` is as much rounded as `1.2W` is.
        more = (r"\.?" if self.language else "") + ("" if quick else r"\+?")
        suffix = rf"\s*(?:({names}){more})?" if names else "()"
        currency = USUAL_CURRENCY if quick else CURRENCY
        beside = currency if self.is_money else PERCENT if self.exponent else ""
        before, after = (rf"(?:(?:{beside})\s*)?", rf"(?:\s*(?:{beside}))?") if beside else ("", "")
        return rf"(?i)^\s*{before}([+-]?)({self._whole(quick)}){decimal}{suffix}{after}\s*$"

    def names(self, *, quick: bool = False) -> str:
        """A pattern of its abbreviations, the longest first."""
        known = self.suffixes.keys() - RARE if quick and not self.language else self.suffixes
        return "|".join(_as_pattern(name) for name in sorted(known, key=lambda name: (-len(name), name)))

    def _whole(self, quick: bool) -> str:
        if not self.thousands:
            return "[0-9]+"
        own = {" ": BLANKS, "\u2019": APOSTROPHES}.get(self.thousands) or re.escape(self.thousands)
        groups = [own] if quick else [own, BLANKS, APOSTROPHES]
        ways = [rf"[0-9]{{1,3}}(?:{group}[0-9]{{3}})+" for group in dict.fromkeys(groups)]
        # `1,23,456` as India groups digits: two commas are no decimal point.
        lakh = [] if quick or self.thousands != "," else ["[0-9]{1,2}(?:,[0-9]{2})+,[0-9]{3}"]
        return "|".join([*ways, *lakh, "[0-9]+"])


def _as_pattern(name: str) -> str:
    return r"\s*".join(re.escape(part) for part in name.split(" "))


GRAMMARS: dict[NumberConvention, Grammar] = {
    "comma": Grammar(thousands=","),
    "dot": Grammar(thousands=".", decimal=","),
    "suffix": Grammar(thousands=",", suffixes=ENGLISH_SUFFIXES),
    "percent": Grammar(exponent=-2),
    "words": Grammar(thousands=",", suffixes=WORD_SUFFIXES, is_money=True),
    "dot_words": Grammar(thousands=".", decimal=",", suffixes=DOT_SUFFIXES, is_money=True),
    "prices": Grammar(thousands=",", suffixes=WORD_SUFFIXES, is_money=True, either_point=True),
}


def multiplied(convention: "NumberConvention | Grammar", times: int | None) -> "NumberConvention | Grammar":
    """A convention for cells that count thousands: a number with an abbreviation of its own is then none of them."""
    if times in (None, 1):
        return convention
    grammar = convention if isinstance(convention, Grammar) else GRAMMARS.get(convention, Grammar())
    return replace(grammar, suffixes={}, times=len(str(times)) - 1)


@cache
def in_language(language: str, convention: NumberConvention | None = None) -> Grammar:
    """A convention with the abbreviations of a language, which go before its own; without one, as the language writes."""
    own = languages.words_of(language)
    decimal, thousands = languages.signs_of(language)
    if convention is None:
        return Grammar(thousands, decimal, own, is_money=True, language=language)
    grammar = GRAMMARS[convention]
    if convention == "percent":
        grammar = replace(grammar, thousands=thousands, decimal=decimal)
    return replace(grammar, suffixes=grammar.suffixes | own, language=language)

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
    "万": 4, "萬": 4, "만": 4, "w": 4, "亿": 8, "億": 8, "억": 8, "lakh": 5, "lac": 5, "crore": 7, "cr": 7,
}  # fmt: skip
# Left to the second try: each word costs the first one time in every cell.
RARE = frozenset(("萬", "만", "w", "億", "억", "lakh", "lac", "crore", "cr"))
# After a decimal comma `B` is a thousand in Turkish and a million million in Spanish, `M` a thousand million in
# Indonesian, `Billion` a million million in German: which of them, only a declared language says.
NOT_AFTER_A_COMMA = ("m", "b", "billion")
DOT_SUFFIXES = {word: power for word, power in WORD_SUFFIXES.items() if word not in NOT_AFTER_A_COMMA}
# Signs and words of currencies, in capitals. Where one may mean several it stands for itself.
CURRENCY_SIGNS = {
    "US$": "USD", "$": "USD", "CA$": "CAD", "C$": "CAD", "AU$": "AUD", "A$": "AUD", "NZ$": "NZD", "HK$": "HKD", "R$": "BRL",
    "€": "EUR", "£": "GBP", "₹": "INR", "¥": "¥",
}  # fmt: skip
CURRENCY_WORDS = {"DOLLARI": "USD", "DOLLARS": "USD", "EURO": "EUR"}
CURRENCY_CODES = (
    "USD", "EUR", "GBP", "CHF", "JPY", "CNY", "CAD", "AUD", "NZD", "HKD", "SGD", "INR", "BRL", "MXN", "ARS", "CLP", "COP",
    "SEK", "NOK", "DKK", "PLN", "CZK", "HUF", "RON", "TRY", "UAH", "ZAR", "NGN", "KES", "EGP", "AED", "SAR", "ILS", "KRW",
    "THB", "IDR", "PHP", "MYR", "VND", "PKR", "BDT", "TWD",
)  # fmt: skip
# What else groups digits by three, whatever the convention: a blank, also one that does not break, and an apostrophe.
MARKS = "[\u200e\u200f\u061c]"  # of the direction of writing
BLANKS, APOSTROPHES = "[ \u00a0\u202f\u2009]", "['\u2019]"


def _any_of(texts: Iterable[str]) -> str:
    """A pattern of these texts, the longest first."""
    return "|".join(text.replace("$", r"\$") for text in sorted(texts, key=lambda text: (-len(text), text)))


CURRENCY = _any_of([*CURRENCY_SIGNS, *CURRENCY_WORDS, *CURRENCY_CODES])


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

    def pattern(self, *, quick: bool = False) -> str:
        """Sign, whole, decimals and abbreviation. The quick one knows one way to group digits, and is cheaper by half."""
        decimal = rf"(?:{re.escape(self.decimal)}([0-9]+))?"
        names = self.names(quick=quick)
        suffix = (rf"\s*(?:({names})\.?)?" if self.language else rf"\s*({names})?") if names else "()"
        before = r"(?:(?:US|CA|AU)?\s*[$€£¥]\s*)?" if self.is_money else ""
        after = r"(?:\s*(?:dollari|dollars|euro|€|%))?" if self.is_money else (r"(?:\s*%)?" if self.exponent else "")
        if self.either_point:
            before, after = rf"(?:(?:{CURRENCY})\s*)?", rf"(?:\s*(?:{CURRENCY}))?"
        return rf"(?i)^\s*{before}(-?)({self._whole(quick)}){decimal}{suffix}{after}\s*$"

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
    "dot_words": Grammar(thousands=".", decimal=",", suffixes=DOT_SUFFIXES),
    "prices": Grammar(thousands=",", suffixes=WORD_SUFFIXES, either_point=True),
}


@cache
def in_language(language: str, convention: NumberConvention | None = None) -> Grammar:
    """A convention with the abbreviations of a language, which go before its own; without one, as the language writes."""
    own = languages.words_of(language)
    decimal, thousands = languages.signs_of(language)
    if convention is None:
        return Grammar(thousands, decimal, own, language=language)
    grammar = GRAMMARS[convention]
    if convention == "percent":
        grammar = replace(grammar, thousands=thousands, decimal=decimal)
    return replace(grammar, suffixes=grammar.suffixes | own, language=language)

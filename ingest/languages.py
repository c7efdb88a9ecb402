"""How languages abbreviate numbers and name months: the tables of CLDR, read through babel.

babel is imported where a declaration names a language, or a fix looks for one: other runs do not pay for it.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from babel import Locale

# What people write and CLDR does not list, by language; `*` holds for each that does not read it otherwise.
BESIDE_CLDR: dict[str, dict[str, int]] = {
    "*": {"k": 3},  # platforms show K whatever the language of the page
    "de": {"tsd": 3},  # CLDR has no short form of a thousand; Instagram and newspapers write Tsd.
    "zh": {"w": 4, "千": 3},  # w is wan, 万, typed in Latin letters; CLDR begins at 万
    "ja": {"千": 3},  # CLDR begins at 万
    "hi": {"lakh": 5, "lakhs": 5, "lac": 5, "lacs": 5, "crore": 7, "crores": 7, "cr": 7},  # the words in Latin letters
    "en": {
        "lakh": 5,
        "lakhs": 5,
        "lac": 5,
        "lacs": 5,
        "crore": 7,
        "crores": 7,
        "cr": 7,
        "bn": 9,
    },  # Indian English, and bn of newspapers
    "id": {"mil": 9},  # miliar, shortened as Mil by rankings
    "ms": {"ribu": 3, "rb": 3},  # the word and its usual short form
    "vi": {"tỉ": 9},  # the other spelling of tỷ
    "it": {"mille": 3},  # of one thousand alone
}
# Looked at before the others, in this order: the languages of most exports, and regions that write otherwise than these.
COMMON = (
    "en", "es", "pt", "de", "fr", "it", "tr", "id", "ru", "pl", "nl", "ja", "ko", "zh", "hi", "ar", "vi", "th", "sv", "cs",
    "uk", "pt-PT", "en-IN", "es-MX", "fr-CA", "fr-CH", "de-CH", "zh-Hant",
)  # fmt: skip
ENGLISH_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
ENGLISH_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
SHORTEST = 3  # letters of a month's name cut short
MARKS = "\u200e\u200f\u061c"  # of the direction of writing
AROUND = f" \u00a0\u202f{MARKS}"
ONE_WORD = re.compile(r"([^0;]*)(0+)([^0;]*)(?:;.*)?")


def locale_of(language: str) -> "Locale":
    """The locale of a code such as "de" or "pt-BR"."""
    from babel import Locale

    return Locale.parse(language.replace("_", "-"), sep="-")


def is_known(language: str) -> bool:
    """Whether CLDR has the language of a code."""
    from babel import UnknownLocaleError

    try:
        locale_of(language)
    except (ValueError, UnknownLocaleError):
        return False
    return True


@cache
def words_of(language: str) -> dict[str, int]:
    """The abbreviations and words of powers of ten, in small letters and without a dot at their end."""
    locale = locale_of(language)
    found: dict[str, set[int]] = defaultdict(set)
    for lengths in locale.compact_decimal_formats.values():
        for sizes in lengths.values():
            for size, form in sizes.items():
                if word := ONE_WORD.fullmatch(form.pattern.replace("'", "")):
                    before, zeros, after = word[1].strip(AROUND), word[2], word[3].strip(AROUND)
                    if bool(before) != bool(after):
                        found[_plain(before or after)].add(len(size) - len(zeros))
    # A word that CLDR itself has for two powers is none.
    told = {word: next(iter(powers)) for word, powers in found.items() if len(powers) == 1}
    return BESIDE_CLDR["*"] | told | BESIDE_CLDR.get(locale.language, {})


def _plain(word: str) -> str:
    return " ".join(word.split()).lower().rstrip(".")


@cache
def signs_of(language: str) -> tuple[str, str]:
    """What stands before the decimals, and between groups of three digits; blanks of all kinds are one."""
    locale = locale_of(language)
    signs = locale.number_symbols.get("latn", locale.number_symbols[locale.default_numbering_system])
    group = signs["group"]
    return signs["decimal"], group if group in ".,\u2019" else " "


@cache
def months_of(language: str) -> dict[str, str]:
    """The names of months in small letters, short and long, alone and in a date, each with the English short one.

    A name may be cut short where only one month of the language begins so: `Sep`, `Sept`, `févr` and `fév`.
    """
    locale = locale_of(language)
    names: dict[str, set[int]] = defaultdict(set)
    for context in ("format", "stand-alone"):
        for width in ("abbreviated", "wide"):
            for month, name in locale.months[context][width].items():
                bare = name.rstrip(".").lower()
                # The capital of the Turkish letter is I, whose small letter elsewhere has its dot.
                for written in (bare, bare.replace("\u0131", "i")):
                    names[written].add(month)
    whole = {name: months for name, months in names.items() if not name[0].isdigit()}
    cut: dict[str, set[int]] = defaultdict(set)
    for name, months in whole.items():
        for length in range(SHORTEST, len(name)):
            if name[:length].isalpha():
                cut[name[:length]] |= months
    return {name: ENGLISH_MONTHS[next(iter(months)) - 1] for name, months in (cut | whole).items() if len(months) == 1}


@cache
def weekdays_of(language: str) -> dict[str, str]:
    """The names of weekdays in small letters, short and long, each with the English short one; no name of two days."""
    locale = locale_of(language)
    names: dict[str, set[int]] = defaultdict(set)
    for context in ("format", "stand-alone"):
        for width in ("abbreviated", "wide"):
            for day, name in locale.days[context][width].items():
                names[name.rstrip(".").lower()].add(day)
    return {name: ENGLISH_DAYS[next(iter(days))] for name, days in names.items() if len(days) == 1}


@cache
def halves_of_day(language: str) -> dict[str, str]:
    """What stands for AM and PM beside a clock, in small letters, without dots and blanks."""
    periods = locale_of(language).day_periods
    return {"am": "AM", "pm": "PM"} | {
        re.sub(r"[.\s]", "", name).lower(): half.upper()
        for context in periods.values()
        for names in context.values()
        for half, name in names.items()
        if half in ("am", "pm") and len(name) > 1
    }


def languages_of_words(words: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """For each word those languages that abbreviate a number so: of common ones, and only where none has it of all."""
    return _languages_of(words, words_of)


def languages_of_months(words: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """The same for words that may name a month."""
    return _languages_of(words, months_of)


def _languages_of(words: Iterable[str], own: Callable[[str], dict[str, Any]]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for word in words:
        for codes in (COMMON, _others):
            known = tuple(code for code in (codes() if callable(codes) else codes) if word in own(code))
            if known:
                found[word] = known
                break
    return found


@cache
def _others() -> tuple[str, ...]:
    """The other languages of CLDR. To read them all takes a second."""
    from babel.localedata import locale_identifiers

    return tuple(sorted(code for code in locale_identifiers() if "_" not in code and code not in (*COMMON, "root")))

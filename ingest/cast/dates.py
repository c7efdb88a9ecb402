"""Times that need more than a pattern: written in the words of a language, and days whose year another line tells."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from ingest import languages
from ingest.cast import grammars, parsing

# What in a pattern names the month, the day of the week and the half of a day, and what tells the year; `%%` is none.
MONTH_NAME = re.compile(r"%[bBh]\.?")
WEEKDAY_NAME = re.compile(r"%[aA]\.?")
HALF_OF_DAY = re.compile(r"%[pP]\.?")
YEAR = re.compile(r"%[-_0]?[YyGgCFDxcvs+]")
LETTERS_AROUND = r"(?i)^(|.*?[^\pL])({names})\.?(|[^\pL].*)$"
# Scripts without blanks between words write it between the day and the hour.
HALF_AROUND = r"(?i)^(|.*?(?:[^\pL]|[\p{{Han}}\p{{Hangul}}]))({names})\.?(|[^\pL].*)$"
# `1er août`, `August 3rd`, `1º de agosto`; not where the pattern has it.
ORDINAL = "(?:st|nd|rd|th|er|e|[ºª°])"
ORDINAL_IN_PATTERN = re.compile(rf"(?i)%[-_0]?[de]{ORDINAL}")

Parse = Callable[[pl.Expr, str], pl.Expr]


@dataclass(frozen=True)
class Spelling:
    """What is declared of times beside their pattern."""

    language: str | None = None
    year: int | None = None
    not_after: date | None = None


AS_WRITTEN = Spelling()


def instant(text: pl.Expr, formats: Iterable[str], time_zone: str | None, spelling: Spelling = AS_WRITTEN) -> pl.Expr:
    """UTC Datetime(us) without a zone, as `parsing.instant` gives it; null where no format fits."""

    def parse(text: pl.Expr, fmt: str) -> pl.Expr:
        return parsing.instant(text, (fmt,), time_zone)

    def on_the_clock(text: pl.Expr, fmt: str) -> pl.Expr:
        return parsing.instant(text, (fmt,), None)

    found = pl.coalesce(read(text, fmt, spelling, parse, on_the_clock) for fmt in formats)
    return found.map_batches(_of_the_calendar, return_dtype=pl.Datetime("us"), is_elementwise=True)


def day(text: pl.Expr, fmt: str | None, spelling: Spelling = AS_WRITTEN) -> pl.Expr:
    """Date, as `parsing.day` gives it."""
    found = read(text, fmt, spelling, parsing.day, parsing.day) if fmt else parsing.day(text, None)
    return found.map_batches(_of_the_calendar, return_dtype=pl.Date, is_elementwise=True)


def _of_the_calendar(moments: pl.Series) -> pl.Series:
    """Null where the year has no four digits: `-02026` is one to Polars, and no date to anything else.

    Of what was read, as an expression would read it again to ask.
    """
    is_year = moments.dt.year().is_between(1, 9999)
    return moments if is_year.all() else pl.select(pl.when(is_year).then(moments)).to_series()


def tells_year(fmt: str) -> bool:
    """Whether a pattern says which year is meant."""
    return fmt == "epoch" or YEAR.search(fmt.replace("%%", "")) is not None


def names_month(fmt: str) -> bool:
    return MONTH_NAME.search(fmt.replace("%%", "")) is not None


def names_day_or_half(fmt: str) -> bool:
    """Whether words that a language has its own for stand in a pattern beside the month."""
    plain = fmt.replace("%%", "")
    return WEEKDAY_NAME.search(plain) is not None or HALF_OF_DAY.search(plain) is not None


def read(text: pl.Expr, fmt: str, spelling: Spelling, parse: Parse, on_the_clock: Parse) -> pl.Expr:
    """The times of a pattern, parsed once the month is in English and the year stands before them.

    `on_the_clock` parses them as they are written, in whatever zone: whether a day is past is told by its own calendar.
    """
    if spelling.language and fmt != "epoch":
        text, fmt = in_english(text, fmt, spelling.language)
    if tells_year(fmt) or not (spelling.year or spelling.not_after):
        return parse(text, fmt)
    with_year = f"%Y {fmt}"
    if spelling.not_after is None:
        return parse(pl.lit(f"{spelling.year} ") + text, with_year)
    end = spelling.not_after + timedelta(days=1)
    found = pl.lit(None)
    for year in reversed(_years_before(spelling.not_after)):
        dated = pl.lit(f"{year} ") + text
        is_past = on_the_clock(dated, with_year) < end
        found = pl.when(is_past).then(parse(dated, with_year)).otherwise(found)
    return found


def _years_before(last: date) -> list[int]:
    """The years to look for a day in, the newest first: the last 29 February may be eight years ago."""
    leap = (year for year in range(last.year, last.year - 13, -1) if _is_leap(year))
    return list(dict.fromkeys([last.year, last.year - 1, *leap]))


def _is_leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def in_english(text: pl.Expr, fmt: str, language: str) -> tuple[pl.Expr, str]:
    """The text with our digits and English names, ordinal marks left out, and the pattern that reads it then."""
    text = text.str.replace_all(grammars.MARKS, "").str.replace_many(parsing.digits_of_other_scripts())
    if not ORDINAL_IN_PATTERN.search(fmt):
        text = text.str.replace(rf"(?i)(^|[^0-9])([0-9]{{1,2}}){ORDINAL}($|[^\pL0-9])", "${1}${2}${3}")
    plain = fmt.replace("%%", "")
    # Days of the week first: in French `mar.` is a Tuesday, and cut short it is March.
    if WEEKDAY_NAME.search(plain):
        days = languages.weekdays_of(language)
        text, fmt = _renamed(text, LETTERS_AROUND.format(names=_any_of(days)), days), WEEKDAY_NAME.sub("%a", fmt)
    if MONTH_NAME.search(plain):
        months = languages.months_of(language)
        text, fmt = _renamed(text, LETTERS_AROUND.format(names=_any_of(months)), months), MONTH_NAME.sub("%b", fmt)
    if HALF_OF_DAY.search(plain):
        halves = languages.halves_of_day(language)
        names = "|".join(r"[.\s]*".join(map(re.escape, name)) for name in halves)
        text, fmt = _renamed(text, HALF_AROUND.format(names=names), halves), HALF_OF_DAY.sub("%p", fmt)
    return text, fmt


def _renamed(text: pl.Expr, pattern: str, names: dict[str, str]) -> pl.Expr:
    """The text with a name put in English, and without a dot behind it; as it is where it has none."""
    text = text.str.replace_all("İ", "i", literal=True)
    before, name, after = (text.str.extract(pattern, group) for group in (1, 2, 3))
    bare = name.str.to_lowercase()
    english = pl.coalesce(
        written.replace_strict(names, default=None, return_dtype=pl.String)
        for written in (bare, bare.str.replace_all(r"[.\s]", ""))
    )
    return pl.coalesce(pl.concat_str(before, english, after), text)


def _any_of(names: Iterable[str]) -> str:
    """A pattern of these names. One that ends in a digit, as `thg 1` does, is no beginning of one with two."""
    ordered = sorted(names, key=lambda name: (-len(name), name))
    return "|".join(re.escape(name) + (r"(?-u:\b)" if name[-1].isdigit() else "") for name in ordered)

"""Times that need more than a pattern: months named in a language, and days whose year another line tells."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from ingest import languages
from ingest.cast import parsing

# What in a pattern names the month, and what tells the year; `%%` is neither.
MONTH_NAME = re.compile(r"%[bBh]\.?")
YEAR = re.compile(r"%[-_0]?[YyGgCFDxcvs+]")
LETTERS_AROUND = r"(?i)^(|.*?[^\pL])({names})\.?(|[^\pL].*)$"

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
    found = read(text, fmt or "%Y-%m-%d", spelling, parsing.day, parsing.day)
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


def read(text: pl.Expr, fmt: str, spelling: Spelling, parse: Parse, on_the_clock: Parse) -> pl.Expr:
    """The times of a pattern, parsed once the month is in English and the year stands before them.

    `on_the_clock` parses them as they are written, in whatever zone: whether a day is past is told by its own calendar.
    """
    if spelling.language and names_month(fmt):
        text, fmt = in_english(text, languages.months_of(spelling.language)), MONTH_NAME.sub("%b", fmt)
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


def in_english(text: pl.Expr, months: dict[str, str]) -> pl.Expr:
    """The text with the name of a month put in English, and without a dot behind it; as it is where it has none."""
    pattern = LETTERS_AROUND.format(names=_any_of(months))
    text = text.str.replace_all("İ", "i", literal=True)
    before, name, after = (text.str.extract(pattern, group) for group in (1, 2, 3))
    english = name.str.to_lowercase().replace_strict(months, default=None, return_dtype=pl.String)
    return pl.coalesce(pl.concat_str(before, english, after), text)


def _any_of(names: Iterable[str]) -> str:
    """A pattern of these names. One that ends in a digit, as `thg 1` does, is no beginning of one with two."""
    ordered = sorted(names, key=lambda name: (-len(name), name))
    return "|".join(re.escape(name) + (r"(?-u:\b)" if name[-1].isdigit() else "") for name in ordered)

"""Text to numbers, instants and flags: strict expressions that give null where the text is not what was declared."""

import re
import unicodedata
from functools import cache

import polars as pl

from ingest import languages
from ingest.cast.grammars import GRAMMARS, MARKS, NOT_AFTER_A_COMMA, Grammar
from schemas.columns import INT64_MAX
from schemas.sources import NumberConvention

INSTANT_FORMATS = (
    "%Y-%m-%dT%H:%M:%SZ",
    "%Y-%m-%d %H:%M:%SZ",
    "%Y-%m-%dT%H:%M:%S%.fZ",
    "%Y-%m-%dT%H:%M:%S%z",
    "%Y-%m-%dT%H:%M:%S%.f%z",
    "%Y-%m-%d %H:%M:%S%z",
    "%Y-%m-%d %H:%M:%S UTC",
    "%Y-%m-%d %H:%M:%S%.f UTC",
    "%Y-%m-%d",
    "%Y-%m-%d %H:%M:%S%.f%#z",
    "%Y-%m-%dT%H:%M:%S%.f%#z",
    "%Y-%m-%dT%H:%M%#z",
    "%Y-%m-%dT%H:%MZ",
)
ZONELESS_FORMATS = (
    "%Y-%m-%dT%H:%M:%S",
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%dT%H:%M:%S%.f",
    "%Y-%m-%d %H:%M",
    "%Y-%m-%dT%H:%M",
)
# A time of a day as ISO 8601 and databases write it, with or without its offset.
ISO_TIME = r"^([0-9]{4}-[0-9]{2}-[0-9]{2})[T ](?:[01][0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9](?:\.[0-9]+)?)?(?: ?UTC|Z|[+-][0-9]{2}(?::?[0-9]{2})?)?$"
# What a format with a time of day in it has: hours, or a text that stands for them.
CLOCK = re.compile(r"%[-_0]?[HkIlTRrXc+s]")

# Times that end in EST or EDT, five and four hours behind UTC whatever the season. A format ends in this text, and no
# other abbreviation is read: most of them mean several zones.
EASTERN = " EST/EDT"
EASTERN_OFFSETS = {"EST": "-0500", "EDT": "-0400"}

# Further ways to ask for an offset, which Polars would read and then forget. By `%#z` it may be of hours alone.
OTHER_OFFSETS = ("%:z", "%#z")
Convention = NumberConvention | Grammar
# Before the address of something else than a post.
NO_POST = "\x05"
MOST_PLACES = 18  # of the powers of ten that an Int64 holds


# `1.500,50`, `1500,5`, `1.500,-` and `1.500.000`: a comma before one or two digits or a dash, or several dots, can only be
# read so.
POINT_IS_COMMA = r"^[^0-9]*(?:(?:[0-9]{1,3}(?:[. \x{a0}\x{202f}'\x{2019}][0-9]{3})+|[0-9]+),(?:[0-9]{1,2}|[-\x{2013}\x{2014}])|[0-9]{1,3}(?:\.[0-9]{3}){2,})(?:[^0-9.,].*)?$"
# `1.500` is one thing where points stand for thousands, and another where they do not.
TWO_READINGS = r"^[^0-9]*[1-9][0-9]{0,2}\.[0-9]{3}(?:[^0-9.,].*)?$"
# The same where cells are numbers: none that ends in a zero is written so.
TWO_READINGS_OF_TEXT = r"^[^0-9]*[1-9][0-9]{0,2}\.[0-9]{2}0(?:[^0-9.,].*)?$"
MINUS = "\u2212"  # as typesetters and some programs write it
EPOCH_WITH_FRACTION = r"^-?[0-9]+\.[0-9]+$"
# A count as a program writes it that keeps counts as floats: `12.0`, `477900000.00`.
WITH_ZERO_DECIMALS = r"^\s*([+-]?[0-9]+)\.0+\s*$"
# A count as a spreadsheet shows it in a narrow column: `1.45E+08`, or `1,45E+08`. One digit before the point: one reading.
ROUNDED = r"^\s*([+-]?[0-9])(?:[.,]([0-9]+))?[eE]\+?([0-9]{1,2})\s*$"


def whole_number(text: pl.Expr, convention: Convention = "plain", *, quick: bool = False) -> pl.Expr:
    """Int64, exact; null where the text is not a whole number under the convention (`409.8M` is 409800000).

    Floats that are whole, and E-notation, are read under every convention, but by the quick way only what is written as
    declared: nearly all cells are, and each further try costs a pass over them.
    """
    if not quick:
        text = text.str.replace(MINUS, "-", literal=True)
    if convention == "plain":
        written = text.cast(pl.Int64, strict=False)
    else:
        written = _whole(*_digits_and_places(text, _grammar(convention), quick=quick))
    times = convention.times if isinstance(convention, Grammar) else 0
    if times and not _grammar(convention).thousands:
        written = pl.when(~text.str.contains(TWO_READINGS)).then(written)
    if quick:
        return written
    whole = pl.when(~text.str.contains(TWO_READINGS)).then(text.str.extract(WITH_ZERO_DECIMALS))
    return pl.coalesce(written, _whole(whole.cast(pl.Int64, strict=False), pl.lit(times)), _rounded(text, times))


def _grammar(convention: Convention) -> Grammar:
    return convention if isinstance(convention, Grammar) else GRAMMARS[convention]


def is_rounded(text: pl.Expr) -> pl.Expr:
    """Whether a count is written in E-notation, which shows a few of its digits."""
    return text.str.contains(ROUNDED)


def has_two_readings(text: pl.Expr, *, is_text: bool) -> pl.Expr:
    """Whether a number that no declaration is about may be thousands: `1.500`. Of numbers that come as numbers none ends in
    a zero behind its point, so only what ends so is a text."""
    return text.str.contains(TWO_READINGS if is_text else TWO_READINGS_OF_TEXT)


def _rounded(text: pl.Expr, times: int) -> pl.Expr:
    fraction = text.str.extract(ROUNDED, 2).fill_null("")
    digits = pl.concat_str(text.str.extract(ROUNDED, 1), fraction).cast(pl.Int64, strict=False)
    power = text.str.extract(ROUNDED, 3).cast(pl.Int64, strict=False)
    return _whole(digits, power + times - fraction.str.len_chars().cast(pl.Int64))


def _whole(digits: pl.Expr, places: pl.Expr) -> pl.Expr:
    scaled, divisor = _scaled(digits, places)
    return pl.when(scaled % divisor == 0).then(scaled // divisor)


def decimal_number(text: pl.Expr, convention: Convention = "plain", *, quick: bool = False) -> pl.Expr:
    """Float64, finite; null where the text is not a number under the convention (`1.39%` is 0.0139)."""
    if not quick:
        text = text.str.replace(MINUS, "-", literal=True)
    if convention == "plain":
        value = text.cast(pl.Float64, strict=False)
        return pl.when(value.is_finite()).then(value)
    # Divide by a power of ten rather than multiply by its inverse: 139 / 10000 is the nearest double to 0.0139.
    scaled, divisor = _scaled(*_digits_and_places(text, _grammar(convention), quick=quick))
    return scaled / divisor


def _scaled(digits: pl.Expr, places: pl.Expr) -> tuple[pl.Expr, pl.Expr]:
    """The digits with their point moved to the right, and what to divide by where it moves to the left.

    Null where that is beyond Int64: Polars would wrap it round to some other number.
    """
    up = pl.lit(10, pl.Int64).pow(places.clip(0, MOST_PLACES))
    down = pl.lit(10, pl.Int64).pow((-places).clip(0, MOST_PLACES))
    largest = INT64_MAX // up
    fits = places.is_between(-MOST_PLACES, MOST_PLACES) & digits.is_between(-largest, largest)
    return pl.when(fits).then(digits * up), down


def _digits_and_places(text: pl.Expr, grammar: Grammar, *, quick: bool = False) -> tuple[pl.Expr, pl.Expr]:
    """`1,234.5k` as 12345 and 2: the digits as one integer, and how many places to move its point to the right."""
    if grammar.language:
        text = _in_western_digits(text, grammar)
    if grammar.either_point:
        text = _with_one_point(text, grammar.language)
    pattern = grammar.pattern(quick=quick)
    sign, whole, fraction, suffix = (text.str.extract(pattern, group) for group in (1, 2, 3, 4))
    if grammar.thousands:
        is_one_sign = quick and grammar.thousands in ".,"
        whole = whole.str.replace_all(grammar.thousands if is_one_sign else "[^0-9]", "", literal=is_one_sign)
    fraction = fraction.fill_null("")
    digits = pl.concat_str(sign.fill_null(""), whole, fraction).cast(pl.Int64, strict=False)
    if grammar.language:
        suffix = suffix.str.replace_all(r"\s+", " ")
    power = suffix.str.to_lowercase().replace_strict(grammar.suffixes, default=0, return_dtype=pl.Int64)
    return digits, power + grammar.exponent + grammar.times - fraction.str.len_chars().cast(pl.Int64)


def _in_western_digits(text: pl.Expr, grammar: Grammar) -> pl.Expr:
    """Digits of other scripts as ours, marks of the direction of writing left out, an abbreviation behind its number."""
    signs = {"\u066b": grammar.decimal, "\u066c": grammar.thousands}
    western = text.str.replace_all(MARKS, "").str.replace_many(digits_of_other_scripts() | signs)
    names = grammar.names()
    return western.str.replace(rf"(?i)^\s*({names})\.?\s*([0-9][0-9.,]*)\s*$", "$2 $1") if names else western


@cache
def digits_of_other_scripts() -> dict[str, str]:
    digits = {chr(code): str(unicodedata.decimal(chr(code), "")) for code in range(0x100, 0x10000)}
    return {written: digit for written, digit in digits.items() if digit}


def _with_one_point(text: pl.Expr, language: str | None) -> pl.Expr:
    """The same number with a dot before its decimals; null where it could be two numbers, and no language tells which."""
    turned = text.str.replace_all(".", "", literal=True).str.replace(",", ".", literal=True)
    has_comma, is_doubtful = text.str.contains(POINT_IS_COMMA), text.str.contains(TWO_READINGS)
    if language:
        is_thousands = languages.signs_of(language)[0] == ","
        return pl.when(has_comma | (is_doubtful & is_thousands)).then(turned).otherwise(text)
    has_doubtful_word = text.str.contains(rf"(?i)[0-9]\s*(?:{'|'.join(NOT_AFTER_A_COMMA)})(?:[^a-z]|$)")
    return pl.when(has_comma & ~has_doubtful_word).then(turned).when(~has_comma & ~is_doubtful).then(text)


def instant(text: pl.Expr, formats: tuple[str, ...], time_zone: str | None) -> pl.Expr:
    """UTC Datetime(us) without a zone; null where no format fits. Times of day without an offset are read in `time_zone`.

    A day alone is that day from its beginning in UTC, in every file, so that equal days are equal instants.
    """
    return pl.coalesce(_instant_of(text, fmt, time_zone) for fmt in formats)


def _instant_of(text: pl.Expr, fmt: str, time_zone: str | None) -> pl.Expr:
    if fmt == "epoch":
        return _of_epoch(text)
    if fmt.endswith(EASTERN):
        offset = text.str.extract(r" (E[SD]T)$").replace_strict(EASTERN_OFFSETS, default=None, return_dtype=pl.String)
        return _instant_of(
            text.str.slice(0, text.str.len_chars() - 3) + offset, fmt.removesuffix(EASTERN) + " %z", None
        )
    if "%#z" in fmt:
        text = text.str.replace(r"([+-][0-9]{2})$", "${1}00")
    for other in OTHER_OFFSETS:
        fmt = fmt.replace(other, "%z")
    if "%z" in fmt:
        return (
            text.str.to_datetime(fmt, strict=False, time_unit="us", cache=False)
            .dt.convert_time_zone("UTC")
            .dt.replace_time_zone(None)
        )
    parsed = text.str.to_datetime(fmt, strict=False, time_unit="us", cache=False)
    if tells_zone(fmt) or time_zone in (None, "UTC"):
        return parsed
    # A clock time that a change of zone skips or repeats has no one meaning: null, hence rejected.
    in_zone = parsed.dt.replace_time_zone(time_zone, ambiguous="null", non_existent="null")
    return in_zone.dt.convert_time_zone("UTC").dt.replace_time_zone(None)


def _of_epoch(text: pl.Expr) -> pl.Expr:
    """Seconds since 1970, or by their size thousandths, millionths and billionths of seconds.

    More than eleven digits are milliseconds: seconds of that size lie beyond the year 5000.
    """
    # A column with a gap comes out of some programs as floats.
    number = text.str.strip_suffix(".0").cast(pl.Int64, strict=False)
    size = number.abs()
    exact = pl.when(text.str.contains(EPOCH_WITH_FRACTION)).then(text.cast(pl.Float64, strict=False))
    in_micros = exact * pl.when(exact.abs() < 10**11).then(1_000_000).otherwise(1_000)
    micros = (
        pl.when(size < 10**11).then(number * 1_000_000)
        .when(number.is_between(10**11, 10**14)).then(number * 1_000)
        .when(number.is_between(10**14, 10**17)).then(number)
        .when(number > 10**17).then(number // 1_000)
        .when(exact.abs() < 10**14).then(in_micros.round().cast(pl.Int64, strict=False))
    )  # fmt: skip
    return micros.cast(pl.Datetime("us"))


def tells_zone(fmt: str) -> bool:
    """Whether what is written so has one meaning without a zone beside it: a time with its offset, or a day alone.

    `%Z`, an abbreviation such as CET, is no offset.
    """
    offsets = ("%z", "%s", *OTHER_OFFSETS)
    return (
        fmt == "epoch"
        or not CLOCK.search(fmt)
        or fmt.endswith(EASTERN)
        or any(sign in fmt for sign in offsets)
        or (fmt.endswith(("Z", "UTC")) and fmt[-2:] != "%Z")
    )


def day(text: pl.Expr, fmt: str | None) -> pl.Expr:
    """Date; a format of a year alone (`%Y`) or a month (`%Y-%m`) stands for its first day.

    Of a time it is the day that is written; seconds since 1970 have theirs in UTC.
    """
    if fmt == "epoch":
        return _of_epoch(text).dt.date()
    if fmt:
        return text.str.to_date(fmt, strict=False)
    return pl.coalesce(text.str.extract(ISO_TIME), text).str.to_date("%Y-%m-%d", strict=False)


def flag(text: pl.Expr) -> pl.Expr:
    """Boolean from true/false, yes/no, 1/0 in any case; `1.0` as programs write it that keep flags as floats."""
    words = {"true": True, "yes": True, "1": True, "1.0": True, "false": False, "no": False, "0": False, "0.0": False}
    return text.str.to_lowercase().replace_strict(words, default=None, return_dtype=pl.Boolean)


def post_of_link(text: pl.Expr) -> pl.Expr:
    """The address of a post as the platform's id of it, where that stands in it; any other address as it is.

    `instagram.com/p/CODE/` is `CODE`, `facebook.com/PAGE/posts/NUMBER` is `PAGE_NUMBER`, and of LinkedIn it is the
    `urn:li:activity:NUMBER` or the like inside, as the platforms' own APIs say. An address on Instagram without a
    shortcode, of no story either, stands behind the mark `NO_POST`.
    """
    bare = text.str.strip_chars()
    instagram = bare.str.extract(r"^(?i:https?://)?(?i:(?:www|m)\.)?(?i:instagram\.com)/+([^?#]*)")
    shortcode = instagram.str.extract(r"^(?:[^/]+/)?(?:p|reel|reels|tv)/([\w-]+)/?.*$")
    is_none = instagram.str.contains(r"^share/|^(?:[^/]+/)?reels?/audio/") | (
        shortcode.is_null() & ~instagram.str.contains(r"^(?:stories/[^/]+/[0-9]+|s/)")
    )
    facebook = r"^(?:https?://)?(?:www\.)?facebook\.com/([0-9]+)/posts/([0-9]+)/?$"
    page, number = bare.str.extract(facebook, 1), bare.str.extract(facebook, 2)
    urn = bare.str.extract(r"^(?:https?://)?(?:www\.)?linkedin\.com/[^?#]*(urn:li:(?:activity|share|ugcPost):[0-9]+)\b")
    return pl.when(is_none).then(NO_POST + text).otherwise(pl.coalesce(shortcode, page + "_" + number, urn, bare))

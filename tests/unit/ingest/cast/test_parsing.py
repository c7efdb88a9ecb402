"""Text to numbers, instants, days, flags, handles and ids of posts: what is read, and what is left null."""

from datetime import date, datetime

import polars as pl
import pytest

from ingest.cast import parsing
from schemas.sources import NumberConvention

LARGEST = 9_223_372_036_854_775_807


def read(expression: pl.Expr) -> object:
    return pl.select(expression).item()


def cell(text: str | None) -> pl.Expr:
    return pl.lit(text, pl.String)


@pytest.mark.parametrize(
    ("convention", "text", "number"),
    [
        ("plain", "1200", 1_200),
        ("plain", "0", 0),
        ("plain", "-7", -7),
        ("plain", "+7", 7),
        ("plain", "007", 7),
        ("plain", str(LARGEST), LARGEST),
        ("plain", str(LARGEST + 1), None),
        ("plain", "1,200", None),
        ("plain", "1.0", 1),
        ("plain", "1e3", 1000),
        ("plain", "1 200", None),
        ("plain", "1_200", None),
        ("plain", "0x10", None),
        ("plain", "\u0661\u0662", None),  # Arabic digits
        ("plain", "", None),
        ("plain", "-", None),
        ("plain", None, None),
        ("comma", "1,234,567", 1_234_567),
        ("comma", "999", 999),
        ("comma", "1234567", 1_234_567),
        ("comma", "-1,200", -1_200),
        ("comma", " 1,200 ", 1_200),
        ("comma", "1,200.0", 1_200),
        ("comma", "1,200.5", None),
        ("comma", "12,34", None),
        ("comma", "1,2345", None),
        ("comma", ",200", None),
        ("comma", "1,200,", None),
        ("comma", "1.200", None),
        ("comma", "1.2M", None),
        ("comma", None, None),
        ("dot", "1.234.567", 1_234_567),
        ("dot", "1.200", 1_200),
        ("dot", "1200", 1_200),
        ("dot", "1.200,0", 1_200),
        ("dot", "1.200,5", None),
        ("dot", "12.34", None),
        ("dot", "1,200", None),
        ("suffix", "409.8M", 409_800_000),
        ("suffix", "1.2k", 1_200),
        ("suffix", "1.2 K", 1_200),
        ("suffix", "3B", 3_000_000_000),
        ("suffix", "1,234.5k", 1_234_500),
        ("suffix", "12", 12),
        ("suffix", "1.2345k", None),
        ("suffix", "1.2", None),
        ("suffix", "M", None),
        ("suffix", "1.2MM", None),
        ("suffix", "1.2 mln", None),
        ("suffix", "10000000000B", None),  # beyond 64 bits
        ("suffix", f"{LARGEST}k", None),
        ("words", "2 million", 2_000_000),
        ("words", "59.7 mila dollari", 59_700),
        ("words", "$1.5 million", 1_500_000),
        ("words", "3 mln", 3_000_000),
        ("words", "12\u4e07", 120_000),
        ("words", "2\u4ebf", 200_000_000),
        ("words", "2 apples", None),
        ("words", "3 lakhs", 300_000),
        ("words", "4 Crores", 40_000_000),
        ("words", "1.7W+", 17_000),
        ("words", "17,000+", None),  # no abbreviation: it may be any number above
        ("words", "5%", None),
        ("words", "₩15,000", 15_000),
        ("words", "15,000 kr.", 15_000),
        ("suffix", "3.5M+", 3_500_000),
        ("suffix", "5%", None),
        ("suffix", "\u2212250", -250),
        ("plain", "\u2212250", -250),
        ("plain", "\u2212", None),
        ("dot_words", "1,5 mln", 1_500_000),
        ("dot_words", "1.500", 1_500),
        ("dot_words", "1.5 mln", None),
        ("dot_words", "2,4 mln+", 2_400_000),
        ("percent", "100%", 1),
        ("percent", "50%", None),
    ],
)
def test_a_whole_number(convention: NumberConvention, text: str | None, number: int | None) -> None:
    assert read(parsing.whole_number(cell(text), convention)) == number


@pytest.mark.parametrize(
    ("convention", "text", "number"),
    [
        ("plain", "0.0139", 0.0139),
        ("plain", "1e-3", 0.001),
        ("plain", "-0.5", -0.5),
        ("plain", "3", 3.0),
        ("plain", "NaN", None),
        ("plain", "inf", None),
        ("plain", "-inf", None),
        ("plain", "1e400", None),
        ("plain", "1,5", None),
        ("plain", "1.39%", None),
        ("plain", "", None),
        ("plain", None, None),
        ("percent", "1.39%", 0.0139),
        ("percent", "1.39 %", 0.0139),
        ("percent", "1.39", 0.0139),
        ("percent", "-2%", -0.02),
        ("percent", "0%", 0.0),
        ("percent", "1,39%", None),
        ("percent", "%", None),
        ("percent", "1.39%%", None),
        ("comma", "1,234.5", 1_234.5),
        ("comma", "1.234,5", None),
        ("dot", "1.234,5", 1_234.5),
        ("dot", "0,07", 0.07),
        ("dot", "1,234.5", None),
        ("suffix", "1.25k", 1_250.0),
        ("suffix", "0.3", 0.3),
        ("words", "US$ 1,200", 1_200.0),
        ("words", "12 %", None),
        ("words", "4.5%", None),
        ("percent", "%4.2", 0.042),
        ("percent", "% 4", 0.04),
        ("percent", "+5%", 0.05),
        ("percent", "\u22121.5%", -0.015),
        ("percent", "2.5\u066a", 0.025),
        ("percent", "2.5\uff05", 0.025),
        ("plain", "\u22120.25", -0.25),
        ("words", "Rs. 2,500", 2_500.0),
        ("words", "2,500/-", 2_500.0),
        ("words", "1'250.-", 1_250.0),
        ("words", "US $2,500", 2_500.0),
        ("words", "AUD$250", 250.0),
        ("words", "XY$2,500", None),
        ("words", "$.50", None),
        ("dot_words", "2.500 €", 2_500.0),
        ("dot_words", "€ 2.500", 2_500.0),
        ("dot_words", "2.500,- €", 2_500.0),
        ("dot_words", "2.500,\u2014 zł", 2_500.0),
        ("dot_words", "R$ 2.500,75", 2_500.75),
        ("dot_words", "2,500.75 €", None),
        ("comma", "2,500 €", None),
        ("dot", "2.500 €", None),
        ("dot_words", "0,5 milioni", 500_000.0),
    ],
)
def test_a_number_with_decimals_is_the_nearest_there_is(
    convention: NumberConvention, text: str | None, number: float | None
) -> None:
    assert read(parsing.decimal_number(cell(text), convention)) == number


NOON = datetime(2026, 8, 1, 12)
ANY = parsing.INSTANT_FORMATS + parsing.ZONELESS_FORMATS


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("2026-08-01T12:00:00Z", NOON),
        ("2026-08-01 12:00:00Z", NOON),
        ("2026-08-01T12:00:00.250Z", datetime(2026, 8, 1, 12, 0, 0, 250_000)),
        ("2026-08-01T12:00:00.000001Z", datetime(2026, 8, 1, 12, 0, 0, 1)),
        ("2026-08-01T14:00:00+02:00", NOON),
        ("2026-08-01T14:00:00+0200", NOON),
        ("2026-08-01 07:00:00-05:00", NOON),
        ("2026-08-01T17:45:00.5+05:45", datetime(2026, 8, 1, 12, 0, 0, 500_000)),
        ("2026-08-01 12:00:00 UTC", NOON),
        ("2026-08-01 12:00:00.5 UTC", datetime(2026, 8, 1, 12, 0, 0, 500_000)),
        ("2026-08-01 12:00:00+00", NOON),
        ("2026-08-01 09:30:00-02", datetime(2026, 8, 1, 11, 30)),
        ("2026-08-01 17:30:00.25+0530", datetime(2026, 8, 1, 12, 0, 0, 250_000)),
        ("2026-08-01 14:00:00.000001+02", datetime(2026, 8, 1, 12, 0, 0, 1)),
        ("2026-08-01T14:00:00+02", NOON),
        ("2026-08-01T12:00Z", NOON),
        ("2026-08-01T14:00+02:00", NOON),
        ("2026-08-01T12:00", None),
        ("2026-08-01 12:00:00+2", None),
        ("2024-02-29T00:00:00Z", datetime(2024, 2, 29)),
        ("2025-02-29T00:00:00Z", None),
        ("2026-08-01T25:00:00Z", None),
        ("2026-13-01T00:00:00Z", None),
        ("2026-08-01T12:00:00", None),
        ("2026-08-01", datetime(2026, 8, 1)),
        ("01/08/2026 12:00", None),
        ("2026-08-01 12:00:00 CET", None),
        ("yesterday", None),
        ("", None),
        (None, None),
    ],
)
def test_an_instant_with_its_zone(text: str | None, at: datetime | None) -> None:
    assert read(parsing.instant(cell(text), parsing.INSTANT_FORMATS, None)) == at


@pytest.mark.parametrize(
    ("zone", "text", "at"),
    [
        ("UTC", "2026-08-01 12:00:00", NOON),
        ("UTC", "2026-08-01T12:00:00", NOON),
        ("UTC", "2026-08-01 12:00", NOON),
        ("UTC", "2026-08-01T12:00", NOON),
        ("UTC", "2026-08-01", datetime(2026, 8, 1)),
        ("Europe/Berlin", "2026-08-01 14:00:00", NOON),
        ("Europe/Berlin", "2026-01-15 13:00:00", datetime(2026, 1, 15, 12)),
        ("Europe/Berlin", "2026-08-01", datetime(2026, 8, 1)),  # a day is no clock time: from its beginning in UTC
        ("America/New_York", "2026-08-01T08:00:00.5", datetime(2026, 8, 1, 12, 0, 0, 500_000)),
        ("Asia/Kathmandu", "2026-08-01 17:45:00", NOON),
        # The zone of the file is for times that do not say theirs.
        ("America/New_York", "2026-08-01T12:00:00Z", NOON),
        ("America/New_York", "2026-08-01T14:00:00+02:00", NOON),
        ("Europe/Berlin", "2026-03-29 02:30:00", None),  # skipped
        ("Europe/Berlin", "2026-10-25 02:30:00", None),  # there twice
        ("Europe/Berlin", "2026-10-25 03:30:00", datetime(2026, 10, 25, 2, 30)),
    ],
)
def test_a_clock_time_in_the_zone_of_the_file(zone: str, text: str, at: datetime | None) -> None:
    assert read(parsing.instant(cell(text), ANY, zone)) == at


@pytest.mark.parametrize(
    ("fmt", "text", "at"),
    [
        ("epoch", "1785585600", NOON),
        ("epoch", "1785585600000", NOON),
        ("epoch", "0", datetime(1970, 1, 1)),
        ("epoch", "-86400", datetime(1969, 12, 31)),
        ("epoch", "1785585600000000", NOON),
        ("epoch", "1785585600000000000", NOON),
        ("epoch", "1785585600.5", datetime(2026, 8, 1, 12, 0, 0, 500_000)),
        ("epoch", "1785585600.123456", datetime(2026, 8, 1, 12, 0, 0, 123_456)),
        ("epoch", "1785585600250.5", datetime(2026, 8, 1, 12, 0, 0, 250_500)),
        ("epoch", "1.7855856E+9", None),
        ("epoch", "1785585600.", None),
        ("epoch", "inf", None),
        ("epoch", "noon", None),
        ("%d.%m.%Y %H:%M %z", "01.08.2026 14:00 +0200", NOON),
        ("%d.%m.%Y %H:%M %:z", "01.08.2026 14:00 +02:00", NOON),
        ("%d.%m.%Y %H:%M %#z", "01.08.2026 14:00 +02", NOON),
        ("%d.%m.%Y %H:%M %#z", "01.08.2026 14:00 +0200", NOON),
        ("%a %b %d %H:%M:%S %z %Y", "Sat Aug 01 12:00:00 +0000 2026", NOON),
        ("%Y-%m-%d %H:%M:%S EST/EDT", "2026-08-01 08:00:00 EDT", NOON),
        ("%Y-%m-%d %H:%M:%S EST/EDT", "2026-01-15 07:00:00 EST", datetime(2026, 1, 15, 12)),
        ("%Y-%m-%d %H:%M:%S EST/EDT", "2026-08-01 08:00:00 PDT", None),
        ("%Y-%m-%d %H:%M:%S EST/EDT", "2026-08-01 08:00:00", None),
    ],
)
def test_an_instant_in_a_declared_format(fmt: str, text: str, at: datetime | None) -> None:
    assert read(parsing.instant(cell(text), (fmt,), None)) == at


@pytest.mark.parametrize(
    ("fmt", "tells"),
    [
        ("epoch", True),
        ("%s", True),
        ("%Y-%m-%dT%H:%M:%SZ", True),
        ("%Y-%m-%d %H:%M:%S UTC", True),
        ("%Y-%m-%d %H:%M:%S EST/EDT", True),
        ("%d.%m.%Y %z", True),
        ("%d.%m.%Y %:z", True),
        ("%d.%m.%Y %#z", True),
        ("%d.%m.%Y %H:%M %Z", False),
        ("%d.%m.%Y %H:%M", False),
        ("%d.%m.%Y", True),  # a day alone
        ("%Y-%m-%d %H:%M:%S", False),
    ],
)
def test_whether_a_format_says_the_zone(fmt: str, tells: bool) -> None:
    assert parsing.tells_zone(fmt) is tells


@pytest.mark.parametrize(
    ("fmt", "text", "on"),
    [
        (None, "2026-08-01", date(2026, 8, 1)),
        (None, "2024-02-29", date(2024, 2, 29)),
        (None, "2025-02-29", None),
        (None, "01.08.2026", None),
        (None, "2026-08", None),
        (None, "", None),
        (None, None, None),
        ("%d.%m.%Y", "01.08.2026", date(2026, 8, 1)),
        ("%d.%m.%Y", "08/01/2026", None),
        ("%m/%d/%Y", "08/01/2026", date(2026, 8, 1)),
        ("%Y-%m", "2026-08", date(2026, 8, 1)),
        ("%Y", "2026", date(2026, 1, 1)),
        ("%Y", "MMXXVI", None),
        (None, "2026-08-01T23:30:00Z", date(2026, 8, 1)),
        (None, "2026-08-01 23:30", date(2026, 8, 1)),
        (None, "2026-08-01T23:30:00.5-05:00", date(2026, 8, 1)),  # the day that is written
        (None, "2026-08-01 00:00:00+00", date(2026, 8, 1)),
        (None, "2026-08-01T24:30:00Z", None),
        (None, "2026-08-01 noon", None),
        ("epoch", "1785585600", date(2026, 8, 1)),
        ("epoch", "1785628799000", date(2026, 8, 1)),
        ("epoch", "2026-08-01", None),
    ],
)
def test_a_day(fmt: str | None, text: str | None, on: date | None) -> None:
    assert read(parsing.day(cell(text), fmt)) == on


@pytest.mark.parametrize(
    ("text", "flag"),
    [
        ("true", True),
        ("TRUE", True),
        ("Yes", True),
        ("1", True),
        ("false", False),
        ("False", False),
        ("no", False),
        ("0", False),
        ("y", None),
        ("2", None),
        ("1.0", True),
        ("on", None),
        ("", None),
        (None, None),
    ],
)
def test_a_flag(text: str | None, flag: bool | None) -> None:
    assert read(parsing.flag(cell(text))) is flag


@pytest.mark.parametrize(
    ("text", "post"),
    [
        ("https://www.instagram.com/p/Cab_-9/", "Cab_-9"),
        ("https://www.instagram.com/p/Cab_-9/?igsh=x", "Cab_-9"),
        ("https://instagram.com/reel/Cab9", "Cab9"),
        ("www.instagram.com/kim.lee/reels/Cab9/", "Cab9"),
        ("instagram.com/tv/Cab9#x", "Cab9"),
        ("https://www.facebook.com/123/posts/456", "123_456"),
        ("facebook.com/123/posts/456/", "123_456"),
        ("https://www.facebook.com/kim/posts/456", "https://www.facebook.com/kim/posts/456"),
        ("https://www.tiktok.com/@kim/video/7", "https://www.tiktok.com/@kim/video/7"),
        (" Cab9 ", "Cab9"),
        ("https://www.instagram.com/stories/kim/3141/", "https://www.instagram.com/stories/kim/3141/"),
        (None, None),
    ],
)
def test_a_post_by_its_address(text: str | None, post: str | None) -> None:
    assert read(parsing.post_of_link(cell(text))) == post


def count(text: str, convention: NumberConvention = "plain", *, quick: bool = False) -> int | None:
    found: int | None = pl.select(parsing.whole_number(pl.lit(text), convention, quick=quick)).item()
    return found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("12.0", 12),
        ("0.0", 0),
        ("-1.0", -1),
        (" 12.0 ", 12),
        ("477900000.00", 477900000),
        ("1234.000", 1234),  # no group of thousands has four digits before it
        ("0.000", 0),
        ("12.0000", 12),
        ("12.000", None),  # twelve, or twelve thousand
        ("1.7", None),
        ("12.", None),
        (".0", None),
        ("9007199254740993.0", 9007199254740993),
        ("9223372036854775808.0", None),
        ("1.45E+08", 145000000),
        ("1,45E+08", 145000000),
        ("1.45e8", 145000000),
        ("-2E+3", -2000),
        ("1E+0", 1),
        ("9.123456789E+9", 9123456789),
        ("1.45E+01", None),  # 14.5
        ("1E-3", None),
        ("12.5E+3", None),  # no program writes two digits before the point
        ("1E+19", None),
        ("1E+99", None),
        ("E+08", None),
        ("NaN", None),
    ],
)
@pytest.mark.parametrize("convention", ["plain", "suffix"])
def test_counts_have_one_reading(text: str, found: int | None, convention: NumberConvention) -> None:
    if convention == "suffix" and text == "12.000":
        return  # a point is declared to stand before decimals
    assert count(text, convention) == found


@pytest.mark.parametrize(
    ("text", "convention", "found"),
    [
        ("12.0", "dot", 12),
        ("12.000", "dot", 12000),
        ("477900000.00", "dot", 477900000),
        ("1,45E+08", "dot", 145000000),
        ("12.0", "comma", 12),
        ("12.0", "prices", 12),
        ("12.0", "dot_words", 12),
        ("1.45E+08", "words", 145000000),
    ],
)
def test_under_every_convention(text: str, convention: NumberConvention, found: int) -> None:
    assert count(text, convention) == found


def test_the_quick_way_reads_what_is_written_as_declared_alone() -> None:
    assert [count(text, quick=True) for text in ("12", "12.0", "1.2E+3")] == [12, None, None]


@pytest.mark.parametrize("zone", [None, "UTC", "Asia/Tokyo", "America/Los_Angeles"])
@pytest.mark.parametrize(
    ("text", "fmt"), [("2026-03-29", "%Y-%m-%d"), ("29.03.2026", "%d.%m.%Y"), ("Mar 29, 2026", "%b %d, %Y")]
)
def test_a_day_is_the_same_instant_in_every_zone(text: str, fmt: str, zone: str | None) -> None:
    assert parsing.tells_zone(fmt)
    assert pl.select(parsing.instant(pl.lit(text), (fmt,), zone)).item() == datetime(2026, 3, 29)


@pytest.mark.parametrize("fmt", ["%d.%m.%Y %H:%M", "%Y-%m-%d %I %p", "%Y-%m-%dT%T", "%D %R"])
def test_a_time_of_day_tells_no_zone(fmt: str) -> None:
    assert not parsing.tells_zone(fmt)


@pytest.mark.parametrize(
    "text",
    [
        "https://www.instagram.com/reels/audio/111/",
        "instagram.com/reels/audio/222",
        "https://www.instagram.com/share/reel/BACab9",
        "https://www.instagram.com/share/p/BACab9/",
        "https://instagram.com/share/BACab9",
        "https://www.instagram.com/kim.lee/",
        "https://www.instagram.com/explore/tags/tea/",
    ],
)
def test_an_address_on_instagram_that_names_no_post(text: str) -> None:
    assert read(parsing.post_of_link(cell(text))) == parsing.NO_POST + text

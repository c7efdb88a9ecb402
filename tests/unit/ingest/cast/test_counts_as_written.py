"""Counts and days as exports write them: what has one reading is read, and nothing else."""

from datetime import datetime

import polars as pl
import pytest

from ingest.cast import parsing
from schemas.sources import NumberConvention


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

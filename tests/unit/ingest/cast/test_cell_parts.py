"""Parts of a cell by examples: names, currencies, ends of ranges, prices with one reading, labels run together."""

import polars as pl
import pytest

from ingest.cast import cell_parts as cells
from ingest.cast import parsing
from schemas.handles import account_named
from schemas.sources import Part


@pytest.mark.parametrize(
    ("part", "cell", "found"),
    [
        ("name", "Kim Lee\n@kim.lee", "Kim Lee"),
        ("name", "@kim.lee (Kim  Lee)", "Kim Lee"),
        ("name", "Kim Lee (@kim.lee)", "Kim Lee"),
        ("name", "@oat: Oat", "Oat"),
        ("name", "Kim\uff08@kim\uff09", "Kim"),
        ("name", "Kim Lee (official) - @kim", "Kim Lee (official)"),
        ("name", "[Kim](https://instagram.com/kim)", "Kim"),
        ("name", "Instagram @instagram", "Instagram"),
        ("name", "IG: @kim", None),
        ("name", "https://instagram.com/kim", None),
        ("name", "Kim kim@mail.example", None),
        ("name", "@kim.lee, Kim Lee", "Kim Lee"),
        ("name", "@kim.lee", None),
        ("name", "Kim Lee", None),
        ("name", "@kim @lee", None),
        ("currency", "$18,000", "USD"),
        ("currency", "CA$ 20", "CAD"),
        ("currency", "1.500,50 €", "EUR"),
        ("currency", "500chf", "CHF"),
        ("currency", "59.7 mila dollari", "USD"),
        ("currency", "¥500", "¥"),
        ("currency", "NT$2,500", "TWD"),
        ("currency", "mx$2,500", "MXN"),
        ("currency", "S$ 25", "SGD"),
        ("currency", "R$25", "BRL"),
        ("currency", "US $25", "USD"),
        ("currency", "CA $25", "CAD"),
        ("currency", "Mocca $25", "USD"),
        ("currency", "story$25", "USD"),
        ("currency", "XY$25", "XY$"),  # whose it is, nobody said: surely not USD
        ("currency", "AUD$25", "AUD"),
        ("currency", "AUD $25", "AUD"),
        ("currency", "25zł", "PLN"),
        ("currency", "RM25", "MYR"),
        ("currency", "Rp 25.000", "IDR"),
        ("currency", "₩25,000", "KRW"),
        ("currency", "25 kr", "kr"),
        ("currency", "Rs. 25", "Rs"),
        ("currency", "25元", "元"),
        ("currency", "hours 25", None),
        ("currency", "$500 / 450 EUR", "USD/EUR"),
        ("currency", "500", None),
        ("currency", "ask for USD", None),
        ("amount", "$500", "$500"),
        ("amount", "-5", "-5"),
        ("amount", "$500-700", None),
        ("low", "£2,000-3,500", "£2,000"),
        ("high", "£2,000-3,500", "3,500"),
        ("low", "$2k \u2013 $3k", "$2k"),
        ("high", "2000 to 3500 USD", "3500 USD"),
        ("low", "2-3k", "2-3k"),
        ("low", "$500", None),
        ("low", "-5", None),
    ],
)
def test_a_part_of_a_cell(part: Part, cell: str, found: str | None) -> None:
    assert pl.select(cells.part_of(pl.lit(cell), part)).item() == found


@pytest.mark.parametrize(
    ("cell", "handle"),
    [
        ("Kim Lee\n@Kim.Lee", "kim.lee"),
        ("@Kim.Lee, since 2020", "kim.lee"),
        ("https://www.tiktok.com/@Kim", "kim"),
    ],
)
def test_the_handle_of_a_cell_is_its_one_word_with_an_at_sign(cell: str, handle: str) -> None:
    assert pl.select(account_named(pl.lit(cell))).item() == handle


@pytest.mark.parametrize(
    ("cell", "price"),
    [
        ("$18,000", 18_000),
        ("18,000.50", 18_000.5),
        ("1.500,50 €", 1500.5),
        ("EUR 1.500.000", 1_500_000),
        ("1,5 mln", 1_500_000),
        ("1500,5", 1500.5),
        ("0.986 million", 986_000),
        ("986k CHF", 986_000),
        ("12.50", 12.5),
        ("1.500,- €", 1500),
        ("NT$1,500", 1500),
        ("1500 Kč", 1500),
        ("15%", None),
        ("1.500", None),
        ("1.500 €", None),
        ("1.50,00", None),
        ("500 apples", None),
        ("500-700", None),
    ],
)
def test_prices_are_read_where_they_have_one_reading(cell: str, price: float | None) -> None:
    assert pl.select(parsing.decimal_number(pl.lit(cell), "prices")).item() == price


@pytest.mark.parametrize(
    ("cell", "niche"),
    [
        ("BooksMusic", "Books; Music"),
        ("Books, Music", "Books; Music"),
        ("Food & Drink", "Food & Drink"),
        ("Food & DrinkBooks", "Food & Drink; Books"),
        ("BooksCars", "unknown: BooksCars"),
        ("books", "unknown: books"),
        ("ArtFilm", "unknown: ArtFilm"),
        (" ", None),
        (None, None),
    ],
)
def test_labels_run_together(cell: str | None, niche: str | None) -> None:
    """`ArtFilm` is one label and two."""
    labels = ("Books", "Music", "Food & Drink", "Food", "Art", "Film", "ArtFilm")
    assert pl.select(cells.split_by_labels(pl.lit(cell, pl.String), labels)).item() == niche


def test_many_labels_in_a_long_cell_are_split_at_once() -> None:
    assert len(cells.ways_to_split("a" * 10_000, ("a", "aa"))) == 2


@pytest.mark.parametrize(
    ("cell", "number", "by", "found"),
    [
        ("700100_31", 1, "_", "700100"),
        ("700100_31", 2, "_", "31"),
        ("700100_31", 3, "_", None),
        ("700100", 1, "_", "700100"),
        ("700100", 2, "_", None),
        ("_31", 1, "_", None),
        ("a.b.c", 3, ".", "c"),
        ("a - b", 2, " - ", "b"),
        ("00123|9", 1, "|", "00123"),
        (None, 1, "_", None),
    ],
)
def test_pieces_of_a_cell(cell: str | None, number: int, by: str, found: str | None) -> None:
    assert pl.select(cells.part_of(pl.lit(cell, pl.String), number, by)).item() == found

"""Units in the names of columns, and numbers multiplied by them."""

import polars as pl
import pytest

from ingest.cast.grammars import in_language, multiplied
from ingest.cast.parsing import Convention, decimal_number, whole_number
from ingest.cast.units import factor_named


@pytest.mark.parametrize(
    ("name", "factor"),
    [
        ("Fans (k)", 1_000),
        ("Fans [K]", 1_000),
        ("Fans in k", 1_000),
        ("Fans_k", 1_000),
        ("Views (000s)", 1_000),
        ("Views (\u2019000)", 1_000),
        ("Views (\u00d71,000)", 1_000),
        ("Views (in thousands)", 1_000),
        ("Abonnenten (Tsd.)", 1_000),
        ("Vistas en miles", 1_000),
        ("Подписчики, тыс.", 1_000),
        ("Honorar (k€)", 1_000),
        ("粉丝(万)", 10_000),
        ("粉丝\uff08万\uff09", 10_000),
        ("구독자 (만)", 10_000),
        ("Subscribers (lakhs)", 100_000),
        ("Fans (M)", 1_000_000),
        ("Aufrufe Mio.", 1_000_000),
        ("Seguidores (milhões)", 1_000_000),
        ("Abonn\u00e9s (millions)", 1_000_000),
        ("Views (bn)", 1_000_000_000),
        ("Fans", None),
        ("k", None),
        ("Likes (avg)", None),
        ("Fee (EUR)", None),
        ("Cost per 1000", None),
        ("Top 1000", None),
        ("Reel views (30d)", None),
        ("Week", None),
        ("followers_m", None),
    ],
)
def test_a_unit_in_a_name(name: str, factor: int | None) -> None:
    assert factor_named(name) == factor


@pytest.mark.parametrize("quick", [True, False])
@pytest.mark.parametrize(
    ("convention", "times", "text", "number"),
    [
        ("plain", 1_000, "12", 12_000),
        ("plain", 1_000, "12.5", 12_500),
        ("plain", 1_000, "-0.25", -250),
        ("plain", 1_000, "12.3456", None),
        ("plain", 1_000, "12.500", None),
        ("plain", 1_000, "12k", None),
        ("plain", 1, "12", 12),
        ("plain", 1, "12.5", None),
        ("plain", None, "12.5", None),
        ("comma", 1_000, "1,234.5", 1_234_500),
        ("dot", 1_000, "1.234,5", 1_234_500),
        ("suffix", 1_000, "12", 12_000),
        ("suffix", 1_000, "12k", None),
        ("words", 1_000_000, "1.2 million", None),
        (in_language("de"), 1_000, "12,5", 12_500),
        (in_language("de"), 1_000, "12,5 Tsd.", None),
        (in_language("zh"), 10_000, "1.2万", None),
        ("plain", 1_000_000_000, "9223372036.9", None),
    ],
)
def test_numbers_are_multiplied_exactly_or_not_read(
    convention: Convention, times: int | None, text: str, number: int | None, quick: bool
) -> None:
    read = whole_number(pl.lit(text), multiplied(convention, times), quick=quick)
    assert pl.select(read).item() == number


def test_decimals_are_multiplied_by_moving_their_point() -> None:
    assert pl.select(decimal_number(pl.lit("0.1234"), multiplied("plain", 1_000))).item() == 123.4

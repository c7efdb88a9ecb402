"""The currency that a text names, by examples."""

import polars as pl
import pytest

from ingest.cast.currencies import code_named, currency_code
from ingest.cast.grammars import CURRENCY_CODES


@pytest.mark.parametrize(
    ("text", "code"),
    [
        *((text, "USD") for text in ("USD", "usd", "Usd", " USD\u00a0", "$", "US$", "us$", "Dollars")),
        *((text, "EUR") for text in ("EUR", "eur", "€", " € ", "euro")),
        ("£", "GBP"),
        ("r$", "BRL"),
        ("₹", "INR"),
        ("isk", "ISK"),
        ("kwd", "KWD"),
        *(
            (text, None)
            for text in ("¥", "USD/EUR", "$ €", "US dollar", "Canadian dollars", "TBD", "n/a", "-", "500", "EURX", "")
        ),
    ],
)
def test_a_currency_has_one_code(text: str, code: str | None) -> None:
    assert pl.select(currency_code(pl.lit(text))).item() == code_named(text) == code


def test_every_code_that_stands_beside_a_price_is_one() -> None:
    assert [code_named(code) for code in CURRENCY_CODES] == list(CURRENCY_CODES)

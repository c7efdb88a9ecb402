"""Quotes of a lake that was filled before currencies were read as their codes."""

import polars as pl
import pytest

from schemas.columns import polars_schema
from schemas.rates import RateQuotes
from transforms.rates import quotes_to_rates


@pytest.mark.parametrize(
    ("currencies", "found"),
    [
        (["usd", "USD", " Usd "], ["USD"]),
        (["USD", "eur", "EUR"], ["EUR", "USD"]),
        (["¥", None], [None, "¥"]),
    ],
)
def test_a_currency_is_one_however_it_was_delivered(currencies: list[str | None], found: list[str | None]) -> None:
    rows = [{"platform": "x", "account_id": "a", "price": "5", "currency": currency} for currency in currencies]
    quotes = pl.DataFrame(rows, dict.fromkeys(rows[0], pl.String)).cast({"price": pl.Decimal(18, 2)})
    missing = [
        pl.lit(None, dtype).alias(name) for name, dtype in polars_schema(RateQuotes).items() if name not in rows[0]
    ]
    rates = quotes_to_rates(quotes.with_columns(missing).lazy()).sort("currency").collect()
    assert rates.get_column("currency").to_list() == found
    assert rates.get_column("is_newest").all()

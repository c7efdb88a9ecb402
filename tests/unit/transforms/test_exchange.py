"""Conversion of prices: exact to the hundredth, whatever the rate."""

from datetime import date, timedelta
from decimal import ROUND_CEILING, Decimal, localcontext
from random import Random

import polars as pl
import pytest

from schemas.exchange_rates import HIGHEST as HIGHEST_RATE
from schemas.exchange_rates import LOWEST, PLACES, ExchangeRate
from transforms.exchange import Exchange, with_converted
from transforms.plan_candidates import BEYOND, HIGHEST

DAY = date(2026, 5, 1)


def converted(prices: list[int], rate: Decimal) -> list[int]:
    priced = pl.DataFrame({"price": prices, "currency": ["EUR"] * len(prices)}, schema_overrides={"price": pl.Int64})
    found = with_converted(priced, {"EUR": ExchangeRate(DAY, "EUR", "USD", rate)}, "USD", BEYOND)
    assert found["currency"].unique().to_list() == ["USD"]
    assert found["quoted_price"].to_list() == prices
    return found["price"].to_list()


@pytest.mark.parametrize("seed", range(20))
def test_a_part_of_a_hundredth_counts_as_a_whole_one(seed: int) -> None:
    chance = Random(seed)
    prices = [0, 1, HIGHEST, *(chance.randrange(10 ** chance.randint(1, 14)) for _ in range(50))]
    with localcontext(prec=60):
        rate = Decimal(chance.randrange(1, 10**PLACES)).scaleb(chance.randint(-PLACES, 6 - PLACES))
        rate = min(max(round(rate, PLACES), LOWEST), HIGHEST_RATE)
        exact = [int((price * rate).to_integral_value(ROUND_CEILING)) for price in prices]
    assert converted(prices, rate) == [min(price, BEYOND) for price in exact]


def test_the_bounds_of_rates_do_not_overflow() -> None:
    assert converted([0, 1, HIGHEST], HIGHEST_RATE) == [0, 10**6, BEYOND]
    assert converted([0, 1, HIGHEST], LOWEST) == [0, 1, 100]
    assert converted([BEYOND], LOWEST) == [BEYOND], "what is beyond all budgets stays there"
    assert converted([110], Decimal("1.1")) == [121], "and not a hundredth more, as by floats"


def test_the_newest_rate_until_the_booking_counts() -> None:
    days = [DAY + timedelta(days=away) for away in (3, -2, 0, 1)]
    rates = tuple(ExchangeRate(day, "EUR", "USD", Decimal(day.day)) for day in days)
    for away, expected in ((-3, None), (-2, -2), (-1, -2), (0, 0), (2, 1), (99, 3)):
        booked = Exchange(rates, DAY + timedelta(days=away))
        found = booked.into("USD").get("EUR")
        assert (found and found.day) == (None if expected is None else DAY + timedelta(days=expected))
        late = booked.too_late("USD").get("EUR")
        assert (late and late.day) == (DAY - timedelta(days=2) if expected is None else None)
    whenever = Exchange(rates)
    assert whenever.into("USD")["EUR"].day == DAY + timedelta(days=3)
    assert whenever.into("EUR") == whenever.into("GBP") == {}


def test_what_is_in_the_currency_stays_as_it_is() -> None:
    priced = pl.DataFrame({"price": [5, 7, 9], "currency": ["USD", "GBP", None]})
    found = with_converted(priced, {"EUR": ExchangeRate(DAY, "EUR", "USD", Decimal(2))}, "USD", BEYOND)
    assert found.select("price", "currency").equals(priced)
    assert (
        found.select("quoted_price", "quoted_currency", "exchange_rate", "exchanged_on").null_count().row(0) == (3,) * 4
    )

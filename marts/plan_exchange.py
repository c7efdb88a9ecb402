"""How prices in other currencies come into a plan: by the rates of the day that it is booked on."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

import polars as pl

from schemas.exchange_rates import ExchangeRate
from transforms.exchange import Exchange


@dataclass(frozen=True)
class Conversion:
    """The rate that prices were converted by: so many of the accounts that could be booked."""

    rate: ExchangeRate
    account_count: int

    @property
    def told(self) -> str:
        counted = "1 account" if self.account_count == 1 else f"{self.account_count:,} accounts"
        rate = self.rate
        return (
            f"1 {rate.from_currency} = {rate.rate.normalize():f} {rate.to_currency} on {rate.day}: prices of {counted}"
        )

    def as_json(self) -> dict[str, object]:
        rate = self.rate
        return {
            "from_currency": rate.from_currency,
            "to_currency": rate.to_currency,
            "rate": float(rate.rate),
            "date": rate.day,
            "account_count": self.account_count,
        }


def of_its_day(exchange: Exchange, day: date | None) -> Exchange:
    """The same, booked on the day of the figures unless another one is given: later rates are not known then."""
    return exchange if exchange.booked_on else replace(exchange, booked_on=day)


def conversions_of(candidates: pl.DataFrame, exchange: Exchange, currency: str) -> list[Conversion]:
    """Each rate that is used, and by how many accounts."""
    counts = dict(candidates.drop_nulls("quoted_currency").group_by("quoted_currency").len().iter_rows())
    return [Conversion(rate, counts[name]) for name, rate in sorted(exchange.into(currency).items()) if name in counts]


def notes_of(exchange: Exchange, currency: str, quoted: Iterable[str]) -> list[str]:
    """Of the currencies that prices are quoted in, those whose rates are all later than the booking."""
    late = exchange.too_late(currency)
    return [
        f"prices in {name} are not converted: its first rate is of {late[name].day}, after {exchange.booked_on}; with"
        f" --booked-on {late[name].day} or a later day they are"
        for name in sorted(set(quoted) & set(late))
    ]

"""Prices in other currencies, converted by dated exchange rates."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

import polars as pl

from schemas.exchange_rates import PLACES, ExchangeRate

ONE = 10**PLACES
QUOTED = {
    "quoted_price": pl.Int64, "quoted_currency": pl.String, "exchange_rate": pl.Float64, "exchanged_on": pl.Date,
}  # fmt: skip


@dataclass(frozen=True)
class Exchange:
    """What there is to convert with: rates, and the day of the booking that they are for, null for no bound."""

    rates: tuple[ExchangeRate, ...] = ()
    booked_on: date | None = None

    def into(self, currency: str) -> Mapping[str, ExchangeRate]:
        """The newest rate of each currency into this one that is not later than the booking."""
        return _newest(rate for rate in self._of(currency) if not self._is_later(rate))

    def too_late(self, currency: str) -> Mapping[str, ExchangeRate]:
        """The first rate of each currency whose rates are all later than the booking."""
        known = self.into(currency)
        return _newest(rate for rate in reversed(self._of(currency)) if rate.from_currency not in known)

    def _of(self, currency: str) -> list[ExchangeRate]:
        return sorted((rate for rate in self.rates if rate.to_currency == currency), key=lambda rate: rate.day)

    def _is_later(self, rate: ExchangeRate) -> bool:
        return self.booked_on is not None and rate.day > self.booked_on


def _newest(rates: Iterable[ExchangeRate]) -> dict[str, ExchangeRate]:
    """The last of each currency."""
    return {rate.from_currency: rate for rate in rates}


def with_converted(priced: pl.DataFrame, rates: Mapping[str, ExchangeRate], currency: str, beyond: int) -> pl.DataFrame:
    """Prices in hundredths (`price`, `currency`), those in other currencies in this one where a rate is known.

    A part of a hundredth counts as a whole one, so that the set is never dearer than the budget. The columns of QUOTED
    tell what was converted and how; they are null for prices that are in the currency as they were quoted. A price `beyond`
    all budgets is known to be that alone, in any currency.
    """
    used = pl.DataFrame(
        [
            (rate.from_currency, int(rate.rate * ONE), float(rate.rate), rate.day)
            for rate in rates.values()
        ],
        schema={"currency": pl.String, "__ones": pl.Int128, "exchange_rate": pl.Float64, "exchanged_on": pl.Date},
        orient="row",
    )  # fmt: skip
    is_converted = pl.col("__ones").is_not_null()
    is_beyond = pl.col("price") >= beyond
    exact = (pl.col("price").cast(pl.Int128) * pl.col("__ones") + (ONE - 1)) // ONE
    return (
        priced.join(used, on="currency", how="left", maintain_order="left")
        .with_columns(
            pl.when(is_converted & ~is_beyond)
            .then(exact.clip(0, beyond).cast(pl.Int64))
            .otherwise("price")
            .alias("price"),
            pl.when(is_converted).then(pl.lit(currency)).otherwise("currency").alias("currency"),
            pl.when(is_converted).then("price").alias("quoted_price"),
            pl.when(is_converted).then("currency").alias("quoted_currency"),
        )
        .drop("__ones")
    )

"""Exchange rates that whoever plans brings along: dated, one way, exact."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

# Digits after the point that a rate may have, and its bounds: with a price they stay within 128 bits.
PLACES = 18
LOWEST, HIGHEST = Decimal("1e-12"), Decimal("1e6")


@dataclass(frozen=True)
class ExchangeRate:
    """So many units of `to_currency` for one of `from_currency`, on a day. It says nothing of the other way."""

    day: date
    from_currency: str
    to_currency: str
    rate: Decimal

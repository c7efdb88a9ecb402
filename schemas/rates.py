"""Rates: what a post by an account costs, as quoted, and the newest quote of each kind."""

from typing import Annotated, TypeAlias

import polars as pl

from schemas.audience import REASONS
from schemas.columns import COST_MAX, Table, column

# A price that is only told when asked for: the account has an offer, and its price is not known.
ON_REQUEST = "on_request"
# What a quote is paid in that does not say: goods, and prices on request, must be said.
CASH = "cash"
COMPENSATIONS = (CASH, "product", ON_REQUEST)
COST_REASONS = ("no_price", "no_posts", "hidden_likes", "no_comments", "no_engagement")
ENGAGED_COST_REASONS = ("no_price", "no_lists", *REASONS, "no_engaged_followers")
Money: TypeAlias = Annotated[pl.Decimal, 18, 2]


class RateQuotes(Table):
    """One row per price quoted by or for an account."""

    platform: str = column("Network the post would be on, lower case", "label", key=True)
    account_id: str = column("The account that would post", "id", key=True)
    media_type: str = column("Kind of post the price is for", "text", nullable=True, key=True)
    price: Money = column("Price of one post; null where only a range is quoted, or none", "money", nullable=True)
    price_min: Money = column("Lower end of a quoted range", "money", nullable=True)
    price_max: Money = column("Upper end of a quoted range", "money", nullable=True)
    currency: str = column("ISO 4217 code; null where the export names none", "label", nullable=True, key=True)
    compensation: str = column(
        "Paid in money or in goods, or priced on request; null is cash, as most price lists do not say", "label",
        nullable=True, key=True, isin=COMPENSATIONS,
    )  # fmt: skip
    quoted_on: pl.Date = column("Day of the quote", "date", nullable=True, key=True)
    source: str = column("Who quotes it", "text", nullable=True, key=True)


class Rates(Table):
    """One row per account, kind of post, currency, compensation and day: every distinct quote."""

    platform: str = column("Network the post would be on", "label", key=True)
    account_id: str = column("The account that would post", "id", key=True)
    media_type: str = column("Kind of post the price is for", "text", nullable=True, key=True)
    price: Money = column(
        "Price of one post; null where only a range is quoted, or none", "money", nullable=True, key=True
    )
    price_min: Money = column("Lower end of a quoted range", "money", nullable=True, key=True)
    price_max: Money = column("Upper end of a quoted range", "money", nullable=True, key=True)
    currency: str = column("ISO 4217 code; null where the export names none", "label", nullable=True, key=True)
    compensation: str = column(
        "Paid in money or in goods, or priced on request; cash where the quote does not say", "label",
        key=True, isin=COMPENSATIONS,
    )  # fmt: skip
    quoted_on: pl.Date = column("Day of the quote", "date", nullable=True, key=True)
    source: str = column("Who quotes it", "text", nullable=True, key=True)
    is_newest: pl.Boolean = column("Of the newest day quoted for this account, kind, currency and compensation", "flag")
    is_disputed: pl.Boolean = column(
        "Quotes of this account, kind, currency, compensation and day name different amounts", "flag"
    )
    cost_per_engagement: pl.Float64 = column(
        "Price over the account's mean likes plus comments of a post, over all time", "cost", nullable=True
    )
    cost_per_1000_followers: pl.Float64 = column("Price for each thousand followers", "cost", nullable=True)
    cost_per_engaged_follower: pl.Float64 = column(
        "Price of a post over the followers who like or comment on one, mean over all posts; null without whole lists",
        "cost",
        nullable=True,
    )
    price_to_rule_of_thumb: pl.Float64 = column(
        "Price over a hundredth of the followers; quotes in US dollars alone", "ratio", nullable=True,
        in_range={"min_value": 0, "max_value": COST_MAX},
    )  # fmt: skip
    cost_reason: str = column("Why the cost per engagement is null", "label", nullable=True, isin=COST_REASONS)
    engaged_cost_reason: str = column(
        "Why the cost per engaged follower is null; those of audience.reason among them",
        "label",
        nullable=True,
        isin=ENGAGED_COST_REASONS,
    )

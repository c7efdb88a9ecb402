"""One mega account against many smaller ones."""

from enum import StrEnum

import polars as pl

from schemas.columns import SUM_MAX, Table, column
from schemas.plans import QUOTIENT_MAX, Objective, amount
from schemas.rates import Money


class Answer(StrEnum):
    """What the smaller accounts are to match."""

    SAME_VALUE = "same_value"
    SAME_PRICE = "same_price"


# Why there is no set.
REASONS = ("no_rate", "no_candidates", "not_enough_accounts", "nothing_affordable")
# What tells how many people are reached: whole lists, lists of which one or more are partial, the platform's counts alone.
BASES = ("whole_lists", "partial_lists", "platform_counts")
# A mega has as many followers or more; the accounts in its stead have fewer.
MEGA_FOLLOWERS = 1_000_000
QUOTIENT = {"min_value": 0, "max_value": QUOTIENT_MAX}


class MegaAlternatives(Table):
    """One row per account of a million followers or more with a price, currency, objective and kind of answer: the smaller accounts in its stead."""

    platform: str = column("Network of all of them", "label", key=True)
    account_id: str = column("The mega", "id", key=True)
    currency: str = column("ISO 4217 code of the prices; never converted into another", "label", key=True)
    objective: str = column(
        "What is compared: engagements expected, or people who follow one of the accounts", "label",
        key=True, isin=(Objective.ENGAGEMENTS, Objective.REACH),
    )  # fmt: skip
    answer: str = column(
        "same_value: the cheapest smaller accounts that bring as much. same_price: those that bring most for its price", "label",
        key=True, isin=tuple(Answer),
    )  # fmt: skip
    username: str = column("Handle of the mega", "text", nullable=True)
    followers_count: pl.Int64 = column("Followers of the mega", "count")
    media_type: str = column("Kind of post that its price is for, its cheapest", "text", nullable=True)
    price: Money = column("Price of a post of the mega", "money")
    value: pl.Float64 = amount("What the mega brings of what is compared; null where it is not known", nullable=True)
    value_low: pl.Float64 = amount(
        "Lower end of the 95 % interval of its engagements, least number of its people", nullable=True
    )
    value_high: pl.Float64 = amount("Upper end of the interval, most people", nullable=True)
    reason: str = column("Why there is no set; null where there is one", "label", nullable=True, isin=REASONS)
    account_count: pl.Int64 = column("Smaller accounts in the set", "count", nullable=True)
    account_ids: str = column(
        "The smaller accounts, most for its price first, parted by semicolons", "text", nullable=True
    )
    usernames: str = column("Their handles, the id where there is none, in the same order", "text", nullable=True)
    set_price: Money = column("Price of a post of each of the set", "money", nullable=True)
    set_value: pl.Float64 = amount("What the set brings for certain of what is compared", nullable=True)
    set_value_low: pl.Float64 = amount(
        "Lower end of the 95 % interval of its engagements, least number of its people", nullable=True
    )
    set_value_high: pl.Float64 = amount("Upper end of the interval, most people", nullable=True)
    set_followers_count: pl.Int64 = column(
        "Followers of the set, counted as often as they follow", "count", nullable=True, ge=0, le=SUM_MAX
    )
    price_ratio: pl.Float64 = column(
        "Price of the set over the price of the mega", "ratio", nullable=True, in_range=QUOTIENT
    )
    value_ratio: pl.Float64 = column(
        "What the set brings over what the mega brings", "ratio", nullable=True, in_range=QUOTIENT
    )
    price_bound: Money = column(
        "What no set that brings as much costs less than; null for same_price", "money", nullable=True
    )
    value_bound: pl.Float64 = amount("What no set for the price brings more than; null for same_value", nullable=True)
    gap: pl.Float64 = column(
        "How far from the best the set is at most: 1 - price_bound / set_price, or 1 - set_value / value_bound",
        "ratio",
        nullable=True,
    )
    people_basis: str = column(
        "What tells how many people are reached; null for engagements", "label", nullable=True, isin=BASES
    )

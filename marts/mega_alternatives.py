"""For each mega account with a price: the cheapest smaller accounts that bring as much, and those that bring most for its price."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from marts.known_accounts import listed_of
from marts.plan_choice import Terms, chosen
from marts.plan_people import People, audiences_of
from marts.plan_result import expected_of, reach_of
from marts.solver_output import solver_hushed
from marts.stated_plans import Market, bounds_of, money
from schemas.mega_alternatives import MEGA_FOLLOWERS, Answer
from schemas.plans import Objective
from transforms.audience_rates import COMPLETE
from transforms.plan_candidates import HIGHEST, Wish, priced_to_candidates, with_expected
from transforms.selection.cover import Cover, cover
from transforms.selection.effort import BY_STEPS
from transforms.selection.offers import Limits, offers_that_add_up
from transforms.selection.reach import cover_of_people
from warehouse.published import LIST

Row = dict[str, Any]
Amounts = tuple[float | None, float | None, float | None]
NO_SET: Row = dict.fromkeys(
    (
        "reason", "account_count", "account_ids", "usernames", "set_price", "set_value", "set_value_low", "set_value_high",
        "set_followers_count", "price_ratio", "value_ratio", "price_bound", "value_bound", "gap", "people_basis",
    )
)  # fmt: skip


@dataclass(frozen=True)
class Smaller:
    """The smaller accounts of a market that count for an objective, and their people; null for engagements."""

    market: Market
    objective: Objective
    accounts: pl.DataFrame
    people: People | None

    @classmethod
    def of(cls, market: Market, objective: Objective) -> "Smaller":
        small = market.priced.with_columns(listed_of(objective)).filter(pl.col("followers_count") < MEGA_FOLLOWERS)
        wish = Wish(HIGHEST, market.currency, objective, market.platform)
        candidates, _ = priced_to_candidates(small, wish)
        return cls(market, objective, candidates, market.people_of(objective, candidates))

    def brings(self, accounts: pl.DataFrame) -> Amounts:
        """What accounts bring together, at least and at most."""
        if self.objective == Objective.ENGAGEMENTS:
            return expected_of(accounts)
        audiences = self.market.audiences_of(accounts)
        if audiences is None:
            return None, None, None
        reach = reach_of(audiences)
        return float(reach.low), float(reach.low), float(reach.high)

    def cheapest(self, value: float) -> Cover | None:
        """The cheapest of them that bring a value, null where all of them do not."""
        prices = self.accounts.get_column("price").to_numpy()
        with solver_hushed():
            if self.people is not None:
                return cover_of_people(audiences_of(self.accounts, self.people), prices, value, BY_STEPS)
            expected = self.accounts.get_column("expected").to_numpy()
            return cover(offers_that_add_up(prices, expected, np.zeros(len(prices), dtype=bool)), value, BY_STEPS)


def alternatives_of(market: Market) -> Iterator[Row]:
    """The rows of `mega_alternatives` for one platform and currency."""
    is_mega = (pl.col("followers_count") >= MEGA_FOLLOWERS) & (pl.col("price") <= HIGHEST)
    megas = with_expected(market.priced.filter(is_mega))
    has_lists = market.followers is not None and len(market.followers.groups.people)
    for objective in (Objective.ENGAGEMENTS, *([Objective.REACH] if megas.height and has_lists else [])):
        smaller = Smaller.of(market, objective)
        for number in range(megas.height):
            mega = megas[[number]]
            value = smaller.brings(mega)
            for answer in Answer:
                found = _same_value(smaller, value[0]) if answer == Answer.SAME_VALUE else _same_price(smaller, mega)
                yield _mega(smaller, mega, value) | {"answer": answer.value} | _compared(smaller, mega, value, found)


def _mega(smaller: Smaller, mega: pl.DataFrame, value: Amounts) -> Row:
    told = mega.select("platform", "account_id", "username", "followers_count", "media_type").row(0, named=True)
    return told | {
        "currency": smaller.market.currency,
        "objective": smaller.objective.value,
        "price": money(mega.item(0, "price")),
        **dict(zip(("value", "value_low", "value_high"), value, strict=True)),
    }


def _same_value(smaller: Smaller, value: float | None) -> tuple[pl.DataFrame | None, Row]:
    """The cheapest accounts that bring as much as the mega, or why there are none."""
    if value is None:
        return None, {"reason": "no_rate"}
    if smaller.accounts.is_empty():
        return None, {"reason": "no_candidates"}
    found = smaller.cheapest(value)
    if found is None:
        return None, {"reason": "not_enough_accounts"}
    return smaller.accounts[found.chosen.tolist()], {"price_bound": money(found.bound), "gap": found.gap}


def _same_price(smaller: Smaller, mega: pl.DataFrame) -> tuple[pl.DataFrame | None, Row]:
    """The accounts that bring most for the price of the mega, or why there are none."""
    if smaller.accounts.is_empty():
        return None, {"reason": "no_candidates"}
    price = int(mega.item(0, "price"))
    payable = (smaller.accounts.get_column("price") <= price).to_numpy()
    accounts = smaller.accounts.filter(payable)
    people = smaller.people.only(payable) if smaller.people else None
    choice = chosen(accounts, people, Terms(Limits(price), BY_STEPS))
    if not len(choice.chosen):
        return None, {"reason": "nothing_affordable"}
    told = bounds_of(choice)
    return accounts[choice.chosen.tolist()], {"value_bound": told["bound"], "gap": told["gap"]}


def _compared(smaller: Smaller, mega: pl.DataFrame, value: Amounts, found: tuple[pl.DataFrame | None, Row]) -> Row:
    """A set beside the mega, or why there is none."""
    accounts, told = found
    if accounts is None:
        return NO_SET | told
    brought, price = smaller.brings(accounts), int(accounts.get_column("price").sum())
    own = int(mega.item(0, "price"))
    return NO_SET | told | {
        "account_count": accounts.height,
        "account_ids": LIST.join(accounts.get_column("account_id")),
        "usernames": LIST.join(accounts.select(pl.coalesce("username", "account_id")).to_series()),
        "set_price": money(price),
        **dict(zip(("set_value", "set_value_low", "set_value_high"), brought, strict=True)),
        "set_followers_count": accounts.get_column("followers_count").sum(),
        "price_ratio": price / own if own else None,
        "value_ratio": brought[0] / value[0] if brought[0] is not None and value[0] else None,
        "people_basis": None if smaller.objective == Objective.ENGAGEMENTS else _basis(mega, accounts),
    }  # fmt: skip


def _basis(mega: pl.DataFrame, accounts: pl.DataFrame) -> str:
    """What tells of the people of the mega and of the set."""
    columns = ("followers_known_count", "followers_coverage_ratio")
    both = pl.concat([mega.select(columns), accounts.select(columns)])
    if not both.get_column("followers_known_count").sum():
        return "platform_counts"
    whole = both.select((pl.col("followers_coverage_ratio") >= COMPLETE).fill_null(value=False)).to_series()
    return "whole_lists" if whole.all() else "partial_lists"

"""The plans of stated budgets: the tables `plans`, `plan_accounts`, `plan_frontier` and `plan_left_out`."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_CEILING, Context, Decimal
from typing import Any

import numpy as np
import polars as pl

from marts.known_accounts import listed_of
from marts.plan_choice import Terms, chosen, frontier
from marts.plan_people import People, audiences_of
from marts.plan_result import (
    Known,
    Point,
    accounts_of,
    expected_of,
    notes_of,
    rate_mean_of,
    rate_notes_of,
    reach_of,
    why,
)
from schemas.budgets import MIN_RATES
from schemas.plans import NOT_CHOSEN, Objective
from transforms.plan_candidates import UNIT, Wish, priced_to_candidates
from transforms.selection.choose import Choice
from transforms.selection.effort import BY_STEPS
from transforms.selection.offers import Integers, Limits
from transforms.selection.reach import Audiences
from warehouse.published import LIST

PLAN_TABLES = ("plans", "plan_accounts", "plan_frontier", "plan_left_out")
# The last digits of a bound are those of the machine: it is rounded up to so many.
DIGITS = 10
NO_PEOPLE = "unique reach is not worked out with so many follows: ask for it with tierwise plan"

Rows = dict[str, list[dict[str, Any]]]


@dataclass(frozen=True)
class Market:
    """The accounts of a platform that have quotes, with their prices in one currency.

    `row` of `priced` is the place of an account in `followers` and `engaged`, which are null where lists are not read, or
    tell of nobody. `unquoted_count` are the accounts without any quote, `day` is that of the figures.
    """

    platform: str
    currency: str
    priced: pl.DataFrame
    followers: People | None
    engaged: People | None
    unquoted_count: int
    day: date | None

    @property
    def objectives(self) -> list[Objective]:
        """Those that something is known of."""
        engaged = self.priced.filter(pl.col("price").is_not_null() & (pl.col("engaged_follower_count") > 0))
        known = {
            Objective.ENGAGEMENTS: True,
            Objective.REACH: self.followers is not None,
            Objective.ENGAGED_FOLLOWERS: self.engaged is not None and engaged.height,
        }
        return [objective for objective in known if known[objective]]

    def people_of(self, objective: Objective, accounts: pl.DataFrame) -> People | None:
        """The people that count for an objective, null for engagements."""
        if objective == Objective.ENGAGEMENTS:
            return None
        people = self.followers if objective == Objective.REACH else self.engaged
        return people.only(_rows(accounts)) if people else None

    def audiences_of(self, accounts: pl.DataFrame) -> Audiences | None:
        """All their followers; null where of one they are not known."""
        if self.followers is None or accounts.get_column("followers_count").null_count():
            return None
        return audiences_of(accounts, self.followers.only(_rows(accounts)))


def _rows(accounts: pl.DataFrame) -> Integers:
    return accounts.get_column("row").cast(pl.Int64).to_numpy()


@dataclass(frozen=True)
class Found:
    """A plan of a market: what was asked, of whom, who of them could be booked, and the set."""

    market: Market
    wish: Wish
    priced: pl.DataFrame
    candidates: pl.DataFrame
    people: People | None
    choice: Choice

    @property
    def key(self) -> dict[str, Any]:
        wish = self.wish
        return {
            "platform": self.market.platform, "currency": wish.currency, "budget": money(wish.budget),
            "objective": wish.objective.value,
        }  # fmt: skip

    @property
    def terms(self) -> Terms:
        return Terms(Limits(self.wish.budget), BY_STEPS)

    @property
    def chosen(self) -> pl.DataFrame:
        accounts: pl.DataFrame = self.candidates[self.choice.chosen.tolist()]
        return accounts


def money(hundredths: int) -> Decimal:
    """An amount as tables have it."""
    return Decimal(int(hundredths)) / UNIT


def rounded_up(value: float | None) -> float | None:
    """A bound that holds, without the digits that differ between machines."""
    return None if value is None else float(Context(prec=DIGITS, rounding=ROUND_CEILING).create_decimal(value))


def plans_of(market: Market, budgets: tuple[int, ...]) -> Rows:
    """The rows of all tables for one market; budgets in its currency."""
    rows: Rows = {name: [] for name in PLAN_TABLES}
    for objective in market.objectives:
        priced = market.priced.with_columns(listed_of(objective))
        for budget in budgets:
            for min_rate in MIN_RATES:
                wish = Wish(budget * UNIT, market.currency, objective, market.platform, min_rate=min_rate or None)
                candidates, left_out = priced_to_candidates(priced, wish)
                people = market.people_of(objective, candidates)
                choice = chosen(candidates, people, Terms(Limits(wish.budget), BY_STEPS))
                found = Found(market, wish, priced, candidates, people, choice)
                key = found.key | {"min_rate": min_rate}
                audiences = market.audiences_of(found.chosen)
                rows["plans"].append(key | _plan(found, audiences))
                rows["plan_accounts"] += [key | row for row in _accounts(found, audiences)]
                rows["plan_left_out"] += [key | row for row in _left_out(found, left_out)]
                if not min_rate:
                    rows["plan_frontier"] += list(_frontier(found))
    return rows


def bounds_of(choice: Choice | Point) -> dict[str, float]:
    """The value, the bound as it is published, and how far apart they are."""
    value = choice.value
    bound = value if choice.gap == 0 else float(rounded_up(choice.bound) or 0)
    return {"value": value, "bound": bound, "gap": 1 - value / bound if bound > value else 0.0}


def _plan(found: Found, audiences: Audiences | None) -> dict[str, Any]:
    choice, accounts = found.choice, found.chosen
    expected, low, high = expected_of(accounts)
    reach = reach_of(audiences) if audiences else None
    notes = notes_of(accounts) + ([NO_PEOPLE] if found.market.followers is None else [])
    notes += rate_notes_of(found.priced, found.wish)
    return bounds_of(choice) | {
        "account_count": accounts.height,
        "candidate_count": found.candidates.height,
        "spend": money(int(accounts.get_column("price").sum())),
        "expected": expected,
        "expected_low": low,
        "expected_high": high,
        "unique_reach_count_low": reach.low if reach else None,
        "unique_reach_count_high": reach.high if reach else None,
        "rate_mean": rate_mean_of(accounts),
        "found_by": choice.found_by,
        "greedy_value": choice.greedy_value,
        "single_value": choice.single_value,
        "gains_bound": rounded_up(choice.gains_bound),
        "relaxed_bound": rounded_up(choice.relaxed_bound),
        "solver_value": rounded_up(choice.solver_value),
        "solver_bound": rounded_up(choice.solver_bound),
        "notes": LIST.join(notes) or None,
    }


def _accounts(found: Found, audiences: Audiences | None) -> Iterator[dict[str, Any]]:
    """The accounts of a plan as `plan_accounts` has them."""
    accounts, people, wish = found.chosen, found.people, found.wish
    counted = None if people is None else audiences_of(accounts, people.only(found.choice.chosen))
    told = accounts_of(wish, accounts, found.choice, Known(found.market.day, counted, audiences))
    cheaper = _cheaper(found)
    for rank, (row, account) in enumerate(zip(told, accounts.to_dicts(), strict=True), start=1):
        added = float(row["added"] or 0)
        yield row | {
            "rank": rank,
            "price": money(account["price"]),
            "post_known_count": account["post_known_count"],
            "added": added,
            "added_high": float(row["added_high"] or 0),
            "cost_per_added": row["price"] / added if added else None,
            "why": why(row, wish.objective, wish.currency, (int(cheaper[rank - 1]), found.candidates.height)),
            "against": LIST.join(row["against"]) or None,
        }


def _cheaper(found: Found) -> Integers:
    """For each account of the set, how many candidates cost less for each that they bring alone."""
    prices = found.candidates.get_column("price").to_numpy().astype(float)
    alone = (
        found.candidates.get_column("expected").fill_null(0).to_numpy()
        if found.people is None
        else audiences_of(found.candidates, found.people).certain
    )
    each = np.where(alone > 0, prices / np.where(alone > 0, alone, 1), np.inf)
    return np.searchsorted(np.sort(each), each[found.choice.chosen]).astype(np.int64)


def _left_out(found: Found, left_out: dict[str, int]) -> Iterator[dict[str, Any]]:
    counts = dict(left_out)
    counts["no_price"] = counts.get("no_price", 0) + found.market.unquoted_count
    counts[NOT_CHOSEN] = found.candidates.height - len(found.choice.chosen)
    return ({"reason": reason, "account_count": count} for reason, count in counts.items() if count)


def _frontier(found: Found) -> Iterator[dict[str, Any]]:
    for point, accounts in frontier(found.candidates, found.people, found.choice, found.terms):
        yield found.key | bounds_of(point) | {
            "rate_floor": point.rate_floor,
            "account_count": point.account_count,
            "account_ids": LIST.join(accounts.get_column("account_id")),
            "usernames": LIST.join(accounts.select(pl.coalesce("username", "account_id")).to_series()),
            "spend": money(int(accounts.get_column("price").sum())),
            "rate_mean": point.rate_mean,
        }  # fmt: skip

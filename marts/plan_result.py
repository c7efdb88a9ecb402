"""A plan as it is told: whom to book, what each adds, what may speak against it, and how far from the best it can be."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from math import fsum, isnan
from typing import Any

import numpy as np
import polars as pl

from marts.plan_exchange import Conversion
from schemas.cautions import against
from schemas.plan_words import no_rate
from schemas.plans import Objective
from transforms.audience_rates import COMPLETE
from transforms.plan_candidates import UNIT, Wish, interval_of_sum, rates_not_known
from transforms.selection.choose import Choice
from transforms.selection.reach import Audiences, added_most, bounds_of_reach

COLUMNS = (
    "platform", "account_id", "username", "niche", "tier", "followers_count", "media_type", "price", "quoted_on", "rate",
    "expected", "expected_low", "expected_high", "added",
    "added_high", "quoted_price", "quoted_currency", "exchange_rate", "exchanged_on", "against",
)  # fmt: skip
# The lists that people are counted from: every plan says whom it reaches.
LISTS = dict.fromkeys(Objective, ("follows",)) | {Objective.ENGAGED_FOLLOWERS: ("follows", "likes", "comments")}


@dataclass(frozen=True)
class Reach:
    """People that a set reaches at least and at most; of those in lists how many follow exactly 1, 2, 3, ... of it."""

    low: int
    high: int
    exactly: list[int]


@dataclass(frozen=True)
class Point:
    """The best plan above a floor of the rate."""

    rate_floor: float
    value: float
    bound: float
    gap: float
    spend: float
    account_count: int
    rate_mean: float | None

    @classmethod
    def of(cls, floor: float, choice: Choice, chosen: pl.DataFrame) -> "Point":
        return cls(
            floor, choice.value, choice.bound, choice.gap, int(chosen.get_column("price").sum()) / UNIT, chosen.height,
            rate_mean_of(chosen),
        )  # fmt: skip

    def is_better_than(self, other: "Point") -> bool:
        """As good in value and mean rate, and better in one; of equal ones that with the lower floor."""
        own, others = ((each.value, each.rate_mean or 0.0) for each in (self, other))
        as_good = own[0] >= others[0] and own[1] >= others[1]
        return as_good and (own != others or self.rate_floor < other.rate_floor)


@dataclass(frozen=True)
class Plan:
    """Accounts in the order of gain for the price, with what the set brings and what no set exceeds.

    `value` and `bound` are of the objective: engagements expected, or people. Amounts are in the currency. Of people those
    alone count who do not follow the account `new_to`, null for all.
    """

    wish: Wish
    accounts: list[dict[str, Any]]
    choice: Choice
    expected: tuple[float | None, float | None, float | None]
    reach: Reach | None
    left_out: Mapping[str, int]
    frontier: list[Point] | None
    notes: list[str]
    conversions: list[Conversion]
    new_to: str | None = None

    @property
    def spend(self) -> float:
        # Prices are whole hundredths, and so is their sum.
        return round(float(sum(account["price"] for account in self.accounts)), 2)

    def as_json(self) -> dict[str, Any]:
        choice, wish = self.choice, self.wish
        expected, low, high = self.expected
        return {
            "schema_version": 1,
            "budget": wish.budget / UNIT,
            "currency": wish.currency,
            "objective": wish.objective,
            "posts_each": wish.posts_each,
            "new_to": self.new_to,
            "accounts": self.accounts,
            "spend": self.spend,
            "value": _number(wish, choice.value),
            "bound": _number(wish, choice.bound),
            "gap": choice.gap,
            "expected": expected,
            "expected_low": low,
            "expected_high": high,
            "unique_reach_count": self.reach.low if self.reach else None,
            "unique_reach_count_low": self.reach.low if self.reach else None,
            "unique_reach_count_high": self.reach.high if self.reach else None,
            "exactly": [
                {"set_count": number, "member_count": count}
                for number, count in enumerate(self.reach.exactly if self.reach else [], start=1)
            ],
            "left_out": dict(self.left_out),
            "conversions": [each.as_json() for each in self.conversions],
            "found_by": {
                "greedy_value": choice.greedy_value,
                "single_value": choice.single_value,
                "gains_bound": choice.gains_bound,
                "relaxed_bound": choice.relaxed_bound,
                "solver_value": choice.solver_value,
                "solver_bound": choice.solver_bound,
            },
            "plan_frontier": None if self.frontier is None else [vars(point) for point in self.frontier],
            "notes": self.notes,
        }


def rate_mean_of(chosen: pl.DataFrame) -> float | None:
    """Engagements expected of a set over its followers, as far as both are known; null where there are none."""
    known = chosen.drop_nulls(["rate", "followers_count"])
    followers = int(known.get_column("followers_count").sum())
    return fsum(known.get_column("rate") * known.get_column("followers_count")) / followers if followers else None


def _number(wish: Wish, value: float) -> float | int:
    """People are whole."""
    return value if wish.objective == Objective.ENGAGEMENTS else round(value)


@dataclass(frozen=True)
class Known:
    """What is known of a set beside the columns of its accounts: the day of the figures, the people of whom the plan is to
    have most, null for engagements, the followers, null where they are not known, and the account `new_to` whose followers
    are among neither."""

    day: date | None
    counted: Audiences | None = None
    audiences: Audiences | None = None
    new_to: str | None = None


def accounts_of(wish: Wish, chosen: pl.DataFrame, choice: Choice, known: Known) -> list[dict[str, Any]]:
    """The COLUMNS of each account of a plan."""
    highest = choice.added if known.counted is None else np.maximum(choice.added, added_most(known.counted))
    shared = known.audiences.groups.shared().tolist() if known.audiences else [None] * chosen.height
    lists = LISTS[wish.objective]
    cautions = [
        {"against": against(row, known.day, None if share is None or isnan(share) else share, lists=lists, new_to=known.new_to)}
        for row, share in zip(chosen.to_dicts(), shared, strict=True)
    ]  # fmt: skip
    return [
        {name: (row | _told(row, wish, added, most) | caution)[name] for name in COLUMNS}
        for row, added, most, caution in zip(
            chosen.to_dicts(), choice.added.tolist(), highest.tolist(), cautions, strict=True
        )
    ]


def why(account: Mapping[str, Any], objective: Objective, currency: str, cheaper: tuple[int, int]) -> str:
    """Why an account of a plan is in it. `cheaper`: how many of those that could be booked cost less for each that they bring
    alone than it does, and of how many."""
    added, price = account["added"] or 0, account["price"]
    what = {Objective.ENGAGEMENTS: "engagements", Objective.REACH: "people"}.get(objective, "engaged followers")
    if not added:
        more = account["added_high"] or 0
        return f"may add up to {more:,.0f} {what}, and the budget pays it too" if more else "it costs nothing"
    if not price:
        return f"it is free and adds {added:,.0f} {what}"
    less, candidates = cheaper
    others = (
        f"{less:,} of {candidates:,} that could be booked {'costs' if less == 1 else 'cost'}"
        if less
        else "none that could be booked costs"
    )
    each = {Objective.ENGAGEMENTS: "engagement", Objective.REACH: "person"}.get(objective, "engaged follower")
    return (
        f"adds {added:,.0f} {what} for {price:,.2f} {currency}, {price / added:,.4f} each; booked alone, {others} less for"
        f" each {each}"
    )


def expected_of(chosen: pl.DataFrame) -> tuple[float | None, float | None, float | None]:
    """Engagements expected of a set and their interval; null where of an account nothing is known."""
    is_known = not chosen.get_column("expected").null_count()
    expected = fsum(chosen.get_column("expected")) if is_known else None
    return expected, *interval_of_sum(chosen)


def _told(row: Mapping[str, Any], wish: Wish, added: float, most: float) -> dict[str, Any]:
    is_unknown = wish.objective == Objective.ENGAGEMENTS and row["expected"] is None
    return {
        "price": row["price"] / UNIT,
        "quoted_price": None if row["quoted_price"] is None else row["quoted_price"] / UNIT,
        "added": None if is_unknown else _number(wish, added),
        "added_high": None if is_unknown else _number(wish, most),
    }


def reach_of(audiences: Audiences) -> Reach:
    """The people that a set reaches together."""
    everybody = np.arange(len(audiences.followers))
    exactly = audiences.groups.counted(everybody)[1:]
    return Reach(*bounds_of_reach(audiences, everybody), [round(people) for people in exactly])


def notes_of(chosen: pl.DataFrame) -> list[str]:
    """What a reader of the people of a set should know."""
    said = []
    if (chosen.get_column("followers_known_count") == 0).any():
        said.append("accounts without a follower list may share all of their people with others, or none")
    if not (chosen.get_column("followers_coverage_ratio").drop_nulls() >= COMPLETE).all():
        said.append("some lists are partial: the people of these are a lower bound")
    return said


def rate_notes_of(priced: pl.DataFrame, wish: Wish) -> list[str]:
    """Why the rates of accounts that were left out for it are not known, and what would mend it."""
    return [no_rate(*row) for row in rates_not_known(priced, wish).iter_rows()]

"""A plan as it is told: whom to book, what each adds, what may speak against it, and how far from the best it can be."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from marts.plan_exchange import Conversion
from schemas.plans import Objective
from transforms.plan_candidates import UNIT, Wish, interval_of_sum
from transforms.selection.choose import Choice
from transforms.selection.offers import Floats
from transforms.selection.reach import Audiences, bounds_of_reach

COLUMNS = (
    "platform", "account_id", "username", "niche", "tier", "followers_count", "media_type", "price", "quoted_on", "rate",
    "expected", "expected_low", "expected_high", "added",
    "added_high", "quoted_price", "quoted_currency", "exchange_rate", "exchanged_on", "against",
)  # fmt: skip
# A rate from fewer posts is mostly what is usual at its size and niche.
FEW_POSTS = 5


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
        known = chosen.drop_nulls(["rate", "followers_count"])
        mean: float | None = known.select(
            (pl.col("rate") * pl.col("followers_count")).sum() / pl.sum("followers_count")
        ).item()
        return cls(
            floor, choice.value, choice.bound, choice.gap, int(chosen.get_column("price").sum()) / UNIT, chosen.height,
            mean if known.height else None,
        )  # fmt: skip

    def is_better_than(self, other: "Point") -> bool:
        """As good in value and mean rate, and better in one; of equal ones that with the lower floor."""
        own, others = ((each.value, each.rate_mean or 0.0) for each in (self, other))
        as_good = own[0] >= others[0] and own[1] >= others[1]
        return as_good and (own != others or self.rate_floor < other.rate_floor)


@dataclass(frozen=True)
class Plan:
    """Accounts in the order of gain for the price, with what the set brings and what no set exceeds.

    `value` and `bound` are of the objective: engagements expected, or people. Amounts are in the currency.
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

    @property
    def spend(self) -> float:
        return float(sum(account["price"] for account in self.accounts))

    def as_json(self) -> dict[str, Any]:
        choice, wish = self.choice, self.wish
        expected, low, high = self.expected
        return {
            "schema_version": 1,
            "budget": wish.budget / UNIT,
            "currency": wish.currency,
            "objective": wish.objective,
            "posts_each": wish.posts_each,
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


def _number(wish: Wish, value: float) -> float | int:
    """People are whole."""
    return value if wish.objective == Objective.ENGAGEMENTS else round(value)


def accounts_of(
    wish: Wish, chosen: pl.DataFrame, choice: Choice, unnamed: Floats | None = None
) -> list[dict[str, Any]]:
    """The COLUMNS of each account of a plan. `unnamed` are followers whom no list names: who may be new people, or not."""
    possible = np.zeros(chosen.height) if unnamed is None else unnamed
    # The people of the largest account without a list are certain, and are not to be counted twice.
    highest = np.maximum(
        choice.added, np.where(chosen.get_column("listed_count").to_numpy() > 0, choice.added, 0) + possible
    )
    return [
        {name: (row | _told(row, wish, added, most))[name] for name in COLUMNS}
        for row, added, most in zip(chosen.to_dicts(), choice.added.tolist(), highest.tolist(), strict=True)
    ]


def expected_of(chosen: pl.DataFrame) -> tuple[float | None, float | None, float | None]:
    """Engagements expected of a set and their interval; null where of an account nothing is known."""
    is_known = not chosen.get_column("expected").null_count()
    expected = float(chosen.get_column("expected").sum()) if is_known else None
    return expected, *interval_of_sum(chosen)


def _told(row: Mapping[str, Any], wish: Wish, added: float, most: float) -> dict[str, Any]:
    is_unknown = wish.objective == Objective.ENGAGEMENTS and row["expected"] is None
    return {
        "price": row["price"] / UNIT,
        "quoted_price": None if row["quoted_price"] is None else row["quoted_price"] / UNIT,
        "added": None if is_unknown else _number(wish, added),
        "added_high": None if is_unknown else _number(wish, most),
        "against": against(row),
    }


def against(row: Mapping[str, Any]) -> list[str]:
    """What speaks against an account, from its numbers alone."""
    said = []
    posts = row["post_known_count"] or 0
    if posts < FEW_POSTS:
        said.append(
            f"its rate is known from {posts} posts"
            if posts > 1
            else "its rate is known from one post"
            if posts
            else "no rate of a post is known"
        )
    if row["quoted_on"] is None:
        said.append("its price has no date")
    if row["paid_to_organic_ratio_high"] is not None and row["paid_to_organic_ratio_high"] < 1:
        said.append("its paid posts do worse than the others")
    said += [issue.replace("_", " ") for issue in row["issues"]]
    return said


def reach_of(audiences: Audiences, count: int) -> Reach:
    """Of a set of so many accounts, the people that all of it reaches."""
    everybody = np.arange(count)
    exactly = audiences.groups.counted(everybody)[1:]
    return Reach(*bounds_of_reach(audiences, everybody), [round(people) for people in exactly])

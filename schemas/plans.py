"""Plans: accounts to book with a budget. Those of stated budgets are tables of the warehouse."""

from enum import StrEnum
from typing import Any

import polars as pl

from schemas.columns import SUM_MAX, Table, column
from schemas.rates import Money


class Objective(StrEnum):
    """What a plan is to have most of."""

    REACH = "reach"
    ENGAGEMENTS = "engagements"
    ENGAGED_FOLLOWERS = "engaged_followers"


# Why an account is no candidate: the first that applies.
LEFT_OUT = (
    "excluded", "excluded_brand", "wrong_platform", "wrong_niche", "wrong_tier", "no_price", "wrong_media_type",
    "other_currency", "over_budget", "no_rate", "no_followers", "below_floor", "no_list",
)  # fmt: skip
NOT_CHOSEN = "not_chosen"
OBJECTIVES = tuple(Objective)
# Which way a set was found; the first of several that lead to the same value.
FOUND_BY = ("greedy", "single", "relaxed", "program")
# The largest rate, of the largest account, ten thousand million times.
EXPECTED_MAX = 1e35
# And the largest quotient of such sums and prices.
QUOTIENT_MAX = 1e60


def amount(description: str, *, nullable: bool = False) -> Any:
    """A sum of what is expected of accounts, or of their people."""
    bounds = {"min_value": 0, "max_value": EXPECTED_MAX}
    return column(description, "average", nullable=nullable, in_range=bounds)


class _OfAPlan(Table):
    """One row per plan: the columns that name it."""

    platform: str = column("Network of the accounts", "label", key=True)
    currency: str = column("ISO 4217 code of the prices; never converted into another", "label", key=True)
    budget: Money = column("What the posts may cost together", "money", key=True)
    objective: str = column(
        "What the plan is to have most of: engagements expected, people who follow one of the accounts, or followers who "
        "like or comment", "label", key=True, isin=OBJECTIVES,
    )  # fmt: skip


class Plans(_OfAPlan):
    """One row per platform, currency, stated budget, objective and least rate: the best set of accounts known, a post of each."""

    min_rate: pl.Float64 = column("Least shrunk rate that an account of the set may have; 0 is none", "ratio", key=True)
    account_count: pl.Int64 = column("Accounts in the set; 0 where none can be booked", "count")
    candidate_count: pl.Int64 = column("Accounts that could be booked, those in the set among them", "count")
    spend: Money = column("What a post of each account costs together", "money")
    value: pl.Float64 = amount("What the set brings for certain of what the objective counts")
    bound: pl.Float64 = amount("What no set brings more than, by the same figures")
    gap: pl.Float64 = column("1 - value / bound: how far from the best the set is at most", "ratio")
    expected: pl.Float64 = amount(
        "Likes plus comments expected of all posts; null where of one they are not known", nullable=True
    )
    expected_low: pl.Float64 = amount("Lower end of the 95 % interval of that mean", nullable=True)
    expected_high: pl.Float64 = amount("Upper end of it", nullable=True)
    unique_reach_count_low: pl.Int64 = column(
        "People that the set reaches at least, each counted once", "count", nullable=True, ge=0, le=SUM_MAX
    )
    unique_reach_count_high: pl.Int64 = column(
        "People that it reaches at most", "count", nullable=True, ge=0, le=SUM_MAX
    )
    rate_mean: pl.Float64 = column(
        "Likes plus comments expected over the followers of the accounts", "ratio", nullable=True
    )
    found_by: str = column(
        "What found the set: most for its price step by step, the best single account, the relaxation or the program",
        "label", isin=FOUND_BY,
    )  # fmt: skip
    greedy_value: pl.Float64 = amount("What the set of most for its price brings")
    single_value: pl.Float64 = amount("What the best single account brings")
    gains_bound: pl.Float64 = amount("The bound that follows from what each account adds")
    relaxed_bound: pl.Float64 = amount(
        "The bound once people of several accounts are parted; the one above where they are not"
    )
    solver_value: pl.Float64 = amount("What the set of the program brings; null where it was not tried", nullable=True)
    solver_bound: pl.Float64 = amount(
        "What the search of the program has not excluded; null where it was not tried", nullable=True
    )
    notes: str = column("What to know of the figures, parted by semicolons", "text", nullable=True)


class PlanAccounts(_OfAPlan):
    """One row per account of a plan: what it costs and adds, why it is in, and what speaks against it."""

    min_rate: pl.Float64 = column("Least shrunk rate of the plan; 0 is none", "ratio", key=True)
    account_id: str = column("The account to book", "id", key=True)
    rank: pl.Int64 = column("Place in the order of most for its price, from 1", "count")
    username: str = column("Its handle", "text", nullable=True)
    niche: str = column("Its main topic, as in accounts", "label", nullable=True)
    tier: str = column("Its tier under the default scheme", "label", nullable=True)
    followers_count: pl.Int64 = column("Its followers by the platform's count", "count", nullable=True)
    media_type: str = column("Kind of post that the price is for, its cheapest", "text", nullable=True)
    price: Money = column("Price of the post", "money")
    quoted_on: pl.Date = column("Day of the quote", "date", nullable=True)
    rate: pl.Float64 = column("Its shrunk engagement rate over all time", "ratio", nullable=True)
    post_known_count: pl.Int64 = column("Posts that the rate is known from", "count", nullable=True)
    expected: pl.Float64 = amount("Likes plus comments expected of the post", nullable=True)
    expected_low: pl.Float64 = amount("Lower end of the 95 % interval of that mean", nullable=True)
    expected_high: pl.Float64 = amount("Upper end of it", nullable=True)
    added: pl.Float64 = amount("What it adds for certain to the accounts before it, of what the objective counts")
    added_high: pl.Float64 = amount("The most that it may add")
    cost_per_added: pl.Float64 = column(
        "Price over what it adds for certain",
        "cost",
        nullable=True,
        in_range={"min_value": 0, "max_value": QUOTIENT_MAX},
    )
    why: str = column("Why it is in the set", "text")
    against: str = column(
        "What speaks against it, parted by semicolons; null where nothing is known", "text", nullable=True
    )


class PlanFrontier(_OfAPlan):
    """One row per plan that no other plan for the same money exceeds both in value and in mean rate."""

    rate_floor: pl.Float64 = column("Least shrunk rate that its accounts may have", "ratio", key=True)
    account_count: pl.Int64 = column("Accounts in the set", "count")
    account_ids: str = column("The accounts, parted by semicolons", "text")
    usernames: str = column("Their handles, the id where there is none, parted by semicolons", "text")
    spend: Money = column("What a post of each account costs together", "money")
    value: pl.Float64 = amount("What the set brings for certain of what the objective counts")
    bound: pl.Float64 = amount("What no set above the same rate brings more than")
    gap: pl.Float64 = column("1 - value / bound: how far from the best the set is at most", "ratio")
    rate_mean: pl.Float64 = column(
        "Likes plus comments expected over the followers of the accounts", "ratio", nullable=True
    )


class PlanLeftOut(_OfAPlan):
    """One row per plan and reason why accounts of the platform are not in it."""

    min_rate: pl.Float64 = column("Least shrunk rate of the plan; 0 is none", "ratio", key=True)
    reason: str = column(
        "The first reason that applies; not_chosen for those that could be booked",
        "label",
        key=True,
        isin=(*LEFT_OUT, NOT_CHOSEN),
    )
    account_count: pl.Int64 = column("Accounts left out for it", "count")

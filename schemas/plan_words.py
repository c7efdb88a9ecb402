"""What a plan says in words, the same at the terminal, in Prefect and in the report."""

from schemas.plans import Objective

COUNTED = {
    Objective.REACH: "people reached for certain",
    Objective.ENGAGEMENTS: "engagements expected",
    Objective.ENGAGED_FOLLOWERS: "engaged followers reached",
}
# Why an account is not in a plan: the first that applies.
LEFT_OUT = {
    "excluded": "excluded by name",
    "excluded_brand": "with posts about the brand that is excluded",
    "wrong_platform": "on another platform",
    "wrong_niche": "of another topic",
    "wrong_tier": "of another tier",
    "no_price": "without a cash price",
    "wrong_media_type": "with prices for other kinds of post alone",
    "other_currency": "with prices in other currencies alone",
    "over_budget": "dearer than the budget",
    "no_rate": "of unknown engagement rate",
    "no_followers": "of unknown followers",
    "below_floor": "below the least rate",
    "no_list": "without a follower list",
    "not_chosen": "could be booked, and the set is better without them",
}


def title(account_count: int, spend: float, budget: float, currency: str, brings: str) -> str:
    """The set in a line: how many accounts, for what, and what they bring."""
    accounts = "1 account" if account_count == 1 else f"{account_count:,} accounts"
    return f"{accounts} for {spend:,.2f} of {budget:,.2f} {currency}: {brings}"


def brings(value: float, objective: str) -> str:
    return f"{value:,.0f} {COUNTED[Objective(objective)]}"


def engagements(expected: float | None, low: float | None, high: float | None) -> str | None:
    """Null where they are not known."""
    if expected is None or low is None or high is None:
        return None
    return f"{expected:,.0f} expected, 95 % interval of that mean {low:,.0f} to {high:,.0f}"


def people(least: int | None, most: int | None) -> str | None:
    """Null where they are not known."""
    if least is None or most is None:
        return None
    return f"{least:,}" if least == most else f"between {least:,} and {most:,}"


def best(value: float, bound: float, gap: float, objective: str) -> str:
    """How far from the best possible a set is at most."""
    more = f"at most {bound - value:,.1f} more, a gap of {100 * gap:.2f} %" if gap else "there is no better set"
    return f"no set brings more than {bound:,.1f} {COUNTED[Objective(objective)]}: {more}"

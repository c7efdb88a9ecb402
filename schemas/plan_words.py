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
# Why a rate is not known, and what would mend it; null for an account of which there is no figure at all.
NO_RATE = {
    None: ("nothing but a price or a list is known of them", "the accounts themselves and their posts"),
    "no_posts": ("no post of them is known", "their posts"),
    "undated_posts": ("their posts have no dates", "their posts with dates"),
    "hidden_likes": ("the likes of most of their posts are hidden", "figures of their own, which have them"),
    "no_followers": ("their followers are not known", "accounts with followers_count"),
    "no_comments": ("the comments of their posts are not known", "posts with comment_count"),
    "no_prior": ("fewer than 20 accounts there have a rate, too few to tell what is usual", "posts of more accounts"),
    "scatter_unknown": (
        "no account there has two posts, so nothing tells how posts differ",
        "more posts of each account",
    ),
}


def title(account_count: int, spend: float, budget: float, currency: str, brings: str) -> str:
    """The set in a line: how many accounts, for what, and what they bring."""
    accounts = "1 account" if account_count == 1 else f"{account_count:,} accounts"
    return f"{accounts} for {spend:,.2f} of {budget:,.2f} {currency}: {brings}"


def only_new(new_to: str | None) -> str:
    """What is put behind a number of people where those who follow an account are not among them; empty without one."""
    return f", new to {new_to}" if new_to else ""


def brings(value: float, objective: str, new_to: str | None = None) -> str:
    return f"{value:,.0f} {COUNTED[Objective(objective)]}{only_new(new_to)}"


def engagements(expected: float | None, low: float | None, high: float | None, new_to: str | None = None) -> str | None:
    """Null where they are not known. Engagements are not counted by person."""
    if expected is None or low is None or high is None:
        return None
    whose = f", of all followers and not of those new to {new_to} alone" if new_to else ""
    return f"{expected:,.0f} expected, 95 % interval of that mean {low:,.0f} to {high:,.0f}{whose}"


def people(least: int | None, most: int | None, new_to: str | None = None) -> str | None:
    """Null where they are not known."""
    if least is None or most is None:
        return None
    return (f"{least:,}" if least == most else f"between {least:,} and {most:,}") + only_new(new_to)


def best(value: float, bound: float, gap: float, objective: str, new_to: str | None = None) -> str:
    """How far from the best possible a set is at most."""
    more = f"at most {bound - value:,.1f} more, a gap of {100 * gap:.2f} %" if gap else "there is no better set"
    return f"no set brings more than {bound:,.1f} {COUNTED[Objective(objective)]}{only_new(new_to)}: {more}"


def no_rate(platform: str, reason: str | None, account_count: int) -> str:
    """Why so many accounts of a platform were left out, and what would bring them in."""
    accounts = "1 account" if account_count == 1 else f"{account_count:,} accounts"
    why, mend = NO_RATE[reason]
    named = f"{reason}: {why}" if reason else why
    return f"no_rate, {accounts} on {platform} ({named}). To mend it, deliver {mend}"

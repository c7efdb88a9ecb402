"""What speaks against booking an account, from its published figures: said of plans, of the shortlist and in the report."""

from collections import Counter
from collections.abc import Collection, Mapping
from datetime import date, timedelta
from typing import Any

# A rate from fewer posts is mostly what is usual at its size and niche.
FEW_POSTS = 5
# A price of longer ago may no longer hold.
OLD_PRICE = timedelta(days=365)
# From this share on, the people of an account are much the same as those of others.
MUCH_SHARED = 0.25
# Columns that the rate, and what is expected by it, are made of.
OF_RATES = frozenset(
    {"followers_count", "followers_gained_per_day", "like_count", "comment_count", "engagement_rate_by_followers"}
)
# Issues whose column may be one of these, and which say nothing of the figures that are used: other people's rates, and
# the name of a size.
OF_OTHER_FIGURES = frozenset({"published_rate_above_one", "tier_uncertain"})


def against(
    account: Mapping[str, Any],
    as_of: date | None,
    shared: float | None = None,
    *,
    lists: Collection[str] = (),
    new_to: str | None = None,
) -> list[str]:
    """What speaks against an account, each in a few words; empty where nothing is known against it.

    Args:
        account: Its `post_known_count`, `paid_verdict`, `sponsored_known_count`, `sponsored_engaged_count` (all_time),
            `issues` (of `data_quality`, each with `issue`, `column_name` and `row_count`), and of the quote that it would
            be booked at `quoted_on`, `price` and `is_disputed`. Without the key `quoted_on` nothing is said of prices.
        as_of: The day of the figures, null where it is not known.
        shared: The share of its listed followers who follow others of the set too; null where it is not known.
        lists: The datasets of lists that people are counted from.
        new_to: The account whose followers are not among them, null for none.
    """
    said = [*_of_its_rate(account["post_known_count"] or 0)]
    if "quoted_on" in account:
        said += _of_its_price(account, as_of)
    said += _of_its_paid_posts(account)
    said += _of_its_data(account["issues"], OF_RATES.union(lists))
    if shared is not None and shared >= MUCH_SHARED:
        of = "its listed followers" + (f" who are new to {new_to}" if new_to else "")
        said.append(f"{100 * shared:.0f} % of {of} follow others of the set too")
    return said


def _of_its_rate(posts: int) -> list[str]:
    if posts >= FEW_POSTS:
        return []
    if posts == 0:
        return ["no rate of a post is known"]
    return [f"its rate is known from {'one post' if posts == 1 else f'{posts} posts'}"]


def _of_its_price(account: Mapping[str, Any], as_of: date | None) -> list[str]:
    """Of the quote that is used, and of no other one of the account."""
    said, quoted_on = [], account["quoted_on"]
    if quoted_on is None:
        said.append("its price has no date")
    elif as_of is not None and as_of - quoted_on > OLD_PRICE:
        said.append(f"its price is of {quoted_on}, {(as_of - quoted_on).days:,} days before the figures")
    said += ["conflicting prices"] if account["is_disputed"] else []
    return said + (["its price is 0"] if account["price"] == 0 else [])


def _of_its_paid_posts(account: Mapping[str, Any]) -> list[str]:
    posts = account["sponsored_known_count"] or 0
    if posts and not account["sponsored_engaged_count"]:
        return [
            "its one paid post got no engagement" if posts == 1 else f"no paid post of {posts:,} got any engagement"
        ]
    return ["its paid posts do worse than the others"] if account["paid_verdict"] == "less" else []


def _of_its_data(issues: list[Mapping[str, Any]], columns: Collection[str]) -> list[str]:
    """Each kind of issue of these columns once, with how often where it is more than once."""
    counts: Counter[str] = Counter()
    for each in issues:
        if each["column_name"] in columns and each["issue"] not in OF_OTHER_FIGURES:
            counts[each["issue"]] += each["row_count"]
    return [issue.replace("_", " ") + (f" ({count:,})" if count > 1 else "") for issue, count in sorted(counts.items())]

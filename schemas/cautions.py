"""What speaks against booking an account, from its published figures: said of plans, of the shortlist and in the report."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

# A rate from fewer posts is mostly what is usual at its size and niche.
FEW_POSTS = 5
# A price of longer ago may no longer hold.
OLD_PRICE = timedelta(days=365)
# From this share on, the people of an account are much the same as those of others.
MUCH_SHARED = 0.25


def against(account: Mapping[str, Any], as_of: date | None, shared: float | None = None) -> list[str]:
    """What speaks against an account, each in a few words; empty where nothing is known against it.

    Args:
        account: Its `post_known_count`, `paid_to_organic_ratio_high` (both all_time), `issues` (those of `data_quality`), and
            `quoted_on`, the day of the price that it would be booked at. Without the key `quoted_on` nothing is said of prices.
        as_of: The day of the figures, null where it is not known.
        shared: The share of its listed followers who follow others of the set too; null where it is not known.
    """
    said = [*_of_its_rate(account["post_known_count"] or 0)]
    if "quoted_on" in account:
        said += _of_its_price(account["quoted_on"], as_of)
    ratio = account["paid_to_organic_ratio_high"]
    if ratio is not None and ratio < 1:
        said.append("its paid posts do worse than the others")
    said += [issue.replace("_", " ") for issue in account["issues"]]
    if shared is not None and shared >= MUCH_SHARED:
        said.append(f"{100 * shared:.0f} % of its listed followers follow others of the set too")
    return said


def _of_its_rate(posts: int) -> list[str]:
    if posts >= FEW_POSTS:
        return []
    if posts == 0:
        return ["no rate of a post is known"]
    return [f"its rate is known from {'one post' if posts == 1 else f'{posts} posts'}"]


def _of_its_price(quoted_on: date | None, as_of: date | None) -> list[str]:
    if quoted_on is None:
        return ["its price has no date"]
    if as_of is None or as_of - quoted_on <= OLD_PRICE:
        return []
    return [f"its price is of {quoted_on}, {(as_of - quoted_on).days:,} days before the figures"]

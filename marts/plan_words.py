"""A plan that was asked for in words and rows: for the terminal, and for Prefect."""

from collections.abc import Mapping
from typing import Any

from marts.plan_result import Plan
from schemas import plan_words
from schemas.plans import Objective
from transforms.plan_candidates import UNIT


def title(found: Plan) -> str:
    """The set in a line: how many accounts, for what, and what they bring."""
    wish = found.wish
    brings = plan_words.brings(found.choice.value, wish.objective, found.new_to)
    return plan_words.title(len(found.accounts), found.spend, wish.budget / UNIT, wish.currency, brings)


def told(found: Plan) -> dict[str, str]:
    """What the set brings, and what no set exceeds; what is not known is left out."""
    choice, reach = found.choice, found.reach
    said = {
        "engagements": plan_words.engagements(*found.expected, found.new_to),
        "people": plan_words.people(reach.low, reach.high, found.new_to) if reach else None,
        "best": plan_words.best(choice.value, choice.bound, choice.gap, found.wish.objective, found.new_to),
        "converted": "; ".join(each.told for each in found.conversions),
    }
    return {name: words for name, words in said.items() if words}


def price_of(account: Mapping[str, Any]) -> str:
    """With what was quoted, where that is in another currency."""
    quoted = account["quoted_price"]
    return f"{account['price']:,.2f}" + (f" ({quoted:,.2f} {account['quoted_currency']})" if quoted is not None else "")


def percent(share: float | None) -> str | None:
    return None if share is None else f"{100 * share:.2f} %"


def row_of(account: Mapping[str, Any]) -> dict[str, str | int | None]:
    """An account of the set, its figures rounded for a table."""
    whole = {name: account[name] for name in ("expected", "expected_low", "expected_high", "added", "added_high")}
    figures = {name: None if value is None else round(value) for name, value in whole.items()}
    return {
        "account": f"{account['platform']}:{account['username'] or account['account_id']}",
        "price": price_of(account),
        "expected": figures["expected"],
        "low": figures["expected_low"],
        "high": figures["expected_high"],
        "rate": percent(account["rate"]),
        "added": figures["added"],
        "added_high": figures["added_high"],
        "against": "; ".join(account["against"]),
    }


def columns_of(found: Plan) -> dict[str, str]:
    """The columns of such a table and their headings: of what adds up the most that is added is what is expected.

    Where only people count who are new to an account, what is added is headed so.
    """
    names = ["account", "price", "expected", "low", "high", "rate", "added", "added_high", "against"]
    shown = [name for name in names if name != "added_high" or found.wish.objective != Objective.ENGAGEMENTS]
    return {name: f"{name} (new)" if found.new_to and name.startswith("added") else name for name in shown}

"""What a plan says in words, the same wherever it is shown."""

from collections.abc import Mapping
from typing import Any

from marts.plan_result import Plan
from schemas.plans import Objective
from transforms.plan_candidates import UNIT

COUNTED = {
    Objective.REACH: "people reached for certain",
    Objective.ENGAGEMENTS: "engagements expected",
    Objective.ENGAGED_FOLLOWERS: "engaged followers reached",
}


def title(found: Plan) -> str:
    """The set in a line: how many accounts, for what, and what they bring."""
    accounts = "1 account" if len(found.accounts) == 1 else f"{len(found.accounts)} accounts"
    budget = f"{found.wish.budget / UNIT:,.2f} {found.wish.currency}"
    return f"{accounts} for {found.spend:,.2f} of {budget}: {found.choice.value:,.0f} {COUNTED[found.wish.objective]}"


def told(found: Plan) -> dict[str, str]:
    """What the set brings, and what no set exceeds."""
    said = {}
    expected, low, high = found.expected
    if expected is not None and low is not None and high is not None:
        said["engagements"] = f"{expected:,.0f} expected, 95 % interval of that mean {low:,.0f} to {high:,.0f}"
    if found.reach:
        least, most = found.reach.low, found.reach.high
        said["people"] = f"{least:,}" if least == most else f"between {least:,} and {most:,}"
    choice = found.choice
    more = choice.bound - choice.value
    gap = "there is no better set" if not choice.gap else f"at most {more:,.1f} more, a gap of {100 * choice.gap:.2f} %"
    said["best"] = f"no set brings more than {choice.bound:,.1f} {COUNTED[found.wish.objective]}: {gap}"
    if found.conversions:
        said["converted"] = "; ".join(each.told for each in found.conversions)
    return said


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


def columns_of(found: Plan) -> list[str]:
    """The columns of such a table: of what adds up the most that is added is what is expected."""
    names = ["account", "price", "expected", "low", "high", "rate", "added", "added_high", "against"]
    return [name for name in names if name != "added_high" or found.wish.objective != Objective.ENGAGEMENTS]

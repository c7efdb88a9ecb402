"""A plan for a budget, as it is shown and written."""

from pathlib import Path
from typing import Any

from flows import console
from flows.settings import Settings
from marts import plan as plans
from marts.plan_result import COLUMNS, Plan, Point
from reports import sheets
from schemas.plans import Objective
from warehouse.lake.member_key import known_secret

SHOWN = ("account", "price", "expected", "low", "high", "rate", "added", "added_high", "against")
WHAT = {
    Objective.REACH: "people reached for certain",
    Objective.ENGAGEMENTS: "engagements expected",
    Objective.ENGAGED_FOLLOWERS: "engaged followers reached",
}


def plan(request: plans.Request, settings: Settings) -> Plan:
    return plans.plan(
        request, settings.warehouse, settings.lake, lambda lake: known_secret(lake, *settings.member_key_or_file)
    )


def print_json(found: Plan) -> None:
    print(console.json_text(found.as_json()))
    _show_notes(found)


def show(found: Plan) -> None:
    """The set, what it brings, how far from the best it can be, and who is left out."""
    wish = found.wish
    title = (
        f"{_counted(len(found.accounts))} for {found.spend:,.2f} of {wish.budget / 100:,.2f} {wish.currency}: "
        f"{found.choice.value:,.0f} {WHAT[wish.objective]}"
    )
    # Of what adds up the most is what is expected.
    columns = [name for name in SHOWN if name != "added_high" or wish.objective != Objective.ENGAGEMENTS]
    console.show_table(title, columns, [tuple(_shown(account)[name] for name in columns) for account in found.accounts])
    for line in told(found):
        console.out.print(console.plain(line))
    if found.reach and found.reach.exactly:
        console.show_table(
            "People in exactly so many of the lists",
            ["set_count", "member_count"],
            [*enumerate(found.reach.exactly, 1)],
        )
    if found.left_out:
        console.show_table("Accounts that are not in it", ["reason", "accounts"], [*found.left_out.items()])
    if found.frontier:
        _show_frontier(found.frontier)
    _show_notes(found)


def _counted(number: int) -> str:
    return "1 account" if number == 1 else f"{number} accounts"


def _shown(account: dict[str, Any]) -> dict[str, object]:
    return {
        "account": f"{account['platform']}:{account['username'] or account['account_id']}",
        "price": price_of(account),
        "expected": _rounded(account["expected"]),
        "low": _rounded(account["expected_low"]),
        "high": _rounded(account["expected_high"]),
        "rate": _percent(account["rate"]),
        "added": _rounded(account["added"]),
        "added_high": _rounded(account["added_high"]),
        "against": "; ".join(account["against"]),
    }


def price_of(account: dict[str, Any]) -> str:
    """With what was quoted, where that is in another currency."""
    quoted = account["quoted_price"]
    return f"{account['price']:,.2f}" + (f" ({quoted:,.2f} {account['quoted_currency']})" if quoted is not None else "")


def _rounded(value: float | None) -> int | None:
    return None if value is None else round(value)


def told(found: Plan) -> list[str]:
    """What the set brings and what no set exceeds, in words."""
    said = []
    expected, low, high = found.expected
    if expected is not None and low is not None and high is not None:
        said.append(f"engagements  {expected:,.0f} expected, 95 % interval of that mean {low:,.0f} to {high:,.0f}")
    if found.reach:
        least, most = found.reach.low, found.reach.high
        between = f"{least:,}" if least == most else f"between {least:,} and {most:,}"
        said.append(f"people       {between}")
    choice = found.choice
    more = choice.bound - choice.value
    gap = "there is no better set" if not choice.gap else f"at most {more:,.1f} more, a gap of {100 * choice.gap:.2f} %"
    said.append(f"best         no set brings more than {choice.bound:,.1f} {WHAT[found.wish.objective]}: {gap}")
    said += [f"converted    {each.told}" for each in found.conversions]
    return said


def _show_frontier(points: list[Point]) -> None:
    names = ["rate_floor", "rate_mean", "value", "bound", "gap", "spend", "accounts"]
    rows: list[tuple[object, ...]] = [
        (_percent(p.rate_floor), _percent(p.rate_mean), round(p.value), round(p.bound), _percent(p.gap), p.spend, p.account_count)
        for p in points
    ]  # fmt: skip
    console.show_table("The same budget, with a least rate for each account", names, rows)


def _percent(share: float | None) -> str | None:
    return None if share is None else f"{100 * share:.2f} %"


def _show_notes(found: Plan) -> None:
    for note in found.notes:
        console.err.print(console.plain(note))


def write(found: Plan, as_csv: Path | None, as_xlsx: Path | None, *, quietly: bool) -> None:
    """The accounts as files for a spreadsheet."""
    rows = [account | {"against": "; ".join(account["against"])} for account in found.accounts]
    for target in sheets.write(rows, COLUMNS, (as_csv, as_xlsx), name="plan", shares={"rate"}):
        if not quietly:
            console.out.print(console.plain(f"plan         {target}"))

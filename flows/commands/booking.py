"""A plan for a budget, as it is shown and written."""

from pathlib import Path

from flows import console
from flows.settings import Settings
from marts import plan as plans
from marts.plan_result import COLUMNS, Plan, Point
from marts.plan_words import columns_of, percent, row_of, title, told
from reports import sheets
from schemas.plan_words import only_new
from warehouse.lake.member_key import known_secret


def plan(request: plans.Request, settings: Settings) -> Plan:
    return plans.plan(
        request, settings.warehouse, settings.lake, lambda lake: known_secret(lake, *settings.member_key_or_file)
    )


def print_json(found: Plan) -> None:
    print(console.json_text(found.as_json()))
    _show_notes(found)


def show(found: Plan) -> None:
    """The set, what it brings, how far from the best it can be, and who is left out."""
    columns = columns_of(found)
    rows = [row_of(account) for account in found.accounts]
    console.show_table(title(found), [*columns.values()], [tuple(row[name] for name in columns) for row in rows])
    for name, words in told(found).items():
        console.out.print(console.plain(f"{name:<12} {words}"))
    if found.reach and found.reach.exactly:
        console.show_table(
            f"People in exactly so many of the lists{only_new(found.new_to)}",
            ["set_count", "member_count"],
            [*enumerate(found.reach.exactly, 1)],
        )
    if found.left_out:
        console.show_table("Accounts that are not in it", ["reason", "accounts"], [*found.left_out.items()])
    if found.frontier:
        _show_frontier(found.frontier)
    _show_notes(found)


def _show_frontier(points: list[Point]) -> None:
    names = ["rate_floor", "rate_mean", "value", "bound", "gap", "spend", "accounts"]
    rows: list[tuple[object, ...]] = [
        (percent(p.rate_floor), percent(p.rate_mean), round(p.value), round(p.bound), percent(p.gap), f"{p.spend:,.2f}", p.account_count)
        for p in points
    ]  # fmt: skip
    console.show_table("The same budget, with a least rate for each account", names, rows)


def _show_notes(found: Plan) -> None:
    for note in found.notes:
        console.err.print(console.plain(note))


def write(found: Plan, as_csv: Path | None, as_xlsx: Path | None, *, quietly: bool) -> None:
    """The accounts as files for a spreadsheet."""
    told = {"new_to": found.new_to} if found.new_to else {}
    rows = [account | {"against": "; ".join(account["against"])} | told for account in found.accounts]
    for target in sheets.write(rows, (*COLUMNS, *told), (as_csv, as_xlsx), name="plan", shares={"rate"}):
        if not quietly:
            console.out.print(console.plain(f"plan         {target}"))

"""Whom to book with a budget, or whom a given set of accounts reaches."""

from pathlib import Path
from typing import Annotated, Any

import typer

from flows.options import Home, Json, settings_for
from flows.plan_options import ACCOUNT, PlanOptions, as_arguments, request_of
from flows.start import ending
from schemas.errors import UsageError


@as_arguments
def plan(
    accounts: Annotated[list[str] | None, typer.Argument(help=f"Accounts whose reach is asked for, {ACCOUNT}")] = None,
    as_csv: Annotated[Path | None, typer.Option("--csv", help="Write the accounts as CSV here")] = None,
    as_xlsx: Annotated[Path | None, typer.Option("--xlsx", help="Write them as a workbook here")] = None,
    home: Home = None,
    as_json: Json = False,
    **options: Any,
) -> None:
    """Whom to book with a budget; or whom given accounts reach together. Example: tierwise plan --budget 5000 --currency USD"""
    ending.grace = 0.0
    settings = settings_for(home)
    if options["budget"] is None:
        from flows.commands import overlap

        overlap.show(overlap.plan(_only_accounts(accounts), settings), as_json=as_json)
        return
    if accounts:
        raise UsageError(
            f"{accounts[0]}: accounts and --budget are two questions",
            fix="name accounts that must be in the plan with --include",
        )
    from flows.commands import booking

    request = request_of(PlanOptions.of(options), settings, with_frontier=None if as_json else False)
    found = booking.plan(request, settings)
    if as_json:
        booking.print_json(found)
    else:
        booking.show(found)
    booking.write(found, as_csv, as_xlsx, quietly=as_json)


def _only_accounts(accounts: list[str] | None) -> list[str]:
    if not accounts:
        raise UsageError(
            "there is neither a budget nor an account to plan with",
            fix="write tierwise plan --budget 5000 --currency USD, or tierwise plan @kim @liina",
        )
    return accounts

"""Whom to book with a budget, or whom a given set of accounts reaches."""

from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Annotated

import typer

from flows.options import Home, Json, settings_for
from flows.start import ending
from schemas.errors import UsageError
from schemas.plans import Objective

BUDGET_MAX = 10**12
ACCOUNT = "as platform:id or @handle"


def plan(
    accounts: Annotated[list[str] | None, typer.Argument(help=f"Accounts whose reach is asked for, {ACCOUNT}")] = None,
    budget: Annotated[str | None, typer.Option("--budget", help="Choose accounts for so much money")] = None,
    currency: Annotated[str | None, typer.Option("--currency", help="Of the budget; the only one if absent")] = None,
    objective: Annotated[Objective, typer.Option("--objective", help="What to have most of")] = Objective.ENGAGEMENTS,
    platform: Annotated[str | None, typer.Option("--platform", help="Only accounts of it")] = None,
    niche: Annotated[str | None, typer.Option("--niche", help="Only accounts of this topic")] = None,
    tier: Annotated[str | None, typer.Option("--tier", help="Only accounts of this tier")] = None,
    media_type: Annotated[str | None, typer.Option("--media-type", help="Only prices for this kind of post")] = None,
    min_rate: Annotated[float | None, typer.Option("--min-rate", help="Least shrunk rate, as 0.02")] = None,
    max_accounts: Annotated[int | None, typer.Option("--max-accounts", min=1, help="Most accounts")] = None,
    posts_each: Annotated[int, typer.Option("--posts-each", min=1, max=1000, help="Posts booked of each")] = 1,
    include: Annotated[list[str] | None, typer.Option("--include", help=f"In every set, {ACCOUNT}")] = None,
    exclude: Annotated[list[str] | None, typer.Option("--exclude", help=f"In no set, {ACCOUNT}")] = None,
    exclude_brand: Annotated[
        str | None, typer.Option("--exclude-brand", help="No account that mentions this brand")
    ] = None,
    new_to: Annotated[
        str | None, typer.Option("--new-to", help="Count only people who do not follow this account yet")
    ] = None,
    frontier: Annotated[bool, typer.Option("--frontier", help="Also show plans of higher mean rates")] = False,
    as_csv: Annotated[Path | None, typer.Option("--csv", help="Write the accounts as CSV here")] = None,
    as_xlsx: Annotated[Path | None, typer.Option("--xlsx", help="Write them as a workbook here")] = None,
    home: Home = None,
    as_json: Json = False,
) -> None:
    """Whom to book with a budget; or whom given accounts reach together. Example: tierwise plan --budget 5000 --currency USD"""
    ending.grace = 0.0
    settings = settings_for(home)
    if budget is None:
        from flows.commands import overlap

        overlap.show(overlap.plan(_only_accounts(accounts), settings), as_json=as_json)
        return
    if accounts:
        raise UsageError(
            f"{accounts[0]}: accounts and --budget are two questions",
            fix="name accounts that must be in the plan with --include",
        )
    from flows.commands import booking
    from marts.plan import Request
    from transforms.plan_candidates import Wish

    wish = Wish(
        _hundredths(budget), currency or "", objective, platform, niche, tier, media_type, _rate(min_rate), posts_each
    )
    request = Request(
        wish, max_accounts, tuple(include or ()), tuple(exclude or ()), exclude_brand, new_to, frontier or (None if as_json else False),
        settings.plan_seconds,
    )  # fmt: skip
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


def _hundredths(text: str) -> int:
    """A budget in whole hundredths; parts of one buy nothing."""
    try:
        amount = Decimal(text)
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite() or not 0 <= amount <= BUDGET_MAX:
        raise UsageError(
            f"--budget {text!r}: not an amount of money", fix="write a number from 0 on without separators, as 5000"
        )
    return int(amount * 100)


def _rate(given: float | None) -> float | None:
    if given is not None and not 0 <= given < 100:
        raise UsageError(f"--min-rate {given}: not a rate", fix="write it as a fraction: 0.02 is 2 %")
    return given

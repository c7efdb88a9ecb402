"""Which accounts to book with a budget: from the published warehouse, and from the lists in the lake."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import polars as pl

from marts import plan_exchange, plan_names
from marts.known_accounts import known_accounts, listed_of
from marts.plan_choice import Terms, frontier
from marts.plan_choice import chosen as best_of
from marts.plan_people import People, Source, audiences_of
from marts.plan_result import Known, Plan, accounts_of, expected_of, notes_of, rate_notes_of, reach_of
from schemas.errors import UsageError
from schemas.plans import NOT_CHOSEN, Objective
from transforms.exchange import Exchange
from transforms.plan_candidates import NO_EXCHANGE, Wish, priced_to_candidates, with_prices
from transforms.selection.effort import SECONDS, Effort
from transforms.selection.offers import IncludedTooMuch, Limits
from transforms.selection.reach import Audiences
from transforms.selection.relaxed import MANY
from warehouse.lake.ledger import Lake
from warehouse.published import frame_of, open_published, published_state


@dataclass(frozen=True)
class Request:
    """What a plan is asked for. Accounts are given as `platform:id`, `@handle` or `platform:@handle`."""

    wish: Wish
    max_accounts: int | None = None
    include: Sequence[str] = ()
    exclude: Sequence[str] = ()
    exclude_brand: str | None = None
    new_to: str | None = None
    exchange: Exchange = NO_EXCHANGE
    with_frontier: bool | None = None
    seconds: float = SECONDS


def plan(request: Request, warehouse: Path, lake_root: Path, secret: Callable[[Lake], str | None]) -> Plan:
    """The best set of accounts known for a budget, and what no set could exceed.

    Args:
        request: What is asked for; names are looked up in the warehouse.
        warehouse: The published file.
        lake_root: The folder of the lake, whose lists are read where people are counted.
        secret: Gives the secret that members of the lake are pseudonyms under; null where there is none.

    Raises:
        UsageError: A name or currency is not known, what is included cannot be had, or a list is needed that there is not.
    """
    day = _day_of(warehouse)
    exchange = plan_exchange.of_its_day(request.exchange, day)
    wish = plan_names.known(request.wish, warehouse, exchange)
    brand = plan_names.brand(request.new_to, wish, warehouse) if request.new_to else None
    included, excluded = (plan_names.found(names, warehouse) for names in (request.include, request.exclude))
    plan_names.refuse_both(included, excluded)
    accounts, rates = _read(wish, request.exclude_brand, warehouse)
    accounts = accounts.with_columns(_is_among(included).alias("included"), _is_among(excluded).alias("excluded"))
    priced = with_prices(accounts, rates, wish, exchange)
    candidates, left_out = priced_to_candidates(priced, wish)
    plan_names.refuse_lost(included, candidates, wish)
    source = Source.published(warehouse, lake_root, secret, brand)
    is_engaged = wish.objective == Objective.ENGAGED_FOLLOWERS
    people = None if wish.objective == Objective.ENGAGEMENTS else source.people_of(candidates, engaged=is_engaged)
    terms = Terms(Limits(wish.budget, request.max_accounts), Effort(request.seconds))
    try:
        choice = best_of(candidates, people, terms)
    except IncludedTooMuch as error:
        raise plan_names.too_much(candidates, request.max_accounts, wish) from error
    chosen = candidates[choice.chosen.tolist()]
    of_chosen = people.only(choice.chosen) if people and not is_engaged else None
    audiences, notes = _audiences(source, chosen, of_chosen, wish)
    notes += _notes(request, accounts, chosen) + rate_notes_of(priced, wish)
    notes += plan_exchange.notes_of(exchange, wish.currency, rates.get_column("currency").drop_nulls())
    rest = candidates.height - chosen.height
    left_out |= {NOT_CHOSEN: rest} if rest else {}
    is_quick = people is None or people.groups.rows.nnz <= MANY
    wanted = is_quick if request.with_frontier is None else request.with_frontier
    points = [point for point, _ in frontier(candidates, people, choice, terms)] if wanted else None
    if not wanted and request.with_frontier is None:
        notes.append("plan_frontier is left out, as it takes a while with so many lists: ask for it with --frontier")
    counted = None if people is None else audiences_of(chosen, people.only(choice.chosen))
    new_to = None if brand is None else plan_names.label_of(brand)
    told = accounts_of(wish, chosen, choice, Known(day, counted, audiences, new_to))
    reach = reach_of(audiences) if audiences else None
    converted = plan_exchange.conversions_of(candidates, exchange, wish.currency)
    return Plan(wish, told, choice, expected_of(chosen), reach, left_out, points, notes, converted, new_to)


def _day_of(warehouse: Path) -> date | None:
    """The day of the published figures."""
    state = published_state(warehouse)
    as_of: datetime | None = state.runs.item(-1, "as_of") if state else None
    return as_of.date() if as_of else None


def _read(wish: Wish, brand: str | None, warehouse: Path) -> tuple[pl.DataFrame, pl.DataFrame]:
    """All accounts, and the mart `rates`."""
    with open_published(warehouse) as connection:
        accounts = known_accounts(connection, plan_names.bare(brand or ""))
        return accounts.with_columns(listed_of(wish.objective)), frame_of(connection.sql("FROM rates"))


def _is_among(named: pl.DataFrame) -> pl.Expr:
    label = pl.concat_str("platform", "account_id", separator=":")
    return label.is_in(named.select(label).to_series().implode())


def _audiences(
    source: Source, chosen: pl.DataFrame, people: People | None, wish: Wish
) -> tuple[Audiences | None, list[str]]:
    """The people of a set, read from the lists unless they are at hand. A plan of engagements does not need the lake, and says so where it is another one."""
    listed = chosen.with_columns(pl.col("followers_known_count").alias("listed_count"))
    if chosen.get_column("followers_count").null_count():
        return None, ["unique reach is not known: of an account the followers are not"]
    try:
        return audiences_of(chosen, people or source.people_of(listed)), []
    except UsageError as error:
        if wish.objective != Objective.ENGAGEMENTS:
            raise
        return None, [f"unique reach is not known: {error}"]


def _notes(request: Request, accounts: pl.DataFrame, chosen: pl.DataFrame) -> list[str]:
    """What a reader of the figures should know."""
    said = [*notes_of(chosen)]
    unknown = chosen.get_column("expected").null_count()
    if unknown:
        said.append(
            f"accounts of unknown rate: {unknown}. What they bring is in no sum of engagements, so there is none"
        )
    if request.exclude_brand and not accounts.get_column("is_of_brand").any():
        said.append(f"no account is known to mention {request.exclude_brand}: nobody is left out for it")
    if chosen.get_column("platform").n_unique() > 1:
        said.append("who is on several platforms is counted once on each: nothing tells that they are one person")
    return said

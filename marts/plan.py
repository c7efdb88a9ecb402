"""Which accounts to book with a budget: from the published warehouse, and from the lists in the lake."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from marts import plan_exchange, plan_names
from marts.plan_people import People, Source, audiences_of
from marts.plan_result import Plan, Point, Reach, accounts_of, expected_of, reach_of
from marts.solver_output import solver_hushed
from schemas.errors import UsageError
from schemas.plans import Objective
from transforms.audience_rates import COMPLETE
from transforms.exchange import Exchange
from transforms.plan_candidates import NO_EXCHANGE, Wish, accounts_to_candidates
from transforms.selection.choose import SECONDS, Choice, choose, choose_of_ways
from transforms.selection.offers import IncludedTooMuch, Limits, offers_that_add_up
from transforms.selection.reach import offers_of_people, with_possible
from transforms.selection.relaxed import MANY
from warehouse.lake.ledger import Lake
from warehouse.publish import frame_of, open_published

# The mean rate of a plan is traded against its value at so many floors.
FLOORS = 8
ACCOUNTS = """
    SELECT
        platform, account_id, a.username, a.niche, a.tier, a.followers_count, e.post_known_count,
        e.engagement_rate_shrunk AS rate, e.engagement_rate_shrunk_low AS rate_low, e.engagement_rate_shrunk_high AS rate_high,
        e.paid_to_organic_ratio_high, u.followers_coverage_ratio,
        coalesce(u.followers_known_count, 0) AS followers_known_count,
        CASE WHEN $engaged THEN coalesce(u.engaged_follower_count, 0) ELSE coalesce(u.followers_known_count, 0) END AS listed_count,
        coalesce(b.is_of_brand, false) AS is_of_brand, coalesce(q.issues, []) AS issues
    FROM accounts AS a
    FULL JOIN (SELECT DISTINCT platform, account_id FROM rates) AS r USING (platform, account_id)
    LEFT JOIN (FROM account_engagement WHERE time_window = 'all_time') AS e USING (platform, account_id)
    LEFT JOIN (FROM audience WHERE time_window = 'all_time') AS u USING (platform, account_id)
    LEFT JOIN (
        SELECT DISTINCT platform, account_id, true AS is_of_brand FROM brand_mentions WHERE brand = $brand
    ) AS b USING (platform, account_id)
    LEFT JOIN (
        SELECT platform, account_id, list(DISTINCT issue ORDER BY issue) AS issues FROM data_quality GROUP BY ALL
    ) AS q USING (platform, account_id)
"""


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
    exchange = plan_exchange.of_its_day(request.exchange, warehouse)
    wish = plan_names.known(request.wish, warehouse, exchange)
    brand = plan_names.brand(request.new_to, wish, warehouse) if request.new_to else None
    included, excluded = (plan_names.found(names, warehouse) for names in (request.include, request.exclude))
    plan_names.refuse_both(included, excluded)
    accounts, rates = _read(wish, request.exclude_brand, warehouse)
    accounts = accounts.with_columns(_is_among(included).alias("included"), _is_among(excluded).alias("excluded"))
    candidates, left_out = accounts_to_candidates(accounts, rates, wish, exchange)
    plan_names.refuse_lost(included, candidates, wish)
    source = Source(warehouse, lake_root, secret, brand)
    is_engaged = wish.objective == Objective.ENGAGED_FOLLOWERS
    people = None if wish.objective == Objective.ENGAGEMENTS else source.people_of(candidates, engaged=is_engaged)
    choice = _chosen(candidates, people, request, wish)
    chosen = candidates[choice.chosen.tolist()]
    of_chosen = people.only(choice.chosen) if people and not is_engaged else None
    reach, notes = _reached(source, chosen, of_chosen, wish)
    notes += _notes(request, accounts, chosen)
    notes += plan_exchange.notes_of(exchange, wish.currency, rates.get_column("currency").drop_nulls())
    rest = candidates.height - chosen.height
    left_out |= {"not_chosen": rest} if rest else {}
    is_quick = people is None or people.groups.rows.nnz <= MANY
    wanted = is_quick if request.with_frontier is None else request.with_frontier
    points = _frontier(candidates, people, choice, request, wish) if wanted else None
    if not wanted and request.with_frontier is None:
        notes.append("plan_frontier is left out, as it takes a while with so many lists: ask for it with --frontier")
    unnamed = None if people is None else audiences_of(chosen, people.only(choice.chosen)).unnamed
    told = accounts_of(wish, chosen, choice, unnamed)
    converted = plan_exchange.conversions_of(candidates, exchange, wish.currency)
    return Plan(wish, told, choice, expected_of(chosen), reach, left_out, points, notes, converted)


def _read(wish: Wish, brand: str | None, warehouse: Path) -> tuple[pl.DataFrame, pl.DataFrame]:
    """All accounts, and the mart `rates`."""
    values = {"engaged": wish.objective == Objective.ENGAGED_FOLLOWERS, "brand": plan_names.bare(brand or "")}
    with open_published(warehouse) as connection:
        return frame_of(connection.sql(ACCOUNTS, params=values)), frame_of(connection.sql("FROM rates"))


def _is_among(named: pl.DataFrame) -> pl.Expr:
    label = pl.concat_str("platform", "account_id", separator=":")
    return label.is_in(named.select(label).to_series().implode())


def _chosen(candidates: pl.DataFrame, people: People | None, request: Request, wish: Wish, share: float = 1) -> Choice:
    """The best set of the candidates, as numbers of rows, in a share of the time."""
    limits, seconds = Limits(wish.budget, request.max_accounts), share * request.seconds
    try:
        with solver_hushed():
            return _choice(candidates, people, limits, seconds)
    except IncludedTooMuch as error:
        raise plan_names.too_much(candidates, request.max_accounts, wish) from error


def _choice(candidates: pl.DataFrame, people: People | None, limits: Limits, seconds: float) -> Choice:
    prices, included = (candidates.get_column(name).to_numpy() for name in ("price", "included"))
    if people is not None:
        audiences = audiences_of(candidates, people)
        found = choose_of_ways(offers_of_people(audiences, prices, included), limits, seconds)
        return with_possible(found, audiences, prices, limits)
    # Unknown is what is expected of none but those that are included.
    expected = candidates.get_column("expected").fill_null(0).to_numpy()
    return choose(offers_that_add_up(prices, expected, included), limits, seconds)


def _reached(source: Source, chosen: pl.DataFrame, people: People | None, wish: Wish) -> tuple[Reach | None, list[str]]:
    """The people of a set, read from the lists unless they are at hand. A plan of engagements does not need the lake, and says so where it is another one."""
    listed = chosen.with_columns(pl.col("followers_known_count").alias("listed_count"))
    if chosen.get_column("followers_count").null_count():
        return None, ["unique reach is not known: of an account the followers are not"]
    try:
        return reach_of(audiences_of(chosen, people or source.people_of(listed)), chosen.height), []
    except UsageError as error:
        if wish.objective != Objective.ENGAGEMENTS:
            raise
        return None, [f"unique reach is not known: {error}"]


def _notes(request: Request, accounts: pl.DataFrame, chosen: pl.DataFrame) -> list[str]:
    """What a reader of the figures should know."""
    said = []
    unknown = chosen.get_column("expected").null_count()
    if unknown:
        said.append(
            f"accounts of unknown rate: {unknown}. What they bring is in no sum of engagements, so there is none"
        )
    if request.exclude_brand and not accounts.get_column("is_of_brand").any():
        said.append(f"no account is known to mention {request.exclude_brand}: nobody is left out for it")
    if (chosen.get_column("followers_known_count") == 0).any():
        said.append("accounts without a follower list may share all of their people with others, or none")
    if not (chosen.get_column("followers_coverage_ratio").drop_nulls() >= COMPLETE).all():
        said.append("some lists are partial: the people of these are a lower bound")
    if chosen.get_column("platform").n_unique() > 1:
        said.append("who is on several platforms is counted once on each: nothing tells that they are one person")
    return said


def _frontier(
    candidates: pl.DataFrame, people: People | None, whole: Choice, request: Request, wish: Wish
) -> list[Point]:
    """The best plans at rising floors of the rate, without those that another one exceeds in both.

    `whole` is the plan without any, which is the first of them.
    """
    rates = candidates.get_column("rate").drop_nulls()
    floors = sorted({0.0, *(float(rates.quantile(place / FLOORS, "higher") or 0) for place in range(FLOORS))})
    points = [Point.of(floors[0], whole, candidates[whole.chosen.tolist()])]
    for floor in floors[1:]:
        kept = candidates.select((pl.col("rate") >= floor).fill_null(value=False) | pl.col("included")).to_series()
        some = people.only(kept.to_numpy()) if people else None
        rows = candidates.filter(kept)
        choice = _chosen(rows, some, request, wish, 1 / len(floors))
        points.append(Point.of(floor, choice, rows[choice.chosen.tolist()]))
    return [point for point in points if not any(other.is_better_than(point) for other in points)]

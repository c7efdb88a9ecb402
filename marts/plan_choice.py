"""The best set of the candidates of a plan, and the best ones above higher rates."""

from dataclasses import dataclass

import polars as pl

from marts.plan_people import People, audiences_of
from marts.plan_result import Point
from marts.solver_output import solver_hushed
from transforms.selection.choose import Choice, choose, choose_of_ways
from transforms.selection.effort import Effort
from transforms.selection.offers import Limits, offers_that_add_up
from transforms.selection.reach import offers_of_people, with_possible

# The mean rate of a plan is traded against its value at so many floors.
FLOORS = 8


@dataclass(frozen=True)
class Terms:
    """What a set must keep to, and how far the search for it goes."""

    limits: Limits
    effort: Effort


def chosen(candidates: pl.DataFrame, people: People | None, terms: Terms) -> Choice:
    """The best set of the candidates, as numbers of rows: of their people, or without these of the engagements expected.

    Raises:
        IncludedTooMuch: What is included goes beyond the limits by itself.
    """
    prices, included = (candidates.get_column(name).to_numpy() for name in ("price", "included"))
    with solver_hushed():
        if people is None:
            # Unknown is what is expected of none but those that are included.
            expected = candidates.get_column("expected").fill_null(0).to_numpy()
            return choose(offers_that_add_up(prices, expected, included), terms.limits, terms.effort)
        audiences = audiences_of(candidates, people)
        ways = offers_of_people(audiences, prices, included, terms.limits.budget)
        return with_possible(choose_of_ways(ways, terms.limits, terms.effort), audiences, prices, terms.limits)


def frontier(
    candidates: pl.DataFrame, people: People | None, whole: Choice, terms: Terms
) -> list[tuple[Point, pl.DataFrame]]:
    """The best plans at rising floors of the rate, with their accounts, without those that another one exceeds in both.

    `whole` is the plan without any, which is the first of them.
    """
    rates = candidates.get_column("rate").drop_nulls()
    floors = sorted({0.0, *(float(rates.quantile(place / FLOORS, "higher") or 0) for place in range(FLOORS))})
    found = [_point(floors[0], whole, candidates)]
    part = Terms(terms.limits, terms.effort.part(1 / len(floors)))
    for floor in floors[1:]:
        # A set that is above the next floor too is the best above it.
        is_above = (pl.col("rate") >= floor).fill_null(value=False) | pl.col("included")
        if found[-1][1].select(is_above).to_series().all():
            continue
        kept = candidates.select(is_above).to_series()
        some = people.only(kept.to_numpy()) if people else None
        rows = candidates.filter(kept)
        found.append(_point(floor, chosen(rows, some, part), rows))
    return [each for each in found if not any(other.is_better_than(each[0]) for other, _ in found)]


def _point(floor: float, choice: Choice, rows: pl.DataFrame) -> tuple[Point, pl.DataFrame]:
    accounts = rows[choice.chosen.tolist()]
    return Point.of(floor, choice, accounts), accounts

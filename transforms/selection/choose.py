"""The best set known, and the least that bounds all sets."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import fsum

import numpy as np

from transforms.selection.effort import BY_CLOCK, Effort
from transforms.selection.exact import solve
from transforms.selection.greedy import Steps, best_single, greedy, ordered
from transforms.selection.offers import ROUNDING, Floats, Integers, Limits, Offers
from transforms.selection.relaxed import relax


@dataclass(frozen=True)
class Choice:
    """A set, in the order of gain for the price, what each of it adds to those before, and what no set exceeds.

    How it came about: `found_by` tells which way led to the set; `greedy_value` and `single_value` are those of the two simple sets, `gains_bound` follows from the
    gains alone, `relaxed_bound` is that or what moving them
    brought it down to; `solver_value` and `solver_bound` are null where the program was not tried, or found nothing in its time.
    """

    chosen: Integers
    added: Floats
    bound: float
    greedy_value: float
    single_value: float
    gains_bound: float
    relaxed_bound: float
    solver_value: float | None = None
    solver_bound: float | None = None
    found_by: str = "greedy"

    @property
    def value(self) -> float:
        return fsum(self.added)

    @property
    def gap(self) -> float:
        """How far the set is from the best possible at most: 0 is the best there is."""
        return 0.0 if self.value >= self.bound * (1 - ROUNDING) else 1 - self.value / self.bound


def choose(offers: Offers, limits: Limits, effort: Effort = BY_CLOCK) -> Choice:
    """The best of the sets by gain, the best single candidate and those met by relaxing and by the program; the least bound.

    Raises:
        IncludedTooMuch: What is included goes beyond the limits by itself.
    """
    steps, single = greedy(offers, limits), best_single(offers, limits)
    simple = [steps, single] if limits.most is None else [steps, single, greedy(offers, limits, by_price=False)]
    best = max(simple, key=lambda each: each.value)
    gains_bound = _whole(offers, steps.bound)
    found_by = "single" if best is single else "greedy"
    best = ordered(offers, best.chosen)
    is_open = best.value < gains_bound * (1 - ROUNDING)
    if is_open and len(offers.people) and (effort.relaxed_max is None or offers.groups.nnz <= effort.relaxed_max):
        relaxed = relax(offers, limits, best.value)
        gains_bound = min(gains_bound, _whole(offers, relaxed.bound))
        better = _better(offers, limits, best, relaxed.chosen)
        found_by, best = (found_by if better is best else "relaxed"), better
    found, bound = None, None
    if best.value < gains_bound * (1 - ROUNDING):
        solved = solve(offers, limits, best.value, effort)
        if solved is not None:
            bound = _whole(offers, solved.bound) if np.isfinite(solved.bound) else None
            if solved.chosen is not None and keeps_to(offers, limits, solved.chosen):
                found = offers.value_of(solved.chosen)
                better = _better(offers, limits, best, solved.chosen)
                found_by, best = (found_by if better is best else "program"), better
    least = min(gains_bound, np.inf if bound is None else bound)
    return Choice(
        best.chosen, best.added, max(least, best.value), steps.value, single.value, _whole(offers, steps.bound),
        gains_bound, found, bound, found_by,
    )  # fmt: skip


def _better(offers: Offers, limits: Limits, best: Steps, chosen: Integers) -> Steps:
    """The better of two sets, the second with what else the limits allow; of equal ones the first."""
    if not keeps_to(offers, limits, chosen):
        return best
    held = np.zeros(offers.count, dtype=bool)
    held[chosen] = True
    found = ordered(offers, greedy(replace(offers, included=held | offers.included), limits).chosen)
    return found if found.value > best.value * (1 + ROUNDING) else best


def choose_of_ways(ways: Sequence[Offers], limits: Limits, effort: Effort = BY_CLOCK) -> Choice:
    """The same where a set brings the most of what it brings in several ways: what no set exceeds in any of them.

    Raises:
        IncludedTooMuch: What is included goes beyond the limits by itself.
    """
    ways = _hopeful(ways, limits)
    choices = [choose(offers, limits, effort.part(1 / len(ways))) for offers in ways]
    best = max(choices, key=lambda choice: choice.value)
    told = max((ordered(offers, best.chosen) for offers in ways), key=lambda steps: steps.value)
    bounds = [choice.solver_bound for choice in choices if choice.solver_bound is not None]
    return Choice(
        told.chosen,
        told.added,
        max(choice.bound for choice in choices),
        max(choice.greedy_value for choice in choices),
        max(choice.single_value for choice in choices),
        max(choice.gains_bound for choice in choices),
        max(choice.relaxed_bound for choice in choices),
        max((choice.solver_value for choice in choices if choice.solver_value is not None), default=None),
        max(bounds) if len(bounds) == len(choices) else None,
        best.found_by,
    )


def _hopeful(ways: Sequence[Offers], limits: Limits) -> Sequence[Offers]:
    """The ways in which a set may bring more than the best by gain of all, and the way in which that one brings it."""
    if len(ways) == 1:
        return ways
    found = [greedy(offers, limits) for offers in ways]
    most = max(steps.value for steps in found)
    is_open = [_whole(offers, steps.bound) > most * (1 + ROUNDING) for offers, steps in zip(ways, found, strict=True)]
    return [offers for offers, steps, open_ in zip(ways, found, is_open, strict=True) if open_ or steps.value == most]


def keeps_to(offers: Offers, limits: Limits, chosen: Integers) -> bool:
    """Whether a set is within the limits, by exact sums: a solver's are not."""
    is_few = limits.most is None or len(chosen) <= limits.most
    has_all = bool(np.isin(np.flatnonzero(offers.included), chosen).all())
    return is_few and has_all and int(offers.prices[chosen].sum()) <= limits.budget


def _whole(offers: Offers, bound: float) -> float:
    """A bound on a number of people is a whole number; sums of parts may be off in their last digits."""
    return float(np.floor(bound * (1 + ROUNDING) + ROUNDING)) if offers.are_whole else bound

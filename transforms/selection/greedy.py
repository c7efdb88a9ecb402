"""The best gain for the price, step by step, and after each step a bound on what any set could bring.

The gains of all candidates are kept exact: a group that is reached is taken off the gains of all who bring it, once. A
queue of outdated gains (lazy greedy) takes the same steps; exact gains give the tighter bound, and cost one pass over the
groups in all.
"""

from dataclasses import dataclass
from math import fsum

import numpy as np

from transforms.selection.offers import Flags, Floats, IncludedTooMuch, Integers, Limits, Offers

# Bounds are taken after every step where there are few, else after so many of them.
BOUNDS_MAX = 2_000


@dataclass(frozen=True)
class Steps:
    """Candidates in the order they were taken, what each added, and the least of the bounds."""

    chosen: Integers
    added: Floats
    bound: float

    @property
    def value(self) -> float:
        return fsum(self.added)


class State:
    """A set that grows: what is left of budget and places, and what each candidate would add."""

    def __init__(self, offers: Offers, limits: Limits) -> None:
        self.offers, self.left = offers, limits.budget
        self.places = offers.count if limits.most is None else limits.most
        self.rows = offers.groups.tocsr()
        self.gains = offers.own + offers.groups @ offers.people
        self.reached = np.zeros(len(offers.people), dtype=bool)
        self.is_free = np.ones(offers.count, dtype=bool)
        self.chosen: list[int] = []
        self.added: list[float] = []

    @property
    def value(self) -> float:
        return float(sum(self.added))

    def take(self, candidate: int) -> None:
        self.chosen.append(candidate)
        self.added.append(float(self.gains[candidate]))
        self.is_free[candidate] = False
        self.left -= int(self.offers.prices[candidate])
        self.places -= 1
        if not len(self.offers.people):
            return
        start, end = self.rows.indptr[candidate : candidate + 2]
        groups = self.rows.indices[start:end]
        fresh = groups[~self.reached[groups]]
        self.reached[fresh] = True
        self.gains -= self.offers.groups[:, fresh] @ self.offers.people[fresh]

    def possible(self) -> Flags:
        """Who could be taken next, and would add something. Sums of parts leave dust behind, which is nothing."""
        some = self.gains > (0.5 if self.offers.are_whole else 0)
        found: Flags = self.is_free & some & (self.offers.prices <= self.left) & (self.places > 0)
        return found


def greedy(offers: Offers, limits: Limits, *, by_price: bool = True) -> Steps:
    """What is included first, then always the most gain for the price, what costs nothing before all else.

    Where places are scarce rather than money, the most gain whatever it costs does better.

    Raises:
        IncludedTooMuch: What is included goes beyond the limits by itself.
    """
    state = started(offers, limits)
    budget, places = state.left, state.places
    bounds = [state.value + most_within(state, budget, places)]
    if not len(offers.people):
        # What is left after a step never gives less than the first bound.
        _take_in_order(state, np.flatnonzero(state.possible()), by_price=by_price)
    every = 1 + offers.count // BOUNDS_MAX
    while len(takeable := np.flatnonzero(state.possible())):
        state.take(_next(state, takeable, by_price=by_price))
        if len(state.chosen) % every == 0:
            bounds.append(state.value + most_within(state, budget, places))
    return Steps(np.array(state.chosen, dtype=np.int64), np.array(state.added), min(bounds))


def _take_in_order(state: State, candidates: Integers, *, by_price: bool = True) -> None:
    """The same where values only add up, so that the order of the candidates never changes."""
    gain, price = state.gains[candidates], state.offers.prices[candidates]
    free = (price == 0) & by_price
    worth = gain / np.where(free | (not by_price), 1, price)
    order = candidates[np.lexsort((-worth, ~free))]
    prices, cheapest = state.offers.prices.tolist(), int(price.min(initial=0))
    for candidate in order.tolist():
        if state.places <= 0 or state.left < cheapest:
            break
        if prices[candidate] <= state.left:
            state.take(candidate)


def _next(state: State, takeable: Integers, *, by_price: bool = True) -> int:
    """The first of those with the most gain for the price, or the most gain."""
    gain, price = state.gains[takeable], state.offers.prices[takeable]
    free = price == 0
    if not by_price:
        worth = gain
    elif free.any():
        worth = np.where(free, gain, 0)
    else:
        worth = gain / price
    return int(takeable[np.argmax(worth)])


def best_single(offers: Offers, limits: Limits) -> Steps:
    """What is included, and the one candidate that adds most to it."""
    state = started(offers, limits)
    if len(takeable := np.flatnonzero(state.possible())):
        state.take(_next(state, takeable, by_price=False))
    return Steps(np.array(state.chosen, dtype=np.int64), np.array(state.added), np.inf)


def ordered(offers: Offers, chosen: Integers) -> Steps:
    """A set without the needless, in the order of gain for the price, and what each adds to those before it."""
    chosen = without_needless(offers, chosen)
    is_chosen = np.zeros(offers.count, dtype=bool)
    is_chosen[chosen] = True
    state = started(offers, Limits(int(offers.prices[chosen].sum())))
    if not len(offers.people):
        _take_in_order(state, np.flatnonzero(state.possible() & is_chosen))
    while len(rest := np.flatnonzero(state.possible() & is_chosen)):
        state.take(_next(state, rest))
    return Steps(np.array(state.chosen, dtype=np.int64), np.array(state.added), np.inf)


def without_needless(offers: Offers, chosen: Integers) -> Integers:
    """A set without those whom it loses nothing by, the dearest first; what is included or costs nothing stays."""
    if not len(offers.people):
        stays = offers.included[chosen] | (offers.prices[chosen] == 0) | (offers.own[chosen] > 0)
        return np.sort(chosen[stays])
    rows = offers.groups.tocsr()
    depth = np.asarray(offers.groups[chosen].sum(axis=0)).ravel()
    depth[offers.people <= 0] = np.inf
    kept = []
    for candidate in chosen[np.argsort(-offers.prices[chosen], kind="stable")]:
        groups = rows.indices[slice(*rows.indptr[candidate : candidate + 2])]
        stays = offers.included[candidate] or offers.prices[candidate] == 0
        if stays or offers.own[candidate] > 0 or (depth[groups] <= 1).any():
            kept.append(int(candidate))
        else:
            depth[groups] -= 1
    return np.array(sorted(kept), dtype=np.int64)


def started(offers: Offers, limits: Limits) -> State:
    state = State(offers, limits)
    for candidate in np.flatnonzero(offers.included):
        state.take(int(candidate))
    if state.left < 0 or state.places < 0:
        raise IncludedTooMuch
    return state


def most_within(state: State, budget: int, places: int) -> float:
    """The most that can be added for a budget if gains did not shrink and the last candidate could be taken in part.

    The gains of a set never exceed the sum of its gains alone: no set within the limits brings more than this beyond the
    value so far. What is dearer than the budget is in no set.
    """
    usable = state.is_free & (state.gains > 0) & (state.offers.prices <= budget)
    gains, prices = state.gains[usable], state.offers.prices[usable]
    few = float(np.sort(gains)[::-1][:places].sum()) if places < len(gains) else np.inf
    with np.errstate(divide="ignore"):
        order = np.argsort(-(gains / prices), kind="stable")
    spent = np.cumsum(prices[order])
    whole = int(np.searchsorted(spent, budget, side="right"))
    total = float(gains[order[:whole]].sum())
    if whole < len(order):
        left = budget - (int(spent[whole - 1]) if whole else 0)
        total += float(gains[order[whole]]) * left / int(prices[order[whole]])
    return min(total, few)

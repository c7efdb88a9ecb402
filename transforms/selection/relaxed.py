"""A bound on any set, and a good set, where people are too many for a program: by prices for reaching each group.

A group counts once however many of a set bring it. Let each candidate have a part of the people of each group instead,
0 to all of them, paid as often as somebody brings it, and count the rest of the group as reached in any case. That is
never less than what a set brings, and the candidates' parts add up, so the best set of the parts is easy to bound. The
parts are moved until that bound falls no more (Lagrangian relaxation, subgradient steps as Polyak's): a part falls
where several of the set bring the group, and rises where none does.
"""

from dataclasses import dataclass

import numpy as np

from transforms.selection.greedy import started
from transforms.selection.offers import Floats, Integers, Limits, Offers

STEPS, STEPS_OF_MANY = 200, 60
# Pairs of a candidate and a group beyond which a step takes a while.
MANY = 1_000_000
# Steps are halved after so many that brought no better bound.
PATIENCE = 8


@dataclass(frozen=True)
class Relaxed:
    """The least bound, and the best set met on the way, within the limits."""

    bound: float
    chosen: Integers


def relax(offers: Offers, limits: Limits, floor: float) -> Relaxed:
    """What no set within the limits exceeds; `floor` is a value that a set has."""
    state = started(offers, limits)
    held = np.flatnonzero(offers.included)
    parts = offers.people.copy()
    bound, best, best_value, length, waited = np.inf, held, -np.inf, 1.0, 0
    for _ in range(STEPS if offers.groups.nnz <= MANY else STEPS_OF_MANY):
        gains = offers.own + offers.groups @ parts
        shares = _best_shares(gains, offers, state.left, state.places)
        total = float((offers.people - parts).sum() + gains @ shares)
        waited = 0 if total < bound else waited + 1
        bound = min(bound, total)
        whole = np.flatnonzero(shares == 1)
        depth = offers.groups.T @ (shares == 1).astype(float)
        value = float(offers.own[whole].sum() + offers.people[depth > 0].sum())
        if value > best_value and int(offers.prices[whole].sum()) <= limits.budget:
            best, best_value = whole, value
        slope = depth - 1
        for candidate in np.flatnonzero((shares > 0) & (shares < 1)):  # one at most
            slope[state.rows.indices[slice(*state.rows.indptr[candidate : candidate + 2])]] += shares[candidate]
        # Where a part cannot move further it does not count.
        slope[((parts <= 0) & (slope > 0)) | ((parts >= offers.people) & (slope < 0))] = 0
        square = float(slope @ slope)
        if square == 0 or total <= max(floor, best_value):
            break
        if waited >= PATIENCE:
            length, waited = length / 2, 0
        parts = np.clip(parts - length * (total - max(floor, best_value)) / square * slope, 0, offers.people)
    return Relaxed(bound, best)


def _best_shares(gains: Floats, offers: Offers, budget: int, places: int) -> Floats:
    """How much of each candidate is in the best set by gains that add up, where one may be in it in part.

    With more places than that takes, or by gain alone where places are what is scarce: both bound the best set of whole
    candidates, and the lesser is taken.
    """
    shares = offers.included.astype(float)
    usable = np.flatnonzero(~offers.included & (gains > 0) & (offers.prices <= budget))
    if not len(usable) or places <= 0:
        return shares
    with np.errstate(divide="ignore"):
        order = usable[np.argsort(-(gains[usable] / offers.prices[usable]), kind="stable")]
    spent = np.cumsum(offers.prices[order])
    whole = int(np.searchsorted(spent, budget, side="right"))
    by_price = shares.copy()
    by_price[order[:whole]] = 1
    if whole < len(order):
        left = budget - (int(spent[whole - 1]) if whole else 0)
        by_price[order[whole]] = left / int(offers.prices[order[whole]])
    if places >= whole + 1:
        return by_price
    by_gain = shares.copy()
    by_gain[usable[np.argsort(-gains[usable], kind="stable")][:places]] = 1
    return by_price if gains @ by_price <= gains @ by_gain else by_gain

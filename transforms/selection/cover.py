"""The cheapest set that brings a given value or more, and what no such set costs less than (covering knapsack).

The search for the best set turned round: gains for the price step by step until the value is reached, a bound at every
step, and the program (HiGHS) on those candidates that the bounds leave open.
"""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csc_array, eye_array, hstack

from transforms.selection.effort import Effort
from transforms.selection.greedy import State, ordered, started
from transforms.selection.offers import ROUNDING, Flags, Integers, Limits, Offers

# The program takes a sum for enough that is too small by a millionth; what is to be reached is so much for it.
TARGET = 1_000.0


@dataclass(frozen=True)
class Cover:
    """A set in the order of gain for the price, what it costs, and what no set that brings as much costs less than."""

    chosen: Integers
    price: int
    bound: int

    @property
    def gap(self) -> float:
        return 0.0 if self.price <= self.bound else 1 - self.bound / self.price


def cover(offers: Offers, target: float, effort: Effort) -> Cover | None:
    """The cheapest set known that brings `target` or more; null where all candidates together do not."""
    everybody, nobody = np.arange(offers.count), np.zeros(0, dtype=np.int64)
    if is_enough(offers, nobody, target):
        return Cover(nobody, 0, 0)
    if not is_enough(offers, everybody, target):
        return None
    found, bound = _greedy(offers, target)
    unit = int(np.gcd.reduce(offers.prices)) or 1
    price = _price(offers, found)
    if _whole(bound, unit) < price and offers.groups.nnz <= effort.program_max:
        chosen, proven = _solved(offers, target, price, effort)
        bound = max(bound, proven)
        if chosen is not None and is_enough(offers, chosen, target):
            chosen = _without_needless(offers, chosen, target)
            found = chosen if _price(offers, chosen) < price else found
    price = _price(offers, found)
    return Cover(ordered(offers, found).chosen, price, min(_whole(bound, unit), price))


def is_enough(offers: Offers, chosen: Integers, target: float) -> bool:
    return offers.value_of(chosen) >= target * (1 - ROUNDING)


def _price(offers: Offers, chosen: Integers) -> int:
    return int(offers.prices[chosen].sum())


def _whole(bound: float, unit: int) -> int:
    """Prices are multiples of the unit, so the least price is one too."""
    return int(np.ceil(bound * (1 - ROUNDING) / unit - ROUNDING)) * unit


def _greedy(offers: Offers, target: float) -> tuple[Integers, float]:
    """A set that is enough, and the highest of the bounds at its steps."""
    state = started(offers, Limits(int(offers.prices.sum())))
    bound, best = 0.0, None
    while (missing := target - state.value) > target * ROUNDING:
        takeable = np.flatnonzero(state.possible())
        if not len(takeable):
            break
        if len(offers.people) or not state.chosen:
            bound = max(bound, _least_for(state, missing))
        # One account that is enough by itself may cost less than what is bought step by step.
        alone = takeable[state.gains[takeable] >= missing]
        if len(alone):
            last = int(alone[np.argmin(offers.prices[alone])])
            found = _without_needless(offers, np.array([*state.chosen, last]), target)
            best = found if best is None or _price(offers, found) < _price(offers, best) else best
        with np.errstate(divide="ignore", invalid="ignore"):
            worth = np.minimum(state.gains[takeable], missing) / offers.prices[takeable]
        state.take(int(takeable[np.argmax(worth)]))
    found = _without_needless(offers, np.array(state.chosen, dtype=np.int64), target)
    return (found if best is None or _price(offers, found) < _price(offers, best) else best), bound


def _least_for(state: State, missing: float) -> float:
    """The least that what is missing costs if gains did not shrink and the last candidate could be booked in part."""
    usable = state.is_free & (state.gains > 0)
    gains, prices = np.minimum(state.gains[usable], missing), state.offers.prices[usable]
    order = np.argsort(prices / gains, kind="stable")
    brought = np.cumsum(gains[order])
    whole = int(np.searchsorted(brought, missing))
    if whole == len(order):
        return float(prices.sum())
    before = float(brought[whole - 1]) if whole else 0.0
    last = order[whole]
    return float(prices[order[:whole]].sum()) + float(prices[last]) * (missing - before) / float(gains[last])


def _without_needless(offers: Offers, chosen: Integers, target: float) -> Integers:
    """A set without those it is enough without, the dearest first."""
    kept = chosen
    for candidate in chosen[np.argsort(-offers.prices[chosen], kind="stable")]:
        fewer = kept[kept != candidate]
        if offers.prices[candidate] and is_enough(offers, fewer, target):
            kept = fewer
    return np.sort(kept)


def _solved(offers: Offers, target: float, price: int, effort: Effort) -> tuple[Integers | None, float]:
    """The set of the program, null without one, and what no set costs less than; `price` is that of a set that is enough."""
    kept, sure = _hopeful(offers, target, price)
    names, fewer = np.flatnonzero(kept), offers.only(kept)
    bringers = np.asarray(fewer.groups.sum(axis=0)).ravel()
    alone, shared = bringers == 1, bringers > 1
    own = fewer.own + fewer.groups[:, alone] @ fewer.people[alone]
    people, groups = offers.people[shared], csc_array(fewer.groups[:, shared])
    scale, unit = target / TARGET, int(np.gcd.reduce(fewer.prices)) or 1
    # People are whole: half a person short of them is as good.
    least = (target - 0.5 if offers.are_whole else target) / scale
    rows = [LinearConstraint(np.concatenate([own, people])[None, :] / scale, lb=least)]
    if len(people):
        rows.append(LinearConstraint(hstack([-groups.T, eye_array(len(people))]), ub=0))
    found = milp(
        np.concatenate([fewer.prices / unit, np.zeros(len(people))]),
        integrality=np.concatenate([np.ones(fewer.count), np.zeros(len(people))]),
        bounds=Bounds(np.concatenate([sure[kept], np.zeros(len(people))]), 1),
        constraints=rows,
        options={**effort.options, "mip_rel_gap": 0, "presolve": bool(len(people))},
    )
    chosen = None if found.x is None else names[found.x[: fewer.count] > 0.5]
    return chosen, 0.0 if found.mip_dual_bound is None else float(found.mip_dual_bound * unit)


def _hopeful(offers: Offers, target: float, price: int) -> tuple[Flags, Flags]:
    """Who may be in a set for less than `price`, and who must be: where values add up, by what a unit of them costs.

    With that price for each unit, what candidates cost beyond it adds up to no more than any set does. One that is
    taken or left against it raises that by what it is off.
    """
    everybody, nobody = np.ones(offers.count, dtype=bool), np.zeros(offers.count, dtype=bool)
    if len(offers.people):
        return everybody, nobody
    values, prices = np.minimum(offers.own, target), offers.prices.astype(float)
    with np.errstate(divide="ignore", invalid="ignore"):
        each = np.where(values > 0, prices / values, np.inf)
    order = np.argsort(each, kind="stable")
    place = min(int(np.searchsorted(np.cumsum(values[order]), target)), offers.count - 1)
    beyond = prices - each[order[place]] * values if np.isfinite(each[order[place]]) else prices
    least = each[order[place]] * target + float(beyond.clip(None, 0).sum())
    is_open = least + np.abs(beyond) <= price * (1 + ROUNDING)
    return is_open | (beyond < 0), ~is_open & (beyond < 0)

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
from transforms.selection.offers import ROUNDING, Flags, Floats, Integers, Limits, Offers

# The program takes a sum for enough that is too small by a millionth; what is to be reached is so much for it.
TARGET = 1_000.0
# Of sets that one account completes so many are looked at closer: those that would be cheapest.
TRIED = 20
# As many of the candidates are tried before the others.
CORE = 300


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
    found, bound = _greedy(offers, target) if len(offers.people) else _adding_up(offers, target)
    unit = int(np.gcd.reduce(offers.prices)) or 1
    price = _price(offers, found)
    if _whole(bound, unit) < price and offers.groups.nnz <= effort.program_max:
        found, proven = _program(offers, target, found, effort)
        bound = max(bound, proven)
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


def _adding_up(offers: Offers, target: float) -> tuple[Integers, float]:
    """The same where values only add up: candidates in one order, and after each of them the cheapest one that is enough."""
    state = started(offers, Limits(int(offers.prices.sum())))
    some = np.flatnonzero(offers.own > 0)
    with np.errstate(divide="ignore"):
        order = some[np.argsort(-offers.own[some] / offers.prices[some], kind="stable")]
    missing = target - np.concatenate([[0.0], np.cumsum(offers.own[order])])
    spent = np.concatenate([[0], np.cumsum(offers.prices[order])])
    enough = int(np.argmax(missing <= target * ROUNDING)) if missing[-1] <= target * ROUNDING else len(order)
    by_value = some[np.argsort(offers.own[some], kind="stable")]
    cheapest = np.append(np.minimum.accumulate(offers.prices[by_value][::-1])[::-1].astype(float), np.inf)
    whole = spent[:enough] + cheapest[np.searchsorted(offers.own[by_value], missing[:enough])]
    found = [_without_needless(offers, order[:enough], target)]
    for place in np.argsort(whole, kind="stable")[:TRIED]:
        rest = order[place:]
        alone = rest[offers.own[rest] >= missing[place]]
        if len(alone):
            last = alone[[np.argmin(offers.prices[alone])]]
            found.append(_without_needless(offers, np.concatenate([order[:place], last]), target))
    return min(found, key=lambda each: _price(offers, each)), _least_for(state, target)


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
    rows, people = offers.groups.tocsr(), offers.people
    depth = np.asarray(offers.groups[chosen].sum(axis=0)).ravel()
    spare, kept = offers.value_of(chosen) - target, []
    for candidate in chosen[np.argsort(-offers.prices[chosen], kind="stable")].tolist():
        own = rows.indices[slice(*rows.indptr[candidate : candidate + 2])]
        lost = float(offers.own[candidate] + people[own[depth[own] == 1]].sum())
        if offers.prices[candidate] and lost <= spare:
            spare -= lost
            depth[own] -= 1
        else:
            kept.append(candidate)
    return np.array(sorted(kept), dtype=np.int64)


def _program(offers: Offers, target: float, found: Integers, effort: Effort) -> tuple[Integers, float]:
    """The cheaper of a set and that of the program, and what no set costs less than.

    Where values add up those candidates are tried first that are nearest to being in and out, as of many thousands few
    others are open once a good set is known.
    """
    if len(offers.people):
        everybody, nobody = np.ones(offers.count, dtype=bool), np.zeros(offers.count, dtype=bool)
        return _solved(offers, target, found, everybody, nobody, effort)
    least, beyond = _beyond(offers, target)
    kept, sure, bound = np.zeros(offers.count, dtype=bool), beyond < 0, 0.0
    if offers.count > CORE:
        nearest = np.zeros(offers.count, dtype=bool)
        # By the difference many are small accounts, by its share of the price they are of all sizes.
        for off in (np.abs(beyond), np.abs(beyond) / np.maximum(offers.prices, 1)):
            nearest[np.argsort(off, kind="stable")[: CORE // 2]] = True
        kept, sure = nearest | (beyond < 0), ~nearest & (beyond < 0)
        found, bound = _solved(offers, target, found, kept, sure, effort)
    is_open = least + np.abs(beyond) <= _price(offers, found) * (1 + ROUNDING)
    hopeful, needed = is_open | (beyond < 0), ~is_open & (beyond < 0)
    others = (hopeful & ~kept) | (sure & ~needed)
    if not others.any():
        return found, bound
    bound = min(bound, least + float(np.abs(beyond[others]).min()))
    if bound >= _price(offers, found) * (1 - effort.gap_enough):
        return found, bound
    return _solved(offers, target, found, hopeful, needed, effort)


def _beyond(offers: Offers, target: float) -> tuple[float, Floats]:
    """Where values add up: the least that any set costs, and what each candidate costs beyond what it brings.

    A unit of value has a price, that of the candidate that is taken in part where that is allowed. One that is taken
    though it costs more, or left though it costs less, makes a set dearer by the difference.
    """
    values, prices = np.minimum(offers.own, target), offers.prices.astype(float)
    with np.errstate(divide="ignore", invalid="ignore"):
        each = np.where(values > 0, prices / values, np.inf)
    order = np.argsort(each, kind="stable")
    last = each[order[min(int(np.searchsorted(np.cumsum(values[order]), target)), offers.count - 1)]]
    unit = float(last) if np.isfinite(last) else 0.0
    beyond = prices - unit * values
    return unit * target + float(beyond.clip(None, 0).sum()), beyond


def _solved(
    offers: Offers, target: float, found: Integers, kept: Flags, sure: Flags, effort: Effort
) -> tuple[Integers, float]:
    """The cheaper of a set and the best of those kept with all that are sure, and what no such set costs less than."""
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
    solved = milp(
        np.concatenate([fewer.prices / unit, np.zeros(len(people))]),
        integrality=np.concatenate([np.ones(fewer.count), np.zeros(len(people))]),
        bounds=Bounds(np.concatenate([sure[kept], np.zeros(len(people))]), 1),
        constraints=rows,
        options={**effort.options, "mip_rel_gap": 0, "presolve": bool(len(people))},
    )
    if solved.x is not None and is_enough(offers, chosen := names[solved.x[: fewer.count] > 0.5], target):
        chosen = _without_needless(offers, chosen, target)
        found = chosen if _price(offers, chosen) < _price(offers, found) else found
    return found, 0.0 if solved.mip_dual_bound is None else float(solved.mip_dual_bound * unit)

"""The best set by mixed integer programming (HiGHS), as far as it closes with the effort it is given."""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, linprog, milp
from scipy.sparse import csc_array, eye_array, hstack

from transforms.selection.effort import Effort
from transforms.selection.offers import ROUNDING, Flags, Floats, Integers, Limits, Offers

# So many of the likeliest candidates give a set so good that most of the others can be in no better one.
CORE = 300


@dataclass(frozen=True)
class Solved:
    """The best set found, null without one, and what no set can exceed."""

    chosen: Integers | None
    bound: float


def solve(offers: Offers, limits: Limits, floor: float, effort: Effort) -> Solved | None:
    """The best set within the limits; null where the offers are too many to try. `floor` is a value that a set has."""
    if offers.groups.nnz > effort.program_max:
        return None
    kept = offers.included | (offers.prices <= limits.budget)
    if len(offers.people) or kept.sum() <= CORE:
        return _solved(offers, kept, limits, effort)
    with_each = _bounds_with_each(offers, kept, limits)
    likeliest = np.argsort(-with_each, kind="stable")[:CORE]
    core = offers.included.copy()
    core[likeliest] = True
    found = _solved(offers, core, limits, effort.part(0.5))
    if found.chosen is not None:
        floor = max(floor, offers.value_of(found.chosen))
    hopeful = offers.included | (with_each >= floor * (1 - ROUNDING))
    others = hopeful & ~core
    if not others.any():
        return found
    bound = max(found.bound, float(with_each[others].max()))
    if bound * (1 - effort.gap_enough) <= floor:
        return Solved(found.chosen, bound)
    better = _solved(offers, hopeful, limits, effort.part(0.5))
    values = [-1.0 if each.chosen is None else offers.value_of(each.chosen) for each in (found, better)]
    return Solved((found if values[0] >= values[1] else better).chosen, max(better.bound, floor))


def _bounds_with_each(offers: Offers, kept: Flags, limits: Limits) -> Floats:
    """What no set with this candidate exceeds, where values add up; -1 for those that are not kept.

    With prices for a unit of budget and for a place, limits times prices and what candidates bring beyond theirs is a
    bound, the least of which linear programming finds. One that brings less than its price lowers the bound by as much.
    """
    prices, values, included = offers.prices[kept].astype(float), offers.own[kept], offers.included[kept]
    of_budget, of_place = _least_prices(prices, values, included, limits)
    beyond = values - of_budget * prices - of_place
    total = of_budget * limits.budget + of_place * (limits.most or 0)
    total += float(np.where(included, beyond, beyond.clip(0)).sum())
    result = np.full(offers.count, -1.0)
    result[kept] = total + beyond.clip(None, 0)
    return result


def _least_prices(prices: Floats, values: Floats, included: Flags, limits: Limits) -> tuple[float, float]:
    """The prices for a unit of budget and for a place that give the least bound; any others give a bound too."""
    if limits.most is None:
        others = np.flatnonzero(~included & (prices > 0))
        order = others[np.argsort(-values[others] / prices[others], kind="stable")]
        last = int(np.searchsorted(np.cumsum(prices[order]), limits.budget - prices[included].sum(), side="right"))
        return (float(values[order[last]] / prices[order[last]]) if last < len(order) else 0.0), 0.0
    scale, budget = values.max(initial=0) or 1.0, max(limits.budget, 1)
    found = linprog(
        -values / scale,
        A_ub=np.stack([prices / budget, np.ones(len(prices))]),
        b_ub=[float(limits.budget > 0), float(limits.most)],
        bounds=np.stack([included.astype(float), np.ones(len(prices))], axis=1),
        options={"presolve": False},
    )
    if found.status != 0:
        return 0.0, 0.0
    duals = np.maximum(-found.ineqlin.marginals, 0) * scale
    return float(duals[0] / budget), float(duals[1])


def _solved(offers: Offers, kept: Flags, limits: Limits, effort: Effort) -> Solved:
    """The best set of the candidates kept."""
    names, fewer = np.flatnonzero(kept), offers.only(kept)
    # Who alone brings a group has it for his own; a group that nobody left brings is out.
    bringers = np.asarray(fewer.groups.sum(axis=0)).ravel()
    alone, shared = bringers == 1, bringers > 1
    own = fewer.own + fewer.groups[:, alone] @ fewer.people[alone]
    people = offers.people[shared]
    scale = max(float(own.max(initial=0)), float(people.max(initial=0))) or 1.0
    found = milp(
        -np.concatenate([own, people]) / scale,
        integrality=np.concatenate([np.ones(fewer.count), np.zeros(len(people))]),
        bounds=Bounds(np.concatenate([fewer.included, np.zeros(len(people))]), 1),
        constraints=_program(fewer, shared, limits),
        # Of a knapsack alone the solver compares all pairs of candidates first, whatever time it is given.
        options={**effort.options, "mip_rel_gap": 0, "presolve": bool(len(people))},
    )
    if found.mip_dual_bound is None:  # out of time before any bound
        return Solved(None, np.inf)
    chosen = None if found.x is None else names[found.x[: fewer.count] > 0.5]
    return Solved(chosen, float(-found.mip_dual_bound * scale))


def _program(offers: Offers, shared: Flags, limits: Limits) -> list[LinearConstraint]:
    """Price and number of candidates within the limits; a group is reached where a candidate that brings it is taken."""
    groups = csc_array(offers.groups[:, shared])
    blank = csc_array((1, groups.shape[1]))
    unit = int(np.gcd.reduce(offers.prices)) or 1
    prices = csc_array((offers.prices // unit).astype(float)[None, :])
    rows = [LinearConstraint(hstack([prices, blank]), ub=limits.budget // unit)]
    if limits.most is not None:
        rows.append(LinearConstraint(hstack([csc_array(np.ones((1, offers.count))), blank]), ub=limits.most))
    if groups.shape[1]:
        rows.append(LinearConstraint(hstack([-groups.T, eye_array(groups.shape[1])]), ub=0))
    return rows

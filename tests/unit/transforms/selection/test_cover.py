"""The cheapest set that brings enough: worked cases, and every subset of small random offers."""

from itertools import combinations
from random import Random

import numpy as np
import pytest
from scipy.sparse import csc_array

from transforms.selection import cover as covering
from transforms.selection.cover import cover, is_enough
from transforms.selection.effort import BY_STEPS, Effort
from transforms.selection.groups import at_least
from transforms.selection.offers import Offers, offers_that_add_up

BOUNDS_ALONE = Effort(program_max=-1)


def adding_up(prices: list[int], values: list[float]) -> Offers:
    return offers_that_add_up(np.array(prices), np.array(values), np.zeros(len(prices), dtype=bool))


def random_offers(chance: Random, kind: str) -> Offers:
    """Up to twelve candidates: of values that add up, of lists, or of which the largest counts alone."""
    count = chance.randint(1, 12)
    prices = np.array([chance.choice((0, 100, 250, chance.randint(1, 90_000))) for _ in range(count)])
    nobody = np.zeros(count, dtype=bool)
    if kind == "adds up":
        return offers_that_add_up(
            prices, np.array([chance.choice((0, chance.lognormvariate(4, 2))) for _ in prices]), nobody
        )
    if kind == "largest":
        found = at_least(np.array([float(chance.randint(0, 40)) for _ in prices]), prices, nobody)
        return Offers(prices, np.zeros(count), found.rows, found.people, nobody, are_whole=True)
    columns = chance.randint(1, 25)
    rows = np.array([[chance.random() < 0.3 for _ in range(columns)] for _ in prices], dtype=float)
    people = np.array([float(chance.randint(1, 50)) for _ in range(columns)])
    own = np.array([float(chance.choice((0, 0, 7))) for _ in prices])
    return Offers(prices, own, csc_array(rows), people, nobody, are_whole=True)


def cheapest(offers: Offers, target: float) -> int | None:
    """By trying every set."""
    sets = (
        np.array(each, dtype=np.int64)
        for size in range(offers.count + 1)
        for each in combinations(range(offers.count), size)
    )
    return min((int(offers.prices[each].sum()) for each in sets if is_enough(offers, each, target)), default=None)


@pytest.mark.parametrize("core", [covering.CORE, 3])
@pytest.mark.parametrize("kind", ["adds up", "lists", "largest"])
@pytest.mark.parametrize("seed", range(40))
def test_no_subset_that_is_enough_is_cheaper(seed: int, kind: str, core: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where the nearest are tried before the others, as of many thousands."""
    monkeypatch.setattr(covering, "CORE", core)
    chance = Random(seed)
    offers = random_offers(chance, kind)
    target = offers.value_of(np.arange(offers.count)) * chance.choice((0.1, 0.5, 0.8, 1.0, 1.1)) or 1.0
    if offers.are_whole:
        target = round(target) or 1
    best = cheapest(offers, target)
    for effort in (Effort(), BY_STEPS):
        found = cover(offers, target, effort)
        assert (found is None) == (best is None)
        if found is not None:
            assert (found.price, found.bound, found.gap) == (best, best, 0)
            assert is_enough(offers, found.chosen, target)
            assert found.price == offers.prices[found.chosen].sum()
    without = cover(offers, target, BOUNDS_ALONE)
    if without is not None and best is not None:
        assert without.bound <= best <= without.price
        assert is_enough(offers, without.chosen, target)


def test_by_hand() -> None:
    """Ten are to be had: by price for each the first is best, and the two that cost 12 together are cheapest."""
    offers = adding_up([700, 600, 600, 1300], [8, 5, 5, 10])
    # Step by step: 700 for 8, then 600 for 2 of 5. Of each unit: all of the first, 2 units for 120 each.
    without = cover(offers, 10, BOUNDS_ALONE)
    assert without is not None
    assert (without.price, without.bound) == (1300, 1000)
    assert without.gap == pytest.approx(3 / 13)
    found = cover(offers, 10, BY_STEPS)
    assert found is not None
    assert (found.chosen.tolist(), found.price, found.bound) == ([1, 2], 1200, 1200)


def test_nobody_is_taken_that_is_not_needed_and_what_is_free_costs_nothing() -> None:
    free = cover(adding_up([0, 500], [3.0, 4.0]), 3, BY_STEPS)
    assert free is not None
    assert (free.chosen.tolist(), free.price, free.gap) == ([0], 0, 0)
    assert cover(adding_up([0, 500], [3.0, 4.0]), 7.1, BY_STEPS) is None
    assert cover(adding_up([], []), 1, BY_STEPS) is None


def test_among_thousands_the_cheapest_is_proven_in_few_steps() -> None:
    random = np.random.default_rng(1)
    followers = np.exp(random.normal(10, 1.2, 20_000))
    values = followers * np.exp(random.normal(-3.5, 0.7, 20_000))
    prices = (followers * 0.01 * np.exp(random.normal(0, 0.8, 20_000)) * 100).astype(np.int64) + 1
    for target in (3e4, 1e6):
        found = cover(offers_that_add_up(prices, values, np.zeros(20_000, dtype=bool)), target, BY_STEPS)
        assert found is not None
        assert found.gap < 1e-4

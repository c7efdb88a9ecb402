"""The set that is chosen: worked cases to the last digit, and every subset of small random offers."""

from collections.abc import Mapping, Sequence
from itertools import combinations
from random import Random

import numpy as np
import pytest
from scipy.sparse import csc_array

from transforms.selection import exact
from transforms.selection.choose import Choice, choose, keeps_to
from transforms.selection.effort import Effort
from transforms.selection.greedy import greedy
from transforms.selection.offers import IncludedTooMuch, Limits, Offers, offers_that_add_up
from transforms.selection.relaxed import relax


def offers_of(
    lists: Mapping[str, Sequence[int]], prices: Sequence[int], included: Sequence[str] = (), own: Sequence[float] = ()
) -> Offers:
    """Candidates with lists of people; each person is a group of one."""
    people = sorted({person for each in lists.values() for person in each})
    rows = [[person in each for person in people] for each in lists.values()]
    groups = csc_array(np.array(rows, dtype=float).reshape(len(lists), len(people)))
    return Offers(
        np.array(prices),
        np.array(own or [0.0] * len(lists)),
        groups,
        np.ones(len(people)),
        np.array([name in included for name in lists]),
        are_whole=not own,
    )


def best_of_all(offers: Offers, limits: Limits) -> float:
    """By trying every set."""
    best = -1.0
    for size in range(offers.count + 1):
        for each in combinations(range(offers.count), size):
            chosen = np.array(each, dtype=np.int64)
            within = offers.prices[chosen].sum() <= limits.budget and size <= (limits.most or offers.count)
            if within and set(np.flatnonzero(offers.included)) <= set(each):
                best = max(best, offers.value_of(chosen))
    return best


CASES: dict[str, tuple[dict[str, Sequence[int]], tuple[int, ...], int, dict[str, int], str]] = {
    "one large and one small": (
        {"a": (1, 2), "b": range(11, 21)}, (1, 10), 10,
        {"greedy": 2, "single": 10, "gains": 11, "best": 10}, "b",
    ),
    "a mega and its micros": (
        {"M": (1, 2, 3, 4, 5), "a": (1, 2, 3), "b": (3, 4), "c": (6, 7)}, (3, 1, 1, 1), 3,
        {"greedy": 6, "single": 5, "gains": 6, "best": 6}, "acb",
    ),
    "the first step misleads": (
        {"X": (1, 2, 3, 4), "Y": (1, 2, 5), "Z": (3, 4, 6)}, (1, 1, 1), 2,
        {"greedy": 5, "single": 4, "gains": 6, "best": 6}, "YZ",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_worked_cases(name: str) -> None:
    lists, prices, budget, expected, chosen = CASES[name]
    found = choose(offers_of(lists, prices), Limits(budget))
    assert found.greedy_value == expected["greedy"]
    assert found.single_value == expected["single"]
    assert found.gains_bound == expected["gains"]
    assert (found.value, found.bound, found.gap) == (expected["best"], expected["best"], 0)
    assert "".join(list(lists)[number] for number in found.chosen) == chosen


def test_the_bounds_of_the_worked_cases_before_they_are_rounded() -> None:
    bounds = [greedy(offers_of(lists, prices), Limits(budget)).bound for lists, prices, budget, *_ in CASES.values()]
    assert bounds == [11, pytest.approx(20 / 3, rel=1e-15), 6]
    # What greedy and the best single candidate would be said to be short of, at most.
    assert [round(100 * (1 - value / bound), 2) for value, bound in ((10, 11), (6, 6), (5, 6))] == [9.09, 0, 16.67]


def random_offers(chance: Random, *, adds_up: bool) -> tuple[Offers, Limits]:
    count = chance.randint(1, 12)
    prices = np.array([chance.choice((0, 1, 2, 3, 5, 8, 40)) * chance.choice((1, 100)) for _ in range(count)])
    included = np.array([chance.random() < 0.1 for _ in range(count)])
    limits = Limits(chance.randint(0, int(prices.sum()) + 1), chance.choice((None, None, 1, 3, 6)))
    if adds_up:
        values = np.array([chance.choice((0, 1.5, 2, 7)) * chance.random() for _ in range(count)])
        return offers_that_add_up(prices, values, included), limits
    size = chance.randint(0, 15)
    groups = np.array([[chance.random() < 0.3 for _ in range(size)] for _ in range(count)], dtype=float)
    people = np.array([chance.choice((1, 1, 2, 30)) for _ in range(size)], dtype=float)
    own = np.array([chance.choice((0, 0, 4)) for _ in range(count)], dtype=float)
    return Offers(prices, own, csc_array(groups.reshape(count, size)), people, included, are_whole=True), limits


@pytest.mark.parametrize("core", [exact.CORE, 3])
@pytest.mark.parametrize("adds_up", [True, False])
@pytest.mark.parametrize("seed", range(60))
def test_no_subset_is_better_and_no_bound_too_low(
    seed: int, core: int, monkeypatch: pytest.MonkeyPatch, *, adds_up: bool
) -> None:
    """Also where the likeliest are tried before the others, as of many thousands."""
    monkeypatch.setattr(exact, "CORE", core)
    offers, limits = random_offers(Random(seed), adds_up=adds_up)
    best = best_of_all(offers, limits)
    if best < 0:
        with pytest.raises(IncludedTooMuch):
            choose(offers, limits)
        return
    found = choose(offers, limits)
    assert found.value == pytest.approx(best, rel=1e-9)
    assert found.bound >= best * (1 - 1e-12)
    assert min(found.gains_bound, found.relaxed_bound) >= best * (1 - 1e-12)
    relaxed = relax(offers, limits, 0.0)
    assert relaxed.bound >= best * (1 - 1e-9)
    assert keeps_to(offers, limits, relaxed.chosen)
    assert found.gap == pytest.approx(0, abs=1e-6)
    assert found.value == pytest.approx(offers.value_of(found.chosen), rel=1e-12)
    assert offers.prices[found.chosen].sum() <= limits.budget
    assert limits.most is None or len(found.chosen) <= limits.most
    without = choose(offers, limits, effort=Effort(0.0))
    assert without.value <= best * (1 + 1e-12)
    assert without.bound >= best * (1 - 1e-12)


def test_ties_fall_to_the_first_and_what_is_free_comes_first() -> None:
    tied = choose(offers_of({"a": (1,), "b": (2,), "c": (3,)}, (5, 5, 5)), Limits(10))
    assert tied.chosen.tolist() == [0, 1]
    free = choose(offers_of({"a": (1, 2, 3), "b": (3,), "c": (4,)}, (1, 0, 0)), Limits(1))
    assert (free.chosen.tolist(), free.added.tolist()) == ([1, 2, 0], [1, 1, 2])


def test_nothing_is_taken_that_adds_nothing() -> None:
    found = choose(offers_of({"a": (1, 2), "b": (1,), "c": ()}, (1, 1, 0)), Limits(100))
    assert (found.chosen.tolist(), found.value) == ([0], 2)
    both = choose(offers_of({"a": (1, 2), "b": (1,), "c": (2,)}, (5, 1, 1)), Limits(100))
    assert (both.chosen.tolist(), both.value) == ([1, 2], 2)
    kept = choose(offers_of({"a": (1, 2), "b": (1,), "c": (2,)}, (5, 1, 1), included="a"), Limits(100))
    assert (kept.chosen.tolist(), kept.value) == ([0], 2)


@pytest.mark.parametrize("limits", [Limits(0), Limits(10, 0)])
def test_with_nothing_to_spend_nothing_is_taken(limits: Limits) -> None:
    found = choose(offers_of({"a": (1, 2)}, (1,)), limits)
    assert (found.chosen.size, found.value, found.bound, found.gap) == (0, 0, 0, 0)


def test_no_candidates_at_all() -> None:
    none = offers_that_add_up(np.zeros(0, dtype=np.int64), np.zeros(0), np.zeros(0, dtype=bool))
    found = choose(none, Limits(10))
    assert (found.chosen.size, found.value, found.bound, found.gap) == (0, 0, 0, 0)


def test_a_program_out_of_time_leaves_a_true_gap() -> None:
    chance = Random(5)
    lists = {str(number): chance.sample(range(300), 20) for number in range(120)}
    offers = offers_of(lists, [chance.randint(5, 60) for _ in lists])
    found: Choice = choose(offers, Limits(200), effort=Effort(0.01))
    assert 0 <= found.gap < 1
    assert found.value == offers.value_of(found.chosen)
    assert found.bound == min(found.gains_bound, found.relaxed_bound, found.solver_bound or np.inf)


def test_among_thousands_the_best_set_is_proven() -> None:
    chance = Random(11)
    prices = np.array([chance.randint(1, 400) * 500 for _ in range(5_000)])
    values = np.array([float(price) ** 0.8 * chance.lognormvariate(0, 0.7) for price in prices])
    offers = offers_that_add_up(prices, values, np.arange(5_000) == 17)
    for limits in (Limits(700_000), Limits(700_000, 9)):
        found = choose(offers, limits)
        assert found.gap == pytest.approx(0, abs=1e-8)
        assert 17 in found.chosen
        assert found.value >= max(found.greedy_value, found.single_value)
        assert offers.prices[found.chosen].sum() <= 700_000


def test_with_few_places_the_dear_ones_are_taken() -> None:
    """By gain for the price all three places go to small ones; a program that has no time leaves the better set."""
    offers = offers_that_add_up(
        np.array([1, 1, 1, 50, 50]), np.array([1.0, 1.0, 1.0, 30.0, 30.0]), np.zeros(5, dtype=bool)
    )
    assert greedy(offers, Limits(200, 3)).value == 3
    assert choose(offers, Limits(200, 3), effort=Effort(0)).value == 61


def test_where_no_program_is_tried_moving_the_parts_closes_most_of_the_gap() -> None:
    """Two hundred accounts of very different size, 3,000 groups of people who follow four of them."""
    random = np.random.default_rng(3)
    rows = np.minimum((random.pareto(0.8, 12_000) * 3).astype(int), 199)
    groups = csc_array((np.ones(12_000), (rows, np.repeat(np.arange(3_000), 4))), (200, 3_000))
    groups.data[:] = 1
    prices = (np.maximum(groups.sum(axis=1), 1) ** 0.8 * np.exp(random.normal(0, 0.4, 200)) * 100).astype(np.int64) + 1
    offers = Offers(prices, np.zeros(200), groups, np.ones(3_000), np.zeros(200, dtype=bool), are_whole=True)
    found = choose(offers, Limits(int(prices.sum() // 10)), Effort(program_max=0))
    assert found.solver_bound is None
    assert found.gap < 0.05
    assert found.gap < (1 - max(found.greedy_value, found.single_value) / found.gains_bound) / 3

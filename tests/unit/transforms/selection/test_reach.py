"""People reached by sets of accounts with lists, with partial ones and with none, against every set and every person."""

from collections import Counter
from itertools import combinations, product
from random import Random

import numpy as np
import polars as pl
import pytest
from scipy.sparse import csc_array

from transforms.selection import groups as grouping
from transforms.selection.choose import choose_of_ways
from transforms.selection.effort import BY_STEPS
from transforms.selection.groups import Groups, follows_to_groups, no_groups
from transforms.selection.offers import Limits
from transforms.selection.reach import (
    Audiences,
    added_most,
    bounds_of_reach,
    cover_of_people,
    offers_of_people,
    with_possible,
)

KEYS = np.array([3, 1 << 63, (1 << 64) - 1, 7, 11, 13, 17, 19], dtype=np.uint64)


def follows_of(lists: list[set[int]]) -> pl.DataFrame:
    pairs = [(int(KEYS[number]), member) for number, members in enumerate(lists) for member in sorted(members)]
    return pl.DataFrame(pairs, schema={"account_key": pl.UInt64, "member_key": pl.UInt64}, orient="row")


def audiences_of(lists: list[set[int]], followers: list[int], platforms: list[str]) -> Audiences:
    found = follows_to_groups(follows_of(lists), KEYS[: len(lists)])
    unnamed = [max(count - len(each), 0) for count, each in zip(followers, lists, strict=True)]
    return Audiences(np.array(platforms), np.array(followers, dtype=float), found, np.array(unnamed, dtype=float))


def least(lists: list[set[int]], followers: list[int], platforms: list[str], chosen: tuple[int, ...]) -> int:
    """Of each platform the people of the lists, or as many as follow its largest account."""
    reached = 0
    for platform in set(platforms):
        own = [number for number in chosen if platforms[number] == platform]
        union = set().union(*(lists[number] for number in own))
        reached += max([len(union), *(followers[number] for number in own)])
    return reached


@pytest.mark.parametrize("part_rows", [grouping.PART_ROWS, 3])
def test_people_are_grouped_by_whom_they_follow(part_rows: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also in parts. Sums of keys go beyond 64 bits."""
    monkeypatch.setattr(grouping, "PART_ROWS", part_rows)
    found = follows_to_groups(follows_of([{1, 2, 3, 9}, {2, 3}, {3, 4}]), KEYS[:3])
    columns = [tuple(np.flatnonzero(column)) for column in found.rows.toarray().T]
    assert dict(zip(columns, found.people.tolist(), strict=True)) == {(0,): 2, (0, 1): 1, (0, 1, 2): 1, (2,): 1}
    assert found.counted(np.array([0, 1, 2])).tolist() == [0, 3, 1, 1]
    assert found.counted(np.array([1])).tolist() == [3, 2]
    assert follows_to_groups(follows_of([]), KEYS[:2]).counted(np.array([0])).tolist() == [0]


@pytest.mark.parametrize("seed", range(120))
def test_no_set_is_certain_to_reach_more(seed: int) -> None:
    chance = Random(seed)
    count = chance.randint(1, 8)
    platforms = [chance.choice(("instagram", "tiktok")) for _ in range(count)]
    # Members are those of their platform, as in the lake.
    lists: list[set[int]] = [
        {1000 * (name == "tiktok") + chance.randrange(15) for _ in range(chance.choice((0, 0, 4, 9)))}
        for name in platforms
    ]
    # Lists are partial, whole, longer than the platform's count, or absent.
    followers = [max(len(each) + chance.choice((-2, 0, 0, 2, 6, 20)), 0) for each in lists]
    prices = np.array([chance.choice((0, 1, 2, 3, 5)) for _ in range(count)])
    included = np.array([chance.random() < 0.1 for _ in range(count)])
    limits = Limits(int(prices[included].sum()) + chance.randint(0, 9), chance.choice((None, count)))
    audiences = audiences_of(lists, followers, platforms)
    found = choose_of_ways(offers_of_people(audiences, prices, included), limits)
    best = max(
        least(lists, followers, platforms, each)
        for size in range(count + 1)
        for each in combinations(range(count), size)
        if prices[list(each)].sum() <= limits.budget and set(np.flatnonzero(included)) <= set(each)
    )
    assert (found.value, found.bound) == (best, best)
    chosen = tuple(found.chosen.tolist())
    low, high = bounds_of_reach(audiences, found.chosen)
    assert low == least(lists, followers, platforms, chosen) == found.value
    assert high == len(set().union(*(lists[number] for number in chosen))) + sum(
        max(followers[number] - len(lists[number]), 0) for number in chosen
    )
    # What an account is known to bring alone never shrinks as its list gets longer.
    shorter = audiences_of([set(sorted(each)[::2]) for each in lists], followers, platforms)
    assert (shorter.certain <= audiences.certain).all()


@pytest.mark.parametrize(
    ("lists", "followers"),
    [
        ([{1, 2, 3}, set(), set()], [3, 2, 2]),
        ([{1}, {2}, set()], [3, 1, 2]),
        ([{1}, {2, 3}], [4, 2]),
        ([{1, 2}, {1, 3}], [3, 3]),
        ([{1, 2, 3}, {4}], [2, 2]),
        ([{1}], [4]),
    ],
)
def test_the_least_and_the_most_are_what_can_be(lists: list[set[int]], followers: list[int]) -> None:
    """Who the followers are whom no list names is tried out: people of other lists, others' followers, anybody."""
    audiences = audiences_of(lists, followers, ["x"] * len(lists))
    everybody = [
        [each | set(more) for more in combinations(set(range(1, 9)) - each, max(count - len(each), 0))]
        for each, count in zip(lists, followers, strict=True)
    ]
    reached = {len(set().union(*people)) for people in product(*everybody)}
    assert bounds_of_reach(audiences, np.arange(len(lists))) == (min(reached), max(reached))


@pytest.mark.parametrize("listed", [0, 10, 999, 1000, 1100])
def test_a_longer_list_never_puts_an_account_behind_a_smaller_one(listed: int) -> None:
    """A of 1,000 followers beside B of 500 at the same price: A is booked whatever part of its followers is listed."""
    audiences = audiences_of([set(range(listed)), set()], [1000, 500], ["x", "x"])
    prices, nobody = np.array([100, 100]), np.zeros(2, dtype=bool)
    found = choose_of_ways(offers_of_people(audiences, prices, nobody, 100), Limits(100))
    assert (found.chosen.tolist(), found.value, found.bound) == ([0], max(listed, 1000), max(listed, 1000))
    both = choose_of_ways(offers_of_people(audiences, prices, np.ones(2, dtype=bool)), Limits(200))
    assert (both.value, bounds_of_reach(audiences, np.arange(2))[0]) == (max(listed, 1000),) * 2


@pytest.mark.parametrize("seed", range(60))
def test_the_cheapest_set_that_reaches_as_many(seed: int) -> None:
    """By lists together, or by one account of which more is known than its list names."""
    chance = Random(seed)
    count = chance.randint(1, 7)
    lists = [{chance.randrange(20) for _ in range(chance.choice((0, 3, 9)))} for _ in range(count)]
    followers = [max(len(each) + chance.choice((-1, 0, 0, 4, 15)), 0) for each in lists]
    prices = np.array([chance.choice((0, 1, 2, 3, 5)) for _ in range(count)])
    target, platforms = chance.randint(1, 25), ["x"] * count
    enough = [
        int(prices[list(each)].sum())
        for size in range(count + 1)
        for each in combinations(range(count), size)
        if least(lists, followers, platforms, each) >= target
    ]
    found = cover_of_people(audiences_of(lists, followers, platforms), prices, target, BY_STEPS)
    if not enough:
        assert found is None
        return
    assert found is not None
    assert (found.price, found.bound) == (min(enough), min(enough))
    assert least(lists, followers, platforms, tuple(found.chosen.tolist())) >= target


def test_without_any_list_the_largest_affordable_account_is_certain() -> None:
    followers = np.array([50.0, 40.0, 80.0])
    audiences = Audiences(np.array(["x"] * 3), followers, no_groups(3), followers)
    ways = offers_of_people(audiences, np.array([2, 1, 9]), np.zeros(3, dtype=bool))
    found = choose_of_ways(ways, Limits(5))
    assert (found.chosen.tolist(), found.value, found.bound) == ([0], 50, 50)
    # The rest of the budget goes to one that may add all of its own, or nothing.
    more = with_possible(found, audiences, np.array([2, 1, 9]), Limits(5))
    assert (more.chosen.tolist(), more.added.tolist(), more.bound) == ([0, 1], [50, 0], 50)
    assert bounds_of_reach(audiences, more.chosen) == (50, 90)


@pytest.mark.parametrize("seed", range(20))
def test_groups_of_some_accounts_are_those_of_their_lists(seed: int) -> None:
    """Whoever differs by the other accounts alone is in one group, and nobody is lost."""
    chance = Random(seed)
    lists = [set(chance.sample(range(30), chance.randint(0, 12))) for _ in range(6)]
    people = sorted(set().union(*lists))
    rows = np.array([[person in each for person in people] for each in lists], dtype=float).reshape(6, len(people))
    groups = Groups(csc_array(rows), np.ones(len(people)))
    kept = np.array(chance.sample(range(6), chance.randint(0, 6)), dtype=np.int64)
    some = groups.only(kept)
    sets = Counter(tuple(place for place, each in enumerate(kept) if person in lists[each]) for person in people)
    found = {
        tuple(np.flatnonzero(some.rows[:, [column]].toarray().ravel()).tolist()): int(count)
        for column, count in enumerate(some.people)
    }
    assert found == {each: count for each, count in sets.items() if each}
    shared = {
        place: sum(n for each, n in sets.items() if place in each and len(each) > 1) for place in range(len(kept))
    }
    for place, each in enumerate(kept):
        if lists[each]:
            assert some.shared()[place] == pytest.approx(shared[place] / len(lists[each]))
        else:
            assert np.isnan(some.shared()[place])


def test_what_an_account_may_add_at_most() -> None:
    """Of the second two of three are new; nobody knows about its other seven. The third has no list."""
    groups = Groups(csc_array(np.array([[1, 1, 0, 0], [1, 0, 1, 1], [0, 0, 0, 0]], dtype=float)), np.ones(4))
    audiences = Audiences(np.array(["x"] * 3), np.array([2.0, 10.0, 5.0]), groups, np.array([0.0, 7.0, 5.0]))
    assert added_most(audiences).tolist() == added_most(audiences).tolist() == [2, 9, 5]


@pytest.mark.parametrize("seed", range(20))
def test_one_account_that_is_payable_stands_for_all_without_lists(seed: int) -> None:
    """With a budget only the largest account counts beside the lists: the same value as by every level of size."""
    chance = Random(seed)
    count = chance.randint(1, 9)
    followers = np.array([float(chance.randint(0, 30)) for _ in range(count)])
    prices = np.array([chance.randint(0, 9) for _ in range(count)])
    nobody = np.zeros(count, dtype=bool)
    audiences = Audiences(np.array(["x"] * count), followers, no_groups(count), followers)
    budget = chance.randint(0, 12)
    quick, slow = (
        choose_of_ways(offers_of_people(audiences, prices, nobody, given), Limits(budget)) for given in (budget, None)
    )
    best = max(followers[prices <= budget], default=0)
    assert (quick.value, quick.bound, slow.value, slow.bound) == (best, best, best, best)

"""People reached by sets of accounts with lists, with partial ones and with none, against every set and every person."""

from itertools import combinations, product
from random import Random

import numpy as np
import polars as pl
import pytest

from transforms.selection import groups as grouping
from transforms.selection.choose import choose_of_ways
from transforms.selection.groups import follows_to_groups, no_groups
from transforms.selection.offers import Limits
from transforms.selection.reach import Audiences, bounds_of_reach, offers_of_people, with_possible

KEYS = np.array([3, 1 << 63, (1 << 64) - 1, 7, 11, 13, 17, 19], dtype=np.uint64)


def follows_of(lists: list[set[int]]) -> pl.DataFrame:
    pairs = [(int(KEYS[number]), member) for number, members in enumerate(lists) for member in sorted(members)]
    return pl.DataFrame(pairs, schema={"account_key": pl.UInt64, "member_key": pl.UInt64}, orient="row")


def audiences_of(lists: list[set[int]], followers: list[int], platforms: list[str]) -> Audiences:
    found = follows_to_groups(follows_of(lists), KEYS[: len(lists)])
    return Audiences(np.array(platforms), np.array(followers, dtype=float), found)


def least(lists: list[set[int]], followers: list[int], platforms: list[str], chosen: tuple[int, ...]) -> int:
    """Of each platform the people of the lists, or the followers of the largest account without one."""
    reached = 0
    for platform in set(platforms):
        own = [number for number in chosen if platforms[number] == platform]
        union = set().union(*(lists[number] for number in own))
        reached += max([len(union), *(followers[number] for number in own if not lists[number])])
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


@pytest.mark.parametrize("seed", range(60))
def test_no_set_is_certain_to_reach_more(seed: int) -> None:
    chance = Random(seed)
    count = chance.randint(1, 8)
    platforms = [chance.choice(("instagram", "tiktok")) for _ in range(count)]
    # Members are those of their platform, as in the lake.
    lists: list[set[int]] = [
        {1000 * (name == "tiktok") + chance.randrange(15) for _ in range(chance.choice((0, 0, 4, 9)))}
        for name in platforms
    ]
    followers = [len(each) + chance.choice((0, 0, 2, 6)) for each in lists]
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
        followers[number] - len(lists[number]) for number in chosen
    )


def test_the_least_and_the_most_are_what_can_be() -> None:
    """Three accounts of 3, 2 and 2 followers, of which the first alone has a list: who the others are is tried out."""
    audiences = audiences_of([{1, 2, 3}, set(), set()], [3, 2, 2], ["x"] * 3)
    everybody = list(combinations(range(1, 9), 2))
    reached = {len({1, 2, 3} | set(one) | set(other)) for one, other in product(everybody, everybody)}
    assert bounds_of_reach(audiences, np.arange(3)) == (min(reached), max(reached))


def test_without_any_list_the_largest_affordable_account_is_certain() -> None:
    audiences = Audiences(np.array(["x"] * 3), np.array([50.0, 40.0, 80.0]), no_groups(3))
    ways = offers_of_people(audiences, np.array([2, 1, 9]), np.zeros(3, dtype=bool))
    found = choose_of_ways(ways, Limits(5))
    assert (found.chosen.tolist(), found.value, found.bound) == ([0], 50, 50)
    # The rest of the budget goes to one that may add all of its own, or nothing.
    more = with_possible(found, audiences, np.array([2, 1, 9]), Limits(5))
    assert (more.chosen.tolist(), more.added.tolist(), more.bound) == ([0, 1], [50, 0], 50)
    assert bounds_of_reach(audiences, more.chosen) == (50, 90)

"""The overlap of a given set of accounts: the worked examples, and what holds of any sets."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.property.deliveries import SEEDED
from transforms.audience_overlap import follows_to_set_overlap

Sets = dict[str, set[int]]


def overlap_of(sets: Sets) -> tuple[dict[str, dict[str, float]], dict[int, int]]:
    rows = [{"account_id": name, "member_key": member} for name, members in sets.items() for member in members]
    follows = pl.DataFrame(rows, schema={"account_id": pl.String, "member_key": pl.UInt64})
    per_account, exact = follows_to_set_overlap(follows)
    return {row.pop("account_id"): row for row in per_account.to_dicts()}, dict(exact.iter_rows())


def test_three_small_sets() -> None:
    found, exact = overlap_of({"a": {1, 2, 3}, "b": {1, 4}, "c": {1, 3, 5}})
    assert exact == {1: 3, 2: 1, 3: 1}
    assert {row["unique_reach_count"] for row in found.values()} == {5}
    assert [row["exclusive_count"] for row in found.values()] == [1, 1, 1]
    assert [row["contribution_share"] for row in found.values()] == [0.2, 0.2, 0.2]


def test_two_large_sets() -> None:
    found, _ = overlap_of({"a": set(range(10_000)), "b": set(range(9_000, 29_000))})
    assert (found["a"]["exclusive_count"], found["b"]["exclusive_count"]) == (9_000, 19_000)
    assert found["a"]["unique_reach_count"] == 29_000
    assert (found["a"]["exclusive_share_of_own"], found["b"]["exclusive_share_of_own"]) == (0.9, 0.95)
    assert found["a"]["contribution_share"] == pytest.approx(9 / 29)
    assert found["b"]["contribution_share"] == pytest.approx(19 / 29)


@SEEDED
@given(st.dictionaries(st.sampled_from("abcd"), st.sets(st.integers(0, 12), min_size=1), min_size=1))
def test_what_holds_of_any_sets(sets: Sets) -> None:
    found, exact = overlap_of(sets)
    union = set().union(*sets.values())
    assert sum(depth * count for depth, count in exact.items()) == sum(map(len, sets.values()))
    assert {row["unique_reach_count"] for row in found.values()} == {len(union)}
    name = min(sets)
    doubled, _ = overlap_of({**sets, "twin": sets[name]})
    assert doubled["twin"]["unique_reach_count"] == len(union)
    assert doubled["twin"]["exclusive_count"] == doubled[name]["exclusive_count"] == 0

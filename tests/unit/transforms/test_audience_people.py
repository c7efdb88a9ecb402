"""Sums over people: taken in slices, or brought up to date, they are those of everybody."""

import polars as pl
import pytest

from transforms import audience_people
from transforms.audience_people import FOLLOWS, KEYS, KINDS, OTHERS, TOLD

FOLLOWED = [(1, 10), (2, 10), (3, 10), (1, 11), (2, 11), (2, 12), (3, 12), (1, 13)]


def follows(rows: list[tuple[int, int]]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=FOLLOWS, orient="row")


def numbered(told: set[int]) -> pl.DataFrame:
    rows = [(number, key, key in told) for number, key in enumerate((1, 2, 3))]
    schema = {"number": pl.UInt32, "account_key": pl.UInt64, "is_told": pl.Boolean}
    return pl.DataFrame(rows, schema=schema, orient="row")


def listed() -> pl.DataFrame:
    schema = {"account_key": pl.UInt64, "niche": pl.String, "followers_known_count": pl.Int64}
    return pl.DataFrame([(1, "food", 3), (2, "travel", 3), (3, "food", 2)], schema=schema, orient="row")


def in_slices(rows: list[tuple[int, int]]) -> list[pl.DataFrame]:
    return [follows([row for row in rows if row[1] % 2 == number]) for number in range(2)]


def as_dict(shared: pl.DataFrame) -> dict[int, int]:
    return dict(shared.sort("pair").iter_rows())


@pytest.mark.parametrize("told", [{1, 2, 3}, {1, 2}, set()])
def test_slices_add_up(told: set[int]) -> None:
    numbers = numbered(told)
    pairs = audience_people.added_up(audience_people.count_pairs(each, numbers) for each in in_slices(FOLLOWED))
    assert sum(pairs) == 3 + 1 + 1
    for kind in KINDS:
        whole, parts = (
            as_dict(audience_people.shared_by_slice(slices, numbers, kind, 0))
            for slices in ([follows(FOLLOWED)], in_slices(FOLLOWED))
        )
        assert whole == parts
        assert sum(whole.values()) == pairs[kind]


def test_changed_people_give_what_everybody_gives() -> None:
    """Somebody leaves, somebody comes, and the overlaps of an account are told no more."""
    known, numbers = numbered({1, 2, 3}), numbered({1, 2})
    now = [row for row in FOLLOWED if row != (2, 11)] + [(3, 13)]
    before = follows(FOLLOWED), audience_people.added_up([audience_people.count_pairs(follows(FOLLOWED), known)])
    flipped = audience_people.flipped_accounts(known, numbers)
    assert flipped["account_key"].to_list() == [3]
    changes = audience_people.changes_of_people(
        [(follows(FOLLOWED), follows(now))], (before[1], [0, 0]), known, numbers, listed()
    )
    assert changes.pairs == list(audience_people.count_pairs(follows(now), numbers))
    for kind in KINDS:
        was = audience_people.shared_by_slice([follows(FOLLOWED)], known, kind, 0)
        brought = audience_people.added(
            audience_people.renumbered(was, known.select(*KEYS, "number"), numbers), changes.shared[kind], "shared"
        )
        assert as_dict(brought) == as_dict(audience_people.shared_by_slice([follows(now)], numbers, kind, 0))
    niches, _ = audience_people.niches_by_slice([follows(FOLLOWED)], listed())
    new, _ = audience_people.niches_by_slice([follows(now)], listed())
    brought = audience_people.added(niches, changes.niches, "follow_count")
    assert brought.sort(brought.columns).equals(new.select(brought.columns).sort(brought.columns))


def test_people_whose_follows_changed_are_found() -> None:
    accounts = pl.DataFrame({"account_key": [2]}, schema={"account_key": pl.UInt64})
    old = follows([(2, 10), (2, 11), (3, 12)])
    new = follows([(2, 10), (2, 14)])
    flipped = pl.DataFrame({"account_key": [3]}, schema={"account_key": pl.UInt64})
    found = audience_people.persons_of_changes(old, new, accounts, flipped)
    assert sorted(found["member_key"]) == [11, 12, 14]


@pytest.mark.parametrize(("pairs", "halvings"), [(0, 0), (100, 0), (101, 1), (199, 1), (202, 2), (12_345, 7)])
def test_people_are_halved_until_pairs_are_few(pairs: int, halvings: int) -> None:
    assert audience_people.halvings_of(pairs, 100) == halvings
    assert (TOLD, OTHERS) == KINDS

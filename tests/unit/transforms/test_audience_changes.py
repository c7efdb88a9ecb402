"""What is counted again: accounts whose inputs have another fingerprint."""

import polars as pl
import pytest

from transforms import audience_changes

KEY = {"account_key": pl.UInt64, "member_key": pl.UInt64}


def fingerprints(follows: list[tuple[int, int]], acts: list[tuple[int, int]]) -> pl.DataFrame:
    made = [
        audience_changes.rows_to_fingerprints({seed: pl.LazyFrame(rows, schema=KEY, orient="row")}, kind)
        for seed, (kind, rows) in enumerate((("follows", follows), ("acts", acts)))
    ]
    return made[0].join(made[1], on="account_key", how="full", coalesce=True)


BEFORE = ([(1, 5), (1, 6), (2, 5)], [(1, 9), (3, 9)])


@pytest.mark.parametrize(
    ("now", "changed"),
    [
        (([(2, 5), (1, 6), (1, 5)], [(3, 9), (1, 9)]), {}),
        (([*BEFORE[0], (2, 6)], BEFORE[1]), {2: (True, 1)}),
        ((BEFORE[0], [*BEFORE[1], (3, 8), (3, 7)]), {3: (False, 2)}),
        (([(1, 5), (1, 7), (2, 5)], BEFORE[1]), {1: (True, 0)}),
        ((BEFORE[0][:2], BEFORE[1]), {2: (True, 0)}),
        (([*BEFORE[0], (4, 5)], BEFORE[1]), {4: (True, 1)}),
        ((BEFORE[1], BEFORE[0]), {1: (True, 1), 2: (True, 0), 3: (True, 0)}),
    ],
    ids=[
        "another order",
        "a follower more",
        "likes more",
        "another follower",
        "an account gone",
        "a new account",
        "swapped",
    ],
)
def test_accounts_that_changed(
    now: tuple[list[tuple[int, int]], list[tuple[int, int]]], changed: dict[int, tuple[bool, int]]
) -> None:
    found = audience_changes.fingerprints_to_changed(fingerprints(*now), fingerprints(*BEFORE))
    if changed.keys() == {1, 2, 3}:
        assert set(found["account_key"]) == changed.keys()
        return
    assert {key: (follows, rows) for key, follows, rows in found.rows()} == changed


def test_the_same_rows_in_another_list_are_not_the_same() -> None:
    rows = pl.LazyFrame([(1, 5)], schema=KEY, orient="row")
    likes, comments = (audience_changes.rows_to_fingerprints({seed: rows}, "acts") for seed in (3, 4))
    assert likes.row(0) != comments.row(0)


def test_the_share_of_edges_is_that_of_what_was_and_what_comes() -> None:
    names = ["followers_known_count", "listed_like_count", "listed_comment_count"]
    counts = pl.DataFrame(
        [(1, "all_time", 6, 2, 0), (2, "all_time", 2, 0, 0), (1, "last_90_days", 6, 1, 0)],
        schema=["account_key", "time_window", *names], orient="row",
    ).with_columns(pl.col("account_key").cast(pl.UInt64))  # fmt: skip
    changed = pl.DataFrame({"account_key": [2], "rows": [5]}, schema={"account_key": pl.UInt64, "rows": pl.Int64})
    assert audience_changes.share_of_edges(counts, changed) == pytest.approx(7 / 15)
    assert audience_changes.share_of_edges(counts.clear(), changed) == 1

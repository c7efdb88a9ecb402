"""Counts of an audience on a handful of edges."""

import random
from datetime import datetime, timedelta
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from transforms.audience_counts import Counted, edges_to_counted
from transforms.audience_edges import LIKES_KNOWN, WINDOW_BITS, pair
from transforms.audience_people import FOLLOWS
from warehouse.lake.edges import EDGE_SCHEMAS

NOON = datetime(2026, 7, 1, 12)
OLD, NEW = 1, 1 | 2 | 4  # the windows that a post is in
POSTS: dict[str, Any] = {
    "post_key": pl.UInt64, "account_key": pl.UInt64, "published_at": pl.Datetime("us"), "like_count": pl.Int64, "comment_count": pl.Int64, "windows": pl.UInt8,
}  # fmt: skip
NOBODY = pl.DataFrame(schema={"account_key": pl.UInt64, "pair": pl.UInt64})


def counted(followers: dict[int, list[int]], likes: dict[int, list[int]], posts: dict[int, tuple[int, int]]) -> Counted:
    """Followers by account, likers by post, and of each post its account and windows."""
    rows: dict[str, list[tuple[Any, ...]]] = {
        "follows": [(key, member, None, None, None) for key, own in followers.items() for member in own],
        "likes": [(key, member, NOON) for key, own in likes.items() for member in own],
        "comments": [],
    }
    edges = {name: pl.LazyFrame(own, schema=EDGE_SCHEMAS[name], orient="row") for name, own in rows.items()}
    of_posts = [(post, account, None, None, None, windows) for post, (account, windows) in posts.items()]
    return edges_to_counted(edges, pl.DataFrame(of_posts, POSTS, orient="row"), NOBODY, None)


def cells(found: Counted, name: str) -> dict[tuple[int, str], int]:
    return {
        (key, window): count for key, window, count in found.counts.select("account_key", "time_window", name).rows()
    }


def test_a_follower_who_likes_twice_is_one_person() -> None:
    found = counted({7: [1, 2, 3]}, {10: [1, 9], 11: [1]}, {10: (7, NEW), 11: (7, NEW)})
    assert cells(found, "engaged_follower_count")[7, "all_time"] == 1
    assert cells(found, "repeat_engaged_follower_count")[7, "all_time"] == 1
    assert cells(found, "non_follower_liker_count")[7, "all_time"] == 1
    assert cells(found, "listed_like_count")[7, "all_time"] == 3
    assert found.members.height == 3


def test_an_account_has_every_window_also_those_that_no_edge_is_in() -> None:
    """Whoever is in the table at all: else a window without likes would be absent and not zero."""
    found = counted({}, {10: [1]}, {10: (7, OLD), 11: (7, NEW)})
    likes, posts = cells(found, "listed_like_count"), cells(found, "post_count")
    assert likes == {(7, window): int(window == "all_time") for window in WINDOW_BITS}
    assert posts == {(7, "all_time"): 2, (7, "last_90_days"): 1, (7, "last_12_posts"): 1}


@pytest.mark.parametrize("parts", [2, 8])
def test_people_in_parts_give_the_counts_of_all_at_once(parts: int) -> None:
    """Of two accounts, one with nearly all edges; with edges listed twice, comments that two people are said to have
    written, posts whose likes are not known, and followers who joined at one time."""
    chance = random.Random(3)
    people = [chance.getrandbits(60) for _ in range(300)]
    owners = {post: 7 if post < 40 else 8 for post in range(44)}
    times = [NOON + timedelta(days=day) for day in range(30)]
    rows: dict[str, list[tuple[Any, ...]]] = {
        "follows": [
            (key, person, chance.choice([None, *times]), None, None)
            for key, size in ((7, 250), (8, 9))
            for person in chance.choices(people, k=size)
        ],
        "likes": [(chance.choice(list(owners)), chance.choice(people), None) for _ in range(2000)],
        "comments": [
            (
                chance.choice(list(owners)),
                chance.choice(people),
                chance.choice(times),
                chance.choice([None, *range(99)]),
            )
            for _ in range(400)
        ],
    }
    edges = {name: pl.LazyFrame(own, schema=EDGE_SCHEMAS[name], orient="row") for name, own in rows.items()}
    posts = pl.DataFrame(
        [
            (post, owner, chance.choice(times), None, None, chance.choice([OLD, NEW]) | chance.choice([0, LIKES_KNOWN]))
            for post, owner in owners.items()
        ],
        POSTS,
        orient="row",
    )
    selves = pl.DataFrame({"account_key": [7], "member_key": people[:1]}, schema=FOLLOWS).with_columns(pair())
    whole, in_parts = (edges_to_counted(edges, posts, selves, None, count) for count in (1, parts))
    for name in ("counts", "deciles", "members"):
        one, other = (getattr(each, name) for each in (whole, in_parts))
        assert one.height > 1
        assert_frame_equal(one, other, check_row_order=False, check_exact=True)
    assert whole.deciles.select((pl.col("at_risk_count") > 0).any()).item()
    assert whole.counts.select((pl.col("liked_unknown_post_count") > 1).any()).item()
    only = whole.of_accounts(pl.DataFrame({"account_key": [8]}, schema={"account_key": pl.UInt64}))
    assert set(only.counts["account_key"]) == set(only.members["account_key"]) == {8}

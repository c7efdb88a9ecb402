"""Counts of an audience on a handful of edges."""

from datetime import datetime
from typing import Any

import polars as pl

from transforms.audience_counts import Counted, edges_to_counted
from transforms.audience_edges import WINDOW_BITS
from warehouse.lake.edges import EDGE_SCHEMAS

NOON = datetime(2026, 7, 1, 12)
OLD, NEW = 1, 1 | 2 | 4  # the windows that a post is in
NOBODY = pl.DataFrame(schema={"account_key": pl.UInt64, "pair": pl.UInt64})


def counted(followers: dict[int, list[int]], likes: dict[int, list[int]], posts: dict[int, tuple[int, int]]) -> Counted:
    """Followers by account, likers by post, and of each post its account and windows."""
    rows: dict[str, list[tuple[Any, ...]]] = {
        "follows": [(key, member, None, None, None) for key, own in followers.items() for member in own],
        "likes": [(key, member, NOON) for key, own in likes.items() for member in own],
        "comments": [],
    }
    edges = {name: pl.LazyFrame(own, schema=EDGE_SCHEMAS[name], orient="row") for name, own in rows.items()}
    schema: dict[str, Any] = {
        "post_key": pl.UInt64, "account_key": pl.UInt64, "published_at": pl.Datetime("us"), "like_count": pl.Int64, "comment_count": pl.Int64, "windows": pl.UInt8,
    }  # fmt: skip
    of_posts = [(post, account, None, None, None, windows) for post, (account, windows) in posts.items()]
    return edges_to_counted(edges, pl.DataFrame(of_posts, schema=schema, orient="row"), NOBODY, None)


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


def test_counts_in_parts_are_those_of_the_whole() -> None:
    followers, likes = {7: [1, 2], 8: [2, 3]}, {10: [1], 20: [2, 3]}
    posts = {10: (7, NEW), 20: (8, NEW)}
    whole = counted(followers, likes, posts)
    parts = [
        counted({7: followers[7]}, {10: likes[10]}, {10: posts[10]}),
        counted({8: followers[8]}, {20: likes[20]}, {20: posts[20]}),
    ]
    together = Counted.of_parts(parts)
    for name in ("counts", "deciles", "members"):
        one, other = (getattr(each, name) for each in (whole, together))
        assert one.sort(one.columns).equals(other.select(one.columns).sort(one.columns))
    only = whole.of_accounts(pl.DataFrame({"account_key": [8]}, schema={"account_key": pl.UInt64}))
    assert set(only.counts["account_key"]) == set(only.members["account_key"]) == {8}

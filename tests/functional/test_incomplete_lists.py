"""Lists that come in pages, of which the last is missing: said of them, and never taken for complete."""

import json
from typing import Any

import polars as pl
import pytest

from tests.rejected.delivery import Delivery, command, delivery
from warehouse.lake.ledger import Lake

__all__ = ["command", "delivery"]

DECLARED = """
[[source]]
files = "followers_of_{owner}_p*.json"
constants = { observed_at = "2026-08-01T00:00:00Z", is_complete_list = "true" }

[[source]]
files = "likers_of_{post}.json"
"""
SAID = "incomplete: there is more of the"


def users(*names: str, more: bool, counted: int | None = None) -> str:
    meta: dict[str, Any] = {"result_count": len(names) if counted is None else counted}
    data = [{"id": name, "name": name, "username": name} for name in names]
    return json.dumps({"data": data, "meta": meta | ({"next_token": "n"} if more else {})})


def follows(delivery: Delivery) -> list[bool | None]:
    lake = Lake.open(delivery.home / "lake")
    paths = [lake.root / segment.path for segment in lake.segments("follows")]
    return sorted(pl.read_parquet(paths).get_column("is_complete_list").to_list(), key=str)


def issues(delivery: Delivery) -> list[tuple[str, str | None, str]]:
    rows = delivery.rows("FROM data_quality WHERE issue = 'incomplete_list' ORDER BY ALL")
    return sorted((row["account_id"], row["post_id"], row["column_name"]) for row in rows)


def notes(delivery: Delivery) -> dict[str, str]:
    return {row["file"]: row["note"] for row in delivery.ledger() if row["note"]}


def test_a_list_without_its_last_page_is_said_and_not_complete_until_that_page_comes(delivery: Delivery) -> None:
    delivery.put("sources.toml", DECLARED)
    delivery.put("followers_of_77_p1.json", users("1", "2", more=True))
    delivery.put("followers_of_77_p2.json", users("3", more=True))
    said = delivery.run().stderr
    assert said.count(f"list cut short: followers_of_77_p2.json: {SAID} follows of 77") == 1
    assert notes(delivery) == {"followers_of_77_p2.json": f"{SAID} follows of 77 than was delivered"}
    assert issues(delivery) == [("77", None, "follows")]
    assert follows(delivery) == [False, False, False]
    delivery.put("followers_of_77_p3.json", users("4", more=False))
    assert "list cut short" not in delivery.run().stderr
    assert (notes(delivery), issues(delivery)) == ({}, [])
    assert follows(delivery) == [False, False, False, True]


def test_an_empty_last_page_ends_a_list(delivery: Delivery) -> None:
    delivery.put("sources.toml", DECLARED)
    delivery.put("followers_of_77_p1.json", users("1", more=True))
    delivery.put("followers_of_77_p2.json", users(more=False))
    assert "list cut short" not in delivery.run().stderr
    assert issues(delivery) == []


def test_a_page_that_counts_more_than_it_holds_stops_early(delivery: Delivery) -> None:
    delivery.put("sources.toml", DECLARED)
    delivery.put("followers_of_77_p1.json", users("1", more=False, counted=3))
    assert "followers_of_77_p1.json" in delivery.run().stderr
    assert follows(delivery) == [False]


def test_posts_likes_and_comments_that_go_on(delivery: Delivery) -> None:
    post = {"id": "5", "text": "a", "author_id": "77"}
    delivery.put("sources.toml", DECLARED)
    delivery.put("post.json", json.dumps({"data": post}))
    delivery.put("likers_of_5.json", users("1", more=True))
    account = {"id": "88", "username": "oat", "followers_count": 3}
    media = {"data": [{"id": "9"}], "paging": {"cursors": {"after": "x"}}}
    delivery.put("oat.json", json.dumps({"business_discovery": account | {"media": media}}))
    comments = {"count": 9, "page_info": {"has_next_page": True, "end_cursor": "x"}, "edges": []}
    web = {"shortcode": "W", "taken_at_timestamp": 1488160000, "owner": {"id": "99"}}
    delivery.put("web.json", json.dumps(web | {"edge_media_to_parent_comment": comments}))
    assert delivery.run().stderr.count("list cut short") == 3
    assert issues(delivery) == [("77", "5", "likes"), ("88", None, "posts"), ("99", "W", "comments")]


@pytest.mark.parametrize("wrapped", [False, True], ids=["alone", "one a line"])
def test_pages_that_do_not_say_whose_they_are_belong_together_by_their_names(delivery: Delivery, wrapped: bool) -> None:
    video = {"id": "a", "snippet": {"channelId": "UC1"}}
    page = {"kind": "youtube#videoListResponse", "items": [video]}
    ending = "ndjson" if wrapped else "json"
    delivery.put(f"videos_1.{ending}", json.dumps(page | {"nextPageToken": "n"}) + "\n")
    said = delivery.run().stderr
    assert f"videos_1.{ending}: {SAID} posts than was delivered" in said
    delivery.put(f"videos_2.{ending}", json.dumps(page | {"etag": "2"}) + "\n")
    delivery.run()
    assert notes(delivery) == {}


def test_research_pages_of_tiktok(delivery: Delivery) -> None:
    page = {"data": {"has_more": True, "user_followers": [{"username": "a"}]}, "error": {"code": "ok"}}
    delivery.put("sources.toml", DECLARED)
    delivery.put("followers_of_rye_p1.json", json.dumps(page))
    assert "follows of rye" in delivery.run().stderr
    assert follows(delivery) == [False]

"""No format takes what is another's: every record of every format against the others, and replies that look like theirs."""

import json
from pathlib import Path
from typing import Any

import pytest

from ingest.formats.registry import FORMATS
from ingest.readers.json import open_json
from tests.rejected.delivery import Delivery, command, delivery

__all__ = ["command", "delivery"]
HERE = Path(__file__).parent
FILES = sorted(path for path in HERE.glob("*/*") if path.name != "expected.json" and path.is_file())
WHEN = "2026-05-02T09:00:00+0000"


def claims(record: Any) -> list[str]:
    return [form.name for form in FORMATS if form.recognises(record)]


@pytest.mark.parametrize("form", FORMATS, ids=lambda form: form.name)
def test_records_of_a_format_are_of_no_other(form: Any) -> None:
    """A line for each record; the first of a file that is recognised tells what the file is."""
    for path in (path for path in FILES if path.parent.name == form.name):
        records = open_json(path, path.name)
        assert records is not None
        found = [claims(record) for record in records if isinstance(record, dict)]
        assert [form.name] in found, path.name
        assert all(each in ([], [form.name]) for each in found), path.name


# By what it is. Each has some of the keys of a format that is read, and is none of it.
NEAR_MISSES: dict[str, Any] = {
    "conversations of a Page": {"data": [{"id": "t_1", "link": "/m/1", "updated_time": WHEN,
        "participants": {"data": [{"name": "Rye", "id": "5"}]}}], "paging": {"cursors": {}}},
    "messages of a conversation": {"data": [{"id": "m_1", "created_time": WHEN, "message": "Hello", "from": {"username": "rye", "id": "5"}}]},
    "posts of a Page": {"data": [{"id": "1_2", "message": "Bread", "created_time": WHEN,
        "likes": {"summary": {"total_count": 3}}}], "paging": {"next": "n"}},
    "reactions on Facebook": {"data": [{"id": "5", "name": "Rye", "type": "LOVE"}], "paging": {"cursors": {}}},
    "accounts of a user of Meta": {"data": [{"access_token": "none", "category": "Bakery", "name": "Oat", "id": "9", "tasks": ["ANALYZE"]}]},
    "advertisements of Meta": {"data": [{"campaign_name": "Spring", "impressions": "900", "spend": "12.50", "date_start": "2026-05-01"}]},
    "figures of an account of Instagram": {"data": [{"name": "reach", "period": "day", "values": [{"value": 7, "end_time": WHEN}],
        "id": "17841400000000001/insights/reach/day"}]},
    "figures of an account of Threads": {"data": [{"name": "views", "period": "day", "values": [{"value": 7, "end_time": WHEN}],
        "id": "1/insights/views/day"}, {"name": "followers_count", "period": "day", "total_value": {"value": 9}, "id": "1/insights"}]},
    "a post of a Page in figures": {"data": [{"name": "post_impressions", "period": "lifetime", "values": [{"value": 7}],
        "id": "1_2/insights/post_impressions/lifetime"}]},
    "a hashtag of Instagram": {"data": [{"id": "17841593698074073"}]},
    "an account of Instagram": {"id": "17841400000000001", "username": "oat.kitchen", "followers_count": 31, "media_count": 4},
    "an account of Threads": {"id": "1", "username": "oat.kitchen", "name": "Oat", "threads_biography": "Bread"},
    "a thread of the web": {"pk": "33", "code": "OATt1", "taken_at": 1777622400, "text_post_app_info": {"direct_reply_count": 2},
        "user": {"pk": "5", "username": "rye"}, "like_count": 4},
    "comments on YouTube": {"kind": "youtube#commentThreadListResponse", "pageInfo": {"totalResults": 1}, "items": [
        {"kind": "youtube#commentThread", "id": "Ug1", "snippet": {"channelId": "UC1", "videoId": "v", "topLevelComment":
            {"snippet": {"textDisplay": "t", "authorChannelId": {"value": "UC5"}}}}}]},
    "comments on YouTube without their kind": {"pageInfo": {"totalResults": 1}, "items": [
        {"id": "Ug1", "snippet": {"channelId": "UC1", "videoId": "v", "topLevelComment": {"id": "Ug1"}}}]},
    "answers to a comment on YouTube": {"pageInfo": {}, "items": [{"id": "Ug1.1", "snippet": {"textDisplay": "t", "parentId": "Ug1"}}]},
    "subscriptions on YouTube": {"kind": "youtube#SubscriptionListResponse", "pageInfo": {}, "items": [
        {"id": "s", "snippet": {"title": "Rye", "channelId": "UC5", "resourceId": {"channelId": "UC6"}}}]},
    "a list of YouTube": {"kind": "youtube#playlistItemListResponse", "pageInfo": {}, "items": [
        {"id": "p", "snippet": {"channelId": "UC1", "playlistId": "PL1", "resourceId": {"videoId": "v"}}}]},
    "playlists of YouTube without their kind": {"pageInfo": {}, "items": [
        {"id": "PL1", "snippet": {"channelId": "UC1", "title": "Bread"}, "contentDetails": {"itemCount": 4}}]},
    "comments on TikTok": {"comments": [{"cid": "7", "text": "t", "digg_count": 1, "user": {"unique_id": "rye"}}], "has_more": 1, "cursor": 20},
    "a video of TikTok's web": {"itemInfo": {"itemStruct": {"id": "7", "author": {"uniqueId": "rye"}, "stats": {"diggCount": 5}}}, "statusCode": 0},
    "a search on X of the first version": {"statuses": [{"id_str": "1", "text": "t", "user": {"id_str": "5", "screen_name": "rye"}}],
        "search_metadata": {"count": 1}},
    "a post of X of the first version": {"id_str": "1", "full_text": "t", "favorite_count": 4, "user": {"screen_name": "rye", "followers_count": 9}},
    "lists of X": {"data": [{"id": "1", "name": "Bakers"}], "meta": {"result_count": 1}},
    "a status of Mastodon": {"id": "1", "created_at": WHEN, "content": "<p>t</p>", "reblogs_count": 1, "favourites_count": 2,
        "account": {"id": "5", "username": "rye", "followers_count": 9}},
    "an account of Mastodon": {"id": "5", "username": "rye", "acct": "rye", "followers_count": 9, "following_count": 2, "statuses_count": 3},
    "a feed of Bluesky": {"feed": [{"post": {"uri": "at://did:plc:a/app.bsky.feed.post/1", "author": {"did": "did:plc:a", "handle": "rye.example"},
        "record": {"text": "t"}, "likeCount": 3}}], "cursor": "c"},
    "followers on Bluesky": {"subject": {"did": "did:plc:a"}, "followers": [{"did": "did:plc:b", "handle": "rye.example"}], "cursor": "c"},
    "a listing of Reddit": {"kind": "Listing", "data": {"after": "t3_b", "children": [{"kind": "t3", "data": {"id": "a", "title": "t", "ups": 4}}]}},
    "a user of GitHub": {"login": "rye", "id": 5, "followers": 9, "following": 2, "public_repos": 3, "created_at": WHEN},
    "an organisation of LinkedIn": {"id": 5, "vanityName": "oat", "localizedName": "Oat", "followersCount": 9, "primaryOrganizationType": "NONE"},
    "shares of LinkedIn": {"elements": [{"organizationalEntity": "urn:li:organization:5", "totalShareStatistics": {"likeCount": 4}}],
        "paging": {"start": 0, "count": 1}},
    "a pin of Pinterest": {"id": "81", "created_at": WHEN, "title": "Bread", "board_id": "5", "media": {"media_type": "image"}},
    "pins of Pinterest": {"items": [{"id": "81", "created_at": WHEN, "board_owner": {"username": "oat"}}], "bookmark": "b"},
    "users of Twitch": {"data": [{"id": "5", "login": "rye", "display_name": "Rye", "broadcaster_type": "partner", "view_count": 9}]},
    "videos of Twitch": {"data": [{"id": "3", "user_id": "5", "user_name": "rye", "title": "t", "view_count": 9, "type": "archive"}],
        "pagination": {"cursor": "c"}},
    "a user of Discord": {"id": "5", "username": "rye", "global_name": "Rye", "discriminator": "0"},
    "videos of Vimeo": {"total": 1, "data": [{"uri": "/videos/1", "name": "t", "stats": {"plays": 5}}], "paging": {"next": None}},
    "a media file and how it was fetched": {"id": "1", "title": "t", "formats": [], "extractor": "generic"},
    "an order of Shopify": {"orders": [{"id": 1, "created_at": WHEN, "total_price": "12.00", "customer": {"id": 5, "email": "none"}}]},
    "places on a map": {"type": "FeatureCollection", "features": [{"type": "Feature", "properties": {"name": "Oat"},
        "geometry": {"type": "Point", "coordinates": [1.0, 2.0]}}]},
    "a schema": {"$schema": "https://json-schema.org/draft/2020-12/schema", "type": "object", "properties": {"username": {"type": "string"}}},
    "records of JSON:API": {"data": [{"type": "articles", "id": "1", "attributes": {"title": "t"}}], "links": {"next": "n"}},
    "posts of Instagram that were saved": {"saved_saved_media": [{"title": "rye", "string_map_data": {"Saved on": {"href": "h", "timestamp": 1}}}]},
    "stories in an account download": {"organic_insights_stories": [{"string_map_data": {"Likes": {"value": "1"}}}]},
    "the audience in an account download": {"organic_insights_audience": [{"string_map_data": {"Followers": {"value": "1"}}}]},
    "nothing": {},
}  # fmt: skip


@pytest.mark.parametrize("name", NEAR_MISSES)
def test_what_only_looks_like_a_format_is_claimed_by_none(name: str) -> None:
    assert claims(NEAR_MISSES[name]) == []


def test_people_in_what_is_claimed_by_none_reach_nothing(delivery: Delivery) -> None:
    """All of them in one run: no account, no post, and no name of a member in a message."""
    for number, record in enumerate(NEAR_MISSES.values()):
        delivery.put(f"{number}.json", json.dumps(record).replace("rye", "planted_member"))
        delivery.put(f"{number}.ndjson", f"{json.dumps(record).replace('rye', 'planted_member')}\n" * 2)
    answer = delivery.run()
    assert set(delivery.verdicts().values()) <= {"quarantined", "empty", "repeated"}
    assert not delivery.accounts()
    assert "planted_member" not in f"{delivery.rejects()} {delivery.ledger()} {answer.stdout} {answer.stderr}"

"""YouTube Data API v3: pages of `channels.list` and `videos.list`."""

from collections.abc import Iterator
from typing import Any

from ingest.formats.base import FileContext, Format, Row, at, items, text_of
from schemas.pagination import Page
from schemas.rejects import Reject

KINDS = ("youtube#channelListResponse", "youtube#videoListResponse", "youtube#searchListResponse")
KINDS_OF_ITEMS = (None, "youtube#channel", "youtube#video", "youtube#searchResult")
# What comments, subscriptions, playlists and their items say of themselves, and channels and videos never.
FOREIGN_KEYS = frozenset({"topLevelComment", "textDisplay", "parentId", "videoId", "resourceId", "playlistId"})


def _recognises(record: dict[str, Any]) -> bool:
    """The kind of a page, where it is told, settles it. Replies may be asked for without."""
    if "kind" in record:
        return record["kind"] in KINDS
    entries = items(record, "items")
    return "pageInfo" in record and bool(entries) and all(map(_is_read, entries))


def _is_read(item: dict[str, Any]) -> bool:
    snippet = item.get("snippet")
    is_list = at(item, "contentDetails", "itemCount") is not None
    is_own = isinstance(snippet, dict) and FOREIGN_KEYS.isdisjoint(snippet)
    return is_own and item.get("kind") in KINDS_OF_ITEMS and not is_list


def _rows(record: dict[str, Any], _context: FileContext) -> Iterator[Row | Reject | Page]:
    is_of_videos = record.get("kind") == KINDS[1] or at(record, "items", 0, "snippet", "channelId") is not None
    yield Page("youtube", "posts" if is_of_videos else "accounts", bool(record.get("nextPageToken")))
    for item in items(record, "items"):
        is_video = at(item, "snippet", "channelId") is not None or item.get("kind") == "youtube#video"
        if isinstance(item.get("id"), dict):
            yield Reject(
                "a search result has no counts",
                "items of channels.list or videos.list",
                "ask videos.list for the id",
                text_of(item),
                dataset="posts",
            )
        else:
            yield Row("posts", _video(item)) if is_video else Row("accounts", _channel(item))


def _channel(item: dict[str, Any]) -> dict[str, Any]:
    # A hidden count may come with a number, which means nothing.
    is_hidden = at(item, "statistics", "hiddenSubscriberCount") is True
    return {
        "account_id": item.get("id"),
        "username": at(item, "snippet", "customUrl"),
        "display_name": at(item, "snippet", "title"),
        "followers_count": None if is_hidden else at(item, "statistics", "subscriberCount"),
        "media_count": at(item, "statistics", "videoCount"),
        "country": at(item, "snippet", "country"),
    }


def _video(item: dict[str, Any]) -> dict[str, Any]:
    """Likes and comments are absent where they are switched off or hidden."""
    texts = (at(item, "snippet", "title"), at(item, "snippet", "description"))
    return {
        "post_id": item.get("id"),
        "account_id": at(item, "snippet", "channelId"),
        "published_at": at(item, "snippet", "publishedAt"),
        "media_type": "video",
        "caption": "\n".join(text for text in texts if isinstance(text, str) and text),
        "like_count": at(item, "statistics", "likeCount"),
        "comment_count": at(item, "statistics", "commentCount"),
        "view_count": at(item, "statistics", "viewCount"),
    }


FORMAT = Format(
    "youtube_data_api",
    "youtube",
    _recognises,
    _rows,
    {
        "posts": (
            "post_id", "account_id", "published_at", "media_type", "caption", "like_count", "comment_count",
            "view_count",
        ),
        "accounts": ("account_id", "username", "display_name", "followers_count", "media_count", "country"),
    },
)  # fmt: skip

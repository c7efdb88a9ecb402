"""TikTok posts of a scraper that wraps them in `collector`."""

from collections.abc import Iterator
from typing import Any

from ingest.formats.base import FileContext, Format, Row, at, handle, items
from ingest.formats.encodings import EPOCH


def _recognises(record: dict[str, Any]) -> bool:
    return isinstance(record.get("collector"), list)


def _rows(record: dict[str, Any], _context: FileContext) -> Iterator[Row]:
    authors = set()
    for post in items(record, "collector"):
        author = at(post, "authorMeta", "id") or handle(at(post, "authorMeta", "name"))
        if isinstance(author, str) and author not in authors:
            authors.add(author)
            yield Row(
                "accounts",
                {
                    "account_id": author,
                    "username": at(post, "authorMeta", "name"),
                    "display_name": at(post, "authorMeta", "nickName"),
                    "followers_count": at(post, "authorMeta", "fans"),
                    "is_verified": at(post, "authorMeta", "verified"),
                },
            )
        yield Row(
            "posts",
            {
                "post_id": post.get("id"),
                "account_id": author,
                "published_at": post.get("createTime"),
                "media_type": "video",
                "caption": post.get("text"),
                "like_count": post.get("diggCount"),
                "comment_count": post.get("commentCount"),
                "view_count": post.get("playCount"),
                "share_count": post.get("shareCount"),
            },
        )


FORMAT = Format(
    "tiktok_scraper",
    "tiktok",
    _recognises,
    _rows,
    {
        "posts": (
            "post_id", "account_id", "published_at", "media_type", "caption", "like_count", "comment_count",
            "view_count", "share_count",
        ),
        "accounts": ("account_id", "username", "display_name", "followers_count", "is_verified"),
    },
    {"published_at": EPOCH},
)  # fmt: skip

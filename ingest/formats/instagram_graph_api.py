"""Instagram Graph API: `business_discovery` replies, one account a page with the newest of its posts."""

from collections.abc import Iterator
from typing import Any

from ingest.formats.base import FileContext, Format, Refused, Row, at, cell, items, shown
from ingest.formats.encodings import media_type
from schemas.pagination import Page


def _recognises(record: dict[str, Any]) -> bool:
    error = record.get("error")
    is_error = isinstance(error, dict) and {"message", "type", "code"} <= set(error)
    return isinstance(record.get("business_discovery"), dict) or is_error


def _rows(record: dict[str, Any], _context: FileContext) -> Iterator[Row | Refused | Page]:
    if "error" in record:
        yield _refused(record["error"])
        return
    # The id outside is the app user's own account, never the one that was asked for.
    account = record["business_discovery"]
    yield Row(
        "accounts",
        {
            "account_id": account.get("id"),
            "username": account.get("username"),
            "display_name": account.get("name"),
            "followers_count": account.get("followers_count"),
            "follows_count": account.get("follows_count"),
            "media_count": account.get("media_count"),
        },
    )
    if isinstance(at(account, "media", "data"), list):
        # Nested pages have no address of a next one: the last is the one without a cursor after it.
        paging = at(account, "media", "paging")
        goes_on = bool(at(paging, "next") or at(paging, "cursors", "after"))
        yield Page("instagram", "posts", goes_on, cell(account.get("id")))
    for post in items(account, "media", "data"):
        yield Row(
            "posts",
            {
                "post_id": post.get("id"),
                "account_id": account.get("id"),
                "published_at": post.get("timestamp"),
                "media_type": media_type(post.get("media_type"), post.get("media_product_type")),
                "caption": post.get("caption"),
                # Absent where likes are hidden.
                "like_count": post.get("like_count"),
                "comment_count": post.get("comments_count"),
            },
        )


def _refused(error: dict[str, Any]) -> Refused:
    said = at(error, "error_user_msg") or at(error, "message")
    return Refused(
        "accounts",
        shown(error),
        f"an error reply, code {error.get('code')}: {said}"[:200],
        "a reply with business_discovery",
        "ask for the account again, or leave the file out",
    )


FORMAT = Format(
    "instagram_graph_api",
    "instagram",
    _recognises,
    _rows,
    {
        "posts": ("post_id", "account_id", "published_at", "media_type", "caption", "like_count", "comment_count"),
        "accounts": ("account_id", "username", "display_name", "followers_count", "follows_count", "media_count"),
    },
    {"published_at": "%Y-%m-%dT%H:%M:%S%z"},
)

"""Instagram's own web replies, as instaloader and other scrapers keep them: a post or a profile a file or line."""

from collections.abc import Iterator
from typing import Any

from ingest.cast.json_text import cell
from ingest.formats.base import FileContext, Format, Row, at, handle, items, listed
from ingest.formats.encodings import EPOCH, media_type
from schemas.pagination import Page

# The newer key first. Their lists of comments are a first page, their count is the truth.
COMMENTS = ("edge_media_to_parent_comment", "edge_media_to_comment", "edge_media_preview_comment")
LIKES = ("edge_media_preview_like", "edge_liked_by")


def _recognises(record: dict[str, Any]) -> bool:
    node = _node(record)
    is_post = "shortcode" in node and ("taken_at_timestamp" in node or any(key in node for key in LIKES))
    # Posts of Threads come from the same service.
    is_private_api_post = {"pk", "code", "taken_at"} <= set(node) and "text_post_app_info" not in node
    return is_post or is_private_api_post or isinstance(node.get("edge_followed_by"), dict)


def _node(record: dict[str, Any]) -> dict[str, Any]:
    node = record.get("node")
    return node if isinstance(node, dict) else record


def _rows(record: dict[str, Any], _context: FileContext) -> Iterator[Row | Page]:
    node = _node(record)
    if "edge_followed_by" in node:
        yield Row("accounts", _account(node))
    elif "pk" in node and "code" in node:
        yield Row("posts", _private_api_post(node))
    else:
        yield Row("posts", _post(node))
        for key in COMMENTS[:2]:
            if at(node, key, "page_info", "has_next_page") is True:
                yield Page("instagram", "comments", True, None, cell(node.get("shortcode")))
            for edge in items(node, key, "edges"):
                yield Row("comments", _comment(node, at(edge, "node")))


def _account(node: dict[str, Any]) -> dict[str, Any]:
    return {
        "account_id": node.get("id"),
        "username": node.get("username"),
        "display_name": node.get("full_name"),
        "niche": node.get("business_category_name"),
        "followers_count": at(node, "edge_followed_by", "count"),
        "follows_count": at(node, "edge_follow", "count"),
        "media_count": at(node, "edge_owner_to_timeline_media", "count"),
        "is_verified": node.get("is_verified"),
    }


def _post(node: dict[str, Any]) -> dict[str, Any]:
    comments = next((at(node, key, "count") for key in COMMENTS if at(node, key, "count") is not None), None)
    # Where comments are switched off, none says nothing.
    unknown = node.get("comments_disabled") is True and comments == 0
    sponsors = listed(
        at(edge, "node", "sponsor", "username") for edge in items(node, "edge_media_to_sponsor_user", "edges")
    )
    return {
        "post_id": node.get("shortcode"),
        "account_id": at(node, "owner", "id") or handle(at(node, "owner", "username")),
        "published_at": node.get("taken_at_timestamp"),
        "media_type": media_type(node.get("__typename"), node.get("product_type")),
        "caption": at(node, "edge_media_to_caption", "edges", 0, "node", "text"),
        "like_count": next((at(node, key, "count") for key in LIKES if at(node, key, "count") is not None), None),
        "comment_count": None if unknown else comments,
        "view_count": node.get("video_view_count"),
        "is_sponsored": True if sponsors or node.get("is_ad") is True else None,
        "sponsors": sponsors,
    }


def _private_api_post(node: dict[str, Any]) -> dict[str, Any]:
    is_hidden = node.get("like_and_view_counts_disabled") is True
    return {
        "post_id": node.get("code"),
        "account_id": at(node, "user", "pk") or at(node, "owner", "pk") or handle(at(node, "user", "username")),
        "published_at": node.get("taken_at"),
        "media_type": media_type(node.get("media_type"), node.get("product_type")),
        "caption": at(node, "caption", "text"),
        "like_count": None if is_hidden else node.get("like_count"),
        "comment_count": node.get("comment_count"),
        "view_count": None if is_hidden else node.get("play_count"),
        "is_sponsored": node.get("is_paid_partnership"),
    }


def _comment(node: dict[str, Any], comment: Any) -> dict[str, Any]:
    return {
        "post_id": node.get("shortcode"),
        "comment_id": at(comment, "id"),
        "commenter_id": at(comment, "owner", "id"),
        "commented_at": at(comment, "created_at"),
    }


FORMAT = Format(
    "instagram_graphql",
    "instagram",
    _recognises,
    _rows,
    {
        "posts": (
            "post_id", "account_id", "published_at", "media_type", "caption", "like_count", "comment_count",
            "view_count", "is_sponsored", "sponsors",
        ),
        "accounts": (
            "account_id", "username", "display_name", "niche", "followers_count", "follows_count", "media_count",
            "is_verified",
        ),
        "comments": ("post_id", "comment_id", "commenter_id", "commented_at"),
    },
    {"published_at": EPOCH, "commented_at": EPOCH},
)  # fmt: skip

"""Apify's Instagram scraper: posts, and profiles with their latest posts nested, as an array or one a line."""

from collections.abc import Iterator
from typing import Any

from ingest.formats.base import FileContext, Format, Row, at, handle, items, text_of
from ingest.formats.encodings import media_type
from ingest.privacy import code_told
from schemas.rejects import Reject


def _recognises(record: dict[str, Any]) -> bool:
    is_post = "shortCode" in record and ("ownerUsername" in record or "ownerId" in record)
    return is_post or {"username", "followersCount"} <= set(record)


def _rows(record: dict[str, Any], _context: FileContext) -> Iterator[Row | Reject]:
    is_profile = "followersCount" in record
    if record.get("error"):
        # Which of the two an error stands for is not told: the name of an account is what was asked for where there is one.
        yield Reject(
            f"an error row: {code_told(record['error'])}",
            "a post or a profile",
            "scrape it again, or leave the row out",
            text_of({name: record.get(name) for name in ("id", "username", "error")}),
            dataset="accounts" if record.get("username") else "posts",
        )
    elif is_profile:
        account = _account(record)
        yield Row("accounts", account)
        for post in items(record, "latestPosts"):
            yield from _post(post, account["account_id"])
    else:
        yield from _post(record, None)


def _account(record: dict[str, Any]) -> dict[str, Any]:
    category = record.get("businessCategoryName")
    return {
        "account_id": record.get("id") or record.get("username"),
        "username": record.get("username"),
        "display_name": record.get("fullName"),
        "niche": category.removeprefix("None,") if isinstance(category, str) else None,
        "followers_count": record.get("followersCount"),
        "follows_count": record.get("followsCount"),
        "media_count": record.get("postsCount"),
        "is_verified": record.get("verified"),
    }


def _post(record: dict[str, Any], profile: str | None) -> Iterator[Row]:
    """The post, of the profile that it is nested in if it names nobody, and the comments listed with it.

    The children of a carousel are no posts.
    """
    views = record.get("videoPlayCount")
    yield Row(
        "posts",
        {
            "post_id": record.get("shortCode"),
            "account_id": record.get("ownerId") or handle(record.get("ownerUsername")) or profile,
            "published_at": record.get("timestamp"),
            "media_type": media_type(record.get("type"), record.get("productType")),
            "caption": record.get("caption"),
            "like_count": record.get("likesCount"),
            "comment_count": record.get("commentsCount"),
            "view_count": record.get("videoViewCount") if views is None else views,
            "is_sponsored": record.get("isSponsored"),
        },
    )
    for comment in items(record, "latestComments"):
        commenter = at(comment, "owner", "id") or comment.get("ownerUsername")
        if commenter:
            yield Row(
                "comments",
                {
                    "post_id": record.get("shortCode"),
                    "comment_id": comment.get("id"),
                    "commenter_id": commenter,
                    "commented_at": comment.get("timestamp"),
                },
            )


FORMAT = Format(
    "apify_instagram",
    "instagram",
    _recognises,
    _rows,
    {
        "posts": (
            "post_id", "account_id", "published_at", "media_type", "caption", "like_count", "comment_count",
            "view_count", "is_sponsored",
        ),
        "accounts": (
            "account_id", "username", "display_name", "niche", "followers_count", "follows_count", "media_count",
            "is_verified",
        ),
        "comments": ("post_id", "comment_id", "commenter_id", "commented_at"),
    },
    numbers="comma",
    is_error=lambda record: bool(record.get("error")),
)  # fmt: skip

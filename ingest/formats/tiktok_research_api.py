"""TikTok Research and Display API: pages of followers, videos and one user, each beside an `error` object that says ok."""

from collections.abc import Iterator
from typing import Any

from ingest.formats.base import FileContext, Format, Row, at, items, text_of
from ingest.formats.encodings import EPOCH
from ingest.privacy import code_told
from schemas.pagination import Page
from schemas.rejects import Reject


def _recognises(record: dict[str, Any]) -> bool:
    return isinstance(record.get("data"), dict) and isinstance(at(record, "error", "code"), str)


def _rows(record: dict[str, Any], context: FileContext) -> Iterator[Row | Reject | Page]:
    data, error = record["data"], record["error"]
    if error["code"] != "ok":
        yield Reject(
            f"an error reply, {code_told(error['code'])}",
            'a reply whose error code is "ok"',
            "ask for the page again, or leave the file out",
            text_of(error),
            dataset="follows" if context.owner else "accounts",
        )
        return
    goes_on = data.get("has_more") is True
    if isinstance(data.get("user_followers"), list):
        yield Page("tiktok", "follows", goes_on, context.owner)
    elif isinstance(data.get("videos"), list):
        yield Page("tiktok", "posts", goes_on)
    complete = False if goes_on else context.is_complete_list
    for user in items(data, "user_followers"):
        owner = context.owner_of("a page of followers")
        yield Row("follows", {"account_id": owner, "follower_id": user.get("username"), "is_complete_list": complete})
    for video in items(data, "videos"):
        yield Row("posts", _video(video, context))
    # The Research API has the user for its data, the Display API inside of it.
    user = data.get("user") if isinstance(data.get("user"), dict) else data
    if "follower_count" in user:
        yield Row("accounts", _account(user, context))


def _video(video: dict[str, Any], context: FileContext) -> dict[str, Any]:
    return {
        "post_id": video.get("id"),
        "account_id": video.get("username") or context.owner_of("a page of videos"),
        "published_at": video.get("create_time"),
        "media_type": "video",
        "caption": video.get("video_description") or video.get("title"),
        "like_count": video.get("like_count"),
        "comment_count": video.get("comment_count"),
        "share_count": video.get("share_count"),
        "view_count": video.get("view_count"),
    }


def _account(user: dict[str, Any], context: FileContext) -> dict[str, Any]:
    name = user.get("username") or context.owner_of("a reply about a user")
    return {
        "account_id": name,
        "username": name,
        "display_name": user.get("display_name"),
        "followers_count": user.get("follower_count"),
        "follows_count": user.get("following_count"),
        "media_count": user.get("video_count"),
        "is_verified": user.get("is_verified"),
    }


FORMAT = Format(
    "tiktok_research_api",
    "tiktok",
    _recognises,
    _rows,
    {
        "posts": (
            "post_id", "account_id", "published_at", "media_type", "caption", "like_count", "comment_count",
            "share_count", "view_count",
        ),
        "accounts": (
            "account_id", "username", "display_name", "followers_count", "follows_count", "media_count", "is_verified",
        ),
        "follows": ("account_id", "follower_id", "is_complete_list"),
    },
    {"published_at": EPOCH},
)  # fmt: skip

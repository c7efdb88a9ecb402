"""yt-dlp's `info.json`: a video of YouTube, TikTok or Instagram a document or line, or a channel with its videos nested."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from ingest.formats.base import FileContext, Format, Row, items
from schemas.rejects import Reject

# Of the hundreds of sites that the tool knows, those whose names and ids are known here.
PLATFORMS = {
    "youtube": "youtube", "youtubetab": "youtube", "tiktok": "tiktok", "tiktokuser": "tiktok", "instagram": "instagram",
    "instagramuser": "instagram", "instagramstory": "instagram",
}  # fmt: skip
LISTS = ("playlist", "multi_video")
KEYS_OF_VIDEOS = frozenset({"upload_date", "timestamp", "view_count", "like_count", "webpage_url"})
# What replies of the platforms themselves and records in streams have, and this tool's never.
FOREIGN_KEYS = frozenset({"kind", "snippet", "stream", "data", "items", "node", "shortCode", "collector"})


def _recognises(record: dict[str, Any]) -> bool:
    is_named = isinstance(record.get("extractor_key"), str) and "id" in record
    is_known = record.get("_type") in LISTS or not KEYS_OF_VIDEOS.isdisjoint(record)
    return is_named and is_known and FOREIGN_KEYS.isdisjoint(record)


def _rows(record: dict[str, Any], context: FileContext) -> Iterator[Row | Reject]:
    platform = PLATFORMS.get(str(record.get("extractor_key")).lower())
    if platform is None:
        return
    if record.get("channel_follower_count") is not None:
        yield Row("accounts", _account(record, platform))
    if record.get("_type") not in LISTS:
        yield Row("posts", _post(record, platform))
    for entry in items(record, "entries"):
        if _recognises(entry):
            yield from _rows(entry, context)
        else:
            yield Reject(
                "a video that is listed by its title alone",
                "a video with its counts",
                "run yt-dlp again without --flat-playlist, or leave the list out",
                str(entry.get("id") or ""),
                dataset="posts",
            )


def _owner(record: dict[str, Any], platform: str) -> tuple[Any, Any]:
    """Id and handle: `channel_id` is the id on YouTube, and on TikTok another one than its own replies have."""
    if platform == "youtube":
        return record.get("channel_id"), record.get("uploader_id")
    return record.get("uploader_id"), record.get("uploader" if platform == "tiktok" else "channel")


def _account(record: dict[str, Any], platform: str) -> dict[str, Any]:
    account, name = _owner(record, platform)
    return {
        "platform": platform,
        "account_id": account,
        "username": name,
        "display_name": record.get("uploader" if platform == "instagram" else "channel"),
        "followers_count": record.get("channel_follower_count"),
        "is_verified": record.get("channel_is_verified"),
        "observed_at": _instant(record.get("epoch")),
    }


def _post(record: dict[str, Any], platform: str) -> dict[str, Any]:
    """Counts are absent where the site does not show them. Elsewhere than on YouTube the title is made of the description."""
    texts = (record.get("title") if platform == "youtube" else None, record.get("description"))
    return {
        "platform": platform,
        "post_id": record.get("id"),
        "account_id": _owner(record, platform)[0],
        "published_at": _instant(record.get("timestamp")) or _day(record.get("upload_date")),
        "media_type": "video",
        "caption": "\n".join(text for text in texts if isinstance(text, str) and text),
        "like_count": record.get("like_count"),
        "comment_count": record.get("comment_count"),
        "view_count": record.get("view_count"),
        "share_count": record.get("repost_count"),
        "save_count": record.get("save_count"),
        "observed_at": _instant(record.get("epoch")),
    }


def _instant(seconds: Any) -> Any:
    """Seconds since 1970 as ISO 8601; anything else as delivered, to be refused where it stands."""
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        return seconds
    try:
        return datetime.fromtimestamp(int(seconds), UTC).isoformat()
    except (OverflowError, ValueError, OSError):
        return seconds


def _day(text: Any) -> Any:
    """A day as `20260501`, which yt-dlp tells in UTC."""
    is_day = isinstance(text, str) and re.fullmatch(r"\d{8}", text)
    return f"{text[:4]}-{text[4:6]}-{text[6:]}T00:00:00Z" if is_day else text


FORMAT = Format(
    "yt_dlp",
    "youtube",
    _recognises,
    _rows,
    {
        "posts": (
            "platform", "post_id", "account_id", "published_at", "media_type", "caption", "like_count", "comment_count",
            "view_count", "share_count", "save_count", "observed_at",
        ),
        "accounts": (
            "platform", "account_id", "username", "display_name", "followers_count", "is_verified", "observed_at",
        ),
    },
)  # fmt: skip

"""TikTok account download: the lists of followers, followed accounts and liked videos, wherever in the file they are."""

import re
from collections.abc import Iterator
from typing import Any

from ingest.formats.base import FileContext, Format, Row, at, handle
from ingest.formats.encodings import NO_NAME
from ingest.formats.list_names import FOLLOWING, list_asked
from schemas.rejects import Reject

VIDEO_ID = re.compile(r"/(\d{10,20})(?:[/?]|$)")
DEPTH = 4


def _recognises(record: dict[str, Any]) -> bool:
    if set(record) == {"Date", "Username"}:
        return True
    return any(_lists(record, name) for name in ("FansList", "ItemFavoriteList")) or bool(_lists(record, "Following"))


def _lists(value: Any, name: str, depth: int = DEPTH) -> list[list[Any]]:
    """The lists of this name, at any place: the roots above them change from version to version."""
    if not isinstance(value, dict) or not depth:
        return []
    own = [value[name]] if isinstance(value.get(name), list) else []
    return own + [found for inner in value.values() for found in _lists(inner, name, depth - 1)]


def _rows(record: dict[str, Any], context: FileContext) -> Iterator[Row | Reject]:
    if "Username" in record:  # a block of the text variant, which has a file for each list
        column = "account_id" if list_asked(context.name) == FOLLOWING else "follower_id"
        yield _follow(record, context.owner_of("a list of followers or followed accounts"), column)
        return
    owner = _owner(record) or context.owner
    for name, column in (("FansList", "follower_id"), ("Following", "account_id")):
        for entries in _lists(record, name):
            for entry in entries:
                yield _follow(entry, owner or context.owner_of("the file"), column)
    for entries in _lists(record, "ItemFavoriteList"):
        for entry in entries:
            # Keys are in lower case in one list and capitalised in another of the same file.
            plain = _lowered(entry)
            found = VIDEO_ID.search(str(plain.get("link")))
            yield Row(
                "likes",
                {
                    "post_id": found[1] if found else None,
                    "liker_id": owner or context.owner_of("the file"),
                    "liked_at": _time(plain.get("date")),
                },
            )


def _lowered(entry: Any) -> dict[str, Any]:
    return {key.lower(): value for key, value in entry.items()} if isinstance(entry, dict) else {}


def _follow(entry: Any, owner: str, column: str) -> Row | Reject:
    plain = _lowered(entry)
    name = str(plain.get("username") or "")
    if name.lower() in NO_NAME:
        return Reject("the account is gone: no name", "a name", "nothing to fix", name, dataset="follows")
    other = "account_id" if column == "follower_id" else "follower_id"
    return Row("follows", {column: handle(name), other: owner, "followed_at": _time(plain.get("date"))})


def _time(text: Any) -> Any:
    return text.removesuffix(" +0000 UTC").removesuffix(" UTC") if isinstance(text, str) else text


def _owner(record: dict[str, Any]) -> str | None:
    for section, info in (("Profile", "Profile Information"), ("Profile And Settings", "Profile Info")):
        if name := handle(at(record, section, info, "ProfileMap", "userName")):
            return name
    return None


FORMAT = Format(
    "tiktok_download",
    "tiktok",
    _recognises,
    _rows,
    {
        "follows": ("account_id", "follower_id", "followed_at"),
        "likes": ("post_id", "liker_id", "liked_at"),
    },
    {"followed_at": "%Y-%m-%d %H:%M:%S", "liked_at": "%Y-%m-%d %H:%M:%S"},
    zone="UTC",  # assumed: the file does not say
)

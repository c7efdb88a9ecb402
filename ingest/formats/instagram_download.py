"""Instagram account download: follower lists of three generations, and liked posts."""

import re
from collections.abc import Iterator
from typing import Any

from ingest.formats.base import FileContext, Format, Row, at, handle, items
from ingest.formats.encodings import EPOCH, repaired
from ingest.privacy import keys_listed
from schemas.errors import FileRefused
from schemas.rejects import Reject

FOLLOWERS, FOLLOWING, LIKES = "relationships_followers", "relationships_following", "likes_media_likes"
WRAPPERS = (FOLLOWERS, FOLLOWING, LIKES)
PROFILE = "profile_user"
POST_LINK = re.compile(r"instagram\.com/(?:[^/]+/)?(?:p|reel|tv)/([^/?#]+)")

# Lists whose entries look the same, by the beginnings of their names: none of them tells who follows or likes.
OTHER_LISTS = re.compile(
    r"saved|blocked|restricted|removed|close_friends|pending|recent|hide_|profiles_you|(?:following|followed)_hashtags|story_"
)


def _recognises(record: dict[str, Any]) -> bool:
    is_wrapped = any(isinstance(record.get(key), list) for key in (*WRAPPERS, PROFILE))
    return is_wrapped or _is_entry(record)


def _is_entry(record: dict[str, Any]) -> bool:
    return isinstance(record.get("string_list_data"), list) or isinstance(record.get("label_values"), list)


def _rows(record: dict[str, Any], context: FileContext) -> Iterator[Row | Reject]:
    if _is_entry(record):
        yield _row(record, _kind_of(record, context), context)
        return
    if PROFILE in record:
        name = at(record, PROFILE, 0, "string_map_data", "Name", "value")
        owner = owner_in(record) or context.owner_of("personal information without a name")
        yield Row("accounts", {"account_id": owner, "username": owner, "display_name": repaired(name)})
    for wrapper in WRAPPERS:
        for entry in items(record, wrapper):
            yield _row(entry, wrapper, context)


def owner_in(record: dict[str, Any]) -> str | None:
    """The handle that a file of personal information tells."""
    return handle(at(record, PROFILE, 0, "string_map_data", "Username", "value"))


def _kind_of(entry: dict[str, Any], context: FileContext) -> str:
    """Which list a bare entry is from: a liked post has a link to it; for the others the file's name alone tells."""
    name = context.name.rsplit("/", 1)[-1].lower()
    if OTHER_LISTS.match(name):
        raise FileRefused(
            "another_list",
            f"{context.name}: by its name a list of something else than followers, followed accounts or liked posts",
            fix="name it in ignore = [...] of sources.toml; if it is one of these lists, call it as the download does",
        )
    if _post(entry):
        return LIKES
    return FOLLOWING if name.startswith("following") else FOLLOWERS


def _row(entry: dict[str, Any], kind: str, context: FileContext) -> Row | Reject:
    owner = context.owner_of("a list of followers, followed accounts or likes")
    when = at(entry, "string_list_data", 0, "timestamp") or entry.get("timestamp")
    if kind == LIKES:
        return Row("likes", {"post_id": _post(entry), "liker_id": owner, "liked_at": when})
    name = _name(entry)
    if name is None:
        return Reject("an entry without a name", "an account", "nothing to fix", keys_listed(entry), dataset="follows")
    follower, followed = (owner, name) if kind == FOLLOWING else (name, owner)
    return Row("follows", {"account_id": followed, "follower_id": follower, "followed_at": when})


def _name(entry: dict[str, Any]) -> str | None:
    """By what the generations have: value, title, the link, a label. Labels inside groups are about something else."""
    first = at(entry, "string_list_data", 0)
    label = next((at(item, "value") for item in items(entry, "label_values") if item.get("label") == "Username"), None)
    for text in (at(first, "value"), entry.get("title"), at(first, "href"), label):
        if name := handle(repaired(text)):
            return name
    return None


def _post(entry: dict[str, Any]) -> str | None:
    links = [at(entry, "string_list_data", 0, "href")]
    links += [at(item, "href") or at(item, "value") for item in items(entry, "label_values")]
    found = next((match for link in links if isinstance(link, str) and (match := POST_LINK.search(link))), None)
    return found[1] if found else None


FORMAT = Format(
    "instagram_download",
    "instagram",
    _recognises,
    _rows,
    {
        "follows": ("account_id", "follower_id", "followed_at"),
        "likes": ("post_id", "liker_id", "liked_at"),
        "accounts": ("account_id", "username", "display_name"),
    },
    {"followed_at": EPOCH, "liked_at": EPOCH},
)

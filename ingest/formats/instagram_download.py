"""Instagram account download: follower lists of three generations, and liked posts."""

import re
from collections.abc import Iterator
from typing import Any

from ingest.formats.base import FileContext, Format, Row, at, handle, items
from ingest.formats.encodings import EPOCH, repaired
from ingest.formats.list_names import FOLLOWERS, FOLLOWING, LIKES, list_asked
from ingest.privacy import keys_listed
from schemas.rejects import Reject

WRAPPERS = {"relationships_followers": FOLLOWERS, "relationships_following": FOLLOWING, "likes_media_likes": LIKES}
PROFILE = "profile_user"
POST_LINK = re.compile(r"instagram\.com/(?:[^/]+/)?(?:p|reel|tv)/([^/?#]+)")


def _recognises(record: dict[str, Any]) -> bool:
    is_wrapped = any(isinstance(record.get(key), list) for key in (*WRAPPERS, PROFILE))
    return is_wrapped or _is_entry(record)


def _is_entry(record: dict[str, Any]) -> bool:
    return isinstance(record.get("string_list_data"), list) or isinstance(record.get("label_values"), list)


def _rows(record: dict[str, Any], context: FileContext) -> Iterator[Row | Reject]:
    if _is_entry(record):
        yield _row(record, list_asked(context.name), context)
        return
    if PROFILE in record:
        name = at(record, PROFILE, 0, "string_map_data", "Name", "value")
        owner = owner_in(record) or context.owner_of("personal information without a name")
        yield Row("accounts", {"account_id": owner, "username": owner, "display_name": repaired(name)})
    for wrapper, kind in WRAPPERS.items():
        for entry in items(record, wrapper):
            yield _row(entry, kind, context)


def owner_in(record: dict[str, Any]) -> str | None:
    """The handle that a file of personal information tells."""
    return handle(at(record, PROFILE, 0, "string_map_data", "Username", "value"))


def _row(entry: dict[str, Any], kind: str, context: FileContext) -> Row | Reject:
    owner = context.owner_of("a list of followers, followed accounts or likes")
    when = at(entry, "string_list_data", 0, "timestamp") or entry.get("timestamp")
    if kind == LIKES:
        return Row("likes", {"post_id": _post(entry), "liker_id": owner, "liked_at": when})
    if _post(entry):
        return Reject(
            "a post, in a list of accounts", "an account", "call a list of liked posts liked_posts", dataset="follows"
        )
    name = _name(entry)
    if name is None:
        fix = "nothing, or, where its labels are in another language, ask for the download in English"
        return Reject("an entry without a name", "an account", fix, keys_listed(entry), dataset="follows")
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

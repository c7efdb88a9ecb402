"""X account archive: the sections followers, following, likes and posts of `data/*.js`."""

from collections.abc import Iterator
from typing import Any

from ingest.formats.base import FileContext, Format, Row, at, handle
from ingest.formats.encodings import X_TIME
from schemas.rejects import Reject

SECTIONS = ("follower", "following", "like", "tweet", "account")
ID_LINK = "user_id="


def _recognises(record: dict[str, Any]) -> bool:
    """Each record is wrapped in the name of its section, and in nothing else."""
    return len(record) == 1 and any(isinstance(record.get(section), dict) for section in SECTIONS)


def _rows(record: dict[str, Any], context: FileContext) -> Iterator[Row | Reject]:
    ((section, entry),) = record.items()
    match section:
        case "account":
            yield Row("accounts", {"account_id": entry.get("accountId"), "username": entry.get("username")})
        case "follower":
            owner = context.owner_of("a list of followers")
            yield Row("follows", {"account_id": owner, "follower_id": _member(entry)})
        case "following":
            owner = context.owner_of("a list of followed accounts")
            yield Row("follows", {"account_id": _member(entry), "follower_id": owner})
        case "like":
            yield Row("likes", {"post_id": entry.get("tweetId"), "liker_id": context.owner_of("a list of likes")})
        case "tweet":
            yield from _post(entry, context)


def owner_in(record: dict[str, Any]) -> str | None:
    """The id that `account.js` tells."""
    owner = at(record, "account", "accountId")
    return owner if isinstance(owner, str) else None


def _member(entry: dict[str, Any]) -> str | None:
    """The id; a link tells a handle only where it is not a link by id."""
    link = str(entry.get("userLink") or "")
    return entry.get("accountId") or (link.split(ID_LINK)[1] if ID_LINK in link else handle(link))


def _post(entry: dict[str, Any], context: FileContext) -> Iterator[Row | Reject]:
    text = entry.get("full_text")
    if isinstance(text, str) and text.startswith("RT @"):
        rule = "a repost: its counts are not the owner's"
        yield Reject(rule, "posts of the owner", "nothing to fix", "RT @", dataset="posts")
        return
    yield Row(
        "posts",
        {
            "post_id": entry.get("id_str") or entry.get("id"),
            "account_id": context.owner_of("a list of posts"),
            "published_at": entry.get("created_at"),
            "caption": text,
            "like_count": entry.get("favorite_count"),
            "share_count": entry.get("retweet_count"),
        },
    )


FORMAT = Format(
    "x_archive",
    "x",
    _recognises,
    _rows,
    {
        "follows": ("account_id", "follower_id"),
        "likes": ("post_id", "liker_id"),
        "posts": ("post_id", "account_id", "published_at", "caption", "like_count", "share_count"),
        "accounts": ("account_id", "username", "followers_count"),
    },
    {"published_at": X_TIME},
)

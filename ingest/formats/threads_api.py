"""Threads API: pages of an account's own threads, with the figures that are nested in them."""

from collections.abc import Iterator
from typing import Any

from ingest.cast.json_text import cell
from ingest.formats.base import FileContext, Format, Row, at, items
from ingest.formats.encodings import media_type
from ingest.formats.insights import figures
from schemas.pagination import Page
from schemas.rejects import Reject

TYPES = frozenset({"TEXT_POST", "REPOST_FACADE", "AUDIO"})
ADDRESSES = ("://www.threads.net/", "://www.threads.com/", "://threads.net/", "://threads.com/")
# What answers of other people have, and an account's own threads never.
KEYS_OF_REPLIES = frozenset({"root_post", "replied_to", "hide_status", "is_reply_owned_by_me"})


def is_of_threads(entry: dict[str, Any]) -> bool:
    """Whether something of Meta's is of Threads: posts of Instagram have the same keys, except one."""
    is_named = entry.get("media_product_type") == "THREADS" or str(entry.get("media_type")) in TYPES
    is_there = any(address in str(entry.get("permalink")) for address in ADDRESSES)
    return "is_quote_post" in entry or is_named or is_there


def _recognises(record: dict[str, Any]) -> bool:
    entries = items(record, "data") if {"data", "paging"}.issuperset(record) else []
    # Answers to a thread look like threads. A list of what one account wrote names one account.
    writers = {str(entry["username"]) for entry in entries if "username" in entry}
    return bool(entries) and len(writers) <= 1 and all(map(_is_own, entries))


def _is_own(entry: dict[str, Any]) -> bool:
    is_reply = bool(entry.get("is_reply")) or not KEYS_OF_REPLIES.isdisjoint(entry)
    return {"id", "timestamp"} <= set(entry) and is_of_threads(entry) and not is_reply


def _rows(record: dict[str, Any], context: FileContext) -> Iterator[Row | Reject | Page]:
    entries = items(record, "data")
    told = [at(entry, "owner", "id") for entry in entries] + [entry.get("username") for entry in entries]
    owner = next(filter(None, told), None) or context.owner_of("a page of threads")
    yield Page("threads", "posts", bool(at(record, "paging", "next")), cell(owner))
    for entry in entries:
        if entry.get("media_type") == "REPOST_FACADE":
            yield Reject(
                "a repost: it has no counts of its own",
                "posts of the owner",
                "nothing to fix",
                str(entry.get("id")),
                dataset="posts",
            )
        else:
            yield Row("posts", _post(entry, owner))


def _post(entry: dict[str, Any], owner: Any) -> dict[str, Any]:
    told = figures(entry)
    # As at X: passing a post on in a message is counted apart, and is no share.
    shares = [told[name] for name in ("reposts", "quotes") if isinstance(told.get(name), int)]
    return {
        "post_id": entry.get("id"),
        "account_id": owner,
        "published_at": entry.get("timestamp"),
        "media_type": media_type(entry.get("media_type")),
        "caption": entry.get("text"),
        "like_count": told.get("likes"),
        "comment_count": told.get("replies"),
        "view_count": told.get("views"),
        "share_count": sum(shares) if shares else None,
    }


FORMAT = Format(
    "threads_api",
    "threads",
    _recognises,
    _rows,
    {
        "posts": (
            "post_id", "account_id", "published_at", "media_type", "caption", "like_count", "comment_count",
            "view_count", "share_count",
        ),
    },
    {"published_at": "%Y-%m-%dT%H:%M:%S%z"},
)  # fmt: skip

"""X API v2: users, posts, and pages of followers or of likers, whose target only the request named."""

from collections.abc import Iterator
from typing import Any

from ingest.formats.base import FileContext, Format, Row, at, items, text_of
from ingest.formats.list_names import FOLLOWING, list_named
from ingest.privacy import code_told
from schemas.pagination import Page
from schemas.rejects import Reject

POST_KEYS = frozenset({"text", "author_id"})
# All that a reply may have beside its data: any other key is that of another platform, or of a tool that wraps replies.
REPLY_KEYS = frozenset({"data", "includes", "errors", "meta", "matching_rules"})
# Keys that users and posts have at Meta and TikTok, and at X never.
FOREIGN_KEYS = frozenset({
    "timestamp", "permalink", "media_type", "media_product_type", "like_count", "followers_count", "from", "message",
    "created_time", "ig_id", "caption", "follower_count", "open_id", "create_time",
})  # fmt: skip


def _recognises(record: dict[str, Any]) -> bool:
    if not REPLY_KEYS.issuperset(record):
        return False
    data = record.get("data")
    entries = items(record, "data") if isinstance(data, list) else [data] if isinstance(data, dict) else []
    if entries:
        return all(FOREIGN_KEYS.isdisjoint(entry) for entry in entries) and _is_of_x(entries[0])
    is_empty = isinstance(at(record, "meta", "result_count"), int)
    return is_empty or (data is None and any("resource_type" in error for error in items(record, "errors")))


def _is_of_x(entry: dict[str, Any]) -> bool:
    is_user = {"id", "username", "name"} <= set(entry)
    return is_user or ("id" in entry and "username" not in entry and bool(POST_KEYS & set(entry)))


def _rows(record: dict[str, Any], context: FileContext) -> Iterator[Row | Reject | Page]:
    data = record.get("data")
    entries = items(record, "data") if isinstance(data, list) else [data] if isinstance(data, dict) else []
    # A list of users with a result count is a page of an edge; users that were asked for by name come without one.
    is_page = isinstance(at(record, "meta", "result_count"), int)
    goes_on = _goes_on(record, entries)
    if is_page:
        yield from _pages(entries, goes_on, context)
    for entry in entries:
        if POST_KEYS & set(entry):
            yield Row("posts", _post(entry, context))
        elif is_page:
            yield _edge(entry, goes_on, context)
        if "username" in entry and ("public_metrics" in entry or not is_page):
            yield Row("accounts", _account(entry))
    for user in items(record, "includes", "users"):
        yield Row("accounts", _account(user))
    for error in items(record, "errors"):
        yield Reject(
            f"an error: {code_told(error.get('title'))}",
            "a user or a post",
            "ask for it again, or leave it out",
            text_of(error),
            dataset="accounts",
        )


def _goes_on(record: dict[str, Any], entries: list[Any]) -> bool:
    """Whether there is more than this page holds: a page after it, or entries that were counted and are not here."""
    count = at(record, "meta", "result_count")
    return bool(at(record, "meta", "next_token")) or (isinstance(count, int) and count > len(entries))


def _pages(entries: list[Any], goes_on: bool, context: FileContext) -> Iterator[Page]:
    """What the page is of; an empty one may be the last of either list of an account."""
    if context.post:
        yield Page("x", "likes", goes_on, None, context.post)
        return
    is_of_posts = bool(entries and POST_KEYS & set(entries[0]))
    if is_of_posts or not entries:
        yield Page("x", "posts", goes_on, context.owner)
    if not is_of_posts and (not entries or list_named(context.name) != FOLLOWING):
        yield Page("x", "follows", goes_on, context.owner)


def _edge(user: dict[str, Any], goes_on: bool, context: FileContext) -> Row:
    kind = list_named(context.name)  # followed accounts and those who reposted come in pages of the same shape
    if context.post:
        return Row("likes", {"post_id": context.post, "liker_id": user.get("id")})
    owner = context.owner_of("a page of users is of followers (owner) or of likers (post) of somebody, and")
    if kind == FOLLOWING:
        return Row("follows", {"account_id": user.get("id"), "follower_id": owner})
    complete = False if goes_on else context.is_complete_list
    return Row("follows", {"account_id": owner, "follower_id": user.get("id"), "is_complete_list": complete})


def _account(user: dict[str, Any]) -> dict[str, Any]:
    return {
        "account_id": user.get("id"),
        "username": user.get("username"),
        "display_name": user.get("name"),
        "followers_count": at(user, "public_metrics", "followers_count"),
        "follows_count": at(user, "public_metrics", "following_count"),
        "media_count": at(user, "public_metrics", "tweet_count"),
        "is_verified": user.get("verified"),
    }


def _post(post: dict[str, Any], context: FileContext) -> dict[str, Any]:
    """Metrics are absent where they were not asked for or did not exist yet."""
    metrics = post.get("public_metrics")
    shares = [count for count in (at(metrics, "retweet_count"), at(metrics, "quote_count")) if isinstance(count, int)]
    return {
        "post_id": post.get("id"),
        "account_id": post.get("author_id") or context.owner,
        "published_at": post.get("created_at"),
        "caption": post.get("text"),
        "like_count": at(metrics, "like_count"),
        "comment_count": at(metrics, "reply_count"),
        "share_count": sum(shares) if shares else None,
        "save_count": at(metrics, "bookmark_count"),
        "view_count": at(metrics, "impression_count"),
    }


FORMAT = Format(
    "x_api",
    "x",
    _recognises,
    _rows,
    {
        "posts": (
            "post_id", "account_id", "published_at", "caption", "like_count", "comment_count", "share_count",
            "save_count", "view_count",
        ),
        "accounts": (
            "account_id", "username", "display_name", "followers_count", "follows_count", "media_count", "is_verified",
        ),
        "follows": ("account_id", "follower_id", "is_complete_list"),
        "likes": ("post_id", "liker_id"),
    },
)  # fmt: skip

"""Instagram Graph API: `business_discovery` replies, pages of an account's own media, and pages of comments on one post."""

from collections.abc import Iterator
from typing import Any

from ingest.cast.json_text import cell
from ingest.formats.base import FileContext, Format, Row, at, items, text_of
from ingest.formats.encodings import media_type
from ingest.formats.insights import are_of_a_post, figures
from ingest.formats.threads_api import is_of_threads
from ingest.privacy import code_told
from schemas.errors import FileRefused
from schemas.pagination import Page
from schemas.rejects import Reject

# What posts have, here and at Threads, and comments never.
KEYS_OF_POSTS = frozenset({"media_type", "media_product_type", "permalink", "shortcode", "is_quote_post"})


def _recognises(record: dict[str, Any]) -> bool:
    error = record.get("error")
    is_error = isinstance(error, dict) and {"message", "type", "code"} <= set(error)
    return isinstance(record.get("business_discovery"), dict) or is_error or _is_page_of(record) is not None


def _is_page_of(record: dict[str, Any]) -> str | None:
    """Which dataset a page of media or comments fills, or `insights` of one post."""
    entries = items(record, "data")
    if not entries or not {"data", "paging"}.issuperset(record):
        return None
    if all({"id", "timestamp", "media_type"} <= set(entry) and _is_of_instagram(entry) for entry in entries):
        return "posts"
    if are_of_a_post(entries):
        return "insights"
    if all({"id", "text", "timestamp"} <= set(entry) and KEYS_OF_POSTS.isdisjoint(entry) for entry in entries):
        return "comments"
    return None


def _is_of_instagram(entry: dict[str, Any]) -> bool:
    """Posts of Threads have the same keys, and `text` where those of Instagram have `caption`."""
    return "text" not in entry and not is_of_threads(entry)


def _rows(record: dict[str, Any], context: FileContext) -> Iterator[Row | Reject | Page]:
    if "error" in record:
        yield _rejected(record["error"])
        return
    if of := _is_page_of(record):
        yield from _page(record, of, context)
        return
    # The id outside is the app user's own account, never the one that was asked for.
    account = record["business_discovery"]
    yield Row(
        "accounts",
        {
            "account_id": account.get("id"),
            "username": account.get("username"),
            "display_name": account.get("name"),
            "followers_count": account.get("followers_count"),
            "follows_count": account.get("follows_count"),
            "media_count": account.get("media_count"),
        },
    )
    if isinstance(at(account, "media", "data"), list):
        # Nested pages have no address of a next one: the last is the one without a cursor after it.
        paging = at(account, "media", "paging")
        goes_on = bool(at(paging, "next") or at(paging, "cursors", "after"))
        yield Page("instagram", "posts", goes_on, cell(account.get("id")))
    for post in items(account, "media", "data"):
        yield _post(post, account.get("id"))
        yield from _comments(post.get("id"), items(post, "comments", "data"))


def _page(record: dict[str, Any], of: str, context: FileContext) -> Iterator[Row | Page]:
    """The rows of a page, which says where the next one is unless it is the last."""
    if of == "insights":
        raise FileRefused(
            "insights_without_post",
            f"{context.name}: figures of one post, by themselves, with neither its account nor its likes and comments",
            fix="ask for them with the posts: /media?fields=id,username,timestamp,media_type,like_count,comments_count,"
            "insights.metric(reach,saved,shares,views)",
        )
    goes_on = bool(at(record, "paging", "next"))
    entries = items(record, "data")
    if of == "comments":
        posts = [at(entry, "media", "id") or context.post_of("a page of comments") for entry in entries]
        yield Page("instagram", "comments", goes_on, None, cell(posts[0]))
        for post, entry in zip(posts, entries, strict=True):
            yield from _comments(post, [entry])
        return
    owners = [
        at(entry, "owner", "id") or entry.get("username") or context.owner_of("a page of media") for entry in entries
    ]
    yield Page("instagram", "posts", goes_on, cell(owners[0]))
    for entry, owner in zip(entries, owners, strict=True):
        yield _post(entry, owner)
        yield from _comments(entry.get("id"), items(entry, "comments", "data"))


def _comments(post: Any, entries: list[dict[str, Any]]) -> Iterator[Row]:
    """Comments on a post, and the replies to each that are listed with it."""
    for entry in entries:
        member = at(entry, "from", "id") or entry.get("username") or at(entry, "from", "username")
        yield Row(
            "comments",
            {
                "post_id": post,
                "comment_id": entry.get("id"),
                "commenter_id": member,
                "commented_at": entry.get("timestamp"),
            },
        )
        yield from _comments(post, items(entry, "replies", "data"))


def _post(post: dict[str, Any], owner: Any) -> Row:
    told = figures(post)
    return Row(
        "posts",
        {
            "post_id": post.get("id"),
            "account_id": owner,
            "published_at": post.get("timestamp"),
            "media_type": media_type(post.get("media_type"), post.get("media_product_type")),
            "caption": post.get("caption"),
            # Absent where likes are hidden.
            "like_count": post.get("like_count"),
            "comment_count": post.get("comments_count"),
            # The newer name first.
            "view_count": next((told[name] for name in ("views", "plays", "video_views") if name in told), None),
            "share_count": told.get("shares"),
            "save_count": told.get("saved"),
            "reach_count": told.get("reach"),
        },
    )


def _rejected(error: dict[str, Any]) -> Reject:
    return Reject(
        f"an error reply, code {code_told(error.get('code'))}",
        "a reply with business_discovery, media or comments",
        "ask for the account again, or leave the file out",
        text_of(error),
        dataset="accounts",
    )


FORMAT = Format(
    "instagram_graph_api",
    "instagram",
    _recognises,
    _rows,
    {
        "posts": (
            "post_id", "account_id", "published_at", "media_type", "caption", "like_count", "comment_count",
            "view_count", "share_count", "save_count", "reach_count",
        ),
        "accounts": ("account_id", "username", "display_name", "followers_count", "follows_count", "media_count"),
        "comments": ("post_id", "comment_id", "commenter_id", "commented_at"),
    },
    {"published_at": "%Y-%m-%dT%H:%M:%S%z", "commented_at": "%Y-%m-%dT%H:%M:%S%z"},
)  # fmt: skip

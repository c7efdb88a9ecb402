"""Instagram account download, `past_instagram_insights`: posts and reels with the figures that only their owner sees.

Labels are in the language of the account, counts grouped as it groups them. No post is named: it is known by its owner and
the second it was made, which stay the same in every download.
"""

import re
from collections.abc import Iterator
from typing import Any

from ingest.formats.base import FileContext, Format, Row, at, items
from ingest.formats.encodings import EPOCH, repaired
from ingest.privacy import keys_listed
from schemas.rejects import Reject

KINDS = {"organic_insights_posts": None, "organic_insights_reels": "reel"}
# By column, in lower case: English, German, Portuguese.
LABELS = {
    "accounts reached": "reach_count", "erreichte konten": "reach_count", "contas alcançadas": "reach_count",
    "likes": "like_count", "„gefällt mir“-angaben": "like_count", "curtidas": "like_count",
    "comments": "comment_count", "kommentare": "comment_count", "comentários": "comment_count",
    "shares": "share_count", "geteilt": "share_count", "compartilhamentos": "share_count",
    "saves": "save_count", "gespeichert": "save_count", "salvamentos": "save_count",
    "views": "view_count", "instagram plays": "view_count", "plays": "view_count",
}  # fmt: skip
NOT_TOLD = frozenset({"", "--", "-"})
# Counts are whole, so that groups of three are thousands in whichever language.
GROUPED = re.compile(r"\d{1,3}(?:[.,'\u2019\u00a0\u202f ]\d{3})+")


def _recognises(record: dict[str, Any]) -> bool:
    return any(isinstance(record.get(kind), list) for kind in KINDS)


def _rows(record: dict[str, Any], context: FileContext) -> Iterator[Row | Reject]:
    for name, kind in KINDS.items():
        for entry in items(record, name):
            counts, made = _counts(entry), _made_at(entry)
            if not counts or made is None:
                yield Reject(
                    "a post whose labels are of another language" if made is not None else "a post without a time",
                    "labels in English, German or Portuguese",
                    "ask for the download in one of these languages",
                    keys_listed(entry),
                    dataset="posts",
                )
                continue
            owner = context.owner_of("a list of insights")
            cells = {"post_id": f"{owner}/{made}", "account_id": owner, "published_at": made, "media_type": kind}
            yield Row("posts", {**cells, "caption": _title(entry), **counts})


def _counts(entry: dict[str, Any]) -> dict[str, Any]:
    """The figures that are known by their labels: null where Instagram writes dashes."""
    labelled = at(entry, "string_map_data")
    found = {}
    for label, told in labelled.items() if isinstance(labelled, dict) else ():
        column = LABELS.get(str(repaired(label)).strip().casefold())
        if column:
            found[column] = _count(at(told, "value"))
    return found


def _count(value: Any) -> Any:
    text = repaired(value).strip() if isinstance(value, str) else value
    if isinstance(text, str) and GROUPED.fullmatch(text):
        return re.sub(r"\D", "", text)
    return None if isinstance(text, str) and text in NOT_TOLD else text


def _media(entry: dict[str, Any]) -> list[dict[str, Any]]:
    media = at(entry, "media_map_data")
    return [medium for medium in media.values() if isinstance(medium, dict)] if isinstance(media, dict) else []


def _made_at(entry: dict[str, Any]) -> int | None:
    """When a post was made: with its picture, else the one label that carries a time."""
    labelled = at(entry, "string_map_data")
    told = [at(medium, "creation_timestamp") for medium in (*_media(entry), entry)]
    told += [at(label, "timestamp") for label in labelled.values()] if isinstance(labelled, dict) else []
    return next((second for second in told if type(second) is int and second > 0), None)


def _title(entry: dict[str, Any]) -> Any:
    return next((repaired(title) for medium in (*_media(entry), entry) if (title := medium.get("title"))), None)


FORMAT = Format(
    "instagram_past_insights",
    "instagram",
    _recognises,
    _rows,
    {
        "posts": (
            "post_id", "account_id", "published_at", "media_type", "caption", "like_count", "comment_count",
            "view_count", "share_count", "save_count", "reach_count",
        ),
    },
    {"published_at": EPOCH},
)  # fmt: skip

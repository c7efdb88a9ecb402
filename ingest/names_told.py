"""Which names of a file's columns or keys may be told of it: those of a vocabulary.

The first line of a list without header, and the keys of an object by person, are members, and look like any other name.
"""

import re
from collections.abc import Collection, Iterable
from functools import cache

from ingest.cast.column_names import WORDS, words_of
from ingest.vendor_tables.registry import known_tables
from schemas.columns import columns_of
from schemas.sources import Source
from schemas.tables import DATASETS

NAMES_SHOWN, NAME_LENGTH = 12, 60
# What holds the records of a reply, or is said beside them.
OF_REPLIES = (
    "data", "error", "errors", "meta", "paging", "items", "kind", "result", "results", "status", "message", "code",
    "cursor", "has_more", "stream", "record", "records", "emitted_at", "schema", "user", "users", "video", "timestamp",
)  # fmt: skip


# What columns of other tables about influencers are named after.
OF_TABLES = [
    "handle",
    "channel",
    "profile",
    "partner",
    "brand",
    "campaign",
    "network",
    "fee",
    "deal",
    "reach",
    "platform",
    "account",
    "follower",
    "post",
]
SEPARATORS = r"[,;|\t]"


def folded(name: str) -> str:
    """A name without case and signs: `Post ID` is `post_id`."""
    return re.sub(r"[\W_]", "", name.casefold())


@cache
def _vocabulary() -> tuple[frozenset[str], frozenset[str]]:
    """The names of all columns that are known, folded, and the words that such names are made of."""
    canonical = {fact.name for model in DATASETS.values() for fact in columns_of(model)}
    shipped = {name for table in known_tables() for name in table.header}
    shipped |= {reading.source for table in known_tables() for load in table.load
                for readings in load.columns.values() for reading in readings if reading.source}  # fmt: skip
    words = {word for text in WORDS.values() for word in text.split()}
    words |= {word for name in (*canonical, *OF_REPLIES, *OF_TABLES) for word in words_of(name)}
    return frozenset(map(folded, (*canonical, *shipped, *OF_REPLIES))), frozenset(words)


def declared_names(source: Source) -> frozenset[str]:
    """The columns that sources.toml names: whoever wrote it knows them for names."""
    read = {
        name for load in source.load for each in load.columns.values() for name in (each.source, *each.also) if name
    }
    return frozenset(read | set(source.text_columns))


def names_that_may_be_told(header: Iterable[str], declared: Collection[str] = ()) -> frozenset[str]:
    """Of the names of a file all, where most are known or made of known words; else those alone that are known."""
    names, (vocabulary, words) = list(dict.fromkeys(header)), _vocabulary()
    if len(names) == 1 and len(parts := re.split(SEPARATORS, names[0])) > 1:
        # A header whose separator is not known.
        return frozenset(names) if len(names_that_may_be_told(parts)) == len(set(parts)) else frozenset()
    known = {name for name in names if name in declared or folded(name) in vocabulary}
    likely = {
        name for name in names if (own := words_of(name)) and words.issuperset(own) and not re.search(r"\d", name)
    }
    is_header = (bool(known) or len(likely) > 1) and 2 * len(known | likely) > len(names)
    return frozenset(names if is_header else known)


def listed(names: Iterable[str], header: Iterable[str], declared: Collection[str] = (), noun: str = "column") -> str:
    """Some names of a file for a message: `likes, date and 2 other columns`, or `3 columns` where none may be told."""
    names, may = list(names), names_that_may_be_told(header, declared)
    shown = [name[:NAME_LENGTH] for name in names if name in may]
    hidden = len(names) - len(shown)
    text = ", ".join(shown[:NAMES_SHOWN]) + (" ..." if len(shown) > NAMES_SHOWN else "")
    if not hidden:
        return text or f"no {noun}"
    count = f"{hidden:,}{' other' if shown else ''} {noun}{'' if hidden == 1 else 's'}"
    return f"{text} and {count}" if shown else count


def kept_by_name(kinds: dict[str, str | None], source: Source) -> dict[str, str | None]:
    """What is known of the columns of a file, those whose name may not be told by their place."""
    may = names_that_may_be_told(kinds, declared_names(source))
    return {name if name in may else f"column {place}": kind for place, (name, kind) in enumerate(kinds.items(), 1)}

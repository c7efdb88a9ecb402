"""What may be said of a file outside the lake: the one guard of every text that a ledger, a reject or a message takes from it.

Followers, likers and commenters never leave the lake, whatever their file is taken for. The first line of a list without
header, and the keys of an object by person, are members, and look like any other name; with columns swapped, a member
stands in any cell. So names of columns and keys are told where a vocabulary has them, else counted, and texts of records
and cells are told of files alone that can hold no member.
"""

import re
from collections.abc import Collection, Iterable
from functools import cache
from typing import Any

import polars as pl

from ingest.cast.column_names import WORDS, words_of
from ingest.cast.edges import MEMBER
from ingest.readers.base import OF_SHEETS
from ingest.vendor_tables.registry import known_tables
from schemas.columns import columns_of
from schemas.sources import Source
from schemas.tables import DATASETS

MASK = "(not shown: it may name a member)"
NAMES_SHOWN, NAME_LENGTH = 12, 60
SAMPLES_SHOWN, SAMPLE_LENGTH = 3, 60
# Formats with one header for all records, which once recognised holds nothing but names.
TABLES = ("csv", "parquet", "sheet", *OF_SHEETS)
SEPARATORS = r"[,;|\t]"
# What the advice on a cell tells of it: the number that a declaration would find in it.
NUMBER_FOUND = r" \(-?[0-9.e+]+\)"
# What holds the records of a reply, or is said beside them.
OF_REPLIES = (
    "data error errors meta paging items kind result results status message code cursor has_more stream record records "
    "emitted_at schema user users video timestamp"
)
# What columns of other tables about influencers are named after.
OF_TABLES = "handle channel profile partner brand campaign network fee deal reach platform account follower post"
# What codes and titles of errors are made of.
OF_ERRORS = (
    "access authorization authorized bad denied does error exceeded exist expired failed forbidden found internal invalid "
    "limit login many missing no not ok page param parameter parameters params permission private quota rate request "
    "required resource scope server timeout token too unauthorized unavailable unknown unsupported usage"
)


def may_name_members(datasets: Iterable[str]) -> bool:
    """Whether a file of these datasets holds members: then any of its cells may be one, whichever of them it is read for."""
    return not MEMBER.keys().isdisjoint(datasets)


def hidden_rejects(datasets: Iterable[str], *, of_format: bool = False) -> pl.Expr:
    """Which rejects of a file may name a member.

    Where a known format put each cell below its column, the dataset of a cell is sure: that of a whole record is not.
    """
    if not may_name_members(datasets):
        return pl.lit(value=False)
    is_of_members = pl.col("dataset").is_in(list(MEMBER)) | pl.col("column_name").is_null()
    return is_of_members if of_format else pl.lit(value=True)


def masked(rejects: pl.DataFrame, hidden: pl.Expr) -> pl.DataFrame:
    """Rejects without what stood in the file, where that may name a member."""
    fix = pl.col("fix").str.replace_all(NUMBER_FOUND, "")
    return rejects.with_columns(
        pl.when(hidden).then(pl.lit(MASK)).otherwise(pl.col("value")).alias("value"),
        pl.when(hidden).then(fix).otherwise(pl.col("fix")).alias("fix"),
    )


def samples_told(cells: pl.Series, datasets: Iterable[str]) -> str:
    """Some of the cells of a column for a message: `such as 'a', 'b'`, masked where they may be members."""
    if may_name_members(datasets):
        return f"such as {MASK}"
    different = cells.drop_nulls().unique(maintain_order=True).head(SAMPLES_SHOWN).to_list()
    return f"such as {', '.join(repr(text[:SAMPLE_LENGTH]) for text in different)}"


def code_told(code: Any) -> str:
    """The code or title of an error reply, where it is a short number or made of the words of errors; its text is not told."""
    if isinstance(code, int) and abs(code) < 1_000_000:
        return str(code)
    words = words_of(code) if isinstance(code, str) and not re.search(r"\d", code) else []
    return (
        str(code)[:NAME_LENGTH]
        if words and _known_words().union(OF_ERRORS.split()).issuperset(words)
        else "its text is not shown"
    )


def folded(name: str) -> str:
    """A name without case and signs: `Post ID` is `post_id`."""
    return re.sub(r"[\W_]", "", name.casefold())


@cache
def _canonical_names() -> frozenset[str]:
    return frozenset(fact.name for model in DATASETS.values() for fact in columns_of(model))


@cache
def _known_names() -> frozenset[str]:
    """The names of all columns and keys that are known, folded."""
    shipped = {name for table in known_tables() for name in table.header}
    shipped |= {reading.source for table in known_tables() for load in table.load
                for readings in load.columns.values() for reading in readings if reading.source}  # fmt: skip
    return frozenset(map(folded, (*_canonical_names(), *shipped, *OF_REPLIES.split())))


@cache
def _known_words() -> frozenset[str]:
    """The words that names of columns are made of."""
    names = (*_canonical_names(), *OF_REPLIES.split(), *OF_TABLES.split())
    return frozenset(word for name in names for word in words_of(name)).union(
        *(text.split() for text in WORDS.values())
    )


def names_of_table(header: Collection[str], format: str | None, source: Source) -> frozenset[str]:
    """The columns that may be told of a file whose header is recognised: all, except where keys of JSON stand for it.

    Where sources.toml says by position alone what they are, nothing of the header is.
    """
    declared = declared_names(source)
    is_recognised = format in TABLES and bool(declared or not source.load)
    return frozenset(header) if is_recognised else names_told(header, declared)


def declared_names(source: Source) -> frozenset[str]:
    """The columns that sources.toml names: whoever wrote it knows them for names."""
    read = {name for load in source.load for each in load.columns.values() for name in each.names}
    asked = {name for load in source.load for name in load.columns_asked}
    return frozenset(read | asked | set(source.text_columns) | set(source.where) | set(source.where_not))


def names_told(header: Iterable[str], declared: Collection[str] = ()) -> frozenset[str]:
    """Of the columns of a file those that are known, and where most are, those made of known words too."""
    names, words = list(dict.fromkeys(header)), _known_words()
    if len(names) == 1 and len(parts := re.split(SEPARATORS, names[0])) > 1:
        # A header whose separator is not known.
        return frozenset(names) if len(names_told(parts)) == len(set(parts)) else frozenset()
    known = {name for name in names if name in declared or folded(name) in _known_names()}
    likely = {
        name for name in names if (own := words_of(name)) and words.issuperset(own) and not re.search(r"\d", name)
    }
    is_header = (bool(known) or len(likely) > 1) and 2 * len(known | likely) > len(names)
    return frozenset(known | likely if is_header else known)


def columns_listed(names: Iterable[str], may: Collection[str]) -> str:
    """Some columns of a file for a message: `likes, date and 2 other columns`, or `3 columns` where none may be told."""
    return _listed(list(names), may, "column")


def column_named(name: str, header: Iterable[str], may: Collection[str]) -> str:
    """A column for a message, by its name where that may be told, else by its place."""
    return f"column {name[:NAME_LENGTH]!r}" if name in may else f"column {list(header).index(name) + 1}"


def keys_listed(keys: Iterable[str], declared: Collection[str] = ()) -> str:
    """The keys of an object for a message: those that are known. Beside them any other may be a person."""
    keys = list(keys)
    return _listed(keys, {key for key in keys if key in declared or folded(key) in _known_names()}, "key")


def key_named(key: str) -> str:
    return f"key {key!a}" if folded(key) in _known_names() else "a key"


def _listed(names: list[str], may: Collection[str], noun: str) -> str:
    shown = [name[:NAME_LENGTH] for name in names if name in may]
    hidden = len(names) - len(shown)
    text = ", ".join(shown[:NAMES_SHOWN]) + (" ..." if len(shown) > NAMES_SHOWN else "")
    if not hidden:
        return text or f"no {noun}"
    count = f"{hidden:,}{' other' if shown else ''} {noun}{'' if hidden == 1 else 's'}"
    return f"{text} and {count}" if shown else count


def kept_by_name(kinds: dict[str, str | None], may: frozenset[str]) -> dict[str, str | None]:
    """What is known of the columns of a file, those whose name may not be told by their place."""
    if kinds.keys() <= may:
        return kinds
    return {name if name in may else f"column {place}": kind for place, (name, kind) in enumerate(kinds.items(), 1)}

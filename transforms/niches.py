"""Topics as people write them, made one word for one thing."""

import polars as pl

UNKNOWN = "unknown"
# Stands for all niches together where a table has rows of both kinds. No topic may be called so.
ALL_NICHES = "(all)"

# Written so : meant so. Only spellings met in real exports; a guess would move an account to another niche.
ALIASES = {
    "fasion": "fashion",
    "fashon": "fashion",
    "fornite": "fortnite",
    "ai editing tool": "ai tools",
    "beaty": "beauty",
    "make up": "beauty",
    "makeup": "beauty",
    "fitnes": "fitness",
    "travelling": "travel",
    "traveling": "travel",
    "foodie": "food",
    "nan": UNKNOWN,
    "none": UNKNOWN,
    "null": UNKNOWN,
    "n/a": UNKNOWN,
    "n/a'": UNKNOWN,
    "-": UNKNOWN,
}

# How much a topic counts, behind it: a share as in `food 0.5` and `food: .5`, a percentage as in `food 34%`, whatever number
# stands in brackets. Any other number is part of a name, as in `Formula 1`, `Over 50` and `Web 3.0`.
WEIGHT = r" ?(?:[: ] ?(?:0?\.[0-9]+|1\.0+|[0-9.]+ ?%)|\([0-9.]+ ?%?\))$"


def normalise_niche(raw: pl.Expr) -> pl.Expr:
    """The first topic listed, lower case, single-spaced, without a trailing weight, by the alias table.

    `Fashion 0.5` and `fasion` are `fashion`; null, blank, addresses and `unknown: ...` are `unknown`.
    """
    # A list may begin with an empty place; the first topic is the first that is one.
    first = raw.str.strip_chars(" \t\r\n;|,").str.replace(r"(?s)[;|,].*$", "")
    return _topic(first).fill_null(UNKNOWN)


def topics_in(raw: pl.Expr) -> pl.Expr:
    """All topics listed, each normalised as the first is, in their order and each once; `unknown` alone where none is one."""
    parts = raw.str.replace_all(r"[;|]", ",").str.split(",")
    topics = parts.list.eval(_topic(pl.element())).list.drop_nulls().list.unique(maintain_order=True)
    return pl.when(topics.list.len() > 0).then(topics).otherwise(pl.lit([UNKNOWN]))


def _topic(text: pl.Expr) -> pl.Expr:
    """One topic normalised; null where the text is none."""
    words = text.str.to_lowercase().str.replace_all(r"[\s_]+", " ").str.strip_chars().str.replace(WEIGHT, "")
    known = words.replace(ALIASES)
    is_topic = ~known.is_in(["", ALL_NICHES, UNKNOWN]) & ~known.str.contains("://", literal=True)
    is_topic &= ~known.str.starts_with(f"{UNKNOWN}:")
    return pl.when(is_topic).then(known)

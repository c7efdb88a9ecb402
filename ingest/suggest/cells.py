"""How the cells of a column are written: every convention that reads all of them, and what would decide between two."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import get_args

import polars as pl

from ingest.cast import grammars, parsing, trials
from schemas.handles import certain_handle
from schemas.profile_addresses import LISTED
from schemas.sources import NumberConvention

# Days and times as exports write them, beside those that need no declaration.
DAYS = (
    "%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%d-%m-%Y", "%m-%d-%Y", "%Y/%m/%d", "%Y.%m.%d", "%Y%m%d", "%d/%m/%y", "%m/%d/%y", "%d.%m.%y",
    "%y.%d.%m", "%b %d, %Y", "%B %d, %Y", "%d %b %Y", "%d %B %Y", "%d-%b-%Y", "%b-%y", "%Y-%m", "%b %Y", "%B %Y",
)  # fmt: skip
CLOCKS = ("", " %H:%M", " %H:%M:%S", ", %H:%M", ", %H:%M:%S", " %I:%M %p", " %I:%M:%S %p", "T%H:%M:%S")
PATTERNS = (
    *(f"{day}{clock}" for clock in CLOCKS for day in DAYS),
    "%a %b %d %H:%M:%S %z %Y",
    "%a, %d %b %Y %H:%M:%S %z",
)
EPOCH = r"^1[0-9]{9}(?:[0-9]{3})?(?:\.[0-9]+)?$"
# What stands in the address of a post; on a site that is not listed there is at least more than a name.
OF_POST = (
    r"(?i)/(?:p|reels?|tv|status|statuses|videos?|watch|shorts|live|posts|photos?|pin|note|item|comments|permalink|story|stories"
    r"|permalink\.php|story\.php|photo\.php|video\.php|post|clip|t|v|share)[/?].|urn:li:|youtu\.be/|fb\.watch/|v[mt]\.tiktok\.com/"
)
OF_LISTED = rf"(?i)(?:^|[/.])(?:{LISTED})/"
OF_PAGE = r"^(?:https?://)?[^/?#]+/[^/?#]+[/?][^/?#]"
LANGUAGES_ASKED_FOR = 20  # different cells
NOT_KNOWN_MAX = 3  # kinds of texts in a column of numbers that may mean that nothing is known


@dataclass(frozen=True)
class Written:
    """How a column is written: the conventions that read every cell; of those the ones that find other figures, likeliest
    first; texts that none reads; cells that would tell which of them is meant."""

    fitting: tuple[str, ...]
    ways: tuple[str, ...] = ()
    not_known: tuple[str, ...] = ()
    telling: tuple[str, ...] = ()


def numbers(cells: pl.Series, *, whole: bool) -> Written | None:
    """The conventions for numbers that read every cell; null where none does."""
    texts = _texts(cells)
    if texts.is_empty():
        return Written(get_args(NumberConvention), ("plain",))
    read = parsing.whole_number if whole else parsing.decimal_number
    ways = get_args(NumberConvention)
    values = texts.to_frame("text").with_columns(read(pl.col("text"), way).cast(pl.Float64).alias(way) for way in ways)
    unread = (
        values.filter(pl.all_horizontal(pl.col(way).is_null() for way in ways))
        .get_column("text")
        .unique(maintain_order=True)
    )
    if unread.len() > NOT_KNOWN_MAX or unread.len() * 2 > texts.n_unique() or unread.str.contains("[0-9]").any():
        return None
    known = values.filter(~pl.col("text").is_in(unread.implode()))
    fitting = [way for way in ways if known.get_column(way).null_count() == 0]
    if not fitting:
        return None
    # Every number is a percentage to the convention that takes them with and without their sign.
    has_percent = texts.str.contains(grammars.PERCENT).any()
    first = known.get_column(fitting[0])
    others = [
        way for way in fitting[1:] if (way != "percent" or has_percent) and not known.get_column(way).equals(first)
    ]
    if not others:
        return Written(tuple(fitting), (fitting[0],), tuple(unread))
    differ = known.filter(pl.any_horizontal(pl.col(way) != pl.col(fitting[0]) for way in others))
    telling = differ.get_column("text").unique(maintain_order=True).head(3)
    return Written(tuple(fitting), (fitting[0], *others), tuple(unread), tuple(telling))


def in_a_language(cells: pl.Series, *, whole: bool) -> str | None:
    """What would read cells that no convention reads: languages, each with the number that it finds in the first."""
    texts = _texts(cells).unique(maintain_order=True).head(LANGUAGES_ASKED_FOR).alias("value").to_frame()
    read = parsing.whole_number if whole else parsing.decimal_number
    found = trials.by_language(texts, None, lambda convention: read(trials.VALUE, convention)).get_column("declare")
    if found.len():
        return str(found[0])
    share = parsing.decimal_number(trials.VALUE, grammars.in_language(trials.WITH_COMMA, "percent"))
    shares = texts.filter(trials.VALUE.str.contains(grammars.PERCENT)).select(share).to_series().drop_nulls()
    return f"{trials.PERCENT_WITH_COMMA} ({shares[0]})" if shares.len() and not whole else None


def times(cells: pl.Series, *, day: bool = False) -> Written | None:
    """The date formats that read every cell; "" stands for those that need no declaration."""
    texts = _texts(cells)
    if texts.is_empty():
        return None
    frame = texts.to_frame("text")
    iso = (*parsing.INSTANT_FORMATS, *parsing.ZONELESS_FORMATS)
    if not day and frame.select(parsing.instant(pl.col("text"), iso, "UTC").is_not_null().all()).item():
        return Written(("",), ("",))
    if day and frame.select(parsing.day(pl.col("text"), None).is_not_null().all()).item():
        return Written(("",), ("",))
    if texts.str.contains(EPOCH).all():
        return Written(("epoch",), ("epoch",))
    fitting = _fitting(frame, PATTERNS)
    if not fitting:
        return None
    return Written(tuple(fitting), tuple(fitting), telling=tuple(texts.head(3)))


def _fitting(frame: pl.DataFrame, patterns: Iterable[str]) -> list[str]:
    head = frame.head(20)
    likely = [
        p for p in patterns if head.select(parsing.instant(pl.col("text"), (p,), "UTC").is_not_null().all()).item()
    ]
    return [p for p in likely if frame.select(parsing.instant(pl.col("text"), (p,), "UTC").is_not_null().all()).item()]


def needs_zone(fmt: str, cells: pl.Series) -> bool:
    """Whether times of day are written without the zone they are of."""
    if fmt:
        return not parsing.tells_zone(fmt)
    texts = _texts(cells).to_frame("text")
    return not texts.select(parsing.instant(pl.col("text"), parsing.INSTANT_FORMATS, None).is_not_null().all()).item()


def _texts(cells: pl.Series) -> pl.Series:
    bare = cells.str.strip_chars()
    return bare.filter(bare != "").drop_nulls()


def are_of_posts(links: pl.Series) -> bool:
    """Whether most of the addresses in a column are those of posts. A column without any may hold their codes."""
    link = pl.col("link")
    is_post = link.str.contains(OF_POST) | (link.str.contains(OF_PAGE) & ~link.str.contains(OF_LISTED))
    told = links.to_frame("link").filter(link.str.contains("/", literal=True)).select(is_post).to_series()
    return told.is_empty() or told.sum() * 2 > told.len()


def are_of_profiles(links: pl.Series) -> bool:
    """Whether most of them name an account."""
    return links.to_frame("link").select(certain_handle(pl.col("link"))).to_series().count() * 2 > links.len()

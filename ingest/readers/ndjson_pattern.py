"""The quick way through an NDJSON file: a regular expression that nearly all of its lines match.

An export is written by one program, so its lines have the same keys in the same order, some of them left out at times.
What matches is an object with each key once and plain values, whose cells are the very characters between the quotes
or the digits as they stand. Everything else is left to the parser: other orders, other keys, a key twice, escapes,
control characters, nested values, damage.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise
from pathlib import Path

import polars as pl

from ingest.readers.base import CHUNK, Layout, batches_of
from schemas.sources import LINE, RECORD

TEXT = r'[^"\\\x00-\x1f]*'
BARE = r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?|true|false"
GAP = r"[ \t]*"
# What Python calls blank: the four separators of ASCII among it.
NOT_BLANK = r"[^\s\x1c-\x1f]"
KEYS_MAX = 50
# Shapes below this share of the first lines are exceptions; below this share of matches the quick way is no gain.
SHAPE_SHARE, MATCH_SHARE = 0.01, 0.75
BOM = "\ufeff".encode()


def pattern_of(lines: Sequence[str], shapes: Sequence[tuple[str, ...]], known: tuple[str, ...]) -> str:
    """What nearly all of these lines look like, given the keys of each that is an object; none if they differ too much.

    The groups of a key are named by its position among the known ones: `s3` its text, `b3` a number, true or false.
    """
    counts = Counter(shapes)
    usual = [shape for shape, count in counts.items() if count >= SHAPE_SHARE * len(shapes)]
    order = _common_order(usual, counts)
    if len(order) > KEYS_MAX:
        return ""
    always = [key for key in order if all(key in shape for shape in usual if set(shape) <= set(order))]
    plain = pl.Series(order, dtype=pl.String).str.contains(rf"^{TEXT}$").all()
    if not always or not plain:
        return ""
    pattern = _pattern(order, always, {key: position for position, key in enumerate(known)})
    texts = pl.Series([line.rstrip("\n") for line in lines if line.strip()], dtype=pl.String)
    return pattern if texts.str.contains(pattern).sum() >= MATCH_SHARE * texts.len() else ""


def _common_order(shapes: Sequence[tuple[str, ...]], counts: Counter[tuple[str, ...]]) -> tuple[str, ...]:
    """One order of keys that all shapes follow; that of the most frequent where there is none."""
    order: TopologicalSorter[str] = TopologicalSorter()
    for shape in shapes:
        for key in shape:
            order.add(key)
        for before, after in pairwise(shape):
            order.add(after, before)
    try:
        return tuple(order.static_order())
    except CycleError:
        return max(shapes, key=lambda shape: counts[shape])


def _pattern(order: tuple[str, ...], always: Sequence[str], positions: dict[str, int]) -> str:
    """Keys before the first that is always there carry their comma behind them, those after it before them."""
    anchor, comma = order.index(always[0]), f"{GAP},{GAP}"
    parts = []
    for place, key in enumerate(order):
        number = positions[key]
        member = f'"{pl.escape_regex(key)}"{GAP}:{GAP}(?:"(?P<s{number}>{TEXT})"|null|(?P<b{number}>{BARE}))'
        before, after = (comma, "") if place > anchor else ("", comma if place < anchor else "")
        parts.append(f"{before}{member}{after}" if key in always else f"(?:{before}{member}{after})?")
    return rf"^{GAP}(?P<open>\{{){GAP}{''.join(parts)}{GAP}\}}[ \t\r]*$"


def is_regular(path: Path) -> bool:
    """Whether the file is UTF-8 whose lines end in LF or CR LF, with a mark of byte order nowhere but before an object.

    Only then do Polars and Python see the same lines.
    """
    with path.open("rb") as stream:
        start = stream.read(len(BOM) + 1)
        stream.seek(len(BOM) if start == BOM + b"{" else 0)
        while chunk := stream.read(CHUNK) + stream.readline():
            if not chunk.isascii():
                try:
                    chunk.decode()
                except UnicodeDecodeError:
                    return False
                if BOM in chunk:
                    return False
            if b"\r" in chunk and chunk.count(b"\r") != chunk.count(b"\r\n"):
                return False
    return True


def unlike_lines(path: Path, pattern: str) -> Iterator[str]:
    """The lines that do not match."""
    lines = pl.scan_lines(path, name=LINE, glob=False).filter(~pl.col(LINE).str.contains(pattern))
    for batch in batches_of(lines):
        yield from (line.removeprefix("\ufeff") for line in batch.get_column(LINE))


def scan(path: Path, layout: Layout) -> pl.LazyFrame:
    """Number and cells of each record as text; of a line that does not match its text in their place."""
    taken = pl.col(LINE).str.extract_groups(layout.line_pattern)
    cells = [_cell(layout, position).alias(name) for position, name in enumerate(layout.header)]
    return (
        pl.scan_lines(path, name=LINE, glob=False)
        .filter(pl.col(LINE).str.contains(NOT_BLANK))
        .with_row_index(RECORD, offset=1)
        .select(RECORD, LINE, taken.alias("taken"))
        .select(RECORD, *cells, pl.when(_group("open").is_null()).then(pl.col(LINE)).alias(LINE))
    )


def _cell(layout: Layout, position: int) -> pl.Expr:
    """The value of a key: a text unless it is empty, else the number, true or false as it stands."""
    if f"(?P<s{position}>" not in layout.line_pattern:
        return pl.lit(None, pl.String)
    text = _group(f"s{position}")
    return pl.when(text != "").then(text).otherwise(_group(f"b{position}"))


def _group(name: str) -> pl.Expr:
    return pl.col("taken").struct.field(name)

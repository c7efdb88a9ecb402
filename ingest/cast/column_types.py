"""What the columns of a file hold, told from its first rows: numbers, times, text, or words throughout."""

from collections.abc import Callable
from functools import partial
from typing import get_args

import polars as pl
import polars.selectors as cs

from ingest.cast import parsing
from schemas.sources import LINE, RECORD, NumberConvention, Source

SAMPLE_ROWS = 1000
WHOLE = r"^[+-]?[0-9]+$"
# From so many cells on a column can be said to hold words throughout: in this share of them.
CELLS_MIN = 5
SHARE_MIN = 0.95
# A word or a name, as no number begins in any convention; `over 500`, `Rs. 500` and `R500` may be numbers after all.
WORD = r"^[@#]?\pL"
NEARLY_NUMBER = r"^[\pL.$]{1,3}\d|(?:^|\s)\d"
NO_WORDS = (
    "n/a", "na", "n.a.", "nan", "none", "null", "nil", "unknown", "hidden", "private", "tbd", "not available", "no data",
    "true", "false", "yes", "no",
)  # fmt: skip
DAY_FIRST = r"^[0-9]{4}-[0-9]{2}(?:-[0-9]{2})?(?:$|[T ])"


def column_kinds(sample: pl.DataFrame, source: Source) -> dict[str, str | None]:
    """Each column with its kind, in the order of the file: number, time, text or words; null where no cell is known."""
    rows = sample.head(SAMPLE_ROWS).select(~cs.by_name(RECORD, LINE, require_all=False))
    text = cs.all().as_expr().str.strip_chars()
    known = rows.select(pl.when(~text.is_in(["", *source.null_words])).then(text))
    kinds: dict[str, str | None] = dict.fromkeys(rows.columns)
    left = [column.name for column in known if column.null_count() < column.len()]
    # Each question is asked of all columns at once, the costly ones of those alone that no other has told.
    for kind, holds in _questions(source):
        told = _all(known, left, holds)
        kinds |= dict.fromkeys(told, kind)
        left = [name for name in left if name not in told]
    numbers = _all(known, _all(known, left, _have_digits), _are_numbers)
    words = _all(known, [name for name in left if name not in numbers], _are_words)
    return kinds | dict.fromkeys(left, "text") | dict.fromkeys(numbers, "number") | dict.fromkeys(words, "words")


def _questions(source: Source) -> list[tuple[str, Callable[[pl.Expr], pl.Expr]]]:
    """A kind, and what is quickly asked of every cell of its columns."""
    return [
        ("number", lambda text: text.str.contains(WHOLE).all()),
        ("time", lambda text: text.str.contains(DAY_FIRST).all()),
        *([("time", partial(_are_times, source=source))] if source.date_format else []),
    ]


def _have_digits(text: pl.Expr) -> pl.Expr:
    """No number without a digit."""
    return text.str.contains("[0-9]").all()


def _are_words(text: pl.Expr) -> pl.Expr:
    """Whether nearly all cells are words."""
    numbers = [parsing.decimal_number(text, convention).is_not_null() for convention in ("words", "prices")]
    is_word = text.str.contains(WORD) & ~text.str.contains(NEARLY_NUMBER) & ~text.str.to_lowercase().is_in(NO_WORDS)
    return (is_word & ~pl.any_horizontal(numbers)).sum() >= pl.max_horizontal(CELLS_MIN, SHARE_MIN * text.count())


def _are_times(text: pl.Expr, source: Source) -> pl.Expr:
    formats = (str(source.date_format),)
    return (text.is_null() | parsing.instant(text, formats, source.time_zone).is_not_null()).all()


def _are_numbers(text: pl.Expr) -> pl.Expr:
    written = [parsing.decimal_number(text, convention).is_not_null() for convention in get_args(NumberConvention)]
    return pl.any_horizontal(text.is_null(), *written).all()


def _all(cells: pl.DataFrame, names: list[str], holds: Callable[[pl.Expr], pl.Expr]) -> list[str]:
    """The columns of which it is true."""
    if not names:
        return []
    answers = cells.select(holds(cs.by_name(name).as_expr()).alias(name) for name in names).row(0)
    return [name for name, answer in zip(names, answers, strict=True) if answer]

"""What the columns of a file hold, told from its first rows: numbers, times or text."""

from collections.abc import Callable
from functools import partial
from typing import get_args

import polars as pl
import polars.selectors as cs

from ingest.cast import parsing
from schemas.sources import LINE, RECORD, NumberConvention, Source

SAMPLE_ROWS = 1000
WHOLE = r"^[+-]?[0-9]+$"
DAY_FIRST = r"^[0-9]{4}-[0-9]{2}(?:-[0-9]{2})?(?:$|[T ])"


def column_kinds(sample: pl.DataFrame, source: Source) -> dict[str, str | None]:
    """Each column with its kind, in the order of the file; null where no cell is known."""
    rows = sample.head(SAMPLE_ROWS).select(~cs.by_name(RECORD, LINE, require_all=False))
    text = cs.all().as_expr().str.strip_chars()
    known = rows.select(pl.when(~text.is_in(["", *source.null_words])).then(text))
    kinds: dict[str, str | None] = dict.fromkeys(rows.columns)
    left = [column.name for column in known if column.null_count() < column.len()]
    # Each question is asked of all columns at once, the costly one of those alone that no other has told.
    for kind, holds in _questions(source):
        told = _all(known, left, holds)
        kinds |= dict.fromkeys(told, kind)
        left = [name for name in left if name not in told]
    return kinds


def _questions(source: Source) -> list[tuple[str, Callable[[pl.Expr], pl.Expr]]]:
    """A kind, and what is true of every cell of its columns."""
    return [
        ("number", lambda text: text.str.contains(WHOLE).all()),
        ("time", lambda text: text.str.contains(DAY_FIRST).all()),
        *([("time", partial(_are_times, source=source))] if source.date_format else []),
        # No number without a digit.
        ("text", lambda text: ~text.str.contains("[0-9]").all()),
        ("number", _are_numbers),
        ("text", lambda text: pl.lit(value=True)),
    ]


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

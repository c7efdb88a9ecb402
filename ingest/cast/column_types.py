"""What the columns of a file hold, told from its first rows: numbers, times, text, or words throughout."""

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
    rows = sample.head(SAMPLE_ROWS)
    names = [name for name in rows.columns if name not in (RECORD, LINE)]
    return {name: _kind(rows.select(cs.by_name(name).as_expr().alias("text")), source) for name in names}


def _kind(cells: pl.DataFrame, source: Source) -> str | None:
    text = pl.col("text").str.strip_chars()
    known = cells.select(pl.when(~text.is_in(["", *source.null_words])).then(text)).drop_nulls()
    if known.is_empty():
        return None
    text = pl.col("text")
    if _all(known, text.str.contains(WHOLE)):
        return "number"
    if _all(known, text.str.contains(DAY_FIRST)) or (source.date_format and _all(known, _is_time(text, source))):
        return "time"
    written = [parsing.decimal_number(text, convention).is_not_null() for convention in get_args(NumberConvention)]
    if _all(known, pl.any_horizontal(written)):
        return "number"
    numbers = [parsing.decimal_number(text, convention).is_not_null() for convention in ("words", "prices")]
    is_word = text.str.contains(WORD) & ~text.str.contains(NEARLY_NUMBER) & ~text.str.to_lowercase().is_in(NO_WORDS)
    words = known.select((is_word & ~pl.any_horizontal(numbers)).sum()).item()
    return "words" if words >= max(CELLS_MIN, SHARE_MIN * known.height) else "text"


def _is_time(text: pl.Expr, source: Source) -> pl.Expr:
    formats = (str(source.date_format),)
    return parsing.instant(text, formats, source.time_zone).is_not_null()


def _all(cells: pl.DataFrame, holds: pl.Expr) -> bool:
    return bool(cells.select(holds.all()).item())

"""Columns of a well-known table that are made of others, such as a kind of post that its link tells."""

import polars as pl
import polars.selectors as cs

from schemas.vendor_tables import Case, MadeColumn


def made(rows: pl.DataFrame, columns: tuple[MadeColumn, ...]) -> pl.DataFrame:
    """The rows with these columns."""
    return rows.with_columns(_text(one, rows.columns).alias(one.column) for one in columns)


def _text(one: MadeColumn, names: list[str]) -> pl.Expr:
    text = _cell(one.otherwise, names)
    for case in reversed(one.cases):
        text = pl.when(_holds(case, names)).then(pl.lit(case.text)).otherwise(text)
    return text


def _holds(case: Case, names: list[str]) -> pl.Expr:
    return pl.all_horizontal(
        _cell(column, names).str.contains(pattern).fill_null(value=False) for column, pattern in case.when.items()
    )


def _cell(name: str, names: list[str]) -> pl.Expr:
    """The cell of a column; null where the file has none of that name."""
    return cs.by_name(name).as_expr() if name in names else pl.lit(None, pl.String)

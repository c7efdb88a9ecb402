"""Which records of a file count for a load, and which cells: the conditions that sources.toml states."""

from collections.abc import Iterable, Mapping

import polars as pl
import polars.selectors as cs

from ingest.cast import parsing
from schemas.conditions import Condition
from schemas.visible import visible, visible_name


def split(rows: pl.DataFrame, where: Mapping[str, Condition], where_not: Mapping[str, Condition]) -> pl.DataFrame:
    """The rows that count: every condition of `where` holds, and none of `where_not`."""
    return rows.filter(counts(where, where_not)) if where or where_not else rows


def counts(where: Mapping[str, Condition], where_not: Mapping[str, Condition]) -> pl.Expr:
    """Whether a record counts for a load of these conditions; never null."""
    return pl.all_horizontal(pl.lit(value=True), *holding(where), *(~holds for holds in holding(where_not)))


def any_holds(conditions: Mapping[str, Condition]) -> pl.Expr:
    """Whether one of the conditions holds."""
    return pl.any_horizontal(holding(conditions))


def holding(conditions: Mapping[str, Condition]) -> Iterable[pl.Expr]:
    """Of each condition whether it holds; never null."""
    return [_holds(cs.by_name(name).as_expr(), condition) for name, condition in conditions.items()]


def _holds(cell: pl.Expr, condition: Condition) -> pl.Expr:
    text = visible(cell).fill_null("")
    if condition.blank is not None:
        return (text == "") == condition.blank
    if condition.flag is not None:
        return (parsing.flag(text) == condition.flag).fill_null(value=False)
    if condition.matches is not None:
        return text.str.contains(condition.matches)
    assert condition.one_of is not None
    return text.is_in([visible_name(one) for one in condition.one_of])

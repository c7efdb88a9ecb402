"""Whether any row of a table breaks a rule, asked in one plan.

Pandera tells which rows and why, with a query for each rule: of a small table, that is nearly all its cost.
"""

from collections.abc import Callable
from typing import Any

import polars as pl

from schemas.columns import Table, polars_schema

# Pandera's keywords, and what it asks of each value. A keyword that is not here leaves the question to Pandera.
ASKED: dict[str, Callable[[pl.Expr, Any], pl.Expr]] = {
    "ge": lambda value, bound: value >= bound,
    "le": lambda value, bound: value <= bound,
    "in_range": lambda value, bounds: (value >= bounds["min_value"]) & (value <= bounds["max_value"]),
    "isin": lambda value, allowed: value.is_in(list(allowed)),
    "str_length": lambda value, bounds: value.str.len_chars().is_between(bounds["min_value"], bounds["max_value"]),
}


def all_hold(model: type[Table], rows: pl.DataFrame) -> bool:
    """Whether the rows are certain to pass: the declared columns and types, and no value that breaks a rule."""
    if dict(rows.schema) != dict(polars_schema(model)):
        return False
    rules = _rules(model)
    return rules is not None and bool(rows.select(pl.all_horizontal(rules)).item())


def _rules(model: type[Table]) -> list[pl.Expr] | None:
    """An expression for each rule that is true where all values keep it; null where one is not known here."""
    rules = []
    for name, (_, told) in model.declared.items():
        value = pl.col(name)
        if not told.nullable:
            rules.append(value.is_not_null().all())
        for keyword, bound in told.bounds.items():
            if keyword not in ASKED:
                return None
            rules.append(ASKED[keyword](value, bound).all())
    return rules

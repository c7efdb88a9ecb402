"""Mood's median test with exact chances: whether values of one side lie lower or higher than those of another.

It asks nothing of how values are distributed, and stands where they have no spread that an interval could be made of.
"""

import polars as pl


def chances_of_place(one: pl.Expr, other: pl.Expr) -> dict[str, pl.Expr]:
    """How likely chance alone puts as few values of `one` into the upper half of both (`as_few`), or as many (`as_many`).

    Both are lists without nulls; null where one is null. Values that equal the median of both go to the half that leaves
    the halves most even. No side decides that, so which values are of `one` is left to chance: Fisher's exact test.
    """
    both = one.list.concat(other)
    above, not_below = (
        both.list.eval(flag) for flag in (pl.element() > pl.element().median(), pl.element() >= pl.element().median())
    )
    is_even = above.list.sum() >= both.list.len() - not_below.list.sum()
    upper = pl.when(is_even).then(above).otherwise(not_below)
    counts = {
        "drawn": upper.list.head(one.list.len()).list.sum(),
        "both": both.list.len(),
        "upper": upper.list.sum(),
        "one": one.list.len(),
    }
    # Of the others there is nothing to ask.
    asked = pl.struct(
        pl.when(both.is_not_null()).then(count).cast(pl.Int64).alias(name) for name, count in counts.items()
    )
    return {"as_few": asked.map_batches(_as_few, pl.Float64), "as_many": asked.map_batches(_as_many, pl.Float64)}


def _as_few(counts: pl.Series) -> pl.Series:
    return _tail(counts, below=True)


def _as_many(counts: pl.Series) -> pl.Series:
    return _tail(counts, below=False)


def _tail(counts: pl.Series, *, below: bool) -> pl.Series:
    """The chance of so many drawn, or of fewer (`below`) or more."""
    table = counts.struct.unnest()
    is_known = table.get_column("drawn").is_not_null()
    found = pl.repeat(None, table.height, dtype=pl.Float64, eager=True)
    if not is_known.any():
        return found
    # It takes a moment to import, and most accounts have an interval.
    from scipy.stats import hypergeom

    drawn, *others = (table.filter(is_known).get_column(name).to_numpy() for name in ("drawn", "both", "upper", "one"))
    tail = hypergeom.cdf(drawn, *others) if below else hypergeom.sf(drawn - 1, *others)
    return found.scatter(is_known.arg_true(), pl.Series(tail))

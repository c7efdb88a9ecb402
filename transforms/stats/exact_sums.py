"""Means that do not depend on the order of their rows.

The last digits of a float sum depend on the order of addition, which differs from run to run; the content of a table
must not. Rates are added as integers instead, what stands before the point and what stands behind it apart: 80 bits
behind it hold every digit of a rate above 1e-8, and in 128 bits neither sum can overflow, however large the rates are
and however many fit in memory. Where all are small, one sum holds both, for half the time.
"""

import polars as pl

POINT = 2.0**80
# With as many as 2^27 of them, and 80 bits behind the point, these fit in 128 bits.
SMALL = 2.0**20
# Nine halves of the distance between 1 and the next float: what squares, their mean and the mean's square can be off by.
ROUNDING = 1e-15


def exact_mean(values: pl.Expr, *, largest: float | None = None) -> pl.Expr:
    """Float64 mean of the non-null values of a group; null for none. `largest` of all values makes it quicker."""
    if largest is not None and largest < SMALL:
        total = (values * POINT).cast(pl.Int128).sum().cast(pl.Float64) / POINT
    else:
        whole = values.floor()
        behind = ((values - whole) * POINT).cast(pl.Int128).sum().cast(pl.Float64) / POINT
        total = whole.cast(pl.Int128).sum().cast(pl.Float64) + behind
    return pl.when(values.count() > 0).then(total / values.count())


def exact_list_mean(values: pl.Expr) -> pl.Expr:
    """The same mean of each list of floats without nulls; null for an empty one."""
    whole = values.list.eval(pl.element().floor().cast(pl.Int128)).list.sum().cast(pl.Float64)
    behind = values.list.eval(((pl.element() - pl.element().floor()) * POINT).cast(pl.Int128)).list.sum()
    total = whole + behind.cast(pl.Float64) / POINT
    return pl.when(values.list.len() > 0).then(total / values.list.len())


def exact_total(counts: pl.Expr) -> pl.Expr:
    """Sum of whole numbers, in 128 bits: ten million of the largest counts do not fit in 64."""
    return counts.cast(pl.Int128).sum()


def exact_mean_of_counts(counts: pl.Expr) -> pl.Expr:
    """Float64 mean of the non-null whole numbers of a group; null for none."""
    return pl.when(counts.count() > 0).then(exact_total(counts).cast(pl.Float64) / counts.count())


def deviation(count: pl.Expr, mean: pl.Expr, mean_square: pl.Expr) -> pl.Expr:
    """Standard deviation (n - 1) from the exact means of values and of their squares; null below two values.

    Where the difference of the two is no more than their rounding, the values are taken to be equal.
    """
    variance = mean_square - mean * mean
    spread = pl.when(variance > ROUNDING * mean_square).then(variance).otherwise(0.0)
    return pl.when(count > 1).then((spread * count / (count - 1)).sqrt())

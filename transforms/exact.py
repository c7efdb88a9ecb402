"""Means that do not depend on the order of their rows.

The last digits of a float sum depend on the order of addition, which differs from run to run; the content of a table
must not. Rates are added as integers instead: 80 bits after the point hold every digit of a rate above 1e-8, and 47
bits before it the sum of any number of rates that fits in memory.
"""

import polars as pl

POINT = 2.0**80


def exact_mean(values: pl.Expr) -> pl.Expr:
    """Float64 mean of the non-null values of a group; null for none."""
    total = (values * POINT).cast(pl.Int128).sum().cast(pl.Float64) / POINT
    return pl.when(values.count() > 0).then(total / values.count())

"""Text keys as 64-bit numbers, for joining and grouping inside one query; never stored.

Joining and grouping on the hash costs a third of doing so on the text. Among a million keys two share a hash with
a chance of 3 in 100 million (docs/decisions.md).
"""

from collections.abc import Sequence

import polars as pl

HASH = "__key"


def hashed(names: Sequence[str]) -> pl.Expr:
    """UInt64, named `__key`; nulls count as values."""
    return pl.struct(names).hash().alias(HASH)


def split_repeated(rows: pl.LazyFrame, key: Sequence[str]) -> tuple[pl.LazyFrame, pl.LazyFrame]:
    """The rows whose key stands once, and the others.

    Most keys stand once, and what has no rival needs no settling: only the others are worth grouping by.
    """
    hashes = rows.select(hashed(key)).collect(engine="streaming").to_series()
    if hashes.n_unique() == hashes.len():
        return rows, rows.clear()
    repeated = hashes.filter(hashes.is_duplicated()).unique().to_frame().lazy()
    keyed = rows.with_columns(hashed(key))
    return (keyed.join(repeated, on=HASH, how=how).drop(HASH) for how in ("anti", "semi"))  # type: ignore[return-value]


def cell_code(cell: Sequence[str]) -> pl.Expr:
    """The labels of a cell, categorical or small numbers, as one number: grouping and sorting by it costs half."""
    code = pl.lit(0, pl.UInt64)
    for name in cell:
        code = code * (1 << 20) + pl.col(name).to_physical().fill_null(0).cast(pl.UInt64)
    return code

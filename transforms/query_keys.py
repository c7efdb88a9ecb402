"""Text keys as 64-bit numbers, for joining and grouping inside one query; never stored.

Joining and grouping on the hash costs a third of doing so on the text. Among a million keys two share a hash with
a chance of 3 in 100 million (docs/decisions.md).
"""

from collections.abc import Sequence
from typing import NamedTuple

import polars as pl

HASH = "__key"


def hashed(names: Sequence[str]) -> pl.Expr:
    """UInt64, named `__key`; nulls count as values."""
    return pl.struct(names).hash().alias(HASH)


class Split(NamedTuple):
    """The rows whose key stands once, the others, and how many these are."""

    once: pl.LazyFrame
    again: pl.LazyFrame
    again_count: int


def split_repeated(rows: pl.LazyFrame, key: Sequence[str]) -> Split:
    """The rows whose key stands once, and the others.

    Most keys stand once, and what has no rival needs no settling: only the others are worth grouping by.
    """
    hashes = rows.select(hashed(key)).collect(engine="streaming").to_series()
    if hashes.n_unique() == hashes.len():
        return Split(rows, rows.clear(), 0)
    found = hashes.filter(hashes.is_duplicated())
    repeated, keyed = found.unique().to_frame().lazy(), rows.with_columns(hashed(key))
    once, again = (
        keyed.join(repeated, on=HASH, how=how, build_side="force_right").drop(HASH) for how in ("anti", "semi")
    )
    return Split(once, again, found.len())


def cell_code(cell: Sequence[str]) -> pl.Expr:
    """The labels of a cell, categorical or small numbers, as one number: grouping and sorting by it costs half."""
    code = pl.lit(0, pl.UInt64)
    for name in cell:
        code = code * (1 << 20) + pl.col(name).to_physical().fill_null(0).cast(pl.UInt64)
    return code

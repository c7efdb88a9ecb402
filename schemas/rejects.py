"""A reject: a record or cell that is not loaded, and why. One type on all the way from the rule to the lake."""

from collections.abc import Iterable
from typing import NamedTuple

import polars as pl

from schemas.columns import polars_schema
from schemas.run_tables import RejectedRows

VALUE_LENGTH = 200
# The columns of rejected_rows; of which file they are, the lake knows by the delivery.
REJECTS = pl.Schema({name: dtype for name, dtype in polars_schema(RejectedRows).items() if name != "file"})


class Reject(NamedTuple):
    """One reject as readers and formats tell it; whoever counts records adds the number and the dataset.

    `value` is text of the export, and may name a member. The others are our own words.
    """

    rule: str
    allowed: str
    fix: str
    value: str | None = None
    line: int | None = None
    dataset: str | None = None
    record: int | None = None


def rejects_of(rejects: Iterable[Reject]) -> pl.DataFrame:
    """Rejects of whole records as a frame."""
    rows = [reject._replace(value=reject.value and reject.value[:VALUE_LENGTH]) for reject in rejects]
    schema = pl.Schema([(name, REJECTS[name]) for name in Reject._fields])
    return as_rejects(pl.DataFrame(rows, schema=schema, orient="row"))


def as_rejects(frame: pl.DataFrame) -> pl.DataFrame:
    """A frame with all columns of a reject and no others, null where nothing is said; `kept` is false then."""
    absent = [pl.lit(None, dtype).alias(name) for name, dtype in REJECTS.items() if name not in frame.columns]
    rejects = frame.with_columns(absent).select(pl.col(name).cast(dtype) for name, dtype in REJECTS.items())
    return rejects.with_columns(pl.col("kept").fill_null(value=False))


NO_REJECTS = REJECTS.to_frame()

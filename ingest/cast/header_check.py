"""Whether a header still names what stands below it: columns of numbers or times that hold other text throughout."""

from dataclasses import dataclass
from typing import get_args

import polars as pl

from ingest.cast import parsing
from ingest.cast.edges import MASK, MEMBER
from ingest.cast.mapping import Plan, text_of, typed_of
from schemas.columns import describe_type, polars_schema
from schemas.errors import FileRefused
from schemas.sources import NumberConvention

SAMPLE_ROWS = 1000
CELLS_MIN = 5
SHARE_MIN = 0.95
SAMPLES_SHOWN, SAMPLE_LENGTH = 3, 60
MONTHS = r"(?i)\b(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)"


@dataclass(frozen=True)
class Shifted:
    """A column whose cells are not what its header says."""

    name: str
    source: str
    wanted: str
    cells: int
    foreign: pl.Series


def refuse_shifted(file: str, rows: pl.DataFrame, plan: Plan) -> None:
    """`FileRefused` where a column of the first rows has (nearly) no cell of its kind."""
    found = shifted_column(rows.head(SAMPLE_ROWS), plan)
    if found is None:
        return
    raise FileRefused(
        "shifted_header",
        f"{file}: column {found.source[:SAMPLE_LENGTH]!r} is read as {found.name}, {found.wanted}, but "
        f"{found.foreign.len():,} of its first {found.cells:,} cells are other text, such as {_samples(found, plan)}",
        fix="deliver the file with the header that belongs to its columns, or name them in sources.toml by "
        "position = 1 and so on; if the text means not known, declare it in null_words",
    )


def _samples(found: Shifted, plan: Plan) -> str:
    """Some of the cells. In a shifted file of followers any column may hold members."""
    if plan.dataset in MEMBER:
        return MASK
    different = found.foreign.unique(maintain_order=True).head(SAMPLES_SHOWN).to_list()
    return ", ".join(repr(text[:SAMPLE_LENGTH]) for text in different)


def shifted_column(sample: pl.DataFrame, plan: Plan) -> Shifted | None:
    """The first column of numbers or times that has other text in nearly every cell that is not blank."""
    schema = polars_schema(plan.model)
    for name in _unread_columns(sample, plan):
        reading, dtype = plan.readings[name], schema[name]
        cells = sample.select(text=_cells(sample, plan, name)).drop_nulls().get_column("text")
        typed = typed_of(pl.col("text"), dtype, reading, plan, name)
        another = _is_no_number() if dtype.is_numeric() else _is_no_time()
        foreign = cells.to_frame().filter(typed.is_null() & another).get_column("text")
        if foreign.len() >= SHARE_MIN * cells.len():
            return Shifted(name, str(reading.source), describe_type(dtype), cells.len(), foreign)
    return None


def _unread_columns(sample: pl.DataFrame, plan: Plan) -> list[str]:
    """Columns of numbers or times of which (nearly) no cell can be read, found in one pass over the sample."""
    schema = polars_schema(plan.model)
    counts = []
    for name, reading in plan.readings.items():
        dtype = schema[name]
        if reading.source is not None and (dtype.is_numeric() or dtype.is_temporal()):
            cells = _cells(sample, plan, name)
            unread = cells.is_not_null() & typed_of(cells, dtype, reading, plan, name).is_null()
            counts.append(pl.struct(cells=cells.count(), unread=unread.sum()).alias(name))
    found = sample.select(counts).row(0, named=True) if counts else {}
    return [
        name
        for name, told in found.items()
        if told["cells"] >= CELLS_MIN and told["unread"] >= SHARE_MIN * told["cells"]
    ]


def _cells(sample: pl.DataFrame, plan: Plan, name: str) -> pl.Expr:
    """The cells of a column, blank ones null."""
    text = text_of(plan.readings[name], plan.source, sample).str.strip_chars()
    return pl.when(text != "").then(text)


def _is_no_number() -> pl.Expr:
    """Not a number in any convention: one that is written otherwise only wants declaring, and its rows say so."""
    readable = [parsing.decimal_number(pl.col("text"), convention) for convention in get_args(NumberConvention)]
    return pl.all_horizontal(number.is_null() for number in readable) & ~pl.col("text").str.contains(r"^[+-]?\d+$")


def _is_no_time() -> pl.Expr:
    """Too few digits for a year, and no month: a time that is written otherwise only wants declaring."""
    return (pl.col("text").str.count_matches(r"\d") < 4) & ~pl.col("text").str.contains(MONTHS)

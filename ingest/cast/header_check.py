"""Whether a header still names what stands below it: columns of numbers or times that hold other text throughout.

Columns that no load reads are looked at too: one of them may be all that gives a slipped header away.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import get_args

import polars as pl

from ingest.cast import parsing
from ingest.cast.advice import is_no_time
from ingest.cast.column_names import named_as_numbers
from ingest.cast.column_types import CELLS_MIN, SAMPLE_ROWS, SHARE_MIN
from ingest.cast.json_cells import MARKS
from ingest.cast.mapping import Plan, text_of, typed_of
from ingest.cast.trials import has_known_word
from ingest.privacy import NAME_LENGTH, kept_by_name, names_of_table, samples_told
from schemas.columns import describe_type, polars_schema
from schemas.errors import FileRefused
from schemas.sources import FILE, NumberConvention
from schemas.visible import column_name


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
        f"{file}: column {found.source[:NAME_LENGTH]!r} is read as {found.name}, {found.wanted}, but "
        f"{found.foreign.len():,} of its first {found.cells:,} cells are other text"
        f", {samples_told(found.foreign.str.strip_chars_start(MARKS), _datasets([plan]))}",
        fix="deliver the file with the header that belongs to its columns, or name them in sources.toml by "
        "position = 1 and so on; if the text means not known, declare it in null_words",
    )


def refuse_words_under_number_names(
    file: str, sample: pl.DataFrame, kinds: Mapping[str, str | None], plans: list[Plan]
) -> None:
    """`FileRefused` where a column that no load reads is named like numbers and holds words throughout."""
    for name in columns_named_as_numbers(kinds, plans):
        if kinds[name] == "words":
            said = f"says numbers, and holds words {samples_told(sample.get_column(name), _datasets(plans))}"
            told = kept_by_name(dict(kinds), names_of_table(kinds, "csv", plans[0].source))
            raise slipped(file, list(told)[list(kinds).index(name)], said)


def slipped(file: str, column: str, said: str) -> FileRefused:
    """The refusal of a file for a column that need not be read by any load, by the name that may be told of it."""
    return FileRefused(
        "shifted_header",
        f"{file}: column {column[:NAME_LENGTH]!r} {said}: the header may have slipped",
        fix="deliver the file with the header that belongs to its columns; if this column holds text, declare "
        f"text_columns = [{json.dumps(column[:NAME_LENGTH], ensure_ascii=False)}] for this source in sources.toml",
    )


def _datasets(plans: list[Plan]) -> set[str]:
    """All that the file is read for: in a shifted file of followers any column may hold members."""
    return {plan.dataset for plan in plans} | {load.dataset for load in plans[0].source.load}


def shifted_column(sample: pl.DataFrame, plan: Plan) -> Shifted | None:
    """The first column of numbers or times that has other text in nearly every cell that is not blank."""
    schema = polars_schema(plan.model)
    for name in _unread_columns(sample, plan):
        reading, dtype = plan.readings[name], schema[name]
        cells = sample.select(text=_cells(sample, plan, name)).drop_nulls().get_column("text")
        typed = typed_of(pl.col("text"), dtype, reading, plan, name)
        another = _is_no_number() if dtype.is_numeric() else is_no_time(pl.col("text"))
        foreign = cells.to_frame().filter(typed.is_null() & another).get_column("text")
        if foreign.len() >= SHARE_MIN * cells.len():
            known = has_known_word(foreign, of_months=dtype.is_temporal())
            foreign = foreign.filter(~known)
        if foreign.len() >= SHARE_MIN * cells.len():
            return Shifted(name, str(reading.source), describe_type(dtype), cells.len(), foreign)
    return None


def _unread_columns(sample: pl.DataFrame, plan: Plan) -> list[str]:
    """Columns of numbers or times of which (nearly) no cell can be read."""
    found = _unread(sample.with_columns(pl.lit(0, pl.UInt32).alias(FILE)), plan)
    return [name for name, files in found.items() if files]


def _unread(rows: pl.DataFrame, plan: Plan) -> dict[str, list[int]]:
    """For each column of numbers or times the files of which (nearly) no cell can be read."""
    schema = polars_schema(plan.model)
    names = [
        name
        for name, reading in plan.readings.items()
        if reading.source is not None and (schema[name].is_numeric() or schema[name].is_temporal())
    ]
    if not names or rows.is_empty():
        return {}
    cells = rows.select(FILE, *(_cells(rows, plan, name).alias(name) for name in names))
    # Nearly all cells can be read the quick way: the others are few, and the other ways cost ten times as much.
    quick = cells.select(
        (pl.col(name).is_not_null() & typed_of(pl.col(name), schema[name], plan.readings[name], plan.quick, name).is_null())
        .alias(name)
        for name in names
    )  # fmt: skip
    found: dict[str, list[int]] = {}
    for name in names:
        missed = quick.get_column(name)
        if missed.sum() < CELLS_MIN:
            continue
        typed = typed_of(pl.col(name), schema[name], plan.readings[name], plan, name)
        unread = cells.filter(missed).filter(typed.is_null()).group_by(FILE).agg(unread=pl.len())
        counts = cells.group_by(FILE).agg(cells=pl.col(name).count()).join(unread, on=FILE)
        few = (pl.col("cells") >= CELLS_MIN) & (pl.col("unread") >= SHARE_MIN * pl.col("cells"))
        found[name] = counts.filter(few).get_column(FILE).to_list()
    return found


def files_with_shifted_header(rows: pl.DataFrame, plan: Plan) -> set[int]:
    """Of rows of many files those whose header has slipped, by their number: `refuse_shifted` says why of each."""
    suspects = {file for files in _unread(rows, plan).values() for file in files}
    own = rows.filter(pl.col(FILE).is_in(list(suspects))).partition_by(FILE, as_dict=True) if suspects else {}
    return {int(file) for (file,), sample in own.items() if shifted_column(sample, plan) is not None}


def columns_named_as_numbers(kinds: Mapping[str, str | None], plans: list[Plan]) -> list[str]:
    """The columns that no load reads and whose name says that they hold numbers."""
    read = {name for plan in plans for reading in plan.readings.values() for name in reading.names}
    of_text = set(map(column_name, plans[0].source.text_columns))
    left = [name for name in kinds if name not in read and column_name(name) not in of_text]
    return named_as_numbers(left)


def _cells(sample: pl.DataFrame, plan: Plan, name: str) -> pl.Expr:
    """The cells of a column, blank ones null."""
    text = text_of(plan.readings[name], plan.source, sample).str.strip_chars()
    return pl.when(text != "").then(text)


def _is_no_number() -> pl.Expr:
    """Not a number in any convention: one that is written otherwise only wants declaring, and its rows say so."""
    readable = [parsing.decimal_number(pl.col("text"), convention) for convention in get_args(NumberConvention)]
    return pl.all_horizontal(number.is_null() for number in readable) & ~pl.col("text").str.contains(r"^[+-]?\d+$")

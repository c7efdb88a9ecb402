"""Values inside of cells that hold JSON, or a dictionary as Python writes it: what data frames keep of nested replies."""

from collections.abc import Iterable
from typing import NamedTuple

import polars as pl
import polars.selectors as cs

from ingest.cast.json_text import cell
from ingest.readers.cell_records import parsed
from schemas.errors import FileRefused
from schemas.paths import Path, has_path, paths_of, values_at
from schemas.sources import FILE

# Before a cell in which nothing can be found, so that it is rejected whatever its column wants.
NO_RECORD, NO_VALUE = "\x00", "\x01"
MARKS = NO_RECORD + NO_VALUE
UNREAD = rf"^[{MARKS}]"
# What programs write in the place of a record that is missing.
MISSING = ("", "null", "None", "nan", "NaN", "<NA>")
# What may be a list or an object, by its ends.
NESTED = r"(?s)^\s*(?:\[.*\]|\{.*\})\s*$"


def at_path(text: pl.Expr, path: str, between: str | None = None) -> pl.Expr:
    """The value at a path inside each cell: the first, or where `between` is given all of them, each once.

    Null where the cell is blank or the way ends in nothing; the cell itself behind a mark where it cannot be read.
    """
    paths = paths_of(path)

    def read(cells: pl.Series) -> pl.Series:
        found: dict[str, str | None] = {text: _value(text, paths, between) for text in cells.drop_nulls().unique()}
        values = [None if text is None else found[text] for text in cells]
        return pl.Series(cells.name, values, pl.String)

    return text.map_batches(read, return_dtype=pl.String, is_elementwise=True)


def _value(text: str, paths: tuple[Path, ...], between: str | None) -> str | None:
    if text.strip() in MISSING:
        return None
    record = parsed(text)
    if record is None:
        return NO_RECORD + text
    found = [value for path in paths for value in values_at(record, path.steps) if value != ""]
    if any(isinstance(value, dict | list | tuple) for value in found):
        return NO_VALUE + text
    texts = list(dict.fromkeys(filter(None, map(cell, found))))
    return (between.join(texts) if between else texts[0]) if texts else None


def listed(text: pl.Expr, between: str) -> pl.Expr:
    """The elements of each cell that is a list as JSON or Python writes one, each once; any other cell as it stands.

    The cell itself behind a mark where there is an object in it: which of its values is the name, nobody has said.
    """

    def read(cells: pl.Series) -> pl.Series:
        nested = cells.filter(cells.str.contains(NESTED).fill_null(value=False)).unique()
        found = {cell: _elements(cell, between) for cell in nested}
        return cells.replace_strict(list(found), list(found.values()), default=cells) if found else cells

    return text.map_batches(read, return_dtype=pl.String, is_elementwise=True)


def _elements(text: str, between: str) -> str | None:
    record = parsed(text)
    if record is None:
        return text
    found = record if isinstance(record, list) else [record]
    if any(isinstance(value, dict | list | tuple) for value in found):
        return NO_VALUE + text
    return between.join(dict.fromkeys(filter(None, map(cell, found)))) or None


class Inside(NamedTuple):
    """A canonical column that is read from inside of cells."""

    name: str
    column: str
    path: str


def files_without_path(rows: pl.DataFrame, insides: Iterable[Inside]) -> dict[int, str]:
    """Of rows of several files, by their number in the column `FILE`, those of which no cell has a path, and what to say."""
    said: dict[int, str] = {}
    for inside in insides:
        ways = paths_of(inside.path)
        cells = rows.select(FILE, cs.by_name(inside.column).as_expr().alias("text")).drop_nulls()
        for (file,), own in cells.group_by(FILE, maintain_order=True):
            records = [record for text in own.get_column("text") if (record := parsed(text)) is not None]
            if records and not any(has_path(record, way.steps) for record in records for way in ways):
                keys = ", ".join(map(str, records[0]))[:200] if isinstance(records[0], dict) else "a list"
                where = f"{inside.name} is declared as {inside.path!r} inside the cells of {inside.column!r}"
                said.setdefault(int(str(file)), f"{where}, which none of the first has; the first one has {keys}")
    return said


def refuse_absent(file: str, rows: pl.DataFrame, insides: Iterable[Inside]) -> None:
    """`FileRefused` where none of these rows has a path that is declared."""
    said = files_without_path(rows.with_columns(pl.lit(0, pl.UInt32).alias(FILE)), insides)
    if said:
        raise FileRefused("missing_column", f"{file}: {said[0]}", fix="correct the path in sources.toml")

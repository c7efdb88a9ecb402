"""The cells of a sheet as the text that a CSV file would have in their place, one row of the sheet a record.

Texts come first. What a cell really holds is asked again of the few columns where its text does not tell: long numbers,
which spreadsheets round, dates, and fractions of which the text shows nine digits.
"""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from ingest.workbooks.base import Sheet, damaged, reach_too_far, refuse_too_far, refuse_too_large
from ingest.workbooks.workbook import Workbook, refusals

if TYPE_CHECKING:
    from fastexcel import DType

ROW = "__sheet_row"
# What spreadsheet programs have. A damaged reference of one cell may say millions.
COLUMNS_MAX = 16_384
# Beyond so many digits a spreadsheet does not keep a number: the last ones are zeros, or others than were typed.
LONG = r"^-?\d{16,}$"
FRACTION = r"^-?\d+\.\d{9}$"
DATED = r"^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}(\.\d+)?$"
FIRST_DATE = pl.duration(days=60)  # earlier "dates" are times of day, or hours and minutes


def write_cells(book: Workbook, number: int, path: Path) -> None:
    """Write the rows of a sheet that hold anything to a Parquet file: the number of each, and its cells as text.

    Columns are called by their number, A being 1. What else is known of the sheet stands beside them.
    """
    if number >= len(book.sheets):
        raise damaged(book.name, "its list of sheets does not fit them")
    sheet = book.sheets[number]
    if reach_too_far([sheet]):
        refuse_too_far(f"{book.name}, sheet {sheet.name!r}")
    _refuse_too_wide(book, sheet, sheet.columns)
    cells = _cells(book, number) if sheet.rows else pl.DataFrame(schema={"1": pl.String})
    held, last = {*cells.columns}, int(cells.columns[-1])
    _refuse_too_wide(book, sheet, last)  # where its cells do not begin in the first column
    # Columns between them hold nothing, and count all the same.
    cells = cells.select(
        pl.col(name) if name in held else pl.lit(None, pl.String).alias(name) for name in map(str, range(1, last + 1))
    )
    holds = pl.any_horizontal(pl.col(cells.columns).str.strip_chars() != "")
    beside = {"kind": book.kind, "notes": "; ".join(_notes(sheet)), "merged_to": json.dumps(sheet.merged_to)}
    cells.with_row_index(ROW, offset=1).filter(holds).write_parquet(path, metadata=beside)


def _refuse_too_wide(book: Workbook, sheet: Sheet, columns: int) -> None:
    """Each column costs time of its own, empty ones too."""
    if columns > COLUMNS_MAX:
        said = f"its cells reach to column {columns:,}, and a sheet has {COLUMNS_MAX:,}"
        refuse_too_large(f"{book.name}, sheet {sheet.name!r}", said)


def _notes(sheet: Sheet) -> Iterator[str]:
    """What the ledger is to say of a sheet."""
    if sheet.is_hidden:
        yield "a hidden sheet"
    if sheet.formulas_without_value:
        yield f"formulas without a value, read as empty cells: {sheet.formulas_without_value:,}"


def _cells(book: Workbook, number: int) -> pl.DataFrame:
    with book.lock, refusals(book.name):
        cells = _load(book, number, "string")
        doubtful = [(read, dtype, _names(cells, pattern)) for pattern, dtype, read in DOUBTFUL]
        told = [(read, _load(book, number, dtype, names)) for read, dtype, names in doubtful if names]
    for read, values in told:
        cells = cells.with_columns(read(cells.get_column(column.name), column) for column in values.iter_columns())
    return _with_texts(cells, book.sheets[number])


def _load(book: Workbook, number: int, dtype: "DType", names: list[str] | None = None) -> pl.DataFrame:
    """The cells as one type, those that are not of it null."""
    sheet = book.reader.load_sheet(number, header_row=None, skip_rows=0, dtypes=dtype)
    if not sheet.width:
        return pl.DataFrame(schema={"1": pl.String})
    frame: pl.DataFrame = sheet.to_polars()
    frame.columns = [str(column.absolute_index + 1) for column in sheet.selected_columns]
    return frame if names is None else frame.select(names)


def _names(texts: pl.DataFrame, pattern: str) -> list[str]:
    """The columns some of whose texts are like this."""
    return [column.name for column in texts.iter_columns() if column.str.contains(pattern).any()]


def _as_dates(texts: pl.Series, spans: pl.Series) -> pl.Series:
    """Dates in ISO form: days where all of the column are at midnight. Times of day and durations as hours."""
    frame = pl.DataFrame({"text": texts, "span": spans})
    span, time = pl.col("span"), pl.col("text").str.slice(11)
    is_date = span >= FIRST_DATE
    days = frame.select((time.filter(is_date) == "00:00:00").all()).item()
    iso = pl.col("text").str.slice(0, 10) if days else pl.col("text").str.replace(" ", "T")
    hours = pl.format(
        "{}:{}:{}",
        span.dt.total_hours(),
        (span.dt.total_minutes() % 60).cast(pl.String).str.zfill(2),
        (span.dt.total_seconds() % 60).cast(pl.String).str.zfill(2),
    )
    text = pl.when(is_date).then(iso).when(span.is_not_null()).then(hours).otherwise("text")
    return frame.select(text.alias(texts.name)).to_series()


def _as_rounded(texts: pl.Series, numbers: pl.Series) -> pl.Series:
    """Long numbers as a spreadsheet shows them, `1.23E+16`: as ids they are rejected, whose digits are lost."""
    is_long = texts.str.contains(LONG) & numbers.is_not_null()
    shown = [f"{int(text):.14E}" if long else text for text, long in zip(texts, is_long, strict=True)]
    return pl.Series(texts.name, shown, pl.String)


def _as_fractions(texts: pl.Series, numbers: pl.Series) -> pl.Series:
    """Fractions with all their digits, where their text shows nine."""
    is_cut = texts.str.contains(FRACTION) & numbers.is_not_null() & (numbers.round(9).cast(pl.String) == texts)
    exact = [repr(number) if cut else text for text, number, cut in zip(texts, numbers, is_cut, strict=True)]
    return pl.Series(texts.name, exact, pl.String)


def _with_texts(cells: pl.DataFrame, sheet: Sheet) -> pl.DataFrame:
    """The cells with what the sheet itself tells of some: errors, durations, formulas without a value."""
    by_column: dict[str, dict[int, str | None]] = {}
    for (row, column), text in sheet.texts.items():
        if row < cells.height and str(column + 1) in cells.columns:
            by_column.setdefault(str(column + 1), {})[row] = text
    for name, own in by_column.items():
        values: list[str | None] = cells.get_column(name).to_list()
        for row, text in own.items():
            values[row] = text
        cells = cells.with_columns(pl.Series(name, values, pl.String))
    return cells


# What texts are doubtful, the type that tells more of them, and what is made of both.
DOUBTFUL: tuple[tuple[str, "DType", Callable[[pl.Series, pl.Series], pl.Series]], ...] = (
    (DATED, "duration", _as_dates),
    (LONG, "boolean", _as_rounded),
    (FRACTION, "float", _as_fractions),
)

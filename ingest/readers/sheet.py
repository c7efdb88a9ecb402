"""Records of a sheet of a workbook, from the rows of its cells (`ingest.workbooks.cells`): a header, and a record a row."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import polars as pl

from ingest.readers.base import BATCH_ROWS, Layout, RawBatch, distinct_names, unbroken
from ingest.workbooks.cells import ROW
from schemas.errors import FileRefused
from schemas.sources import RECORD, Source

# A header stands among so many first rows that hold anything, below a title, a date or a note.
HEADER_ROWS = 20
ALPHABET = 26


def sheet_layout(path: Path, name: str, source: Source, is_header: Callable[[list[str]], bool]) -> Layout | None:
    """The layout of a sheet; null for an empty one.

    The header is the first row for which `is_header` says so of its cells. Where none of the first rows is one, and where
    `skip_lines` is declared, it is the first that is not skipped.
    """
    skipped = source.skip_lines
    first = pl.read_parquet(path, n_rows=HEADER_ROWS + skipped)
    if first.is_empty():
        return None
    rows, columns = first.drop(ROW).rows(), first.columns[1:]
    begins = int((first.get_column(ROW) <= skipped).sum())
    if begins == len(rows):
        raise FileRefused(
            "no_header",
            f"{name}: nothing follows the {skipped} rows that are skipped",
            fix="correct skip_lines in sources.toml",
        )
    if source.header:
        if "skip_lines" not in source.model_fields_set:
            begins = next((n for n, cells in enumerate(rows) if is_header(_texts(cells))), begins)
        header = [
            (cell or "").strip() or f"column {_letters(int(c))}" for c, cell in zip(columns, rows[begins], strict=True)
        ]
    else:
        header = [f"column_{column}" for column in columns]
    _refuse_merged(path, name, int(first.get_column(ROW)[begins]) - source.header)
    return Layout("sheet", "", tuple(header), begins + source.header, len(columns))


def _refuse_merged(path: Path, name: str, last_row_before: int) -> None:
    """`FileRefused` where cells are merged over several records, or over the header and a record."""
    merged = json.loads(pl.read_parquet_metadata(path)["merged_to"])
    if found := next(((first + 1, last + 1) for first, last in merged if last > last_row_before), None):
        raise FileRefused(
            "merged_cells",
            f"{name}: cells are merged over rows {found[0]} to {found[1]}, so that it cannot be told what belongs to each",
            fix="unmerge them and fill in the value of each row, leaving one header row above the records",
        )


def _texts(cells: tuple[str | None, ...]) -> list[str]:
    return [cell.strip() for cell in cells if cell and cell.strip()]


def _letters(number: int) -> str:
    """What a spreadsheet calls a column: A, Z, AA."""
    letters = ""
    while number:
        number, rest = divmod(number - 1, ALPHABET)
        letters = chr(ord("A") + rest) + letters
    return letters


def scan(path: Path, layout: Layout) -> pl.LazyFrame:
    """The records as text with their number."""
    records = pl.scan_parquet(path, glob=False).slice(layout.lines_before).drop(ROW)
    names = dict(zip(records.collect_schema().names(), distinct_names(layout), strict=True))
    return records.rename(names).with_row_index(RECORD, offset=1)


def sheet_batches(path: Path, layout: Layout) -> Iterator[RawBatch]:
    for batch in scan(path, layout).collect_batches(chunk_size=BATCH_ROWS):
        yield unbroken(batch)


def kind_of(path: Path) -> str:
    """The kind of workbook that the sheet is of, such as `xlsx`."""
    return str(pl.read_parquet_metadata(path)["kind"])


def note_of(path: Path, layout: Layout) -> str | None:
    """What the ledger is to say of the sheet, above all where rows before its header were skipped."""
    notes = pl.read_parquet_metadata(path)["notes"]
    before = pl.read_parquet(path, columns=[ROW], n_rows=layout.lines_before).get_column(ROW).to_list()
    skipped = f"records begin below row {before[-1]}" if len(before) > 1 else ""
    return "; ".join(filter(None, (notes, skipped))) or None


def rows_of(path: Path, layout: Layout, records: list[int]) -> dict[int, int]:
    """The row of the sheet that each of these records is."""
    rows = pl.read_parquet(path, columns=[ROW]).get_column(ROW)
    return {record: int(rows[layout.lines_before + record - 1]) for record in records}

"""Lists for a spreadsheet: as CSV and as a workbook, whose text is never taken for formulas."""

import csv
import os
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any, TypeAlias

from reports.terminal import CONTROL
from schemas.errors import UsageError

Rows: TypeAlias = Sequence[Mapping[str, Any]]
# A CSV file and a workbook, null for none.
Targets: TypeAlias = tuple[Path | None, Path | None]

# The last four are the wide forms, which spreadsheets of East Asia read as the narrow ones.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def write(
    rows: Rows, columns: Sequence[str], targets: Targets, *, name: str, shares: Collection[str]
) -> Iterator[Path]:
    """A list as CSV, as a workbook, or as both; gives the files that were written. `name` and `shares` are for the workbook."""
    as_csv, as_xlsx = targets
    if as_csv is not None:
        write_csv(rows, columns, as_csv)
        yield as_csv.resolve()
    if as_xlsx is not None:
        write_xlsx(rows, columns, as_xlsx, name=name, shares=shares)
        yield as_xlsx.resolve()


def write_csv(rows: Rows, columns: Sequence[str], target: Path) -> None:
    """A CSV that no spreadsheet takes for formulas."""
    with _opened(target), target.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(columns)
        writer.writerows([_inert(row[name]) for name in columns] for row in rows)


def _inert(value: object) -> object:
    """Text without what steers a terminal; what begins like a formula gets an apostrophe, which spreadsheets hide."""
    if not isinstance(value, str):
        return value
    text = CONTROL.sub("\N{REPLACEMENT CHARACTER}", value)
    return f"'{text}" if value.startswith(FORMULA) else text


@contextmanager
def _opened(target: Path, *also: type[Exception]) -> Iterator[None]:
    """Say what a file that cannot be written means to whoever named it."""
    try:
        yield
    except Exception as error:
        if not isinstance(error, (OSError, *also)):
            raise
        raise UsageError(
            f"{target}: cannot be written ({error})",
            fix="name a file in a folder that exists and that you may write to",
        ) from error


def write_xlsx(rows: Rows, columns: Sequence[str], target: Path, *, name: str, shares: Collection[str]) -> None:
    """A workbook; text stays text."""
    import xlsxwriter

    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with (
        _opened(target, xlsxwriter.exceptions.FileCreateError),
        xlsxwriter.Workbook(os.fspath(target), options) as book,
    ):
        sheet = book.add_worksheet(name)
        days = book.add_format({"num_format": "yyyy-mm-dd"})
        percent = book.add_format({"num_format": "0.00%"})
        sheet.write_row(0, 0, columns, book.add_format({"bold": True}))
        for line, row in enumerate(rows, start=1):
            for place, column in enumerate(columns):
                value = row[column]
                if isinstance(value, str):
                    sheet.write_string(line, place, CONTROL.sub("\N{REPLACEMENT CHARACTER}", value))
                elif isinstance(value, date):
                    sheet.write_datetime(line, place, value, days)
                elif value is not None:
                    sheet.write_number(line, place, value, percent if column in shares else None)
        sheet.freeze_panes(1, 0)
        sheet.autofilter(0, 0, max(len(rows), 1), len(columns) - 1)
        sheet.autofit()

"""Cells as text: what a sheet holds, for each kind of cell, from each kind of workbook."""

import datetime as dt
from pathlib import Path

import polars as pl
import pytest
import xlsxwriter

from ingest.export_file import ExportFile, size_and_stamp
from ingest.workbooks.cells import ROW, write_cells
from ingest.workbooks.workbook import workbook_of
from schemas.errors import FileRefused
from tests.workbooks import ods, ods_row, with_part, xlsx


def cells_of(tmp_path: Path, content: bytes) -> list[tuple[object, ...]]:
    """The rows of the first sheet, the number of each first."""
    path = tmp_path / "book"
    path.write_bytes(content)
    file = ExportFile("book", path, *size_and_stamp(path))
    write_cells(workbook_of(file), 0, tmp_path / "cells")
    frame = pl.read_parquet(tmp_path / "cells")
    assert frame.columns == [ROW, *(str(number) for number in range(1, frame.width))]
    return frame.rows()


def written(tmp_path: Path, value: object, shown: str | None = None) -> object:
    """What becomes of one cell that Excel shows in this format."""

    def edit(book: xlsxwriter.Workbook, pages: dict[str, xlsxwriter.worksheet.Worksheet]) -> None:
        pages["S"].write(0, 0, value, book.add_format({"num_format": shown}) if shown else None)

    ((_, text),) = cells_of(tmp_path, xlsx({"S": []}, edit))
    return text


@pytest.mark.parametrize(
    ("value", "shown", "text"),
    [
        (12400.0, None, "12400"),
        (12400.0, "#,##0.00 €", "12400"),
        (0, None, "0"),
        (-3.5, None, "-3.5"),
        (0.0139, "0.00%", "0.0139"),
        (0.123456789012345, None, "0.123456789012345"),
        (1234567.123456789, None, "1234567.123456789"),
        (0.1, None, "0.1"),
        (999_999_999_999_999, None, "999999999999999"),
        (1_000_000_000_000_000, None, "1.00000000000000E+15"),
        (17_841_473_533_871_484, None, "1.78414735338715E+16"),
        ("17841473533871484", None, "17841473533871484"),
        ("0.123456789", None, "0.123456789"),
        ("0.100000000", None, "0.100000000"),
        ("007", None, "007"),
        ("2026-03-04 05:06:07", None, "2026-03-04 05:06:07"),
        (" a\nb\t", None, " a\nb\t"),
        (True, None, "true"),
        (False, None, "false"),
        ("true", None, "true"),
        (dt.datetime(2026, 3, 4), "dd.mm.yyyy", "2026-03-04"),
        (dt.datetime(2026, 3, 4, 5, 6, 7), "dd.mm.yyyy hh:mm", "2026-03-04T05:06:07"),
        (dt.datetime(1970, 1, 1), "yyyy", "1970-01-01"),
        (dt.time(9, 5), "hh:mm", "9:05:00"),
        (1.5, "[h]:mm", "36:00:00"),
    ],
)
def test_one_cell(tmp_path: Path, value: object, shown: str | None, text: str) -> None:
    assert written(tmp_path, value, shown) == text


def test_a_column_with_times_of_day_has_them_at_midnight_too(tmp_path: Path) -> None:
    def edit(book: xlsxwriter.Workbook, pages: dict[str, xlsxwriter.worksheet.Worksheet]) -> None:
        shown = book.add_format({"num_format": "d.m.yy hh:mm"})
        for row, hour in enumerate((0, 6)):
            pages["S"].write_datetime(row, 0, dt.datetime(2026, 3, 4, hour), shown)

    rows = cells_of(tmp_path, xlsx({"S": []}, edit))
    assert rows == [(1, "2026-03-04T00:00:00"), (2, "2026-03-04T06:00:00")]


def test_years_that_begin_in_1904(tmp_path: Path) -> None:
    path = tmp_path / "mac.xlsx"
    book = xlsxwriter.Workbook(path, {"date_1904": True})
    page = book.add_worksheet()
    page.write_datetime(0, 0, dt.datetime(2026, 3, 4), book.add_format({"num_format": "yyyy-mm-dd"}))
    book.close()
    assert cells_of(tmp_path, path.read_bytes()) == [(1, "2026-03-04")]


def test_numbers_beside_texts_keep_to_themselves(tmp_path: Path) -> None:
    """In one column a long number, the same as text, a date, a fraction and a word."""

    def edit(book: xlsxwriter.Workbook, pages: dict[str, xlsxwriter.worksheet.Worksheet]) -> None:
        pages["S"].write_datetime(2, 0, dt.datetime(2026, 3, 4), book.add_format({"num_format": "yyyy-mm-dd"}))

    rows: list[list[object]] = [[17_841_473_533_871_484], ["17841473533871484"], [], [0.12345678901], ["a word"]]
    texts = [text for _, text in cells_of(tmp_path, xlsx({"S": rows}, edit))]
    assert texts == ["1.78414735338715E+16", "17841473533871484", "2026-03-04", "0.12345678901", "a word"]


def test_rows_and_columns_keep_their_places(tmp_path: Path) -> None:
    rows = cells_of(tmp_path, xlsx({"S": [[], ["", "", "c3"], [" "], [], ["", "b5"]]}))
    assert rows == [(2, None, None, "c3"), (5, None, "b5", None)]


def test_cells_of_opendocument(tmp_path: Path) -> None:
    first = ods_row(
        "text", 12400, ("percentage", "0.0139"), ("date", "2026-03-04"), ("date", "2026-03-04T05:06:07"),
        ("time", "PT36H05M00S"), ("boolean", "true"), 17841473533871484,
    )  # fmt: skip
    blank = ods_row('<table:table-cell table:number-columns-repeated="16384"/>', repeated=1_000_000)
    assert cells_of(tmp_path, ods({"S": first + blank})) == [
        (1, "text", "12400", "0.0139", "2026-03-04", "2026-03-04T05:06:07", "36:05:00", "true", "1.78414735338715E+16")
    ]


@pytest.mark.parametrize("reference", ["XFE2", "ABCDE2", "ZZZZZ2"])
def test_a_cell_beyond_all_columns_is_refused_at_once(reference: str, tmp_path: Path) -> None:
    """A damaged reference: the columns between, of which there are thousands to millions, took minutes."""
    book = with_part(
        xlsx({"S": [["a", "b"], ["1", "2"]]}),
        "xl/worksheets/sheet1.xml",
        lambda text: text.replace(b'r="B2"', f'r="{reference}"'.encode()),
    )
    with pytest.raises(FileRefused, match=r"its cells reach"):
        cells_of(tmp_path, book)


def test_a_cell_in_the_last_column_is_read(tmp_path: Path) -> None:
    book = with_part(
        xlsx({"S": [["a", "b"], ["1", "2"]]}),
        "xl/worksheets/sheet1.xml",
        lambda text: text.replace(b'r="B2"', b'r="XFD2"'),
    )
    rows = cells_of(tmp_path, book)
    assert [(len(row), row[:3], row[-1]) for row in rows] == [
        (16_385, (1, "a", "b"), None),
        (16_385, (2, "1", None), "2"),
    ]


def test_so_is_one_behind_cells_that_are_said_to_repeat(tmp_path: Path) -> None:
    far = '<table:table-cell table:number-columns-repeated="100000"/>'
    with pytest.raises(FileRefused, match=r"its cells reach"):
        cells_of(tmp_path, ods({"S": ods_row("a", "b") + ods_row("1", far, "2")}))


def test_empty_cells_that_repeat_behind_the_last_one_are_none(tmp_path: Path) -> None:
    tail = '<table:table-cell table:number-columns-repeated="5000000"/>'
    assert cells_of(tmp_path, ods({"S": ods_row("a", "b") + ods_row("1", "2", tail)})) == [(1, "a", "b"), (2, "1", "2")]

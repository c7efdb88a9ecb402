"""CSV text with an escape character, as databases and data frames write it."""

import csv

import pytest

from ingest.readers.csv_rows import rows_of


@pytest.mark.parametrize(
    ("line", "cells"),
    [
        (r'1,"she said \"no\", and left",2', ["1", 'she said "no", and left', "2"]),
        (r'1,"one \" quote",2', ["1", 'one " quote', "2"]),
        (r'"ends in a backslash \\",2', ["ends in a backslash \\", "2"]),
        (r'"C:\temp\new",2', [r"C:\temp\new", "2"]),
        (r"C:\temp,2", [r"C:\temp", "2"]),
        (r"a\,b,2", ["a,b", "2"]),
        (r"\N,2", ["", "2"]),
        (r'"\N",2', ["", "2"]),
        (r"\No,2", [r"\No", "2"]),
        ('"doubled "" too",2', ['doubled " too', "2"]),
        (r'"\\\" both",2', [r"\" both", "2"]),
        ("a\\\nb,2", ["a\nb", "2"]),
        ('"a\nb \\" c",2', ['a\nb " c', "2"]),
        ("", []),
    ],
)
def test_cells_with_a_backslash_before_quotes(line: str, cells: list[str]) -> None:
    assert next(rows_of(f"{line}\n".splitlines(keepends=True), ",", "\\")) == cells


def test_without_a_backslash_it_is_text() -> None:
    assert next(rows_of(['"a\\",2\n'], ",")) == ["a\\", "2"]
    with pytest.raises(csv.Error):
        next(rows_of(['"a \\" b",2\n'], ","))


def test_without_a_quote_each_line_is_a_record() -> None:
    lines = ['"a\n', 'b"\n', 'x "y" z,""\n', "\n"]
    assert list(rows_of(lines, ",", quote="")) == [['"a'], ['b"'], ['x "y" z', '""'], []]
    assert next(rows_of(['a\\,"b,\\N\n'], ",", "\\", quote="")) == ['a,"b', ""]


def test_lines_are_counted_as_they_stand() -> None:
    rows = rows_of(['"a\n', 'b \\" c",2\n', "d,3\n"], ",", "\\")
    assert [rows.line_num for _ in rows] == [2, 3]

"""Cells of a CSV file that hold whole records: between two quotes that were text, whatever stands there is one cell.

A caption of several lines is one cell by right, whatever is in it. What tells the two apart: each line of the record has all
cells of the file, those below numbers and times are such, none begins with a blank, as what people write after a comma
does, and some cell is a number, a time or a text that other records have in its column.
"""

from collections.abc import Iterator, Mapping

import polars as pl
import polars.selectors as cs

from ingest.cast.mapping import Plan
from ingest.cast.misplaced_rows import Cell, Misplaced, misplaced_rows, number_columns
from schemas.sources import FILE, RECORD

DIGITS = r"^\s*[0-9]+\s*$"
Line = list[tuple[str, bool]]  # cells, each with whether it stands in a cell of several lines


def misplaced_records(
    rows: pl.DataFrame, header: list[str], plans: list[Plan], delimiter: str | None
) -> list[Misplaced]:
    """The records of a file that are no rows; `delimiter` is that of a CSV file whose cells may hold lines."""
    found = misplaced_rows(rows, header, plans)
    if delimiter is None:
        return found
    known = {one.record for one in found}
    holding = lines_in_cells(rows, header, number_columns(plans), delimiter)
    return found + [one for one in holding if one.record not in known]


def lines_in_cells(
    rows: pl.DataFrame, header: list[str], numbers: Mapping[str, Cell], delimiter: str
) -> Iterator[Misplaced]:
    """The records that hold others.

    Args:
        rows: Text columns under the names of the header, `RECORD`, and `FILE` where they are of several files.
        header: The columns of the file, in its order.
        numbers: The columns that a load reads as numbers or times.
        delimiter: What separates the cells of the file.
    """
    cells = [cs.by_name(name).as_expr() for name in header]
    spanning = rows.filter(pl.any_horizontal(cell.str.contains("\n", literal=True) for cell in cells))
    if spanning.is_empty() or len(header) < 2:
        return
    text = pl.concat_str(*(cell.fill_null("") for cell in cells), separator=delimiter)
    lines = text.str.count_matches("\n", literal=True) + 1
    suspects = spanning.filter(text.str.count_matches(delimiter, literal=True) >= lines * (len(header) - 1))
    for record in suspects.iter_rows(named=True):
        found = _lines([record[name] or "" for name in header], delimiter)
        others = rows.filter(pl.col(FILE) == record[FILE]) if FILE in rows.columns else rows
        others = others.join(spanning, on=RECORD, how="anti")
        if len(found[0]) < len(header) or any(len(line) != len(header) for line in found[1:]):
            continue
        if _are_records([line for line in found if len(line) == len(header)], header, numbers, others):
            yield Misplaced(
                record.get(FILE, 0), record[RECORD], "lines", delimiter.join(record[name] or "" for name in header)
            )


def _lines(cells: list[str], delimiter: str) -> list[Line]:
    """The cells of each line of a record, as they would be without quotes."""
    lines: list[Line] = [[]]
    for cell in cells:
        first, *more = cell.split("\n")
        lines[-1] += [(text, bool(more)) for text in first.split(delimiter)]
        lines += [[(text, True) for text in line.removesuffix("\r").split(delimiter)] for line in more]
    return lines


def _are_records(lines: list[Line], header: list[str], numbers: Mapping[str, Cell], others: pl.DataFrame) -> bool:
    """Whether these lines are like the other records of their file: no cell speaks against it, and one for it."""
    frame = pl.DataFrame([[text for text, _ in line] for line in lines], dict.fromkeys(header, pl.String), orient="row")
    speaks_for = False
    for place, name in enumerate(header):
        written = [line[place][0] for line in lines if line[place][1]]
        taken = [text.strip() for text in written if text.strip()]
        if not taken:
            continue
        if any(text.startswith(" ") for text in written) and not others.get_column(name).str.starts_with(" ").any():
            return False
        if name in numbers:
            text, typed = frame.select(text=numbers[name].text.str.strip_chars(), typed=numbers[name].typed)
            if ((text != "") & typed.is_null()).any():
                return False
            speaks_for = True
            continue
        known = others.get_column(name).drop_nulls()
        if known.len() and known.str.contains(DIGITS).all():
            if not pl.Series(taken).str.contains(DIGITS).all():
                return False
            speaks_for = True
        speaks_for = speaks_for or pl.Series(taken).is_in(known.str.strip_chars().implode()).all()
    return speaks_for

"""Marts worked out by hand. A case is a folder `<mart>/<case>`; a new one needs no Python.

    exports/      what is delivered
    expect.csv    every row of the mart (of those that `where` names), key columns included; other columns may be absent
    case.toml     why = what the case shows; as_of = day or instant; where = SQL condition; settings = those of the run

Cells of rates may be fractions (`968352/99100000`); an empty cell is null.
"""

import csv
import math
import tomllib
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from flows.run import run
from flows.settings import Settings, instant_from
from schemas.columns import key_of, polars_schema
from schemas.tables import MARTS
from warehouse.published import open_published

HERE = Path(__file__).parent
CASES = {f"{path.parent.parent.name}/{path.parent.name}": path.parent for path in sorted(HERE.glob("*/*/case.toml"))}


def test_every_mart_has_a_case() -> None:
    assert {name.partition("/")[0] for name in CASES} == set(MARTS)


def test_every_folder_is_a_case() -> None:
    """A folder whose case.toml is missing or misspelt would be left out without a word."""
    folders = {f"{mart.name}/{case.name}" for mart in HERE.iterdir() if mart.name in MARTS for case in mart.iterdir()}
    assert folders == set(CASES)


@pytest.mark.parametrize("name", CASES)
def test_the_mart_is_as_worked_out_by_hand(name: str, tmp_path: Path) -> None:
    mart, folder = name.partition("/")[0], CASES[name]
    told = tomllib.loads((folder / "case.toml").read_text(encoding="utf-8"))
    assert told["why"]
    assert told.keys() <= {"why", "as_of", "where", "settings"}
    columns, expected = expected_rows(folder / "expect.csv", mart)

    settings = Settings(home=tmp_path / "home", **told.get("settings", {}))
    summary = run(folder / "exports", settings, instant_from(told.get("as_of")))

    assert summary.files_quarantined == summary.rows_rejected == 0
    with open_published(tmp_path / "home" / "warehouse.duckdb") as connection:
        found = connection.sql(f"SELECT {', '.join(columns)} FROM {mart} WHERE {told.get('where', 'true')}").fetchall()
    assert nearly(in_order(found), expected) == expected


def expected_rows(path: Path, mart: str) -> tuple[list[str], list[tuple[Any, ...]]]:
    """The columns of a case and its typed rows, in order."""
    schema = polars_schema(MARTS[mart])
    with path.open(encoding="utf-8", newline="") as stream:
        columns, *records = csv.reader(stream)
    assert set(key_of(MARTS[mart])) <= set(columns) <= set(schema.names())
    assert records, "a mart that is empty proves nothing"
    rows = [tuple(typed(cell, schema[name]) for name, cell in zip(columns, row, strict=True)) for row in records]
    return columns, in_order(rows)


def typed(cell: str, dtype: pl.DataType) -> Any:
    """A cell as DuckDB hands out its column."""
    if cell == "":
        return None
    if isinstance(dtype, pl.Datetime):
        return datetime.fromisoformat(cell.removesuffix("Z"))
    if isinstance(dtype, pl.Decimal):
        return Decimal(cell)
    if dtype == pl.Float64:
        return float(Fraction(cell))
    if dtype == pl.Boolean:
        return {"true": True, "false": False}[cell]
    if dtype == pl.Date:
        return date.fromisoformat(cell)
    return int(cell) if dtype == pl.Int64 else cell


def in_order(rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Rows sorted by their text; the last digits of a rate must not decide."""
    return sorted(rows, key=lambda row: [f"{cell:.9g}" if isinstance(cell, float) else str(cell) for cell in row])


def nearly(found: list[tuple[Any, ...]], expected: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """The rows found, rates put as expected where they differ by their last digits alone."""
    if len(found) != len(expected):
        return found
    return [
        tuple(wish if is_near(cell, wish) else cell for cell, wish in zip(row, wishes, strict=True))
        for row, wishes in zip(found, expected, strict=True)
    ]


def is_near(cell: Any, wish: Any) -> bool:
    return isinstance(cell, float) and isinstance(wish, float) and math.isclose(cell, wish, rel_tol=1e-12)

"""Each table that is known by its header: a folder of its files, and what they become. A new one needs no Python.

<table>/exports/    the files, and sources.toml where something must be declared
<table>/case.toml   as in tests/rejected; "none" in `holds` is null
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from flows.edges import EDGE_DATASETS
from flows.known_tables import known_table, known_tables
from schemas.known import KnownTable
from schemas.sources import Reading
from tests.rejected.delivery import Answer, Delivery, command
from tests.rejected.test_rejected import assert_said, case_of

HERE = Path(__file__).parent
TABLES = known_tables()
__all__ = ["command"]


def test_every_shipped_table_has_a_folder() -> None:
    folders = {path.parent.name for path in HERE.glob("*/case.toml")}
    assert folders == {table.name for table in TABLES}
    shipped = HERE.parents[1] / "schemas" / "known_tables"
    assert {path.stem for path in shipped.iterdir()} == folders, "a table is called as its file is"


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_a_shipped_table_is_a_declaration_that_holds(table: KnownTable) -> None:
    columns = {
        one.source for load in table.load for readings in load.columns.values() for one in readings if one.source
    }
    header = [*table.header, *(column for column in columns if column not in table.header)]
    assert known_table(header) == table
    assert set(table.header) & columns, "some of what it is known by is read"
    assert all(rule.column in columns or rule.words is None for rule in table.set_aside)
    instead = {"account_id": Reading(value="a")} if "owner" in table.asks else {}
    for load in table.load:
        assert load.dataset not in EDGE_DATASETS, "lists of edges are streamed, and totals would not be set aside"
        assert load.load_of(header, instead).dataset == load.dataset


@pytest.mark.parametrize("name", [table.name for table in TABLES])
def test_the_files_become_the_rows_that_are_expected(name: str, tmp_path: Path, command: Callable[..., Answer]) -> None:
    told = case_of(HERE / name)
    for question in told["holds"]:
        question["rows"] = [[None if cell == "none" else cell for cell in row] for row in question["rows"]]
    delivery = Delivery(HERE / name / "exports", tmp_path / "home", command)
    answer = delivery.run()
    assert answer.exit_code == told["exit_code"], answer.stderr
    assert_said(delivery, answer, told)
    for note in notes(delivery):
        assert note.startswith(f"read as {name}")
    assert delivery.run_again()["published"] is False


def notes(delivery: Delivery) -> list[Any]:
    return [row["note"] for row in delivery.ledger() if row["verdict"] == "loaded"]

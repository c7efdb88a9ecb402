"""A published file of a version with other tables: whatever is asked of it, the answer is that, and how to make it anew."""

import shutil
from pathlib import Path

import duckdb
import pytest

from tests.command import in_process as tierwise
from tests.example_home import EXPORTS, Examples

ASKED = {
    "report": ["report"],
    "plan of a budget": ["plan", "--budget", "500", "--currency", "EUR"],
    "plan of accounts": ["plan", "instagram:kim"],
}


@pytest.fixture(scope="module")
def home(examples: Examples, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The examples without some columns and a table, as if these were to come."""
    home = tmp_path_factory.mktemp("older") / "home"
    shutil.copytree(examples.home, home)
    with duckdb.connect(str(home / "warehouse.duckdb")) as connection:
        for (view,) in connection.execute("SELECT view_name FROM duckdb_views() WHERE NOT internal").fetchall():
            connection.execute(f'DROP VIEW "{view}"')
        connection.execute("ALTER TABLE accounts DROP COLUMN niche")
        connection.execute("ALTER TABLE accounts DROP COLUMN username")
        connection.execute("ALTER TABLE account_names DROP COLUMN username")
        connection.execute("DROP TABLE price_summary")
        connection.execute("ALTER TABLE rates DROP COLUMN price")
    return home


@pytest.mark.parametrize("asked", ASKED.values(), ids=ASKED)
def test_it_is_named_with_what_to_do(asked: list[str], home: Path) -> None:
    told = tierwise(*asked, "--home", home)
    assert told.exit_code == 2
    assert "Traceback" not in told.stderr
    assert "was published by another version" in told.stderr
    assert "--rebuild" in told.stderr


def test_doctor_names_it_too(home: Path) -> None:
    told = tierwise("doctor", "--home", home)
    assert told.exit_code == 1
    assert "was published by another version" in told.stdout


def test_a_query_is_answered_all_the_same(home: Path) -> None:
    told = tierwise("query", "SELECT count(*) > 0 AS some FROM posts", "--home", home, "--json")
    assert (told.exit_code, "true" in told.stdout) == (0, True), told.stderr


def test_run_makes_it_anew(home: Path, tmp_path: Path) -> None:
    own = tmp_path / "home"
    shutil.copytree(home, own)
    assert tierwise("run", EXPORTS, "--home", own, "--rebuild").exit_code == 0
    assert tierwise("query", "SELECT niche FROM accounts", "--home", own).exit_code == 0

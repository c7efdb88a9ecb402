"""The warehouse opens in a real DuckDB 1.5, which tools that analysts have are still built on, and says the same there."""

import json
import os
import subprocess
import sys
import venv
from pathlib import Path
from typing import Any

import pytest

from schemas.columns import grain_of
from schemas.tables import MARTS, RUN_TABLES
from tests.example_home import Examples
from warehouse.publish import view_files

REQUIREMENTS = Path(__file__).with_name("duckdb_1_5.txt")
# Of rows only a digest comes back, taken outside the database: each version of DuckDB hashes in its own way.
READ_ALL = """
import duckdb, hashlib, json, sys
with duckdb.connect(sys.argv[1], read_only=True) as connection:
    def ask(sql):
        return connection.execute(sql).fetchall()
    tables = dict(ask("SELECT table_name, comment FROM duckdb_tables()"))
    views = dict(ask("SELECT view_name, comment FROM duckdb_views() WHERE NOT internal"))
    rows = {name: sorted(map(str, ask(f'FROM "{name}"'))) for name in [*tables, *views]}
    found = {
        "version": duckdb.__version__,
        "tables": tables,
        "views": views,
        "columns": sorted(ask("SELECT table_name, column_name, data_type, is_nullable, comment FROM duckdb_columns() WHERE NOT internal")),
        "counts": {name: len(found) for name, found in rows.items()},
        "digests": {name: hashlib.sha256("\\n".join(found).encode()).hexdigest() for name, found in rows.items()},
        "headline": ask("FROM headline_engagement"),
    }
json.dump(found, sys.stdout, default=str)
"""


@pytest.fixture(scope="module")
def python_with_1_5(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The interpreter of an environment that holds nothing but DuckDB 1.5."""
    place = tmp_path_factory.mktemp("environment")
    venv.create(place, with_pip=False)
    python = place / "bin" / "python"
    pip = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet", "--no-input", "--retries=2"]
    done = subprocess.run(
        [*pip, "--timeout=10", "--no-deps", "--only-binary=:all:", "--require-hashes", "-r", str(REQUIREMENTS)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        assert "DO NOT MATCH THE HASHES" not in done.stderr, done.stderr
        assert os.environ.get("CI") != "true", f"DuckDB 1.5 cannot be installed: {done.stderr}"
        pytest.skip("DuckDB 1.5 cannot be installed here: no package registry within reach")
    return python


def read_all(python: Path, warehouse: Path) -> dict[str, Any]:
    """Every row of every table and view, and what the file says of itself, by one version of DuckDB."""
    done = subprocess.run(
        [str(python), "-c", READ_ALL, str(warehouse)], capture_output=True, text=True, check=False, cwd=warehouse.parent
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert isinstance(found, dict)
    return found


def test_duckdb_1_5_reads_all_that_2_0_does(python_with_1_5: Path, examples: Examples) -> None:
    warehouse = examples.warehouse
    before = warehouse.read_bytes()
    old, new = read_all(python_with_1_5, warehouse), read_all(Path(sys.executable), warehouse)
    assert (old.pop("version")[:4], new.pop("version")[:4]) == ("1.5.", "2.0.")
    assert old == new
    assert old["tables"] == {name: grain_of(model) for name, model in (MARTS | RUN_TABLES).items()}
    assert set(old["views"]) == {name.partition("_")[2] for name in view_files()}
    assert {"posts", "account_engagement", "headline_engagement"} <= {
        name for name, rows in old["counts"].items() if rows
    }
    assert warehouse.read_bytes() == before

"""Without --track nothing of Prefect is loaded, which would cost seconds; and a query reads the warehouse, that is all."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest

from flows import console, start
from tests.example_home import Examples

ROOT = Path(__file__).parents[2]
EXPORTS = ROOT / "examples" / "exports"
# The command, which leaves behind a list of all it has imported.
LISTED = """
import os, sys
from flows.start import main
try:
    main()
finally:
    with open(os.environ["MODULES"], "w", encoding="utf-8") as file:
        file.write("\\n".join(sys.modules))
"""


def imported_by(listing: Path, *arguments: object) -> set[str]:
    """The packages a command has loaded by its end, and our own modules."""
    environment = {name: text for name, text in os.environ.items() if not name.startswith(("PREFECT_", "TIERWISE_"))}
    done = subprocess.run(
        [sys.executable, "-c", LISTED, *map(str, arguments)],
        cwd=ROOT, env=environment | {"MODULES": str(listing)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    names = listing.read_text(encoding="utf-8").split()
    return {name if name.startswith(("flows.", "ingest.", "reports.")) else name.partition(".")[0] for name in names}


def test_an_untracked_run_and_a_query_load_nothing_of_prefect(tmp_path: Path) -> None:
    home = tmp_path / "home"
    by_run = imported_by(tmp_path / "run", "run", EXPORTS, "--home", home)
    by_query = imported_by(tmp_path / "query", "query", "from headline_engagement", "--home", home)
    for loaded, own in ((by_run, "ingest.load"), (by_query, "flows.console")):
        assert {"duckdb", own} <= loaded, "the list is the right one"
        assert not loaded & {"prefect", "fastapi", "sqlalchemy", "uvicorn", "flows.pipeline"}


HEAVY = {
    "altair", "hypothesis", "jinja2", "marts", "numpy", "pandas", "pandera", "pyarrow", "reports.charts", "reports.report", "scipy", "statsmodels",
    "transforms", "vl_convert", "xlsxwriter",
}  # fmt: skip


def test_a_run_with_nothing_to_do_loads_nothing_that_computes(tmp_path: Path) -> None:
    """And one that has something loads none of what its libraries would like to have beside them."""
    home = tmp_path / "home"
    first = imported_by(tmp_path / "first", "run", EXPORTS, "--home", home)
    assert {"marts", "numpy", "pandera", "scipy", "transforms"} <= first, "the list is the right one"
    assert not first & {"hypothesis", "pandas", "pyarrow", "statsmodels"}
    again = imported_by(tmp_path / "again", "run", EXPORTS, "--home", home)
    assert {"duckdb", "flows.run"} <= again
    assert not again & HEAVY


@pytest.fixture(scope="module")
def home(examples: Examples, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with a published warehouse, and beside it files that a query might like to reach."""
    folder = shutil.copytree(examples.home, tmp_path_factory.mktemp("copy") / "home")
    (folder / "tiers.csv").write_text("scheme,tier,tier_rank,followers_min,followers_below\na,b,1,1,1\n")
    return folder


@pytest.fixture
def handlers_kept() -> Iterator[None]:
    """The command answers signals in its own way; the tests keep theirs."""
    kept = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield
    for number, handler in kept.items():
        signal.signal(number, handler)


FORBIDDEN = [
    "INSERT INTO tiers VALUES ('a', 'b', 1, 1, 1)",
    "UPDATE posts SET like_count = 0",
    "DELETE FROM posts",
    "TRUNCATE posts",
    "MERGE INTO tiers USING (SELECT 1) ON false WHEN NOT MATCHED THEN INSERT VALUES ('a', 'b', 1, 1, 1)",
    "CREATE TABLE mine AS SELECT 1",
    "CREATE OR REPLACE VIEW headline_engagement AS SELECT 1",
    "CREATE MACRO mine() AS 1",
    "DROP TABLE posts",
    "DROP VIEW headline_engagement",
    "ALTER TABLE posts RENAME TO mine",
    "COMMENT ON TABLE posts IS 'mine'",
    "ATTACH '{home}/mine.duckdb' AS mine",
    "ATTACH ':memory:' AS mine",
    "DETACH warehouse",
    "COPY posts TO '{home}/mine.csv'",
    "COPY (SELECT 1 AS x) TO '{home}/mine.parquet' (FORMAT parquet)",
    "COPY tiers FROM '{home}/tiers.csv'",
    "EXPORT DATABASE '{home}/mine'",
    "IMPORT DATABASE '{home}/mine'",
    "INSTALL httpfs",
    "LOAD httpfs",
    "SET enable_external_access = true",
    "SET lock_configuration = false",
    "SET threads = 1",
    "RESET memory_limit",
    "PRAGMA threads = 1",
    "PRAGMA enable_profiling",
    "CALL enable_logging()",
    "FROM read_text('/etc/hostname')",
    "FROM read_blob('/etc/hostname')",
    "FROM read_csv('{home}/tiers.csv')",
    "FROM '{home}/tiers.csv'",
    "FROM read_parquet('{home}/lake/**/*.parquet')",
    "FROM glob('{home}/*')",
    "FROM query_table('{home}/tiers.csv')",
    "FROM duckdb_secrets()",
    "WITH gone AS (DELETE FROM posts RETURNING *) SELECT count(*) FROM gone",
    "WITH more AS (INSERT INTO tiers VALUES ('a', 'b', 1, 1, 1) RETURNING *) FROM more",
    "SELECT 1; DELETE FROM posts",
    "EXPLAIN ANALYZE DELETE FROM posts",
    "FROM query('DELETE FROM posts')",
    "FROM a_frame_of_the_program",
]


@pytest.mark.parametrize("sql", FORBIDDEN)
@pytest.mark.usefixtures("handlers_kept")
def test_a_query_can_only_read_the_warehouse(
    sql: str, home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Two lines: what is not allowed, and what to do. Neither the file nor anything beside it has changed."""
    before = {path: path.read_bytes() for path in home.rglob("*") if path.is_file()}
    monkeypatch.setattr(console, "a_frame_of_the_program", pl.DataFrame({"secret": [1]}), raising=False)
    monkeypatch.setattr(sys, "argv", ["tierwise", "query", sql.format(home=home), "--home", str(home)])
    with pytest.raises(SystemExit) as ended:
        start.main()
    told = capsys.readouterr()
    assert ended.value.code == 2
    assert told.out == ""
    assert told.err.startswith("error: the query ")
    assert told.err.count("error:") == 1
    assert told.err.splitlines()[-1].startswith("  fix: ")
    assert len(told.err.splitlines()) <= 3
    assert "Traceback" not in told.err
    assert {path: path.read_bytes() for path in home.rglob("*") if path.is_file()} == before


def test_the_process_says_so_too(home: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "flows.cli", "query", "DELETE FROM posts", "--home", str(home)],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert done.stderr.startswith("error: the query ")
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("sql", ["FROM tiers", "show tables", "DESCRIBE posts", "WITH t AS (FROM tiers) FROM t"])
@pytest.mark.usefixtures("handlers_kept")
def test_what_only_reads_is_answered(
    sql: str, home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Or the refusals above would prove nothing."""
    monkeypatch.setattr(sys, "argv", ["tierwise", "query", sql, "--home", str(home), "--json"])
    with pytest.raises(SystemExit) as ended:
        start.main()
    assert ended.value.code == 0
    assert '"rows": [{' in capsys.readouterr().out

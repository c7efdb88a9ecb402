"""What DuckDB writes where memory does not suffice lies in the home, never in the folder that a run was started from."""

import subprocess
from pathlib import Path

import polars as pl
import pytest

from schemas.tables import MARTS
from tests.changed_posts import of_schema
from warehouse.in_files import InFiles
from warehouse.publish import BUFFER_BYTES, Build, publish

ROOT = Path(__file__).parents[3]
LARGEST = 1 << 20


def test_a_publication_spills_beside_its_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    spill = str(tmp_path / "home" / ".warehouse.duckdb.partial.spill")
    (tmp_path / "home").mkdir()
    is_beside = publish(
        tmp_path / "home" / "warehouse.duckdb",
        lambda build: build.count("SELECT (current_setting('temp_directory') = ?)::INTEGER", [spill]),
        memory_limit=64 << 20,
    )
    assert is_beside
    assert [path.name for path in tmp_path.rglob("*")] == ["home", "warehouse.duckdb"]


@pytest.mark.parametrize(
    ("allowed", "held"), [(64 << 20, 64 << 20), (BUFFER_BYTES * 8, BUFFER_BYTES), (None, BUFFER_BYTES)]
)
def test_a_publication_takes_no_more_memory_than_is_allowed_nor_than_helps(
    tmp_path: Path, allowed: int | None, held: int
) -> None:
    said: list[str] = []

    def fill(build: Build) -> None:
        said.extend(*build._connection.execute("SELECT current_setting('memory_limit')").fetchall())

    publish(tmp_path / "warehouse.duckdb", fill, memory_limit=allowed)
    assert said == [f"{held / (1 << 20):.1f} MiB" if held < 1 << 30 else f"{held / (1 << 30):.1f} GiB"]


@pytest.mark.parametrize("folder", ["home", "ho[m]e*'s"])
def test_what_streams_to_a_table_waits_in_a_file_that_goes(
    folder: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rows that are in files already are read where they lie, and stay there."""
    laid: list[Path] = []
    home = tmp_path / folder
    home.mkdir()

    def noted(rows: pl.LazyFrame, path: Path) -> InFiles:
        laid.append(path)
        return of(rows, path)

    of = InFiles.of
    monkeypatch.setattr(InFiles, "of", noted)
    rows = pl.LazyFrame({"platform": ["x"] * 900, "account_id": [f"{number:03}" for number in range(900)]})
    names = rows.with_columns(username="account_id", basis=pl.lit("name_alone"), is_current=pl.lit(value=True))
    model = MARTS["account_names"]
    whole = of_schema("account_names", names.collect())
    there = of(whole.lazy(), home / "names.parquet")

    def fill(build: Build) -> list[int]:
        loaded = [build.load("account_names", model, whole.lazy())]
        assert not laid[0].exists()
        for more in (there, whole):
            build._connection.execute("DROP TABLE account_names")
            loaded.append(build.load("account_names", model, more))
        return loaded

    assert publish(home / "warehouse.duckdb", fill) == [900, 900, 900]
    assert len(laid) == 1
    assert sorted(path.name for path in home.iterdir()) == ["names.parquet", "warehouse.duckdb"]


def test_what_a_killed_publication_spilled_goes_with_the_next(tmp_path: Path) -> None:
    spill = tmp_path / ".warehouse.duckdb.partial.spill"
    spill.mkdir()
    (spill / "duckdb_temp_storage.tmp").write_bytes(b"names")
    publish(tmp_path / "warehouse.duckdb", lambda build: build.count("SELECT 1"))
    assert [path.name for path in tmp_path.iterdir()] == ["warehouse.duckdb"]


def test_no_large_file_is_kept_with_the_code() -> None:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if listed.returncode:
        pytest.skip("this is no checkout of git")
    files = [ROOT / name.decode() for name in listed.stdout.split(b"\0") if name]
    assert [str(path) for path in files if path.is_file() and path.stat().st_size > LARGEST] == []

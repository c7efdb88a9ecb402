"""A delivery into a fresh home, run by the command in this process, and what the warehouse says of it afterwards."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from schemas.tables import DATASETS
from tests.command import Answer, in_process
from warehouse.lake.commits import Segment
from warehouse.lake.edges import EDGE_SCHEMAS
from warehouse.lake.ledger import Lake
from warehouse.lake.shared_segments import PART
from warehouse.published import open_published

ROOT = Path(__file__).parents[2]
COUNTS = ("rows_read", "rows_loaded", "rows_duplicate", "rows_rejected")
FATES = ("rows_loaded", "rows_duplicate", "rows_rejected", "rows_left_out")
Row = dict[str, Any]


@dataclass(frozen=True)
class Delivery:
    """An exports folder and a home of its own."""

    exports: Path
    home: Path
    command: Callable[..., Answer]

    def put(self, name: str, content: str | bytes) -> None:
        """Lay a file into the exports folder."""
        path = self.exports / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())

    def run(self) -> Answer:
        """`tierwise run`, which never says Traceback, and leaves no file whose counts do not add up."""
        answer = self.command("run", self.exports, "--home", self.home)
        assert "Traceback" not in answer.stderr + answer.stdout
        assert answer.exit_code != 3
        if answer.exit_code != 2 and (self.home / "warehouse.duckdb").exists():
            for row in self.ledger():
                assert row["rows_read"] == sum(row[fate] for fate in FATES), row
            assert_rows_are_those_of_the_ledger(self.home)
        return answer

    def rows(self, sql: str) -> list[Row]:
        """The rows of a query over the warehouse."""
        with open_published(self.home / "warehouse.duckdb") as connection:
            relation = connection.sql(sql)
            return [dict(zip(relation.columns, row, strict=True)) for row in relation.fetchall()]

    def ledger(self) -> list[Row]:
        return self.rows(
            f"SELECT file, verdict, {', '.join(COUNTS)}, rows_left_out, cells_rejected, note FROM load_ledger ORDER BY ALL"
        )

    def rejects(self) -> list[Row]:
        return self.rows(
            "SELECT file, line, column_name, value, rule, allowed, fix, kept FROM rejected_rows ORDER BY file, line, column_name"
        )

    def verdicts(self) -> dict[str, str]:
        return {row["file"]: row["verdict"] for row in self.ledger()}

    def refusals(self) -> dict[str, str]:
        """The rule of each file that was refused as a whole, of which the reject has to say enough."""
        whole = self.rows("SELECT file, rule, allowed, fix FROM rejected_rows WHERE record IS NULL AND dataset IS NULL")
        assert all(row["allowed"] and row["fix"] for row in whole)
        assert {row["file"] for row in whole} == {
            f for f, verdict in self.verdicts().items() if verdict == "quarantined"
        }
        return {row["file"]: row["rule"] for row in whole}

    def accounts(self) -> dict[str, int | None]:
        """Followers of each account that was loaded."""
        return {row["account_id"]: row["followers_count"] for row in self.rows("SELECT * FROM accounts")}

    def run_again(self) -> Row:
        """A second run over the same files, whose summary should have nothing to tell."""
        answer = self.command("run", self.exports, "--home", self.home, "--json")
        summary: Row = json.loads(answer.stdout)
        return summary


def assert_rows_are_those_of_the_ledger(home: Path) -> None:
    """The lake gives as many rows as the ledger says were loaded: none of a quarantined file, none twice."""
    lake = Lake.open(home / "lake")
    counts = [counts for entry in lake.deliveries().values() for counts in entry.counts]
    for dataset in DATASETS.keys() - EDGE_SCHEMAS.keys():
        loaded = sum(each.rows_loaded for each in counts if each.dataset == dataset)
        assert lake.rows(dataset).select(pl.len()).collect().item() == loaded, dataset


def stored(delivery: Delivery) -> dict[str, list[tuple[Any, ...]]]:
    """What the lake holds of each file: account, followers, niche."""
    lake = Lake.open(delivery.home / "lake")
    return {
        entry.file: [
            row
            for segment in entry.segments
            for row in own_rows(lake, segment).select("account_id", "followers_count", "niche").rows()
        ]
        for _, entry in lake.entries()
    }


def own_rows(lake: Lake, segment: Segment) -> pl.DataFrame:
    """The rows of a segment; of one that many small files share, those of the one file."""
    rows = pl.read_parquet(lake.root / segment.path)
    return rows if segment.part is None else rows.filter(pl.col(PART) == segment.part)


def tierwise(*arguments: object, timeout: float = 120, **environment: str) -> Answer:
    """The command as a process of its own."""
    run = subprocess.run(
        [sys.executable, "-m", "flows.cli", *map(str, arguments)],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**os.environ, **environment},
        timeout=timeout,
        check=False,
    )
    return Answer(run.returncode, run.stdout, run.stderr)


@pytest.fixture
def command() -> Callable[..., Answer]:
    """The command line in this process."""
    return in_process


@pytest.fixture
def delivery(tmp_path: Path, command: Callable[..., Answer]) -> Delivery:
    """An empty exports folder, to be filled."""
    (tmp_path / "exports").mkdir()
    return Delivery(tmp_path / "exports", tmp_path / "home", command)

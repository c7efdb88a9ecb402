"""Bad exports, and what must be said of them. A case is a folder `<fault>`; a new one needs no Python.

exports/      what is delivered
case.toml     why        what the case shows
              exit_code  of `tierwise run`
              stderr     texts it must hold; for all runs that publish, the counts of the tables below come on top
              ledger     every file: verdict and counts; `cells_rejected` is 0 where it is left out
              rejects    every refusal: file, line, column_name, value, rule; what is left out is null, and `kept` false.
                         `says` and `fix` are parts of what is said to be allowed (for a whole file: the message), and
                         to do; `no_fix` are texts that may not be among it
              holds      SQL over the warehouse, and its rows; cells left off at the end of a row are null
"""

import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.command import Answer
from tests.rejected.delivery import COUNTS, Delivery, command

HERE = Path(__file__).parent
CASES = {path.parent.name: path.parent for path in sorted(HERE.glob("*/case.toml"))}
KEYS = {
    "case": {"why", "exit_code", "stderr", "ledger", "rejects", "holds"},
    "ledger": {"file", "verdict", *COUNTS, "rows_left_out", "cells_rejected"},
    "rejects": {"file", "line", "column_name", "value", "rule", "says", "fix", "kept", "no_fix"},
    "holds": {"sql", "rows"},
}
__all__ = ["command"]


def test_every_folder_is_a_case() -> None:
    """A folder whose case.toml is missing or misspelt would be left out without a word."""
    folders = {path.name for path in HERE.iterdir() if path.is_dir() and path.name != "__pycache__"}
    assert folders == set(CASES)


@pytest.mark.parametrize("name", CASES)
def test_what_is_wrong_is_said_and_nothing_else_is_lost(
    name: str, tmp_path: Path, command: Callable[..., Answer]
) -> None:
    told = case_of(CASES[name])
    delivery = Delivery(CASES[name] / "exports", tmp_path / "home", command)

    answer = delivery.run()

    assert answer.exit_code == told["exit_code"], answer.stderr
    for text in told.get("stderr", []):
        assert text in answer.stderr
    if "ledger" not in told:
        assert told["stderr"]
        assert not (tmp_path / "home" / "warehouse.duckdb").exists(), "nothing was read, so nothing is published"
        return
    assert_said(delivery, answer, told)
    assert delivery.run_again()["published"] is False, "what was said once is not said again"


def case_of(folder: Path) -> dict[str, Any]:
    """The case, none of its keys misspelt."""
    told = tomllib.loads((folder / "case.toml").read_text(encoding="utf-8"))
    assert told["why"]
    assert told.keys() <= KEYS["case"]
    for table in ("ledger", "rejects", "holds"):
        assert all(row.keys() <= KEYS[table] for row in told.get(table, []))
    return told


def assert_said(delivery: Delivery, answer: Answer, told: dict[str, Any]) -> None:
    """Ledger, rejects and warehouse are as told, and the summary counts them."""
    ledger, rejects = delivery.ledger(), delivery.rejects()
    assert [{key: row[key] for key in KEYS["ledger"]} for row in ledger] == sorted(
        ({"rows_left_out": 0, "cells_rejected": 0, **row} for row in told["ledger"]), key=lambda row: row["file"]
    )
    quarantined = sum(row["verdict"] == "quarantined" for row in told["ledger"])
    assert f"{quarantined} quarantined" in answer.stderr
    assert f"{sum(row['rows_rejected'] for row in told['ledger'])} rejected" in answer.stderr
    assert not quarantined or all(row["note"] for row in ledger if row["verdict"] == "quarantined")

    expected = sorted(
        ({"kept": False, **row} for row in told.get("rejects", [])), key=lambda row: (row["file"], row.get("line", 0))
    )
    exact = ("file", "line", "column_name", "value", "rule", "kept")
    assert [{key: row[key] for key in exact} for row in rejects] == [
        {key: row.get(key) for key in exact} for row in expected
    ]
    for row, wish in zip(rejects, expected, strict=True):
        assert wish["says"]
        assert wish["says"] in row["allowed"]
        assert wish["fix"]
        assert wish["fix"] in row["fix"]
        assert not any(text in row["fix"] for text in wish.get("no_fix", []))

    for question in told.get("holds", []):
        found = [tuple(row.values()) for row in delivery.rows(question["sql"])]
        assert found == [(*row, *[None] * (len(found[0]) - len(row))) for row in question["rows"]]

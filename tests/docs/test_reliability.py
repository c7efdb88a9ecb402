"""docs/reliability.md lists each fault with a test that exists."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "reliability.md").read_text(encoding="utf-8")


def rows_under(heading: str) -> list[list[str]]:
    section = PAGE.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    rows = [line.strip("|").split(" | ") for line in section.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in row] for row in rows[1:]]


ROWS = [*rows_under("Faults"), *rows_under("More that was tried")]


def test_every_fault_has_a_row_of_its_own() -> None:
    assert len(rows_under("Faults")) == 66
    assert all(len(row) == 4 and all(row) for row in ROWS)
    assert len({row[0] for row in ROWS}) == len(ROWS)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_its_test_exists(row: list[str]) -> None:
    _, tried, _, test = row
    if test in ("by hand", "none"):
        assert tried.startswith("by hand: " if test == "by hand" else "not tried: ")
        return
    for named in test.split(", "):
        path, _, name = named.strip("`").partition("::")
        text = (ROOT / path).read_text(encoding="utf-8")
        assert not name or re.search(rf"^def {name}\(", text, re.MULTILINE), named

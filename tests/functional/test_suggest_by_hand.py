"""A draft of `tierwise suggest` that asks nothing loads what the declaration that was written by hand loads."""

import shutil
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from ingest.edges import EdgeContext
from ingest.export_file import ExportFile
from ingest.files import list_exports
from ingest.inventory import take_inventory
from ingest.load import load_files
from ingest.sources import CANONICAL, read_sources, source_of
from ingest.suggest.draft import draft
from ingest.suggest.look import look_at
from schemas.errors import TierwiseError
from schemas.sources import Sources
from tests.property.test_small_files import becomes
from warehouse.lake.ledger import Lake

ROOT = Path(__file__).parents[2]
CASES = ROOT.parent / "shared" / "cases"
LARGEST, FILES_MAX = 5_000_000, 30
BY_HAND = "what the file does not hold, such as the day of its figures, is declared by hand"
WRONG = "the declaration is wrong on purpose"
# Files whose draft asks nothing and loads something else all the same.
DIFFERENT = {
    "examples/exports: youtube/channels.csv": BY_HAND,
    "tests/golden/accounts/days_alone/exports: taken-2026-03-29/by_path.csv": BY_HAND,
    "tests/rejected/everything_skipped/exports: ranking.csv": WRONG,
    "tests/golden/rates/names_on_youtube/exports: prices.csv": BY_HAND,
    "blank_handles/exports: creators.csv": BY_HAND,
    "identity/exports: rates.csv": BY_HAND,
}


def folders(*roots: Path) -> list[Path]:
    found = {path.parent for root in roots for path in root.rglob("sources.toml")}
    return sorted(folder for folder in found if _declared(folder))


def _declared(folder: Path) -> Sources | None:
    try:
        return read_sources(folder)
    except TierwiseError:
        return None


def declared_files(folder: Path) -> list[ExportFile]:
    """The files that a source names; none where it would take long."""
    every, sources = list(list_exports(folder)), read_sources(folder)
    if len(every) > FILES_MAX or sum(file.size for file in every) > LARGEST:
        return []
    return [file for file in every if _is_declared(file.name, sources)]


def _is_declared(name: str, sources: Sources) -> bool:
    try:
        return source_of(name, sources) is not CANONICAL
    except TierwiseError:
        return False


def loaded(exports: Path, home: Path) -> dict[str, Any]:
    """The verdict of each file and its rows by dataset, columns that nothing fills left out."""
    lake = Lake.open(home)
    context = EdgeContext(lambda: "a secret of members that are not real")
    first = load_files(take_inventory(exports, lake).to_read, lake, context)
    entries = [*first.entries, *load_files(first.late, lake, context).entries]
    return {entry.file: (entry.verdict, becomes(lake, entry)["rows"]) for entry in entries}


def asks(block: str) -> bool:
    return "# ?" in block or "in place of what stands here" in block


@cache
def shown(folder: Path) -> str:
    return str(folder.relative_to(CASES if folder.is_relative_to(CASES) else ROOT))


def compare(folder: Path, tmp_path: Path) -> None:
    files = declared_files(folder)
    by_hand = loaded(folder, tmp_path / "by hand") if files else {}
    for number, file in enumerate(files):
        try:
            block = draft(look_at(file, tmp_path))
        except TierwiseError:
            continue  # none of its columns says what it is about, which is told
        if asks(block):
            continue
        alone = tmp_path / str(number)
        copy = alone / file.path.relative_to(folder)
        copy.parent.mkdir(parents=True)
        shutil.copy(file.path, copy)
        (alone / "sources.toml").write_text(block, encoding="utf-8")
        is_same = loaded(alone, tmp_path / f"home-{number}")[file.name] == by_hand.get(file.name)
        assert is_same == (f"{shown(folder)}: {file.name}" not in DIFFERENT), block


@pytest.mark.parametrize("folder", folders(ROOT / "tests", ROOT / "examples"), ids=shown)
def test_fixtures_and_examples(folder: Path, tmp_path: Path) -> None:
    compare(folder, tmp_path)


@pytest.mark.skipif(not CASES.exists(), reason="the cases in ../shared are absent")
@pytest.mark.parametrize("folder", folders(CASES) if CASES.exists() else [], ids=shown)
def test_cases(folder: Path, tmp_path: Path) -> None:
    compare(folder, tmp_path)


def test_a_file_under_a_canonical_header_is_drafted_where_its_cells_need_it(tmp_path: Path) -> None:
    header = "platform,account_id,followers_count,observed_at\n"
    for name, cells in (
        ("plain", "12,2026-03-01T10:00:00Z"),
        ("words", "1.2M,2026-03-01T10:00:00Z"),
        ("days", "12,31.12.2026 10:00"),
    ):
        (tmp_path / f"{name}.csv").write_text(header + f"x,kim,{cells}\n" * 3, encoding="utf-8")
    blocks = {file.name: draft(look_at(file, tmp_path)) for file in list_exports(tmp_path)}
    assert blocks["plain.csv"] == ""
    assert 'number = "suffix"' in blocks["words.csv"]
    assert 'date_format = "%d.%m.%Y %H:%M"' in blocks["days.csv"]
    assert "# ?" in blocks["days.csv"], "its zone is a guess"


def test_what_a_draft_cannot_say_is_asked(tmp_path: Path) -> None:
    (tmp_path / "cells.csv").write_text("id,text,author_id,metrics\n1,tea,kim,{'likes': 4}\n", encoding="utf-8")
    (tmp_path / "words.csv").write_text("handle,subscribers\nkim,5\nben,7\nzoe,9\nTea,Peru\n", encoding="utf-8")
    lines = '{"stream": "posts", "data": {"id": "1", "like_count": 4}}\n{"stream": "users", "data": {"id": "2", "followers": 4}}\n'
    (tmp_path / "dump.jsonl").write_text(lines, encoding="utf-8")
    blocks = {file.name: draft(look_at(file, tmp_path)) for file in list_exports(tmp_path)}
    assert "# ? the cells of 'metrics' hold figures of their own" in blocks["cells.csv"]
    assert "# ? 'Peru' in 'subscribers' is taken for not known" in blocks["words.csv"]
    assert "# ? 'stream' names several kinds of records" in blocks["dump.jsonl"]

"""The script of the charts is made once and kept, and a report is drawn whatever becomes of what is kept."""

import os
from pathlib import Path

import pytest

from reports import script_bundle as kept
from reports.script_bundle import cache_folder, script_bundle


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Each making, which would take two seconds, noted; the script is a short one."""
    makings: list[str] = []

    def make() -> str:
        makings.append("made")
        return "window.drawn = 'y\u00e4';\nlast();"

    monkeypatch.setattr(kept, "_made", make)
    return makings


def test_it_is_made_once(made: list[str], tmp_path: Path) -> None:
    folder = tmp_path / "not" / "there" / "yet"
    assert script_bundle(folder) == script_bundle(folder) == "window.drawn = 'y\u00e4';\nlast();"
    assert made == ["made"]
    assert [path.suffix for path in folder.iterdir()] == [".js"]


@pytest.mark.parametrize(
    "spoil", [lambda data: data[:-4], lambda data: b"", lambda data: b"\xff" + data, lambda data: data + b" "]
)
def test_what_was_damaged_is_made_anew(spoil: "object", made: list[str], tmp_path: Path) -> None:
    text = script_bundle(tmp_path)
    (path,) = tmp_path.iterdir()
    assert callable(spoil)
    path.write_bytes(spoil(path.read_bytes()))
    assert script_bundle(tmp_path) == script_bundle(tmp_path) == text
    assert made == ["made", "made"]


def test_a_place_that_cannot_be_used_costs_time_alone(made: list[str], tmp_path: Path) -> None:
    """A file where the folder belongs, and a folder where the script belongs."""
    (tmp_path / "file").write_text("x", encoding="utf-8")
    text = script_bundle(tmp_path / "file" / "below")
    script_bundle(tmp_path)
    (path,) = tmp_path.glob("*.js")
    path.unlink()
    path.mkdir()
    assert script_bundle(tmp_path) == text
    assert made == ["made"] * 3
    assert not list(tmp_path.glob(".*.partial"))


def test_it_is_kept_where_the_user_keeps_such_things(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", os.fspath(tmp_path))
    assert cache_folder() == tmp_path / "tierwise"
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", os.fspath(tmp_path))
    assert cache_folder() == tmp_path / ".cache" / "tierwise"

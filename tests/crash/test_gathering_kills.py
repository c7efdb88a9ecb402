"""A run killed while it gathers small segments, or lays the files of the ledger together, leaves the lake whole."""

import shutil
import signal
from pathlib import Path

import pytest

from flows.run import run
from flows.settings import Settings
from tests.crash.children import end_of, start
from tests.crash.test_kills import published_hash
from tests.functional.test_gathered_lake import DAYS, deliver, filled
from tests.sample import how_many
from warehouse.lake import gathered, ledger_files
from warehouse.lake.health import damaged
from warehouse.lake.ledger import Lake


def _run_gathering(exports: Path, home: Path) -> None:
    gathered.FILES, ledger_files.FILES = 2, 3
    run(exports, Settings(home=home, draw_report=False))


def test_killed_at_every_side_effect_of_gathering(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gathered, "FILES", 2)
    exports, settings = filled(tmp_path)
    before = published_hash(settings.home)
    deliver(exports, DAYS + 1, ("zq-ann", "zq-ben"))
    listing, whole = tmp_path / "moments", tmp_path / "whole"
    shutil.copytree(settings.home, whole)
    assert end_of(start(_run_gathering, exports, whole, TIERWISE_CRASH_LIST=str(listing))) == 0
    after = published_hash(whole)
    names = listing.read_text(encoding="utf-8").splitlines()
    chosen = [name.split(" ")[0] for name in names if "gathered-" in name or ".json" in name]
    assert any("00000001-0000000" in name for name in names), "the ledger is laid together"
    assert len(chosen) >= 3 * 5
    every = len(chosen) // how_many(5, long=15)
    every += every % 5 == 0  # they come in fives, each of which is to be among them
    for number in chosen[::every]:
        home = tmp_path / f"home-{number}"
        shutil.copytree(settings.home, home)
        assert end_of(start(_run_gathering, exports, home, TIERWISE_CRASH_AT=number)) == -signal.SIGKILL
        assert published_hash(home) in {before, after}
        assert damaged(Lake.open(home / "lake")) == {}
        assert end_of(start(_run_gathering, exports, home)) == 0
        assert published_hash(home) == after
        shutil.rmtree(home)

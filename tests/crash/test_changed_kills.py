"""Publishing what has changed, killed before and after each of its side effects."""

import json
import signal
from pathlib import Path

import pytest

from tests.crash.children import end_of, start_change
from tests.crash.test_kills import copy, leftovers, published_hash, two_at_a_time
from tests.sample import sample_of
from warehouse.changed import KEPT


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("before")
    assert end_of(start_change(home, 0, True)) == 0
    return home


@pytest.mark.parametrize("copied", [True, False])
def test_killed_at_every_side_effect(copied: bool, before: Path, tmp_path: Path) -> None:
    home, listing = tmp_path / "home", tmp_path / "list"
    copy(before, home)
    assert end_of(start_change(home, 1, copied, TIERWISE_CRASH_LIST=str(listing))) == 0
    names = dict(line.split(" ", 1) for line in listing.read_text(encoding="utf-8").splitlines())
    own = {"copy", "delete posts"} if copied else {"select"}
    ends = {f"{kind} {file}" for kind in ("fsync", "rename", "renamed") for file in (KEPT, "warehouse.duckdb")}
    assert set(names.values()) >= {*own, *ends, "insert posts", "checkpoint"}
    after = published_hash(home)
    hashes = {published_hash(before), after}
    assert len(hashes) == 2
    loads = [number for number, name in names.items() if name.startswith("load ")]
    chosen = sample_of(sorted({*names} - {*loads}, key=int), every=3) + sample_of(loads, every=15)

    def kill_and_recover(number: int) -> None:
        mine = tmp_path / f"home-{number}"
        copy(before, mine)
        assert end_of(start_change(mine, 1, copied, TIERWISE_CRASH_AT=str(number))) == -signal.SIGKILL, names[
            str(number)
        ]
        assert published_hash(mine) in hashes, names[str(number)]
        assert end_of(start_change(mine, 1, copied)) == 0
        assert published_hash(mine) == after
        assert leftovers(mine) == []
        # What is kept is of the file that is published: the next publication goes by it.
        assert json.loads((mine / "kept" / KEPT).read_text())["bytes"] == (mine / "warehouse.duckdb").stat().st_size

    two_at_a_time(kill_and_recover, [int(number) for number in chosen])

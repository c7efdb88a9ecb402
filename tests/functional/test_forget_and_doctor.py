"""Forgetting, and rotating the key, in a home that is damaged or was left in the middle of it: the doctor helps."""

from pathlib import Path
from typing import Any

import pytest

from tests.functional.test_doctor import blank, cut
from tests.functional.test_forget import AS_OF, KEY, PEOPLE, figures, filled, forget, home_without, tierwise, traces
from warehouse.lake.forgotten import Request, write_request
from warehouse.lake.ledger import Lake

PERSON = PEOPLE[1]


def segment_of(home: Path, file: str) -> Path:
    lake = Lake.open(home / "lake")
    (entry,) = [entry for _, entry in lake.entries() if entry.file == file]
    return lake.root / entry.segments[0].path


@pytest.mark.parametrize("command", [("forget", f"tiktok:{PERSON}"), ("key", "rotate")], ids=["forget", "rotate"])
@pytest.mark.parametrize("damage", [cut, blank, Path.unlink])
def test_a_damaged_lake_is_mended_first(tmp_path: Path, command: tuple[str, ...], damage: Any) -> None:
    exports, home = filled(tmp_path)
    lost = segment_of(home, "follows.csv")
    damage(lost)
    keys = {"TIERWISE_MEMBER_KEY": f"{KEY}\n{KEY[::-1]}" if command[0] == "key" else KEY}
    refused = tierwise(*command, "--home", home, **keys)
    assert (refused.exit_code, "tierwise doctor --fix" in refused.stderr) == (2, True), refused.stderr
    assert not (home / "lake/forget.request").exists()
    assert "fixed  segments" in tierwise("doctor", "--fix", "--home", home).stdout
    done = tierwise(*command, "--home", home, **keys)
    assert done.exit_code == 0, done.stderr
    # What the lost segment held is read again, and written where it was.
    assert tierwise("run", exports, "--home", home, "--as-of", AS_OF, **keys).exit_code == 0
    if command[0] == "forget":
        assert traces(home, PERSON) == []
        assert figures(home) == figures(home_without(tmp_path, [PERSON]))
    else:
        assert traces(home, PERSON, key=KEY) == []
        assert traces(home, PERSON, key=keys["TIERWISE_MEMBER_KEY"])
    assert tierwise("doctor", "--home", home, **keys).exit_code == 0


@pytest.mark.parametrize("ended_by", ["doctor", "run", "forget"])
def test_a_request_left_in_the_middle_is_told_and_ended(tmp_path: Path, ended_by: str) -> None:
    exports, home = filled(tmp_path)
    write_request(Lake.open(home / "lake"), Request("one", (("tiktok", PERSON),)), KEY)
    assert PERSON.encode() not in (home / "lake/forget.request").read_bytes()
    told = tierwise("doctor", "--home", home)
    assert (told.exit_code, "forgetting people was stopped in the middle" in told.stdout) == (1, True)
    match ended_by:
        case "doctor":
            assert "wrong  segments" not in tierwise("doctor", "--fix", "--home", home).stdout
        case "run":
            assert tierwise("run", exports, "--home", home, "--as-of", AS_OF).exit_code == 0
        case _:
            forget(home, "tiktok:zq-somebody-else")
    assert traces(home, PERSON) == []
    assert tierwise("run", exports, "--home", home, "--as-of", AS_OF).exit_code == 0
    assert figures(home) == figures(home_without(tmp_path, [PERSON]))
    assert tierwise("doctor", "--home", home).exit_code == 0


def test_a_request_that_the_key_is_gone_of_is_not_dropped(tmp_path: Path) -> None:
    exports, home = filled(tmp_path)
    write_request(Lake.open(home / "lake"), Request("one", (("tiktok", PERSON),)), KEY)
    for command in (("run", exports), ("doctor", "--fix")):
        assert tierwise(*command, "--home", home, TIERWISE_MEMBER_KEY=KEY[::-1]).exit_code in (1, 2)
    assert tierwise("run", exports, "--home", home, "--as-of", AS_OF).exit_code == 0
    assert traces(home, PERSON) == []

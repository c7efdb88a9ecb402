"""The key of the pseudonyms: where it is, how long it must be, and how another takes its place."""

import json
import stat
from pathlib import Path

import polars as pl
import pytest

from schemas.keys import member_key
from tests.functional.test_forget import KEY, PEOPLE, exports_without, figures, tierwise, traces

FILE_KEY = "a new key: words, with blanks between them"


@pytest.mark.parametrize("key", ["hush", "fifteen-letters", "long-enough-to-be-kept\nand", "   "])
def test_a_key_that_could_be_guessed_is_refused(tmp_path: Path, key: str) -> None:
    exports = exports_without(tmp_path / "exports")
    refused = tierwise("run", exports, "--home", tmp_path / "home", TIERWISE_MEMBER_KEY=key)
    assert (refused.exit_code, "16 characters" in refused.stderr, "openssl rand -hex 32" in refused.stderr) == (
        2,
        True,
        True,
    )
    assert key.strip() == "" or key not in refused.stderr
    assert not (tmp_path / "home").exists()


def test_a_key_in_a_file_of_its_own_is_made_at_first_use(tmp_path: Path) -> None:
    exports, file = exports_without(tmp_path / "exports"), tmp_path / "safe" / "tierwise.key"
    where = {"TIERWISE_MEMBER_KEY": None, "TIERWISE_MEMBER_KEY_FILE": str(file)}
    assert tierwise("run", exports, "--home", tmp_path / "home", **where).exit_code == 0
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert not list((tmp_path / "home").rglob("*.key"))
    assert traces(tmp_path / "home", PEOPLE[0], key=file.read_text())
    file.write_text("too-short")
    refused = tierwise("run", exports, "--home", tmp_path / "other", **where)
    assert (refused.exit_code, str(file) in refused.stderr) == (2, True)
    both = tierwise("run", exports, "--home", tmp_path / "other", TIERWISE_MEMBER_KEY_FILE=str(file))
    assert (both.exit_code, "unset the other" in both.stderr) == (2, True)


def stored(home: Path) -> set[int]:
    return {
        key
        for dataset in ("follows", "likes", "comments")
        for path in (home / "lake/segments" / dataset).rglob("*.parquet")
        for key in pl.read_parquet(path, hive_partitioning=False).get_column("member_key")
    }


def key_ids(home: Path) -> set[str | None]:
    paths = [
        path for name in ("follows", "likes", "comments") for path in (home / "lake/segments" / name).rglob("*.parquet")
    ]
    return {pl.read_parquet_metadata(path).get("key_id") for path in paths}


def test_a_rotated_key_gives_the_same_figures_and_no_earlier_pseudonym(tmp_path: Path) -> None:
    """Of members who come by id and of those who come as pseudonyms, and of the forgotten."""
    exports, home, never = tmp_path / "exports", tmp_path / "home", tmp_path / "never"
    exports_without(exports)
    (exports / "hidden.csv").write_text(
        "platform,account_id,follower_id\ntiktok,ann,zq-hidden-1\ntiktok,ann,zq-hidden-2\n"
    )
    (exports / "sources.toml").write_text('[[source]]\nfiles = "hidden*.csv"\nmembers = "pseudonyms"\n')
    more = "platform,account_id,follower_id\ntiktok,ben,zq-hidden-1\ntiktok,ben,zq-hidden-3\n"
    later = f"platform,account_id,follower_id\ntiktok,ben,zq-late\ntiktok,ann,{PEOPLE[0]}\ntiktok,ben,{PEOPLE[2]}\n"
    where = {"TIERWISE_MEMBER_KEY": None}
    for place in (home, never):
        assert tierwise("run", exports, "--home", place, **where).exit_code == 0
        assert tierwise("forget", f"tiktok:{PEOPLE[2]}", "--home", place, **where).exit_code == 0
    before, old = stored(home), (home / "member.key").read_text()
    for _ in range(2):
        rotated = tierwise("key", "rotate", "--home", home, **where)
        assert rotated.exit_code == 0, rotated.stderr
        assert not before & stored(home)
        assert len(before) == len(stored(home))
        before = stored(home)
    key = (home / "member.key").read_text()
    assert (key.splitlines()[0], len(key.splitlines()), stat.S_IMODE((home / "member.key").stat().st_mode)) == (
        old,
        3,
        0o600,
    )
    assert traces(home, PEOPLE[0], key=old) == []
    assert traces(home, PEOPLE[0], key=key)
    for name, text in (("hidden_too.csv", more), ("later.csv", later)):
        (exports / name).write_text(text)
    for place in (home, never):
        ran = tierwise("run", exports, "--home", place, **where)
        assert ran.exit_code == 0, ran.stderr
    assert figures(home) == figures(never)
    assert traces(home, PEOPLE[2], key=key) == []
    assert len(key_ids(home)) == 1
    names = pl.DataFrame({"platform": "tiktok", "name": [PEOPLE[0]]})
    assert names.select(member_key("name", key)).item() in stored(home)


def test_a_key_of_the_environment_is_rotated_by_giving_both(tmp_path: Path) -> None:
    exports, home = exports_without(tmp_path / "exports"), tmp_path / "home"
    assert tierwise("run", exports, "--home", home).exit_code == 0
    told = tierwise("key", "rotate", "--home", home)
    assert (told.exit_code, "on a line below" in told.stderr, KEY in told.stderr) == (2, True, False)
    both = f"{KEY}\n{FILE_KEY}"
    unfinished = tierwise("run", exports, "--home", home, "--as-of", "2026-07-31", TIERWISE_MEMBER_KEY=both)
    assert (unfinished.exit_code, "tierwise key rotate" in unfinished.stderr) == (2, True)
    assert tierwise("key", "rotate", "--home", home, TIERWISE_MEMBER_KEY=both).exit_code == 0
    assert tierwise("run", exports, "--home", home, TIERWISE_MEMBER_KEY=both).exit_code == 0
    for key in (KEY, FILE_KEY, f"{FILE_KEY}\n{KEY}"):
        assert tierwise("run", exports, "--home", home, "--as-of", "2026-07-30", TIERWISE_MEMBER_KEY=key).exit_code == 2


def test_where_there_are_no_pseudonyms_there_is_nothing_to_rotate(tmp_path: Path) -> None:
    exports, home = tmp_path / "exports", tmp_path / "home"
    exports.mkdir()
    (exports / "accounts.csv").write_text("platform,account_id,followers_count\ntiktok,ann,5\n")
    assert tierwise("run", exports, "--home", home, "--json").exit_code == 0
    refused = tierwise("key", "rotate", "--home", home, TIERWISE_MEMBER_KEY=None)
    assert (refused.exit_code, "nothing to rotate" in refused.stderr) == (2, True)
    assert json.loads(tierwise("ledger", "--home", home, "--json").stdout)["rows"][0]["rows_forgotten"] == 0

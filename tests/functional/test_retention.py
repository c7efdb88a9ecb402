"""Follows, likes and comments that are older than they are kept: taken out of the lake, and left out of what comes later."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from flows.run import run as run_here
from flows.settings import Settings
from tests.functional.test_doctor import Spoiler
from tests.functional.test_forget import AS_OF, KEY, exports_without, figures, filled, ledger, tierwise, traces
from warehouse.lake.ledger import Lake
from warehouse.published import open_published

LIKES = "platform,post_id,liker_id,liked_at\n"


def test_edges_older_than_the_retention_are_taken_out_and_left_out(tmp_path: Path) -> None:
    exports, home = filled(tmp_path)
    (exports / "old.csv").write_text(
        "platform,post_id,liker_id,liked_at\ntiktok,post-ann-1,zq-old,2025-01-01T00:00:00Z\ntiktok,post-ann-1,zq-undated,\n"
    )
    # From 1 August back to 13 January: follows of 2 January are too old, those without a time that can be read are not.
    ran = tierwise("run", exports, "--home", home, "--as-of", AS_OF, TIERWISE_RETENTION="200d")
    assert ran.exit_code == 0, ran.stderr
    assert traces(home, "zq-old") == []
    assert traces(home, "zq-undated")
    counted = {key[0]: (row["rows_loaded"], row["rows_forgotten"]) for key, row in ledger(home).items()}
    assert (counted["old.csv"], counted["follows.csv"], counted["likes.ndjson"]) == ((1, 1), (2, 8), (10, 0))
    with open_published(home / "warehouse.duckdb") as connection:
        known = connection.sql(
            "SELECT sum(followers_known_count) FROM audience WHERE time_window = 'all_time'"
        ).fetchall()
    assert known == [(2,)]
    before = figures(home)
    again = tierwise(
        "run", exports, "--home", home, "--as-of", AS_OF, TIERWISE_RETENTION="200d", TIERWISE_MEMBER_KEY=KEY
    )
    assert (again.exit_code, "nothing changed" in again.stderr, figures(home)) == (0, True, before)


@pytest.mark.parametrize("written", ["400", "0d", "-3d", "a year", "1.5d", "99999999999d"])
def test_a_retention_is_a_number_of_days(tmp_path: Path, written: str) -> None:
    refused = tierwise("ledger", "--home", tmp_path, TIERWISE_RETENTION=written)
    assert (refused.exit_code, "write it as 400d" in refused.stderr) == (2, True)


def test_one_wrong_time_of_years_to_come_takes_nothing_out(tmp_path: Path) -> None:
    """What is taken out does not come back, so no time counts that the clock of the machine has not reached."""
    exports, home = filled(tmp_path)
    (exports / "ahead.csv").write_text(LIKES + "tiktok,post-ann-1,zq-ahead,2200-01-01T00:00:00Z\n")
    # So many days before 2200 is later than all there is, and before today earlier.
    days = (datetime(2200, 1, 1, tzinfo=UTC) - datetime(2026, 12, 1, tzinfo=UTC)).days
    ran = tierwise("run", exports, "--home", home, TIERWISE_RETENTION=f"{days}d")
    assert ran.exit_code == 0, ran.stderr
    assert {row["rows_forgotten"] for row in ledger(home).values()} == {0}


@pytest.mark.parametrize("given", ["1991-01-01", "2199-12-31"])
def test_a_retention_longer_than_time(tmp_path: Path, given: str) -> None:
    exports, home = filled(tmp_path)
    ran = tierwise("run", exports, "--home", home, "--as-of", given, TIERWISE_RETENTION="364999d")
    assert ran.exit_code == 0, ran.stderr
    assert {row["rows_forgotten"] for row in ledger(home).values()} == {0}


def test_what_is_too_old_is_told_of_the_run_that_brings_it(tmp_path: Path) -> None:
    """A batch that is not sealed yet loses it too, and the ledger file it is sealed with says so."""
    exports, home = exports_without(tmp_path / "exports"), tmp_path / "home"
    for number in range(3):
        rows = [
            f"tiktok,post-ann-1,zq-old-{number},2024-01-01T00:00:00Z\n",
            "tiktok,post-ann-2,zq-new,2026-07-03T00:00:00Z\n",
        ]
        (exports / f"more{number}.csv").write_text(LIKES + "".join(rows))
    ran = tierwise("run", exports, "--home", home, "--as-of", AS_OF, TIERWISE_RETENTION="400d")
    assert (ran.exit_code, " + 3 forgotten" in ran.stderr) == (0, True), ran.stderr
    assert [traces(home, f"zq-old-{number}") for number in range(3)] == [[], [], []]
    commits = Lake.open(home / "lake").commits
    assert [(len(commit.entries), commit.receipt is None) for commit in commits] == [(0, False), (8, True)]
    assert {key[0]: row["rows_forgotten"] for key, row in ledger(home).items() if row["rows_forgotten"]} == {
        f"more{number}.csv": 1 for number in range(3)
    }
    for number in range(3):
        (exports / f"more{number}.csv").write_text(LIKES + "tiktok,post-ann-2,zq-new,2026-07-03T00:00:00Z\n")
    assert tierwise("run", exports, "--home", tmp_path / "never", "--as-of", AS_OF).exit_code == 0
    assert figures(home) == figures(tmp_path / "never")
    assert tierwise("doctor", "--home", home).exit_code == 0


def test_a_file_that_cannot_be_published_is_quarantined_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TIERWISE_MEMBER_KEY", KEY)
    exports, home = filled(tmp_path)
    (exports / "old.csv").write_text(LIKES + "tiktok,post-ann-1,zq-old,2024-01-01T00:00:00Z\n")
    (exports / "lost.csv").write_text("platform,account_id,follower_id\ntiktok,ann,zq-lost\n")
    kept = Settings(home=home, retention="400d", draw_report=False)
    summary = run_here(exports, kept, datetime.fromisoformat(AS_OF), Spoiler("lost.csv"))
    assert [note.partition(":")[0] for note in summary.quarantined] == ["lost.csv"]
    assert traces(home, "zq-old") == []
    counted = {key[0]: (row["verdict"], row["rows_loaded"], row["rows_forgotten"]) for key, row in ledger(home).items()}
    assert counted["old.csv"] == ("loaded", 0, 1)
    assert counted["lost.csv"][0] == "quarantined"

"""What the doctor finds in a home, what it fixes, and that a home it says is well is well."""

import json
import os
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import duckdb
import pytest

from flows.run import Executor, only_run
from flows.run import run as run_here
from flows.settings import Settings
from flows.summary import Reading, RunSummary
from tests.command import Answer
from tests.rejected.delivery import Delivery, command, delivery
from warehouse.lake.ledger import Lake

__all__ = ["command", "delivery"]

POSTS = "platform,post_id,account_id,like_count,comment_count\n"
FILES = {
    "accounts.csv": "platform,account_id,followers_count\ntiktok,stork,4400\ntiktok,crane,many\n",
    "posts.csv": POSTS + "tiktok,s1,stork,220,22\n",
    "follows.csv": "platform,account_id,follower_id\ntiktok,stork,m1\ntiktok,stork,m2\n",
}


@pytest.fixture
def home(delivery: Delivery) -> Delivery:
    for name, text in FILES.items():
        delivery.put(name, text)
    assert run(delivery).exit_code == 0
    return delivery


def run(delivery: Delivery) -> Answer:
    return delivery.command("run", delivery.exports, "--home", delivery.home)


def doctor(delivery: Delivery, *options: str) -> Answer:
    return delivery.command("doctor", "--home", delivery.home, *options)


def wrong(delivery: Delivery, *options: str) -> dict[str, Any]:
    """The checks that find something, by name; the exit code must agree."""
    answer = doctor(delivery, *options, "--json")
    told = json.loads(answer.stdout)
    assert answer.exit_code == (0 if told["is_healthy"] else 1)
    return {check["name"]: check for check in told["checks"] if check["is_wrong"]}


def segment_of(delivery: Delivery, file: str) -> Path:
    lake = Lake.open(delivery.home / "lake")
    (entry,) = [entry for _, entry in lake.entries() if entry.file == file]
    return lake.root / entry.segments[0].path


def test_a_fresh_home_is_well_and_private(home: Delivery) -> None:
    answer = doctor(home)
    assert answer.exit_code == 0, answer.stdout
    assert "wrong" not in answer.stdout
    for path in (home.home, *home.home.rglob("*")):
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path


def test_no_home_is_told(tmp_path: Path, delivery: Delivery) -> None:
    answer = delivery.command("doctor", "--home", tmp_path / "nowhere")
    assert answer.exit_code == 1
    assert "there is no home folder" in answer.stdout
    assert not (tmp_path / "nowhere").exists(), "looking makes nothing"


@pytest.mark.parametrize("mode", [0o644, 0o660, 0o604])
def test_what_others_may_read_is_told_and_fixed(home: Delivery, mode: int) -> None:
    (home.home / "warehouse.duckdb").chmod(mode)
    (home.home / "lake").chmod(0o755)
    assert "warehouse.duckdb" in wrong(home)["permissions"]["found"]
    assert wrong(home, "--fix")["permissions"]["is_fixed"] is True
    assert wrong(home) == {}


def test_links_are_not_followed(home: Delivery, tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("mine", encoding="utf-8")
    (tmp_path / "mine").chmod(0o644)
    (home.home / "link").symlink_to(tmp_path / "mine")
    wrong(home, "--fix")
    assert stat.S_IMODE((tmp_path / "mine").stat().st_mode) == 0o644


def test_a_foreign_wal_is_moved_aside_and_nothing_of_it_is_lost(home: Delivery) -> None:
    wal = home.home / "warehouse.duckdb.wal"
    for round_number in (1, 2):
        wal.write_bytes(b"left by a tool")
        home.put(f"more{round_number}.csv", POSTS + f"tiktok,n{round_number},stork,1,1\n")
        refused = run(home)
        assert refused.exit_code == 2
        assert "tierwise doctor --fix" in refused.stderr
        assert "wal" in wrong(home)
        assert wrong(home, "--fix")["wal"]["is_fixed"] is True
        assert not wal.exists()
        assert [path.read_bytes() for path in home.home.glob("*.wal.*")] == round_number * [b"left by a tool"]
        assert run(home).exit_code == 0
    assert wrong(home) == {}


def test_a_program_that_writes_to_the_warehouse_is_left_its_wal(home: Delivery) -> None:
    script = "import duckdb,sys; c=duckdb.connect(sys.argv[1]); c.execute('create table t (a int)'); print(1,flush=True); sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", script, str(home.home / "warehouse.duckdb")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as writer:
        assert writer.stdout
        assert writer.stdin
        writer.stdout.readline()
        (home.home / "warehouse.duckdb.wal").touch()
        found = wrong(home, "--fix")["wal"]
        assert (found["is_fixed"], found["fix"]) == (False, "close it, or open it read-only")
        writer.stdin.close()


def test_a_warehouse_that_somebody_changed_is_told(home: Delivery) -> None:
    with duckdb.connect(str(home.home / "warehouse.duckdb")) as connection:
        connection.execute("UPDATE posts SET like_count = 9_999")
    told = wrong(home)["warehouse"]
    assert "somebody changed it" in told["found"]
    assert run(home).exit_code == 0
    assert "warehouse" in wrong(home)
    assert "--rebuild" in told["fix"]
    assert run_here(home.exports, Settings(home=home.home), rebuild=True).published
    assert "warehouse" not in wrong(home)


@pytest.mark.parametrize("size", [0, 40, 9_000])
def test_a_warehouse_cut_short_is_told_and_made_anew(home: Delivery, size: int) -> None:
    os.truncate(home.home / "warehouse.duckdb", size)
    assert "warehouse" in wrong(home)
    assert run(home).exit_code == 0
    assert wrong(home) == {}


def test_what_a_killed_run_left_is_told_and_swept(home: Delivery) -> None:
    left = [
        home.home / ".warehouse.duckdb.partial",
        home.home / "lake" / "scratch" / "spool.parquet",
        home.home / "lake" / "segments" / "posts" / "nobody-00000.parquet",
    ]
    for path in left:
        path.touch(mode=0o600)
    assert "orphans" in wrong(home)
    with only_run(Settings(home=home.home)):
        assert "orphans" not in wrong(home), "they may be of the run that is at work"
        assert doctor(home, "--fix").exit_code == 4
    assert wrong(home, "--fix")["orphans"]["is_fixed"] is True
    assert not any(path.exists() for path in left)
    assert wrong(home) == {}


def cut(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def blank(path: Path) -> None:
    path.write_bytes(bytes(path.stat().st_size))


@pytest.mark.parametrize(
    ("file", "damage"), [("accounts.csv", cut), ("posts.csv", Path.unlink), ("posts.csv", blank), ("follows.csv", cut)]
)
def test_a_damaged_segment_is_named_by_its_file_and_read_again(home: Delivery, file: str, damage: Any) -> None:
    with_all = run_here(home.exports, Settings(home=home.home)).content_hash
    damage(segment_of(home, file))
    assert wrong(home)["segments"]["found"].startswith(f"{file}: segments/")
    home.put("more.csv", POSTS + "tiktok,s9,stork,1,1\n")
    failed = run(home)
    assert "Traceback" not in failed.stderr
    if file != "follows.csv":  # what is counted of lists is kept, and they are not read for it
        assert failed.exit_code == 3
        assert f"error: {file}: the warehouse cannot be built with it" in failed.stderr
        assert f"tierwise doctor --retire {file}" in failed.stderr
    home.put("sources.toml", 'ignore = ["more.csv"]\n')
    assert wrong(home, "--fix")["segments"]["is_fixed"] is True
    assert run_here(home.exports, Settings(home=home.home)).content_hash == with_all
    assert wrong(home) == {}


def test_nothing_is_committed_that_cannot_be_published(home: Delivery) -> None:
    before = sorted((home.home / "lake" / "ledger").iterdir())
    segment_of(home, "posts.csv").unlink()
    home.put("more.csv", POSTS + "tiktok,s9,stork,1,1\n")
    assert run(home).exit_code == 3
    assert sorted((home.home / "lake" / "ledger").iterdir()) == before
    assert [row["file"] for row in home.ledger()] == sorted(FILES)


class Spoiler(Executor):
    """A disk that loses what was written for one file, between its reading and the publishing."""

    def __init__(self, file: str) -> None:
        super().__init__()
        self._file = file

    def publish(self, lake: Lake, reading: Reading, settings: Settings, as_of: Any, *, rebuild: bool) -> RunSummary:
        for entry in reading.entries:
            if entry.file == self._file and entry.segments:
                (lake.root / entry.segments[0].path).write_bytes(b"lost")
        return super().publish(lake, reading, settings, as_of, rebuild=rebuild)


def test_a_new_file_that_cannot_be_published_is_quarantined_and_the_others_are_in(home: Delivery) -> None:
    home.put("good.csv", POSTS + "tiktok,g1,stork,40,4\n")
    home.put("likes.csv", "platform,post_id,liker_id\ntiktok,s1,m1\n")
    summary = run_here(home.exports, Settings(home=home.home), executor=Spoiler("likes.csv"))
    assert summary.published
    assert [note.partition(":")[0] for note in summary.quarantined] == ["likes.csv"]
    verdicts = {row["file"]: row["verdict"] for row in home.ledger()}
    assert (verdicts["good.csv"], verdicts["likes.csv"]) == ("loaded", "quarantined")
    assert "cannot be published" in {row["rule"] for row in home.rejects()}
    assert doctor(home, "--unretire", "likes.csv").exit_code == 0
    assert run_here(home.exports, Settings(home=home.home)).files_read == 1


def test_a_retired_file_stays_out_until_it_changes(home: Delivery) -> None:
    answer = doctor(home, "--retire", "posts.csv")
    assert answer.exit_code == 0
    assert "posts.csv is retired" in answer.stderr
    for _ in range(2):
        assert run(home).exit_code == 0
        assert home.rows("SELECT count(*) AS n FROM posts") == [{"n": 0}]
    assert {row["file"]: row["verdict"] for row in home.ledger()}["posts.csv"] == "retired"
    home.put("copy.csv", FILES["posts.csv"])
    run(home)
    assert home.rows("SELECT count(*) AS n FROM posts") == [{"n": 0}], "the same bytes by another name"
    home.put("posts.csv", POSTS + "tiktok,s2,stork,7,7\n")
    run(home)
    assert home.rows("SELECT post_id FROM posts") == [{"post_id": "s2"}]


def test_a_retired_file_is_taken_back(home: Delivery) -> None:
    first = run_here(home.exports, Settings(home=home.home)).content_hash
    doctor(home, "--retire", "posts.csv")
    assert doctor(home, "--retire", "posts.csv").exit_code == 2
    run(home)
    assert wrong(home) == {}
    doctor(home, "--unretire", "posts.csv")
    assert run_here(home.exports, Settings(home=home.home)).content_hash == first
    assert doctor(home, "--unretire", "posts.csv").exit_code == 2
    assert doctor(home, "--retire", "nothing.csv").exit_code == 2


def test_small_files_that_share_a_segment_are_retired_one_by_one(delivery: Delivery) -> None:
    for number in range(6):
        post = {"platform": "x", "post_id": f"p{number}", "account_id": "a", "like_count": number, "comment_count": 0}
        delivery.put(f"{number}.json", json.dumps(post))
    assert run(delivery).exit_code == 0
    doctor(delivery, "--retire", "3.json")
    run(delivery)
    assert delivery.rows("SELECT count(*) AS n FROM posts") == [{"n": 5}]
    blank(segment_of(delivery, "4.json"))
    assert run(delivery).exit_code in {0, 3}
    doctor(delivery, "--retire", "4.json")
    assert run(delivery).exit_code == 0
    assert delivery.rows("SELECT list(post_id ORDER BY post_id) AS ids FROM posts") == [
        {"ids": ["p0", "p1", "p2", "p5"]}
    ]


def test_a_ledger_that_was_changed_is_told(home: Delivery) -> None:
    path = max((home.home / "lake" / "ledger").glob("*.json"))
    path.write_text(path.read_text(encoding="utf-8").replace('"rows_loaded": 1', '"rows_loaded":  1'), encoding="utf-8")
    assert "was changed" in wrong(home)["ledger"]["found"]


def test_a_ledger_that_cannot_be_read_is_no_fault_of_ours(home: Delivery) -> None:
    cut(max((home.home / "lake" / "ledger").glob("*.json")))
    assert "damaged" in wrong(home)["ledger"]["found"]
    answer = run(home)
    assert answer.exit_code == 2
    assert "this file of the ledger is damaged" in answer.stderr
    assert "Traceback" not in answer.stderr


def test_a_lost_key_is_told(home: Delivery) -> None:
    (home.home / "member.key").unlink()
    assert "is gone" in wrong(home)["key"]["found"]

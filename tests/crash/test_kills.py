"""A run killed at any moment leaves the last or the next warehouse whole, and the next run ends where none was killed."""

import random
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import duckdb
import pytest

from flows.run import only_run, run
from flows.settings import Settings
from tests.crash.children import end_of, kill_group, start_command, start_run
from tests.sample import how_many, sample_of
from warehouse.publish import content_hash
from warehouse.published import open_published

ROOT = Path(__file__).parents[2]
FIRST = {
    "accounts.csv": "platform,account_id,followers_count\ninstagram,a,1000\ninstagram,b,50000\ninstagram,b,nonsense\n",
    "posts.csv": "platform,post_id,account_id,like_count,comment_count\ninstagram,1,a,10,1\ninstagram,2,b,900,30\n",
    "follows.csv": "platform,account_id,follower_id\ninstagram,a,f1\ninstagram,a,f2\n",
    "likes.csv": "platform,post_id,liker_id\ninstagram,1,f1\ninstagram,3,f2\n",
    "scraped.json": '{"shortcode": "s", "taken_at_timestamp": 1760000000, "owner": {"id": "a"}, "edge_media_preview_like": {"count": 7}, '
    '"edge_media_to_comment": {"count": 1, "edges": [{"node": {"id": "1", "owner": {"id": "f1"}}}]}}',
    "broken.csv": "what,is,this\n1,2,3\n",
}
SECOND = {"more.csv": "platform,post_id,account_id,like_count,comment_count\ninstagram,3,a,30,3\n"}
# What is loaded counts from the entry in the ledger on, and what is published from the renaming of the warehouse on.
DECISIVE = re.compile(
    r"[0-9]+ (?:(?:write|fsync|rename|renamed|committed) (?:0000|warehouse\.duckdb)|build|checkpoint)"
)
# Of each kind of delivery: 500 in all where all are tried.
RANDOM_KILLS = {"untracked": how_many(4, long=200), "tracked": how_many(1, long=50)}


def deliver(folder: Path, files: dict[str, str]) -> Path:
    folder.mkdir(exist_ok=True)
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def published_hash(home: Path) -> str | None:
    """The content hash of the published file, which must open whole; null where there is none."""
    if not (home / "warehouse.duckdb").exists():
        return None
    with open_published(home / "warehouse.duckdb") as connection:
        return content_hash(connection)


def leftovers(home: Path) -> list[Path]:
    """Files that no reader would ever look at."""
    return [path for path in home.rglob("*") if ".partial" in path.name or path.parent.name == "scratch"]


@pytest.fixture(scope="module")
def reference(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """The content hashes after the first delivery and after both, by runs nobody disturbs."""
    place = tmp_path_factory.mktemp("reference")
    exports = deliver(place / "exports", FIRST)
    first = run(exports, Settings(home=place / "home")).content_hash
    second = run(deliver(exports, SECOND), Settings(home=place / "home")).content_hash
    assert first != second
    return first, second


def moments(exports: Path, home: Path, listing: Path) -> list[str]:
    """Every moment a run can be killed at, by the run's own account."""
    assert end_of(start_run(exports, home, TIERWISE_CRASH_LIST=str(listing))) == 0
    return listing.read_text(encoding="utf-8").splitlines()


def others(names: list[str]) -> list[str]:
    """Moments when files of a cache or a segment are written: they come in fives, so that one in fourteen has each of the five."""
    return sample_of([name for name in names if not DECISIVE.match(name)], every=14)


def test_each_side_effect_has_a_moment_before_and_after(tmp_path: Path) -> None:
    exports = deliver(tmp_path / "exports", FIRST)
    names = [line.partition(" ")[2] for line in moments(exports, tmp_path / "home", tmp_path / "list")]
    kinds = {name.partition(" ")[0] for name in names}
    assert kinds >= {"write", "fsync", "rename", "renamed", "committed", "build", "load", "checkpoint"}
    for effect in ("warehouse.duckdb", "00000001-"):
        for kind in ("fsync", "rename", "renamed", "committed"):
            assert any(name.startswith(f"{kind} {effect}") for name in names), (kind, effect)


@pytest.mark.parametrize("delivery", ["into a fresh home", "on top of a published one"])
def test_killed_at_every_side_effect(delivery: str, tmp_path: Path, reference: tuple[str, str]) -> None:
    exports = deliver(tmp_path / "exports", FIRST)
    home = tmp_path / "home"
    before, after = (None, reference[0]) if delivery == "into a fresh home" else reference
    if before:
        run(exports, Settings(home=home))
        deliver(exports, SECOND)
    snapshot = tmp_path / "snapshot"
    copy(home, snapshot)
    names = moments(exports, home, tmp_path / "list")
    assert len(names) > 30
    chosen = [int(name.split(" ")[0]) for name in (*filter(DECISIVE.match, names), *others(names))]

    def kill_and_recover(number: int) -> None:
        own = tmp_path / f"home-{number}"
        copy(snapshot, own)
        assert end_of(start_run(exports, own, TIERWISE_CRASH_AT=str(number))) == -signal.SIGKILL, number
        assert published_hash(own) in {before, after}, number
        assert_recovers(exports, own, after)

    two_at_a_time(kill_and_recover, chosen)


def assert_recovers(exports: Path, home: Path, content: str) -> None:
    """The next run ends where one that nobody killed would, and leaves nothing lying about."""
    assert end_of(start_run(exports, home)) == 0
    assert published_hash(home) == content
    assert leftovers(home) == []


def two_at_a_time(check: Callable[[int], None], numbers: Iterable[int]) -> None:
    with ThreadPoolExecutor(2) as pool:
        for _ in pool.map(check, numbers):
            pass  # the first failure is raised here


@pytest.mark.parametrize("delivery", ["into a fresh home", "on top of a published one"])
@pytest.mark.parametrize("way", ["untracked", "tracked"])
def test_killed_at_random_moments(way: str, delivery: str, tmp_path: Path, reference: tuple[str, str]) -> None:
    """With all that it has started: of a tracked run a server of Prefect that is only there for it."""
    exports, published = deliver(tmp_path / "exports", FIRST), tmp_path / "published"
    before, after = (None, reference[0]) if delivery == "into a fresh home" else reference
    if before:
        run(exports, Settings(home=published))
        deliver(exports, SECOND)
    options = ["--track"] if way == "tracked" else []
    private = {"PREFECT_HOME": str(tmp_path / "prefect"), "DO_NOT_TRACK": "1", "PREFECT_LOGGING_LEVEL": "CRITICAL"}

    def start(home: Path) -> subprocess.Popen[bytes]:
        copy(published, home)
        return start_command(exports, home, *options, **private)

    began = time.monotonic()
    assert start(tmp_path / "whole").wait() == 0
    whole = time.monotonic() - began
    kills = RANDOM_KILLS[way]
    delays = random.Random(f"{way} {delivery}").sample(range(1000), kills)
    endings = []

    def kill_and_recover(number: int) -> None:
        home = tmp_path / f"home-{number}"
        process = start(home)
        with suppress(subprocess.TimeoutExpired):
            process.wait(delays[number] / 1000 * whole)
        endings.append(kill_group(process))
        assert published_hash(home) in {before, after}
        assert_recovers(exports, home, after)
        shutil.rmtree(home)

    two_at_a_time(kill_and_recover, range(kills))
    assert endings.count(-signal.SIGKILL) >= kills // 2
    assert processes_with(str(tmp_path / "prefect")) == []


def processes_with(text: str) -> list[str]:
    """Processes that have this text in their environment, by number."""
    found = []
    for environment in Path("/proc").glob("[0-9]*/environ"):
        with suppress(OSError):
            if text.encode() in environment.read_bytes():
                found.append(environment.parent.name)
    return found


def copy(source: Path, target: Path) -> None:
    """Make `target` a copy of `source`; nothing where that does not exist."""
    shutil.rmtree(target, ignore_errors=True)
    if source.exists():
        shutil.copytree(source, target)


def test_a_reader_held_open_neither_waits_nor_makes_wait(tmp_path: Path, reference: tuple[str, str]) -> None:
    exports, home = deliver(tmp_path / "exports", FIRST), tmp_path / "home"
    run(exports, Settings(home=home))
    reader = subprocess.Popen(
        [sys.executable, "-c", READER, str(home / "warehouse.duckdb")],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert reader.stdin
    assert reader.stdout
    assert reader.stdout.readline() == "3\n"
    assert run(deliver(exports, SECOND), Settings(home=home)).content_hash == reference[1]
    told, _ = reader.communicate("again\n")
    assert (reader.returncode, told) == (0, "3\n"), "the reader keeps the file it opened"
    with duckdb.connect(str(home / "warehouse.duckdb"), read_only=True) as fresh:
        assert fresh.execute("SELECT count(*) FROM posts").fetchone() == (4,)


READER = """
import duckdb, sys
connection = duckdb.connect(sys.argv[1], read_only=True)
print(connection.execute("SELECT count(*) FROM posts").fetchone()[0], flush=True)
sys.stdin.readline()
print(connection.execute("SELECT count(*) FROM posts").fetchone()[0], flush=True)
connection.close()
"""


def test_a_second_run_at_the_same_time_is_told_so(tmp_path: Path) -> None:
    exports, home = deliver(tmp_path / "exports", FIRST), tmp_path / "home"
    with only_run(Settings(home=home)):
        second = subprocess.run(
            [sys.executable, "-m", "flows.cli", "run", str(exports), "--home", str(home)],
            cwd=ROOT, capture_output=True, text=True, check=False,
        )  # fmt: skip
    assert second.returncode == 4
    assert "another run is at work here" in second.stderr
    assert "Traceback" not in second.stderr


def test_the_lock_of_a_killed_run_holds_nobody_up(tmp_path: Path, reference: tuple[str, str]) -> None:
    exports, home = deliver(tmp_path / "exports", FIRST), tmp_path / "home"
    assert end_of(start_run(exports, home, TIERWISE_CRASH_AT="1")) == -signal.SIGKILL
    assert (home / "run.lock").exists()
    assert run(exports, Settings(home=home)).content_hash == reference[0]

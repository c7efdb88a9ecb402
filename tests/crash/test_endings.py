"""Runs that end early by themselves: on a full disk, or told to stop. They say so, and leave everything whole."""

import gzip
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from flows.run import run
from flows.settings import Settings
from tests.crash.test_kills import FIRST, ROOT, SECOND, deliver, leftovers, published_hash, reference

__all__ = ["reference"]  # a fixture, used by name

POST = "instagram,{0},a,{0},{0}\n"
HEADER = "platform,post_id,account_id,like_count,comment_count\n"


def tierwise(exports: Path, home: Path) -> list[str]:
    return [sys.executable, "-m", "flows.cli", "run", str(exports), "--home", str(home)]


def ended(command: list[str]) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert "Traceback" not in done.stderr, done.stderr
    return done


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A real disk of eleven megabytes, which takes the right to mount one."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=11m", "tmpfs", disk], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip(f"no disk can be mounted here: {mounted.stderr.decode().strip()}")
    yield disk
    subprocess.run(["umount", disk], check=True)


@pytest.mark.parametrize("rows", [300_000, 700_000], ids=["too little to publish on", "too little to read into"])
def test_a_run_that_the_disk_cannot_hold_is_refused_and_leaves_nothing(
    rows: int, tmp_path: Path, small_disk: Path
) -> None:
    posts = HEADER + "".join(POST.format(number) for number in range(rows))
    done = ended(tierwise(deliver(tmp_path / "exports", {"posts.csv": posts}), small_disk / "home"))
    assert done.returncode == 2
    assert "this run may need" in done.stderr
    assert "fix: free some space" in done.stderr
    assert not (small_disk / "home" / "warehouse.duckdb").exists()
    assert leftovers(small_disk / "home") == []
    assert list((small_disk / "home" / "lake" / "segments").rglob("*.parquet")) == []


def test_a_disk_that_fills_up_on_the_way_leaves_what_was_published(tmp_path: Path, small_disk: Path) -> None:
    exports, home = deliver(tmp_path / "exports", FIRST), small_disk / "home"
    before = run(exports, Settings(home=home)).content_hash
    posts = HEADER + 900_000 * POST.format(1)  # small as it comes, and too large once it is unpacked
    (exports / "many.csv.gz").write_bytes(gzip.compress(posts.encode()))
    done = ended(tierwise(exports, home))
    assert done.returncode == 2
    assert "the disk is full" in done.stderr
    assert published_hash(home) == before
    (exports / "many.csv.gz").unlink()
    assert not run(exports, Settings(home=home)).published
    assert leftovers(home) == []


def test_a_limit_on_files_leaves_the_published_file_and_says_what_to_do(
    tmp_path: Path, reference: tuple[str, str]
) -> None:
    """A limit on the size of files stops writing as a full disk does, without the rights to mount one."""
    exports, home = deliver(tmp_path / "exports", FIRST), tmp_path / "home"
    run(exports, Settings(home=home))
    deliver(exports, SECOND)
    limited = subprocess.run(
        [sys.executable, "-c", LIMITED, "run", str(exports), "--home", str(home)],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert limited.returncode == 2, limited.stderr
    assert "Traceback" not in limited.stderr
    assert "fix:" in limited.stderr
    assert published_hash(home) == reference[0]
    assert run(exports, Settings(home=home)).content_hash == reference[1]
    assert leftovers(home) == []


LIMITED = """
import resource, signal, sys
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
from flows.cli import main
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
main()
"""


@pytest.mark.parametrize(("told", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_run_told_to_stop_cleans_up_and_the_next_one_ends_it(
    told: signal.Signals, code: int, tmp_path: Path, reference: tuple[str, str]
) -> None:
    exports, home = deliver(tmp_path / "exports", FIRST), tmp_path / "home"
    run(exports, Settings(home=home))
    posts = HEADER + "".join(POST.format(number) for number in range(300_000))
    deliver(exports, {"many.csv": posts})
    running = subprocess.Popen(tierwise(exports, home), cwd=ROOT, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL)
    while not list((home / "lake" / "segments" / "posts").glob(".*.partial")):
        assert running.poll() is None, "it ended before it could be told to stop"
        time.sleep(0.001)
    running.send_signal(told)
    _, said = running.communicate()
    assert running.returncode == code
    assert b"Traceback" not in said
    assert published_hash(home) == reference[0]
    (exports / "many.csv").unlink()
    assert run(deliver(exports, SECOND), Settings(home=home)).content_hash == reference[1]
    assert leftovers(home) == []

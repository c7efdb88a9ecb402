"""Two workers of a Dask cluster read, work out posts and count what threads do elsewhere; one that is killed costs nobody a run."""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from prefect.settings import PREFECT_API_URL, temporary_settings
from pydantic import SecretStr
from typer.testing import CliRunner

from flows.cli import app
from flows.pipeline import run_tracked
from flows.run import run
from flows.settings import Settings
from marts import post_parts
from schemas.errors import UsageError

KEY = "a-secret-that-no-log-may-hold"
ACCOUNTS, MEMBERS, POSTS = 60, 900, 240
LOCAL = ("--host", "127.0.0.1", "--dashboard-address", "127.0.0.1:0")


class Cluster:
    """A Dask scheduler of the tests' own and the logs of all its processes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.contact = folder / "scheduler.json"

    @property
    def address(self) -> str:
        return str(json.loads(self.contact.read_text(encoding="utf-8"))["address"])

    def logs(self) -> str:
        return "\n".join(log.read_text(encoding="utf-8") for log in self.folder.glob("*.log"))

    @contextmanager
    def process(self, name: str, *command: str, **environment: str) -> Iterator[subprocess.Popen[bytes]]:
        """A `dask` command that stays, ended with the test."""
        with (self.folder / f"{name}.log").open("wb") as log:
            started = subprocess.Popen(
                [sys.executable, "-m", "dask", *command, *LOCAL, "--scheduler-file", str(self.contact)],
                stdout=log, stderr=log, env=os.environ | environment,
            )  # fmt: skip
        try:
            yield started
        finally:
            started.terminate()
            started.wait(timeout=30)

    @contextmanager
    def worker(self, name: str, **environment: str) -> Iterator[subprocess.Popen[bytes]]:
        """A worker without the nanny that would start it anew: whoever is killed stays away."""
        flags = ("--nthreads", "1", "--no-nanny", "--local-directory", str(self.folder))
        with self.process(name, "worker", *flags, **environment) as started:
            until(lambda: "Registered to" in (self.folder / f"{name}.log").read_text(encoding="utf-8"))
            yield started

    def writes(self, name: str) -> str:
        """What a worker wrote, by the list of its moments."""
        return (self.folder / f"{name}.moments").read_text(encoding="utf-8")

    def listing(self, name: str) -> str:
        return str(self.folder / f"{name}.moments")


def until(true: Callable[[], bool]) -> None:
    """Wait for what another process does."""
    for _ in range(600):
        if true():
            return
        time.sleep(0.05)
    raise AssertionError("waited in vain")


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    made = Cluster(tmp_path_factory.mktemp("dask"))
    with made.process("scheduler", "scheduler", "--port", "0"):
        until(made.contact.exists)
        yield made


@pytest.fixture(scope="module")
def exports(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Accounts in most buckets, their followers, posts and likes."""
    folder, chance = tmp_path_factory.mktemp("exports"), random.Random(7)
    accounts = [f"a{number}" for number in range(ACCOUNTS)]
    members = [f"m{number}" for number in range(MEMBERS)]
    posts = [(f"p{number}", chance.choice(accounts)) for number in range(POSTS)]
    write(folder / "accounts.csv", "account_id,followers_count", [(account, "120") for account in accounts])
    write(folder / "posts.csv", "post_id,account_id,like_count,comment_count", [(*post, "30", "0") for post in posts])
    write(folder / "follows.csv", "account_id,follower_id", pairs(accounts, members, 120, chance))
    write(folder / "likes.csv", "post_id,liker_id", pairs([post for post, _ in posts], members, 30, chance))
    return folder


def pairs(left: list[str], right: list[str], each: int, chance: random.Random) -> list[tuple[str, ...]]:
    return [(one, other) for one in left for other in chance.sample(right, each)]


def write(path: Path, header: str, rows: list[tuple[str, ...]]) -> None:
    lines = [",".join(("instagram", *row)) for row in rows]
    path.write_text("\n".join([f"platform,{header}", *lines, ""]), encoding="utf-8")


@pytest.fixture
def member_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIERWISE_MEMBER_KEY", KEY)


@pytest.fixture(scope="module")
def untracked(exports: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A home filled by threads, and the hash of what was published."""
    home = tmp_path_factory.mktemp("threads")
    return home, run(exports, Settings(home=home, member_key=SecretStr(KEY))).content_hash


@pytest.fixture
def posts_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(post_parts, "PART_POSTS", POSTS // 8)


@pytest.mark.usefixtures("prefect_home", "member_key", "posts_in_parts")
def test_workers_publish_what_threads_do(
    cluster: Cluster, exports: Path, untracked: tuple[Path, str], tmp_path: Path
) -> None:
    settings = Settings(home=tmp_path / "home", dask=cluster.address)
    with (
        cluster.worker("one", TIERWISE_CRASH_LIST=cluster.listing("one")),
        cluster.worker("two", TIERWISE_CRASH_LIST=cluster.listing("two")),
    ):
        summary = run_tracked(exports, settings, None)
    assert summary.content_hash == untracked[1]
    for name in ("one", "two"):
        assert "-counts.parquet" in cluster.writes(name), "both workers have counted"
        assert "work out posts" in cluster.writes(name), "and both had a part of the posts"
    assert KEY not in cluster.logs()


@pytest.mark.usefixtures("prefect_home", "member_key")
def test_a_worker_killed_while_it_counts_costs_nobody_the_run(
    cluster: Cluster, exports: Path, untracked: tuple[Path, str], tmp_path: Path
) -> None:
    home = tmp_path / "home"
    shutil.copytree(untracked[0], home)
    shutil.rmtree(home / "lake" / "cache")
    (home / "warehouse.duckdb").unlink()
    settings = Settings(home=home, dask=cluster.address)
    with (
        cluster.worker("three", TIERWISE_CRASH_LIST=cluster.listing("three")) as survivor,
        cluster.worker("four", TIERWISE_CRASH_LIST=cluster.listing("four"), TIERWISE_CRASH_AT="5") as killed,
    ):
        summary = run_tracked(exports, settings, None)
        assert killed.wait(timeout=30) == -signal.SIGKILL
        assert survivor.poll() is None
    assert "-counts.parquet" not in cluster.writes("four"), "it died before its first bucket was counted"
    assert summary.content_hash == untracked[1]


@pytest.mark.usefixtures("prefect_home", "member_key", "posts_in_parts")
def test_a_worker_killed_while_it_works_out_posts_costs_nobody_the_run(
    cluster: Cluster, exports: Path, untracked: tuple[Path, str], tmp_path: Path
) -> None:
    home = tmp_path / "home"
    shutil.copytree(untracked[0], home)
    (home / "warehouse.duckdb").unlink()
    with (
        cluster.worker("five", TIERWISE_CRASH_LIST=cluster.listing("five")),
        cluster.worker("six", TIERWISE_CRASH_LIST=cluster.listing("six"), TIERWISE_CRASH_AT="1") as killed,
    ):
        summary = run_tracked(exports, Settings(home=home, dask=cluster.address), None)
        assert killed.wait(timeout=30) == -signal.SIGKILL
    assert "work out posts" in cluster.writes("six")
    assert summary.content_hash == untracked[1]


def test_without_a_server_for_its_workers_a_run_is_refused(exports: Path, tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "home", dask="tcp://127.0.0.1:1")
    with temporary_settings(updates={PREFECT_API_URL: None}), pytest.raises(UsageError, match="no Prefect server"):
        run_tracked(exports, settings, None)
    assert not settings.home.exists()


def test_an_untracked_run_is_refused(exports: Path, tmp_path: Path) -> None:
    environment = {"TIERWISE_DASK": "tcp://127.0.0.1:1", "TIERWISE_HOME": str(tmp_path / "home"), "PREFECT_API_URL": ""}
    refused = CliRunner().invoke(app, ["run", str(exports)], env=environment)
    assert isinstance(refused.exception, UsageError)
    assert "--track" in refused.exception.fix

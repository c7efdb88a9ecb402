"""What `tierwise serve` refuses, before anything is started, how its children end, and who may talk to its server."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import filelock
import pytest
from prefect.client.schemas.schedules import CronSchedule, IntervalSchedule

from flows import pipeline, serve
from flows.control_room import guard, processes
from flows.control_room.deployments import schedule_of
from flows.settings import Settings
from ingest import load
from schemas.errors import BusyError, TierwiseError, UsageError

ROOT = Path(__file__).parents[2]


def start(home: Path, port: int = 4200, every: float | None = None, cron: str | None = None) -> None:
    serve.serve(home.parent, Settings(home=home), port=port, every=every, cron=cron, timezone="UTC")


def test_one_control_room_for_a_home(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    with filelock.FileLock(home / "serve.lock"), pytest.raises(BusyError, match="is up here already"):
        start(home)


def test_a_port_in_use_is_said_at_once(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(UsageError, match="cannot be had") as refused:
            start(tmp_path / "home", port=taken.getsockname()[1])
    assert "--port" in refused.value.fix


def test_two_schedules_and_a_missing_folder_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="two schedules"):
        start(tmp_path / "home", every=5, cron="15 5 * * *")
    with pytest.raises(UsageError, match="there is no such folder"):
        start(tmp_path / "nowhere" / "home")


def test_a_schedule_is_an_interval_or_times_of_the_clock() -> None:
    every = schedule_of(None, None, "UTC")
    assert isinstance(every, IntervalSchedule)
    assert every.interval.total_seconds() == 3_600
    daily = schedule_of(None, "15 5 * * *", "Europe/Berlin")
    assert isinstance(daily, CronSchedule)
    assert (daily.cron, daily.timezone) == ("15 5 * * *", "Europe/Berlin")
    for cron, zone in (("at noon", "UTC"), ("15 5 * * *", "Europe/Atlantis")):
        with pytest.raises(UsageError, match="no such times"):
            schedule_of(None, cron, zone)


def sleeper(stubborn: bool = False) -> list[str]:
    """A command that starts another one, says that both are up, and stays."""
    deaf = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); " if stubborn else ""
    child = f"{deaf}import time; print('up', flush=True); time.sleep(60)"
    return [sys.executable, "-c", f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {child!r}]).wait()"]


def until(met: Callable[[], object], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not met():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.mark.parametrize("stubborn", [False, True])
def test_a_child_ends_with_what_it_started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stubborn: bool) -> None:
    """Politely, and in the end whatever it does."""
    monkeypatch.setattr(processes, "ENDINGS", ((signal.SIGTERM, 1), (signal.SIGKILL, 5)))
    child = processes.Child("sleeper", sleeper(stubborn), tmp_path)
    until(child.log.read_text)
    child.check()
    child.end()
    assert child.process.poll() is not None
    assert not processes.signalled(child.process.pid, 0), "nobody is left in its group"
    assert processes.end_orphans(tmp_path) == []


@pytest.mark.parametrize(("command", "code"), [("raise SystemExit(7)", 7), ("import os; os.kill(os.getpid(), 9)", -9)])
def test_a_child_that_ends_by_itself_is_told_of_by_its_own_exit_code(tmp_path: Path, command: str, code: int) -> None:
    child = processes.Child("short", [sys.executable, "-c", command], tmp_path)
    child.process.wait(timeout=20)
    with pytest.raises(TierwiseError, match=rf"the short ended \(exit code {code}\)"):
        child.check()
    child.end()


@contextmanager
def parent_of_a_child(folder: Path, stubborn: bool = False) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """A process that stands for `serve`, and the group of its child."""
    start = (
        f"from flows.control_room.processes import Child; import pathlib, time; folder = pathlib.Path({str(folder)!r})"
    )
    source = f"{start}; Child('sleeper', {sleeper(stubborn)!r}, folder); time.sleep(60)"
    with subprocess.Popen([sys.executable, "-c", source], cwd=ROOT) as parent:
        record, log = folder / "sleeper.process", folder / "sleeper.log"
        until(lambda: record.exists() and log.read_text())
        group = int(json.loads(record.read_text())["group"])
        try:
            yield parent, group
        finally:
            parent.kill()
            processes.signalled(group, signal.SIGKILL)


@pytest.mark.parametrize("stubborn", [False, True])
def test_a_child_does_not_outlive_a_parent_that_was_killed(tmp_path: Path, stubborn: bool) -> None:
    with parent_of_a_child(tmp_path, stubborn) as (parent, group):
        parent.kill()
        until(lambda: not processes.signalled(group, 0))
    assert processes.end_orphans(tmp_path) == [], "a record of the dead harms nobody"


def orphaned(record: Path, parent: "subprocess.Popen[bytes]") -> None:
    """Kill whoever would have ended the child too."""
    keeper, _ = json.loads(record.read_text())["processes"]
    os.kill(keeper[0], signal.SIGKILL)
    parent.kill()
    parent.wait()


def test_what_outlived_it_is_ended_by_the_next_start(tmp_path: Path) -> None:
    with parent_of_a_child(tmp_path) as (parent, group):
        orphaned(tmp_path / "sleeper.process", parent)
        assert processes.signalled(group, 0)
        assert processes.end_orphans(tmp_path) == ["sleeper"]
        until(lambda: not processes.signalled(group, 0))
    assert list(tmp_path.glob("*.process")) == []


@pytest.mark.parametrize("wrong", ["another home", "another process", "cut off", "another group", "no record"])
def test_other_processes_are_let_be(tmp_path: Path, wrong: str) -> None:
    """A home that was copied, a number that the system has given to another process, a record that is none."""
    with parent_of_a_child(tmp_path) as (_, group):
        record = tmp_path / "sleeper.process"
        told = json.loads(record.read_text())
        if wrong == "another home":
            record = tmp_path / "copy" / record.name
            record.parent.mkdir()
        elif wrong == "another process":
            told["processes"] = [[number, f"{since}0"] for number, since in told["processes"]]
        elif wrong == "another group":
            told["group"] = os.getpgrp()
        text = {"cut off": json.dumps(told)[:-9], "no record": '"x"'}.get(wrong, json.dumps(told))
        record.write_text(text)
        assert processes.end_orphans(record.parent) == []
        assert processes.signalled(group, 0)


def test_the_secret_stays_while_nobody_else_can_read_it(tmp_path: Path) -> None:
    place = tmp_path / "serve.secret"
    (tmp_path / "serve.secret.new").write_text("of a start that was killed")
    secret = serve.secret_of(tmp_path)
    assert serve.SECRET.fullmatch(secret)
    assert serve.secret_of(tmp_path) == secret
    place.chmod(0o640)
    second = serve.secret_of(tmp_path)
    place.write_text("")
    third = serve.secret_of(tmp_path)
    place.rename(tmp_path / "other")
    place.symlink_to(tmp_path / "other")
    fourth = serve.secret_of(tmp_path)
    assert len({secret, second, third, fourth}) == 4
    assert (place.is_symlink(), place.stat().st_mode & 0o777) == (False, 0o600)
    assert (tmp_path / "other").read_text().strip() == third


def scope(path: str = "/api/flow_runs/", kind: str = "http", **headers: str) -> dict[str, Any]:
    told = {"host": "127.0.0.1:4200"} | {name.replace("_", "-"): value for name, value in headers.items()}
    pairs = [(name.encode(), value.encode()) for name, value in told.items()]
    return {"type": kind, "method": "GET", "path": path, "headers": pairs}


LINK = {"sec_fetch_site": "cross-site", "sec_fetch_mode": "navigate", "sec_fetch_dest": "document"}


@pytest.mark.parametrize(
    "request_of",
    [
        scope(),
        scope(host="localhost:8080", origin="http://localhost:8080"),  # through a tunnel
        scope(host="[::1]:4200", origin="http://[::1]:4200"),
        scope(host="LOCALHOST", origin="http://localhost", sec_fetch_site="same-origin"),
        scope(sec_fetch_site="none"),
        scope(path="/runs", **LINK),  # from a mail
    ],
)
def test_who_may_talk_to_the_server(request_of: dict[str, Any]) -> None:
    assert guard.refusal(request_of) is None


@pytest.mark.parametrize(
    "request_of",
    [
        scope(host="evil.example"),
        scope(host="127.0.0.1@evil.example"),
        scope(host="127.0.0.1:4200:1"),
        scope(host="127.0.0.1\n"),
        scope(host=""),
        {**scope(), "headers": []},
        {**scope(), "headers": [(b"host", b"localhost"), (b"Host", b"evil.example")]},
        scope(origin="http://127.0.0.1:4201"),
        scope(origin="http://localhost:4200"),  # the other name is another origin
        scope(origin=""),
        scope(kind="websocket", origin="http://evil.example"),
        scope(**LINK),  # the interface for programs is no page
        scope(path="/runs", **{**LINK, "sec_fetch_dest": "iframe"}),
        {**scope(path="/runs", **LINK), "method": "POST"},
        scope(sec_fetch_site="same-site"),
    ],
)
def test_who_may_not(request_of: dict[str, Any]) -> None:
    assert guard.refusal(request_of)


@pytest.mark.usefixtures("prefect_home")
def test_a_long_read_shows_how_far_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[float] = []
    monkeypatch.setattr(load, "BATCH_FILES", 1)
    monkeypatch.setattr(pipeline, "update_progress_artifact", lambda _, progress: told.append(progress))
    exports = tmp_path / "exports"
    exports.mkdir()
    for number in range(4):
        (exports / f"{number}.csv").write_text(f"platform,account_id,followers_count\ninstagram,{number},1\n")
    state = pipeline.engagement_pipeline(str(exports), str(tmp_path / "home"), return_state=True)
    assert state.is_completed()
    assert told == [25, 50, 75, 100]

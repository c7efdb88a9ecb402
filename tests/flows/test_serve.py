"""What `tierwise serve` refuses, before anything is started, and how its children end."""

import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import filelock
import pytest
from prefect.client.schemas.schedules import CronSchedule, IntervalSchedule

from flows import pipeline, serve
from flows.deployments import schedule_of
from flows.settings import Settings
from ingest import deliveries
from schemas.errors import BusyError, UsageError


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


@pytest.mark.parametrize("stubborn", [False, True])
def test_a_child_ends_with_what_it_started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stubborn: bool) -> None:
    """Politely, and in the end whatever it does."""
    monkeypatch.setattr(serve, "ENDINGS", ((signal.SIGTERM, 1), (signal.SIGKILL, 5)))
    deaf = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); " if stubborn else ""
    sleeper = f"{deaf}import time; print('up', flush=True); time.sleep(60)"
    parent = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {sleeper!r}]).wait()"
    child = serve.Child.__new__(serve.Child)
    with (tmp_path / "log").open("wb") as log:
        child.process = subprocess.Popen([sys.executable, "-c", parent], stdout=log, start_new_session=True)
    while not (tmp_path / "log").read_text():
        time.sleep(0.02)
    child.end()
    assert child.process.poll() is not None
    assert not child._signal(0), "nobody is left in its group"


@pytest.mark.usefixtures("prefect_home")
def test_a_long_read_shows_how_far_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[float] = []
    monkeypatch.setattr(deliveries, "BATCH_FILES", 1)
    monkeypatch.setattr(pipeline, "update_progress_artifact", lambda _, progress: told.append(progress))
    exports = tmp_path / "exports"
    exports.mkdir()
    for number in range(4):
        (exports / f"{number}.csv").write_text(f"platform,account_id,followers_count\ninstagram,{number},1\n")
    state = pipeline.engagement_pipeline(str(exports), str(tmp_path / "home"), return_state=True)
    assert state.is_completed()
    assert told == [25, 50, 75, 100]

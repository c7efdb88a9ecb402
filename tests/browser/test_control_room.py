"""`tierwise serve` as its user sees it: a browser at the Prefect UI, while files arrive, break, and runs are killed.

The tests share one control room and follow each other: each goes on from what the one before left.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar
from urllib.request import Request, urlopen

import psutil  # type: ignore[import-untyped]
import pytest
from playwright.sync_api import Browser, Page, expect

ROOT = Path(__file__).parents[2]
STEPS_WITHIN = 120
HOSTILE = "<img src=x onerror=window.pwned=1>[in](https:evil.example) www.evil.example"
ACCOUNTS = "platform,account_id,followers_count,niche,observed_at\n"
POSTS = "platform,post_id,account_id,like_count,comment_count,published_at\n"

Found = TypeVar("Found")


@dataclass
class Room:
    """A control room over a few files of its own."""

    place: Path
    port: int
    process: subprocess.Popen[str] = field(init=False)
    started: float = 0.0

    @property
    def exports(self) -> Path:
        return self.place / "exports"

    @property
    def home(self) -> Path:
        return self.place / "home"

    def start(self) -> None:
        clean = {name: text for name, text in os.environ.items() if not name.startswith(("PREFECT_", "TIERWISE_"))}
        command = [sys.executable, "-m", "flows.cli", "serve", "exports", "--home", "home"]
        self.started = time.monotonic()
        with (self.place / "stderr").open("a") as stderr:
            self.process = subprocess.Popen(
                [*command, "--port", str(self.port), "--every", "0.25"],
                cwd=self.place, env=clean | {"PYTHONPATH": str(ROOT), "PREFECT_WORKER_QUERY_SECONDS": "1"},
                stdout=subprocess.PIPE, stderr=stderr, text=True,
            )  # fmt: skip

    def address(self) -> str:
        """The one line that it prints."""
        assert self.process.stdout
        line = self.process.stdout.readline().strip()
        assert line == f"http://127.0.0.1:{self.port}", self.told()
        return line

    def told(self) -> str:
        logs = [self.place / "stderr", *(self.home / "prefect").glob("*.log")]
        return "\n".join(log.read_text(errors="replace")[-3_000:] for log in logs if log.is_file())

    def ask(self, path: str, **body: Any) -> Any:
        request = Request(f"http://127.0.0.1:{self.port}/api{path}", json.dumps(body).encode())
        request.add_header("content-type", "application/json")
        with urlopen(request, timeout=30) as answer:  # noqa: S310  # its own address
            return json.load(answer)

    def runs(self) -> list[dict[str, Any]]:
        """Runs of the pipeline that have begun, the newest first."""
        found: list[dict[str, Any]] = self.ask(
            "/flow_runs/filter",
            flows={"name": {"any_": ["engagement-pipeline"]}},
            flow_runs={"start_time": {"is_null_": False}},
            sort="EXPECTED_START_TIME_DESC",
        )
        return found

    def run_where(self, meets: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        return self.until(lambda: next((run for run in self.runs() if meets(run)), None))

    def artifacts(self, run: dict[str, Any]) -> dict[str, str]:
        """The ids of its artifacts by key."""
        of_the_run = {"flow_run_id": {"any_": [run["id"]]}}
        return {found["key"]: found["id"] for found in self.ask("/artifacts/filter", artifacts=of_the_run)}

    def until(self, look: Callable[[], Found | None]) -> Found:
        deadline = time.monotonic() + STEPS_WITHIN
        while time.monotonic() < deadline:
            if found := look():
                return found
            time.sleep(0.2)
        raise AssertionError(f"not within {STEPS_WITHIN} s\n{self.told()}")

    def stop(self) -> list[psutil.Process]:
        """Politely. What is left over of its processes."""
        with suppress(psutil.NoSuchProcess):
            children = psutil.Process(self.process.pid).children(recursive=True)
            self.process.terminate()
            self.process.wait(timeout=60)
            assert self.process.stdout
            self.process.stdout.close()
            return [child for child in children if child.is_running()]
        return []


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Room]:
    opened = Room(tmp_path_factory.mktemp("room"), free_port())
    opened.exports.mkdir()
    today = time.strftime("%Y-%m-%d", time.gmtime())
    rows = f'instagram,a,1000,"{HOSTILE}",{today}T00:00:00Z\ninstagram,b,none,food,{today}T00:00:00Z\n'
    (opened.exports / f"{HOSTILE}.csv").write_text(ACCOUNTS + rows)
    (opened.exports / "posts.csv").write_text(f"{POSTS}instagram,1,a,10,1,{today}T00:00:00Z\n")
    opened.start()
    try:
        yield opened
    finally:
        for left in opened.stop():
            left.kill()


@pytest.fixture(scope="module")
def page(browser: Browser, room: Room) -> Iterator[Page]:
    opened = browser.new_page(viewport={"width": 1600, "height": 1000})
    yield opened
    opened.close()


def completed(run: dict[str, Any]) -> bool:
    return bool(run["state"]["type"] == "COMPLETED")


def test_a_scheduled_run_completes_within_two_minutes(room: Room, page: Page) -> None:
    address = room.address()
    run = room.run_where(completed)
    assert time.monotonic() - room.started < 120
    assert run["auto_scheduled"]
    assert run["name"] == "exports: 2 rows loaded, 1 rejected"
    page.goto(f"{address}/deployments")
    expect(page.get_by_role("link", name="scheduled", exact=True)).to_be_visible()
    expect(page.get_by_text("hourly", exact=True)).to_be_visible()
    page.goto(f"{address}/runs/flow-run/{run['id']}")
    expect(page.get_by_text(run["name"]).first).to_be_visible()
    expect(page.get_by_text("Completed").first).to_be_visible()


def test_a_person_can_start_a_run_with_parameters_of_their_own(room: Room) -> None:
    (deployed,) = room.ask("/deployments/filter", flows={"name": {"any_": ["engagement-pipeline"]}})
    schema = deployed["parameter_openapi_schema"]["properties"]
    assert list(schema) == ["exports", "home", "as_of", "verify"]
    assert all(each["description"] for each in schema.values())
    assert (schema["exports"]["type"], schema["verify"]["type"]) == ("string", "boolean")
    assert deployed["parameters"]["exports"] == str(room.exports)
    assert deployed["global_concurrency_limit"]["limit"] == 1
    assert deployed["concurrency_options"]["collision_strategy"] == "ENQUEUE"
    assert deployed["entrypoint"] == "flows.pipeline.engagement_pipeline"


@pytest.mark.parametrize("ui", ["", "/v2"])
def test_its_artifacts_tell_the_story_and_are_inert(room: Room, page: Page, ui: str) -> None:
    first = room.run_where(lambda run: "2 rows loaded" in run["name"])
    found = room.artifacts(first)
    assert set(found) == {"rows-loaded", "rejected-rows", "run-summary", "freshness"}
    for key, words in {
        "rows-loaded": [f"{HOSTILE}.csv", "posts.csv"],
        "rejected-rows": [f"{HOSTILE}.csv", "followers_count: not a whole number"],
        "run-summary": [HOSTILE, "2 loaded + 0 duplicate + 1 rejected"],
        "freshness": ["newest observation of instagram", "fresh"],
    }.items():
        page.goto(f"http://127.0.0.1:{room.port}{ui}/artifacts/artifact/{found[key]}")
        for word in words:
            expect(page.get_by_text(word).first).to_be_visible()
        assert page.evaluate("window.pwned") is None
        assert page.locator("a[href*=evil], img[src=x]").count() == 0


def test_a_second_delivery_shows_in_a_later_run(room: Room, page: Page) -> None:
    (room.exports / "more.csv").write_text(f"{POSTS}instagram,2,a,20,2,\ninstagram,3,a,30,3,\ninstagram,4,a,40,4,\n")
    run = room.run_where(lambda run: run["name"] == "exports: 3 rows loaded, 0 rejected")
    page.goto(f"http://127.0.0.1:{room.port}/runs")
    expect(page.get_by_text(run["name"]).first).to_be_visible()


def test_a_failed_run_says_why_and_what_mends_it(room: Room, page: Page) -> None:
    declaration = room.exports / "sources.toml"
    declaration.write_text("[[source]]\nfiles = 'x'\nno_such_key = 1\n")
    run = room.run_where(lambda run: run["state"]["type"] == "FAILED")
    declaration.unlink()
    assert "sources.toml" in run["state"]["message"]
    assert "(fix: " in run["state"]["message"]
    page.goto(f"http://127.0.0.1:{room.port}/runs/flow-run/{run['id']}")
    expect(page.get_by_text("Failed").first).to_be_visible()
    page.get_by_text("Details", exact=True).click()
    page.get_by_text("See More").click()
    # In the tab that is open; the log behind it has the words too.
    expect(page.get_by_text(run["state"]["message"]).locator("visible=true").first).to_be_visible()


def killed_run(room: Room) -> str:
    """The id of a run whose process, and the worker with it, was killed in the middle."""

    def stopped() -> tuple[str, int] | None:
        for note in (room.home / "at_work").glob("*"):
            with suppress(OSError, ValueError):
                number = int(note.read_text())
                os.kill(number, signal.SIGSTOP)
                if note.exists():
                    return note.name, number
                os.kill(number, signal.SIGCONT)
        return None

    deadline = time.monotonic() + STEPS_WITHIN
    while not (found := stopped()):
        assert time.monotonic() < deadline, room.told()
        time.sleep(0.01)
    os.killpg(os.getpgid(found[1]), signal.SIGKILL)
    return found[0]


def test_a_killed_run_is_not_running_for_ever(room: Room, page: Page) -> None:
    killed = killed_run(room)
    assert room.process.wait(timeout=60) == 3
    assert "the worker ended (exit code -9)" in (room.place / "stderr").read_text()
    assert room.process.stdout
    room.process.stdout.close()
    room.start()
    address = room.address()
    run = room.run_where(lambda run: run["id"] == killed)
    assert run["state"]["type"] == "CRASHED"
    room.run_where(lambda later: completed(later) and later["start_time"] > run["end_time"])
    page.goto(f"{address}/runs/flow-run/{killed}")
    page.get_by_text("Details", exact=True).click()
    expect(page.get_by_text("Its process is gone").first).to_be_visible()
    assert page.get_by_text("Running", exact=True).count() == 0
    assert not (room.home / "at_work" / killed).exists()


def test_nothing_is_left_over(room: Room) -> None:
    assert room.stop() == []
    assert room.process.returncode == 128 + signal.SIGTERM
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", room.port)) != 0

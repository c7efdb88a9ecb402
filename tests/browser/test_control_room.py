"""`tierwise serve` as its user sees it: a browser at the Prefect UI, while files arrive, break, and runs are killed.

The tests share one control room and follow each other: each goes on from what the one before left.
"""

import base64
import http.server
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import psutil  # type: ignore[import-untyped]
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import chromium

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
    secret: str = ""

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
        """Of the one line that it prints, which has the secret too."""
        assert self.process.stdout
        line = self.process.stdout.readline().strip()
        told = re.fullmatch(rf"(http://127\.0\.0\.1:{self.port}) secret: (tierwise:[\w-]{{32}})", line)
        assert told, self.told()
        self.secret = told[2]
        return told[1]

    def told(self) -> str:
        logs = [self.place / "stderr", *(self.home / "prefect").glob("*.log")]
        return "\n".join(log.read_text(errors="replace")[-3_000:] for log in logs if log.is_file())

    def ask(self, path: str, **body: Any) -> Any:
        def answered() -> list[Any] | None:
            try:
                with self.request(path, body) as answer:
                    return [json.load(answer)]
            except HTTPError as error:
                if error.code == 503:  # its database is busy; Prefect's own client asks again too
                    return None
                raise

        return self.until(answered)[0]

    def request(self, path: str, body: dict[str, Any], *, secret: str | None = None, **headers: str) -> Any:
        request = Request(f"http://127.0.0.1:{self.port}/api{path}", json.dumps(body).encode())
        token = base64.b64encode((self.secret if secret is None else secret).encode()).decode()
        for name, value in {"Content-Type": "application/json", "Authorization": f"Basic {token}", **headers}.items():
            request.add_header(name, value)
        return urlopen(request, timeout=90)  # noqa: S310  # its own address

    def refused(self, path: str, body: dict[str, Any], **said: str) -> tuple[int, str, str | None]:
        """Status, text and the CORS header of an answer that is no good one."""
        with pytest.raises(HTTPError) as refused:
            self.request(path, body, **said).close()
        answer = refused.value
        return answer.code, answer.read().decode(), answer.headers["access-control-allow-origin"]

    def deployment(self, flow: str = "engagement-pipeline") -> dict[str, Any]:
        (found,) = self.ask("/deployments/filter", flows={"name": {"any_": [flow]}})
        return dict(found)

    def run(self, run_id: str) -> dict[str, Any]:
        (found,) = self.ask("/flow_runs/filter", flow_runs={"id": {"any_": [run_id]}})
        return dict(found)

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


def log_in(page: Page, address: str, secret: str) -> None:
    page.goto(address)
    page.locator("input[type=password]").fill(secret)
    page.get_by_role("button", name="Login").click()


def completed(run: dict[str, Any]) -> bool:
    return bool(run["state"]["type"] == "COMPLETED")


def test_a_scheduled_run_completes_within_two_minutes(room: Room, page: Page) -> None:
    address = room.address()
    run = room.run_where(completed)
    assert time.monotonic() - room.started < 120
    assert run["auto_scheduled"]
    assert run["name"] == "exports: 2 rows loaded, 1 rejected"
    log_in(page, f"{address}/runs", room.secret)
    expect(page.get_by_text(run["name"]).first).to_be_visible()
    page.goto(f"{address}/deployments")
    expect(page.get_by_role("link", name="scheduled", exact=True)).to_be_visible()
    expect(page.get_by_text("hourly", exact=True)).to_be_visible()
    expect(page.get_by_text("campaign-plan", exact=True).first).to_be_visible()
    page.goto(f"{address}/runs/flow-run/{run['id']}")
    expect(page.get_by_text(run["name"]).first).to_be_visible()
    expect(page.get_by_text("Completed").first).to_be_visible()


def test_a_person_can_start_a_run_with_parameters_of_their_own(room: Room) -> None:
    deployed = room.deployment()
    schema = deployed["parameter_openapi_schema"]["properties"]
    assert list(schema) == ["exports", "home", "as_of", "verify", "rebuild"]
    assert all(each["description"] for each in schema.values())
    assert [schema[name]["type"] for name in ("exports", "verify", "rebuild")] == ["string", "boolean", "boolean"]
    assert (schema["exports"]["enum"], schema["exports"]["readOnly"]) == ([str(room.exports)], True)
    assert (schema["home"]["enum"], schema["home"]["readOnly"]) == ([str(room.home)], True)
    assert deployed["parameters"]["exports"] == str(room.exports)
    assert deployed["global_concurrency_limit"]["limit"] == 1
    assert deployed["concurrency_options"]["collision_strategy"] == "ENQUEUE"
    assert deployed["entrypoint"] == "flows.pipeline.engagement_pipeline"


def test_the_secret_is_for_this_account_alone(room: Room) -> None:
    kept = room.home / "serve.secret"
    assert kept.read_text().strip() == room.secret
    assert kept.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(("ui", "words"), [("", "Authentication failed"), ("/v2", "Invalid credentials")])
def test_the_pages_ask_for_the_secret(room: Room, browser: Browser, ui: str, words: str) -> None:
    """At the other name of this machine too."""
    run = room.runs()[-1]
    address = f"http://localhost:{room.port}{ui}"
    for secret, sees in (("tierwise:guessed", words), (room.secret, "Dashboard")):
        with browser.new_context(viewport={"width": 1600, "height": 1000}) as context:
            page = context.new_page()
            log_in(page, f"{address}/dashboard", secret)
            expect(page.get_by_text(sees).first).to_be_visible()
            expect(page.locator("input[type=password]")).to_have_count(int(secret != room.secret))
            if secret == room.secret:
                page.goto(f"{address}/runs/flow-run/{run['id']}")
                expect(page.get_by_text(run["name"]).first).to_be_visible()


@pytest.mark.parametrize("secret", ["", "tierwise:", "admin:pass"])
def test_programs_are_asked_for_the_secret(room: Room, secret: str) -> None:
    run = f"/deployments/{room.deployment()['id']}/create_flow_run"
    for path in (run, "/deployments/filter", "/admin/database/clear"):
        assert room.refused(path, {}, secret=secret)[0] == 401


@pytest.mark.parametrize(
    "said",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:1"},
        {"Origin": "http://127.0.0.1.evil.example"},
        {"Host": "evil.example"},
        {"Host": "127.0.0.1.evil.example"},
        {"Host": "localhost.:80"},
        {"Host": "evil.example", "Origin": "http://evil.example"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "iframe"},
    ],
    ids=str,
)
def test_strangers_are_refused_even_with_the_secret(room: Room, said: dict[str, str]) -> None:
    status, text, allowed = room.refused("/deployments/filter", {}, **said)
    assert (status, allowed) == (403, None)
    assert text.startswith("Refused: ")
    assert "evil" not in text


def test_no_answer_is_for_every_origin(room: Room) -> None:
    own = f"http://127.0.0.1:{room.port}"
    for said in ({}, {"Origin": own}, {"Origin": own, "Sec-Fetch-Site": "same-origin"}):
        with room.request("/deployments/filter", {}, **said) as answer:
            assert answer.headers["access-control-allow-origin"] in (None, own)


class SomePage(http.server.BaseHTTPRequestHandler):
    """A page somewhere else."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("content-type", "text/html")
        self.end_headers()
        self.wfile.write(b"<p>another page</p>")

    def log_message(self, *_: object) -> None:
        """Nothing."""


TRIES = """async ([address, path, secret]) => {
    const body = JSON.stringify({name: 'by a stranger'});
    const headers = {'content-type': 'application/json', authorization: 'Basic ' + btoa(secret)};
    const tried = async (request) => { try { return (await request()).type } catch { return 'refused' } };
    const socket = new Promise((done) => {
        const opened = new WebSocket(address.replace('http', 'ws') + '/api/events/in', ['prefect']);
        opened.onopen = () => done('open');
        opened.onerror = () => done('refused');
    });
    return {
        read: await tried(() => fetch(address + '/api/health')),
        secret: await tried(() => fetch(address + path, {method: 'POST', headers, body})),
        blind: await tried(() => fetch(address + path, {method: 'POST', mode: 'no-cors', body})),
        socket: await socket,
    };
}"""


@pytest.mark.parametrize("name", ["evil.example", "127.0.0.1"])
def test_a_page_of_another_origin_can_do_nothing(room: Room, browser: Browser, name: str) -> None:
    """Neither one from afar nor one of another port of this machine, which is the same site to a browser."""
    path = f"/api/deployments/{room.deployment()['id']}/create_flow_run"
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), SomePage) as elsewhere, another(browser) as strange:
        threading.Thread(target=elsewhere.serve_forever, daemon=True).start()
        page = strange.new_page()
        page.goto(f"http://{name}:{elsewhere.server_port}/")
        address = f"http://127.0.0.1:{room.port}"
        answers = page.evaluate(TRIES, [address, path, room.secret])
        elsewhere.shutdown()
    # What a page sends without asking for the answer reaches the server and is refused there.
    assert answers == {"read": "refused", "secret": "refused", "blind": "opaque", "socket": "refused"}
    assert room.ask("/flow_runs/count", flow_runs={"name": {"any_": ["by a stranger"]}}) == 0


def test_a_name_pointed_at_this_machine_is_refused(room: Room, browser: Browser) -> None:
    with another(browser) as strange:
        page = strange.new_page()
        answer = page.goto(f"http://evil.example:{room.port}/")
        assert answer
        assert answer.status == 403
        assert "another host" in page.inner_text("body")
        assert page.evaluate("fetch('/api/health').then((answer) => answer.status)") == 403


def another(browser: Browser) -> Browser:
    """A browser to which `evil.example` is this machine."""
    rules = "--host-resolver-rules=MAP evil.example 127.0.0.1"
    return browser.browser_type.launch(executable_path=chromium(), args=["--no-sandbox", rules])


@pytest.mark.parametrize("flow", ["engagement-pipeline", "campaign-plan"])
@pytest.mark.parametrize("asked", ["command", "env", "env.PATH", "working_dir", "labels", "name"])
def test_job_variables_are_refused(room: Room, asked: str, flow: str) -> None:
    run = f"/deployments/{room.deployment(flow)['id']}/create_flow_run"
    parameters = {"budget": 5} if flow == "campaign-plan" else {}
    asked_for = {"job_variables": {asked: f"touch {room.place / 'pwned'}"}, "parameters": parameters}
    status, text, _ = room.refused(run, asked_for)
    assert status == 422
    assert asked in text


@pytest.mark.parametrize(
    ("flow", "asked"), [("engagement-pipeline", "exports"), ("engagement-pipeline", "home"), ("campaign-plan", "home")]
)
def test_a_run_for_other_folders_is_refused(room: Room, flow: str, asked: str) -> None:
    run = f"/deployments/{room.deployment(flow)['id']}/create_flow_run"
    parameters = {asked: str(room.place / "elsewhere")} | ({"budget": 5} if flow == "campaign-plan" else {})
    status, text, _ = room.refused(run, {"parameters": parameters})
    assert status == 409
    assert "is not one of" in text


def test_a_run_that_got_past_the_checks_does_neither(room: Room) -> None:
    """The server checks nothing of a run that is made beside its deployment; here the one that has no others to wait for."""
    deployed = room.deployment("freshness")
    elsewhere = room.place / "elsewhere"
    made = room.ask(
        "/flow_runs/",
        flow_id=deployed["flow_id"], deployment_id=deployed["id"], work_pool_name="tierwise",
        parameters={"home": str(elsewhere)},
        job_variables={"command": f"touch {room.place / 'pwned'}", "env": {"TIERWISE_HOME": str(elsewhere)}},
        state={"type": "SCHEDULED"},
    )  # fmt: skip
    room.until(lambda: room.run(made["id"])["state"]["type"] in ("FAILED", "COMPLETED", "CRASHED"))
    run = room.run(made["id"])
    assert run["job_variables"]["command"].startswith("touch ")
    assert f"reads {room.exports} into {room.home} and nothing else" in run["state"]["message"]
    assert not (room.place / "pwned").exists()
    assert not elsewhere.exists()


@pytest.mark.parametrize("ui", ["", "/v2"])
def test_its_artifacts_tell_the_story_and_are_inert(room: Room, page: Page, ui: str) -> None:
    first = room.run_where(lambda run: "2 rows loaded" in run["name"])
    found = room.artifacts(first)
    assert set(found) == {"rows-loaded", "rejected-rows", "run-summary", "freshness", "report"}
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


def test_a_plan_is_asked_for_in_a_form_and_answered_in_artifacts(room: Room, page: Page) -> None:
    (room.exports / "prices.csv").write_text("platform,account_id,price,currency\ninstagram,a,80,EUR\n")
    room.run_where(lambda run: run["name"] == "exports: 1 rows loaded, 0 rejected")
    deployed = room.deployment("campaign-plan")
    assert deployed["name"] == "campaign-plan"
    assert deployed["schedules"] == []
    properties = deployed["parameter_openapi_schema"]["properties"]
    assert (properties["home"]["enum"], properties["home"]["readOnly"]) == ([str(room.home)], True)
    assert all(each["description"] for each in properties.values())
    page.goto(f"http://127.0.0.1:{room.port}/deployments/deployment/{deployed['id']}/run")
    for each in properties.values():
        expect(page.get_by_text(each["description"]).first).to_be_visible()
    place = os.environ.get("TIERWISE_PICTURES")
    if place:
        page.screenshot(path=Path(place) / "campaign_plan_form.png", full_page=True)
    create = f"/deployments/{deployed['id']}/create_flow_run"
    run = room.ask(create, parameters={"budget": 100, "currency": "EUR", "objective": "reach"})
    room.until(lambda: room.run(run["id"])["state"]["type"] in ("COMPLETED", "FAILED", "CRASHED"))
    found = room.run(run["id"])
    assert found["state"]["message"] == "1 account for 80.00 of 100.00 EUR: 1,000 people reached for certain"
    artifacts = room.artifacts(found)
    assert set(artifacts) == {"campaign-plan", "plan-accounts"}
    for ui in ("", "/v2"):
        for key, words in (("campaign-plan", "no set brings more than"), ("plan-accounts", "instagram:a")):
            page.goto(f"http://127.0.0.1:{room.port}{ui}/artifacts/artifact/{artifacts[key]}")
            expect(page.get_by_text(words).first).to_be_visible()
            if place:
                page.screenshot(path=Path(place) / f"{key}{ui.replace('/', '_')}.png")
    for parameters in ({"currency": "EUR"}, {"budget": 5, "max_accounts": 0}, {"budget": 5, "objective": "fame"}):
        status, _, _ = room.refused(create, {"parameters": parameters})
        assert status == 409


def test_a_failed_run_says_why_and_what_mends_it(room: Room, page: Page) -> None:
    declaration = room.exports / "sources.toml"
    declaration.write_text("[[source]]\nfiles = 'x'\nno_such_key = 1\n")
    run = room.run_where(lambda run: run["state"]["type"] == "FAILED" and "sources.toml" in run["state"]["message"])
    declaration.unlink()
    assert "(fix: " in run["state"]["message"]
    # By its address: a click on a tab is lost while the page, on a busy machine, is still finding out which tabs there are.
    page.goto(f"http://127.0.0.1:{room.port}/runs/flow-run/{run['id']}?tab=Details")
    expect(page.get_by_text("Failed").first).to_be_visible()
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
    page.goto(f"{address}/runs/flow-run/{killed}?tab=Details")
    expect(page.get_by_text("Its process is gone").first).to_be_visible()
    assert page.get_by_text("Running", exact=True).count() == 0
    assert not (room.home / "at_work" / killed).exists()


def test_a_killed_control_room_leaves_nothing_and_starts_again(room: Room) -> None:
    """At the same port, and with the slot of its deployment free, which a run held that nobody will ever start."""
    create = f"/deployments/{room.deployment('freshness')['id']}/create_flow_run"
    later = {"type": "SCHEDULED", "state_details": {"scheduled_time": "2100-01-01T00:00:00Z"}}
    holder = room.ask(create, parameters={"home": "/elsewhere"}, enforce_parameter_schema=False, state=later)["id"]
    room.until(lambda: room.ask(f"/flow_runs/{holder}/set_state", state={"type": "PENDING"})["status"] == "ACCEPT")
    children = psutil.Process(room.process.pid).children(recursive=True)
    room.process.kill()
    room.process.wait()
    assert room.process.stdout
    room.process.stdout.close()
    assert len(children) >= 4
    assert psutil.wait_procs(children, timeout=20)[1] == []
    room.start()
    secret = room.secret
    room.address()
    assert room.secret == secret, "browsers and programs need not be told again"
    assert room.run(holder)["state"]["type"] == "CRASHED"
    next_one = room.ask(create)["id"]
    room.until(lambda: room.run(next_one)["state"]["type"] in ("FAILED", "COMPLETED"))


def test_nothing_is_left_over(room: Room) -> None:
    assert room.stop() == []
    assert room.process.returncode == 128 + signal.SIGTERM
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", room.port)) != 0

"""Alerts reach a receiver: one for each problem until it changes, one when it is over, none with cells of exports."""

import json
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from prefect.client.schemas.objects import State
from pydantic import SecretStr

from flows import alerts
from flows.freshness import Newest, newest
from flows.freshness_flow import freshness
from flows.pipeline import engagement_pipeline
from flows.settings import Settings
from tests.example_home import Examples

NOW = datetime(2026, 8, 1, 12)
CELL = "cell-of-an-export"

# A module of the standard library that apprise imports on its way.
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")


class Receiver:
    """A webhook on this machine, and what it was sent: titles and bodies."""

    def __init__(self) -> None:
        self.got: list[tuple[str, str]] = []
        self.answers = 200
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                sent = json.loads(self.rfile.read(int(self.headers["content-length"])))
                if receiver.answers == 200:
                    receiver.got.append((sent["title"], sent["message"]))
                self.send_response(receiver.answers)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Quietly."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)

    @property
    def titles(self) -> list[str]:
        return [title for title, _ in self.got]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    opened = Receiver()
    thread = threading.Thread(target=opened.server.serve_forever)
    thread.start()
    yield opened
    opened.server.shutdown()
    thread.join()
    opened.server.server_close()


@pytest.fixture
def settings(tmp_path: Path, receiver: Receiver) -> Settings:
    return Settings(home=tmp_path / "home", alert_urls=(SecretStr(f"json://127.0.0.1:{receiver.server.server_port}"),))


def test_a_problem_is_told_once_until_it_changes_and_its_end_is_told(settings: Settings, receiver: Receiver) -> None:
    for problem in ("disk full", "disk full", "folder gone", None, None):
        alerts.settle(settings, alerts.RUN, problem)
    assert receiver.titles == ["Tierwise: a run failed", "Tierwise: a run failed", "Tierwise: recovered"]
    assert [body.splitlines()[0] for _, body in receiver.got] == [
        "disk full",
        "folder gone",
        "No longer so: folder gone",
    ]
    assert str(settings.home) in receiver.got[0][1]


def test_what_could_not_be_sent_is_sent_later(settings: Settings, receiver: Receiver) -> None:
    receiver.answers = 500
    alerts.settle(settings, alerts.RUN, "disk full")
    receiver.answers = 200
    alerts.settle(settings, alerts.RUN, "disk full")
    assert receiver.titles == ["Tierwise: a run failed"]


def test_no_address_no_message_and_none_of_it_is_remembered_as_told(tmp_path: Path) -> None:
    alerts.settle(Settings(home=tmp_path), alerts.RUN, "disk full")
    assert not (tmp_path / "alerts.json").exists()


def test_a_memory_that_cannot_be_kept_is_in_nobodys_way(settings: Settings, receiver: Receiver) -> None:
    (settings.home / "alerts.tmp").mkdir(parents=True)  # stands for a full disk
    (settings.home / "alerts.json").write_text("cut off{")
    alerts.settle(settings, alerts.RUN, "disk full")
    assert receiver.titles == ["Tierwise: a run failed"]


def test_a_message_mentions_nobody() -> None:
    assert "@" not in alerts.plain("@everyone <!channel> \x1b[31m")
    assert "<" not in alerts.plain("<!channel>")


def test_the_text_of_an_unforeseen_error_is_not_told() -> None:
    assert CELL not in alerts.failure(ValueError(CELL))


def test_addresses_are_secret_and_separated_by_blanks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIERWISE_ALERT_URLS", "json://one.example/token  mailto://two.example")
    read = Settings()
    assert [url.get_secret_value() for url in read.alert_urls] == ["json://one.example/token", "mailto://two.example"]
    assert "token" not in repr(read)


def test_silence_is_told_after_the_time_allowed(settings: Settings) -> None:
    hours = timedelta(hours=settings.success_max_age_hours)
    assert alerts.silence(settings, NOW) is None, "nobody has looked before"
    assert alerts.silence(settings, NOW + hours) is None
    said = alerts.silence(settings, NOW + hours + timedelta(minutes=1))
    assert said
    assert "since 2026-08-01 12:00 UTC" in said
    assert said == alerts.silence(settings, NOW + 2 * hours), "the same words until it changes"


@pytest.mark.parametrize(
    ("at", "stale"),
    [(NOW - timedelta(days=2), False), (NOW - timedelta(days=2, seconds=1), True), (NOW + timedelta(days=1), False), (None, True)],
)  # fmt: skip
def test_stale_is_older_than_allowed_or_nothing_at_all(at: datetime | None, stale: bool) -> None:
    assert Newest("newest load", at, timedelta(days=2)).stale(NOW) is stale


def test_every_platform_is_looked_at(tmp_path: Path, examples: Examples) -> None:
    assert [(each.what, each.at) for each in newest(Settings(home=tmp_path))] == [("newest load", None)]
    assert [each.what for each in newest(Settings(home=examples.home))] == [
        "newest observation of instagram",
        "newest observation of tiktok",
        "newest observation of youtube",
        "newest load",
    ]


def state_of(flow: Any, *parameters: Path) -> State[Any]:
    state: State[Any] = flow(*map(str, parameters), return_state=True)
    return state


@pytest.mark.usefixtures("prefect_home")
def test_runs_and_the_look_at_freshness_tell_of_problems(
    settings: Settings, receiver: Receiver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TIERWISE_ALERT_URLS", settings.alert_urls[0].get_secret_value())
    exports = tmp_path / "exports"

    failed = state_of(engagement_pipeline, exports, settings.home)
    assert failed.is_failed()
    assert receiver.titles == ["Tierwise: a run failed"]
    assert f"{exports}: there is no such folder (fix: give the folder" in receiver.got[0][1]

    nothing = state_of(freshness, settings.home)
    assert nothing.is_failed()
    assert str(nothing.message).startswith("newest load: nothing with a date (fix: look whether deliveries")

    exports.mkdir()
    rows = f"instagram,a,1000,2020-01-01T00:00:00Z\ninstagram,b,{CELL},\ninstagram,c,{CELL},\n"
    (exports / "accounts.csv").write_text(f"platform,account_id,followers_count,observed_at\n{rows}")
    refused = state_of(engagement_pipeline, exports, settings.home)
    assert refused.is_completed()
    assert refused.name == "TooManyRejected"
    assert str(refused.message).startswith("2 of 3 rows rejected, allowed are 50%")
    stale = state_of(freshness, settings.home)
    assert "newest observation of instagram: of 2020-01-01 00:00 UTC, older than 30 days" in str(stale.message)
    again = state_of(engagement_pipeline, exports, settings.home)
    assert again.is_completed()

    assert receiver.titles[1:] == [
        "Tierwise: stale data",  # nothing was loaded
        "Tierwise: recovered",  # a run ended well
        "Tierwise: too many rows rejected",
        "Tierwise: stale data",  # an old observation
        "Tierwise: recovered",  # something was loaded
    ]
    assert CELL not in "".join(body for _, body in receiver.got)

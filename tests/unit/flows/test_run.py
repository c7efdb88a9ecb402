"""The order of a run, whoever carries out its steps."""

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from flows.run import AtTerminal, Executor, run
from flows.settings import Settings
from schemas.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

ACCOUNTS = "platform,account_id,followers_count,observed_at\nx,wren,5200,2026-06-01T00:00:00Z\n"
POSTS = "platform,post_id,account_id,like_count,comment_count,published_at\nx,p1,wren,40,2,2026-05-30T00:00:00Z\n"
LIKES = "platform,post_id,liker_id\nx,p1,owl\nx,p1,emu\n"


class Noted(Executor):
    """Carries out each step, and notes it down."""

    def __init__(self) -> None:
        super().__init__()
        self.steps: list[str] = []

    @contextmanager
    def during(self, settings: Settings) -> "Iterator[None]":
        self.steps.append(f"begin, locked: {settings.lock.exists()}")
        try:
            yield
        finally:
            self.steps.append("end")

    def take_inventory(self, *given: Any, **named: Any) -> Any:
        self.steps.append("inventory")
        return super().take_inventory(*given, **named)

    def read(self, deliveries: Any, *given: Any) -> Any:
        self.steps.append(f"read {sorted(delivery.file.name for delivery in deliveries)}")
        return super().read(deliveries, *given)

    def publish(self, *given: Any, **named: Any) -> Any:
        self.steps.append("publish")
        return super().publish(*given, **named)

    def present(self, *given: Any) -> None:
        self.steps.append("present")
        super().present(*given)


@pytest.fixture
def exports(tmp_path: Path) -> Path:
    folder = tmp_path / "exports"
    folder.mkdir()
    for name, text in (("accounts.csv", ACCOUNTS), ("posts.csv", POSTS)):
        (folder / name).write_text(text)
    return folder


def test_the_steps_come_in_their_order(exports: Path, tmp_path: Path) -> None:
    noted, settings = Noted(), Settings(home=tmp_path / "home")
    first = run(exports, settings, None, noted)
    read = "read ['accounts.csv', 'posts.csv']"
    assert noted.steps == ["begin, locked: True", "inventory", read, "publish", "present", "end"]
    again = run(exports, settings, None, noted)
    assert noted.steps[6:] == ["begin, locked: True", "inventory", "read []", "publish", "present", "end"]
    assert (first.published, again.published) == (True, False)
    assert first.content_hash == again.content_hash


def test_large_lists_are_read_after_the_posts_of_the_others(
    exports: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("warehouse.lake.edges.SMALL_BYTES", 1)
    monkeypatch.setattr("ingest.load.SMALL_BYTES", 1)
    monkeypatch.setattr("ingest.files.SMALL_FILE", -1)
    (exports / "all_likes.csv").write_text(LIKES)
    noted = Noted()
    summary = run(exports, Settings(home=tmp_path / "home"), None, noted)
    assert [step for step in noted.steps if step.startswith("read")] == [
        "read ['accounts.csv', 'all_likes.csv', 'posts.csv']",
        "read ['all_likes.csv']",
    ]
    assert (summary.rows_read, summary.rows_loaded) == (4, 4)


def test_what_is_held_during_a_run_is_let_go_of_where_it_fails(tmp_path: Path) -> None:
    noted = Noted()
    with pytest.raises(UsageError):
        run(tmp_path / "absent", Settings(home=tmp_path / "home"), None, noted)
    assert noted.steps == ["begin, locked: True", "inventory", "end"]


def test_a_report_that_cannot_be_drawn_is_told_and_the_run_went_well(
    exports: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OSError("no room for it")

    monkeypatch.setattr("reports.report.write_report", fail)
    told: list[str] = []
    summary = run(
        exports, Settings(home=tmp_path / "home", draw_report=True), None, AtTerminal(lambda rows: None, told.append)
    )
    assert summary.published
    assert told == ["the report was not drawn: no room for it"]

"""A machine whose clock is wrong: figures are published all the same, by it and by every later run, and the clock is named."""

import json
from datetime import datetime, tzinfo

import pytest

from flows import settings
from schemas.columns import EARLIEST, LATEST
from tests.command import Answer
from tests.rejected.delivery import Delivery, command, delivery

__all__ = ["command", "delivery"]

ACCOUNTS = "platform,account_id,followers_count,observed_at\nx,heron,8100,2026-03-04T05:06:07Z\n"
POSTS = "platform,post_id,account_id,like_count,comment_count\nx,p7,heron,405,81\n"
WRONG = [
    datetime(1970, 1, 1, 0, 0, 9),
    datetime(1969, 12, 31),
    datetime(1989, 12, 31, 23, 59),
    datetime(2015, 6, 1),
    datetime(2200, 1, 1),
    datetime(9999, 12, 31),
    None,  # beyond what Python can tell
]


def set_clock(patch: pytest.MonkeyPatch, at: datetime | None) -> None:
    """Have the one place that asks the clock be told this."""

    class Clock(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
            if at is None:
                raise ValueError("year 10000 is out of range")
            return at.replace(tzinfo=tz)

    patch.setattr(settings, "datetime", Clock)


def run(delivery: Delivery) -> Answer:
    return delivery.command("run", delivery.exports, "--home", delivery.home, "--json")


@pytest.mark.parametrize("at", WRONG)
def test_a_home_outlives_a_wrong_clock(
    delivery: Delivery, at: datetime | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    delivery.put("accounts.csv", ACCOUNTS)
    with monkeypatch.context() as patch:
        set_clock(patch, at)
        first = run(delivery)
    assert first.exit_code == 0, first.stderr
    told = json.loads(first.stdout)
    assert "which cannot be" in told["clock"]
    assert told["ahead_of_clock"] is None, "it is the clock that is wrong, and not the file"
    assert told["evidence_left_out"] == []
    delivery.put("posts.csv", POSTS)
    second = run(delivery)
    assert second.exit_code == 0, second.stderr
    assert json.loads(second.stdout)["published"] is True
    times = delivery.rows("SELECT started_at, finished_at FROM run_log ORDER BY run_sequence")
    assert all(EARLIEST <= time <= LATEST for row in times for time in row.values())
    noted = {row["file"]: row["note"] or "" for row in delivery.ledger()}
    assert "loaded_at is not known" in noted["accounts.csv"]
    assert "loaded_at" not in noted["posts.csv"]
    rates = delivery.rows("SELECT engagement_rate_by_followers AS r FROM posts")
    assert rates == [{"r": 486 / 8100}]


def test_figures_are_those_of_a_right_clock(delivery: Delivery, monkeypatch: pytest.MonkeyPatch) -> None:
    delivery.put("accounts.csv", ACCOUNTS)
    right = json.loads(run(delivery).stdout)
    assert right["clock"] is None
    with monkeypatch.context() as patch:
        set_clock(patch, datetime(1970, 1, 1))
        other = delivery.command("run", delivery.exports, "--home", delivery.home.with_name("other"), "--json")
    assert json.loads(other.stdout)["content_hash"] == right["content_hash"]


def test_a_clock_that_went_back_is_told(delivery: Delivery, monkeypatch: pytest.MonkeyPatch) -> None:
    delivery.put("accounts.csv", ACCOUNTS)
    with monkeypatch.context() as patch:
        set_clock(patch, datetime(2150, 1, 1))
        assert json.loads(run(delivery).stdout)["clock"] is None, "who knows"
    delivery.put("posts.csv", POSTS)
    assert "said 2150-01-01" in json.loads(run(delivery).stdout)["clock"]
    delivery.put("more.csv", POSTS.replace("p7", "p8"))
    assert json.loads(run(delivery).stdout)["clock"] is None

"""The instant of the figures: what it comes from, what is said of it, and what a given one leaves out."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from flows.run import run
from flows.settings import Settings, now_utc
from tests.command import Answer
from tests.rejected.delivery import Delivery, command, delivery
from warehouse import contents
from warehouse.lake.ledger import Lake
from warehouse.reach import AsOf, as_of_from

__all__ = ["command", "delivery"]

ACCOUNTS = "platform,account_id,followers_count,observed_at\n"
POSTS = "platform,post_id,account_id,published_at,like_count,comment_count\n"
LIKES = "platform,post_id,liker_id,liked_at\n"


def put_some(delivery: Delivery) -> None:
    delivery.put("accounts.csv", f"{ACCOUNTS}x,a,10,2026-05-01T00:00:00Z\nx,a,12,2026-07-01T00:00:00Z\nx,b,3,\n")
    delivery.put("posts.csv", f"{POSTS}x,p,a,2026-05-02T00:00:00Z,2,0\nx,q,a,2026-07-02T00:00:00Z,1,0\n")
    delivery.put(
        "likes.csv",
        f"{LIKES}x,p,1,2026-05-03T00:00:00Z\nx,p,2,2026-06-30T00:00:00Z\nx,q,1,\nx,gone,1,\nx,gone,2,2026-08-01T00:00:00Z\n",
    )
    delivery.put("rates.csv", "platform,account_id,price,quoted_on\nx,a,100,2026-06-02\nx,a,90,2026-06-01\n")


def test_what_a_given_as_of_leaves_out_is_counted_by_file_and_by_run(
    delivery: Delivery, command: Callable[..., Answer]
) -> None:
    """A like of a post that is itself later waits for it; one that is later is nothing else besides."""
    put_some(delivery)
    answer = command("run", delivery.exports, "--home", delivery.home, "--as-of", "2026-06-01")
    assert "as of 2026-06-01 23:59:59 UTC, as given" in answer.stderr
    assert "last_90_days 2026-03-03 23:59:59 UTC to 2026-06-01 23:59:59 UTC" in answer.stderr
    assert "5 rows are later than that and in no figure" in answer.stderr
    ledger = delivery.rows("SELECT file, rows_loaded, rows_waiting, rows_later FROM load_ledger ORDER BY file")
    assert [tuple(row.values()) for row in ledger] == [
        ("accounts.csv", 3, 0, 1),
        ("likes.csv", 5, 2, 2),
        ("posts.csv", 2, 0, 1),
        ("rates.csv", 2, 0, 1),
    ]
    assert delivery.rows("SELECT rows_later FROM run_log") == [{"rows_later": 5}]
    assert delivery.rows("SELECT price::INTEGER AS price FROM rates") == [{"price": 90}]
    again = json.loads(
        command("run", delivery.exports, "--home", delivery.home, "--as-of", "2026-06-01", "--json").stdout
    )
    assert (again["published"], again["rows_later"], again["as_of_file"]) == (False, 5, None)


def test_a_default_as_of_is_the_newest_time_and_leaves_out_nothing(
    delivery: Delivery, command: Callable[..., Answer]
) -> None:
    put_some(delivery)
    command("run", delivery.exports, "--home", delivery.home, "--as-of", "2026-08-01T00:00:00Z")
    summary = delivery.run_again()
    assert summary["published"], "the same instant, by default and given, are two questions"
    assert (summary["as_of"], summary["as_of_file"], summary["rows_later"]) == ("2026-08-01T00:00:00", "likes.csv", 0)
    assert summary["windows"] == {
        "all_time": [None, "2026-08-01T00:00:00"],
        "last_90_days": ["2026-05-03T00:00:00", "2026-08-01T00:00:00"],
        "last_12_posts": [None, "2026-08-01T00:00:00"],
    }
    assert delivery.rows("SELECT file, rows_waiting FROM load_ledger WHERE rows_waiting > 0") == [
        {"file": "likes.csv", "rows_waiting": 2}
    ]


TIMES = {
    "accounts": (ACCOUNTS, "x,a,1,{}"),
    "posts": (POSTS, "x,p,a,{},1,0"),
    "observed": ("platform,post_id,account_id,observed_at\n", "x,p,a,{}"),
    "follows": ("platform,account_id,follower_id,followed_at\n", "x,a,1,{}"),
    "lists": ("platform,account_id,follower_id,observed_at\n", "x,a,1,{}"),
    "likes": (LIKES, "x,p,1,{}"),
    "comments": ("platform,post_id,comment_id,commenter_id,commented_at\n", "x,p,c,1,{}"),
}
STATED = {
    "claims": ("platform,account_id,metric,value,observed_at\n", "x,a,likes_mean,3,{}"),
    "rates": ("platform,account_id,price,quoted_on\n", "x,a,3,{}"),
}


@pytest.mark.parametrize("name", TIMES)
def test_every_time_of_every_dataset_moves_the_default(delivery: Delivery, name: str) -> None:
    for number, (each, (header, row)) in enumerate(TIMES.items()):
        day = 20 if each == name else number + 1
        delivery.put(f"{each}.csv", header + row.format(f"2026-04-{day:02d}T00:00:00Z") + "\n")
    delivery.put("claims.csv", STATED["claims"][0] + STATED["claims"][1].format("2026-09-01T00:00:00Z") + "\n")
    delivery.put("rates.csv", STATED["rates"][0] + STATED["rates"][1].format("2026-09-01") + "\n")
    delivery.run()
    lake = Lake.open(delivery.home / "lake")
    assert as_of_from(lake, None) == AsOf(datetime(2026, 4, 20), f"{name}.csv")


@pytest.mark.parametrize("name", STATED)
def test_a_statement_moves_it_where_there_is_nothing_else(delivery: Delivery, name: str) -> None:
    header, row = STATED[name]
    delivery.put(f"{name}.csv", header + row.format("2026-09-01" if name == "rates" else "2026-09-01T00:00:00Z") + "\n")
    delivery.put("accounts.csv", f"{ACCOUNTS}x,a,1,\n")
    delivery.run()
    assert delivery.rows("SELECT as_of FROM run_log") == [{"as_of": datetime(2026, 9, 1)}]


def test_a_ledger_without_times_is_read_as_before(delivery: Delivery) -> None:
    """Earlier versions noted no times of what is not edges: the rows themselves tell."""
    put_some(delivery)
    delivery.run()
    lake = Lake.open(delivery.home / "lake")
    known = as_of_from(lake, None)
    for path in (lake.root / "ledger").iterdir():
        said = msgspec.json.decode(path.read_bytes())
        for entry in said["entries"]:
            for segment in entry["segments"]:
                if segment["dataset"] in ("accounts", "posts", "rates"):
                    del segment["observed"], segment["happened"]
                elif segment["dataset"] == "likes":
                    segment["happened"] = "2026-01-01T00:00:00"
        path.write_bytes(msgspec.json.encode(said))
    assert known == AsOf(datetime(2026, 8, 1), "likes.csv")
    assert as_of_from(Lake.open(delivery.home / "lake"), None) == AsOf(datetime(2026, 7, 2), "posts.csv")


def test_an_as_of_ahead_of_the_clock_is_said_with_its_file(delivery: Delivery, command: Callable[..., Answer]) -> None:
    put_some(delivery)
    far = now_utc() + timedelta(days=400)
    delivery.put("typo/posts.csv", f"{POSTS}x,r,a,{far:%Y-%m-%dT%H:%M:%SZ},1,0\n")
    answer = delivery.run()
    assert f"as_of lies in the future: the newest time in typo/posts.csv is {far:%Y-%m-%d}" in answer.stderr
    given = command("run", delivery.exports, "--home", delivery.home, "--as-of", f"{far:%Y-%m-%d}")
    assert "as_of lies in the future: the as_of that was given is" in given.stderr
    today = command("run", delivery.exports, "--home", delivery.home, "--as-of", f"{now_utc():%Y-%m-%d}")
    assert "lies in the future" not in today.stderr


def test_a_window_that_has_no_post_is_said(delivery: Delivery) -> None:
    put_some(delivery)
    delivery.put("later.csv", f"{ACCOUNTS}x,c,4,2026-11-01T00:00:00Z\n")
    assert "last_90_days holds no post: the newest was published at 2026-07-02" in delivery.run().stderr


def test_a_warehouse_of_an_earlier_version_keeps_its_runs(delivery: Delivery, tmp_path: Path) -> None:
    import duckdb

    put_some(delivery)
    delivery.run()
    with duckdb.connect(delivery.home / "warehouse.duckdb") as connection:
        connection.execute("ALTER TABLE run_log DROP COLUMN rows_later")
    assert delivery.run_again()["published"]
    assert delivery.rows("SELECT run_sequence, rows_later FROM run_log ORDER BY ALL") == [
        {"run_sequence": 1, "rows_later": None},
        {"run_sequence": 2, "rows_later": 0},
    ]


def test_a_program_with_other_tables_publishes_though_nothing_came(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Within one version too: who updates from one commit to the next finds the new tables after the next run."""
    exports, settings = tmp_path / "exports", Settings(home=tmp_path / "home", draw_report=False)
    exports.mkdir()
    (exports / "accounts.csv").write_text("platform,account_id,followers_count\ntiktok,heron,700\n")
    assert run(exports, settings).published
    assert not run(exports, settings).published
    monkeypatch.setattr(contents, "view_files", lambda: {"10_other": "-- Another view.\nSELECT 1 AS one"})
    assert run(exports, settings).published
    assert not run(exports, settings).published


@pytest.mark.parametrize("given", ["0001-01-01", "1990-12-31", "2200-01-01T00:00:00Z", "9999-12-31"])
def test_an_as_of_that_no_figure_can_be_of_is_refused(
    delivery: Delivery, command: Callable[..., Answer], given: str
) -> None:
    """Windows reach back from it, and nothing is read that has a time beyond these years."""
    delivery.put("accounts.csv", "platform,account_id,followers_count\ntiktok,heron,700\n")
    answer = command("run", delivery.exports, "--home", delivery.home, "--as-of", given)
    assert (answer.exit_code, "give a day of 1991 to 2199" in answer.stderr) == (2, True), answer.stderr

"""Evidence that is faulty never keeps figures back: it is left out, which is said, and the run ends as a fault of ours."""

import json

import polars as pl

from flows import alerts
from flows import run as untracked
from flows.settings import Settings
from tests.command import Answer
from tests.rejected.delivery import Delivery, command, delivery
from warehouse.lake.ledger import Lake

__all__ = ["command", "delivery"]

ACCOUNTS = "platform,account_id,followers_count\nx,wren,5200\nx,owl,many\n"
POSTS = "platform,post_id,account_id,like_count,comment_count\nx,p1,wren,260,52\n"


def run(delivery: Delivery, *options: str) -> Answer:
    return delivery.command("run", delivery.exports, "--home", delivery.home, *options)


def rate(delivery: Delivery) -> float:
    where = "time_window = 'all_time' AND account_id = 'wren'"
    rows = delivery.rows(f"SELECT engagement_rate_by_followers AS rate FROM account_engagement WHERE {where}")
    return float(rows[0]["rate"])


def spoil_ledger(delivery: Delivery) -> None:
    """The lake as a program left it that forgot to say by which format a file was read."""
    path = max((delivery.home / "lake" / "ledger").glob("*.json"))
    commit = json.loads(path.read_text(encoding="utf-8"))
    commit["entries"][0]["format"] = ""
    path.write_text(json.dumps(commit), encoding="utf-8")


def test_a_ledger_row_that_cannot_be_leaves_the_figures_as_they_are(delivery: Delivery) -> None:
    delivery.put("accounts.csv", ACCOUNTS)
    assert run(delivery).exit_code == 0
    spoil_ledger(delivery)
    delivery.put("posts.csv", POSTS)
    answer = run(delivery)
    assert answer.exit_code == 3
    assert "Traceback" not in answer.stderr
    said = [line for line in answer.stderr.splitlines() if line.startswith("error: load_ledger: 1 of 2 rows left out")]
    assert len(said) == 1
    assert said[0].endswith("every figure is published")
    assert "fix: report this as a fault of Tierwise" in answer.stderr
    assert rate(delivery) == 312 / 5200
    assert [row["file"] for row in delivery.ledger()] == ["posts.csv"]
    assert [row["file"] for row in delivery.rows("FROM rejected_rows")] == ["accounts.csv"]
    logged = delivery.rows("SELECT evidence_left_out FROM run_log ORDER BY run_sequence")
    assert logged[0]["evidence_left_out"] is None
    assert logged[1]["evidence_left_out"].startswith("load_ledger: 1 of 2 rows left out")


def test_a_run_that_changes_nothing_says_it_again(delivery: Delivery) -> None:
    delivery.put("accounts.csv", ACCOUNTS.replace("many", "900"))
    run(delivery)
    spoil_ledger(delivery)
    delivery.put("posts.csv", POSTS)
    first = json.loads(run(delivery, "--json").stdout)
    again = run(delivery, "--json")
    assert again.exit_code == 3
    second = json.loads(again.stdout)
    assert (first["published"], second["published"]) == (True, False)
    assert first["evidence_left_out"] == second["evidence_left_out"]
    assert len(second["evidence_left_out"]) == 1


def test_a_rejected_row_without_a_rule_is_left_out_of_the_others(delivery: Delivery) -> None:
    delivery.put("accounts.csv", ACCOUNTS + "x,emu,few\n" + "".join(f"x,a{n},9\n" for n in range(99)))
    assert run(delivery).exit_code == 0
    lake = Lake.open(delivery.home / "lake")
    paths = [lake.root / entry.rejects for _, entry in lake.entries() if entry.rejects]
    rows = pl.read_parquet(paths[0])
    owl = pl.col("value") == "many"
    rows.with_columns(pl.when(~owl).then("allowed").alias("allowed")).write_parquet(paths[0])
    delivery.put("posts.csv", POSTS)
    answer = run(delivery)
    assert answer.exit_code == 3
    assert "error: rejected_rows: 1 of 2 rows left out: allowed not_nullable" in answer.stderr
    assert [row["value"] for row in delivery.rows("FROM rejected_rows")] == ["few"]
    assert rate(delivery) == 312 / 5200


def test_an_alert_has_the_words_of_it(delivery: Delivery) -> None:
    delivery.put("accounts.csv", ACCOUNTS)
    well = untracked.run(delivery.exports, Settings(home=delivery.home))
    spoil_ledger(delivery)
    delivery.put("posts.csv", POSTS)
    faulty = untracked.run(delivery.exports, Settings(home=delivery.home))
    assert alerts.left_out(well) is None
    told = alerts.left_out(faulty)
    assert told is not None
    assert told.startswith("load_ledger: 1 of 2 rows left out")
    assert told.endswith("every figure is published (fix: report this as a fault of Tierwise)")

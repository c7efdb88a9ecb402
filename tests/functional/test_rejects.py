"""`tierwise rejects`: why rows were refused, which ones, and how they come in once sources.toml is mended."""

import json
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len

import reports.terminal
from tests.rejected.delivery import Delivery, command, delivery
from warehouse.lake.ledger import Lake

__all__ = ["command", "delivery"]
SOURCES = """
[[source]]
files = "prices-*.csv"
{declared}
[[source.load]]
dataset = "rates"
columns.platform = {{ value = "instagram" }}
columns.account_id = "account"
columns.price = {{ from = "price"{price} }}
columns.currency = {{ value = "USD" }}
columns.quoted_on = {{ from = "month", date_format = "%Y-%m"{month} }}
"""
FIRST = "account,price,month\nkim,100,2026-01\nliina,on request,2026-02\nmaret,300,March\n"
SECOND = "account,price,month\nann,on request,2026-01\n"
CLEAN = "platform,account_id,followers_count\ninstagram,kim,5000\n"


def declare(delivery: Delivery, *, declared: str = "", price: str = "", month: str = "") -> None:
    delivery.put("sources.toml", SOURCES.format(declared=declared, price=price, month=month))


def answer(delivery: Delivery, *arguments: object, exit_code: int = 0) -> dict[str, Any]:
    said = delivery.command("rejects", *arguments, "--home", delivery.home, "--json")
    assert said.exit_code == exit_code, said.stderr
    document: dict[str, Any] = json.loads(said.stdout)
    return document


def prices(delivery: Delivery) -> dict[str, float | None]:
    rows = delivery.rows("SELECT account_id, price::DOUBLE AS price FROM rates ORDER BY ALL")
    assert len({row["account_id"] for row in rows}) == len(rows), "nothing is doubled"
    return {row["account_id"]: row["price"] for row in rows}


@pytest.fixture
def refused(delivery: Delivery) -> Delivery:
    """Three rows refused in two files, and a third file that is well."""
    declare(delivery)
    delivery.put("prices-1.csv", FIRST)
    delivery.put("prices-2.csv", SECOND)
    delivery.put("accounts.csv", CLEAN)
    delivery.run()
    return delivery


def test_reasons_are_counted_in_rows_and_files(refused: Delivery) -> None:
    rows = answer(refused)["rows"]
    told = [(row["rule"], row["column_name"], row["dataset"], row["row_count"], row["file_count"]) for row in rows]
    assert told == [
        ("price: not a number", "price", "rates", 2, 2),
        ("quoted_on: not a date", "month", "rates", 1, 1),
    ]
    assert all(row["fix"] for row in rows)
    assert [row["newest_file"] for row in rows] == ["prices-2.csv", "prices-1.csv"]


def test_of_equal_reasons_the_newest_comes_first(delivery: Delivery) -> None:
    delivery.put("a.csv", "platform,account_id,followers_count\ninstagram,kim,many\n")
    delivery.run()
    delivery.put("b.csv", "platform,account_id,followers_count\n,liina,5\n")
    delivery.run()
    assert [row["newest_file"] for row in answer(delivery)["rows"]] == ["b.csv", "a.csv"]


def test_a_file_refused_as_a_whole_counts_no_rows(delivery: Delivery) -> None:
    delivery.put("other.csv", "what,is,this\n1,2,3\n")
    delivery.run()
    (row,) = answer(delivery)["rows"]
    assert (row["rule"], row["row_count"], row["file_count"]) == ("unknown_header", 0, 1)


def test_rows_are_shown_with_their_place(refused: Delivery) -> None:
    rows = answer(refused, "show")["rows"]
    assert [(row["file"], row["line"], row["record"], row["column_name"], row["value"]) for row in rows] == [
        ("prices-1.csv", 3, 2, "price", "on request"),
        ("prices-1.csv", 4, 3, "month", "March"),
        ("prices-2.csv", 2, 1, "price", "on request"),
    ]
    assert all(row["allowed"] and row["fix"] for row in rows)


@pytest.mark.parametrize(
    ("asked", "lines"),
    [
        (["--file", "prices-1.csv"], [3, 4]),
        (["--file", "prices-?.csv"], [3, 4, 2]),
        (["--rule", "QUOTED_ON"], [4]),
        (["--file", "prices-2.csv", "--rule", "quoted_on"], []),
        (["--file", "prices-"], []),
        (["--limit", 1], [3]),
    ],
)
def test_rows_are_narrowed(refused: Delivery, asked: list[object], lines: list[int]) -> None:
    found = answer(refused, "show", *asked)
    assert [row["line"] for row in found["rows"]] == lines
    assert found["more"] == (2 if "--limit" in asked else 0)


def test_more_rows_than_asked_for_are_told(refused: Delivery) -> None:
    said = refused.command("rejects", "show", "--limit", 2, "--home", refused.home)
    assert said.exit_code == 0
    assert "1 more: see them with --limit 3" in said.stderr


def test_an_option_before_the_subcommand_is_not_lost(refused: Delivery) -> None:
    said = refused.command("rejects", "--home", refused.home, "show")
    assert said.exit_code == 2
    assert "write it at the end" in said.stderr


def test_a_replay_brings_in_what_was_refused_and_nothing_twice(refused: Delivery) -> None:
    assert prices(refused) == {"kim": 100}
    commits = len(Lake.open(refused.home / "lake").commits)
    declare(refused, month=', words = { March = "2026-03" }')
    refused.put("late.csv", "platform,account_id,followers_count\ninstagram,late,1\n")
    found = answer(refused, "replay", refused.exports)
    assert {
        row["file"]: (row["rejected_before"], row["now_loaded"], row["still_rejected"]) for row in found["rows"]
    } == {
        "prices-1.csv": (2, 1, 1),
        "prices-2.csv": (1, 0, 1),
    }
    assert prices(refused) == {"kim": 100, "maret": 300}
    assert "late.csv" not in refused.verdicts(), "what was not refused is left to a run"
    assert len(Lake.open(refused.home / "lake").commits) == commits + 1
    declare(refused, price=', null_words = ["on request"]', month=', words = { March = "2026-03" }')
    found = answer(refused, "replay", refused.exports)
    assert [(row["rejected_before"], row["now_loaded"], row["still_rejected"]) for row in found["rows"]] == [
        (1, 1, 0)
    ] * 2
    assert prices(refused) == {"ann": None, "kim": 100, "liina": None, "maret": 300}
    assert refused.rejects() == []
    runs = refused.rows("SELECT files_read, rows_loaded, rows_rejected FROM run_log ORDER BY run_sequence")
    assert [tuple(run.values()) for run in runs] == [(3, 2, 3), (2, 2, 2), (2, 4, 0)]
    refused.run()
    assert refused.verdicts()["late.csv"] == "loaded"
    assert len(prices(refused)) == 4


def test_counts_are_conserved(refused: Delivery) -> None:
    declare(refused, month=', words = { March = "2026-03" }')
    for row in answer(refused, "replay", refused.exports)["rows"]:
        after = row["now_loaded"] + row["now_duplicate"] + row["still_rejected"]
        assert row["rejected_before"] + row["newly_read"] == after
    for row in refused.ledger():
        assert row["rows_read"] == row["rows_loaded"] + row["rows_duplicate"] + row["rows_rejected"]


def test_a_replay_without_a_mended_declaration_moves_nothing(refused: Delivery) -> None:
    found = answer(refused, "replay", refused.exports)
    assert [(row["now_loaded"], row["still_rejected"]) for row in found["rows"]] == [(0, 2), (0, 1)]
    assert found["run"]["published"] is False


def test_a_file_that_is_gone_is_named_and_the_rest_goes_on(refused: Delivery) -> None:
    (refused.exports / "prices-2.csv").unlink()
    declare(refused, month=', words = { March = "2026-03" }')
    said = refused.command("rejects", "replay", refused.exports, "--home", refused.home)
    assert said.exit_code == 1
    assert "error: prices-2.csv: the bytes that were rejected are no longer in the exports folder" in said.stderr
    assert prices(refused) == {"kim": 100, "maret": 300}


def test_a_file_that_was_renamed_is_found_by_its_bytes(refused: Delivery) -> None:
    (refused.exports / "prices-1.csv").rename(refused.exports / "prices-9.csv")
    declare(refused, month=', words = { March = "2026-03" }')
    found = answer(refused, "replay", refused.exports)
    assert {row["file"]: row["now_loaded"] for row in found["rows"]} == {"prices-9.csv": 1, "prices-2.csv": 0}
    assert found["gone"] == []
    assert prices(refused) == {"kim": 100, "maret": 300}


def test_copies_under_other_declarations_keep_their_rows(delivery: Delivery) -> None:
    declare(delivery)
    delivery.put("prices-1.csv", FIRST)
    delivery.put("copy.csv", FIRST)
    copied = (
        '[[source]]\nfiles = "copy.csv"\n[[source.load]]\ndataset = "accounts"\ncolumns.platform = { value = "x" }\n'
    )
    copied += 'columns.account_id = "account"\ncolumns.niche = "month"\n'
    delivery.put("sources.toml", copied + (delivery.exports / "sources.toml").read_text())
    delivery.run()
    before = len(delivery.accounts())
    assert before == 3
    declare(delivery, month=', words = { March = "2026-03" }')
    delivery.put("sources.toml", copied + (delivery.exports / "sources.toml").read_text())
    answer(delivery, "replay", delivery.exports)
    assert len(delivery.accounts()) == before
    assert prices(delivery) == {"kim": 100, "maret": 300}


def test_a_quarantined_file_comes_in_whole(delivery: Delivery) -> None:
    delivery.put("ranking.csv", "handle;fans\nkim;5000\nliina;7000\n")
    delivery.run()
    assert delivery.verdicts()["ranking.csv"] == "quarantined"
    delivery.put(
        "sources.toml",
        '[[source]]\nfiles = "ranking.csv"\ndelimiter = ";"\n[[source.load]]\ndataset = "accounts"\n'
        'columns.platform = { value = "instagram" }\ncolumns.account_id = "handle"\ncolumns.followers_count = "fans"\n',
    )
    found = {row["file"]: row for row in answer(delivery, "replay", delivery.exports)["rows"]}
    row = found["ranking.csv"]
    assert (row["verdict_before"], row["verdict"]) == ("quarantined", "loaded")
    assert (row["rejected_before"], row["newly_read"], row["now_loaded"], row["still_rejected"]) == (0, 2, 2, 0)
    assert delivery.accounts() == {"kim": 5000, "liina": 7000}


def test_an_owner_that_is_declared_lets_a_list_in(delivery: Delivery) -> None:
    delivery.put(
        "Follower.txt", "Date: 2026-01-01 10:00:00 UTC\nUsername: one\n\nDate: 2026-01-02 10:00:00 UTC\nUsername: two\n"
    )
    delivery.put("accounts.csv", CLEAN)
    delivery.run()
    assert delivery.verdicts()["Follower.txt"] == "quarantined"
    delivery.put("sources.toml", '[[source]]\nfiles = "Follower.txt"\nowner = "our_brand"\n')
    found = answer(delivery, "replay", delivery.exports)
    assert [row["file"] for row in found["rows"]] == ["Follower.txt"]
    assert found["rows"][0]["now_loaded"] == 2


def test_nothing_is_refused(delivery: Delivery) -> None:
    delivery.put("accounts.csv", CLEAN)
    delivery.run()
    assert answer(delivery)["rows"] == answer(delivery, "show")["rows"] == []
    assert answer(delivery, "replay", delivery.exports)["rows"] == []


def test_without_a_warehouse_it_says_what_to_do_first(delivery: Delivery, tmp_path: Path) -> None:
    for arguments in ((), ("show",), ("replay", delivery.exports)):
        said = delivery.command("rejects", *arguments, "--home", tmp_path / "none")
        assert said.exit_code == 2
        assert "there is no warehouse yet" in said.stderr
        assert not (tmp_path / "none").exists()


@pytest.mark.parametrize("width", [60, 80, 120])
@pytest.mark.parametrize("asked", [[], ["show"]])
def test_what_was_rejected_fits_the_terminal(
    refused: Delivery, monkeypatch: pytest.MonkeyPatch, width: int, asked: list[str]
) -> None:
    """Every line of it, and nothing is cut off: the fix stands below its row, folded."""
    refused.put("long.csv", "platform,post_id,account_id,like_count\nx,p,a," + "9" * 150 + "\nx,q,b,[bold]1\n")
    refused.run()
    monkeypatch.setattr(reports.terminal.out, "_width", width)
    said = refused.command("rejects", *asked, "--home", refused.home).stdout
    assert max(cell_len(line) for line in said.splitlines()) <= width
    bare = "".join(said.split())
    for row in answer(refused, *asked)["rows"]:
        assert "".join(str(row["fix"]).split()) in bare
        assert all(word in bare for word in str(row["rule"]).split())
    assert ("[bold]1" in bare) == bool(asked)

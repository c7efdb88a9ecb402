"""A query without end: rows, memory and time are bounded, and what is left out is said."""

import json
import os
import resource

import pytest

from tests.command import Answer, in_process
from tests.example_home import Examples
from warehouse.analyst import COUNTED_MAX, ROWS_SHOWN

ENDLESS = "SELECT range AS number FROM range(90_000_000_000)"
HEAVY = "SELECT count(*) FROM range(9_000_000) AS a, range(9_000_000) AS b"


def query(examples: Examples, sql: str, *options: str, memory: str | None = None) -> Answer:
    return in_process("query", sql, "--home", examples.home, *options, TIERWISE_MEMORY=memory)


def test_rows_without_end_are_shown_up_to_the_bound(examples: Examples) -> None:
    answer = query(examples, ENDLESS)
    assert answer.exit_code == 0
    assert f"│ {ROWS_SHOWN - 1:>6,} │" in answer.stdout
    assert f"{ROWS_SHOWN:,}" not in answer.stdout
    assert answer.stderr == f"more than {COUNTED_MAX:,} more: see them with --all\n"


def test_json_says_that_it_is_cut(examples: Examples) -> None:
    document = json.loads(query(examples, ENDLESS, "--json").stdout)
    assert [row["number"] for row in document["rows"]] == list(range(ROWS_SHOWN))
    assert (document["truncated"], document["more"], document["more_is_exact"]) == (True, COUNTED_MAX, False)


@pytest.mark.parametrize("rows", [0, 1, ROWS_SHOWN - 1, ROWS_SHOWN, ROWS_SHOWN + 1, 3 * ROWS_SHOWN + 7])
def test_what_is_left_out_is_counted(examples: Examples, rows: int) -> None:
    sql = f"SELECT range FROM range({rows})"
    more = max(rows - ROWS_SHOWN, 0)
    document = json.loads(query(examples, sql, "--json").stdout)
    assert len(document["rows"]) == rows - more
    assert (document["truncated"], document["more"], document["more_is_exact"]) == (more > 0, more, True)
    assert query(examples, sql).stderr == (f"{more:,} more: see them with --all\n" if more else "")


def test_all_lifts_the_bound(examples: Examples) -> None:
    sql = f"SELECT range FROM range({2 * ROWS_SHOWN + 1})"
    document = json.loads(query(examples, sql, "--all", "--json").stdout)
    assert len(document["rows"]) == 2 * ROWS_SHOWN + 1
    assert document["truncated"] is False
    table = query(examples, sql, "--all")
    assert f"{2 * ROWS_SHOWN:,}" in table.stdout
    assert table.stderr == ""


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT list(range) FROM range(400_000_000)",
        "SELECT range, repeat('x', 40) AS wide FROM range(60_000_000) ORDER BY wide, range DESC",
        "SELECT repeat('x', 2_500_000_000)",
        "SELECT sum(length(repeat('ab', 90_000_000 + range))) FROM range(9)",
    ],
)
def test_memory_is_bounded_also_where_duckdb_does_not_count_it(examples: Examples, sql: str) -> None:
    before = resource.getrlimit(resource.RLIMIT_DATA)
    answer = query(examples, sql, memory="90MB")
    assert answer.exit_code == 2
    assert "error: the query needs more memory than 90,000,000 bytes" in answer.stderr
    assert "TIERWISE_MEMORY" in answer.stderr
    assert resource.getrlimit(resource.RLIMIT_DATA) == before
    assert not list(examples.home.glob("*.tmp")), "nothing is spilled beside the published file"


def test_threads_are_as_many_as_the_memory_is_for(examples: Examples) -> None:
    sql = "SELECT current_setting('threads') AS threads"
    asked = [json.loads(query(examples, sql, "--json", memory=of).stdout)["rows"][0] for of in ("64MiB", "64GiB")]
    assert [row["threads"] for row in asked] == [1, os.cpu_count()]


@pytest.mark.parametrize("sql", [HEAVY, ENDLESS.replace("number", "n") + " ORDER BY hash(n) LIMIT 1"])
def test_time_is_bounded(examples: Examples, sql: str) -> None:
    answer = query(examples, sql, "--timeout", "0.5")
    assert answer.exit_code == 2
    assert "error: the query took more than 0.5 s" in answer.stderr
    assert "fix: ask for less, or give it longer with --timeout SECONDS" in answer.stderr


def test_time_is_bounded_where_every_row_is_shown(examples: Examples) -> None:
    answer = query(examples, ENDLESS, "--all", "--json", "--timeout", "0.5")
    assert answer.exit_code == 2
    assert "took more than 0.5 s" in answer.stderr


@pytest.mark.parametrize(
    "sql", ["", "/* nothing */", "SELECT 1; SELECT 2", "SET threads = 1", "CREATE TEMP TABLE t (a int)"]
)
def test_what_is_not_one_question_is_refused(examples: Examples, sql: str) -> None:
    answer = query(examples, sql)
    assert answer.exit_code == 2
    assert "not one statement that gives rows" in answer.stderr


@pytest.mark.parametrize("sql", ["SHOW TABLES", "DESCRIBE posts", "EXPLAIN SELECT 1", "SUMMARIZE tiers", "VALUES (1)"])
def test_what_gives_rows_is_answered(examples: Examples, sql: str) -> None:
    assert json.loads(query(examples, sql, "--json").stdout)["rows"]


def test_the_ledger_and_the_rejects_are_bounded_alike(examples: Examples) -> None:
    for words in (["ledger"], ["rejects"], ["rejects", "show", "--limit", "1"]):
        document = json.loads(in_process(*words, "--home", examples.home, "--json").stdout)
        assert document["truncated"] is (document["more"] > 0)
    assert document["more"] > 0


@pytest.mark.parametrize("number", [0x00, 0x1B, 0x7F, 0x80, 0x85, 0x9B, 0x9F, 0x202E])
def test_no_control_character_reaches_a_terminal(examples: Examples, number: int) -> None:
    sql = f"SELECT 'a' || chr({number}) || 'b' AS \"c{chr(number) if number else ''}[bold]d\""
    written = query(examples, sql, "--json").stdout
    assert chr(number) not in written
    (row,) = json.loads(written)["rows"]
    assert list(row.values()) == [f"a{chr(number)}b"], "JSON keeps what it escapes"
    table = query(examples, sql).stdout
    assert chr(number) not in table
    assert "[bold]d" in table, "a name of a column is no markup"


def test_a_cell_without_end_is_cut_in_tables_alone(examples: Examples) -> None:
    sql = "SELECT repeat('z', 7_000) AS long"
    assert "and 5,000 characters more" in "".join(query(examples, sql).stdout.split("\n"))
    assert json.loads(query(examples, sql, "--json").stdout)["rows"] == [{"long": 7_000 * "z"}]

"""`where`, `where_not` and `null_where`: which records count for a load, in every format, alone and among many files."""

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from flows.run import run
from flows.settings import Settings
from ingest import files as landing
from warehouse.published import open_published

ROWS = [
    {"kind": "video", "id": "V1", "owner": "ann", "likes": "10", "replies": "2", "closed": "no"},
    {"kind": "total", "id": "V2", "owner": "ann", "likes": "99", "replies": "9", "closed": "no"},
    {"kind": "video", "id": "V3", "owner": "ben", "likes": "30", "replies": "0", "closed": "yes"},
    {"kind": "story", "id": "V4", "owner": "", "likes": "x", "replies": "0", "closed": "no"},
]
LOADS = """
[[source]]
files = "{files}"
{format}
where_not = {{ kind = ["total"] }}
constants = {{ platform = "instagram", observed_at = "2026-03-01T00:00:00Z" }}

[[source.load]]
dataset = "posts"
where = {{ owner = {{ blank = false }} }}
columns.post_id = "id"
columns.account_id = "owner"
columns.like_count = "likes"
columns.comment_count = {{ from = "replies", null_where = {{ closed = true }} }}

[[source.load]]
dataset = "accounts"
where = {{ kind = {{ matches = "^vid" }}, owner = "ann" }}
columns.account_id = "owner"
columns.username = "owner"
columns.followers_count = "likes"
"""


def csv(path: Path, rows: list[dict[str, str]]) -> None:
    pl.DataFrame(rows).write_csv(path)


def gz(path: Path, rows: list[dict[str, str]]) -> None:
    path.write_bytes(gzip.compress(pl.DataFrame(rows).write_csv(separator=",").encode()))


def ndjson(path: Path, rows: list[dict[str, str]]) -> None:
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")


def array(path: Path, rows: list[dict[str, str]]) -> None:
    path.write_text(json.dumps(rows), encoding="utf-8")


def parquet(path: Path, rows: list[dict[str, str]]) -> None:
    pl.DataFrame(rows).write_parquet(path)


FORMATS: dict[str, tuple[Callable[[Path, list[dict[str, str]]], None], str]] = {
    "a.csv": (csv, ""),
    "a.csv.gz": (gz, ""),
    "a.ndjson": (ndjson, ""),
    "a.json": (array, ""),
    "a.parquet": (parquet, ""),
    "paths.json": (array, 'format = "json"'),
}


def told(home: Path) -> dict[str, list[tuple[Any, ...]]]:
    queries = {
        "ledger": "SELECT dataset, rows_read, rows_loaded, rows_rejected, rows_left_out FROM load_ledger ORDER BY ALL",
        "posts": "SELECT post_id, account_id, like_count, comment_count FROM posts ORDER BY ALL",
        "accounts": "SELECT account_id, followers_count FROM accounts WHERE followers_count IS NOT NULL ORDER BY ALL",
    }
    with open_published(home / "warehouse.duckdb") as connection:
        return {name: connection.sql(sql).fetchall() for name, sql in queries.items()}


@pytest.mark.parametrize("alone", [False, True])
@pytest.mark.parametrize("name", FORMATS)
def test_each_load_has_the_records_that_count_for_it(
    name: str, alone: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write, declared = FORMATS[name]
    (tmp_path / "exports").mkdir()
    write(tmp_path / "exports" / name, ROWS)
    (tmp_path / "exports" / "sources.toml").write_text(LOADS.format(files=name, format=declared), encoding="utf-8")
    if alone:
        monkeypatch.setattr(landing, "SMALL_FILE", -1)
    summary = run(tmp_path / "exports", Settings(home=tmp_path / "home"))
    assert (summary.rows_read, summary.rows_loaded, summary.rows_rejected, summary.rows_left_out) == (8, 3, 0, 5)
    assert told(tmp_path / "home") == {
        "ledger": [("accounts", 4, 1, 0, 3), ("posts", 4, 2, 0, 2)],
        "posts": [("V1", "ann", 10, 2), ("V3", "ben", 30, None)],
        "accounts": [("ann", 10)],
    }


@pytest.mark.parametrize("alone", [False, True])
def test_edges_that_do_not_count_are_left_out(alone: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "likes.csv").write_text("media,by,state\nP1,m1,on\nP1,m2,off\nP2,m1,on\nP2,,off\n", encoding="utf-8")
    (tmp_path / "sources.toml").write_text(
        '[[source]]\nfiles = "likes.csv"\nwhere = { state = "on" }\nconstants = { platform = "instagram" }\n'
        'dataset = "likes"\ncolumns.post_id = "media"\ncolumns.liker_id = "by"\n',
        encoding="utf-8",
    )
    if alone:
        monkeypatch.setattr(landing, "SMALL_FILE", -1)
    run(tmp_path, Settings(home=tmp_path / ".home"))
    assert told(tmp_path / ".home")["ledger"] == [("likes", 4, 2, 0, 2)]


@pytest.mark.parametrize("alone", [False, True])
@pytest.mark.parametrize("name", ["list.csv", "list.csv.gz", "list.ndjson", "list.json", "list.parquet"])
def test_a_member_may_be_called_total(name: str, alone: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    members = ["total", "Suma", "sum", "ann"]
    rows = [{"platform": "instagram", "account_id": "ben", "follower_id": member} for member in members]
    write, _ = FORMATS[f"a.{name.partition('.')[2]}"]
    write(tmp_path / name, rows)
    if alone:
        monkeypatch.setattr(landing, "SMALL_FILE", -1)
    run(tmp_path, Settings(home=tmp_path / ".home"))
    assert told(tmp_path / ".home")["ledger"] == [("follows", 4, 4, 0, 0)]


def test_a_record_of_another_shape_that_does_not_count_is_not_rejected(tmp_path: Path) -> None:
    records: list[Any] = [
        {"stream": "media", "data": {"id": "M1", "owner": {"id": "7"}, "likes": 4}},
        {"stream": "insights", "data": {"id": ["M1"], "owner": {"id": "7"}, "likes": {"value": 4}}},
        {"stream": "media", "data": {"id": "M2", "owner": {"id": "7"}, "likes": {"value": 4}}},
    ]
    ndjson(tmp_path / "streams.jsonl", records)
    (tmp_path / "sources.toml").write_text(
        '[[source]]\nfiles = "streams.jsonl"\nformat = "json"\nwhere = { stream = "media" }\n'
        'constants = { platform = "instagram" }\ndataset = "posts"\neach = "data"\n'
        'columns.post_id = ".id"\ncolumns.account_id = ".owner.id"\ncolumns.like_count = ".likes"\n',
        encoding="utf-8",
    )
    run(tmp_path, Settings(home=tmp_path / ".home"))
    assert told(tmp_path / ".home")["ledger"] == [("posts", 3, 1, 1, 1)]


@pytest.mark.parametrize("condition", ['where = { colour = "red" }', 'where_not = { colour = "red" }'])
def test_a_column_that_is_not_there_is_asked_for(condition: str, tmp_path: Path) -> None:
    csv(tmp_path / "a.csv", ROWS)
    (tmp_path / "sources.toml").write_text(
        f'[[source]]\nfiles = "a.csv"\n{condition}\nconstants = {{ platform = "instagram" }}\ndataset = "posts"\n'
        'columns.post_id = "id"\ncolumns.account_id = "owner"\n',
        encoding="utf-8",
    )
    summary = run(tmp_path, Settings(home=tmp_path / ".home"))
    (said,) = summary.quarantined
    assert said.startswith(
        "a.csv: a condition of posts asks for column 'colour', which occurs 0 times; the file has kind, id"
    )


def test_conditions_need_no_load_where_the_header_tells_the_dataset(tmp_path: Path) -> None:
    (tmp_path / "accounts.csv").write_text(
        "platform,account_id,followers_count,state\ninstagram,ann,5,live\ninstagram,ben,6,gone\n", encoding="utf-8"
    )
    (tmp_path / "sources.toml").write_text(
        '[[source]]\nfiles = "accounts.csv"\nwhere = { state = "live" }\n', encoding="utf-8"
    )
    run(tmp_path, Settings(home=tmp_path / ".home"))
    assert told(tmp_path / ".home")["accounts"] == [("ann", 5)]

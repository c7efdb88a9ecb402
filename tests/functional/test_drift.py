"""What changed in the columns of a source since its last file, as a user is told."""

import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from ingest.schema_drift import changed
from tests import workbooks
from tests.rejected.delivery import Delivery, command, delivery
from warehouse.lake.ledger import Lake

__all__ = ["command", "delivery"]
N, T = "number", "text"
HEADER = "platform,account_id,followers_count,niche\n"


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ({"a": N, "b": T}, {"b": T, "a": N}, []),
        ({"a": N}, {"a": N, "other": T}, ["'other' is new"]),
        ({"a": N, "other": T}, {"a": N}, ["'other' is missing"]),
        ({"x": N, "like_count": N}, {"likeCount": N, "x": N}, ["'like_count' is now called 'likeCount'"]),
        ({"id": T, "likes": N}, {"id": T, "herz": N}, ["'likes' is now called 'herz'"]),
        ({"likes": N, "id": T}, {"id": T, "herz": N}, ["'likes' is missing", "'herz' is new"]),
        ({"a": N}, {"a": T}, ["'a' was numbers and is now text"]),
        ({"a": N}, {"a": None}, []),
        ({"a": None}, {"a": T}, []),
        ({"a": T}, {"a": N}, []),
        ({"likes": N}, {"like": T}, ["'likes' is now called 'like'", "'like' was numbers and is now text"]),
        (
            {"posted_at": T, "likes": N, "c": N},
            {"likes_1": N, "likes_": N, "posted": T},
            [
                "'posted_at' is now called 'posted'",
                "'likes' is now called 'likes_'",
                "'c' is missing",
                "'likes_1' is new",
            ],
        ),
    ],
)
def test_changes_are_told_in_plain_words(
    before: dict[str, str | None], after: dict[str, str | None], told: list[str]
) -> None:
    assert changed(before, after) == told


def changes(delivery: Delivery) -> list[str]:
    found: list[str] = delivery.run_again()["schema_changes"]
    return found


def test_a_file_of_the_same_name_but_for_its_digits(delivery: Delivery) -> None:
    delivery.put("weekly/accounts-2026-09.csv", HEADER + "instagram,kim,5000,food\n")
    assert changes(delivery) == []
    delivery.put("weekly/accounts-2026-10.csv", "niche,platform,account_id,followers_count\nfood,instagram,kim,5000\n")
    delivery.put("elsewhere/accounts-2026-10.csv", "platform,account_id,followers_count\ninstagram,kim,5000\n")
    assert changes(delivery) == [], "order does not matter, and another folder is another source"
    delivery.put("weekly/accounts-2026-11.csv", "platform,account_id,followers_count,topic\ninstagram,kim,many,food\n")
    (told,) = changes(delivery)
    assert told.startswith(
        "weekly/accounts-2026-11.csv, other columns than weekly/accounts-2026-10.csv: 'niche' is missing"
    )
    assert told.endswith("; 'topic' is new; 'followers_count' was numbers and is now text")
    assert changes(delivery) == [], "it is said once"


def of_network(*rows: tuple[object, ...], niche: str = "niche") -> list[tuple[object, ...]]:
    return [("platform", "account_id", "followers_count", niche), *rows]


KIM = ("instagram", "kim", 5000, "food")


@pytest.mark.parametrize(
    ("ending", "written"),
    [
        ("xlsx", workbooks.xlsx),
        ("xlsm", workbooks.xlsx),
        ("xls", workbooks.xls),
        (
            "ods",
            lambda sheets: workbooks.ods({n: "".join(workbooks.ods_row(*r) for r in rs) for n, rs in sheets.items()}),
        ),
    ],
)
def test_the_same_sheet_of_workbooks_that_are_called_alike(
    ending: str, written: Callable[[dict[str, Any]], bytes], delivery: Delivery
) -> None:
    other = ("tiktok", "ben", 70, "art")
    delivery.put(f"list-01.{ending}", written({"IG": of_network(KIM), "TT": of_network(other)}))
    assert changes(delivery) == []
    renamed = of_network((*KIM[:2], 5100, "food"), niche="topic")
    delivery.put(f"list-02.{ending}", written({"IG": renamed, "TT": of_network((*other[:2], 80, "art"))}))
    assert changes(delivery) == [
        f"list-02.{ending}/IG, other columns than list-01.{ending}/IG: 'niche' is now called 'topic'"
    ]


def test_members_of_archives_that_are_called_alike(delivery: Delivery) -> None:
    for number, niche in enumerate(("niche", "topic")):
        content = f"platform,account_id,followers_count,{niche}\ninstagram,kim,{5000 + number},food\n"
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            archive.writestr("weekly/accounts.csv", content)
        delivery.put(f"export_2026-0{number + 1}.zip", packed.getvalue())
        found = changes(delivery)
    (told,) = found
    assert told.endswith("'niche' is now called 'topic'")


def test_a_header_that_has_slipped_over_a_sheet(delivery: Delivery) -> None:
    header = ("platform", "account_id", "followers_count", "zeta")
    for number, cell in ((1, 7), (2, "Peru")):
        rows = [("instagram", f"of_{number}_{row}", 100 + row, cell) for row in range(6)]
        delivery.put(f"list-{number}.xlsx", workbooks.xlsx({"IG": [header, *rows]}))
        delivery.run()
    assert delivery.verdicts() == {"list-1.xlsx/IG": "loaded", "list-2.xlsx/IG": "quarantined"}


def test_a_file_that_is_refused_for_it_tells_why(delivery: Delivery) -> None:
    delivery.put(
        "sources.toml",
        '[[source]]\nfiles = "rank*.csv"\n[[source.load]]\ndataset = "accounts"\n'
        'columns = { platform = { value = "x" }, account_id = "who", followers_count = "fans" }\n',
    )
    delivery.put("rank_a.csv", "who,fans\nkim,5\n")
    delivery.run()
    delivery.put("rank_of_may.csv", "who,fans_total\nkim,5\n")
    answer = delivery.run()
    assert delivery.verdicts()["rank_of_may.csv"] == "quarantined"
    said = "columns changed: rank_of_may.csv, other columns than rank_a.csv: 'fans' is now called 'fans_total'"
    assert said in answer.stderr


def test_files_that_become_other_things_are_not_compared(delivery: Delivery) -> None:
    delivery.put("sources.toml", '[[source]]\nfiles = "*.csv"\nnull_words = ["-"]\n')
    delivery.put("a.csv", HEADER + "instagram,kim,-,food\n")
    delivery.put("b.csv", "platform,post_id,account_id\ninstagram,p,kim\n")
    assert changes(delivery) == []


def test_each_format_keeps_its_columns(delivery: Delivery) -> None:
    row = {
        "platform": "x",
        "account_id": "kim",
        "followers_count": 5,
        "observed_at": "2026-01-01T00:00:00Z",
        "niche": None,
    }
    delivery.put("a.ndjson", json.dumps(row) + "\n" + json.dumps({**row, "niche": "food"}) + "\n")
    pl.DataFrame([row, {**row, "niche": "food"}]).write_parquet(delivery.exports / "a.parquet")
    delivery.put("a.csv", ",".join(row) + "\nx,kim,5,2026-01-01T00:00:00Z,\n")
    delivery.put("f.csv", "platform,account_id,follower_id\nx,kim,member1\n")
    delivery.run()
    kinds = {"platform": T, "account_id": T, "followers_count": N, "observed_at": "time", "niche": T}
    kept = {entry.file: entry.columns for _, entry in Lake.open(delivery.home / "lake").entries()}
    assert kept == {
        "a.ndjson": kinds,
        "a.parquet": kinds,
        "a.csv": {**kinds, "niche": None},
        "f.csv": {"platform": T, "account_id": T, "follower_id": T},
    }


def test_a_ledger_without_columns_is_still_read(delivery: Delivery) -> None:
    delivery.put("a1.csv", HEADER + "instagram,kim,5,food\n")
    delivery.run()
    (path,) = Path(delivery.home / "lake" / "ledger").glob("*.json")
    text = json.loads(path.read_text())
    for entry in text["entries"]:
        del entry["columns"]
    path.write_text(json.dumps(text))
    delivery.put("a2.csv", HEADER.replace("niche", "topic") + "instagram,kim,5,food\n")
    assert changes(delivery) == []
    assert delivery.verdicts() == {"a1.csv": "loaded", "a2.csv": "loaded"}


def test_a_file_that_is_quarantined_leaves_no_row_beside_those_it_was_read_with(delivery: Delivery) -> None:
    """Small files share a segment before a look at earlier ones finds that the header of one has slipped."""
    header = "platform,account_id,followers_count,zeta\n"
    delivery.put("sources.toml", '[[source]]\nfiles = "list*.csv"\n')
    for number, cell in ((1, "7"), (2, "9"), (3, "Peru")):
        rows = "".join(f"instagram,of_{number}_{row},{100 + row},{cell}\n" for row in range(6))
        delivery.put(f"list{number}.csv", header + rows)
        if number == 1:
            delivery.run()
    delivery.run()
    assert delivery.verdicts() == {"list1.csv": "loaded", "list2.csv": "loaded", "list3.csv": "quarantined"}
    assert {name.rsplit("_", 1)[0] for name in delivery.accounts()} == {"of_1", "of_2"}
    delivery.put("list3.csv", header + "instagram,of_3_mended,5,11\n")
    delivery.run()
    assert len(delivery.accounts()) == 13

"""Each table that is known by its header: a folder of its files, and what they become. A new one needs no Python.

<table>/exports/    the files, and sources.toml where something must be declared
<table>/case.toml   as in tests/rejected; "none" in `holds` is null
"""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from ingest.cast import parsing
from ingest.edges import EDGE_DATASETS
from ingest.vendor_tables.registry import known_table, known_tables, loads_of_table
from schemas.sources import Reading, Source
from schemas.vendor_tables import KnownTable
from tests.command import Answer
from tests.rejected.delivery import Delivery, command, delivery
from tests.rejected.test_rejected import assert_said, case_of

HERE = Path(__file__).parent
TABLES = known_tables()


def called(table: KnownTable) -> str:
    return f"{table.title} {TABLES.index(table)}" if table.wording else table.name


__all__ = ["command", "delivery"]


def test_every_shipped_table_has_a_folder() -> None:
    folders = {path.parent.name for path in HERE.glob("*/case.toml")}
    assert folders == {table.name for table in TABLES}
    shipped = HERE.parents[1] / "ingest" / "vendor_tables" / "tables"
    assert {path.stem for path in shipped.iterdir()} == folders, "a table is called as its file is"


@pytest.mark.parametrize("table", TABLES, ids=called)
def test_a_shipped_table_is_a_declaration_that_holds(table: KnownTable) -> None:
    columns = {
        one.source for load in table.load for readings in load.columns.values() for one in readings if one.source
    }
    header = [*table.header, *(column for column in columns if column not in table.header)]
    assert known_table(header) == table
    assert set(table.header) & columns, "some of what it is known by is read"
    assert all(rule.column in columns or rule.words is None for rule in table.no_rows)
    instead = {"account_id": Reading(value="a")} if "owner" in table.asks else {}
    for load in table.load:
        assert load.dataset not in EDGE_DATASETS, "lists of edges are streamed, and totals would not be set aside"
        full = load.load_of(header, instead)
        assert full is not None
        assert full.dataset == load.dataset


@pytest.mark.parametrize(
    ("table", "absent"),
    [
        pytest.param(table, column, id=f"{called(table)} without {column}")
        for table in TABLES
        for column in dict.fromkeys(
            one.source for load in table.load for readings in load.columns.values() for one in readings if one.source
        )
        if column not in table.header
    ],
)
def test_a_table_is_read_without_any_one_of_its_other_columns(table: KnownTable, absent: str) -> None:
    columns = dict.fromkeys(
        [
            *table.header,
            *(
                one.source
                for load in table.load
                for readings in load.columns.values()
                for one in readings
                if one.source
            ),
        ]
    )
    header = [column for column in columns if column != absent]
    source = Source(files="a.csv", time_zone="UTC", owner="a")
    made = [one.column for one in table.made]
    for load in loads_of_table("a.csv", table, source, header):
        assert all(reading.source in (None, *header, *made) for reading in load.columns.values())


@pytest.mark.parametrize("name", dict.fromkeys(table.name for table in TABLES))
def test_the_files_become_the_rows_that_are_expected(name: str, tmp_path: Path, command: Callable[..., Answer]) -> None:
    told = case_of(HERE / name)
    for question in told["holds"]:
        question["rows"] = [[None if cell == "none" else cell for cell in row] for row in question["rows"]]
    delivery = Delivery(HERE / name / "exports", tmp_path / "home", command)
    answer = delivery.run()
    assert answer.exit_code == told["exit_code"], answer.stderr
    assert_said(delivery, answer, told)
    for note in notes(delivery):
        assert note.startswith(f"read as {name}")
    assert delivery.run_again()["published"] is False


def notes(delivery: Delivery) -> list[Any]:
    return [row["note"] for row in delivery.ledger() if row["verdict"] == "loaded"]


HEADER = "Post ID,Account ID,Publish time,Post type,Reach,Likes,Saves\n"
POST = "17950000000000091,17840000000000501,03/25/2026 10:00,IG image,{},7,0\n"


@pytest.mark.parametrize(
    ("declared", "cell", "reach", "published"),
    [
        ("", '"1,234"', 1234, "2026-03-25 14:00:00"),
        ('number = "dot"', "1.234", 1234, "2026-03-25 14:00:00"),
        ('number = "plain"', '"1,234"', "cannot be read", "2026-03-25 14:00:00"),
        ('null_words = ["?"]', "?", None, "2026-03-25 14:00:00"),
        ('date_format = "%d/%m/%Y %H:%M"', "1", 1, "cannot be read"),
        ('constants = { reach_count = "5" }', "1", 5, "2026-03-25 14:00:00"),
    ],
)
def test_what_is_declared_goes_before_what_is_shipped(
    delivery: Delivery, declared: str, cell: str, reach: int | str | None, published: str
) -> None:
    delivery.put("post.csv", HEADER + POST.format(cell))
    delivery.put("sources.toml", f'[[source]]\nfiles = "*.csv"\ntime_zone = "America/New_York"\n{declared}\n')
    delivery.run()
    rows = delivery.rows("SELECT reach_count, strftime(published_at, '%Y-%m-%d %H:%M:%S') AS at FROM posts")
    wished = {"reach_count": reach, "at": published}
    assert rows == [{name: None if value == "cannot be read" else value for name, value in wished.items()}]
    assert [row["kept"] for row in delivery.rejects()] == [True] * [*wished.values()].count("cannot be read")


@pytest.mark.parametrize("copies", [1, 3], ids=["by itself", "among others"])
def test_a_file_without_any_time_is_not_asked_for_their_order(delivery: Delivery, copies: int) -> None:
    for number in range(copies):
        post = POST.format("1").replace("91,", f"9{number},").replace("03/25/2026 10:00", "")
        delivery.put(f"{number}.csv", HEADER + post)
    delivery.put("sources.toml", '[[source]]\nfiles = "*.csv"\ntime_zone = "America/New_York"\n')
    delivery.run()
    assert delivery.refusals() == {}
    assert delivery.rows("SELECT count(*) AS posts, count(published_at) AS dated FROM posts") == [
        {"posts": copies, "dated": 0}
    ]


def test_a_declared_delimiter_and_declared_loads_are_kept_to(delivery: Delivery) -> None:
    semicolons = (HEADER + POST.format("1")).replace(",", ";")
    delivery.put("told.csv", semicolons)
    delivery.put("commas.csv", semicolons.replace("91;", "92;"))
    delivery.put("load.csv", HEADER + POST.format("1").replace("91,", "93,"))
    delivery.put(
        "sources.toml",
        '[[source]]\nfiles = "told.csv"\ntime_zone = "UTC"\n\n'
        '[[source]]\nfiles = "commas.csv"\ndelimiter = ","\ntime_zone = "UTC"\n\n'
        '[[source]]\nfiles = "load.csv"\n[[source.load]]\ndataset = "posts"\ncolumns.platform = { value = "facebook" }\n'
        'columns.post_id = "Post ID"\ncolumns.account_id = "Account ID"\n',
    )
    delivery.run()
    assert delivery.verdicts() == {"commas.csv": "quarantined", "load.csv": "loaded", "told.csv": "loaded"}
    assert delivery.rows("SELECT platform, published_at IS NULL AS undated FROM posts ORDER BY platform") == [
        {"platform": "facebook", "undated": True},
        {"platform": "instagram", "undated": False},
    ]


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2021-07-06 16:45:20 EDT", datetime(2021, 7, 6, 20, 45, 20)),
        ("2021-01-06 16:45:20 EST", datetime(2021, 1, 6, 21, 45, 20)),
        ("2021-07-06 16:45:20 EST", datetime(2021, 7, 6, 21, 45, 20)),
        ("2021-07-06 16:45:20 edt", None),
        ("2021-07-06 16:45:20 CEST", None),
        ("2021-07-06 16:45:20 -0400", None),
        ("2021-07-06 16:45:20 -0400 EDT", None),
        ("2021-07-06 16:45:20", None),
        ("EDT", None),
        ("", None),
    ],
)
def test_eastern_times_are_fixed_offsets_whatever_the_season(text: str, utc: datetime | None) -> None:
    fmt = "%Y-%m-%d %H:%M:%S EST/EDT"
    assert parsing.tells_zone(fmt)
    assert pl.select(parsing.instant(pl.lit(text), (fmt,), "Europe/Berlin")).item() == utc


@pytest.mark.parametrize(
    ("link", "post"),
    [
        ("https://www.instagram.com/p/Ab-_9/", "Ab-_9"),
        ("instagram.com/reel/Ab9?igsh=x", "Ab9"),
        ("https://www.instagram.com/some.one/tv/Ab9", "Ab9"),
        ("https://www.facebook.com/12/posts/34", "12_34"),
        ("https://www.facebook.com/12/posts/34?x=1", "https://www.facebook.com/12/posts/34?x=1"),
        ("https://www.instagram.com/some.one/", f"{parsing.NO_POST}https://www.instagram.com/some.one/"),
        ("https://elsewhere.example/p/Ab9/", "https://elsewhere.example/p/Ab9/"),
    ],
)
def test_the_address_of_a_post_becomes_its_id_where_it_holds_one(link: str, post: str) -> None:
    assert pl.select(parsing.post_of_link(pl.lit(link))).item() == post

"""Cells that hold several things: each key of sources.toml that takes one of them, by examples."""

import polars as pl
import pytest
from pydantic import ValidationError

from schemas.sources import Load
from tests.rejected.delivery import Delivery, command, delivery

__all__ = ["command", "delivery"]


LIST = """
[[source]]
files = "list.csv"
null_words = ["-"]
constants = { platform = "instagram" }

[[source.load]]
dataset = "accounts"
columns.account_id = { from = "who", key = "handle" }
columns.niche = { from = "first", also = ["second"], labels = ["Art", "Food"], words = { Foood = "Food" }, default = "none" }
"""


def test_several_columns_of_topics_and_a_default(delivery: Delivery) -> None:
    delivery.put("sources.toml", LIST)
    delivery.put("list.csv", "who,first,second\na,Art,Foood\nb,-,Foood\nc,-,-\nd,Cars,Art\n")
    delivery.run()
    found = delivery.rows("SELECT account_id, niche, niche_raw FROM accounts ORDER BY ALL")
    assert [tuple(row.values()) for row in found] == [
        ("a", "art", "Art; Food"),
        ("b", "food", "Food"),
        ("c", "unknown", "none"),
        ("d", "unknown", "unknown: Cars; Art"),
    ]
    odd = delivery.rows("SELECT account_id, issue, detail FROM data_quality")
    assert [tuple(row.values()) for row in odd] == [("d", "niche_not_read", "no topic is known by Cars; Art")]


def test_a_further_column_that_the_file_lacks_is_said(delivery: Delivery) -> None:
    delivery.put("sources.toml", LIST)
    delivery.put("list.csv", "who,first\na,Art\n")
    delivery.run()
    assert delivery.refusals() == {"list.csv": "missing_column"}


def test_a_range_and_a_price_that_has_two_readings(delivery: Delivery) -> None:
    delivery.put(
        "sources.toml",
        '[[source]]\nfiles = "p.csv"\nnumber = "prices"\nconstants = { platform = "tiktok" }\n'
        '[[source.load]]\ndataset = "rates"\ncolumns.account_id = "who"\n'
        'columns.price = { from = "p", part = "amount" }\ncolumns.price_min = { from = "p", part = "low" }\n'
        'columns.price_max = { from = "p", part = "high" }\n'
        'columns.currency = { from = "p", part = "currency", default = "EUR" }\n',
    )
    delivery.put("p.csv", "who,p\na,$2k-3k\nb,1.500\nc,2-3k\nd,700\n")
    delivery.run()
    found = delivery.rows(
        "SELECT account_id, price::INT, price_min::INT, price_max::INT, currency FROM rates ORDER BY 1"
    )
    assert [tuple(row.values()) for row in found] == [("a", None, 2000, 3000, "USD"), ("d", 700, None, None, "EUR")]
    assert {(row["line"], row["value"]) for row in delivery.rejects()} == {(3, "1.500"), (4, "2-3k")}


def test_a_line_drawn_between_records_is_no_record(delivery: Delivery) -> None:
    rows = "platform,account_id,followers_count\n------\ntiktok,a,5\n=====\ntiktok,b,6\n==\n"
    delivery.put("list.csv", rows)
    delivery.run()
    assert delivery.accounts() == {"a": 5, "b": 6}
    assert [(row["line"], row["rule"]) for row in delivery.rejects()] == [
        (2, "a line drawn between records"),
        (4, "a line drawn between records"),
        (6, "record has 1 cells"),
    ]


@pytest.mark.parametrize(
    ("column", "reading", "says"),
    [
        ("country", {"from": "x", "labels": ["a"]}, "labels are for niche alone"),
        ("niche", {"from": "x", "labels": [""]}, "a label cannot be empty"),
        ("niche", {"position": 1, "also": ["x"]}, "stands beside from"),
    ],
)
def test_keys_in_the_wrong_place_are_mistakes(column: str, reading: dict[str, object], says: str) -> None:
    given = {"platform": {"value": "tiktok"}, "account_id": "id", "followers_count": "f", column: reading}
    with pytest.raises(ValidationError, match=says):
        Load.model_validate({"dataset": "accounts", "columns": given})


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({"part": 1}, "write both"),
        ({"by": "_"}, "write both"),
        ({"part": "low", "by": "_"}, "write both"),
        ({"part": 1, "by": ""}, "what stands between"),
        ({"part": -1, "by": "_"}, "is -1, and not a number from 1"),
        ({"part": "1", "by": "_"}, "is '1', and not a number from 1"),
        ({"part": True, "by": "_"}, "is True, and not a number from 1"),
    ],
)
def test_a_piece_has_a_number_and_what_it_is_cut_by(keys: dict[str, object], said: str) -> None:
    columns = {"platform": {"value": "x"}, "post_id": "id", "account_id": {"from": "id", **keys}}
    with pytest.raises(ValidationError, match=said):
        Load.model_validate({"dataset": "posts", "columns": columns})


def test_floats_and_days_of_parquet(delivery: Delivery) -> None:
    """Types of Parquet are no other than the texts of a CSV file: floats that are whole are counts, dates are days."""
    frame = pl.DataFrame(
        {
            "platform": ["instagram"] * 4,
            "post_id": ["p1", "p2", "p3", "p4"],
            "account_id": ["kim"] * 4,
            "like_count": [41.0, None, 2.5, 3.1e7],
            "published_at": pl.Series(["2026-05-01", None, "2026-05-03", "2026-05-04"]).str.to_date(),
        }
    )
    frame.write_parquet(delivery.exports / "posts.parquet")
    frame.select("platform", account_id=pl.Series([1.8e16, 2.0, 3.0, 4.0]), followers_count=1).write_parquet(
        delivery.exports / "accounts.parquet"
    )
    delivery.run()
    rows = delivery.rows("SELECT post_id, like_count, published_at::VARCHAR AS day FROM posts ORDER BY post_id")
    assert [tuple(row.values()) for row in rows] == [
        ("p1", 41, "2026-05-01 00:00:00"),
        ("p2", None, None),
        ("p3", None, "2026-05-03 00:00:00"),
        ("p4", 31000000, "2026-05-04 00:00:00"),
    ]
    rejects = delivery.rows("SELECT record, column_name, value, kept FROM rejected_rows ORDER BY ALL")
    assert [tuple(row.values()) for row in rejects] == [
        (1, "account_id", "1.8e+16", False),
        (2, "account_id", "2.0", False),
        (3, "account_id", "3.0", False),
        (3, "like_count", "2.5", True),
        (4, "account_id", "4.0", False),
    ]

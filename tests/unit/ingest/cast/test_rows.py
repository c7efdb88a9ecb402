"""One record of text at a time: the row that it becomes, or the rule that rejects it."""

from datetime import datetime
from typing import Any

import polars as pl
import pytest

from ingest.cast.canonical import canonical_load
from ingest.cast.mapping import plan_of
from ingest.cast.rows import Batch, read_batch
from schemas.columns import COUNT_MAX
from schemas.sources import RECORD, Source

ACCOUNT: dict[str, str | None] = {
    "platform": "instagram",
    "account_id": "kim",
    "followers_count": "1200",
    "observed_at": "2026-08-01T12:00:00Z",
}
POST: dict[str, str | None] = {
    "platform": "tiktok",
    "post_id": "p1",
    "account_id": "kim",
    "like_count": "7",
    "comment_count": "2",
}


def batch_of(dataset: str, record: dict[str, str | None], **declared: Any) -> Batch:
    """A file of one record, whose header is a canonical one."""
    source, header = Source(files="a.csv", **declared), list(record)
    raw = pl.DataFrame({name: [text] for name, text in record.items()}, schema=dict.fromkeys(header, pl.String))
    plan = plan_of(canonical_load(dataset, header), source, header, raw)
    return read_batch(raw.with_columns(pl.lit(1, pl.Int64).alias(RECORD)), plan)


@pytest.mark.parametrize(
    ("column", "text", "value"),
    [
        ("followers_count", "0", 0),
        ("followers_count", " 1200 ", 1200),
        ("followers_count", str(COUNT_MAX), COUNT_MAX),
        ("followers_count", "", None),
        ("followers_count", "  ", None),
        ("followers_count", None, None),
        ("platform", "Instagram", "instagram"),
        ("platform", " INSTAGRAM ", "instagram"),
        ("account_id", "17841400000000001", "17841400000000001"),
        ("account_id", "007", "007"),
        ("account_id", "1e5", "1e5"),
        ("account_id", "@null", "@null"),
        ("account_id", "nan.b", "nan.b"),
        ("account_id", "\u00e5sa", "\u00e5sa"),
        ("observed_at", "2026-08-01T14:00:00+02:00", datetime(2026, 8, 1, 12)),
        ("observed_at", "", None),
        ("observed_at", None, None),
    ],
)
def test_a_cell_of_an_account_that_is_read(column: str, text: str | None, value: object) -> None:
    batch = batch_of("accounts", ACCOUNT | {column: text})
    assert batch.rejects.is_empty()
    assert batch.rows.get_column(column).to_list() == [value]


@pytest.mark.parametrize(
    ("column", "text", "rule"),
    [
        ("followers_count", "many", "followers_count: not a whole number"),
        ("followers_count", "1.2M", "followers_count: not a whole number"),
        ("followers_count", "1200.5", "followers_count: not a whole number"),
        ("followers_count", "-1", "followers_count: must be 0 or more"),
        ("followers_count", str(COUNT_MAX + 1), f"followers_count: must be at most {COUNT_MAX:,}"),
        ("followers_count", "9" * 30, f"followers_count: must be at most {COUNT_MAX:,}"),
        ("account_id", None, "account_id: must not be empty"),
        ("account_id", "   ", "account_id: must not be empty"),
        ("account_id", "1.78E+16", "account_id: an id written as a float"),
        ("account_id", "1,78e+16", "account_id: an id written as a float"),
        ("account_id", "17.0", "account_id: an id written as a float"),
        ("account_id", "NaN", "account_id: an id written as a float"),
        ("account_id", "17,841,400,000,000,302", "account_id: an id written as a number, its digits in groups"),
        ("account_id", "nan", "account_id: a word that programs write where there is no id"),
        ("account_id", " None ", "account_id: a word that programs write where there is no id"),
        ("account_id", "NULL", "account_id: a word that programs write where there is no id"),
        ("account_id", "[object Object]", "account_id: a word that programs write where there is no id"),
        ("account_id", "a\tb", "account_id: an id with a control character"),
        ("platform", None, "platform: must not be empty"),
        ("observed_at", "2026-08-01 12:00:00", "observed_at: a time without its zone"),
        ("observed_at", "last summer", "observed_at: not a date and time with a zone"),
    ],
)
def test_a_cell_of_an_account_that_rejects_its_record(column: str, text: str | None, rule: str) -> None:
    batch = batch_of("accounts", ACCOUNT | {column: text})
    assert batch.rows.is_empty()
    assert batch.rejects.select(RECORD.strip("_"), "column_name", "rule").rows() == [(1, column, rule)]
    assert all(batch.rejects.select("allowed", "fix").row(0))


def test_every_cell_that_is_wrong_is_said_once() -> None:
    batch = batch_of("accounts", ACCOUNT | {"followers_count": "many", "account_id": "1E+5", "observed_at": "soon"})
    assert batch.rejects.get_column("column_name").to_list() == ["account_id", "followers_count", "observed_at"]


@pytest.mark.parametrize(
    ("likes", "comments", "declared", "read"),
    [
        ("7", "2", {}, 7),
        ("0", "2", {}, 0),
        ("-1", "2", {}, None),
        ("-1", "2", {"null_words": ("-",)}, None),
        ("-", "2", {"null_words": ("-",)}, None),
        ("0", "2", {"zero_likes_hidden": True}, None),
        ("0", "0", {"zero_likes_hidden": True}, 0),
        ("0", "", {"zero_likes_hidden": True}, 0),
        ("7", "2", {"zero_likes_hidden": True}, 7),
        ("1,200", "2", {"number": "comma"}, 1200),
        ("1.2k", "2", {"number": "suffix"}, 1200),
    ],
)
def test_likes_that_are_hidden_are_null_and_not_zero(
    likes: str, comments: str, declared: dict[str, Any], read: int | None
) -> None:
    batch = batch_of("posts", POST | {"like_count": likes, "comment_count": comments}, **declared)
    assert batch.rejects.is_empty()
    assert batch.rows.get_column("like_count").to_list() == [read]

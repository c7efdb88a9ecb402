"""One record of text at a time: the row that it becomes, or the rule that rejects it."""

from datetime import date, datetime
from decimal import Decimal
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


def batch_of(dataset: str, record: dict[str, str | None], *, is_text: bool = True, **declared: Any) -> Batch:
    """A file of one record, whose header is a canonical one."""
    source, header = Source(files="a.csv", **declared), list(record)
    raw = pl.DataFrame({name: [text] for name, text in record.items()}, schema=dict.fromkeys(header, pl.String))
    plan = plan_of(canonical_load(dataset, header), source, header, raw, is_text=is_text)
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


PRICE: dict[str, str | None] = {"platform": "instagram", "account_id": "kim", "price": "250", "quoted_on": None}


@pytest.mark.parametrize("declared", [{}, {"number": "plain"}])
@pytest.mark.parametrize("price", ["2.500", "12.345", "250.125", " 2.500 "])
def test_a_price_that_may_be_thousands_is_asked_for(price: str, declared: dict[str, Any]) -> None:
    batch = batch_of("rates", PRICE | {"price": price}, **declared)
    assert batch.rows.is_empty()
    (reject,) = batch.rejects.to_dicts()
    assert reject["rule"] == "price: a number that may be thousands"
    read = float(price)
    for way in (f'number = "comma" ({read})', f'number = "dot" ({read * 1000})'):
        assert way in reject["fix"]


@pytest.mark.parametrize(
    ("price", "declared", "is_text", "amount", "is_rounded"),
    [
        ("2.50", {}, True, "2.50", False),
        ("0.500", {}, True, "0.50", False),
        ("2500.000", {}, True, "2500.00", False),
        ("2.500", {"number": "comma"}, True, "2.50", False),
        ("2.500", {"number": "dot"}, True, "2500.00", False),
        ("2.500", {"language": "de"}, True, "2500.00", False),
        ("2.500", {"language": "en"}, True, "2.50", False),
        ("2.500 \u20ac", {"number": "prices", "language": "de"}, True, "2500.00", False),
        ("2.500 \u20ac", {"number": "prices", "language": "en"}, True, "2.50", False),
        ("12.375", {}, False, "12.38", True),  # a number in its file, such as one of a workbook
        ("33.3333", {}, True, "33.33", True),
        ("33.3333", {"number": "words"}, True, "33.33", True),
    ],
)
def test_a_price_has_two_decimals_and_it_is_noted_where_it_had_more(
    price: str, declared: dict[str, Any], is_text: bool, amount: str, is_rounded: bool
) -> None:
    batch = batch_of("rates", PRICE | {"price": price}, is_text=is_text, **declared)
    assert batch.rows.get_column("price").to_list() == [Decimal(amount)]
    assert batch.rounded.rows() == ([(1, "price")] if is_rounded else [])


def test_no_file_of_numbers_has_one_that_ends_in_a_zero() -> None:
    assert batch_of("rates", PRICE | {"price": "2.500"}, is_text=False).rows.is_empty()


CLAIM: dict[str, str | None] = {"platform": "instagram", "account_id": "kim", "metric": "reach", "unit": "count"}


@pytest.mark.parametrize(
    ("metric", "unit", "value", "declared", "read"),
    [
        ("reach", "count", "2.500", {}, None),
        ("like_count_mean", None, "2.500", {}, None),
        ("reach", "count", "2.5", {}, 2.5),
        ("reach", "count", "2500", {}, 2500.0),
        ("reach", "count", "2.500", {"number": "dot"}, 2500.0),
        ("reach", "count", "2.500", {"language": "de"}, 2500.0),
        ("engagement_rate", "ratio", "1.234", {}, 1.234),
        ("engagement_rate", "ratio", "0.500", {}, 0.5),
        ("engagement_rate", None, "1.234", {}, 1.234),
    ],
)
def test_a_claim_of_a_count_that_may_be_thousands_is_asked_for(
    metric: str, unit: str | None, value: str, declared: dict[str, Any], read: float | None
) -> None:
    batch = batch_of("published_metrics", CLAIM | {"metric": metric, "unit": unit, "value": value}, **declared)
    assert batch.rows.get_column("value").to_list() == ([read] if read else [])
    if not read:
        (reject,) = batch.rejects.to_dicts()
        assert reject["rule"] == "value: a number that may be thousands"
        assert 'number = "comma" (2.5) or number = "dot" (2500.0)' in reject["fix"]


@pytest.mark.parametrize(
    ("day", "declared", "read"),
    [
        ("2026-08-03", {}, date(2026, 8, 3)),
        ("2026-08-03T22:10:00Z", {}, date(2026, 8, 3)),
        ("2026-08-03T22:10:00-07:00", {}, date(2026, 8, 3)),
        ("1785795000", {"date_format": "epoch"}, date(2026, 8, 3)),
        ("03.08.2026", {"date_format": "%d.%m.%Y"}, date(2026, 8, 3)),
    ],
)
def test_the_day_of_a_quote(day: str, declared: dict[str, Any], read: date) -> None:
    batch = batch_of("rates", PRICE | {"quoted_on": day}, **declared)
    assert batch.rejects.is_empty()
    assert batch.rows.get_column("quoted_on").to_list() == [read]


@pytest.mark.parametrize(
    ("declared", "text", "says", "says_not"),
    [
        ({}, "4.5%", 'number = "percent" (0.045)', "words"),
        ({}, "4,5%", 'number = "percent", language = "de" (0.045)', "correct it"),
        ({"number": "percent"}, "4,5%", 'declare language = "de" (0.045)', "correct it"),
        ({"number": "words"}, "%4,5", 'number = "percent", language = "de" (0.045)', "correct it"),
        ({"number": "percent"}, "many%", "correct it in the export", "language"),
    ],
)
def test_the_fix_of_a_percentage_leads_to_it(declared: dict[str, Any], text: str, says: str, says_not: str) -> None:
    claim = CLAIM | {"metric": "engagement_rate", "unit": "ratio", "value": text}
    (fix,) = batch_of("published_metrics", claim, **declared).rejects.get_column("fix")
    assert says in fix
    assert says_not not in fix


def test_a_range_in_place_of_a_price_has_a_fix_of_its_own() -> None:
    (fix,) = batch_of("rates", PRICE | {"price": "2.500-3.000 \u20ac"}, number="dot_words").rejects.get_column("fix")
    assert 'part = "low"' in fix

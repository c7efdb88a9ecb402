"""Ids by examples: what surrounds them, what is none, and whose digits a spreadsheet has lost."""

import polars as pl
import pytest

from ingest.cast.ids import UNFIT_ID, rounded_by_a_spreadsheet, without_guards
from ingest.cast.mapping import plan_of
from schemas.sources import FILE, RECORD, Load, Reading, Source

LOAD = Load(
    dataset="posts",
    columns={
        "platform": Reading(value="youtube"),
        "post_id": Reading(source="id"),
        "account_id": Reading(source="channel"),
        "published_at": Reading(source="day"),
    },
)
PLAN = plan_of(LOAD, Source(files="a.csv", load=(LOAD,)), ["id", "channel", "day"], pl.DataFrame())


@pytest.mark.parametrize(
    ("cell", "bare"),
    [
        (" -Ab", "-Ab"),
        ("Ab\u00a0", "Ab"),
        ("\u200bAb\ufeff", "Ab"),
        ("A\u00adb", "Ab"),
        ("\u202aAb\u202c", "Ab"),
        ('="17841400000000301"', "17841400000000301"),
        (' ="0017" ', "0017"),
        ('="Ab"', "Ab"),
        ("'17841400000000301", "17841400000000301"),
        ("'kim", "'kim"),
        ('=""', '=""'),
        ("A b", "A b"),
        ("  ", "  "),
        (None, None),
    ],
)
def test_what_surrounds_an_id_does_not_count(cell: str | None, bare: str | None) -> None:
    typed = pl.DataFrame(
        {"post_id": [cell], "account_id": [cell]}, schema=dict.fromkeys(["post_id", "account_id"], pl.String)
    )
    assert without_guards(typed, PLAN).row(0) == (bare, bare)


@pytest.mark.parametrize(
    "cell",
    [
        "#NAME?",
        "#REF!",
        "#VALUE!",
        "#DIV/0!",
        "#N/A",
        "#NV",
        "#¡REF!",
        "1.8E+16",
        "12.0",
        " ",
        "a\tb",
        "17,841,400,000,000,302",
        "1,234",
        "1,78,41,400",
        "17.841.400.000.000.302",
        "17\u202f841\u202f400\u202f000\u202f000\u202f302",
    ],
)
def test_no_id(cell: str) -> None:
    assert pl.Series([cell]).str.contains(UNFIT_ID).item()


@pytest.mark.parametrize(
    "cell", ["#tea", "#1", "a#b!", "-Ab", "12.5", "Ab E", "0", "@kim", "12,34", "a,123", "100.200.300"]
)
def test_an_id_all_the_same(cell: str) -> None:
    assert not pl.Series([cell]).str.contains(UNFIT_ID).item()


@pytest.mark.parametrize(
    ("ids", "days", "lost"),
    [
        (["12345678901234500", "12345678901237600"], [None, None], 2),
        (["1234567890123450", "1234567890123760"], [None, None], 0),  # one digit each: it may be chance
        (["1234567890123450", "1234567890123760", "1234567890123990", "1234567890123110"], [None] * 4, 4),
        (["12345678901234500", "12345678901237601"], [None, None], 0),
        (["12345678901234500"] * 3, ["2026-01-01", "2026-01-02", "2026-01-03"], 3),
        (["12345678901234500"] * 3, ["2026-01-01"] * 3, 0),
        (["123456789012345000000"], [None], 1),
        (["12345678901234500", "12345678901237600", "Ab", None, "4711"], [None] * 5, 2),
        (["100", "2000", "30000"], [None] * 3, 0),
    ],
)
def test_digits_that_a_spreadsheet_lost(ids: list[str | None], days: list[str | None], lost: int) -> None:
    typed = pl.DataFrame(
        {"post_id": ids, "published_at": pl.Series(days, dtype=pl.String).str.to_datetime("%Y-%m-%d")},
        schema_overrides={"post_id": pl.String},
    )
    raw = pl.DataFrame({RECORD: range(len(ids))})
    assert rounded_by_a_spreadsheet(raw, typed, "post_id").sum() == lost
    beside = (
        pl.DataFrame({RECORD: [0]}),
        pl.DataFrame({"post_id": ["12345678901234567"], "published_at": [None]}, schema=typed.schema),
    )
    of_each = pl.concat([raw, beside[0]], how="vertical_relaxed").with_columns(
        pl.Series(FILE, [*[0] * len(ids), 1], pl.UInt32)
    )
    assert rounded_by_a_spreadsheet(of_each, pl.concat([typed, beside[1]]), "post_id").sum() == lost, (
        "each file by itself"
    )

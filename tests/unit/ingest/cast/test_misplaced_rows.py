"""Records that do not stand under their header, by examples."""

import polars as pl
import pytest

from ingest.cast.mapping import plan_of
from ingest.cast.misplaced_rows import misplaced_rows
from schemas.sources import FILE, RECORD, Load, Reading, Source

HEADER = ["name", "followers", "topic", "country"]
LOAD = Load(
    dataset="accounts",
    columns={
        "platform": Reading(value="instagram"),
        "account_id": Reading(source="name"),
        "followers_count": Reading(source="followers"),
        "niche": Reading(source="topic"),
    },
)
PLAN = plan_of(LOAD, Source(files="a.csv", load=(LOAD,), null_words=("n/a",)), HEADER, pl.DataFrame())
GOOD = [("ann", "10", "tea", "Peru"), ("ben", "20", "art", "Chile"), ("cleo", "30", "tea", "Peru")]


def kinds(rows: list[tuple[str | None, ...]]) -> list[tuple[int, str]]:
    schema = {RECORD: pl.UInt32, **dict.fromkeys(HEADER, pl.String)}
    frame = pl.DataFrame([(place, *row) for place, row in enumerate(rows, start=1)], schema=schema, orient="row")
    alone = [(one.record, one.kind) for one in misplaced_rows(frame, HEADER, [PLAN])]
    twice = pl.concat([frame.with_columns(pl.lit(file, pl.UInt32).alias(FILE)) for file in (0, 1)])
    assert [(one.record, one.kind) for one in misplaced_rows(twice, HEADER, [PLAN]) if one.file == 1] == alone
    return alone


@pytest.mark.parametrize(
    ("row", "kind"),
    [
        (("dee 40", "tea", "Peru", None), "shifted"),  # its topic stands under followers
        (("dee", "extra", "40", "tea"), None),  # nothing tells a word there from one that cannot be read
        (("dee", "dance", "Peru", None), "shifted"),  # the last cell, which every other record has, is missing
        (("name", "followers", "topic", "country"), "header"),
        (("name", "reach", "week", "day"), "table"),
        (("dee", "hidden", "tea", "Peru"), None),
        (("dee", "n/a", "tea", None), None),
        (("dee", "hidden", "tea", None), None),
        (("dee", "NaN", "tea", None), None),
        (("dee", "Not available", "tea", None), None),
        (("dee", "Hidden", "dance", ""), None),
        (("Instagram", None, None, ""), "heading"),
        (("\u2014 IG \u2014", None, None, None), "heading"),
        (("TikTok:", None, None, None), "section"),
        (("Instagram", "40", None, None), None),
        (("@instagram", None, None, None), None),
        (("instagram.fan", None, None, None), None),
        (("dee", "40k", "tea", "Peru"), None),
        (("dee", "USD 40", "tea", "Peru"), None),
        (("dee", None, None, None), None),
        (("dee", "40", "name", "Peru"), None),
    ],
)
@pytest.mark.parametrize("place", [0, 3])
def test_one_record_among_good_ones(row: tuple[str | None, ...], kind: str | None, place: int) -> None:
    rows: list[tuple[str | None, ...]] = [*GOOD]
    rows.insert(place, row)
    assert kinds(rows) == ([(place + 1, kind)] if kind else [])


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        ([("Tier two", None, "", None), ("name", "followers", "topic", "country")], [(1, "section"), (2, "header")]),
        ([(None, None, "March", None), (None, " ", None, None), ("name", "followers", "topic", "country")], [(3, "header"), (1, "section")]),
        ([("@dee", None, None, None), ("name", "followers", "topic", "country")], [(2, "header")]),
        ([("17841", None, None, None), ("name", "followers", "topic", "country")], [(2, "header")]),
        ([("Total", None, None, None), ("name", "followers", "topic", "country")], [(2, "header")]),
        ([("dee", "40", None, None), ("name", "followers", "topic", "country")], [(2, "header")]),
        ([("Tier two", None, None, None), ("dee", "40", None, None), ("name", "followers", "topic", "country")], [(3, "header")]),
    ],
)  # fmt: skip
def test_a_text_alone_above_a_header_begins_another_table(
    rows: list[tuple[str | None, ...]], found: list[tuple[int, str]]
) -> None:
    assert sorted(kinds([*rows, *GOOD])) == sorted(found)


def test_a_name_alone_is_a_member_of_a_list() -> None:
    load = Load(dataset="follows", columns={"platform": Reading(value="x"), "account_id": Reading(value="1"),
                "follower_id": Reading(source="name")})  # fmt: skip
    plan = plan_of(load, Source(files="a.csv", load=(load,)), ["name", "day"], pl.DataFrame())
    rows = pl.DataFrame(
        {RECORD: [1, 2, 3], "name": ["tiktok", "name", "ann"], "day": [None, "day", None]},
        schema_overrides={RECORD: pl.UInt32},
    )
    assert [(one.record, one.kind) for one in misplaced_rows(rows, ["name", "day"], [plan])] == [(2, "header")]


def test_a_condition_of_the_load_settles_what_is_a_heading() -> None:
    for where, left in (({"name": {"blank": False}}, 0), ({"topic": {"blank": True}}, 1)):
        load = Load.model_validate({"dataset": "accounts", "columns": LOAD.columns, "where": where})
        plan = plan_of(load, Source(files="a.csv", load=(load,)), HEADER, pl.DataFrame())
        rows = pl.DataFrame(
            [(1, "tiktok", None, None, None)],
            schema={RECORD: pl.UInt32, **dict.fromkeys(HEADER, pl.String)},
            orient="row",
        )
        assert len(misplaced_rows(rows, HEADER, [plan])) == left


def test_a_column_of_words_throughout_is_no_slip_of_one_record() -> None:
    assert kinds([("ann", "tea", "tea", "Peru"), ("ben", "art", "art", "Chile"), ("cleo", "30", "tea", "Peru")]) == []


def test_many_records_without_a_number_or_without_an_id_are_where_they_belong() -> None:
    """A condition of nothing but a constant is another for many records than for few."""
    rows = pl.DataFrame({RECORD: range(200_000)}, schema={RECORD: pl.UInt32}).with_columns(
        pl.lit("n").alias(name) for name in HEADER
    )
    own = [
        Load(dataset="follows", columns={"platform": Reading(value="x"), "account_id": Reading(source="name"),
             "follower_id": Reading(source="topic")}),
        Load(dataset="posts", columns={"platform": Reading(value="x"), "post_id": Reading(value="1"), "account_id": Reading(value="a"),
             "like_count": Reading(source="followers")}),
    ]  # fmt: skip
    for load in own:
        plan = plan_of(load, Source(files="a.csv", load=(load,)), HEADER, pl.DataFrame())
        assert misplaced_rows(rows, HEADER, [plan]) == []


def test_a_header_whose_accents_are_kept_otherwise_is_one_too() -> None:
    header = ["compte", "abonn\u00e9s"]
    columns = {"platform": Reading(value="x"), "account_id": Reading(source="abonn\u00e9s")}
    load = Load(dataset="niches", columns={**columns, "niche": Reading(source="compte")})
    plan = plan_of(load, Source(files="a.csv", load=(load,)), header, pl.DataFrame())
    rows = pl.DataFrame(
        [(1, "tea", "ann"), (2, "compte", "abonne\u0301s"), (3, "art", "ben")],
        schema={RECORD: pl.UInt32, **dict.fromkeys(header, pl.String)},
        orient="row",
    )
    assert [(one.record, one.kind) for one in misplaced_rows(rows, header, [plan])] == [(2, "header")]

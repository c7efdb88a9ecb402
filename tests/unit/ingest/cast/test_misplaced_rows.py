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

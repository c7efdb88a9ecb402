"""What a column holds, told from its first cells."""

import polars as pl
import pytest

from ingest.cast.column_types import column_kinds
from schemas.sources import LINE, RECORD, Source


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        (["1", "2"], "number"),
        (["-1", "+2"], "number"),
        (["1,200", "3"], "number"),
        (["1.200,5"], "number"),
        (["1.2M", "900k"], "number"),
        (["1.39%"], "number"),
        (["$500"], "number"),
        (["1", None, " ", "2"], "number"),
        (["1", "two"], "text"),
        (["17841400000000001"], "number"),
        (["9" * 40], "number"),
        (["2026-08-01"], "time"),
        (["2026-08-01T12:00:00Z", "2026-08-02T12:00:00+02:00"], "time"),
        (["2026-08"], "time"),
        (["01.08.2026"], "text"),
        (["2026-08-01", "soon"], "text"),
        (["kim"], "text"),
        (["true", "false"], "text"),
        (["n/a", "-"], None),
        (["n/a", "5"], "number"),
        ([None, "", "  "], None),
        ([], None),
    ],
)
def test_the_kind_of_a_column(cells: list[str | None], kind: str | None) -> None:
    source = Source(files="a.csv", null_words=("n/a", "-"))
    assert column_kinds(pl.DataFrame({"a": cells}, schema={"a": pl.String}), source) == {"a": kind}


@pytest.mark.parametrize(
    ("date_format", "cell", "kind"),
    [
        ("%d.%m.%Y", "01.08.2026", "time"),
        ("%d.%m.%Y", "01/08/2026", "text"),
        ("%d.%m.%Y", "32.13.2026", "text"),
        (None, "01.08.2026", "text"),
    ],
)
def test_times_are_told_by_the_declared_format(date_format: str | None, cell: str, kind: str) -> None:
    source = Source(files="a.csv", date_format=date_format, time_zone="UTC")
    assert column_kinds(pl.DataFrame({"a": [cell]}), source) == {"a": kind}


def test_columns_keep_their_order_and_ours_are_left_out() -> None:
    sample = pl.DataFrame({RECORD: [1], "b": ["x"], "*": ["1"], "^a$": ["2026-08-01"], LINE: [None]})
    assert list(column_kinds(sample, Source(files="a.csv")).items()) == [
        ("b", "text"),
        ("*", "number"),
        ("^a$", "time"),
    ]

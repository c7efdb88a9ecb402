"""Conditions by examples: which cells hold, and that no cell is neither in nor out."""

import polars as pl
import pytest
from pydantic import TypeAdapter, ValidationError

from ingest.cast.conditions import counts, split
from schemas.conditions import Conditions
from schemas.sources import RECORD

CELLS = ["media", " media ", "Media", "", None, "  ", "true", "TRUE", "1", "no", "me\u00addia", "12"]


def stated(conditions: object) -> Conditions:
    return TypeAdapter(Conditions).validate_python(conditions)


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ("media", ["media", " media ", "me\u00addia"]),
        (["Media", "12"], ["Media", "12"]),
        (12, ["12"]),
        (True, ["true", "TRUE", "1"]),
        (False, ["no"]),
        ({"blank": True}, ["", None, "  "]),
        ({"blank": False}, ["media", " media ", "Media", "true", "TRUE", "1", "no", "me\u00addia", "12"]),
        ({"matches": "(?i)^med"}, ["media", " media ", "Media", "me\u00addia"]),
        ({"matches": r"^\d+$"}, ["1", "12"]),
    ],
)
def test_where_takes_what_holds_and_where_not_all_the_rest(condition: object, holds: list[str | None]) -> None:
    rows = pl.DataFrame({RECORD: range(len(CELLS)), "kind": CELLS}, schema={RECORD: pl.UInt32, "kind": pl.String})
    asked = stated({"kind": condition})
    taken = split(rows, asked, {}).get_column("kind").to_list()
    others = split(rows, {}, asked).get_column("kind").to_list()
    assert taken == holds
    assert sorted(map(str, [*taken, *others])) == sorted(map(str, CELLS))
    assert rows.select(counts(asked, asked)).to_series().null_count() == 0


def test_all_of_where_must_hold_and_one_of_where_not_is_enough() -> None:
    rows = pl.DataFrame({RECORD: [1, 2, 3, 4], "a": ["x", "x", "y", "y"], "b": ["1", "2", "1", "2"]})
    both = stated({"a": "x", "b": "1"})
    assert split(rows, both, {}).get_column(RECORD).to_list() == [1]
    assert split(rows, {}, both).get_column(RECORD).to_list() == [4]


@pytest.mark.parametrize("pattern", ["*", "(", "(?:a{999}){999}", "x" * 501])
def test_a_pattern_that_is_none_is_said_when_it_is_read(pattern: str) -> None:
    with pytest.raises(ValidationError, match="pattern"):
        stated({"a": {"matches": pattern}})


@pytest.mark.parametrize("nothing", [{}, [], {"blank": True, "matches": "a"}, 1.5, None])
def test_what_states_nothing_is_no_condition(nothing: object) -> None:
    with pytest.raises(ValidationError):
        stated({"a": nothing})

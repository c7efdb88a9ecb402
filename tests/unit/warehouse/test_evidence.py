"""Tables of evidence lose their faulty rows and nothing else; their keys hold whatever the sources say."""

import random
from datetime import datetime
from typing import Any

import polars as pl
import pytest

from schemas.columns import polars_schema
from schemas.run_tables import DataQuality, LoadLedger
from transforms.data_quality import KEY, to_data_quality
from warehouse.evidence import sound_rows

SCHEMA = polars_schema(DataQuality)
WELL: dict[str, Any] = {
    "platform": "x", "account_id": "a", "post_id": None, "issue": "rate_above_one", "observed_at": None,
    "column_name": "like_count", "detail": "nine",
}  # fmt: skip
OTHER = WELL | {"account_id": "b"}


def left(*rows: dict[str, Any]) -> tuple[list[dict[str, Any]], str | None]:
    sound, said = sound_rows("data_quality", DataQuality, pl.DataFrame(rows, schema=SCHEMA), is_keyed=True)
    return sound.to_dicts(), said


def test_rows_that_are_well_stay_and_nothing_is_said() -> None:
    assert left(WELL, OTHER) == ([WELL, OTHER], None)


@pytest.mark.parametrize(
    ("fault", "rule"),
    [
        ({"detail": None}, "detail not_nullable"),
        ({"platform": ""}, "platform str_length"),
        ({"observed_at": datetime(1970, 1, 1)}, "observed_at in_range"),
    ],
)
def test_a_row_that_breaks_a_rule_is_left_out(fault: dict[str, Any], rule: str) -> None:
    rows, said = left(WELL, OTHER | fault, WELL | {"account_id": "c"})
    assert rows == [WELL, WELL | {"account_id": "c"}]
    assert said is not None
    assert said.startswith(f"data_quality: 1 of 3 rows left out: {rule}")


def test_of_rows_of_one_key_the_first_stays_in_any_order() -> None:
    rows = [WELL | {"detail": detail} for detail in ("b", "a", "c")]
    for order in (rows, rows[::-1]):
        assert left(*order, OTHER) == (
            [WELL | {"detail": "a"}, OTHER],
            "data_quality: 2 of 4 rows left out: a key stands in more than one row",
        )


def test_a_table_that_is_none_is_published_empty() -> None:
    typed = pl.DataFrame([WELL], schema=SCHEMA).with_columns(pl.lit(9).alias("detail"))
    failing = pl.DataFrame([WELL], schema=SCHEMA).lazy().with_columns(pl.col("detail").str.to_integer().cast(pl.String))
    for rows, rule in ((typed, "detail dtype('String')"), (failing, "they could not be made (")):
        sound, said = sound_rows("data_quality", DataQuality, rows, is_keyed=True)
        assert (sound.height, sound.schema) == (0, SCHEMA)
        assert said is not None
        assert rule in said


def test_the_ledger_has_no_key_of_one_row() -> None:
    """A file that became two datasets has two rows."""
    row: dict[str, Any] = dict.fromkeys(polars_schema(LoadLedger), 0)
    row |= {"file": "f", "verdict": "loaded", "loaded_at": datetime(2026, 1, 1)}
    row |= dict.fromkeys(("dataset", "format", "sha256", "declaration", "note"))
    rows = pl.DataFrame([row | {"dataset": name} for name in ("posts", "accounts")], schema=polars_schema(LoadLedger))
    sound, said = sound_rows("load_ledger", LoadLedger, rows, is_keyed=False)
    assert (sound.height, said) == (2, None)


@pytest.mark.parametrize("seed", range(5))
def test_keys_hold_whatever_the_sources_say(seed: int) -> None:
    """Few keys and many rows: every detail is told once, in one order, the sixth and later ones as their number."""
    chance = random.Random(seed)
    values: dict[str, tuple[Any, ...]] = {
        "platform": ("x",), "account_id": ("a", None), "post_id": ("p", None), "issue": ("i", "j"),
        "observed_at": (datetime(2026, 1, 1), None), "column_name": ("c", None), "detail": tuple("abcdefgh"),
    }  # fmt: skip
    rows = [{name: chance.choice(cells) for name, cells in values.items()} for _ in range(chance.choice((9, 400)))]
    wanted: dict[tuple[Any, ...], set[str]] = {}
    for row in rows:
        wanted.setdefault(tuple(row[name] for name in KEY), set()).add(row["detail"])
    sources = [pl.LazyFrame(part, schema=SCHEMA) for part in (rows[::2], rows[1::2], rows[:0])]
    found = to_data_quality(sources).collect()
    assert found.height == len(wanted)
    for row in found.to_dicts():
        details = sorted(wanted[tuple(row[name] for name in KEY)])
        more = f" / and {len(details) - 5} more" if len(details) > 5 else ""
        assert row["detail"] == " / ".join(details[:5]) + more
    assert sound_rows("data_quality", DataQuality, found, is_keyed=True)[1] is None

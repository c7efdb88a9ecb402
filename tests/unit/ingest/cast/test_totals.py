"""Words for totals, in every language and as dashboards write them."""

import polars as pl
import pytest

from ingest.cast.mapping import plan_of
from ingest.cast.totals import TOTALS, fix_of_totals, may_be_totals
from schemas.sources import Load, Reading, Source

COLUMNS = {
    "platform": Reading(value="instagram"),
    "account_id": Reading(source="Handle"),
    "followers_count": Reading(source="Followers"),
    "observed_at": Reading(source="Day"),
}


def is_asked(cell: str, day: str | None = None, written: str | None = None, **conditions: object) -> bool:
    load = Load.model_validate({"dataset": "accounts", "columns": COLUMNS, **conditions})
    plan = plan_of(load, Source(files="a.csv", load=(load,)), ["Handle", "Followers", "Day"], pl.DataFrame())
    typed = pl.DataFrame(
        {"account_id": [cell], "observed_at": pl.Series([day], dtype=pl.String).str.to_datetime("%Y-%m-%d")}
    )
    raw = pl.DataFrame({"Handle": [written or cell]})
    return bool(may_be_totals(raw, typed, plan, "account_id").item())


@pytest.mark.parametrize("language", TOTALS)
def test_every_word_of_a_language(language: str) -> None:
    for word in TOTALS[language]:
        assert is_asked(word)
        assert is_asked(f" {word.upper()}: ")


def test_there_are_twenty_languages_or_more() -> None:
    assert len(TOTALS) >= 20


@pytest.mark.parametrize(
    "cell",
    ["\u2014 Total \u2014", "*Total*", "Total (3)", "Total (3 accounts)", "[total]", "Total / Avg", "Total & average", "Total followers",
     "Sum total", "Total all accounts", "Average likes", "Avg. likes", "AVG.", "\u03a3", "Somme totale:", "Mittelwert", "Grand Total (n = 12)"],
)  # fmt: skip
def test_totals_as_people_write_them(cell: str) -> None:
    assert is_asked(cell)


@pytest.mark.parametrize("written", ["@total", "Average (@average)", "https://instagram.com/median/"])
def test_what_is_written_as_an_account_is_one(written: str) -> None:
    assert not is_asked("total", written=written)


@pytest.mark.parametrize(
    "cell",
    ["total.eclipse", "totally", "sum41", "Sum 41", "kim", "Total Fitness", "total_", "average.joe", "Average Joe", "Mean Girls",
     "Total Drama Likes", "_median_", "Overall Tea Co", "summer", "avg.kim"],
)  # fmt: skip
def test_names_that_only_begin_so(cell: str) -> None:
    assert not is_asked(cell)


def test_a_date_or_a_condition_settles_it() -> None:
    assert not is_asked("total", "2026-01-01")
    assert not is_asked("total", where={"Handle": {"blank": False}})
    assert not is_asked("total", where_not={"Handle": "Total"})
    assert is_asked("total", where_not={"Followers": "0"})


def test_the_fix_is_toml() -> None:
    import tomllib

    fix = fix_of_totals('Na"me', " To\u00adtal ")
    first, second = (part.split("declare ")[1] for part in fix.split("; "))
    assert tomllib.loads(first) == {"where_not": {'Na"me': "Total"}}
    assert tomllib.loads(second) == {"where": {'Na"me': {"blank": False}}}

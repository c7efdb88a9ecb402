"""Every table is described whole, and what the description says is held against data."""

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest
from pandera.errors import SchemaErrors

from schemas.accounts import Accounts
from schemas.columns import (
    BYTES_MAX,
    COUNT_MAX,
    RATIO_MAX,
    SUM_MAX,
    UNITS,
    Declared,
    Table,
    column,
    columns_of,
    grain_of,
    key_of,
    polars_schema,
)
from schemas.posts import Posts
from schemas.rules import ASKED, all_hold
from schemas.tables import DATASETS, MARTS, REQUIRED, RUN_TABLES
from tests.example_home import Examples
from warehouse.ddl import comment_of, duckdb_type
from warehouse.publish import Build, view_files
from warehouse.published import open_published

PUBLISHED = MARTS | RUN_TABLES
TABLES = {f"dataset {name}": model for name, model in DATASETS.items()} | PUBLISHED
EXPORTS = Path(__file__).parents[3] / "examples" / "exports"

# For each unit: the type of its columns, a value that is right, and values that no column of it may hold.
BY_UNIT: dict[str, tuple[pl.DataType, Any, list[Any]]] = {
    "id": (pl.String(), "a", ["", "x" * 501]),
    "label": (pl.String(), "a", ["", "x" * 501]),
    "text": (pl.String(), "a", []),
    "count": (pl.Int64(), 1, [-1, COUNT_MAX + 1]),
    "bytes": (pl.Int64(), 1, [-1, BYTES_MAX + 1]),
    "average": (pl.Float64(), 1.5, [-0.1, float("nan"), float("inf")]),
    "ratio": (pl.Float64(), 0.5, [-0.1, float("nan"), float("inf")]),
    "days": (pl.Float64(), 0.5, [-0.1, float("nan"), float("inf")]),
    "seconds": (pl.Float64(), 0.5, [-0.1, float("nan"), float("inf")]),
    "number": (pl.Float64(), -0.5, [float("nan"), float("inf"), -1e19]),
    "cost": (pl.Float64(), 1.5, [-0.01, float("nan"), float("inf")]),
    "money": (pl.Decimal(18, 2), Decimal("1.50"), [Decimal("-0.01")]),
    "instant": (pl.Datetime("us"), datetime(2026, 1, 1), [datetime(1989, 1, 1), datetime(2201, 1, 1)]),
    "date": (pl.Date(), date(2026, 1, 1), [date(1989, 1, 1), date(2201, 1, 1)]),
    "flag": (pl.Boolean(), True, []),
}
# Sums of counts may be more than a count; followers are lost as well as gained.
OF_THEIR_OWN: dict[str, list[Any]] = {
    "engagement_count": [-1, 2 * COUNT_MAX + 1],
    "followers_count_sum": [-1, SUM_MAX + 1],
    "followers_count_upper_bound": [-1, SUM_MAX + 1],
    "set_followers_count": [-1, SUM_MAX + 1],
    "unique_reach_count_low": [-1, SUM_MAX + 1],
    "unique_reach_count_high": [-1, SUM_MAX + 1],
    "follower_growth_rate": [-1.1, float("nan"), float("inf")],
    "followers_gained_per_day": [-2.1 * COUNT_MAX, float("nan"), float("inf")],
    "at_risk_count": [-1, SUM_MAX + 1],
    "engaged_at_risk_count": [-1, SUM_MAX + 1],
    "trend": [-2 * RATIO_MAX, float("nan"), float("inf")],
    "trend_low": [-2 * RATIO_MAX, float("nan"), float("inf")],
    "trend_high": [2 * RATIO_MAX, float("nan"), float("-inf")],
    "growth_spike_score": [float("nan"), float("inf"), float("-inf")],
}
UNIT_IN_NAME = {"_count": "count", "_id": "id", "_at": "instant", "_seconds": "seconds", "_bytes": "bytes"}


def faults_of(model: type[Table]) -> list[str]:
    """What the description of a table lacks."""
    faults = []
    if not grain_of(model).startswith("One row per ") or model.__doc__ == model.__bases__[0].__doc__:
        faults.append("its docstring does not say what a row is")
    if not key_of(model):
        faults.append("it has no key")
    if not model.to_schema().strict:
        faults.append("it takes columns that nobody declared")
    for fact in columns_of(model):
        if not fact.description:
            faults.append(f"{fact.name} has no description")
        if fact.unit not in UNITS:
            faults.append(f"{fact.name} has no unit of the list")
            continue
        if fact.dtype != BY_UNIT[fact.unit][0]:
            faults.append(f"{fact.name} is a {fact.dtype}, which no {fact.unit} is")
        for ending, unit in UNIT_IN_NAME.items():
            if fact.name.endswith(ending) and fact.unit != unit:
                faults.append(f"{fact.name} is called a {unit}")
        # `kept` says by itself that it is one.
        if (fact.name.startswith(("is_", "has_", "are_")) or fact.name == "kept") != (fact.unit == "flag"):
            faults.append(f"{fact.name} and only flags are called so")
        if BY_UNIT[fact.unit][2] and not model.to_schema().columns[fact.name].checks:
            faults.append(f"{fact.name} has no bounds")
        try:
            duckdb_type(fact.dtype)
        except KeyError:
            faults.append(f"{fact.name} has no DuckDB type")
    return faults


def good_row(model: type[Table]) -> dict[str, Any]:
    """A row that the schema takes."""
    allowed = {
        name: next(iter(check.statistics["allowed_values"]))
        for name, col in model.to_schema().columns.items()
        for check in col.checks
        if "allowed_values" in (check.statistics or {})
    }
    return {fact.name: BY_UNIT[fact.unit][1] for fact in columns_of(model)} | allowed


def refused(model: type[Table], rows: list[dict[str, Any]]) -> set[tuple[int, str]]:
    """Which rows the schema refuses, and for which column."""
    try:
        model.to_schema().validate(pl.DataFrame(rows, schema=polars_schema(model)), lazy=True)
    except SchemaErrors as errors:
        return set(errors.failure_cases.select("index", "column").iter_rows())
    return set()


def test_every_unit_has_its_values() -> None:
    assert set(BY_UNIT) == UNITS
    assert {unit for unit, (_, _, wrong) in BY_UNIT.items() if not wrong} == {"text", "flag"}


@pytest.mark.parametrize("name", TABLES)
def test_the_table_is_described_whole(name: str) -> None:
    assert faults_of(TABLES[name]) == []


@pytest.mark.parametrize("name", TABLES)
def test_each_column_refuses_what_it_cannot_hold(name: str) -> None:
    """A row for each wrong value: out of the bounds of its unit, outside a closed list, null where something must be."""
    model, good = TABLES[name], good_row(TABLES[name])
    wrong: list[tuple[str, Any]] = []
    for fact in columns_of(model):
        _, right, impossible = BY_UNIT[fact.unit]
        impossible = OF_THEIR_OWN.get(fact.name, impossible)
        closed = ["something else"] if good[fact.name] != right else []
        missing = [] if fact.nullable else [None]
        wrong += [(fact.name, value) for value in impossible + closed + missing]
    assert refused(model, [good | {column_name: value} for column_name, value in wrong]) == {
        (place, column_name) for place, (column_name, _) in enumerate(wrong)
    }
    # The quick question has the same answer as Pandera's, of each value by itself.
    schema = polars_schema(model)
    assert not any(all_hold(model, pl.DataFrame([good | {name: value}], schema=schema)) for name, value in wrong)
    bare = {fact.name: None for fact in columns_of(model) if fact.nullable}
    assert refused(model, [good, good | bare]) == set()
    assert all_hold(model, pl.DataFrame([good, good | bare], schema=schema))
    assert all_hold(model, schema.to_frame())


@pytest.mark.parametrize("name", DATASETS)
def test_what_a_dataset_needs_is_among_its_columns(name: str) -> None:
    assert set(REQUIRED[name]) <= set(polars_schema(DATASETS[name]).names())
    assert set(REQUIRED) == set(DATASETS)


def declared(unit: str) -> Any:
    """What `column` never makes: a column without bounds, of any unit."""
    return Declared("Likes", unit, nullable=False, key=False, bounds={})


class Whole(Table):
    """One row per thing, described whole: what the bad models below each spoil in one place."""

    thing_id: str = column("Which thing", "id", key=True)
    like_count: pl.Int64 = column("Likes", "count")


class NoGrain(Whole):
    """Things."""


class InheritedGrain(Whole):
    pass


class NoKey(Table):
    """One row per thing."""

    like_count: pl.Int64 = column("Likes", "count")


class NoDescription(Whole):
    """One row per thing."""

    like_count: pl.Int64 = column("", "count")


class NoUnit(Whole):
    """One row per thing."""

    like_count: pl.Int64 = declared("")


class NoBounds(Whole):
    """One row per thing."""

    like_count: pl.Int64 = declared("count")


class OtherType(Table):
    """One row per thing."""

    like_count: pl.Float64 = column("Likes", "count")


class NoDuckdbType(Table):
    """One row per thing."""

    like_count: pl.Duration = column("Likes", "count")


class OtherUnit(Table):
    """One row per thing."""

    like_count: pl.Float64 = column("Likes", "ratio")


class NamelessFlag(Whole):
    """One row per thing."""

    good: pl.Boolean = column("Whether it is good", "flag")


@pytest.mark.parametrize(
    ("model", "fault"),
    [
        (NoGrain, "its docstring does not say what a row is"),
        (InheritedGrain, "its docstring does not say what a row is"),
        (NoKey, "it has no key"),
        (NoDescription, "like_count has no description"),
        (NoUnit, "like_count has no unit of the list"),
        (NoBounds, "like_count has no bounds"),
        (OtherType, "like_count is a Float64, which no count is"),
        (NoDuckdbType, "like_count has no DuckDB type"),
        (OtherUnit, "like_count is called a count"),
        (NamelessFlag, "good and only flags are called so"),
    ],
)
def test_a_table_that_is_not_described_whole_is_found(model: type[Table], fault: str) -> None:
    assert faults_of(Whole) == []
    assert fault in faults_of(model)


def test_a_unit_outside_the_list_is_refused_where_it_is_written() -> None:
    with pytest.raises(ValueError, match="unit 'apples' of 'Likes' is not one of"):
        column("Likes", "apples")


def test_a_column_that_is_not_described_is_refused_where_it_is_written() -> None:
    with pytest.raises(TypeError, match="NotDescribed: not made by column"):
        type("NotDescribed", (Table,), {"__annotations__": {"like_count": pl.Int64}, "like_count": None})


def test_a_column_nobody_declared_is_refused() -> None:
    frame = pl.DataFrame([good_row(Posts)], schema=polars_schema(Posts))
    with pytest.raises(SchemaErrors, match="caption"):
        Posts.to_schema().validate(frame.with_columns(caption=pl.lit("x")), lazy=True)


@pytest.mark.parametrize("kind", ["eager", "lazy"])
@pytest.mark.parametrize(
    ("name", "wrong"), [("like_count", -1), ("engagement_rate_by_followers", float("nan")), ("account_id", None)]
)
def test_nothing_wrong_is_loaded(kind: str, name: str, wrong: object, tmp_path: Path) -> None:
    """What is lazy on the way in is not let through for that."""
    rows: pl.DataFrame | pl.LazyFrame = pl.DataFrame(
        [good_row(Posts), good_row(Posts) | {name: wrong}], schema=polars_schema(Posts)
    )
    with duckdb.connect() as connection, pytest.raises(SchemaErrors, match=name):
        Build(connection, tmp_path).load("posts", Posts, rows.lazy() if kind == "lazy" else rows)


def test_what_is_right_is_loaded(tmp_path: Path) -> None:
    rows = pl.DataFrame([good_row(Accounts)], schema=polars_schema(Accounts))
    with duckdb.connect() as connection:
        assert Build(connection, tmp_path).load("accounts", Accounts, rows.lazy()) == 1


@pytest.mark.parametrize("rows", [pl.DataFrame(), pl.DataFrame({"thing_id": ["a"], "like_count": [1.0]})])
def test_the_quick_question_knows_no_other_columns_and_types(rows: pl.DataFrame) -> None:
    assert not all_hold(Whole, rows)
    with pytest.raises(SchemaErrors):
        Whole.validate(rows)


def test_a_rule_that_only_pandera_knows_is_left_to_it() -> None:
    class Lower(Table):
        """One row per name."""

        name: str = column("Name", "label", key=True, str_matches="^[a-z]+$")

    assert "str_matches" not in ASKED
    good, bad = pl.DataFrame({"name": ["abc"]}), pl.DataFrame({"name": ["abc", "ABC"]})
    assert Lower.validate(good).equals(good)
    with pytest.raises(SchemaErrors, match="str_matches"):
        Lower.validate(bad)
    assert Lower.failures(bad).rows() == [(1, "name", "str_matches('^[a-z]+$')")]


def test_pandera_checks_no_data_of_a_lazy_frame() -> None:
    """Why loading validates batches. Should this fail, Pandera has learnt it, and Build.load can be simpler."""
    rows = pl.DataFrame([good_row(Posts) | {"like_count": -1}], schema=polars_schema(Posts))
    passed = Posts.to_schema().validate(rows.lazy(), lazy=True)
    assert passed.collect().get_column("like_count").to_list() == [-1]


@pytest.fixture(scope="module")
def warehouse(examples: Examples) -> Path:
    return examples.warehouse


def test_the_warehouse_carries_the_descriptions(warehouse: Path) -> None:
    """Whoever opens the file finds in it what the schemas say, and nothing that they do not."""
    with open_published(warehouse) as connection:
        tables = connection.execute("SELECT table_name, comment FROM duckdb_tables()").fetchall()
        views = connection.execute("SELECT view_name, comment FROM duckdb_views() WHERE NOT internal").fetchall()
        columns = connection.execute(
            "SELECT table_name, column_name, data_type, is_nullable, comment FROM duckdb_columns()"
            " WHERE table_name IN (SELECT table_name FROM duckdb_tables())"
        ).fetchall()
    assert dict(tables) == {name: grain_of(model) for name, model in PUBLISHED.items()}
    assert set(columns) == {
        (name, fact.name, duckdb_type(fact.dtype), fact.nullable, comment_of(name, fact))
        for name, model in PUBLISHED.items()
        for fact in columns_of(model)
    }
    assert {name for name, _ in views} == {name.partition("_")[2] for name in view_files()}
    assert all(comment for _, comment in views)


def test_every_column_of_a_view_is_described(warehouse: Path) -> None:
    """By the column of the table that it is taken from, where it is no figure of its own."""
    with open_published(warehouse) as connection:
        found = connection.execute(
            "SELECT table_name, column_name, comment FROM duckdb_columns()"
            " WHERE table_name IN (SELECT view_name FROM duckdb_views() WHERE NOT internal)"
        ).fetchall()
    told = {(view, column): comment for view, column, comment in found}
    assert len(told) > 40
    assert [column for column, comment in told.items() if not comment] == []
    facts = {fact.name: fact for fact in columns_of(PUBLISHED["brand_mentions"])}
    assert told["advocates", "brand"] == comment_of("brand_mentions", facts["brand"])
    assert told["headline_engagement", "engagement_rate_percent"].startswith("Engagement rate, mean of accounts (% of")
    assert told["rejects_by_reason", "first_line"].startswith("The first line with one")

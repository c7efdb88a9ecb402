"""What the registry says of nulls is what published tables hold, on the examples and on the cases made of gaps."""

import re
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from flows.run import run
from flows.settings import Settings
from schemas.metrics import METRICS
from schemas.tables import MARTS
from tests.example_home import Examples
from warehouse.published import open_published

ROOT = Path(__file__).parents[2]
GAPS = (
    "examples",
    "tests/golden/account_engagement/reasons",
    "tests/golden/account_engagement/paid_to_organic",
    "tests/golden/account_engagement/exposure",
    "tests/golden/account_snapshots/growth",
    "tests/golden/audience/reasons",
    "tests/golden/rates/costs",
)
REASON_FIRST = re.compile(r"((?:\w+_)?reason) is ")
# A rule that is no more than another metric's.
AS_ANOTHER = re.compile(r"(?:where|as) (\w+)(?: is)?(?:, with the same \w+)?")
BY_NAME = {metric.name: metric for metric in METRICS}


def codes_of(table: str, column: str) -> set[str]:
    """What a reason column may hold."""
    checks = MARTS[table].to_schema().columns[column].checks
    return next(set(check.statistics["allowed_values"]) for check in checks if "allowed_values" in check.statistics)


def conditions() -> Iterator[tuple[str, str, str]]:
    """Table, column, and the SQL condition under which the registry says that it is null; where it is as simple as that."""
    for metric in METRICS:
        for table, column in (name.split(".") for name in metric.columns):
            if table not in MARTS:
                continue
            if reason := REASON_FIRST.match(metric.null_rule):
                told = codes_of(table, reason[1]) & set(re.findall(r"\w+", metric.null_rule))
                codes = ", ".join(f"'{code}'" for code in sorted(told))
                yield table, column, f"coalesce({reason[1]} IN ({codes}), false)"
            elif (other := AS_ANOTHER.fullmatch(metric.null_rule)) and other[1] in BY_NAME:
                (same,) = (name for name in BY_NAME[other[1]].columns if name.startswith(f"{table}."))
                yield table, column, f"{same.partition('.')[2]} IS NULL"


def test_most_rules_are_looked_at() -> None:
    assert len(set(conditions())) > 40


@pytest.mark.parametrize("folder", GAPS)
def test_nulls_are_where_the_registry_says(folder: str, tmp_path: Path, examples: Examples) -> None:
    warehouse = examples.warehouse
    if folder != "examples":
        warehouse = Path(run(ROOT / folder / "exports", Settings(home=tmp_path / "home")).warehouse)
    with open_published(warehouse) as connection:
        wrong = {f"{table}.{column}": strays(connection, table, column, said) for table, column, said in conditions()}
    assert {column: rows for column, rows in wrong.items() if rows} == {}


def strays(connection: duckdb.DuckDBPyConnection, table: str, column: str, said: str) -> int:
    """Rows that are null where they should not be, or the other way."""
    query = f"SELECT count(*) FROM {table} WHERE ({column} IS NULL) <> ({said})"
    ((count,),) = connection.sql(query).fetchall()
    return int(count)

"""Every number of every mart has one definition, which agrees with its schema and has a worked example."""

import ast
import csv
import re
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from schemas.columns import columns_of
from schemas.dimensions import NAMING_UNITS, is_dimension
from schemas.metrics import METRICS, Metric, metric_of
from schemas.metrics.metric import NEVER
from schemas.tables import MARTS
from warehouse.ddl import comment_of
from warehouse.dictionary import data_dictionary
from warehouse.publish import view_files

ROOT = Path(__file__).parents[3]
BY_NAME = {metric.name: metric for metric in METRICS}
FACTS = {f"{table}.{fact.name}": fact for table, model in MARTS.items() for fact in columns_of(model)}
VIEWS = {name.partition("_")[2] for name in view_files()}
REASON_COLUMN = re.compile(r"\b(?:\w+_)?reason\b")


def of_marts(metric: Metric) -> list[str]:
    """The columns of a metric that stand in marts, not in views."""
    return [column for column in metric.columns if column.partition(".")[0] in MARTS]


def test_names_and_labels_are_told_apart() -> None:
    assert len(BY_NAME) == len(METRICS)
    for metric in METRICS:
        assert re.fullmatch(r"[a-z][a-z0-9_]*", metric.name)
        assert all(vars(metric).values()), metric.name
    labels = Counter((metric.label, column.partition(".")[0]) for metric in METRICS for column in metric.columns)
    assert {label: count for label, count in labels.items() if count > 1} == {}, "one heading for two columns"


@pytest.mark.parametrize("column", FACTS)
def test_every_column_is_a_dimension_or_a_metric(column: str) -> None:
    table, _, name = column.partition(".")
    fact, filling = FACTS[column], [metric for metric in METRICS if column in metric.columns]
    assert len(filling) <= 1, "two definitions of one number"
    assert metric_of(table, name) == (filling[0] if filling else None)
    assert filling or is_dimension(table, fact), "a number that nothing says how to work out"
    if filling:
        assert not fact.key
        assert fact.unit not in NAMING_UNITS


@pytest.mark.parametrize("name", BY_NAME)
def test_the_definition_agrees_with_the_schemas(name: str) -> None:
    metric = BY_NAME[name]
    assert {column.partition(".")[0] for column in metric.columns} <= set(MARTS) | VIEWS
    for column in of_marts(metric):
        fact = FACTS[column]
        assert metric.unit == fact.unit
        assert (metric.null_rule == NEVER) == (not fact.nullable), column


@pytest.mark.parametrize(
    "column", [name for name, fact in FACTS.items() if REASON_COLUMN.fullmatch(name.partition(".")[2]) and not fact.key]
)
def test_every_reason_is_told_by_a_metric_of_its_table(column: str) -> None:
    """Each code that a reason column may hold stands in the null rule of a metric that names the column. A reason that is a
    key says of what the row counts, and not why a figure is null."""
    table, _, name = column.partition(".")
    rules = [
        metric.null_rule
        for metric in METRICS
        if any(one.startswith(f"{table}.") for one in metric.columns)
        and name in REASON_COLUMN.findall(metric.null_rule)
    ]
    codes = next(
        check.statistics["allowed_values"]
        for check in MARTS[table].to_schema().columns[name].checks
        if "allowed_values" in check.statistics
    )
    told = set(re.findall(r"\w+", " ".join(rules)))
    assert set(codes) <= told


@pytest.mark.parametrize("name", BY_NAME)
def test_the_worked_example_exists(name: str) -> None:
    assert missing_example(BY_NAME[name]) is None


def missing_example(metric: Metric) -> str | None:
    """What is wrong with a metric's example: a case has a value for a column of it, a test is one that pytest runs."""
    path, _, test = metric.example.partition("::")
    if test:
        return None if test in named_tests(path) else "there is no such test"
    folder = ROOT / path
    if not (folder / "case.toml").is_file():
        return "there is no such case"
    with (folder / "expect.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    shown = [column.partition(".")[2] for column in of_marts(metric) if column.startswith(f"{folder.parent.name}.")]
    return None if any(row.get(column) for column in shown for row in rows) else "the case has no value of it"


@cache
def named_tests(path: str) -> frozenset[str]:
    """The tests of a file; none where there is no file."""
    if not (ROOT / path).is_file() or not Path(path).name.startswith("test_"):
        return frozenset()
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    return frozenset(
        node.name for node in tree.body if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    )


@pytest.mark.parametrize(
    "example",
    [
        "tests/unit/transforms/test_lift.py::test_that_nobody_wrote",
        "tests/unit/test_nowhere.py::test_the_six_accounts_by_hand",
        "tests/golden/account_engagement/nowhere",
        # It is there, and is about something else.
        "tests/golden/account_engagement/peers",
        "tests/golden/posts/worked_examples",
    ],
)
def test_an_example_that_is_none_is_found(example: str) -> None:
    rate = BY_NAME["engagement_rate_by_followers"]
    assert missing_example(Metric(**vars(rate) | {"example": example}))


def test_a_column_says_its_formula_and_when_it_is_null() -> None:
    rate = FACTS["account_engagement.engagement_rate_by_followers"]
    text = comment_of("account_engagement", rate)
    assert text.startswith(f"{rate.description} [ratio] Formula: mean over posts")
    assert "Null: reason is no_posts" in text
    niche = FACTS["account_engagement.niche"]
    assert comment_of("account_engagement", niche) == f"{niche.description} [label]"


def test_the_dictionary_has_every_metric_once() -> None:
    page = data_dictionary()
    section = page.partition("## Metrics\n")[2].partition("\n## ")[0]
    assert re.findall(r"^\| `(\w+)` ", section, re.MULTILINE) == list(BY_NAME)
    bare = re.sub(r"\\\|", "", section)
    assert {line.count("|") for line in bare.splitlines() if line.startswith("|")} == {8}

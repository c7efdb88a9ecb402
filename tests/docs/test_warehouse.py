"""docs/warehouse.md: pictures that are true of the schemas, questions whose SQL answers, rules of connecting that hold."""

import ast
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from examples.write_guide import PAGE, Question, questions, written
from flows.lineage import tables_of, tables_of_views
from schemas.columns import columns_of, key_of
from schemas.tables import MARTS, RUN_TABLES
from tests.example_home import Examples
from warehouse import publish, published
from warehouse.relations import DECLARED, MAY_STAND_ALONE, UNRELATED, Relation, picture, relations

TABLES = MARTS | RUN_TABLES
# The examples have the engagement rate by followers on every platform, and so need no other; and every account of them that
# has captions has a niche too, so that none is to be suggested.
NOT_IN_EXAMPLES = {"niche_suggestions", "shrunk_rates"}
NOTEBOOK = PAGE.parents[1] / "examples" / "notebook.py"


@pytest.fixture(scope="module")
def warehouse(examples: Examples) -> Path:
    return examples.warehouse


@pytest.fixture(scope="module")
def connection(warehouse: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with published.open_published(warehouse) as opened:
        yield opened


@pytest.fixture(scope="module")
def shuffled(warehouse: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    """The same rows in another order."""
    copy = shutil.copy(warehouse, tmp_path_factory.mktemp("copy") / "copy.duckdb")
    with duckdb.connect() as opened:
        opened.execute(f"ATTACH '{copy}' AS published (READ_ONLY)")
        opened.execute("SELECT setseed(0.5)")
        for name in TABLES:
            opened.execute(f"CREATE TABLE {name} AS FROM published.{name} ORDER BY random()")
        publish.Build(opened, Path(copy).parent).add_views()
        yield opened


def count(connection: duckdb.DuckDBPyConnection, query: str) -> int:
    return int(connection.execute(query).fetchall()[0][0])


def named(relation: Relation) -> str:
    return f"{relation.many}-{relation.one}-{relation.on[-1][0]}"


def test_the_page_is_what_make_docs_writes(warehouse: Path) -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert page == written(page, warehouse), "run `make docs`"


@pytest.mark.parametrize("relation", relations(), ids=named)
def test_columns_that_join_are_of_one_type_and_counts_no_row_twice(
    relation: Relation, connection: duckdb.DuckDBPyConnection
) -> None:
    types = {name: {fact.name: fact.dtype for fact in columns_of(TABLES[name])} for name in TABLES}
    assert [types[relation.many][a] for a, _ in relation.on] == [types[relation.one][b] for _, b in relation.on]
    both = f"{relation.many} AS many JOIN {relation.one} AS one ON {relation.condition()}"
    alone = f"{relation.many} AS many LEFT JOIN {relation.one} AS one ON {relation.condition()}"
    rows = count(connection, f"SELECT count(*) FROM {relation.many}")
    assert (rows > 0) == (relation.many not in NOT_IN_EXAMPLES)
    assert count(connection, f"SELECT count(*) FROM {alone}") == rows
    if relation.every:
        assert count(connection, f"SELECT count(*) FROM {both}") == rows


def test_what_is_said_of_relations_is_said_of_tables_that_share_a_key() -> None:
    """A line that no longer speaks of anything is found, and so is a key of one table that another has."""
    columns = {name: {fact.name for fact in columns_of(model)} for name, model in TABLES.items()}
    share = {
        (many, one) for many in TABLES for one in TABLES if many != one and set(key_of(TABLES[one])) <= columns[many]
    }
    assert set(UNRELATED) | MAY_STAND_ALONE <= share
    assert {(relation.many, relation.one) for relation in relations() if relation not in DECLARED} == share - set(
        UNRELATED
    )


def test_the_picture_has_every_table_with_its_key() -> None:
    blocks = dict(re.findall(r"^    (\w+) \{\n(.*?)^    \}", picture(), re.MULTILINE | re.DOTALL))
    assert blocks.keys() == TABLES.keys()
    for name, block in blocks.items():
        assert set(re.findall(r"^ +[A-Z]+ (\w+) PK", block, re.MULTILINE)) == set(key_of(TABLES[name]))
    edges = re.findall(r'^    (\w+) (?:\|\||\|o)--(?:o\||o\{) (\w+) : "[\w, ]+"$', picture(), re.MULTILINE)
    assert edges == [(relation.one, relation.many) for relation in relations()]


def test_views_read_tables_that_are_there(connection: duckdb.DuckDBPyConnection) -> None:
    views = tables_of_views(connection)
    assert views["headline_engagement"] == ["niche_tier_engagement", "tier_schemes", "tiers"]
    assert {name for names in views.values() for name in names} <= TABLES.keys()
    assert all(views.values())


def test_tables_are_found_below_and_names_of_a_query_itself_are_none(connection: duckdb.DuckDBPyConnection) -> None:
    query = "WITH own AS (FROM posts) SELECT * FROM own JOIN accounts USING (platform) WHERE EXISTS (FROM rates)"
    assert tables_of(connection, query) == ["accounts", "posts", "rates"]


@pytest.mark.parametrize("asked", questions(), ids=lambda asked: asked.name)
def test_each_question_has_one_answer_whatever_the_order_of_rows(
    asked: Question, connection: duckdb.DuckDBPyConnection, shuffled: duckdb.DuckDBPyConnection
) -> None:
    assert asked.question.endswith("?")
    rows = connection.execute(asked.sql).fetchall()
    assert rows
    assert any(value is not None for value in rows[0])
    assert shuffled.execute(asked.sql).fetchall() == rows


def test_the_questions_use_every_table(connection: duckdb.DuckDBPyConnection) -> None:
    views = tables_of_views(connection)
    used = {name for asked in questions() for name in tables_of(connection, asked.sql)}
    assert set(views) - used == {"headline_engagement"}
    used |= {name for view in used & views.keys() for name in views[view]}
    assert used >= TABLES.keys() - NOT_IN_EXAMPLES


def test_the_cells_of_the_notebook_run(connection: duckdb.DuckDBPyConnection) -> None:
    """marimo itself is not needed for it: the file is Python, and its SQL stands in calls of `mo.sql`."""
    calls = [node for node in ast.walk(ast.parse(NOTEBOOK.read_text(encoding="utf-8"))) if isinstance(node, ast.Call)]
    queries = [ast.literal_eval(call.args[0]) for call in calls if ast.unparse(call.func) == "mo.sql"]
    assert len(queries) == 4
    for query in queries:
        assert connection.execute(query).fetchall(), query


def publish_number(target: Path, number: int) -> None:
    publish.publish(target, lambda build: build._connection.execute(f"CREATE TABLE t AS SELECT {number} AS n"))


def test_an_open_connection_keeps_the_old_file_and_shares_it_with_new_ones_of_its_process(tmp_path: Path) -> None:
    """Why the page tells to close all connections of a tool, and not only to open another."""
    target = tmp_path / "warehouse.duckdb"
    publish_number(target, 1)
    first = duckdb.connect(target, read_only=True)
    publish_number(target, 2)
    second = duckdb.connect(target, read_only=True)
    assert [each.execute("FROM t").fetchall() for each in (first, second)] == [[(1,)], [(1,)]]
    first.close()
    second.close()
    with duckdb.connect(target, read_only=True) as anew:
        assert anew.execute("FROM t").fetchall() == [(2,)]

"""Schemas to SQL: CREATE TABLE with NOT NULL, and COMMENT ON every table and column.

Keys are declared in the schemas and proved by a query at publishing; they are not PRIMARY KEY or UNIQUE, because
DuckDB's indexes cost eight times the load and have a record of failing on recovery.
"""

import re
from collections.abc import Iterable

import polars as pl

from schemas.columns import ColumnFacts, Table, columns_of, grain_of, key_of
from schemas.metrics import metric_of
from schemas.tables import MARTS, RUN_TABLES

TABLE_READ = re.compile(r"\b(?:FROM|JOIN) (\w+)")
# What the file of a view says of a column that neither a table nor a metric tells of.
SAID = re.compile(r"^-- (\w+): (.+)$", re.MULTILINE)


def quoted(identifier: str) -> str:
    """An identifier, quoted for SQL."""
    return '"' + identifier.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A text, quoted for SQL statements that take no parameters (COMMENT ON)."""
    return "'" + text.replace("'", "''") + "'"


def duckdb_type(dtype: pl.DataType) -> str:
    """The DuckDB type of a column; a type without an entry is a fault of the schema."""
    if isinstance(dtype, pl.Decimal):
        return f"DECIMAL({dtype.precision},{dtype.scale})"
    if isinstance(dtype, pl.Datetime):
        return "TIMESTAMP"
    names = {pl.String: "VARCHAR", pl.Int64: "BIGINT", pl.Float64: "DOUBLE", pl.Boolean: "BOOLEAN", pl.Date: "DATE"}
    return names[type(dtype)]


def create_table(name: str, model: type[Table], place: str = "") -> str:
    """CREATE TABLE of a schema, in the database that `place` names where it is not the one in use (`warehouse.`)."""
    columns = ", ".join(_column(fact) for fact in columns_of(model))
    return f"CREATE TABLE {place}{quoted(name)} ({columns})"


def _column(fact: ColumnFacts) -> str:
    return f"{quoted(fact.name)} {duckdb_type(fact.dtype)}{'' if fact.nullable else ' NOT NULL'}"


def comments(name: str, model: type[Table]) -> list[str]:
    """COMMENT ON the table and each of its columns."""
    table = f"COMMENT ON TABLE {quoted(name)} IS {literal(grain_of(model))}"
    return [
        table,
        *(
            f"COMMENT ON COLUMN {quoted(name)}.{quoted(fact.name)} IS {literal(comment_of(name, fact))}"
            for fact in columns_of(model)
        ),
    ]


def comment_of(table: str, fact: ColumnFacts) -> str:
    """What is said of a column: its description and unit; of a metric its formula too, and when it is null."""
    said = f"{fact.description} [{fact.unit}]"
    metric = metric_of(table, fact.name)
    return f"{said} Formula: {metric.formula}. Null: {metric.null_rule}." if metric else said


def view_comments(view: str, text: str, columns: Iterable[str]) -> list[str]:
    """COMMENT ON the view and each of its columns. `text` is that of its file, whose first line says what it is."""
    description = text.partition("\n")[0].removeprefix("-- ")
    said = {column: comment_in_view(view, text, column) for column in columns}
    return [
        f"COMMENT ON VIEW {quoted(view)} IS {literal(description)}",
        *(
            f"COMMENT ON COLUMN {quoted(view)}.{quoted(column)} IS {literal(comment)}"
            for column, comment in said.items()
            if comment
        ),
    ]


def comment_in_view(view: str, text: str, column: str) -> str | None:
    """What is said of the column of a view: by its file, by its metric, else by the first table it reads that has it."""
    if own := dict(SAID.findall(text)).get(column):
        return str(own)
    if metric := metric_of(view, column):
        return f"{metric.label} [{metric.unit}] Formula: {metric.formula}. Null: {metric.null_rule}."
    tables = MARTS | RUN_TABLES
    read = [
        (table, fact) for table in TABLE_READ.findall(text) if table in tables for fact in columns_of(tables[table])
    ]
    return next((comment_of(table, fact) for table, fact in read if fact.name == column), None)


def repeated_keys(name: str, model: type[Table], among: str | None = None) -> str:
    """A query that counts keys standing in more than one row; of a table of keys, where `among` names one, those alone."""
    keys = [quoted(key) for key in key_of(model)]
    same = " AND ".join(f"t.{key} IS NOT DISTINCT FROM k.{key}" for key in keys)
    which = f"WHERE EXISTS (FROM {among} AS k WHERE {same}) " if among else ""
    rows = f"FROM {quoted(name)} AS t {which}GROUP BY {', '.join(f't.{key}' for key in keys)} HAVING count(*) > 1"
    return f"SELECT count(*) FROM (SELECT 1 {rows})"

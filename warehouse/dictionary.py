"""The data dictionary, written from the schemas: `make docs` puts it into docs/data_dictionary.md, a test compares."""

import sys
from pathlib import Path

import duckdb

from schemas.columns import ColumnFacts, Table, columns_of, grain_of
from schemas.metrics import METRICS, Metric
from schemas.tables import DATASETS, MARTS, REQUIRED, RUN_TABLES
from warehouse.ddl import create_table, duckdb_type
from warehouse.publish import create_views, view_files

INTRODUCTION = """# Data dictionary

Written from the schemas by `make docs`; the same texts stand in the warehouse as comments
(`SELECT table_name, column_name, comment FROM duckdb_columns()`).

Null means "not known" and is never zero. Instants are UTC. Rates are fractions: 0.0753 is 7.53 %.
A key in **bold** is part of what identifies a row.
"""

METRICS_INTRODUCTION = """How each number is worked out, when it is null, and where its definition comes from; the columns it fills. What is not
here is kept as delivered (ids, labels, texts, times, flags, counts) or printed as published (`benchmarks`, `tiers`).
Where a reason column is named, it says why the value is null; `never` is a column without nulls.
"""
METRICS_HEAD = (
    "| metric | label | formula | unit | null | source | columns |",
    "|---|---|---|---|---|---|---|",
)
VIEW_HEAD = ("| column | type | what it is |", "|---|---|---|")


def data_dictionary() -> str:
    """The whole page as Markdown."""
    parts = [INTRODUCTION, "## Tables of the warehouse\n"]
    parts += [_section(name, model) for name, model in (MARTS | RUN_TABLES).items()]
    parts += ["## Views of the warehouse\n", *_views()]
    parts += ["## Metrics\n", METRICS_INTRODUCTION, *METRICS_HEAD, *(_metric(metric) for metric in METRICS), ""]
    parts.append("## Datasets: what a row of an export is\n")
    parts += [_section(name, model, required=REQUIRED[name]) for name, model in DATASETS.items()]
    return "\n".join(parts)


def _section(name: str, model: type[Table], required: tuple[str, ...] = ()) -> str:
    lines = [
        f"### `{name}`",
        "",
        grain_of(model),
        "",
        "| column | type | unit | null | what it is |",
        "|---|---|---|---|---|",
    ]
    lines += [_row(fact, required) for fact in columns_of(model)]
    return "\n".join([*lines, ""])


def _row(fact: ColumnFacts, required: tuple[str, ...]) -> str:
    name = f"**{fact.name}**" if fact.key else fact.name
    note = " (required in an export)" if fact.name in required else ""
    null = "yes" if fact.nullable else "no"
    return f"| {name} | {duckdb_type(fact.dtype)} | {fact.unit} | {null} | {fact.description}{note} |"


def _metric(metric: Metric) -> str:
    columns = ", ".join(f"`{column}`" for column in metric.columns)
    cells = (metric.label, metric.formula, metric.unit, metric.null_rule, metric.source)
    return f"| `{metric.name}` | {' | '.join(map(_escaped, cells))} | {columns} |"


def _escaped(cell: str) -> str:
    """An asterisk is a product here, and a bar the size of a set."""
    return cell.replace("|", "\\|").replace("*", "\\*")


def _views() -> list[str]:
    """Each view with its columns, as they stand over empty tables."""
    with duckdb.connect() as connection:
        for name, model in (MARTS | RUN_TABLES).items():
            connection.execute(create_table(name, model))
        create_views(connection)
        told = dict(connection.execute("SELECT view_name, comment FROM duckdb_views() WHERE NOT internal").fetchall())
        views = (name.partition("_")[2] for name in sorted(view_files()))
        return [
            "\n".join([f"### `{view}`", "", told[view], "", *VIEW_HEAD, *_view_columns(connection, view), ""])
            for view in views
        ]


def _view_columns(connection: duckdb.DuckDBPyConnection, view: str) -> list[str]:
    found = connection.execute(
        "SELECT column_name, data_type, comment FROM duckdb_columns() WHERE table_name = ? ORDER BY column_index",
        [view],
    ).fetchall()
    return [f"| {name} | {kind} | {_escaped(comment or '')} |" for name, kind, comment in found]


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(data_dictionary(), encoding="utf-8")

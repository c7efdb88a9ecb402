"""The data dictionary, written from the schemas: `make docs` puts it into docs/data_dictionary.md, a test compares."""

import sys
from pathlib import Path

from schemas.columns import ColumnFacts, Table, columns_of, grain_of
from schemas.metrics import METRICS, Metric
from schemas.tables import DATASETS, MARTS, REQUIRED, RUN_TABLES
from warehouse.ddl import duckdb_type
from warehouse.publish import view_files

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


def data_dictionary() -> str:
    """The whole page as Markdown."""
    parts = [INTRODUCTION, "## Tables of the warehouse\n"]
    parts += [_section(name, model) for name, model in (MARTS | RUN_TABLES).items()]
    parts += ["## Views of the warehouse\n", *(_view(name, text) for name, text in sorted(view_files().items())), ""]
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
    # An asterisk is a product here, and a bar the size of a set.
    told = " | ".join(cell.replace("|", "\\|").replace("*", "\\*") for cell in cells)
    return f"| `{metric.name}` | {told} | {columns} |"


def _view(name: str, text: str) -> str:
    return f"- `{name.partition('_')[2]}`: {text.partition(chr(10))[0].removeprefix('-- ')}"


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(data_dictionary(), encoding="utf-8")

"""Writes the made parts of docs/warehouse.md: pictures from the schemas and the code, answers from the example exports.

    python -m examples.write_guide

The text around them is written by hand, in the page itself.
"""

import re
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import duckdb

from flows import lineage
from flows.run import run
from flows.settings import Settings
from warehouse import relations
from warehouse.published import open_published

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "warehouse.md"
QUESTIONS = ROOT / "examples" / "questions"
ROWS_SHOWN = 4
PART = re.compile(r"(<!-- made: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)


@dataclass(frozen=True)
class Question:
    """One question, what to know when reading its answer, and the SQL that gives it."""

    name: str
    question: str
    note: str
    sql: str


def questions() -> list[Question]:
    """Every question, in the order of their files."""
    return [_question(path) for path in sorted(QUESTIONS.glob("*.sql"))]


def _question(path: Path) -> Question:
    lines = path.read_text(encoding="utf-8").splitlines()
    said = [line.removeprefix("-- ") for line in lines if line.startswith("-- ")]
    return Question(path.stem, said[0], " ".join(said[1:]), "\n".join(lines[len(said) :]))


def written(page: str, warehouse: Path) -> str:
    """The page with its made parts made anew."""
    with open_published(warehouse) as connection:
        views = lineage.tables_of_views(connection)
        parts = {
            "relations": f"```mermaid\n{relations.picture()}\n```\n\n{relations.joins()}",
            "lineage": f"```mermaid\n{lineage.picture(views)}\n```\n\n{lineage.table_of_feeds()}",
            "views": _table(["view", "reads"], [(f"`{view}`", _listed(names)) for view, names in views.items()]),
            "sources": lineage.table_of_sources(),
            "contents": "\n".join(f"- [{asked.question}](#{_anchor(asked.question)})" for asked in questions()),
            "questions": "\n\n".join(_answered(asked, connection) for asked in questions()),
        }
    return _filled(page, parts)


def _filled(page: str, parts: Mapping[str, str]) -> str:
    found = {match[2] for match in PART.finditer(page)}
    if found != parts.keys():
        raise ValueError(f"docs/warehouse.md has the parts {sorted(found)}, and {sorted(parts)} are made")
    return PART.sub(lambda match: f"{match[1]}{parts[match[2]]}\n{match[3]}", page)


def _answered(asked: Question, connection: duckdb.DuckDBPyConnection) -> str:
    answer = connection.execute(asked.sql)
    columns = [column[0] for column in answer.description or ()]
    rows = answer.fetchall()
    more = len(rows) - ROWS_SHOWN
    shown = _table(columns, [[_cell(value) for value in row] for row in rows[:ROWS_SHOWN]])
    said = [f"### {asked.question}", asked.note, f"```sql\n{asked.sql}\n```", shown]
    return "\n\n".join([*filter(None, said), *([f"and {more} more"] if more > 0 else [])])


def _table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [columns, ["---"] * len(columns), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _cell(value: object) -> str:
    """A value as a reader wants it; what is not known stays empty."""
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case int():
            return f"{value:,}"
        case float():
            return f"{value:,.0f}" if value.is_integer() and abs(value) >= 1_000 else f"{value:g}"
        case datetime():
            return f"{value:%Y-%m-%d %H:%M}"
        case date():
            return value.isoformat()
        case _:
            return str(value).replace("|", "\\|").replace("\n", " ")


def _listed(names: Sequence[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _anchor(heading: str) -> str:
    """As GitHub makes them of headings."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def example_warehouse(home: Path) -> Path:
    """The warehouse that the example exports make, below a folder."""
    settings = Settings(home=home, draw_report=False)
    run(ROOT / "examples" / "exports", settings)
    return settings.warehouse


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        made = written(PAGE.read_text(encoding="utf-8"), example_warehouse(Path(folder)))
    PAGE.write_text(made, encoding="utf-8")

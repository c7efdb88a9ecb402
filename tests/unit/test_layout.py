"""The folders keep to their work: imports go one way, what computes does no IO, and only four names are shipped."""

import ast
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import polars as pl
import pytest

ROOT = Path(__file__).parents[2]
MAY_IMPORT = {
    "schemas": {"schemas"},
    "transforms": {"schemas", "transforms"},
    "warehouse": {"schemas", "warehouse"},
    "ingest": {"schemas", "warehouse", "ingest"},
    "marts": {"schemas", "transforms", "warehouse", "marts"},
    "reports": {"schemas", "warehouse", "reports"},
    "flows": {"schemas", "transforms", "ingest", "warehouse", "marts", "reports", "flows"},
}
MODULES = {
    path.relative_to(ROOT).as_posix(): path for name in MAY_IMPORT for path in sorted((ROOT / name).rglob("*.py"))
}
PURE_PLACES = ("schemas/", "transforms/", "ingest/cast/", "ingest/formats/")
# How Pandera is imported is no matter of values, and nothing of it depends on them.
IMPORTS_PANDERA = "schemas/pandera_alone.py"
PURE = {name: path for name, path in MODULES.items() if name.startswith(PURE_PLACES) and name != IMPORTS_PANDERA}
# All that they need. What is not here could reach a file, a socket, a process, the environment or the
# clock; a module of the standard library that only computes may be added.
ONLY_COMPUTES = {
    "collections", "dataclasses", "datetime", "decimal", "enum", "fractions", "functools", "itertools", "json", "math", "re",
    "string", "typing", "unicodedata", "urllib.parse",
    "numpy", "pandera", "polars", "polars_hash", "pydantic", "scipy", "statsmodels",
    "schemas", "transforms", "ingest",
    # Only with a seed: `Random(seed)` gives the same numbers everywhere.
    "random", "statistics",
}  # fmt: skip
BUILT_IN = {"open", "exec", "eval", "compile", "input", "print", "__import__"}
ASKS_THE_CLOCK = {"now", "utcnow", "today"}
READS_OR_WRITES = {
    name
    for owner in (pl, pl.DataFrame, pl.LazyFrame)
    for name in dir(owner)
    if name.startswith(("read_", "scan_", "write_", "sink_"))
} | {"save", "fromfile", "tofile", "loadtxt", "savetxt", "genfromtxt", "memmap", "savez", "savez_compressed"}
LINES_MAX = 350
# What orders the steps computes nothing, so it stays small.
FLOWS_MAX, FLOWS_LINES_MAX = 18, 250
ORDERS = {name: path for name, path in MODULES.items() if name.startswith("flows/")}
ASKS_BY_FILES = {name: path for name, path in MODULES.items() if name.startswith(("flows/", "reports/"))}
SQL = re.compile(
    r"^\s*(?:SELECT|FROM|WITH|INSERT|UPDATE|DELETE|CREATE|DROP|ALTER|ATTACH|COPY|PRAGMA)\s"
    r"|\bFROM\s+[a-z_\"(]|\b(?:JOIN|WHERE)\s+\w|\b(?:GROUP|ORDER)\s+BY\b|\bUNION\s+ALL\b"
    r"|(?i:^\s*(?:select\s.+\sfrom\s|from\s+\w+$|with\s+\w+\s+as\s*\())",
    re.DOTALL,
)
UNIT = ROOT / "tests" / "unit"
UNIT_TESTS = [path.relative_to(UNIT).as_posix() for path in sorted(UNIT.rglob("test_*.py")) if path.parent != UNIT]


def imports(tree: ast.Module, package: str) -> Iterator[tuple[str, list[str]]]:
    """Each imported module, and the names taken from it, wherever in the file."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, []) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield (package if node.level else str(node.module)), [alias.name for alias in node.names]


def wrong_imports(source: str, package: str) -> list[str]:
    """Imports of our own packages that go the wrong way, and imports by text, which nobody can follow."""
    tree = ast.parse(source)
    found = {module.partition(".")[0] for module, _ in imports(tree, package)}
    wrong = sorted((found & set(MAY_IMPORT)) - MAY_IMPORT[package])
    by_text = (bare_names(tree) | attributes(tree)) & {"__import__", "import_module"}
    return wrong + sorted(by_text)


def bare_names(tree: ast.Module) -> set[str]:
    """Names as they stand, which may be built in."""
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}


def attributes(tree: ast.Module) -> set[str]:
    """Names looked up on something, and names imported from somewhere."""
    looked_up = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    return looked_up.union(*(names for _, names in imports(tree, "")))


def reaches_out(source: str, package: str) -> list[str]:
    """What a module uses that could read, write, or tell the time."""
    tree = ast.parse(source)
    strange = {
        module for module, _ in imports(tree, package) if {module, module.partition(".")[0]}.isdisjoint(ONLY_COMPUTES)
    }
    their_io = {module for module, _ in imports(tree, package) if module.startswith(("polars.io", "scipy.io"))}
    used = (bare_names(tree) & BUILT_IN) | (attributes(tree) & (ASKS_THE_CLOCK | READS_OR_WRITES))
    return sorted(strange | their_io | used)


def knows_polars(source: str) -> list[str]:
    """How a module gets at Polars, to make expressions or frames of it."""
    return [module for module, _ in imports(ast.parse(source), "") if module.partition(".")[0].startswith("polars")]


def texts(tree: ast.Module) -> Iterator[str]:
    """Every string but those that document; of one with values in it the text, each value an `x`."""
    documents = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    within = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            yield "".join(str(part.value) if isinstance(part, ast.Constant) else "x" for part in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documents | within:
            yield node.value


def sql_in_strings(source: str) -> list[str]:
    return [text for text in texts(ast.parse(source)) if SQL.search(text)]


def test_all_modules_are_looked_at() -> None:
    assert {name.partition("/")[0] for name in MODULES} == set(MAY_IMPORT)
    assert len(MODULES) > 30
    assert {"read_csv", "scan_parquet", "write_parquet", "sink_csv", "write_database"} <= READS_OR_WRITES


@pytest.mark.parametrize("name", MODULES)
def test_imports_go_one_way(name: str) -> None:
    assert wrong_imports(MODULES[name].read_text(encoding="utf-8"), name.partition("/")[0]) == []


@pytest.mark.parametrize("name", PURE)
def test_what_computes_reaches_nothing_else(name: str) -> None:
    assert reaches_out(PURE[name].read_text(encoding="utf-8"), name.partition("/")[0]) == []


@pytest.mark.parametrize("name", MODULES)
def test_a_module_can_be_read_in_one_sitting(name: str) -> None:
    lines = len(MODULES[name].read_text(encoding="utf-8").splitlines())
    assert lines <= LINES_MAX


@pytest.mark.parametrize("name", UNIT_TESTS)
def test_the_unit_tests_of_a_module_lie_where_it_does(name: str) -> None:
    """`tests/unit/ingest/cast/test_parsing.py` is of `ingest/cast/parsing.py`; of a folder as a whole it bears its name."""
    tested = ROOT / Path(name).with_name(Path(name).stem.removeprefix("test_"))
    assert tested.is_dir() or tested.with_suffix(".py").is_file()


def test_what_orders_the_steps_stays_small() -> None:
    lines = {name: len(path.read_text(encoding="utf-8").splitlines()) for name, path in ORDERS.items()}
    assert {name: count for name, count in lines.items() if count > FLOWS_LINES_MAX} == {}
    # The control room and the commands have folders of their own: they order no steps.
    modules = [name for name in ORDERS if name.count("/") == 1 and not name.endswith("/__init__.py")]
    assert len(modules) <= FLOWS_MAX


@pytest.mark.parametrize("name", ORDERS)
def test_what_orders_the_steps_computes_nothing(name: str) -> None:
    assert knows_polars(ORDERS[name].read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("name", ASKS_BY_FILES)
def test_queries_are_files(name: str) -> None:
    assert sql_in_strings(ASKS_BY_FILES[name].read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("room", ["flows", "reports"])
def test_every_query_is_asked_by_somebody(room: str) -> None:
    """By its name in a call, or as the name of what it answers."""
    sources = "".join(path.read_text(encoding="utf-8") for name, path in MODULES.items() if name.startswith(room))
    names = [path.stem for path in sorted((ROOT / room / "sql").glob("*.sql"))]
    assert names
    assert [name for name in names if f'"{name}"' not in sources and f"    {name}: " not in sources] == []


def test_few_modules_know_prefect() -> None:
    knowing = [
        name
        for name, path in MODULES.items()
        for module, _ in imports(ast.parse(path.read_text(encoding="utf-8")), "")
        if module.partition(".")[0] == "prefect"
    ]
    rooms = ("crashed_runs", "deployments", "guard")
    names = ("pipeline", "freshness_flow", "plan_flow", "artifacts", *(f"control_room/{name}" for name in rooms))
    assert set(knowing) == {f"flows/{name}.py" for name in names}


@pytest.mark.parametrize(
    ("source", "package"),
    [
        ("from transforms import posts", "schemas"),
        ("import warehouse.lake.ledger", "transforms"),
        ("from flows.settings import Settings", "warehouse"),
        ("from transforms.posts import KEY", "warehouse"),
        ("def f():\n    from flows import run", "transforms"),
        ("if TYPE_CHECKING:\n    import warehouse", "schemas"),
        ("import importlib\nimportlib.import_module('flows')", "warehouse"),
    ],
)
def test_an_import_the_wrong_way_is_found(source: str, package: str) -> None:
    assert wrong_imports(source, package)


@pytest.mark.parametrize(
    "source",
    [
        "import duckdb",
        "import prefect",
        "from pathlib import Path",
        "import os.path",
        "import io",
        "from http import client",
        "import urllib.request",
        "import socket",
        "import subprocess",
        "import time",
        "open('x')",
        "import polars as pl\npl.read_csv('x')",
        "import polars as pl\nread = pl.scan_parquet",
        "from polars import read_ndjson",
        "from polars.io.csv import anything",
        "from scipy.io import loadmat",
        "import numpy as np\nnp.fromfile('x')",
        "def f(frame):\n    return frame.write_parquet('x')",
        "def f(frame):\n    frame.lazy().sink_csv('x')",
        "from datetime import datetime\ndatetime.now()",
        "import datetime\ndatetime.date.today()",
        "__import__('os')",
        "def f():\n    import os",
    ],
)
def test_what_reaches_out_is_found(source: str) -> None:
    assert reaches_out(source, "transforms")


@pytest.mark.parametrize(
    "source",
    [
        "import polars as pl",
        "import polars.selectors as cs",
        "from polars import col",
        "def f():\n    import polars",
        "if TYPE_CHECKING:\n    import polars_hash",
    ],
)
def test_polars_is_found(source: str) -> None:
    assert knows_polars(source)


@pytest.mark.parametrize(
    "source",
    [
        'QUERY = "SELECT 1"',
        'QUERY = """\n    SELECT account_id\n    FROM accounts\n"""',
        'connection.sql("FROM accounts")',
        'connection.sql("from accounts")',
        'connection.sql(f"FROM {table} LIMIT {most}")',
        'connection.execute(f"select {columns} from {table}")',
        'connection.execute("WITH a AS (FROM posts) FROM a")',
        'connection.execute("with a as (from posts) from a")',
        'connection.execute("INSERT INTO posts VALUES (1)")',
        'BEGINNING = "a.platform, a.niche FROM accounts AS a"',
        'END = " ORDER BY platform"',
        'PARTS = ["x", "y WHERE z = 1"]',
        'def f(sql="DELETE FROM posts"):\n    pass',
    ],
)
def test_sql_in_a_string_is_found(source: str) -> None:
    assert sql_in_strings(source)


@pytest.mark.parametrize(
    "source",
    [
        '"""Rows FROM accounts ORDER BY platform."""',
        'def f():\n    """SELECT what is shown."""',
        "show('ask with one SELECT or FROM, such as: tierwise query \"from accounts\"')",
        'say(f"windows: from {start} to {end}")',
        'say("with the same words, selected from others")',
        'sql_of("reports", "heat")',
    ],
)
def test_words_are_no_sql(source: str) -> None:
    assert not sql_in_strings(source)


@pytest.mark.parametrize("name", MAY_IMPORT)
def test_no_other_distribution_has_a_package_of_this_name(name: str, tmp_path: Path) -> None:
    """The names are common; a stranger's package in site-packages would be imported in place of ours."""
    assert set(packages_distributions().get(name, [])) <= {"tierwise"}
    place = subprocess.run(
        [sys.executable, "-c", f"import {name}; print({name}.__file__)"],
        cwd=tmp_path, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    assert Path(place.strip()) == ROOT / name / "__init__.py"


def test_the_wheel_holds_the_packages_whole_and_nothing_else(tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)],
        cwd=ROOT, capture_output=True, check=True,
    )  # fmt: skip
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as opened:
        shipped = {name for name in opened.namelist() if not re.match(r"tierwise-[\d.]+\.dist-info/", name)}
    ours = {
        path.relative_to(ROOT).as_posix()
        for name in MAY_IMPORT
        for path in (ROOT / name).rglob("*")
        if path.is_file() and path.suffix != ".pyc"
    }
    assert shipped == ours
    assert {name for name in ours if name.endswith(".sql")}, "the views travel with the code"

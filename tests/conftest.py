"""What all kinds of test share: no reports unless asked for, how much is tried, which tests share a process, the examples."""

import atexit
import os
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from flows.start import hush
from tests.example_home import Examples, examples_in

# Drawing one takes a second or two.
os.environ.setdefault("TIERWISE_DRAW_REPORT", "false")

# DuckDB's binding ends a process with pages about its own references, which would stand between the dots of other processes.
atexit.register(hush)

# `make test` tries a sample, `make test-long` everything. Tests ask `tests.sample` which of the two it is.
settings.register_profile("sample", deadline=None, max_examples=25)
settings.register_profile("long", deadline=None, max_examples=100)
settings.load_profile("sample")

# The longest first, so that the last process to end is not far behind the others.
LONGEST_FIRST = (
    "crash",
    "flows",
    "browser",
    "property",
    "functional",
    "rejected",
    "golden",
    "exports_tables",
    "exports",
    "docs",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if "PYTEST_XDIST_WORKER" not in os.environ:
        return
    here = Path(__file__).parent
    places = {name: place for place, name in enumerate(LONGEST_FIRST)}
    items.sort(key=lambda item: places.get(item.path.relative_to(here).parts[0], len(places)))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """A process gets a whole module at a time, whose fixtures are then made once.

    All modules that use the shared Prefect server go to one process, which starts it and ends it. The mark `xdist_group`
    would say so, but xdist 3.8 does not see it under pytest 9.
    """
    from xdist.scheduler import LoadFileScheduling  # type: ignore[import-untyped]

    class ByModule(LoadFileScheduling):  # type: ignore[misc]
        def _split_scope(self, nodeid: str) -> str:
            module = nodeid.partition("::")[0]
            return "the Prefect server" if uses_prefect(config.rootpath / module) else module

    if config.getvalue("dist") != "loadfile":
        return None
    # Else the modules that have most tests would come first, which are the quick ones.
    config.option.loadscopereorder = False
    return ByModule(config, log)


@cache
def uses_prefect(module: Path) -> bool:
    return "prefect_home" in module.read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def examples(tmp_path_factory: pytest.TempPathFactory) -> Examples:
    """A home of the example exports, to be read; a test that writes copies it. One for all processes of a test run."""
    root = tmp_path_factory.getbasetemp()
    return examples_in(root.parent if "PYTEST_XDIST_WORKER" in os.environ else root)

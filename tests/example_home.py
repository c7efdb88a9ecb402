"""The example exports, published once: a run of them costs seconds, and many tests only look at what it made."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from filelock import FileLock

from flows.settings import Settings
from flows.summary import RunSummary

EXPORTS = Path(__file__).parents[1] / "examples" / "exports"


@dataclass(frozen=True)
class Examples:
    """A home of the example exports, and what the run that filled it said."""

    home: Path
    summary: RunSummary

    @property
    def warehouse(self) -> Path:
        return self.home / "warehouse.duckdb"


def examples_in(root: Path) -> Examples:
    """Made by the first process that asks; the others wait for it."""
    from flows.run import run

    home, said = root / "examples", root / "examples.json"
    with FileLock(root / "examples.lock"):
        if not said.exists():
            said.write_text(json.dumps(asdict(run(EXPORTS, Settings(home=home)))), encoding="utf-8")
    told = json.loads(said.read_text(encoding="utf-8"))
    lists = {name: tuple(told[name]) for name in ("schema_changes", "incomplete_lists")}
    return Examples(home, RunSummary(**told | lists))

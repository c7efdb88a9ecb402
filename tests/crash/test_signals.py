"""Ctrl-C and a polite kill end a command at once, whatever it is at: 130 or 143, and no traceback."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.example_home import Examples

ROOT = Path(__file__).parents[2]
STOPS = [(signal.SIGINT, 130), (signal.SIGTERM, 143)]
AT_ONCE = 2.0
HEAVY = "SELECT count(*) FROM range(9_000_000) AS a, range(9_000_000) AS b"
ROWS = "SELECT range FROM range(90_000_000_000)"
SORTED = "SELECT range FROM range(90_000_000_000) ORDER BY hash(range)"
# In a process of its own, that says when it is where it is to be stopped.
WHEN_IMPORTING = """
import sys
from flows import start
class Slow:
    def find_spec(self, name, *_):
        if name == {module!r}:
            print("there", flush=True)
            while True: pass
start.watch_signals()
sys.meta_path.insert(0, Slow())
sys.argv[1:] = {words!r}
start.main()
"""


def stop(process: subprocess.Popen[str], told: signal.Signals) -> tuple[int, str, float]:
    """How it ended, what it said, and how long that took."""
    began = time.monotonic()
    process.send_signal(told)
    _, said = process.communicate(timeout=30)
    return process.returncode, said, time.monotonic() - began


@pytest.mark.parametrize(("told", "code"), STOPS)
@pytest.mark.parametrize("options", [[HEAVY], [SORTED], [ROWS, "--all"], [ROWS, "--all", "--json"]])
def test_a_query_at_work(examples: Examples, options: list[str], told: signal.Signals, code: int) -> None:
    command = [sys.executable, "-m", "flows.start", "query", *options, "--home", str(examples.home)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as process:
        time.sleep(3)  # past its imports, in DuckDB
        assert process.poll() is None
        ended, said, seconds = stop(process, told)
    assert (ended, said) == (code, "")
    assert seconds < AT_ONCE


@pytest.mark.parametrize(("told", "code"), STOPS)
@pytest.mark.parametrize(
    ("module", "words"),
    [
        ("typer", ["query", "from posts"]),
        ("duckdb", ["query", "from posts"]),
        ("polars", ["run", "exports"]),
        ("marts.set_overlap", ["plan", "@kim"]),
        ("reports.shortlist", ["report"]),
        ("flows.commands.rejects", ["rejects"]),
    ],
)
def test_in_its_imports(module: str, words: list[str], told: signal.Signals, code: int) -> None:
    script = WHEN_IMPORTING.format(module=module, words=words)
    with subprocess.Popen(
        [sys.executable, "-c", script], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        assert process.stdout.readline() == "there\n"
        ended, said, seconds = stop(process, told)
    assert (ended, said) == (code, "")
    assert seconds < AT_ONCE

"""Expressions call numpy in many threads; Polars has looked it up before the first of them starts."""

import subprocess
import sys

LOOKED_UP = """
import polars._dependencies as dependencies, types
before = type(dependencies.numpy) is types.ModuleType
import transforms
print(before, type(dependencies.numpy) is types.ModuleType)
"""


def test_polars_has_looked_numpy_up_before_any_thread_does() -> None:
    """Two threads that look it up at once fail about once in five processes: too seldom to wait for in a test."""
    ended = subprocess.run([sys.executable, "-c", LOOKED_UP], capture_output=True, text=True, check=True)
    assert ended.stdout.split() == ["False", "True"]

"""Panics of a library stay off stderr; everything else arrives."""

import subprocess
import sys

import pytest

from ingest.panics import unheard

CODE = """
import os, sys
from ingest.panics import unheard
with unheard():
    print("from Python", file=sys.stderr)
    os.write(2, b"from a library\\n")
    os.write(2, b"\\nthread 'executor-2' (12) panicked at crates/io/mod.rs:432:30:\\nassertion failed: cell-of-the-file\\n")
    os.write(2, b"note: run with `RUST_BACKTRACE=1`\\n")
    {more}
print("afterwards", file=sys.stderr)
os.write(2, b"and the library\\n")
"""


def said(more: str) -> str:
    return subprocess.run(
        [sys.executable, "-c", CODE.replace("{more}", more)],
        capture_output=True,
        text=True,
        check=False,
    ).stderr


def test_panics_are_unheard() -> None:
    assert said("") == "from Python\nfrom a library\nafterwards\nand the library\n"


def test_an_error_is_heard() -> None:
    assert said("raise KeyError('what went wrong')").endswith("KeyError: 'what went wrong'\n")


def test_a_stderr_of_somebody_else_is_left_alone(capsys: pytest.CaptureFixture[str]) -> None:
    with unheard():
        print("to a test", file=sys.stderr)
    assert capsys.readouterr().err == "to a test\n"

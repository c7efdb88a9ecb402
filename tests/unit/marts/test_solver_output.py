"""What a library writes below Python does not stand in our output."""

import ctypes
import subprocess
import sys

import pytest

from marts.solver_output import solver_hushed


def test_lines_of_a_library_are_let_go_and_ours_are_not(capfd: pytest.CaptureFixture[str]) -> None:
    print("before")
    with solver_hushed():
        ctypes.CDLL(None).puts(b"of a library")
    print("after")
    assert capfd.readouterr().out == "before\nafter\n"


def test_it_ends_with_an_error_too(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ValueError, match="no set"), solver_hushed():
        raise ValueError("no set")
    print("after")
    assert capfd.readouterr().out == "after\n"


def test_it_works_where_there_is_no_standard_output() -> None:
    """A run that is started with it closed publishes too."""
    code = "from marts.solver_output import solver_hushed\nwith solver_hushed(): pass\n"
    done = subprocess.run(["sh", "-c", '"$0" -c "$1" >&-', sys.executable, code], capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")

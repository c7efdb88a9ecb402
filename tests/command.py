"""The command line in this process: one of its own costs two or three seconds of imports, and is seldom the point."""

import io
import sys
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass

import pytest

from flows.start import main


@dataclass(frozen=True)
class Answer:
    """What the command gave back."""

    exit_code: int
    stdout: str
    stderr: str


def in_process(*arguments: object, **environment: str | None) -> Answer:
    """Run the command with these variables, null for one that is not to be set."""
    with (
        pytest.MonkeyPatch.context() as patch,
        redirect_stdout(io.StringIO()) as out,
        redirect_stderr(io.StringIO()) as err,
    ):
        for name, text in ({"PREFECT_API_URL": None} | environment).items():
            if text is None:
                patch.delenv(name, raising=False)
            else:
                patch.setenv(name, text)
        # The process and its signals belong to the tests.
        patch.setattr("signal.signal", lambda *_: None)
        patch.setattr("atexit.register", lambda *_: None)
        patch.setattr(sys, "argv", ["tierwise", *map(str, arguments)])
        exit_code = 0
        try:
            main()
        except SystemExit as end:
            exit_code = int(end.code or 0)
    return Answer(exit_code, out.getvalue(), err.getvalue())

"""Runs in processes of their own, to be killed. They are forked from a server that has imported the program once."""

import multiprocessing
import os
from multiprocessing.context import ForkServerProcess
from pathlib import Path

CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload(["flows.steps"])


def start_run(exports: Path, home: Path, **environment: str) -> ForkServerProcess:
    """A run with these environment variables, on its way."""
    process = CONTEXT.Process(target=_run, args=(exports, home, environment), daemon=True)
    process.start()
    return process


def end_of(process: ForkServerProcess) -> int:
    """The exit code, once there is one: negative where a signal ended it."""
    process.join()
    assert process.exitcode is not None
    return process.exitcode


def _run(exports: Path, home: Path, environment: dict[str, str]) -> None:
    from flows.settings import Settings
    from flows.steps import run

    os.environ.update(environment)
    run(exports, Settings(home=home))

"""Runs in processes of their own, to be killed. They are forked from a server that has imported the program once."""

import multiprocessing
import os
import threading
import time
from multiprocessing.context import ForkServerProcess
from pathlib import Path

CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload(["flows.run"])
# A starting process looks after all others, and an exit code can be read once: two threads must not do so at once.
ONE_AT_A_TIME = threading.Lock()


def start_run(exports: Path, home: Path, **environment: str) -> ForkServerProcess:
    """A run with these environment variables, on its way."""
    process = CONTEXT.Process(target=_run, args=(exports, home, environment), daemon=True)
    with ONE_AT_A_TIME:
        process.start()
    return process


def end_of(process: ForkServerProcess) -> int:
    """The exit code, once there is one: negative where a signal ended it."""
    while True:
        with ONE_AT_A_TIME:
            code = process.exitcode
        if code is not None:
            return code
        time.sleep(0.005)


def _run(exports: Path, home: Path, environment: dict[str, str]) -> None:
    from flows.run import run
    from flows.settings import Settings

    os.environ.update(environment)
    run(exports, Settings(home=home))

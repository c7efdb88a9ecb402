"""Runs in processes of their own, to be killed. They are forked from a server that has imported the program once."""

import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from multiprocessing.context import ForkServerProcess
from pathlib import Path

ROOT = Path(__file__).parents[2]
CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload(["flows.run"])
# A starting process looks after all others, and an exit code can be read once: two threads must not do so at once.
ONE_AT_A_TIME = threading.Lock()


def start_run(exports: Path, home: Path, **environment: str) -> ForkServerProcess:
    """A run with these environment variables, on its way."""
    return start(_run, exports, home, **environment)


def start_forget(name: str, home: Path, **environment: str) -> ForkServerProcess:
    """The same of a forgetting."""
    return start(_forget, name, home, **environment)


def start_rotation(home: Path, **environment: str) -> ForkServerProcess:
    """The same of a rotation of the key."""
    return start(_rotate, home, **environment)


def start_change(home: Path, changes: int, copied: bool, **environment: str) -> ForkServerProcess:
    """The same of a publication of what has changed: of a warehouse that is small, copied all the same where asked for."""
    return start(_change, home, changes, copied, **environment)


def start(work: Callable[..., None], *arguments: object, **environment: str) -> ForkServerProcess:
    process = CONTEXT.Process(target=_work, args=(work, arguments, environment), daemon=True)
    with ONE_AT_A_TIME:
        process.start()
    return process


def start_command(exports: Path, home: Path, *options: str, **environment: str) -> subprocess.Popen[bytes]:
    """The command itself, leading a process group of its own: `kill_group` ends whatever it has started."""
    return subprocess.Popen(
        [sys.executable, "-m", "flows.cli", "run", str(exports), "--home", str(home), *options],
        cwd=ROOT, env=os.environ | environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        start_new_session=True,
    )  # fmt: skip


def kill_group(process: subprocess.Popen[bytes]) -> int:
    """Kill a command and all that is of its group; returns its exit code."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    return process.wait()


def end_of(process: ForkServerProcess) -> int:
    """The exit code, once there is one: negative where a signal ended it."""
    while True:
        with ONE_AT_A_TIME:
            code = process.exitcode
        if code is not None:
            return code
        time.sleep(0.005)


def _work(work: Callable[..., None], arguments: tuple[object, ...], environment: dict[str, str]) -> None:
    os.environ.update(environment)
    work(*arguments)


def _run(exports: Path, home: Path) -> None:
    from flows.run import run
    from flows.settings import Settings

    run(exports, Settings(home=home))


def _forget(name: str, home: Path) -> None:
    from flows.commands.forget import forget_names
    from flows.settings import Settings

    forget_names((("instagram", name),), Settings(home=home, draw_report=False))


def _rotate(home: Path) -> None:
    from flows.commands.forget import rotate_key
    from flows.settings import Settings

    rotate_key(Settings(home=home))


def _change(home: Path, changes: int, copied: bool) -> None:
    from tests.changed_posts import Posts, publish_posts
    from warehouse import changed

    if copied:
        changed.SMALL_BYTES = 0
    posts, touched = Posts(13, 2500, 5), None
    for _ in range(changes):
        touched = posts.change(0.04)
    publish_posts(home / "warehouse.duckdb", posts, touched, home / "kept")

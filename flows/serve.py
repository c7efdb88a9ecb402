"""The control room: a Prefect server of the home's own, a worker, and the deployments; all of it ends with the command."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path

from flows.settings import Settings
from schemas.errors import TierwiseError, UsageError
from warehouse.locks import held

HOST = "127.0.0.1"
STARTS_WITHIN = 180
# A run told to end leaves through its `finally` and says so to the server; more than this it does not get.
ENDS_WITHIN = 20
ENDINGS = ((signal.SIGTERM, ENDS_WITHIN), (signal.SIGKILL, 5))


class Child:
    """A process of the control room, leader of a group of its own; what it starts is in that group."""

    def __init__(self, name: str, arguments: list[str], log: Path) -> None:
        self.name, self.log = name, log
        with log.open("ab") as stream:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "prefect", *arguments],
                stdin=subprocess.DEVNULL,
                stdout=stream,
                stderr=stream,
                start_new_session=True,
            )

    def check(self) -> None:
        """Fail where it has ended by itself."""
        if (code := self.process.poll()) is not None:
            raise TierwiseError(f"the {self.name} ended (exit code {code})", fix=f"its log has the reason: {self.log}")

    def end(self) -> None:
        """The process and all of its group, politely first."""
        for number, seconds in ENDINGS:
            if not self._signal(number):
                return
            deadline = time.monotonic() + seconds
            while time.monotonic() < deadline and self._signal(0):
                self.process.poll()  # one that has ended is in the group until somebody asks
                time.sleep(0.05)

    def _signal(self, number: int) -> bool:
        """Whether there was anybody in the group to receive it."""
        try:
            os.killpg(self.process.pid, number)
        except ProcessLookupError:
            return False
        return True


@contextmanager
def running(name: str, arguments: list[str], log: Path) -> Iterator[Child]:
    child = Child(name, arguments, log)
    try:
        yield child
    finally:
        child.end()


def only_server(settings: Settings) -> AbstractContextManager[None]:
    """One control room for a home."""
    lock = settings.home / "serve.lock"
    return held(lock, "`tierwise serve` is up here already", fix="use that one, or another --home")


def check_port(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            raise UsageError(
                f"port {port} of {HOST} cannot be had: {error.strerror}", fix="name another one with --port"
            ) from error


def environment(settings: Settings, port: int) -> dict[str, str]:
    """What Prefect is told, here and in every process of the control room."""
    told = {
        "PREFECT_HOME": str((settings.home / "prefect").resolve()),
        "PREFECT_API_URL": f"http://{HOST}:{port}/api",
        "PREFECT_SERVER_API_HOST": HOST,
        "PREFECT_SERVER_API_PORT": str(port),
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false",
        "DO_NOT_TRACK": "1",
        "TIERWISE_HOME": str(settings.home.resolve()),
        # Seconds between two looks for work; ten by default.
        "PREFECT_WORKER_QUERY_SECONDS": os.environ.get("PREFECT_WORKER_QUERY_SECONDS", "3"),
    }
    if settings.database:
        told["PREFECT_API_DATABASE_CONNECTION_URL"] = settings.database.get_secret_value()
    return told


def await_server(server: Child, port: int) -> None:
    """Until it answers; the first time it makes its tables."""
    for _ in range(STARTS_WITHIN * 4):
        server.check()
        try:
            with urllib.request.urlopen(f"http://{HOST}:{port}/api/health", timeout=5):  # our own address
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.25)
    raise TierwiseError(f"the server did not answer within {STARTS_WITHIN} s", fix=f"see its log: {server.log}")


def serve(
    exports: Path, settings: Settings, *, port: int, every: float | None, cron: str | None, timezone: str
) -> None:
    """Start everything, print the address, and stay until stopped."""
    if every is not None and cron is not None:
        raise UsageError("--every and --cron are two schedules", fix="give one of them")
    if not exports.is_dir():
        raise UsageError(f"{exports}: there is no such folder", fix="give the folder that holds the export files")
    with ExitStack() as up:
        up.enter_context(only_server(settings))
        check_port(port)
        try:
            start(up, exports, settings, port, every, cron, timezone)
        except BaseException:
            # A second Ctrl-C would leave behind whatever had not ended yet.
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            raise


def start(
    up: ExitStack,
    exports: Path,
    settings: Settings,
    port: int,
    every: float | None,
    cron: str | None,
    timezone: str,
) -> None:
    """The server, then what it is to run, then who runs it. Does not return."""
    os.environ.update(environment(settings, port))
    logs = settings.home / "prefect"
    logs.mkdir(exist_ok=True)
    server_arguments = ["server", "start", "--host", HOST, "--port", str(port)]
    server = up.enter_context(running("server", server_arguments, logs / "server.log"))
    # Read by Prefect when it is imported, so only now; it takes seconds, in which the server starts.
    from flows.deployments import POOL, register, schedule_of

    schedule = schedule_of(every, cron, timezone)
    await_server(server, port)
    register(exports, settings, schedule)
    worker_arguments = ["worker", "start", "--pool", POOL, "--type", "process", "--name", "tierwise"]
    worker = up.enter_context(running("worker", worker_arguments, logs / "worker.log"))
    print(f"http://{HOST}:{port}", flush=True)
    while True:
        server.check()
        worker.check()
        time.sleep(0.5)

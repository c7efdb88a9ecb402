"""The control room: a Prefect server of the home's own, a worker, and the deployments; all of it ends with the command."""

import os
import re
import secrets
import signal
import socket
import stat
import sys
import time
import urllib.error
import urllib.request
from contextlib import AbstractContextManager, ExitStack, suppress
from pathlib import Path

from flows.control_room.processes import Child, end_orphans, running
from flows.settings import SERVED_EXPORTS, Settings
from schemas.errors import TierwiseError, UsageError
from warehouse.locks import held

HOST = "127.0.0.1"
STARTS_WITHIN = 180
SECRET = re.compile(r"tierwise:[\w-]{32}")


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


def secret_of(home: Path) -> str:
    """The secret of this home's control room, made where there is none that only this account can read."""
    place, made = home / "serve.secret", home / "serve.secret.new"
    with suppress(OSError):
        found = place.lstat()
        private = stat.S_ISREG(found.st_mode) and found.st_uid == os.geteuid() and not found.st_mode & 0o077
        if private and SECRET.fullmatch(kept := place.read_text(encoding="utf-8", errors="replace").strip()):
            return kept
    secret = f"tierwise:{secrets.token_urlsafe(24)}"
    made.unlink(missing_ok=True)
    with os.fdopen(os.open(made, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w", encoding="utf-8") as stream:
        stream.write(f"{secret}\n")
    made.replace(place)
    return secret


def environment(exports: Path, settings: Settings, port: int, secret: str) -> dict[str, str]:
    """What Prefect is told, here and in every process of the control room."""
    address = f"http://{HOST}:{port}"
    told = {
        "PREFECT_HOME": str((settings.home / "prefect").resolve()),
        "PREFECT_API_URL": f"{address}/api",
        "PREFECT_API_AUTH_STRING": secret,
        "PREFECT_SERVER_API_AUTH_STRING": secret,
        "PREFECT_SERVER_API_HOST": HOST,
        "PREFECT_SERVER_API_PORT": str(port),
        "PREFECT_SERVER_API_CORS_ALLOWED_ORIGINS": address,  # all of them by default
        "PREFECT_SERVER_UI_API_URL": "/api",  # wherever the page came from, also through a tunnel
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false",
        "DO_NOT_TRACK": "1",
        "TIERWISE_HOME": str(settings.home.resolve()),
        SERVED_EXPORTS: str(exports.resolve()),
        # Nothing is imported from the folder that `serve` happens to be started in, which may be one of exports.
        "PYTHONSAFEPATH": "1",
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
        if orphans := end_orphans(settings.home / "prefect"):
            print(f"ended what a killed control room left: {', '.join(orphans)}", file=sys.stderr, flush=True)
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
    folder = settings.home / "prefect"
    folder.mkdir(exist_ok=True)
    secret = secret_of(settings.home)
    os.environ.update(environment(exports, settings, port, secret))
    server = up.enter_context(running("server", [sys.executable, "-m", "flows.control_room.guard"], folder))
    # Read by Prefect when it is imported, so only now; it takes seconds, in which the server starts.
    from flows.control_room.deployments import POOL, register, schedule_of

    schedule = schedule_of(every, cron, timezone)
    await_server(server, port)
    register(exports, settings, schedule)
    work = [sys.executable, "-m", "prefect", "worker", "start", "--pool", POOL, "--type", "process", "--name", POOL]
    worker = up.enter_context(running("worker", work, folder))
    print(f"http://{HOST}:{port} secret: {secret}", flush=True)
    while True:
        server.check()
        worker.check()
        time.sleep(0.5)

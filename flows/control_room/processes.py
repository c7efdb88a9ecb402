"""The processes of the control room: none outlives it, however it ends, and one that did is ended by the next start.

Run as a program, this module stands between the control room and one of its processes. It holds the end of a pipe that
the operating system closes when the control room dies, also by SIGKILL, and then ends all of its process group.
"""

import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from schemas.errors import TierwiseError

# A run told to end leaves through its `finally` and says so to the server; more than this it does not get.
Endings = tuple[tuple[signal.Signals, float], ...]
ENDINGS: Endings = ((signal.SIGTERM, 20), (signal.SIGKILL, 5))
# Where the control room was killed nobody asked for politeness, and its port is wanted.
ORPHANS_ENDINGS: Endings = ((signal.SIGTERM, 5), (signal.SIGKILL, 5))
LOOKS_EVERY = 0.2


class Child:
    """A process of the control room, in a group of its own; what it starts is in that group."""

    def __init__(self, name: str, command: list[str], folder: Path) -> None:
        self.name, self.log = name, folder / f"{name}.log"
        keeper = [sys.executable, "-m", "flows.control_room.processes", str(folder / f"{name}.process"), *command]
        with self.log.open("ab") as stream:
            self.process = subprocess.Popen(
                keeper, stdin=subprocess.PIPE, stdout=stream, stderr=stream, start_new_session=True
            )

    def check(self) -> None:
        """Fail where it has ended by itself."""
        if (code := self.process.poll()) is not None:
            raise TierwiseError(f"the {self.name} ended (exit code {code})", fix=f"its log has the reason: {self.log}")

    def end(self) -> None:
        """The process and all of its group, politely first."""
        end_group(self.process.pid, ENDINGS, self.process.poll)
        if self.process.stdin:
            self.process.stdin.close()


@contextmanager
def running(name: str, command: list[str], folder: Path) -> Iterator[Child]:
    child = Child(name, command, folder)
    try:
        yield child
    finally:
        child.end()


def signalled(group: int, number: int) -> bool:
    """Whether there was anybody in the group to receive it."""
    try:
        os.killpg(group, number)
    except ProcessLookupError:
        return False
    return True


def end_orphans(folder: Path) -> list[str]:
    """End what an earlier control room of this home left behind, and name it. Only while no other can be up."""
    found = []
    for record in sorted(folder.glob("*.process")):
        if (group := orphan(record)) is not None:
            found.append(record.stem)
            end_group(group, ORPHANS_ENDINGS, int)
        record.unlink(missing_ok=True)
    return found


def orphan(record: Path) -> int | None:
    """The group that the record tells of, where one of the processes it names is still the one it was."""
    try:
        told = json.loads(record.read_text(encoding="utf-8"))
        if told["folder"] != str(record.parent.resolve()):
            return None  # a copy of another home, whose control room may be up
        group = int(told["group"])
        alive = [number for number, since in told["processes"] if since and started(int(number)) == since]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return group if any(group_of(number) == group for number in alive) else None


def group_of(number: int) -> int | None:
    try:
        return os.getpgid(number)
    except OSError:
        return None


def end_group(group: int, endings: Endings, look: Callable[[], object]) -> None:
    for number, seconds in endings:
        if not signalled(group, number):
            return
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and signalled(group, 0):
            look()  # a child that has ended is in the group until somebody asks
            time.sleep(0.05)


def started(number: int) -> str | None:
    """When a process began, in words that are only ever compared; null where there is none."""
    with suppress(OSError):
        # Behind the name, which may have blanks and brackets; the 22nd field counts from the start of the machine.
        return Path(f"/proc/{number}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()[19]
    if Path("/proc/self/stat").exists():
        return None
    asked = subprocess.run(
        ["ps", "-o", "lstart=", "-p", str(number)],  # noqa: S607  # wherever the system keeps it
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    return asked.stdout.strip() or None


def keep(record: Path, command: list[str]) -> int:
    """Run the command until it ends or the control room does. Its exit code."""
    # Handlers and not SIG_IGN, which the command would inherit. It is told by its group, and its end is waited for.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: None)
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL)
    note_down(record, [os.getpid(), process.pid])
    while process.poll() is None:
        if select.select([sys.stdin], [], [], LOOKS_EVERY)[0] and not os.read(sys.stdin.fileno(), 1):
            leave(process)
    record.unlink(missing_ok=True)
    return process.returncode


def note_down(record: Path, numbers: list[int]) -> None:
    told = {
        "folder": str(record.parent.resolve()),
        "group": os.getpgrp(),
        "processes": [(number, started(number)) for number in numbers],
    }
    written = record.with_suffix(".new")
    written.write_text(json.dumps(told), encoding="utf-8")
    written.replace(record)


def leave(process: "subprocess.Popen[bytes]") -> None:
    """The control room is gone: end the whole group, this process too."""
    os.killpg(0, signal.SIGTERM)
    with suppress(subprocess.TimeoutExpired):
        process.wait(timeout=ORPHANS_ENDINGS[0][1])
        time.sleep(1)  # for what the command had started
    os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    code = keep(Path(sys.argv[1]), sys.argv[2:])
    if code < 0:  # as if there were nobody in between
        signal.signal(-code, signal.SIG_DFL) if -code != signal.SIGKILL else None
        os.kill(os.getpid(), -code)
    sys.exit(code)

"""Where the command starts: with signals, as the imports that follow take most of a second.

Ctrl-C and a polite kill end what only reads at once, with 130 or 143. What writes gets time to leave through its `finally`.
"""

import atexit
import gc
import os
import signal
import sys
import threading
import time
from types import FrameType
from typing import NoReturn

STOPS = (signal.SIGINT, signal.SIGTERM)
# A run inside a long call of a library hears nothing; what it leaves half-written the next one sweeps, as after a kill.
GRACE_SECONDS = 10.0


class Ending:
    """How a signal ends the command: `grace` seconds after it at the latest, at once where that is 0."""

    def __init__(self) -> None:
        self.grace: float | None = 0.0
        self.told: int | None = None

    def receive(self, number: int, _frame: FrameType | None) -> None:
        self.told = number
        if self.grace == 0:
            os._exit(128 + number)
        raise SystemExit(128 + number)

    def enforce(self, told: int) -> None:
        """End the process where the main thread does not: it may be in a call that lasts, or be waiting for others."""
        while number := os.read(told, 1):
            if number[0] in STOPS and self.grace is not None and signal.getsignal(number[0]) == self.receive:
                time.sleep(self.grace)
                os._exit(128 + number[0])


ending = Ending()


def watch_signals() -> None:
    """End by Ctrl-C and polite kills, from now on. Once is enough."""
    if signal.getsignal(signal.SIGTERM) == ending.receive:
        return
    for number in STOPS:
        signal.signal(number, ending.receive)
    if signal.getsignal(signal.SIGTERM) != ending.receive:
        return  # the process belongs to somebody who does not let us
    told, tell = os.pipe()
    os.set_blocking(tell, False)
    signal.set_wakeup_fd(tell, warn_on_full_buffer=False)
    threading.Thread(target=ending.enforce, args=(told,), daemon=True).start()


def hush() -> None:
    """DuckDB's binding ends a tracked run with pages about its own references; all that we have to say is said."""
    sys.stdout.flush()
    sys.stderr.flush()
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)


def main() -> NoReturn:
    """Entry point: an error becomes a line on stderr and an exit code; a fault of ours keeps its traceback."""
    watch_signals()
    # Ledgers of many files are objects that live to the end: going through all of them again and again cost seconds.
    gc.set_threshold(200_000, 20, 100)
    from flows import console
    from flows.cli import app
    from schemas.errors import TierwiseError

    atexit.register(hush)  # the first registered is the last to run
    ending.grace = GRACE_SECONDS
    try:
        app()
    except SystemExit:
        if ending.told and "prefect" not in sys.modules:  # which sends its logs at exit
            # Every `finally` has run. Taking the interpreter down takes seconds on a busy machine, and nobody ends it.
            os._exit(128 + ending.told)
        raise
    except TierwiseError as error:
        console.show_error(error)
        sys.exit(error.exit_code)
    except BrokenPipeError:  # whoever read the answer has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        sys.exit(128 + signal.SIGPIPE)
    except Exception:  # noqa: BLE001  # the last stop: whatever it is, it is shown and has its exit code
        if ending.told:  # inside of a library, which made an error of its own of it
            sys.exit(128 + ending.told)
        console.show_fault()
        sys.exit(3)
    sys.exit(0)


if __name__ == "__main__":
    # Under its own name: what commands set of their ending is then what signals meet.
    from flows import start  # noqa: PLW0406  # not this module, which is called __main__

    start.main()

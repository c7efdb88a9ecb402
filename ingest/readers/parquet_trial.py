"""Parquet files are tried in a process of their own before they are read.

A damaged page may claim more values than any memory holds, and Polars then ends the process that it is in: no exception, which could
be caught, but the end of the run, and of all its other files.
"""

import json
import os
import signal
import subprocess
import sys
import threading
from functools import lru_cache
from pathlib import Path

# Interrupts are the business of the run; without it there is nothing more to read from it, and the process ends.
PROGRAM = """
import io, json, signal, sys
for number in (signal.SIGINT, signal.SIGTERM):
    signal.signal(number, signal.SIG_IGN)
import polars as pl
for line in sys.stdin.buffer:
    path, size = json.loads(line)
    source = io.BytesIO(sys.stdin.buffer.read(size)) if path is None else path
    try:
        for _ in pl.scan_parquet(source, glob=False).collect_batches():
            pass
    except BaseException:
        pass  # what can be caught is told where the file is read
    sys.stdout.buffer.write(b".")
    sys.stdout.buffer.flush()
"""


class _Trial:
    """The process that files are tried in, one after the other; a new one after each that was brought down."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._one_at_a_time = threading.Lock()

    def ended_by(self, path: Path | None, content: bytes) -> int | None:
        """The signal that ended the process in which this file was tried; null where it can be read, or told to be damaged."""
        with self._one_at_a_time:
            process = self._process = self._process or _start()
            assert process.stdin
            assert process.stdout
            try:
                process.stdin.write(
                    json.dumps([None if path is None else str(path), len(content)]).encode() + b"\n" + content
                )
                process.stdin.flush()
                if process.stdout.read(1):
                    return None
            except BrokenPipeError:
                pass
            self._process = None
            process.communicate()
            return -process.returncode


def _start() -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        env=os.environ | {"POLARS_MAX_THREADS": "1"},
    )  # fmt: skip


@lru_cache(maxsize=1)  # a process that was forked off has none of its own yet
def _trial_of(_pid: int) -> _Trial:
    return _Trial()


def brings_down(path: Path | None, content: bytes = b"") -> str | None:
    """How a Parquet file, at a path or in memory, ends the process that reads it, such as `SIGABRT`; null where it does not."""
    ended = _trial_of(os.getpid()).ended_by(path, content)
    return None if ended is None else signal.Signals(ended).name if ended > 0 else f"exit code {-ended}"

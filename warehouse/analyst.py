"""What anybody may ask of the published file: one statement that gives rows, within bounds of rows, memory and time."""

import resource
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from schemas.errors import UsageError
from warehouse.published import open_published

ROWS_SHOWN = 1_000
TIMEOUT_SECONDS = 60.0
# Rows beyond those shown are counted so far, and no further: there may be no end to them.
COUNTED_MAX = 100_000
CHUNK_ROWS = 1_000
# What DuckDB needs beside its own limit: texts that functions make are not counted in it, nor the rows on their way out.
BESIDE_BYTES = 256 << 20
# What DuckDB says of where in the query, which the asker has before their eyes.
PLACE = "\n\nLINE "
PROCESS = Path("/proc/self/status")


@dataclass(frozen=True)
class Limits:
    """How many rows are shown, how long the answer may take, which memory it may use; null is without a limit."""

    rows: int | None = ROWS_SHOWN
    seconds: float | None = TIMEOUT_SECONDS
    memory: int | None = None


class Answer:
    """The rows of a query, fetched as they are asked for."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, limits: Limits) -> None:
        self._connection, self._limits = connection, limits
        self._ends_at = time.monotonic() + limits.seconds if limits.seconds else None
        self._beyond = 0
        self.columns = [str(column[0]) for column in connection.description or ()]

    def chunks(self) -> Iterator[list[tuple[Any, ...]]]:
        """The rows that are to be shown, in pieces."""
        left = self._limits.rows
        while rows := self._next(CHUNK_ROWS if left is None else min(CHUNK_ROWS, left + 1)):
            shown = rows if left is None else rows[:left]
            self._beyond = len(rows) - len(shown)
            if shown:
                yield shown
            if left is not None and (left := left - len(shown)) <= 0 and self._beyond:
                return

    def left_out(self) -> tuple[int, bool]:
        """How many rows are not shown, and whether that is all of them."""
        if self._beyond:
            while self._beyond <= COUNTED_MAX:
                if not (rows := self._next(CHUNK_ROWS)):
                    return self._beyond, True
                self._beyond += len(rows)
            return COUNTED_MAX, False
        return 0, True

    def _next(self, most: int) -> list[tuple[Any, ...]]:
        if self._ends_at and time.monotonic() > self._ends_at:
            raise duckdb.InterruptException("the time is over")
        return self._connection.fetchmany(most)


@contextmanager
def asked(warehouse: Path, sql: str, limits: Limits, values: Mapping[str, object] | None = None) -> Iterator[Answer]:
    """The answer to a query of the published file, to be read while it is open."""
    with open_published(warehouse, memory=limits.memory, any_version=True) as connection, _within(limits):
        try:
            statements = connection.extract_statements(sql)
            gives_rows = duckdb.ExpectedResultType.QUERY_RESULT
            if len(statements) != 1 or statements[0].expected_result_type != [gives_rows]:
                raise UsageError(
                    "the query is not one statement that gives rows",
                    fix='ask with one SELECT or FROM, such as: tierwise query "from accounts"',
                )
            with _interrupted(connection, limits.seconds):
                connection.execute(statements[0], values)
                yield Answer(connection, limits)
        except duckdb.InterruptException as error:
            raise UsageError(
                f"the query took more than {limits.seconds:g} s",
                fix="ask for less, or give it longer with --timeout SECONDS",
            ) from error
        except (MemoryError, duckdb.OutOfMemoryException) as error:
            bound = f" than {limits.memory:,} bytes" if limits.memory else " than there is"
            raise UsageError(
                f"the query needs more memory{bound}",
                fix="ask for less, or allow more with TIERWISE_MEMORY, such as 8GB",
            ) from error
        except duckdb.Error as error:
            raise UsageError(
                f"the query failed: {str(error).partition(PLACE)[0]}",
                fix='see the tables with: tierwise query "show tables"',
            ) from error


@contextmanager
def _interrupted(connection: duckdb.DuckDBPyConnection, seconds: float | None) -> Iterator[None]:
    """Have DuckDB give up after so long."""
    if seconds is None:
        yield
        return
    timer = threading.Timer(seconds, connection.interrupt)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


@contextmanager
def _within(limits: Limits) -> Iterator[None]:
    """Hold the whole process to the memory: DuckDB's own limit does not count what functions of texts allocate."""
    if limits.memory is None or not PROCESS.exists():
        yield
        return
    held = next(line for line in PROCESS.read_text(encoding="ascii").splitlines() if line.startswith("VmData"))
    bound = (int(held.split()[1]) << 10) + 2 * limits.memory + BESIDE_BYTES
    before, hardest = resource.getrlimit(resource.RLIMIT_DATA)
    limited = [bound, *(limit for limit in (before, hardest) if limit != resource.RLIM_INFINITY)]
    resource.setrlimit(resource.RLIMIT_DATA, (min(limited), hardest))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_DATA, (before, hardest))

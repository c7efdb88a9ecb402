"""The published DuckDB file for reading, and what it says of itself."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from schemas.columns import columns_of, polars_schema
from schemas.errors import UsageError
from schemas.run_tables import RunLog
from schemas.tables import MARTS

# The memory a thread of a query should have.
THREAD_BYTES = 128 << 20
NO_EXTENSIONS: dict[str, str | bool | int | float | list[str]] = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "allow_community_extensions": "false",
}
# Of a connection that only reads: it writes nothing beside the file, nor into the folder it was started from.
NO_SPILL: dict[str, str | bool | int | float | list[str]] = {"temp_directory": ""}

# What stands between the parts of a list in one cell.
LIST = "; "


class OtherVersion(UsageError):
    """The file was published by a version with other tables."""

    def __init__(self, target: Path, lacking: str) -> None:
        super().__init__(
            f"{target}: was published by another version of Tierwise, without {lacking}",
            fix="run `tierwise run EXPORTS --rebuild`: the file is made anew from the lake",
        )


@contextmanager
def open_published(
    target: Path, *, memory: int | None = None, any_version: bool = False
) -> Iterator[duckdb.DuckDBPyConnection]:
    """The published file for reading: nothing else of the machine can be reached through the connection.

    Args:
        target: The file.
        memory: Bytes that queries may take; what does not fit fails, as a reader writes nothing beside the file.
        any_version: It may lack tables and columns, for whoever copes with that.

    Raises:
        OtherVersion: It lacks a table or a column, as a file of an earlier version does.
        UsageError: There is no file.
    """
    if not target.is_file():
        raise UsageError(f"{target}: there is no warehouse yet", fix="run `tierwise run EXPORTS` first")
    locked = {**NO_EXTENSIONS, "enable_external_access": "false", "python_enable_replacements": "false"}
    if memory:
        threads = max(1, min(os.cpu_count() or 1, memory // THREAD_BYTES))
        locked |= {"memory_limit": f"{memory}B", "threads": threads, **NO_SPILL}
    connection = duckdb.connect(str(target), read_only=True, config=locked)
    try:
        connection.execute("SET lock_configuration = true")
        if not any_version and (lacking := _lacking(connection)):
            raise OtherVersion(target, lacking)
        yield connection
    finally:
        connection.close()


def _lacking(connection: duckdb.DuckDBPyConnection) -> str | None:
    """The first column of this version that the file lacks, with its table; null where it has all."""
    found = {*connection.execute("SELECT table_name, column_name FROM duckdb_columns() WHERE NOT internal").fetchall()}
    names = ((name, fact.name) for name, model in MARTS.items() for fact in columns_of(model))
    return next((".".join(name) for name in names if name not in found), None)


def frame_of(relation: Any) -> pl.DataFrame:
    """The rows of a query, handed over by the Arrow interface: the relation's own `pl` imports PyArrow."""
    return pl.DataFrame(relation)


@dataclass(frozen=True)
class PublishedState:
    """What the published file says of itself."""

    content_hash: str
    lake_key: str
    runs: pl.DataFrame
    evidence_left_out: tuple[str, ...]

    @property
    def rows_later(self) -> int:
        """Rows that the published as_of leaves out."""
        return self.runs.item(-1, "rows_later") or 0


def published_state(warehouse: Path) -> PublishedState | None:
    """The last run of the published file; null where there is none that can be read."""
    if not warehouse.is_file():
        return None
    try:
        with open_published(warehouse, any_version=True) as connection:
            runs = frame_of(connection.sql("SELECT * FROM run_log ORDER BY run_sequence"))
    except duckdb.Error:
        # Damaged, or of a version to come: it is rebuilt from the lake and replaced.
        return None
    schema = polars_schema(RunLog)
    of_today = [name for name in schema.names() if name in runs.columns]
    if runs.is_empty() or len(of_today) < len(runs.columns):
        return None
    last = runs.row(-1, named=True)
    # A file of an earlier version keeps its runs, and is replaced: its tables lack columns too.
    lake_key = last["lake_key"] if len(of_today) == len(schema) else ""
    left_out = last.get("evidence_left_out")
    runs = runs.with_columns(pl.lit(None).alias(name) for name in schema.names() if name not in of_today)
    runs = runs.select(pl.col(name).cast(dtype) for name, dtype in schema.items())
    return PublishedState(last["content_hash"], lake_key, runs, tuple(left_out.split(LIST)) if left_out else ())

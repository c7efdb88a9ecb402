"""Rows on their way into a table: checked by its schema, and `incoming` for DuckDB meanwhile."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import polars as pl

from schemas.columns import Table, polars_schema
from warehouse import ddl
from warehouse.arrow_stream import ArrowStream
from warehouse.in_files import Frame, InFiles

# So many rows are checked at a time: of the widest table some 0.1 GB. A check has a price of its own, which fewer would pay often.
BATCH_ROWS = 250_000


@contextmanager
def incoming(connection: duckdb.DuckDBPyConnection, model: type[Table], rows: Frame, path: Path) -> Iterator[None]:
    """Rows with the columns of a table, under the name `incoming`; what streams lies in the file `path` meanwhile.

    Polars does not ask whether batches are taken as fast as it makes them: most of a large table would wait in memory.
    """
    columns = polars_schema(model).names()
    if isinstance(rows, pl.DataFrame):
        connection.register("incoming", ArrowStream(model.validate(rows.select(columns))))
        yield
        connection.unregister("incoming")
        return
    laid = rows if isinstance(rows, InFiles) else InFiles.of(rows.select(columns), path)
    for batch in laid.batches(BATCH_ROWS):
        model.validate(batch.select(columns))
    connection.execute(f"CREATE TEMP VIEW incoming AS SELECT {', '.join(map(ddl.quoted, columns))} FROM {laid.sql}")
    yield
    connection.execute("DROP VIEW incoming")
    path.unlink(missing_ok=True)

"""Rows that lie in Parquet files meanwhile, which Polars and DuckDB both read: more of them than memory should hold."""

import glob
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import polars as pl

from warehouse.ddl import literal

# Of a row group every column is in memory at once, for each thread that reads or writes one.
ROW_GROUP = 1 << 16


@dataclass(frozen=True)
class InFiles:
    """The rows of some files, in their order."""

    paths: tuple[Path, ...]

    @classmethod
    def of(cls, rows: pl.LazyFrame, path: Path) -> "InFiles":
        """Rows, streamed into a file."""
        rows.sink_parquet(path, compression="uncompressed", statistics=False, row_group_size=ROW_GROUP, mkdir=True)
        return cls((path,))

    def lazy(self) -> pl.LazyFrame:
        return pl.scan_parquet(list(self.paths), glob=False)

    @property
    def sql(self) -> str:
        """What DuckDB selects them from."""
        # The folders of a path may be called what looks like a pattern.
        return f"read_parquet([{', '.join(literal(glob.escape(str(path))) for path in self.paths)}])"

    def batches(self, size: int) -> Iterator[pl.DataFrame]:
        """So many rows at a time."""
        rows = self.lazy()
        for start in range(0, rows.select(pl.len()).collect().item(), size):
            yield rows.slice(start, size).collect()


# Rows however they are held.
Frame: TypeAlias = pl.DataFrame | pl.LazyFrame | InFiles

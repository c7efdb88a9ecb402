"""How rows of Polars are handed to DuckDB."""

import polars as pl


class ArrowStream:
    """Rows as the Arrow interface hands them over, and no more.

    Of a Polars frame DuckDB makes a PyArrow table first, which takes twice the time and an import of PyArrow.
    """

    def __init__(self, rows: pl.DataFrame) -> None:
        self._rows = rows

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self._rows.__arrow_c_stream__(requested_schema)

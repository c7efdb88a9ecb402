"""Tables of well-known exporters: the shipped declarations, and what one says of a file beside its own sources.toml."""

import json
import tomllib
from functools import cache
from importlib.resources import files
from typing import Any

import polars as pl

from ingest.cast import parsing
from ingest.readers.base import RawBatch, without
from ingest.vendor_tables.left_out import formats_that_fit, rejects_of_others
from ingest.vendor_tables.made_columns import made
from schemas.columns import polars_schema
from schemas.errors import FileRefused
from schemas.sources import FILE, Load, Reading, Source
from schemas.tables import DATASETS, REQUIRED
from schemas.vendor_tables import KnownLoad, KnownTable

EXAMPLES = {"time_zone": "Europe/Berlin", "owner": "handle_or_id_of_the_account"}
# Where a handle is written in any case; ids of channels elsewhere are kept as they are.
HANDLES = ("instagram", "facebook")


@cache
def known_tables() -> tuple[KnownTable, ...]:
    """All shipped declarations, read once."""
    folder = files("ingest") / "vendor_tables" / "tables"
    entries = sorted(
        (entry for entry in folder.iterdir() if entry.name.endswith(".toml")), key=lambda entry: entry.name
    )
    return tuple(KnownTable.model_validate(tomllib.loads(entry.read_text(encoding="utf-8"))) for entry in entries)


def known_table(header: list[str]) -> KnownTable | None:
    """The one table whose header fits; null for none and for several."""
    fitting = [table for table in known_tables() if set(table.header) <= set(header)]
    return fitting[0] if len(fitting) == 1 else None


def beside(source: Source, table: KnownTable) -> Source:
    """The declaration of a file of this table: what sources.toml says of it wins."""
    one_format = table.date_formats[0] if len(table.date_formats) == 1 else None
    shipped: dict[str, Any] = {
        "number": table.number,
        "date_format": one_format,
        "null_words": table.null_words,
    }
    if source.language and table.number == "plain":
        del shipped["number"]  # a language says how numbers are written, where the table does not
    return source.model_copy(update={k: v for k, v in shipped.items() if k not in source.model_fields_set})


def loads_of_table(name: str, table: KnownTable, source: Source, header: list[str]) -> tuple[Load, ...]:
    """Its loads for a file of this header. `FileRefused` with the line to add where something must be declared first."""
    tells_zone = source.date_format is not None and parsing.tells_zone(source.date_format)
    if "time_zone" in table.asks and source.time_zone is None and not tells_zone:
        raise _asked(name, table, "time_zone", "the zone of its times")
    if other := next((column for column in table.without if column in header), None):
        raise FileRefused(
            "other_table",
            f"{name}: has the columns of {table.name} and {other!r}: {table.without[other]}",
            fix="deliver the table without it, or name this file in ignore = [...] in sources.toml",
        )
    found = [_load(name, table, load, source, header) for load in table.load]
    if loads := tuple(load for load in found if load):
        return loads
    raise FileRefused(
        "missing_column",
        f"{name}: is a table of {table.name}, and lacks what {table.load[0].dataset} need: "
        f"{', '.join(REQUIRED[table.load[0].dataset])}",
        fix="export it again with these columns, or declare the file in sources.toml",
    )


def _load(name: str, table: KnownTable, load: KnownLoad, source: Source, header: list[str]) -> Load | None:
    schema = polars_schema(DATASETS[load.dataset])
    instead = {column: Reading(value=text) for column, text in source.constants.items() if column in schema}
    accounts = load.columns.get("account_id", ())
    if (
        "account_id" in schema
        and "account_id" not in instead
        and not any(reading.source in header for reading in accounts)
    ):
        if source.owner is None:
            raise _asked(name, table, "owner", "the account its posts are of")
        platform = load.columns["platform"][0].value
        instead["account_id"] = Reading(value=source.owner.strip(), key="handle" if platform in HANDLES else None)
    return load.load_of([*header, *(made.column for made in table.made)], instead)


def _asked(name: str, table: KnownTable, key: str, what: str) -> FileRefused:
    return FileRefused(
        f"unknown_{key}",
        f"{name}: is a table of {table.name}, which does not tell {what}",
        fix=f"add to sources.toml: [[source]] files = {json.dumps(name, ensure_ascii=False)} "
        f"{key} = {json.dumps(EXAMPLES[key])}",
    )


def has_date_formats(table: KnownTable, source: Source) -> bool:
    """Whether files of this table write their times in several ways, each in its own."""
    return source.date_format is None and len(table.date_formats) > 1


def with_date_format(
    name: str, table: KnownTable, source: Source, loads: tuple[Load, ...], rows: pl.DataFrame
) -> Source:
    """The declaration with the one date format that reads every time of the first rows, where several are possible."""
    if not has_date_formats(table, source) or rows.is_empty():
        return source
    fitting = formats_that_fit(rows.with_columns(pl.lit(0, pl.UInt32).alias(FILE)), loads, source, table.date_formats)[
        0
    ]
    if len(fitting) == 1:
        return source.model_copy(update={"date_format": fitting[0]})
    choices = " or ".join(f"date_format = {json.dumps(fmt)}" for fmt in table.date_formats)
    raise FileRefused(
        "unknown_date_format",
        f"{name}: its times can be read as {' and as '.join(fitting)}, days and months all being 12 or less"
        if fitting
        else f"{name}: no one way to write times reads all of its times; there are {', '.join(table.date_formats)}",
        fix=f"add to sources.toml: [[source]] files = {json.dumps(name, ensure_ascii=False)} with {choices}",
    )


def with_made_columns(batch: RawBatch, table: KnownTable) -> RawBatch:
    """The batch with the columns that the table's declaration makes of others."""
    return RawBatch(made(batch.rows, table.made), batch.rejects)


def without_others(batch: RawBatch, table: KnownTable) -> RawBatch:
    """The batch, its totals and error rows among the records that are no rows."""
    return without(batch, rejects_of_others(batch.rows, table.no_rows))

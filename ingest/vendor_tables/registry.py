"""Tables of well-known exporters: the shipped declarations, and what one says of a file beside its own sources.toml."""

import json
import tomllib
from collections.abc import Collection
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
from schemas.vendor_tables import Asked, KnownLoad, KnownTable, OtherTable
from schemas.visible import column_name

EXAMPLES = {"time_zone": "Europe/Berlin", "owner": "handle_or_id_of_the_account"}
# Where a handle is written in any case; ids of channels elsewhere are kept as they are.
HANDLES = ("instagram", "facebook", "x")

# Clocks that a table may show beside its own, once its settings are those of another country.
CLOCKS = ("%I:%M %p", "%I:%M:%S %p", "%I:%M%p", "%H:%M:%S")
SAMPLE_ROWS = 1000


@cache
def known_tables() -> tuple[KnownTable, ...]:
    """All shipped declarations, read once."""
    folder = files("ingest") / "vendor_tables" / "tables"
    entries = sorted(
        (entry for entry in folder.iterdir() if entry.name.endswith(".toml")), key=lambda entry: entry.name
    )
    shipped = (KnownTable.model_validate(tomllib.loads(entry.read_text(encoding="utf-8"))) for entry in entries)
    return tuple(worded for table in shipped for worded in table.every_wording())


@cache
def _headers() -> tuple[tuple[frozenset[str], KnownTable], ...]:
    return tuple((frozenset(table.header), table) for table in known_tables())


def known_table(header: list[str]) -> KnownTable | None:
    """The one table whose header fits; null for none and for several. Its columns are named as the file names them."""
    shown = {column_name(cell): cell for cell in header}
    fitting = [table for needed, table in _headers() if needed <= shown.keys()]
    if len(fitting) != 1:
        return None
    if all(name == cell for name, cell in shown.items()):
        return fitting[0]
    return fitting[0].renamed({name: (shown.get(name, name),) for name in fitting[0].columns})


def known_other(header: list[str]) -> tuple[KnownTable, OtherTable] | None:
    """The table beside a known one whose header this is, and that one."""
    shown = [column_name(cell) for cell in header]
    return next(((table, other) for table in known_tables() for other in table.others if other.is_of(shown)), None)


def refuse_other(name: str, header: list[str]) -> None:
    """`FileRefused` for a table that comes with a known one, and whose records are rows of no dataset."""
    if found := known_other(header):
        table, other = found
        raise FileRefused(
            "other_table", f"{name}: comes with {table.title}, and holds {other.holds}: no rows of ours", fix=other.fix
        )


def beside(source: Source, table: KnownTable) -> Source:
    """The declaration of a file of this table: what sources.toml says of it wins."""
    one_format = table.date_formats[0] if len(table.date_formats) == 1 else None
    shipped: dict[str, Any] = {
        "number": table.number,
        "date_format": one_format,
        "null_words": table.null_words,
    }
    if table.language:
        shipped["language"] = table.language
    if (source.language or table.language) and table.number == "plain":
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
            f"{name}: has the columns of {table.title} and {other!r}: {table.without[other]}",
            fix="deliver the table without it, or name this file in ignore = [...] in sources.toml",
        )
    found = [_load(name, table, load, source, header) for load in table.load]
    if loads := tuple(load for load in found if load):
        return loads
    raise FileRefused(
        "missing_column",
        f"{name}: is a table of {table.title}, and lacks what {table.load[0].dataset} need: "
        f"{', '.join(REQUIRED[table.load[0].dataset])}",
        fix="export it again with these columns, or declare the file in sources.toml",
    )


def _load(name: str, table: KnownTable, load: KnownLoad, source: Source, header: list[str]) -> Load | None:
    schema = polars_schema(DATASETS[load.dataset])
    instead = {column: Reading(value=text) for column, text in source.constants.items() if column in schema}
    if "account_id" not in instead and not _tells_account(load, header):
        if source.owner is None:
            raise _asked(name, table, "owner", "the account its posts are of")
        platform = load.columns["platform"][0].value
        instead["account_id"] = Reading(value=source.owner.strip(), key="handle" if platform in HANDLES else None)
    return load.load_of([*header, *(made.column for made in table.made)], instead)


def asked_by(table: KnownTable, header: Collection[str]) -> tuple[Asked, ...]:
    """What sources.toml must say of a file of this header before it can be read."""
    owner: tuple[Asked, ...] = () if all(_tells_account(load, header) for load in table.load) else ("owner",)
    return tuple(dict.fromkeys((*table.asks, *owner)))


def _tells_account(load: KnownLoad, header: Collection[str]) -> bool:
    """Whether rows of a load say whose they are, or need not."""
    if "account_id" not in polars_schema(DATASETS[load.dataset]):
        return True
    return any(reading.source in header for reading in load.columns.get("account_id", ()))


def _asked(name: str, table: KnownTable, key: str, what: str) -> FileRefused:
    return FileRefused(
        f"unknown_{key}",
        f"{name}: is a table of {table.title}, which does not tell {what}",
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
    others = [] if fitting else _other_clocks_that_fit(table, source, loads, rows)
    choices = " or ".join(f"date_format = {json.dumps(fmt)}" for fmt in others or table.date_formats)
    raise FileRefused(
        "unknown_date_format",
        f"{name}: its times can be read as {' and as '.join(fitting)}, days and months all being 12 or less"
        if fitting
        else f"{name}: no one way to write times reads all of its times; there are {', '.join(table.date_formats)}",
        fix=f"add to sources.toml: [[source]] files = {json.dumps(name, ensure_ascii=False)} with {choices}",
    )


def _other_clocks_that_fit(table: KnownTable, source: Source, loads: tuple[Load, ...], rows: pl.DataFrame) -> list[str]:
    """The table's ways to write days with another clock, such as `8:31 PM`, that read every time of the first rows."""
    ways = tuple(fmt.replace("%H:%M", clock) for clock in CLOCKS for fmt in table.date_formats)
    first = rows.head(SAMPLE_ROWS).with_columns(pl.lit(0, pl.UInt32).alias(FILE))
    return formats_that_fit(first, loads, source, ways)[0]


def with_made_columns(batch: RawBatch, table: KnownTable) -> RawBatch:
    """The batch with the columns that the table's declaration makes of others."""
    return RawBatch(made(batch.rows, table.made), batch.rejects)


def without_others(batch: RawBatch, table: KnownTable) -> RawBatch:
    """The batch, its totals and error rows among the records that are no rows."""
    return without(batch, rejects_of_others(batch.rows, table.no_rows))

"""What a file is to be read as: by its declaration, else by its header: a canonical one, or that of a known table."""

import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from ingest.cast.mapping import canonical_dataset, canonical_load, path_inside
from ingest.limits import DEFAULT_LIMITS, Limits, check_columns
from ingest.readers import table
from ingest.readers.base import Layout
from ingest.vendor_tables.registry import beside, known_table, loads_of_table
from schemas.columns import polars_schema
from schemas.errors import FileRefused
from schemas.sources import Load, Source
from schemas.tables import DATASETS, REQUIRED
from schemas.vendor_tables import KnownTable

NAME_LENGTH = 60
# What separates the cells of a file whose declaration does not say, in the order in which they are tried.
DELIMITERS = (",", ";", "\t")


@dataclass(frozen=True)
class Detected:
    """What to read from a file, and under which declaration."""

    source: Source
    loads: tuple[Load, ...]
    note: str | None = None
    table: KnownTable | None = None


def find_layout(path: Path, name: str, source: Source, limits: Limits = DEFAULT_LIMITS) -> Layout | None:
    """The layout of a file; null for an empty one.

    Where a CSV file has one column, and its delimiter is not declared, another that makes its header a known one.
    """
    layout = _layout(path, name, source, source.delimiter, limits)
    if layout is None or layout.format != "csv" or len(layout.header) > 1:
        return layout
    if source.load or not source.header or "delimiter" in source.model_fields_set:
        return layout
    for delimiter in DELIMITERS:
        if delimiter in layout.header[0]:
            other = _layout(path, name, source, delimiter, limits)
            if other and (canonical_dataset(list(other.header)) or known_table(list(other.header))):
                return other
    return layout


def _layout(path: Path, name: str, source: Source, delimiter: str, limits: Limits) -> Layout | None:
    layout = table.layout_of(
        path,
        name,
        format=source.format,
        delimiter=delimiter,
        skip_lines=source.skip_lines,
        header=source.header,
        escape=source.escape,
    )
    if layout:
        check_columns(name, len(layout.header), limits)
    return layout


def detected(name: str, source: Source, layout: Layout) -> Detected:
    """What to read from the file: as declared, else by its header. The note names columns left unread."""
    header = list(layout.header)
    if source.load:
        _check_declared(name, source, header)
        return Detected(source, source.load)
    repeated = sorted(cell for cell, count in Counter(header).items() if count > 1)
    if repeated:
        raise FileRefused(
            "repeated_column",
            f"{name}: column {repeated[0][:NAME_LENGTH]!r} occurs more than once",
            fix="declare the columns by position in sources.toml",
        )
    if dataset := canonical_dataset(header):
        return _as_dataset(dataset, source, header)
    if known := known_table(header):
        return _as_table(name, known, source, header)
    raise FileRefused(
        "unknown_header",
        f"{name}: the columns {_listed(header)} are those of no dataset",
        fix=_advice_on(header),
    )


def _as_dataset(dataset: str, source: Source, header: list[str]) -> Detected:
    load = canonical_load(dataset, header)
    known = polars_schema(DATASETS[dataset])
    constants = {n: {"value": text} for n, text in source.constants.items() if n in known and n not in load.columns}
    if constants:
        load = Load(dataset=dataset, columns={**load.columns, **constants})
    unread = [cell for cell in header if cell not in load.columns]
    return Detected(source, (load,), f"columns not read: {', '.join(unread)}" if unread else None)


def _as_table(name: str, known: KnownTable, source: Source, header: list[str]) -> Detected:
    declared = beside(source, known)
    loads = loads_of_table(name, known, declared, header)
    read = {reading.source for load in loads for reading in load.columns.values()}
    unread = [cell for cell in header if cell not in read]
    note = f"read as {known.name}" + (f"; columns not read: {_listed(unread)}" if unread else "")
    return Detected(declared, loads, note, known)


def _listed(header: list[str]) -> str:
    """The columns of a file for a message: enough of them to recognise it."""
    shown = ", ".join(cell[:NAME_LENGTH] for cell in header[:12])
    return f"{shown} ..." if len(header) > 12 else shown


def _advice_on(header: list[str]) -> str:
    """How to fix a header that is not recognised."""
    if len(header) == 1:
        for delimiter in (";", "\t", "|", ","):
            if delimiter in header[0]:
                return f"declare delimiter = {json.dumps(delimiter)} for the file in sources.toml"
    datasets = "; ".join(f"{name}: {', '.join(REQUIRED[name])}" for name in DATASETS if name != "post_metrics")
    return (
        f"declare the file in sources.toml, or name its columns as a dataset does: {datasets}; "
        "if it is no export, name it in ignore = [...] there"
    )


def _check_declared(name: str, source: Source, header: list[str]) -> None:
    for load in source.load:
        for column, reading in load.columns.items():
            if reading.position is not None and reading.position > len(header):
                raise FileRefused(
                    "missing_column",
                    f"{name}: {column} is declared as column {reading.position}, but the file has {len(header)}",
                    fix="correct the position in sources.toml",
                )
            for cell in (reading.source, *reading.also):
                count = 1 if cell is None else header.count(cell)
                if count == 1 or (cell and count == 0 and cell == reading.source and path_inside(cell, header)):
                    continue
                raise FileRefused(
                    "missing_column" if count == 0 else "repeated_column",
                    f"{name}: {column} is declared as column {cell!r}, which occurs {count} times; "
                    f"the file has {_listed(header)}",
                    fix="correct the column's name in sources.toml"
                    if count == 0
                    else "declare the column by position in sources.toml",
                )

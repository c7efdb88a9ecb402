"""What a file is to be read as: by its declaration, else by its header: a canonical one, or that of a known table."""

import json
import shlex
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from ingest.cast.canonical import by_platform, canonical_dataset, canonical_load, creators_by_platform, is_canonical
from ingest.cast.mapping import path_inside
from ingest.limits import DEFAULT_LIMITS, Limits, check_columns
from ingest.privacy import column_named, columns_listed, declared_names, names_of_table, names_told
from ingest.readers import sheet, table
from ingest.readers.base import Layout
from ingest.vendor_tables.registry import beside, known_other, known_table, loads_of_table, refuse_other
from schemas.columns import polars_schema
from schemas.conditions import Conditions
from schemas.errors import FileRefused
from schemas.sources import Load, Source
from schemas.tables import DATASETS, REQUIRED
from schemas.vendor_tables import KnownTable
from schemas.visible import column_name

# What separates the cells of a file whose declaration does not say, in the order in which they are tried.
DELIMITERS = (",", ";", "\t")


# What to do about a sheet, beside what is to be done about any file.
LINES_BEFORE = "; where lines stand before the header, declare how many with skip_lines"
ROWS_BEFORE = "where rows stand before its header, declare how many with skip_lines; "


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
            if other and _is_known(list(other.header)):
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
        quote=source.quote,
    )
    return _checked(name, layout, limits)


def _checked(name: str, layout: Layout | None, limits: Limits) -> Layout | None:
    if layout:
        table.refuse_reserved(name, layout)
        check_columns(name, len(layout.header), limits)
    return layout


def find_sheet_layout(path: Path, name: str, source: Source, limits: Limits) -> Layout | None:
    """The layout of a sheet of a workbook; null for an empty one."""
    if source.format:
        raise FileRefused(
            "declared_format",
            f"{name}: is a sheet of a workbook, and declared as {source.format}",
            fix="leave out format in sources.toml",
        )
    return _checked(name, sheet.sheet_layout(path, name, source, lambda cells: _is_header(cells, source)), limits)


def _is_header(cells: list[str], source: Source) -> bool:
    """Whether a row of a sheet is its header: with all columns that are declared, else one that is known."""
    if source.load:
        named = {cell for load in source.load for reading in load.columns.values() for cell in reading.names}
        return bool(named) and set(map(column_name, named)) <= set(map(column_name, cells))
    return _is_known(cells)


def _is_known(header: list[str]) -> bool:
    """Whether it is told what a header is of, if only that its records are no rows."""
    return bool(is_canonical(header) or known_table(header) or known_other(header))


def detected(name: str, source: Source, layout: Layout) -> Detected:
    """What to read from the file: as declared, else by its header. The note names columns left unread."""
    header = list(layout.header)
    if source.load:
        loads = tuple(_named_as_in(header, load) for load in source.load)
        _check_declared(name, loads, source, header)
        return Detected(source, loads)
    repeated = sorted(cell for cell, count in Counter(header).items() if count > 1)
    if repeated:
        refuse_other(name, header)
        raise FileRefused(
            "repeated_column",
            f"{name}: the name of {column_named(repeated[0], header, names_told(header))} occurs more than once",
            fix="declare the columns by position in sources.toml",
        )
    known = known_table(header)
    if dataset := canonical_dataset(header, is_table=known is not None):
        return _as_dataset(name, dataset, source, layout)
    if known:
        return _as_table(name, known, source, layout)
    if loads := creators_by_platform(header):
        table = by_platform(header)
        return Detected(source, source.with_conditions(loads), f"read as {table.name}", table)
    refuse_other(name, header)
    raise FileRefused(
        "unknown_header",
        f"{name}: {_those_of_no_dataset(header)}",
        fix=f"{ROWS_BEFORE if layout.format == 'sheet' else ''}{_advice_on(name, header)}",
    )


def _as_dataset(name: str, dataset: str, source: Source, layout: Layout) -> Detected:
    header = list(layout.header)
    load = canonical_load(dataset, header)
    known = polars_schema(DATASETS[dataset])
    constants = {n: {"value": text} for n, text in source.constants.items() if n in known and n not in load.columns}
    if constants:
        load = Load(dataset=dataset, columns={**load.columns, **constants})
    loads = source.with_conditions((load,))
    _check_conditions(name, loads, source, header)
    return Detected(source, loads, _not_read(layout, source, _read(loads)))


def _as_table(name: str, known: KnownTable, source: Source, layout: Layout) -> Detected:
    header = list(layout.header)
    declared = beside(source, known)
    loads = source.with_conditions(loads_of_table(name, known, declared, header))
    _check_conditions(name, loads, source, header)
    note = "; ".join(filter(None, (f"read as {known.title}", _not_read(layout, source, _read(loads)))))
    return Detected(declared, loads, note, known)


def _read(loads: tuple[Load, ...]) -> set[str]:
    return {name for load in loads for reading in load.columns.values() for name in reading.names}


def _not_read(layout: Layout, source: Source, read: Collection[str]) -> str | None:
    unread = [cell for cell in layout.header if cell not in read]
    may = names_of_table(layout.header, layout.format, source)
    return f"columns not read: {columns_listed(unread, may)}" if unread else None


def _those_of_no_dataset(header: list[str]) -> str:
    may = names_told(header)
    said = f"the columns {columns_listed(header, may)}" if may else columns_listed(header, may)
    return f"{said} {'is that' if len(header) == 1 and not may else 'are those'} of no dataset"


def _advice_on(name: str, header: list[str]) -> str:
    """How to fix a header that is not recognised."""
    if len(header) == 1:
        for delimiter in (";", "\t", "|", ","):
            if delimiter in header[0]:
                return f"declare delimiter = {json.dumps(delimiter)} for the file in sources.toml"
    if "stream" in header and not {"data", "record"}.isdisjoint(header):
        return (
            'declare the file in sources.toml with format = "json" and a [[source.load]] for each stream that is meant, '
            'with where = { stream = "its_name" } and paths to its columns'
        )
    datasets = "; ".join(f"{name}: {', '.join(REQUIRED[name])}" for name in DATASETS if name != "post_metrics")
    return (
        f"declare the file in sources.toml, of which `tierwise suggest {shlex.quote(name)}` makes a draft, or name its columns "
        f"as a dataset does: {datasets}; if it is no export, name it in ignore = [...] there"
    )


def _check_declared(name: str, loads: tuple[Load, ...], source: Source, header: list[str]) -> None:
    _check_conditions(name, loads, source, header)
    for load in loads:
        for column, reading in load.columns.items():
            if reading.position is not None and reading.position > len(header):
                raise FileRefused(
                    "missing_column",
                    f"{name}: {column} is declared as column {reading.position}, but the file has {len(header)}",
                    fix="correct the position in sources.toml",
                )
            for cell in reading.names:
                is_inside = cell == reading.source and header.count(cell) == 0 and path_inside(cell, header)
                if not is_inside:
                    _check_named(name, f"{column} is declared as column {cell!r}", cell, source, header)


def _named_as_in(header: list[str], load: Load) -> Load:
    """The load, its columns named as the file names them: what nobody sees of a name makes no difference, nor how its accents are kept."""
    shown: dict[str, list[str]] = {}
    for cell in header:
        shown.setdefault(column_name(cell), []).append(cell)

    def found(name: str) -> str:
        alike = shown.get(column_name(name), [])
        return alike[0] if name not in header and len(alike) == 1 else name

    def asked(conditions: Conditions) -> Conditions:
        return {found(name): condition for name, condition in conditions.items()}

    columns = {
        column: reading.model_copy(
            update={
                "source": None if reading.source is None else found(reading.source),
                "also": tuple(map(found, reading.also)),
                "or_username": None if reading.or_username is None else found(reading.or_username),
                "null_where": asked(reading.null_where),
            }
        )
        for column, reading in load.columns.items()
    }
    return load.model_copy(update={"columns": columns, "where": asked(load.where), "where_not": asked(load.where_not)})


def _check_conditions(name: str, loads: tuple[Load, ...], source: Source, header: list[str]) -> None:
    for load in loads:
        for cell in load.columns_asked:
            _check_named(name, f"a condition of {load.dataset} asks for column {cell!r}", cell, source, header)


def _has_any(source: Source, header: list[str]) -> bool:
    """Whether a header has any column that is declared: otherwise it may be a title."""
    return any(name in header for load in source.load for reading in load.columns.values() for name in reading.names)


def _check_named(name: str, said: str, cell: str, source: Source, header: list[str]) -> None:
    """`FileRefused` where a file has none or several columns of a name that its declaration says."""
    count = header.count(cell)
    if count != 1:
        raise FileRefused(
            "missing_column" if count == 0 else "repeated_column",
            f"{name}: {said}, which occurs {count} times; the file has "
            f"{columns_listed(header, names_told(header, declared_names(source)))}",
            fix="correct the column's name in sources.toml" + ("" if _has_any(source, header) else LINES_BEFORE)
            if count == 0
            else "declare the column by position in sources.toml",
        )

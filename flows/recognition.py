"""What a file is to be read as: by its declaration, else by its canonical header."""

import json

from schemas.columns import polars_schema
from schemas.errors import FileRefused
from schemas.sources import Load, Source
from schemas.tables import DATASETS, REQUIRED
from transforms.exports.plan import canonical_dataset, canonical_load
from warehouse import tabular

NAME_LENGTH = 60


def loads_of(name: str, source: Source, layout: tabular.Layout) -> tuple[tuple[Load, ...], str | None]:
    """What to read from the file: as declared, else by its canonical header. The note names columns left unread."""
    header = list(layout.header)
    if source.load:
        _check_declared(name, source, header)
        return source.load, None
    repeated = sorted({cell for cell in header if header.count(cell) > 1})
    if repeated:
        raise FileRefused(
            "repeated_column",
            f"{name}: column {repeated[0][:NAME_LENGTH]!r} occurs more than once",
            fix="declare the columns by position in sources.toml",
        )
    dataset = canonical_dataset(header)
    if dataset is None:
        raise FileRefused(
            "unknown_header",
            f"{name}: the columns {_listed(header)} are those of no dataset",
            fix=_advice_on(header),
        )
    load = canonical_load(dataset, header)
    known = polars_schema(DATASETS[dataset])
    constants = {n: {"value": text} for n, text in source.constants.items() if n in known and n not in load.columns}
    if constants:
        load = Load(dataset=dataset, columns={**load.columns, **constants})
    unread = [cell for cell in header if cell not in load.columns]
    return (load,), f"columns not read: {', '.join(unread)}" if unread else None


def _listed(header: list[str]) -> str:
    """The columns of a file for a message: enough of them to recognise it."""
    shown = ", ".join(cell[:NAME_LENGTH] for cell in header[:12])
    return f"{shown} ..." if len(header) > 12 else shown


def _advice_on(header: list[str]) -> str:
    """What would mend a header that is not recognised."""
    if len(header) == 1:
        for delimiter in (";", "\t", "|", ","):
            if delimiter in header[0]:
                return f"declare delimiter = {json.dumps(delimiter)} for the file in sources.toml"
    datasets = "; ".join(f"{name}: {', '.join(REQUIRED[name])}" for name in DATASETS)
    return f"declare the file in sources.toml, or name its columns as a dataset does: {datasets}"


def _check_declared(name: str, source: Source, header: list[str]) -> None:
    for load in source.load:
        for column, reading in load.columns.items():
            if reading.position is not None and reading.position > len(header):
                raise FileRefused(
                    "missing_column",
                    f"{name}: {column} is declared as column {reading.position}, but the file has {len(header)}",
                    fix="correct the position in sources.toml",
                )
            if reading.source is not None and header.count(reading.source) != 1:
                count = header.count(reading.source)
                raise FileRefused(
                    "missing_column" if count == 0 else "repeated_column",
                    f"{name}: {column} is declared as column {reading.source!r}, which occurs {count} times; "
                    f"the file has {_listed(header)}",
                    fix="correct the column's name in sources.toml"
                    if count == 0
                    else "declare the column by position in sources.toml",
                )

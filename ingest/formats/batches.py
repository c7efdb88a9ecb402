"""A file of nested JSON as batches of text rows, one kind of batch for each dataset that its format fills."""

from collections.abc import Iterator
from typing import Any

from ingest.cast.edges import MASK
from ingest.formats.base import FileContext, Format, Refused, handle
from ingest.formats.registry import format_of
from ingest.names_told import listed
from ingest.readers.base import RawBatch, raw_batch
from ingest.readers.json import Broken, JsonRecords
from schemas.columns import polars_schema
from schemas.errors import FileRefused
from schemas.pagination import Page
from schemas.sources import Load, Reading, Source
from schemas.tables import DATASETS

BATCH_ROWS = 50_000


def native_format(name: str, records: JsonRecords) -> Format | None:
    """The format of a file; null where lines of it are to be read by their header. `FileRefused` for other documents."""
    form = format_of(records.head)
    if form is None and records.document:
        keys = list(records.head[0]) if records.head else []
        raise FileRefused(
            "unknown_format",
            f"{name}: is JSON of no shape that is known; it has {listed(keys, keys, noun='key')}",
            fix="deliver one JSON object per line with the columns of a dataset, or a file as the platform gives it",
        )
    return form


def says_something(value: Any) -> bool:
    """Whether anything stands in JSON beside empty lists and objects."""
    if isinstance(value, dict | list):
        return any(map(says_something, value.values() if isinstance(value, dict) else value))
    return value is not None


def nothing_known(name: str, form: Format) -> FileRefused:
    """The refusal of a file that looks like one of a format and holds nothing that the format is read for."""
    return FileRefused(
        "unknown_format",
        f"{name}: looks like {form.name}, but holds none of what is read of it: {', '.join(form.columns)}",
        fix='declare the file in sources.toml with format = "json" and paths; if it is no export, name it in ignore = [...]',
    )


def context_of(name: str, source: Source) -> FileContext:
    return FileContext(name, handle(source.owner), source.post, source.constants.get("is_complete_list"))


def declared(form: Format, source: Source) -> Source:
    """The declaration of a file of this format: each column from the cell of its name, constants beside them."""
    loads = tuple(_load(form, dataset, source.constants) for dataset in form.columns)
    number = form.numbers if source.number == "plain" else source.number
    return source.model_copy(
        update={"load": loads, "number": number, "time_zone": source.time_zone or form.zone, "date_format": None}
    )


def _load(form: Format, dataset: str, constants: dict[str, str]) -> Load:
    known = polars_schema(DATASETS[dataset])
    columns = {name: Reading(source=name, date_format=form.times.get(name)) for name in form.columns[dataset]}
    given = {name: Reading(value=text) for name, text in constants.items() if name in known and name not in columns}
    return Load(dataset=dataset, columns={"platform": Reading(value=form.platform), **given, **columns})


def native_batches(
    records: JsonRecords, form: Format, context: FileContext, pages: list[Page]
) -> Iterator[dict[str, RawBatch]]:
    """Batches by dataset. Records are numbered within their dataset, as one record of a file may fill several.

    What they tell of the pages of lists is added to `pages`.
    """
    numbers = dict.fromkeys(form.columns, 0)
    rows: dict[str, list[tuple[Any, ...]]] = {dataset: [] for dataset in form.columns}
    broken: dict[str, list[dict[str, Any]]] = {dataset: [] for dataset in form.columns}
    waiting = 0
    for record in records:
        for row in (record,) if isinstance(record, Broken) else form.rows_of(record, context):
            if isinstance(row, Page):
                pages.append(row)
                continue
            dataset = next(iter(form.columns)) if isinstance(row, Broken) else row.dataset
            numbers[dataset] += 1
            if isinstance(row, Refused | Broken):
                broken[dataset].append(broken_record(row, numbers[dataset], form))
            else:
                rows[dataset].append((numbers[dataset], *form.cells_of(row)))
            waiting += 1
        if waiting >= BATCH_ROWS:
            yield _flushed(form, rows, broken)
            waiting = 0
    yield _flushed(form, rows, broken)


def broken_record(row: Refused | Broken, number: int, form: Format) -> dict[str, Any]:
    value = MASK if form.names_members else row.value
    if isinstance(row, Broken):
        advice = {"allowed": "one JSON object per line", "fix": "deliver the file again, or mend the line"}
        return {"record": number, "line": row.line, "value": value, "rule": row.rule, **advice}
    texts = {"value": value, "rule": row.rule, "allowed": row.allowed, "fix": row.fix}
    return {"record": number, "line": None, **texts}


def _flushed(
    form: Format, rows: dict[str, list[tuple[Any, ...]]], broken: dict[str, list[dict[str, Any]]]
) -> dict[str, RawBatch]:
    """What has gathered, the lists emptied."""
    batches = {
        dataset: raw_batch(rows[dataset], broken[dataset], list(form.columns[dataset]))
        for dataset in form.columns
        if rows[dataset] or broken[dataset]
    }
    for dataset in form.columns:
        rows[dataset].clear()
        broken[dataset].clear()
    return batches

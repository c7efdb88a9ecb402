"""A file of nested JSON as batches of text rows, one kind of batch for each dataset that its format fills."""

from collections.abc import Iterator
from typing import Any

from ingest.formats.base import FileContext, Format, handle
from ingest.formats.registry import format_of
from ingest.privacy import keys_listed
from ingest.readers.base import RawBatch, raw_batch
from ingest.readers.json import JsonRecords
from schemas.columns import polars_schema
from schemas.errors import FileRefused
from schemas.pagination import Page
from schemas.rejects import Reject
from schemas.sources import Load, Reading, Source
from schemas.tables import DATASETS

BATCH_ROWS = 50_000


def native_format(name: str, records: JsonRecords) -> Format | None:
    """The format of a file; null where lines of it are to be read by their header. `FileRefused` for other documents."""
    form = format_of(records.head)
    if form is None and records.document:
        raise FileRefused(
            "unknown_format",
            f"{name}: is JSON of no shape that is known; it has {keys_listed(records.head[0]) if records.head else 'no key'}",
            fix="deliver one JSON object per line with the columns of a dataset, or a file as the platform gives it",
        )
    return form


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
    loads = source.with_conditions(tuple(_load(form, dataset, source.constants) for dataset in form.columns))
    number = form.numbers if source.number == "plain" else source.number
    return source.model_copy(
        update={"load": loads, "number": number, "time_zone": source.time_zone or form.zone, "date_format": None}
    )


def _load(form: Format, dataset: str, constants: dict[str, str]) -> Load:
    known = polars_schema(DATASETS[dataset])
    # What was declared holds where the record itself does not say it.
    columns = {
        name: Reading(source=name, date_format=form.times.get(name), default=constants.get(name))
        for name in form.columns[dataset]
    }
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
    rejects: dict[str, list[Reject]] = {dataset: [] for dataset in form.columns}
    waiting = 0
    for record in records:
        for row in (record,) if isinstance(record, Reject) else form.rows_of(record, context):
            if isinstance(row, Page):
                pages.append(row)
                continue
            # A record of which it is not known what it is counts among those of the first dataset.
            dataset = row.dataset or next(iter(form.columns))
            numbers[dataset] += 1
            if isinstance(row, Reject):
                rejects[dataset].append(row._replace(record=numbers[dataset]))
            else:
                rows[dataset].append((numbers[dataset], *form.cells_of(row)))
            waiting += 1
        if waiting >= BATCH_ROWS:
            yield _flushed(form, rows, rejects)
            waiting = 0
    yield _flushed(form, rows, rejects)


def _flushed(
    form: Format, rows: dict[str, list[tuple[Any, ...]]], rejects: dict[str, list[Reject]]
) -> dict[str, RawBatch]:
    """What has gathered, the lists emptied."""
    batches = {
        dataset: raw_batch(rows[dataset], rejects[dataset], list(form.columns[dataset]))
        for dataset in form.columns
        if rows[dataset] or rejects[dataset]
    }
    for dataset in form.columns:
        rows[dataset].clear()
        rejects[dataset].clear()
    return batches

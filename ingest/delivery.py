"""What the ledger says of a file: the entries of those that were read, refused, or left alone."""

from dataclasses import replace

import polars as pl

from ingest.export_file import ExportFile
from schemas.columns import polars_schema
from schemas.errors import FileRefused, Unpublishable
from schemas.run_tables import RejectedRows
from warehouse.lake.ledger import Counts, Entry, Lake, Segment, delivery_id


def quarantined(
    file: ExportFile,
    refusal: FileRefused,
    lake: Lake,
    *,
    sha256: str | None = None,
    declaration: str | None = None,
    delivery: str | None = None,
    columns: dict[str, str | None] | None = None,
) -> Entry:
    """The entry of a file that cannot be read at all, its reason among the rejects."""
    delivery = delivery or delivery_id(f"{file.name}:{file.stamp}", refusal.rule)
    rejects = lake.write_rejects(delivery, _whole_file(file.name, refusal))
    return entry_of(
        file, sha256, declaration, delivery, "quarantined", note=str(refusal), rejects=rejects, columns=columns
    )


def quarantined_after_all(entry: Entry, refusal: FileRefused, lake: Lake) -> Entry:
    """The entry of a file that was read and is refused now. Its segments never count: the next run sweeps them."""
    rejects = lake.write_rejects(entry.delivery, _whole_file(entry.file, refusal))
    return replace(
        entry,
        verdict="quarantined",
        note=str(refusal),
        format=None,
        counts=(Counts(None),),
        segments=(),
        rejects=rejects,
    )


def quarantined_unpublishable(entries: list[Entry], failure: Unpublishable, lake: Lake) -> list[Entry]:
    """The entries with the one refused that the warehouse cannot be built with; the same where it is none of these."""
    refusal = FileRefused("cannot be published", str(failure), fix=failure.fix)
    return [
        quarantined_after_all(entry, refusal, lake)
        if entry.delivery == failure.delivery and entry.verdict == "loaded"
        else entry
        for entry in entries
    ]


def _whole_file(file: str, refusal: FileRefused) -> pl.DataFrame:
    row = {
        "file": file, "dataset": None, "record": None, "line": None, "column_name": None, "value": None,
        "rule": refusal.rule, "allowed": str(refusal), "fix": refusal.fix, "kept": False,
    }  # fmt: skip
    return pl.DataFrame([row], schema=polars_schema(RejectedRows))


def as_rejected_rows(rejects: pl.DataFrame) -> pl.DataFrame:
    """Rejects with all columns of their table, null where nothing is said."""
    schema = polars_schema(RejectedRows)
    absent = [pl.lit(None, dtype).alias(name) for name, dtype in schema.items() if name not in rejects.columns]
    rows = rejects.with_columns(absent).select(pl.col(name).cast(dtype) for name, dtype in schema.items())
    return rows.with_columns(pl.col("kept").fill_null(value=False))


def ignored(file: ExportFile, why: str) -> Entry:
    """The entry of a file that is not opened."""
    delivery = delivery_id(f"{file.name}:{file.stamp}", "ignored")
    note = f"not opened: {why}"
    return entry_of(file, None, None, delivery, "ignored", note=note)


def entry_of(
    file: ExportFile,
    sha256: str | None,
    declaration: str | None,
    delivery: str,
    verdict: str,
    *,
    note: str | None = None,
    format: str | None = None,
    counts: tuple[Counts, ...] = (Counts(None),),
    segments: tuple[Segment, ...] = (),
    rejects: str | None = None,
    columns: dict[str, str | None] | None = None,
) -> Entry:
    return Entry(
        file.name,
        file.size,
        file.stamp,
        sha256,
        declaration,
        delivery,
        verdict,
        format,
        note,
        counts,
        segments,
        rejects,
        columns or {},
    )

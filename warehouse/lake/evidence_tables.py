"""What the ledger and the rejects of a lake come to as tables of the warehouse."""

from collections.abc import Mapping
from datetime import datetime

import polars as pl

from schemas.columns import polars_schema
from schemas.run_tables import LoadLedger, RejectedRows
from schemas.times import clock_fault, within_reach
from warehouse.lake.commits import Commit, Counts, Entry, RowsOfSegments
from warehouse.lake.ledger import PARSER_VERSION, Lake


def ledger_table(lake: Lake, waiting: RowsOfSegments, later: RowsOfSegments, notes: Mapping[str, str]) -> pl.DataFrame:
    """The table `load_ledger`: each file's newest entry, a row per dataset read from it.

    `waiting` and `later` tell how many rows of a segment are left out, `notes` what more to say of a file.
    """
    rows = [
        {
            "file": entry.file,
            "verdict": entry.verdict,
            "format": entry.format,
            **vars(counts),
            "rows_waiting": _records(entry, counts, waiting),
            "rows_later": _records(entry, counts, later),
            "file_bytes": entry.size,
            "sha256": entry.sha256,
            "declaration": entry.declaration,
            "parser_version": PARSER_VERSION,
            "note": "; ".join(filter(None, (entry.note, notes.get(entry.file), _unknown_time(commit)))) or None,
            "run_sequence": commit.sequence,
            "loaded_at": within_reach(datetime.fromisoformat(commit.committed_at)),
        }
        for commit, entry in lake.entries()
        for counts in entry.counts
    ]
    schema = polars_schema(LoadLedger)
    return pl.DataFrame(rows, schema=schema).select(schema.names())


def rejects_table(lake: Lake) -> pl.DataFrame:
    """The table `rejected_rows`: what was rejected of each file's newest entry."""
    schema = polars_schema(RejectedRows)
    frames = [
        _with_kept(pl.read_parquet(lake.root / entry.rejects))
        .with_columns(pl.lit(entry.file).alias("file"))
        .select(schema.names())
        for _, entry in lake.entries()
        if entry.rejects
    ]
    return pl.concat(frames) if frames else schema.to_frame()


def _records(entry: Entry, counts: Counts, rows: RowsOfSegments) -> int:
    """How many records of a file the rows of its segments are: mutual friends are two rows of one record."""
    own = [segment for segment in entry.segments if segment.dataset == counts.dataset]
    found, stored = (sum(each) for each in ([rows.get((s.path, s.part), 0) for s in own], [s.rows for s in own]))
    return found * counts.rows_loaded // stored if stored else 0


def _unknown_time(commit: Commit) -> str | None:
    wrong = clock_fault(datetime.fromisoformat(commit.committed_at))
    return "loaded_at is not known, as the clock of the machine was wrong" if wrong else None


def _with_kept(rejects: pl.DataFrame) -> pl.DataFrame:
    """Rejects of an earlier version say nothing of cells, as each cost its row then."""
    return rejects if "kept" in rejects.columns else rejects.with_columns(kept=pl.lit(value=False))

"""What came in, what did not, and what each run did."""

import polars as pl

from schemas.audience_overlap import LISTED_MIN, PARTNERS_MAX
from schemas.columns import Instant, Table, column

VERDICTS = ("loaded", "empty", "repeated", "quarantined", "ignored", "retired")


class LoadLedger(Table):
    """One row per delivered file and dataset read from it: rows_read = loaded + duplicate + rejected + left out + forgotten."""

    file: str = column("Path inside the exports folder", "text", key=True)
    dataset: str = column("Canonical dataset the rows became; null where the file was not read", "label", nullable=True)
    verdict: str = column("What became of the file", "label", isin=VERDICTS)
    format: str = column("How it was read", "label", nullable=True)
    rows_read: pl.Int64 = column("Records found", "count")
    rows_loaded: pl.Int64 = column("Records in the lake", "count")
    rows_duplicate: pl.Int64 = column(
        "Records of accounts, posts, prices or figures that repeat another of the same file; repeated follows, likes and "
        "comments are loaded, and merged in the marts",
        "count",
    )
    rows_rejected: pl.Int64 = column("Records rejected, each listed in rejected_rows", "count")
    rows_left_out: pl.Int64 = column(
        "Records that are none of the dataset, as `where` or `where_not` in sources.toml says", "count"
    )
    rows_forgotten: pl.Int64 = column(
        "Records of people and accounts that `tierwise forget` took out or left out, and of follows, likes and comments older"
        " than TIERWISE_RETENTION",
        "count",
    )
    cells_rejected: pl.Int64 = column(
        "Cells of loaded rows that could not be read and are null, each listed in rejected_rows as kept", "count"
    )
    rows_waiting: pl.Int64 = column(
        "Of those loaded, likes and comments whose post has not come yet, or is later than the as_of that was given",
        "count",
    )
    rows_later: pl.Int64 = column(
        "Of those loaded, rows later than the as_of that was given, which no mart has; 0 where none was given", "count"
    )
    file_bytes: pl.Int64 = column("Size of the file", "bytes")
    sha256: str = column("Hash of the file's bytes; null where it could not be read", "id", nullable=True)
    declaration: str = column("Hash of the declaration it was read by", "id", nullable=True)
    parser_version: pl.Int64 = column("Version of the reader", "count")
    note: str = column(
        "What a reader should know: unknown columns, a repeat, the quarantine reason", "text", nullable=True
    )
    run_sequence: pl.Int64 = column("Which commit of the lake brought it", "count")
    loaded_at: Instant = column("When that commit was made", "instant")


class RejectedRows(Table):
    """One row per broken rule of a file, a record or a cell: what was not loaded, and why."""

    file: str = column("Path inside the exports folder", "text", key=True)
    dataset: str = column("Dataset the record was meant for", "label", nullable=True)
    record: pl.Int64 = column("Number of the record in the file, from 1; null for a whole file", "count", nullable=True)
    line: pl.Int64 = column(
        "Line the record begins on, of a sheet its row; null where lines mean nothing", "count", nullable=True
    )
    column_name: str = column("Column of the export", "text", nullable=True)
    value: str = column(
        "The offending text, cut to 200 characters; not shown where it may name a member", "text", nullable=True
    )
    rule: str = column("The rule it breaks", "label")
    allowed: str = column("What would have been accepted", "text")
    fix: str = column("How to fix it", "text")
    kept: pl.Boolean = column(
        "The row was loaded without this cell, which is null; false: the row or file was not", "flag"
    )


class RunLog(Table):
    """One row per run that published."""

    run_sequence: pl.Int64 = column("Number of the publication, from 1", "count", key=True)
    started_at: Instant = column("When the run started", "instant")
    finished_at: Instant = column("When it had built its tables", "instant")
    duration_seconds: pl.Float64 = column("How long it took", "seconds")
    as_of: Instant = column("The instant the marts are computed for", "instant", nullable=True)
    files_seen: pl.Int64 = column("Files in the exports folder", "count")
    files_read: pl.Int64 = column("Of them, read in this run", "count")
    rows_loaded: pl.Int64 = column("Rows loaded in this run", "count")
    rows_rejected: pl.Int64 = column("Rows rejected in this run", "count")
    overlap_listed_min: pl.Int64 = column(
        f"Listed followers below which overlaps are left out (TIERWISE_OVERLAP_LISTED_MIN; {LISTED_MIN} unless set)",
        "count",
        nullable=True,
    )
    overlap_partners_max: pl.Int64 = column(
        f"Overlaps listed of an account at most (TIERWISE_OVERLAP_PARTNERS_MAX; {PARTNERS_MAX} unless set)",
        "count",
        nullable=True,
    )
    overlap_account_left_out_count: pl.Int64 = column(
        "Accounts that list followers, and fewer than overlap_listed_min: audience_overlap leaves them out",
        "count",
        nullable=True,
    )
    rows_later: pl.Int64 = column(
        "Rows of the lake later than the as_of that was given, which no mart has; null for runs of earlier versions",
        "count",
        nullable=True,
    )
    content_hash: str = column("Hash of every mart's content", "id")
    lake_key: str = column("What the file was made from: the last commit of the lake, as_of and the program", "id")
    tierwise_version: str = column("Version of the program", "label")
    evidence_left_out: str = column(
        "Rows left out of data_quality, load_ledger and rejected_rows because they break a rule of their own table, which"
        " is a fault of the program; null where there are none",
        "text",
        nullable=True,
    )


class DataQuality(Table):
    """One row per thing that looks wrong in the loaded data: evidence, never a verdict."""

    platform: str = column("Network; any where all are concerned", "label", key=True)
    account_id: str = column(
        "Account concerned; null where a post's is not known, or none is", "id", nullable=True, key=True
    )
    post_id: str = column("Post concerned; null for the whole account", "id", nullable=True, key=True)
    issue: str = column("What looks wrong", "label", key=True)
    observed_at: Instant = column("Observation concerned; null is undated", "instant", nullable=True, key=True)
    column_name: str = column("Column concerned", "text", nullable=True, key=True)
    detail: str = column("The evidence in words", "text")

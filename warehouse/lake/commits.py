"""What the ledger says: a commit, the files that it brought, what became of their records, and where the rows lie."""

from dataclasses import dataclass, field, replace
from datetime import datetime

from schemas.errors import TierwiseError
from schemas.pagination import Page

# Rows of a segment, or of one file that shares it with others: by its path and the number of the file.
RowsOfSegments = dict[tuple[str, int | None], int]


@dataclass(frozen=True)
class Counts:
    """What became of the records of one file for one dataset."""

    dataset: str | None
    rows_read: int = 0
    rows_loaded: int = 0
    rows_duplicate: int = 0
    rows_rejected: int = 0
    cells_rejected: int = 0  # of rows that were loaded all the same
    rows_left_out: int = 0  # by a condition of the declaration
    rows_forgotten: int = 0  # of people and accounts who are forgotten, or older than members are kept

    def __post_init__(self) -> None:
        fates = (self.rows_loaded, self.rows_duplicate, self.rows_rejected, self.rows_left_out, self.rows_forgotten)
        if self.rows_read != sum(fates):
            raise TierwiseError(f"counts do not add up: {self}", fix="report this as a fault of Tierwise")


@dataclass(frozen=True)
class Segment:
    """A Parquet file of validated rows, by its path inside the lake.

    `observed` and `happened` are the newest observation and event in it, empty where no row has one; of other rows than
    edges, ledgers of earlier versions do not say. Edges have their bucket, where all rows are in one. Where many small files share a segment,
    `part` is the file's own number in the column of that name, and `rows` and times are of its rows alone.
    """

    dataset: str
    path: str
    rows: int
    bucket: int | None = None
    observed: str | None = None
    happened: str | None = None
    part: int | None = None


@dataclass(frozen=True)
class Entry:
    """One file in the ledger."""

    file: str
    size: int
    stamp: str
    sha256: str | None
    declaration: str | None
    delivery: str
    verdict: str
    format: str | None
    note: str | None
    counts: tuple[Counts, ...]
    segments: tuple[Segment, ...] = ()
    rejects: str | None = None
    # The columns of a table of records and what they hold: number, time, text, or null where no cell tells.
    columns: dict[str, str | None] = field(default_factory=dict)
    pages: tuple[Page, ...] = ()  # of lists that come in pages, what this file tells of them


@dataclass(frozen=True)
class Receipt:
    """What was taken out of the lake: for which request, how many records of which datasets. Nobody is named."""

    request: str
    at: str
    rows: dict[str, int]


@dataclass
class Commit:
    """What a batch of files brought, and which deliveries it replaces.

    `rewritten`: segments that lost the rows of replaced deliveries, and where those of the others are now. `receipt`: what
    was taken out of segments of earlier commits, whose entries have counted without it since. `gathered`: small segments, the
    one that holds their rows since, and what the numbers of their files are raised by there.
    """

    sequence: int
    committed_at: str
    entries: tuple[Entry, ...]
    retired: tuple[str, ...] = ()
    rewritten: tuple[tuple[str, str], ...] = ()
    receipt: Receipt | None = None
    gathered: tuple[tuple[str, str, int], ...] = ()


def dated(segment: Segment, observed: datetime | None, happened: datetime | None) -> Segment:
    """The segment with the newest observation and event of its rows."""
    seen, came = (time.isoformat() if time else "" for time in (observed, happened))
    return replace(segment, observed=seen, happened=came)

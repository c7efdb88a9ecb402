"""What a run did, in figures and lines."""

import os
import time
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from flows.settings import Settings, now_utc
from ingest.faults import is_fault
from ingest.inventory import Inventory
from schemas.time_windows import window_bounds
from warehouse.lake.commits import Entry
from warehouse.lake.incomplete_lists import notes_on_pages
from warehouse.lake.ledger import Lake
from warehouse.lake.ledger_repair import entry_as_stored
from warehouse.reach import AsOf

COUNTS = ("rows_read", "rows_loaded", "rows_duplicate", "rows_rejected", "rows_left_out", "rows_forgotten")
# Clocks differ, and a day as as_of means its end.
AHEAD_MAX = timedelta(days=1)


@dataclass(frozen=True)
class RunSummary:
    """What a run did. `published` is false where nothing had changed."""

    files_seen: int
    files_read: int
    files_ignored: int
    files_quarantined: int
    files_quarantined_before: int
    quarantined: list[str]
    rows_read: int
    rows_loaded: int
    rows_duplicate: int
    rows_rejected: int
    rows_left_out: int
    rows_forgotten: int
    cells_rejected: int
    rows_later: int
    published: bool
    content_hash: str
    as_of: str | None
    as_of_file: str | None
    windows: dict[str, tuple[str | None, str | None]]
    warehouse: str
    duration_seconds: float
    schema_changes: tuple[str, ...] = ()
    incomplete_lists: tuple[str, ...] = ()
    evidence_left_out: tuple[str, ...] = ()
    ahead_of_clock: str | None = None
    nothing_loaded: bool = False
    clock: str | None = None
    faults: tuple[str, ...] = ()

    def is_rejected_beyond(self, limit: float) -> bool:
        """Whether more than this share of the rows read was rejected."""
        return self.rows_rejected > limit * max(self.rows_read, 1)

    @property
    def rows_fates(self) -> str:
        """What became of the rows read, as a sum; of what is rare only where there is any."""
        rare = ((self.rows_left_out, "left out"), (self.rows_forgotten, "forgotten"))
        fates = [(self.rows_loaded, "loaded"), (self.rows_duplicate, "duplicate"), (self.rows_rejected, "rejected")]
        return " + ".join(f"{count:,} {fate}" for count, fate in [*fates, *(one for one in rare if one[0])])

    def as_json(self) -> dict[str, Any]:
        return {"schema_version": 1, **asdict(self)}


@dataclass(frozen=True)
class Reading:
    """What a run found in the exports folder and what it read of it. `started` is by the monotonic clock."""

    inventory: Inventory
    entries: list[Entry]
    started: float

    @property
    def committed(self) -> list[Entry]:
        """What stands in the ledger because of this run: also files that look new and are not."""
        return [*self.entries, *self.inventory.touched]

    @property
    def brought(self) -> dict[str, int]:
        """The counts that the ledger must have of this run; none where no file was read."""
        return {name: _total(self.committed, name) for name in COUNTS} if self.entries else {}

    def as_stored_in(self, lake: Lake) -> "Reading":
        """The same, with each file as its segments are now that rows were taken out of them."""
        entries, touched = (
            [entry_as_stored(lake, entry) for entry in each] for each in (self.entries, self.inventory.touched)
        )
        return replace(self, inventory=replace(self.inventory, touched=touched), entries=entries)

    def total(self, name: str) -> int:
        """A count of rows over the files that were read."""
        return _total(self.entries, name)


def _total(entries: list[Entry], name: str) -> int:
    return sum(getattr(counts, name) for entry in entries for counts in entry.counts)


@dataclass(frozen=True)
class Outcome:
    """What a run came to: whether it published, which content, as of when, how many rows are later than that, and what
    evidence was left out."""

    published: bool
    content_hash: str
    as_of: AsOf
    rows_later: int
    evidence_left_out: tuple[str, ...] = ()


def summary_of(lake: Lake, reading: Reading, outcome: Outcome, settings: Settings) -> RunSummary:
    inventory, entries = reading.inventory, reading.entries
    read = {entry.file for entry in entries}
    present = _present(lake, inventory)
    bounds = window_bounds(outcome.as_of.at)
    now = now_utc()
    clock = lake.clock_fault(now)
    return RunSummary(
        files_seen=inventory.files_seen,
        files_read=sum(entry.verdict == "loaded" for entry in entries),
        files_ignored=len(inventory.ignored),
        files_quarantined=sum(entry.verdict == "quarantined" for entry in entries),
        files_quarantined_before=sum(entry.verdict == "quarantined" and entry.file not in read for entry in present),
        quarantined=[entry.note or entry.file for entry in entries if entry.verdict == "quarantined"],
        rows_read=reading.total("rows_read"),
        rows_loaded=reading.total("rows_loaded"),
        rows_duplicate=reading.total("rows_duplicate"),
        rows_rejected=reading.total("rows_rejected"),
        rows_left_out=reading.total("rows_left_out"),
        rows_forgotten=reading.total("rows_forgotten"),
        cells_rejected=reading.total("cells_rejected"),
        rows_later=outcome.rows_later,
        published=outcome.published,
        content_hash=outcome.content_hash,
        as_of=_written(outcome.as_of.at),
        as_of_file=outcome.as_of.file,
        windows={name: (_written(start), _written(end)) for name, (start, end) in bounds.items()},
        warehouse=os.fspath(settings.warehouse),
        duration_seconds=round(time.monotonic() - reading.started, 3),
        evidence_left_out=outcome.evidence_left_out,
        incomplete_lists=tuple(f"{file}: {said}" for file, said in notes_on_pages(lake).items() if file in read),
        ahead_of_clock=None if clock else _ahead_of(now, outcome.as_of),
        nothing_loaded=_nothing_loaded(lake, present),
        clock=clock,
        faults=tuple(entry.note or "" for entry in entries if is_fault(entry.file, entry.note)),
    )


def _present(lake: Lake, inventory: Inventory) -> list[Entry]:
    """What the ledger says of the files that are in the folder and not ignored."""
    names = inventory.hashes.keys() - inventory.ignored
    return [entry for _, entry in lake.entries() if entry.file in names]


def _nothing_loaded(lake: Lake, present: list[Entry]) -> bool:
    """Whether no file of the folder gives a row, by this run or one before: because none could, or none ever has.

    A row of somebody forgotten is one too. Files without records among others that were loaded before are a quiet day, and no fault.
    """
    live = lake.deliveries()
    if any(_gives_rows(live.get(entry.delivery, entry)) for entry in present):
        return False
    return any(entry.rejects for entry in present) or not any(map(_gives_rows, live.values()))


def _gives_rows(entry: Entry) -> bool:
    return any(counts.rows_loaded or counts.rows_forgotten for counts in entry.counts)


def _written(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def _ahead_of(now: datetime, as_of: AsOf) -> str | None:
    """What to say of an as_of in the future, which empties the windows of all that was not published then."""
    if as_of.at is None or as_of.at - now <= AHEAD_MAX:
        return None
    origin = f"the newest time in {as_of.file}" if as_of.file else "the as_of that was given"
    fix = "correct that file, or give the instant with --as-of" if as_of.file else "give a day that has been"
    return f"{origin} is {as_of.at:%Y-%m-%d %H:%M} UTC, and the clock of this machine says {now:%Y-%m-%d %H:%M}; {fix}"

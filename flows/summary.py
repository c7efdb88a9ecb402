"""What a run did, in figures and lines."""

import os
import time
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from flows.settings import Settings
from ingest.inventory import Inventory
from warehouse.lake.incomplete_lists import notes_on_pages
from warehouse.lake.ledger import Entry, Lake


@dataclass(frozen=True)
class RunSummary:
    """What a run did. `published` is false where nothing had changed."""

    files_seen: int
    files_read: int
    files_quarantined: int
    quarantined: list[str]
    rows_read: int
    rows_loaded: int
    rows_duplicate: int
    rows_rejected: int
    published: bool
    content_hash: str
    as_of: str | None
    warehouse: str
    duration_seconds: float
    schema_changes: tuple[str, ...] = ()
    incomplete_lists: tuple[str, ...] = ()
    evidence_left_out: tuple[str, ...] = ()

    def is_rejected_beyond(self, limit: float) -> bool:
        """Whether more than this share of the rows read was refused."""
        return self.rows_rejected > limit * max(self.rows_read, 1)

    def as_json(self) -> dict[str, Any]:
        return {"schema_version": 1, **asdict(self)}


def total(entries: list[Entry], name: str) -> int:
    return sum(getattr(counts, name) for entry in entries for counts in entry.counts)


def summary_of(
    lake: Lake,
    inventory: Inventory,
    entries: list[Entry],
    published: bool,
    hashed: str,
    as_of: datetime | None,
    settings: Settings,
    started: float,
) -> RunSummary:
    read = {entry.file for entry in entries}
    return RunSummary(
        files_seen=inventory.files_seen,
        files_read=sum(entry.verdict == "loaded" for entry in entries),
        files_quarantined=sum(entry.verdict == "quarantined" for entry in entries),
        quarantined=[entry.note or entry.file for entry in entries if entry.verdict == "quarantined"],
        rows_read=total(entries, "rows_read"),
        rows_loaded=total(entries, "rows_loaded"),
        rows_duplicate=total(entries, "rows_duplicate"),
        rows_rejected=total(entries, "rows_rejected"),
        published=published,
        content_hash=hashed,
        as_of=as_of.isoformat() if as_of else None,
        warehouse=os.fspath(settings.warehouse),
        duration_seconds=round(time.monotonic() - started, 3),
        incomplete_lists=tuple(f"{file}: {said}" for file, said in notes_on_pages(lake).items() if file in read),
    )

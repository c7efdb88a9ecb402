"""A delivery, and what the ledger says of one that was opened, or left alone; `quarantine` has those that cannot be read."""

from dataclasses import dataclass
from functools import cached_property

from ingest.export_file import ExportFile
from schemas.sources import Source
from warehouse.lake.commits import Counts, Entry
from warehouse.lake.ledger import delivery_id


@dataclass(frozen=True)
class Delivery:
    """A file that is to be read, known by its bytes and its declaration."""

    file: ExportFile
    sha256: str
    source: Source
    declaration: str

    @cached_property
    def id(self) -> str:
        return delivery_id(self.sha256, self.declaration)


def entry_of(delivery: Delivery, verdict: str, note: str | None = None) -> Entry:
    """The entry of a file that was opened, nothing read from it yet."""
    file = delivery.file
    return Entry(
        file.name, file.size, file.stamp, delivery.sha256, delivery.declaration, delivery.id, verdict,
        format=None, note=note, counts=(Counts(None),),
    )  # fmt: skip


def ignored(file: ExportFile, why: str) -> Entry:
    """The entry of a file that is not opened."""
    return entry_unread(file, "ignored", "ignored", f"not opened: {why}")


def entry_unread(file: ExportFile, kind: str, verdict: str, note: str) -> Entry:
    """The entry of a file whose bytes are not known."""
    delivery = delivery_id(f"{file.name}:{file.stamp}", kind)
    return Entry(file.name, file.size, file.stamp, None, None, delivery, verdict, None, note, (Counts(None),))

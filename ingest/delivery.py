"""A delivery, and what the ledger says of it: the entries of files that were read, quarantined, or left alone."""

from dataclasses import dataclass, replace
from functools import cached_property

from ingest.export_file import ExportFile
from ingest.rejects import write_refusal
from schemas.errors import FileRefused, Unpublishable
from schemas.sources import Source
from warehouse.lake.ledger import Counts, Entry, Lake, delivery_id


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


def quarantined(what: Delivery | ExportFile, refusal: FileRefused, lake: Lake) -> Entry:
    """The entry of a file that cannot be read, its reason among the rejects.

    Args:
        what: the delivery; the file alone where its bytes are not known, so that the next run tries again.
        refusal: why, and how to fix it.
        lake: where the reason is written.
    """
    if isinstance(what, Delivery):
        entry = entry_of(what, "quarantined", str(refusal))
    else:
        entry = _unread(what, refusal.rule, "quarantined", str(refusal))
    return replace(entry, rejects=write_refusal(entry.delivery, entry.file, refusal, lake))


def quarantined_after_all(entry: Entry, refusal: FileRefused, lake: Lake) -> Entry:
    """The entry of a file that was read and is quarantined now. Its segments never count: the next run sweeps them."""
    rejects = write_refusal(entry.delivery, entry.file, refusal, lake)
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


def ignored(file: ExportFile, why: str) -> Entry:
    """The entry of a file that is not opened."""
    return _unread(file, "ignored", "ignored", f"not opened: {why}")


def _unread(file: ExportFile, kind: str, verdict: str, note: str) -> Entry:
    delivery = delivery_id(f"{file.name}:{file.stamp}", kind)
    return Entry(file.name, file.size, file.stamp, None, None, delivery, verdict, None, note, (Counts(None),))

"""Files that cannot be read are quarantined: their entry of the ledger, and the reason among the rejects."""

from dataclasses import replace

from ingest.delivery import Delivery, entry_of, entry_unread
from ingest.export_file import ExportFile
from ingest.rejects import write_refusal
from schemas.errors import FileRefused, Unpublishable
from warehouse.lake.commits import Counts, Entry
from warehouse.lake.ledger import Lake


def quarantined(what: Delivery | ExportFile, refusal: FileRefused, lake: Lake) -> Entry:
    """The entry of a file that cannot be read, its reason among the rejects.

    Args:
        what: the delivery; the file alone where its bytes are not known, so that the next run tries again.
        refusal: why, and how to fix it.
        lake: where the reason is written.
    """
    file = what.file if isinstance(what, Delivery) else what
    if not str(refusal).startswith(file.name):
        # What finds it may know the declaration alone.
        refusal = FileRefused(refusal.rule, f"{file.name}: {refusal}", fix=refusal.fix)
    if isinstance(what, Delivery):
        entry = entry_of(what, "quarantined", str(refusal))
    else:
        entry = entry_unread(what, refusal.rule, "quarantined", str(refusal))
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

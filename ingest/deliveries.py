"""Read deliveries into the lake: which go together, which must wait for the posts of the others."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ingest.delivery import quarantined
from ingest.edges import EdgeContext, PostsFirst, write_owners
from ingest.export_file import size_and_stamp
from ingest.faults import ANYTHING, check_blame, refusal_of
from ingest.inventory import Delivery
from ingest.load import ingest_file
from ingest.small_files import SmallFiles
from schemas.errors import FileRefused
from warehouse.lake.edge_layout import observed_owners
from warehouse.lake.ledger import Entry, Lake

BATCH_FILES, BATCH_BYTES = 2_000, 256 << 20

Tick = Callable[[int], None]


@dataclass(frozen=True)
class Batch:
    """What became of some deliveries; `late` are those that must be read after the posts of all the others."""

    entries: list[Entry]
    late: list[Delivery]


def batches_of(deliveries: list[Delivery]) -> list[list[Delivery]]:
    """Files grouped so that a task reads many small ones or a few large ones: tasks cost, tens are fine, thousands not."""
    batches: list[list[Delivery]] = []
    weight = BATCH_BYTES
    for delivery in deliveries:
        if weight >= BATCH_BYTES or len(batches[-1]) >= BATCH_FILES:
            batches.append([])
            weight = 0
        batches[-1].append(delivery)
        weight += delivery.file.size
    return batches


def read_deliveries(
    deliveries: list[Delivery], lake: Lake, context: EdgeContext, tick: Tick = lambda rows: None
) -> Batch:
    """Read deliveries into the lake, one after the other; they count once they are committed.

    Args:
        deliveries: Files that are new, or declared otherwise than before.
        lake: Where their rows go.
        context: The secret of members, and the owners of known posts.
        tick: Told the number of rows read, now and then.

    Returns:
        An entry of the ledger for each delivery, and the deliveries of likes or comments that came before their posts.
    """
    late: list[Delivery] = []
    small = SmallFiles(lake, context, tick)
    alone = [delivery for delivery in deliveries if not small.add(delivery)]
    entries, fell_back = small.finish()
    for delivery in [*alone, *fell_back]:
        try:
            entries.append(_read(delivery, lake, context, tick))
        except PostsFirst:
            late.append(delivery)
    return Batch(entries, late)


def _read(delivery: Delivery, lake: Lake, context: EdgeContext, tick: Tick) -> Entry:
    try:
        entry = ingest_file(delivery.file, delivery.sha256, delivery.source, delivery.declaration, lake, context, tick)
    except PostsFirst:
        raise
    except ANYTHING as error:
        check_blame(error, lake.root)
        # Not known by its bytes, so that it is tried again by every run until it can be read.
        return quarantined(delivery.file, refusal_of(delivery.file, error), lake)
    if size_and_stamp(delivery.file.path)[1] != delivery.file.stamp:
        refusal = FileRefused(
            "changed_while_read", f"{delivery.file.name}: was written to while it was read", fix="run again"
        )
        return quarantined(delivery.file, refusal, lake)
    return entry


def note_owners(lake: Lake, entries: list[Entry]) -> Path:
    """Write down which account each post belongs to, of the lake and of what this run has read so far; returns the file."""
    segments = [*lake.segments("posts"), *(segment for entry in entries for segment in entry.segments)]
    path = lake.scratch / "owners.parquet"
    write_owners(observed_owners(lake, segments), path)
    return path

"""Read deliveries into the lake: which go together, which must wait for the posts of the others."""

from collections.abc import Callable
from pathlib import Path

from ingest.delivery import Delivery
from ingest.edges import write_owners
from warehouse.lake.edge_layout import observed_owners
from warehouse.lake.ledger import Entry, Lake

BATCH_FILES, BATCH_BYTES = 2_000, 256 << 20

Tick = Callable[[int], None]


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


def note_owners(lake: Lake, entries: list[Entry]) -> Path:
    """Write down which account each post belongs to, of the lake and of what this run has read so far; returns the file."""
    segments = [*lake.segments("posts"), *(segment for entry in entries for segment in entry.segments)]
    path = lake.scratch / "owners.parquet"
    write_owners(observed_owners(lake, segments), path)
    return path

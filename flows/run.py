"""One run: its steps, in their order. An executor carries them out: in this process, or as tasks of Prefect."""

import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import replace
from datetime import datetime
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from flows.drawing import draw_report
from flows.settings import Settings, now_utc
from flows.summary import Outcome, Reading, RunSummary, summary_of
from ingest import inventory, panics
from ingest.delivery import Delivery
from ingest.edges import EdgeContext
from ingest.inventory import Inventory
from ingest.load import Loaded, load_files, note_owners
from ingest.load_state import Tick
from ingest.quarantine import quarantined_unpublishable
from ingest.schema_drift import against_earlier_files
from schemas.errors import DiskFullError, Unpublishable
from warehouse import publish as warehouse
from warehouse.atomic_write import check_space, full_disk_explained
from warehouse.changed import UnusableBase
from warehouse.contents import Contents, Filled, fill, lake_key
from warehouse.lake.disk import bytes_to_publish
from warehouse.lake.forget import expire, oldest_kept, open_lake
from warehouse.lake.forgotten import read_forgotten
from warehouse.lake.health import naming_cause
from warehouse.lake.ledger import Lake
from warehouse.lake.member_key import known_secret, member_secret
from warehouse.locks import held
from warehouse.published import published_state
from warehouse.reach import as_of_from

if TYPE_CHECKING:
    # Marts and what they compute with take half a second to import: only where something is to be computed.
    from marts.pieces import Piece, Share

# Below the lake, with all else that is dropped where anything is taken out of it.
PUBLISHED_HASHES = "cache/published"


class Executor:
    """Carries out the steps of a run in this process, one after the other; nothing is shown to anybody."""

    def __init__(self, tick: Tick = lambda rows: None) -> None:
        self._tick = tick

    def during(self, settings: Settings) -> AbstractContextManager[None]:  # noqa: ARG002  # for whoever is watched
        """What is held or noted from the first step to the last, under the lock of the home folder."""
        return nullcontext()

    def take_inventory(self, exports: Path, lake: Lake, settings: Settings, *, verify: bool) -> Inventory:
        """What is in the exports folder, and which of it is new."""
        return inventory.take_inventory(exports, lake, settings.limits, verify=verify)

    def read(self, deliveries: list[Delivery], lake: Lake, settings: Settings, owners: Path | None) -> list[Loaded]:
        """Read deliveries into the lake; `owners` is the file of the posts known so far, once all posts are read."""
        return [load_files(deliveries, lake, edge_context(lake, settings, owners), self._tick)]

    def publish(
        self, lake: Lake, reading: Reading, settings: Settings, as_of: datetime | None, *, rebuild: bool
    ) -> RunSummary:
        """Commit what was read, build the tables, publish them."""
        return publish(lake, reading, settings, as_of, share_here, rebuild=rebuild)

    def present(self, summary: RunSummary, reading: Reading, settings: Settings) -> None:
        """What people are shown beside the summary, once everything is published."""


class AtTerminal(Executor):
    """The same for somebody at a terminal, who gets the report. `warn` is told where it cannot be drawn."""

    def __init__(self, tick: Tick, warn: Callable[[str], None]) -> None:
        super().__init__(tick)
        self._warn = warn

    def read(self, deliveries: list[Delivery], lake: Lake, settings: Settings, owners: Path | None) -> list[Loaded]:
        with panics.unheard():
            return super().read(deliveries, lake, settings, owners)

    def present(self, summary: RunSummary, reading: Reading, settings: Settings) -> None:  # noqa: ARG002
        if failure := draw_report(settings, published=summary.published):
            self._warn(failure)


def run(
    exports: Path,
    settings: Settings,
    as_of: datetime | None = None,
    executor: Executor | None = None,
    *,
    verify: bool = False,
    rebuild: bool = False,
) -> RunSummary:
    """Read new exports into the lake and publish the warehouse.

    Args:
        exports: Folder of export files. It is only ever read.
        settings: The home folder, and everything else a run can be told.
        as_of: The instant the figures are for (UTC); the newest observation or event of the lake if absent.
        executor: Who carries out the steps; this process if absent.
        verify: Hash every file again, also those that look untouched.
        rebuild: Publish everything anew, also where nothing changed.

    Returns:
        Counts of files and rows, and whether anything was published: nothing is where nothing changed.

    Raises:
        BusyError: Another run is at work in the home folder.
        DiskFullError: The disk cannot hold what this run would write.
        UsageError: A folder, a declaration or a setting is wrong.
    """
    executor = executor or Executor()
    started = time.monotonic()
    with only_run(settings), executor.during(settings):
        lake = open_lake(settings.lake, settings.member_key_or_file, now_utc())
        found = executor.take_inventory(exports, lake, settings, verify=verify)
        check_space(settings.home, found.bytes_to_read)
        batches = executor.read(found.to_read, lake, settings, None)
        entries = [*found.settled, *(entry for batch in batches for entry in batch.entries)]
        if late := [delivery for batch in batches for delivery in batch.late]:
            batches = executor.read(late, lake, settings, note_owners(lake, entries))
            entries += [entry for batch in batches for entry in batch.entries]
        entries, changes = against_earlier_files(exports, lake, entries)
        reading = Reading(found, entries, started)
        summary = replace(
            executor.publish(lake, reading, settings, as_of, rebuild=rebuild), schema_changes=tuple(changes)
        )
        executor.present(summary, reading, settings)
    return summary


@contextmanager
def only_run(settings: Settings) -> Iterator[None]:
    """Hold the home folder's lock: one run at a time."""
    with (
        held(settings.lock, "another run is at work here", fix="wait for it to end, or use another --home"),
        full_disk_explained(settings.home),
    ):
        yield


def edge_context(lake: Lake, settings: Settings, owners: Path | None = None) -> EdgeContext:
    """What files are read with. The secret is looked for, or made, when the first member is met."""
    key = settings.member_key_or_file
    secret = partial(member_secret, lake, *key)
    return EdgeContext(secret, owners, settings.limits, read_forgotten(lake, secret), partial(known_secret, lake, *key))


def share_here(lake: Path, pieces: "Sequence[Piece]") -> None:
    """Have pieces of work done by threads of this process, as many at once as fit in memory."""
    fit = min((piece.at_once for piece in pieces), default=1)
    with ThreadPoolExecutor(min(fit, os.cpu_count() or 1)) as pool:
        for _ in pool.map(lambda piece: piece.do(lake), pieces):
            pass  # the first failure is raised here


def publish(
    lake: Lake, reading: Reading, settings: Settings, given: datetime | None, share: "Share", *, rebuild: bool = False
) -> RunSummary:
    """Build the tables, commit what was read, publish. Where nothing changed, the published file stays as it is.

    A file of this run that they cannot be built with is quarantined. `share` has the work done, by whoever does it.
    With `rebuild`, and where anything was taken out of the lake, everything is written anew.
    """
    if reading.committed or reading.inventory.retired:
        lake.stage(reading.committed, now_utc(), reading.inventory.retired)
    if settings.retention:
        before = oldest_kept(as_of_from(lake, given).at, settings.retention, now_utc())
        if left := expire(lake, before, settings.member_key_or_file, now_utc()):
            lake, reading, rebuild = left, reading.as_stored_in(left), True
    try:
        try:
            return _publish_staged(lake, reading, settings, given, share, rebuild=rebuild)
        except UnusableBase:  # somebody changed the published file, or it is damaged: it is replaced
            return _publish_staged(lake, reading, settings, given, share, rebuild=True)
    except DiskFullError:  # what was read counts no more than before, and gives its place back
        lake.unstage()
        lake.sweep()
        raise
    except Unpublishable as failure:
        lake.unstage()
        without = quarantined_unpublishable(reading.entries, failure, lake)
        if without == reading.entries:
            raise
        return publish(lake, replace(reading, entries=without), settings, given, share, rebuild=rebuild)


def _publish_staged(
    lake: Lake, reading: Reading, settings: Settings, given: datetime | None, share: "Share", *, rebuild: bool
) -> RunSummary:
    state = published_state(settings.warehouse)
    as_of = as_of_from(lake, given)
    key = lake_key(lake, as_of, settings.overlap_bounds, use_suggested_niches=settings.use_suggested_niches)
    if state and state.lake_key == key and not rebuild:
        outcome = Outcome(False, state.content_hash, as_of, state.rows_later, state.evidence_left_out)
        return summary_of(lake, reading, outcome, settings)
    check_space(settings.home, bytes_to_publish(lake))
    from marts.audience import Options
    from marts.build import build_marts
    from marts.own_figures import Folders

    started_at = now_utc()
    secret = known_secret(lake, *settings.member_key_or_file)
    options = Options(secret, settings.memory, settings.overlap_bounds, settings.use_suggested_niches)
    folders = Folders.of(lake, state.lake_key if state and not rebuild else None, key)

    def log() -> dict[str, object]:
        return {
            "started_at": started_at,
            "finished_at": now_utc(),
            "duration_seconds": time.monotonic() - reading.started,
            "as_of": as_of.at,
            "files_seen": reading.inventory.files_seen,
            "files_read": len(reading.inventory.to_read),
            "rows_loaded": reading.total("rows_loaded"),
            "rows_rejected": reading.total("rows_rejected"),
            "overlap_listed_min": settings.overlap_listed_min,
            "overlap_partners_max": settings.overlap_partners_max,
            "lake_key": key,
            "tierwise_version": version("tierwise"),
        }

    def build(
        part: Lake, target: Path, brought: Mapping[str, int], figures: Folders | None = None
    ) -> tuple[Filled, int]:
        contents = Contents.of(part, build_marts(part, as_of, options, share, figures), as_of.cut, state, brought)
        seals = [figures.seal, part.seal] if figures else [part.seal]
        # Of a trial nothing is kept.
        kept = lake.root / PUBLISHED_HASHES if figures else None
        # Rows on their way to DuckDB have the other half.
        filling, memory = partial(fill, contents=contents, log=log), settings.memory // 2
        filled = warehouse.publish(
            target, filling, changed=contents.changed, kept=kept, keep=kept, memory_limit=memory, seals=seals
        )
        return filled, contents.rows_later

    with lake.spilling(), naming_cause(lake, lambda part, target: build(part, target, {})):
        filled, rows_later = build(lake, settings.warehouse, reading.brought, folders)
    folders.sweep()
    return summary_of(lake, reading, Outcome(True, filled.content_hash, as_of, rows_later, filled.left_out), settings)

"""The steps of a run, plain functions over paths: what the Prefect flow wraps and the command runs directly."""

import os
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from importlib.metadata import version
from itertools import repeat
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from flows.clock import now_utc
from flows.locks import held
from flows.settings import Settings
from flows.summary import COUNTS, Outcome, RunSummary, summary_of, total
from ingest.delivery import Delivery
from ingest.edges import EdgeContext, write_owners
from ingest.inventory import Inventory, take_inventory
from ingest.load import Loaded, load_files
from ingest.schema_drift import against_earlier_files
from schemas.columns import polars_schema
from schemas.errors import DiskFullError
from schemas.run_tables import DataQuality, LoadLedger, RejectedRows, RunLog
from schemas.tables import EVIDENCE, MARTS
from warehouse.atomic_write import free_bytes, full_disk_explained
from warehouse.lake.incomplete_lists import notes_on_pages
from warehouse.lake.ledger import Entry, Lake
from warehouse.lake.member_key import FINGERPRINT, member_secret
from warehouse.publish import LIST, Build, PublishedState, content_hash, publish, published_state
from warehouse.reach import AsOf, as_of_from, later_rows

if TYPE_CHECKING:
    # Marts and what they compute with take half a second to import: imported where something is to be computed.
    from marts.audience import Bucket
    from marts.build import Marts

# Accounts with so few listed followers that their overlaps are left out.
ACCOUNTS_BELOW = """
    SELECT count(*) FROM audience
    WHERE time_window = 'all_time' AND followers_known_count > 0 AND followers_known_count < ?
"""
BATCH_FILES, BATCH_BYTES = 2_000, 256 << 20


@contextmanager
def only_run(settings: Settings) -> Iterator[None]:
    """Hold the home folder's lock: one run at a time."""
    with (
        held(settings.lock, "another run is at work here", fix="wait for it to end, or use another --home"),
        full_disk_explained(settings.home),
    ):
        yield


def check_space(inventory: Inventory, settings: Settings) -> None:
    """Refuse to begin what the disk cannot hold: three times the files to be read, and a second warehouse."""
    published = settings.warehouse.stat().st_size if settings.warehouse.is_file() else 0
    needed = 3 * sum(delivery.file.size for delivery in inventory.to_read) + published
    free = free_bytes(settings.home)
    if needed > free:
        raise DiskFullError(
            f"{settings.home}: this run may need {needed:,} bytes of disk, and {free:,} are free",
            fix="free some space, or choose another --home; nothing was touched",
        )


def edge_context(lake: Lake, settings: Settings, owners: Path | None = None) -> EdgeContext:
    """What files of edges are read with. The secret is looked for, or made, when the first member is met."""
    given = settings.member_key.get_secret_value() if settings.member_key else None
    return EdgeContext(lambda: member_secret(lake, given, settings.home / "member.key"), owners)


def known_secret(lake: Lake, settings: Settings) -> str | None:
    """The secret that members of the lake are pseudonyms under; null where none has been made one."""
    return edge_context(lake, settings).secret() if (lake.root / FINGERPRINT).exists() else None


def note_owners(lake: Lake, entries: list[Entry]) -> Path:
    """Write down whose each post is, of what the lake holds and of what this run has read so far."""
    from marts.audience import observed_owners

    segments = [*lake.segments("posts"), *(segment for entry in entries for segment in entry.segments)]
    path = lake.scratch / "owners.parquet"
    write_owners(observed_owners(lake, segments), path)
    return path


def read_batch(
    deliveries: list[Delivery],
    lake: Lake,
    settings: Settings,
    owners: Path | None = None,
    tick: Callable[[int], None] = lambda rows: None,
) -> Loaded:
    """Read deliveries into the lake; they count once they are committed."""
    return load_files(deliveries, lake, edge_context(lake, settings, owners), tick)


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


def commit(entries: list[Entry], lake: Lake, inventory: Inventory) -> None:
    """Make what was read count, all of it or nothing."""
    if entries or inventory.touched or inventory.retired:
        now = now_utc()
        lake.commit([*entries, *inventory.touched], now, inventory.retired)


def count_here(root: Path, tasks: "list[list[Bucket]]") -> None:
    """Count buckets by threads of this process, as many at once as fit in memory."""
    from marts.audience import count_buckets

    fit = min((bucket.at_once for task in tasks for bucket in task), default=1)
    with ThreadPoolExecutor(min(fit, os.cpu_count() or 1)) as pool:
        for _ in pool.map(count_buckets, repeat(root), tasks):
            pass  # the first failure is raised here


def audience_marts(
    lake: Lake,
    settings: Settings,
    marts: "Marts",
    as_of: datetime | None,
    count: "Callable[[Path, list[list[Bucket]]], None]",
) -> "Marts":
    """The marts made of follower, like and comment lists. `count` has the buckets counted, by whoever does it."""
    from marts.audience import prepare, put_together, sweep_cache, tasks_of
    from transforms.audience_rates import with_reasons_of_windows

    accounts = marts["accounts"].lazy().collect()
    buckets = prepare(lake, marts["posts"].lazy(), accounts, known_secret(lake, settings), as_of, settings.memory)
    count(lake.root, tasks_of(lake.root, buckets))
    made = put_together(lake, buckets, accounts, as_of, settings.overlap_bounds)
    made["audience"] = with_reasons_of_windows(made["audience"], marts["account_engagement"].lazy())
    sweep_cache(lake, buckets)
    return {**made}


def publish_warehouse(
    lake: Lake,
    settings: Settings,
    given: datetime | None,
    started: float,
    inventory: Inventory,
    entries: list[Entry],
    count: "Callable[[Path, list[list[Bucket]]], None]" = count_here,
) -> RunSummary:
    """Build the marts and publish them; where nothing changed, the published file stays as it is."""
    state = published_state(settings.warehouse)
    as_of = as_of_from(lake, given)
    key = _lake_key(lake, as_of, settings)
    if state and state.lake_key == key:
        outcome = Outcome(False, state.content_hash, as_of, state.rows_later)
        summary = summary_of(lake, inventory, entries, outcome, settings, started)
        return replace(summary, evidence_left_out=state.evidence_left_out)
    from marts.audience import has_edges, no_audience, waiting_rows
    from marts.build import build_marts, price_marts

    started_at = now_utc()
    marts = build_marts(lake, as_of.at, as_of.cut)
    marts |= audience_marts(lake, settings, marts, as_of.at, count) if has_edges(lake) else no_audience()
    marts |= price_marts(marts)
    ledger = lake.ledger_table(waiting_rows(lake, as_of.cut), later_rows(lake, as_of.cut), notes_on_pages(lake))
    rows_later = int(ledger.get_column("rows_later").sum())

    def fill(build: Build) -> tuple[str, tuple[str, ...]]:
        figures = {name: model for name, model in MARTS.items() if name not in EVIDENCE}
        for name, model in figures.items():
            build.load(name, model, marts[name])
        build.prove_keys(figures)
        build.prove_posts()
        faults = [
            build.load_evidence("data_quality", DataQuality, marts["data_quality"]),
            build.load_evidence("load_ledger", LoadLedger, ledger),
            build.load_evidence("rejected_rows", RejectedRows, lake.rejects_table()),
        ]
        if entries and not any(faults):
            committed = [*entries, *inventory.touched]
            build.prove_ledger(lake.commits[-1].sequence, {name: total(committed, name) for name in COUNTS})
        hashed = build.content_hash()
        log = pl.DataFrame(
            [
                {
                    "run_sequence": (state.runs.height if state else 0) + 1,
                    "started_at": started_at,
                    "finished_at": now_utc(),
                    "duration_seconds": time.monotonic() - started,
                    "as_of": as_of.at,
                    "files_seen": inventory.files_seen,
                    "files_read": len(inventory.to_read),
                    "rows_loaded": total(entries, "rows_loaded"),
                    "rows_rejected": total(entries, "rows_rejected"),
                    "overlap_listed_min": settings.overlap_listed_min,
                    "overlap_partners_max": settings.overlap_partners_max,
                    "overlap_account_left_out_count": build.count(ACCOUNTS_BELOW, [settings.overlap_listed_min]),
                    "rows_later": rows_later,
                    "content_hash": hashed,
                    "lake_key": key,
                    "tierwise_version": version("tierwise"),
                    "evidence_left_out": LIST.join(filter(None, faults)) or None,
                }
            ],
            schema=polars_schema(RunLog),
        )
        runs = pl.concat([state.runs, log]) if state else log
        faults.append(build.load_evidence("run_log", RunLog, runs))
        build.add_views()
        return hashed, tuple(filter(None, faults))

    hashed, left_out = publish(settings.warehouse, fill, memory_limit=settings.memory)
    outcome = Outcome(True, hashed, as_of, rows_later)
    return replace(summary_of(lake, inventory, entries, outcome, settings, started), evidence_left_out=left_out)


def _lake_key(lake: Lake, as_of: AsOf, settings: Settings) -> str:
    """What the published file was made from: the ledger up to its last commit, as_of, settings, and the program."""
    bounds = settings.overlap_bounds
    made_by = f"{as_of}|{bounds.listed_min}/{bounds.partners_max}|{version('tierwise')}"
    return f"{_newest_commit(lake)}{made_by}" if lake.commits else f"empty|{as_of}"


def _newest_commit(lake: Lake) -> str:
    return f"{lake.commits[-1].sequence}@{lake.commits[-1].committed_at}|"


def is_published_whole(lake: Lake, state: PublishedState) -> bool:
    """Whether the published file was made from every delivery that the lake holds."""
    return bool(lake.commits) and state.lake_key.startswith(_newest_commit(lake))


def run(
    exports: Path,
    settings: Settings,
    as_of: datetime | None = None,
    *,
    verify: bool = False,
    tick: Callable[[int], None] = lambda rows: None,
    narrow: Callable[[Inventory, Lake], Inventory] = lambda inventory, lake: inventory,
) -> RunSummary:
    """The whole run, untracked. `narrow` may leave out some of what is to be done."""
    started = time.monotonic()
    with only_run(settings):
        lake = Lake.open(settings.lake)
        lake.sweep()
        inventory = narrow(take_inventory(exports, lake, verify=verify), lake)
        check_space(inventory, settings)
        first = read_batch(inventory.to_read, lake, settings, tick=tick)
        entries = [*inventory.settled, *first.entries]
        if first.late:
            owners = note_owners(lake, entries)
            entries += read_batch(first.late, lake, settings, owners, tick=tick).entries
        entries, changes = against_earlier_files(exports, lake, entries)
        commit(entries, lake, inventory)
        summary = publish_warehouse(lake, settings, as_of, started, inventory, entries)
        return replace(summary, schema_changes=tuple(changes))


__all__ = [
    "RunSummary",
    "commit",
    "content_hash",
    "only_run",
    "publish_warehouse",
    "run",
    "take_inventory",
]

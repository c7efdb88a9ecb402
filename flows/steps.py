"""The steps of a run, plain functions over paths: what the Prefect flow wraps and the command runs directly."""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import Any

import duckdb
import filelock
import polars as pl

from flows.declarations import declaration_hash, read_sources, source_of
from flows.ingest import ingest_file, quarantined
from flows.marts import build_marts, newest_instant
from flows.settings import Settings
from schemas.columns import polars_schema
from schemas.errors import BusyError, DataError, DiskFullError, FileRefused, UsageError
from schemas.run_tables import LoadLedger, RejectedRows, RunLog
from schemas.sources import Source
from schemas.tables import MARTS
from warehouse.durable import free_bytes, full_disk_explained
from warehouse.lake import Counts, Entry, Lake, delivery_id
from warehouse.landing import ExportFile, fingerprint, list_exports
from warehouse.publish import Build, content_hash, open_published, publish

BATCH_FILES, BATCH_BYTES = 2_000, 256 << 20


@dataclass(frozen=True)
class Delivery:
    """A file that is to be read, known by its bytes and its declaration."""

    file: ExportFile
    sha256: str
    source: Source

    @cached_property
    def id(self) -> str:
        return delivery_id(self.sha256, declaration_hash(self.source))


@dataclass
class Inventory:
    """What the exports folder holds against what the ledger knows."""

    files_seen: int = 0
    to_read: list[Delivery] = field(default_factory=list)
    settled: list[Entry] = field(default_factory=list)  # repeats and refusals: no rows to read
    retired: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class RunSummary:
    """What a run did. `published` is false where nothing had changed."""

    files_seen: int
    files_read: int
    files_quarantined: int
    rows_read: int
    rows_loaded: int
    rows_duplicate: int
    rows_rejected: int
    published: bool
    content_hash: str
    as_of: str | None
    warehouse: str
    duration_seconds: float

    def as_json(self) -> dict[str, Any]:
        return {"schema_version": 1, **asdict(self)}


@contextmanager
def only_run(settings: Settings) -> Iterator[None]:
    """Hold the home folder's lock; the operating system lets go of it when the process ends, however it ends."""
    try:
        settings.home.mkdir(parents=True, exist_ok=True)
        lock = filelock.FileLock(settings.lock)
        lock.acquire(timeout=0)
    except filelock.Timeout as error:
        raise BusyError(
            f"{settings.home}: another run is at work here", fix="wait for it to end, or use another --home"
        ) from error
    except OSError as error:
        raise UsageError(
            f"{settings.home}: {error.strerror}", fix="choose a home folder this account may write to"
        ) from error
    try:
        with full_disk_explained(settings.home):
            yield
    finally:
        lock.release()


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


def take_inventory(exports: Path, lake: Lake, *, verify: bool = False) -> Inventory:
    """Which files are new. Those whose name, size and times stand in the ledger are not even opened."""
    sources = read_sources(exports)
    files = list_exports(exports)
    inventory = Inventory(files_seen=len(files))
    known = {entry.file: entry for _, entry in lake.entries()}
    if not files and not known:
        raise DataError(
            f"{exports}: holds no export files, and none were read before",
            fix="give the folder that holds the export files (CSV, NDJSON or Parquet)",
        )
    live = lake.deliveries()
    new: set[str] = set()
    present: dict[str, set[str]] = {}
    for file in files:
        entry = known.get(file.name)
        try:
            source = source_of(file.name, sources)
            unchanged = entry is not None and entry.stamp == file.stamp and entry.sha256 is not None
            sha256 = entry.sha256 if entry and entry.sha256 and unchanged and not verify else fingerprint(file)
        except FileRefused as refusal:
            if not (entry and entry.stamp == file.stamp and entry.note == str(refusal)):
                inventory.settled.append(quarantined(file, refusal, lake))
            continue
        delivery = Delivery(file, sha256, source)
        present.setdefault(sha256, set()).add(delivery.id)
        if entry and entry.stamp == file.stamp and entry.delivery == delivery.id:
            continue
        if delivery.id in live or delivery.id in new:
            inventory.settled.append(_repeat(delivery, live))
        else:
            inventory.to_read.append(delivery)
            new.add(delivery.id)
    # Bytes that are here but are read by another declaration now: what the old one made of them no longer counts.
    inventory.retired = [
        entry.delivery
        for entry in live.values()
        if entry.sha256 in present and entry.delivery not in present[entry.sha256] and entry.verdict != "repeated"
    ]
    return inventory


def _repeat(delivery: Delivery, live: dict[str, Entry]) -> Entry:
    first = live[delivery.id].file if delivery.id in live else "another file of this folder"
    return Entry(
        delivery.file.name, delivery.file.size, delivery.file.stamp, delivery.sha256, declaration_hash(delivery.source),
        delivery.id, "repeated", None, f"the same bytes as {first}", (Counts(None),),
    )  # fmt: skip


def ingest(delivery: Delivery, lake: Lake, tick: Callable[[int], None] = lambda rows: None) -> Entry:
    """Read one delivery into the lake; the entry counts once it is committed."""
    entry = ingest_file(delivery.file, delivery.sha256, delivery.source, lake, tick)
    facts = delivery.file.path.lstat()
    if f"{facts.st_size}:{facts.st_mtime_ns}:{facts.st_ctime_ns}" != delivery.file.stamp:
        refusal = FileRefused(
            "changed_while_read", f"{delivery.file.name}: was written to while it was read", fix="run again"
        )
        return quarantined(delivery.file, refusal, lake)
    return entry


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


def commit(entries: list[Entry], lake: Lake, retired: list[str]) -> None:
    """Make what was read count, all of it or nothing."""
    if entries or retired:
        lake.commit(entries, datetime.now(UTC).replace(tzinfo=None), retired)


def publish_warehouse(
    lake: Lake, settings: Settings, as_of: datetime | None, started: float, inventory: Inventory, entries: list[Entry]
) -> RunSummary:
    """Build the marts and publish them; where nothing changed, the published file stays as it is."""
    state = published_state(settings.warehouse)
    as_of = as_of or newest_instant(lake)
    key = _lake_key(lake, as_of)
    if state and state.lake_key == key:
        return _summary(inventory, entries, False, state.content_hash, as_of, settings, started)
    started_at = datetime.now(UTC).replace(tzinfo=None)
    marts = build_marts(lake, as_of)

    def fill(build: Build) -> str:
        for name, model in MARTS.items():
            build.load(name, model, marts[name])
        build.load("load_ledger", LoadLedger, lake.ledger_table())
        build.load("rejected_rows", RejectedRows, lake.rejects_table())
        build.prove_keys(MARTS)
        hashed = build.content_hash()
        log = pl.DataFrame(
            [
                {
                    "run_sequence": (state.runs.height if state else 0) + 1,
                    "started_at": started_at,
                    "finished_at": datetime.now(UTC).replace(tzinfo=None),
                    "duration_seconds": time.monotonic() - started,
                    "as_of": as_of,
                    "files_seen": inventory.files_seen,
                    "files_read": len(inventory.to_read),
                    "rows_loaded": _total(entries, "rows_loaded"),
                    "rows_rejected": _total(entries, "rows_rejected"),
                    "content_hash": hashed,
                    "lake_key": key,
                    "tierwise_version": version("tierwise"),
                }
            ],
            schema=polars_schema(RunLog),
        )
        build.load("run_log", RunLog, pl.concat([state.runs, log]) if state else log)
        build.add_views()
        return hashed

    hashed = publish(settings.warehouse, fill, memory_limit=settings.memory)
    return _summary(inventory, entries, True, hashed, as_of, settings, started)


@dataclass(frozen=True)
class PublishedState:
    """What the published file says of itself."""

    content_hash: str
    lake_key: str
    runs: pl.DataFrame


def published_state(warehouse: Path) -> PublishedState | None:
    """The last run of the published file; null where there is none that can be read."""
    if not warehouse.is_file():
        return None
    try:
        with open_published(warehouse) as connection:
            runs = connection.sql("SELECT * FROM run_log ORDER BY run_sequence").pl()
    except duckdb.Error:
        # Damaged, or of a version to come: it is rebuilt from the lake and replaced.
        return None
    schema = polars_schema(RunLog)
    if runs.is_empty() or set(runs.columns) != set(schema.names()):
        return None
    runs = runs.select(pl.col(name).cast(dtype) for name, dtype in schema.items())
    last = runs.row(-1, named=True)
    return PublishedState(last["content_hash"], last["lake_key"], runs)


def _lake_key(lake: Lake, as_of: datetime | None) -> str:
    """What the published file was made from: the ledger up to its last commit, as_of, and the program."""
    last = lake.commits[-1] if lake.commits else None
    return f"{last.sequence}@{last.committed_at}|{as_of}|{version('tierwise')}" if last else f"empty|{as_of}"


def _total(entries: list[Entry], name: str) -> int:
    return sum(getattr(counts, name) for entry in entries for counts in entry.counts)


def _summary(
    inventory: Inventory,
    entries: list[Entry],
    published: bool,
    hashed: str,
    as_of: datetime | None,
    settings: Settings,
    started: float,
) -> RunSummary:
    return RunSummary(
        files_seen=inventory.files_seen,
        files_read=sum(entry.verdict == "loaded" for entry in entries),
        files_quarantined=sum(entry.verdict == "quarantined" for entry in entries),
        rows_read=_total(entries, "rows_read"),
        rows_loaded=_total(entries, "rows_loaded"),
        rows_duplicate=_total(entries, "rows_duplicate"),
        rows_rejected=_total(entries, "rows_rejected"),
        published=published,
        content_hash=hashed,
        as_of=as_of.isoformat() if as_of else None,
        warehouse=os.fspath(settings.warehouse),
        duration_seconds=round(time.monotonic() - started, 3),
    )


def run(
    exports: Path,
    settings: Settings,
    as_of: datetime | None = None,
    *,
    verify: bool = False,
    tick: Callable[[int], None] = lambda rows: None,
) -> RunSummary:
    """The whole run, untracked."""
    started = time.monotonic()
    with only_run(settings):
        lake = Lake.open(settings.lake)
        lake.sweep()
        inventory = take_inventory(exports, lake, verify=verify)
        check_space(inventory, settings)
        entries = [*inventory.settled, *(ingest(delivery, lake, tick) for delivery in inventory.to_read)]
        commit(entries, lake, inventory.retired)
        return publish_warehouse(lake, settings, as_of, started, inventory, entries)


__all__ = ["RunSummary", "commit", "content_hash", "ingest", "only_run", "publish_warehouse", "run", "take_inventory"]

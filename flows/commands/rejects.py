"""What was rejected: by reason, row by row, and read again once sources.toml is fixed."""

from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from rich.text import Text

from flows import console
from flows.run import Executor, run
from flows.settings import Settings
from flows.summary import RunSummary
from ingest.inventory import Inventory
from ingest.load_state import Tick
from warehouse.analyst import Limits, asked
from warehouse.lake.commits import Entry
from warehouse.lake.ledger import Lake
from warehouse.published import open_published
from warehouse.sql_files import sql_of

# What stands below a row on a terminal: the fix is the longest, and above all to be read.
BELOW = ("file", "newest_file", "dataset", "column_name", "value", "allowed", "fix")


def show_reasons(warehouse: Path, limits: Limits, *, as_json: bool) -> None:
    """Each reason with the rows and files it concerns, a line each; whole files count no rows."""
    console.show_query(warehouse, sql_of("flows", "reject_reasons"), limits, as_json=as_json, below=BELOW)


def show_rejected(warehouse: Path, file: str | None, rule: str | None, limits: Limits, *, as_json: bool) -> None:
    """The rejected rows that are asked for, and how many more there are."""
    values = {"file": file or "*", "rule": rule or ""}
    with asked(warehouse, sql_of("flows", "rejected_rows"), limits, values) as answer:
        more = "see them with --limit {rows}"
        console.show_rows(answer.columns, answer.chunks(), answer.left_out, as_json=as_json, more=more, below=BELOW)


@dataclass(frozen=True)
class Moved:
    """What became of a file that had something rejected: rejected_before + newly_read = the four after them."""

    file: str
    verdict_before: str
    verdict: str
    rejected_before: int
    newly_read: int
    now_loaded: int
    now_duplicate: int
    now_left_out: int
    now_forgotten: int
    still_rejected: int


MOVED = list(Moved.__dataclass_fields__)


@dataclass(frozen=True)
class Replay:
    """The run over the files with rejects, what moved in it, and the files whose bytes are no longer there."""

    summary: RunSummary
    moved: list[Moved]
    gone: list[str]


class OnlyRejected(Executor):
    """Reads the files that have something rejected and no others, and keeps what the ledger said of them before."""

    def __init__(self, tick: Tick) -> None:
        super().__init__(tick)
        self.before: dict[str, Entry] = {}  # by the name that their bytes have now
        self.gone: list[str] = []

    def take_inventory(self, exports: Path, lake: Lake, settings: Settings, *, verify: bool) -> Inventory:
        """Of the inventory what concerns those files. All files of the same bytes go together, as they share rows."""
        inventory = super().take_inventory(exports, lake, settings, verify=verify)
        live = lake.deliveries()
        for _, entry in lake.entries():
            if entry.rejects and entry.delivery in live:
                name = _where(entry, inventory)
                if name is None:
                    self.gone.append(entry.file)
                else:
                    self.before[name] = entry
        names = {*self.before}
        hashes = {inventory.hashes[name] for name in names} - {None}
        names |= {name for name, sha256 in inventory.hashes.items() if sha256 in hashes}
        return replace(
            inventory,
            to_read=[delivery for delivery in inventory.to_read if delivery.file.name in names],
            settled=[entry for entry in inventory.settled if entry.file in names],
            touched=[entry for entry in inventory.touched if entry.file in names],
            retired=[delivery for delivery in inventory.retired if live[delivery].sha256 in hashes],
        )


def _where(entry: Entry, inventory: Inventory) -> str | None:
    """The name that a file of the ledger has now: its own, else one under which the same bytes lie."""
    own = inventory.hashes.get(entry.file)
    if entry.file in inventory.hashes and (entry.sha256 is None or own is None or own == entry.sha256):
        return entry.file
    if entry.sha256 is None:
        return None
    return next((name for name, sha256 in inventory.hashes.items() if sha256 == entry.sha256), None)


def replay(
    exports: Path,
    settings: Settings,
    as_of: datetime | None = None,
    *,
    tick: Tick = lambda rows: None,
) -> Replay:
    """Run over the files that have something rejected, and no others."""
    with open_published(settings.warehouse):
        pass  # without a warehouse nothing was rejected yet, and it says what to do first
    executor = OnlyRejected(tick)
    summary = run(exports, settings, as_of, executor)
    lake = Lake.open(settings.lake)
    live, newest = lake.deliveries(), {entry.file: entry for _, entry in lake.entries()}
    # A file that repeats another has no counts of its own: its rows are those of the delivery.
    after = {name: live.get(newest[name].delivery, newest[name]) for name in executor.before if name in newest}
    moved = [_moved(name, entry, after.get(name, entry)) for name, entry in sorted(executor.before.items())]
    return Replay(summary, moved, executor.gone)


def _moved(name: str, before: Entry, after: Entry) -> Moved:
    def more(count: str) -> int:
        return _sum(after, count) - _sum(before, count)

    return Moved(
        name,
        before.verdict,
        after.verdict,
        rejected_before=_sum(before, "rows_rejected"),
        newly_read=more("rows_read"),
        now_loaded=more("rows_loaded"),
        now_duplicate=more("rows_duplicate"),
        now_left_out=more("rows_left_out"),
        now_forgotten=more("rows_forgotten"),
        still_rejected=_sum(after, "rows_rejected"),
    )


def _sum(entry: Entry, count: str) -> int:
    return sum(getattr(counts, count) for counts in entry.counts)


def show_replay(replay: Replay, settings: Settings, *, as_json: bool) -> None:
    """What moved, as a table or one JSON document; files that are gone as error lines."""
    for name in replay.gone:
        console.err.print(
            Text("error: ", style="bold red")
            + console.plain(f"{name}: the bytes that were rejected are no longer in the exports folder")
        )
        console.err.print(
            Text("  fix: ", style="bold") + "put the file back, or read what replaced it with: tierwise run"
        )
    rows: list[tuple[Any, ...]] = [tuple(getattr(moved, name) for name in MOVED) for moved in replay.moved]
    if as_json:
        moved = [dict(zip(MOVED, row, strict=True)) for row in rows]
        beside = {"rows": moved, "gone": replay.gone, "run": replay.summary.as_json()}
        print(console.json_text({"schema_version": 1, **beside}))
        return
    console.show_changes(replay.summary)
    console.show_left_out(replay.summary)
    console.show_table("Read again", MOVED, rows)
    loaded = sum(moved.now_loaded for moved in replay.moved)
    before = sum(moved.rejected_before for moved in replay.moved)
    left = sum(moved.still_rejected for moved in replay.moved)
    console.err.print(
        f"{before:,} rows were rejected in {len(rows)} files; {loaded:,} more are loaded now, {left:,} are still rejected; "
        f"{'published' if replay.summary.published else 'nothing changed'}"
    )
    console.out.print(console.plain(f"warehouse  {settings.warehouse.resolve()}"))

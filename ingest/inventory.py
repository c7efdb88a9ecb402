"""What the exports folder holds, against what the ledger knows."""

from dataclasses import dataclass, field, replace
from pathlib import Path

from ingest.delivery import Delivery, entry_of, ignored
from ingest.downloads import Downloads, OwnersBeside
from ingest.export_file import ExportFile
from ingest.faults import ANYTHING, check_blame, refusal_of
from ingest.files import fingerprint, list_exports
from ingest.limits import DEFAULT_LIMITS, Limits
from ingest.quarantine import quarantined
from ingest.sources import declaration_hash, ignored_by, read_sources, source_of
from schemas.errors import DataError
from schemas.sources import Source, Sources
from warehouse.lake.commits import Entry
from warehouse.lake.ledger import Lake

# For each byte of an export the lake may grow by so many: 0.25 of counts and 0.3 of lists in CSV, several times that of the same packed.
# Long texts of posts take half of theirs.
OF_TEXT, OF_PACKED = 0.6, 5
TEXTS = {".csv", ".tsv", ".txt", ".json", ".ndjson", ".jsonl", ".js"}


@dataclass
class Inventory:
    """What the exports folder holds against what the ledger knows."""

    files_seen: int = 0
    to_read: list[Delivery] = field(default_factory=list)
    settled: list[Entry] = field(default_factory=list)  # repeats and refusals: no rows to read
    touched: list[Entry] = field(default_factory=list)  # the same bytes under the same name, copied anew
    retired: list[str] = field(default_factory=list)
    ignored: set[str] = field(default_factory=set)  # files that are none of ours to read, by name
    hashes: dict[str, str | None] = field(default_factory=dict)  # of each file there; null where it was not opened

    @property
    def bytes_to_read(self) -> int:
        """What the lake may grow by while these are read."""
        return int(sum(file.size * _growth(file.name) for file in (delivery.file for delivery in self.to_read)))


def _growth(name: str) -> float:
    return OF_TEXT if Path(name).suffix.lower() in TEXTS else OF_PACKED


def take_inventory(exports: Path, lake: Lake, limits: Limits = DEFAULT_LIMITS, *, verify: bool = False) -> Inventory:
    """Which files are new. Those whose name, size and times stand in the ledger are not even opened."""
    sources = read_sources(exports)
    known = {entry.file: entry for _, entry in lake.entries()}
    files = list_exports(
        exports, limits, lambda file: ignored_by(file.name, sources) is not None or _was_read(file, known)
    )
    inventory = Inventory(files_seen=len(files))
    if not files and not known:
        raise DataError(
            f"{exports}: holds no export files, and none were read before",
            fix="give the folder that holds the export files (CSV, JSON, NDJSON, Parquet or workbooks)",
        )
    live = lake.deliveries()
    files = _without_ignored(files, sources, known, inventory)
    _settle_archives(files, known, inventory)
    given_up = _given_up(live, files, inventory.ignored, limits)
    live = {delivery: entry for delivery, entry in live.items() if delivery not in given_up}
    new: set[str] = set()
    # Of each declaration its hash, made once: beside it the declaration, so that its id is not given to another.
    declared: dict[int, tuple[Source, str]] = {}
    present: dict[str, set[str]] = {}
    owners, downloads = OwnersBeside(files, lake.scratch), Downloads(files)
    for file in files:
        entry = known.get(file.name)
        inventory.hashes[file.name] = None
        if downloads.leave_alone(file.name):
            _settle_ignored(file, "no list of followers, followed accounts, likes or posts", entry, inventory)
            continue
        try:
            if file.failure:
                raise file.failure
            source = owners.told(file, source_of(file.name, sources))
            unchanged = entry is not None and entry.stamp == file.stamp and entry.sha256 is not None
            sha256 = entry.sha256 if entry and entry.sha256 and unchanged and not verify else fingerprint(file)
        except ANYTHING as error:
            check_blame(error, lake.root)
            refusal = refusal_of(file, error)
            if not (entry and entry.stamp == file.stamp and entry.note == str(refusal)):
                inventory.settled.append(quarantined(file, refusal, lake))
            continue
        if id(source) not in declared:
            declared[id(source)] = (source, declaration_hash(source))
        delivery = Delivery(file, sha256, source, declared[id(source)][1])
        inventory.hashes[file.name] = sha256
        present.setdefault(sha256, set()).add(delivery.id)
        if entry and entry.delivery == delivery.id and delivery.id not in given_up:
            if entry.stamp != file.stamp:
                inventory.touched.append(replace(entry, stamp=file.stamp))
            continue
        if delivery.id in live or delivery.id in new:
            inventory.settled.append(_repeat(delivery, live))
        else:
            inventory.to_read.append(delivery)
            new.add(delivery.id)
    # Bytes that are here but are read by another declaration now: what the old one made of them no longer counts.
    inventory.retired = sorted(given_up) + [
        entry.delivery
        for entry in live.values()
        if entry.sha256 in present and entry.delivery not in present[entry.sha256] and entry.verdict != "repeated"
    ]
    return inventory


def _given_up(live: dict[str, Entry], files: list[ExportFile], ignored: set[str], limits: Limits) -> set[str]:
    """Deliveries whose entry no longer counts.

    What an ignored file brought: where the same bytes lie under another name, that file brings them. And a refusal for
    a limit that is another one by now.
    """
    here = {file.name for file in files}
    return {
        delivery
        for delivery, entry in live.items()
        if (entry.file in ignored and entry.verdict != "ignored")
        or (entry.verdict == "quarantined" and entry.file in here and limits.are_others_than(entry.note or ""))
    }


def _was_read(file: ExportFile, known: dict[str, Entry]) -> bool:
    """Whether the ledger says of a file, untouched since, that it was read as a whole, so that it is no workbook."""
    entry = known.get(file.name)
    return entry is not None and entry.stamp == file.stamp and entry.verdict not in ("quarantined", "ignored")


def _without_ignored(
    files: list[ExportFile], sources: Sources, known: dict[str, Entry], inventory: Inventory
) -> list[ExportFile]:
    """The files that sources.toml does not have ignored."""
    kept = []
    for file in files:
        if glob := ignored_by(file.name, sources):
            inventory.hashes[file.name] = None
            _settle_ignored(file, f'ignore = ["{glob}"] in sources.toml names it', known.get(file.name), inventory)
        else:
            kept.append(file)
    return kept


def _settle_archives(files: list[ExportFile], known: dict[str, Entry], inventory: Inventory) -> None:
    """Archives that were quarantined whole, and whose members are files now."""
    for name, entry in known.items():
        if entry.verdict == "quarantined" and name.lower().endswith(".zip"):
            member = next((file for file in files if file.name.startswith(f"{name}/")), None)
            if member:
                _settle_ignored(replace(member, name=name, member=None), "its members are read", entry, inventory)


def _settle_ignored(file: ExportFile, why: str, entry: Entry | None, inventory: Inventory) -> None:
    """Have the ledger say why a file is ignored, unless it does; `entry` is what it says of the file."""
    inventory.ignored.add(file.name)
    settled = ignored(file, why)
    if not (entry and (entry.verdict, entry.stamp, entry.note) == (settled.verdict, settled.stamp, settled.note)):
        inventory.settled.append(settled)


def _repeat(delivery: Delivery, live: dict[str, Entry]) -> Entry:
    first = live[delivery.id].file if delivery.id in live else "another file of this folder"
    return entry_of(delivery, "repeated", f"the same bytes as {first}")

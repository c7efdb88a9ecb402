"""The lake: validated rows as Parquet segments, rejects, and the ledger that makes them count.

    lake/segments/<dataset>/<delivery>-<part>.parquet   rows of one delivery
    lake/rejects/<delivery>.parquet                     what was rejected of it
    lake/ledger/<number>-<hash>.json                    one commit: its files, their counts, their segments

A delivery is one file's bytes read by one declaration and one parser version. A segment without a ledger entry does
not exist for a reader; the ledger file is written last, and its rename is the commit.
"""

import hashlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import polars as pl

from schemas.columns import polars_schema
from schemas.tables import DATASETS, OWN_ROWS
from schemas.times import clock_fault, newest_times
from warehouse.atomic_write import remove, sweep, write_durably, write_rows_durably
from warehouse.lake.commits import Commit, Entry, Receipt, Segment, dated
from warehouse.lake.gathered import gather, moved_entry, moves_of
from warehouse.lake.ledger_files import lay_together, read_commits, write_commit
from warehouse.lake.shared_segments import KEY_ID, drop_rows_of_nobody, without_rows_of

PARSER_VERSION = 8
CLOCKS_DIFFER = timedelta(days=1)
# The file that holds the id of the key of pseudonyms.
FINGERPRINT = "member_key.fingerprint"
# The accounts that follower lists are about, by key and name: the lists themselves hold keys alone.
ACCOUNTS_OF_LISTS = "follows_accounts"


def delivery_id(sha256: str, declaration: str) -> str:
    """The identity of a delivery: the same bytes read the same way are the same delivery."""
    return hashlib.sha256(f"{sha256}:{PARSER_VERSION}:{declaration}".encode()).hexdigest()[:24]


@dataclass
class Lake:
    """The lake below one folder, with its ledger read into memory."""

    root: Path
    commits: list[Commit] = field(default_factory=list)
    _segments: dict[str, dict[str, Segment]] = field(default_factory=dict, repr=False)  # what counts, until a commit
    _staged: Commit | None = None

    @classmethod
    def open(cls, root: Path) -> "Lake":
        """Read the ledger; make the folders of a new lake."""
        for name in (
            "ledger",
            "rejects",
            "scratch",
            *(f"segments/{dataset}" for dataset in (*DATASETS, ACCOUNTS_OF_LISTS)),
        ):
            (root / name).mkdir(parents=True, exist_ok=True)
        return cls(root, read_commits(root / "ledger"))

    @property
    def scratch(self) -> Path:
        return self.root / "scratch"

    @property
    def figures(self) -> Path:
        """A folder for each publication whose figures of accounts are kept."""
        return self.root / "cache" / "figures"

    @property
    def key_id(self) -> dict[str, str]:
        """What stands in each segment of members beside their pseudonyms: the id of the key, where there is one."""
        known = self.root / FINGERPRINT
        return {KEY_ID: known.read_text(encoding="ascii")} if known.exists() else {}

    def sweep(self) -> None:
        """Remove what a killed run left: half-written files, spools, segments that no commit names."""
        sweep(self.root)
        self._empty_scratch()
        lay_together(self.root / "ledger")
        known = self.paths_of_commits()
        for path in [*(self.root / "segments").rglob("*.parquet"), *(self.root / "rejects").glob("*.parquet")]:
            if path.relative_to(self.root).as_posix() not in known:
                path.unlink()
        for folder in sorted((self.root / "segments").rglob("bucket=*"), reverse=True):
            if not any(folder.iterdir()):
                folder.rmdir()

    @contextmanager
    def spilling(self) -> Iterator[None]:
        """At its end, the scratch folder is emptied: rows of tables lie there until the warehouse is filled with them."""
        try:
            yield
        finally:
            self._empty_scratch()

    def _empty_scratch(self) -> None:
        for path in self.scratch.iterdir():
            remove(path)

    def paths_of_commits(self) -> set[str]:
        """The segments and rejects that some commit names, by their paths inside the lake, but those that were gathered."""
        entries = [entry for commit in self.commits for entry in commit.entries]
        known = {segment.path for entry in entries for segment in entry.segments}
        known |= {new for commit in self.commits for _, new in commit.rewritten}
        known -= {path for commit in self.commits for path, _, _ in commit.gathered}
        known |= {segment.path for entry in self.deliveries().values() for segment in entry.segments}
        return known | {entry.rejects for entry in entries if entry.rejects}

    def entries(self) -> list[tuple[Commit, Entry]]:
        """The newest entry of each file name, with its commit; superseded deliveries left out."""
        newest = {entry.file: (commit, entry) for commit in self.commits for entry in commit.entries}
        moves = moves_of(self.commits)
        return [(commit, moved_entry(entry, commit.sequence, moves)) for _, (commit, entry) in sorted(newest.items())]

    def deliveries(self) -> dict[str, Entry]:
        """The deliveries that count, by id, each once: those read and not retired since."""
        moves = moves_of(self.commits)
        return {
            delivery: moved_entry(entry, commit.sequence, moves) for delivery, (commit, entry) in self.brought().items()
        }

    def brought(self) -> dict[str, tuple[Commit, Entry]]:
        """The deliveries that count, by id, with their commits and as these said it: rows may lie elsewhere since."""
        live: dict[str, tuple[Commit, Entry]] = {}
        for commit in self.commits:
            for delivery in commit.retired:
                live.pop(delivery, None)
            live.update((entry.delivery, (commit, entry)) for entry in commit.entries if entry.verdict != "repeated")
        return live

    def clock_fault(self, now: datetime) -> str | None:
        """What is wrong with the clock by which it is now: it cannot be, or was another one when the lake was written."""
        newest = max((datetime.fromisoformat(commit.committed_at) for commit in self.commits[-2:]), default=now)
        if fault := clock_fault(now):
            return f"{fault}; loaded_at, started_at and finished_at are not known"
        if newest - now <= CLOCKS_DIFFER:
            return None
        said = f"{newest:%Y-%m-%d %H:%M}, and now it says {now:%Y-%m-%d %H:%M}"
        return f"the clock of this machine said {said}; times of loads are wrong, figures are not"

    def write_segment(self, dataset: str, delivery: str, part: int, rows: pl.DataFrame) -> Segment:
        """Write rows of a delivery; they count once a commit names them."""
        path = f"segments/{dataset}/{delivery}-{part:05d}.parquet"
        write_rows_durably(self.root / path, rows, self.key_id if "member_key" in rows.columns else None)
        return _with_times(Segment(dataset, path, rows.height), rows)

    def rewrite_segment(self, segment: Segment, rows: pl.DataFrame) -> Segment:
        """Replace the rows of a segment that no commit names yet."""
        if not rows.height:
            (self.root / segment.path).unlink()
            return Segment(segment.dataset, segment.path, 0)
        write_rows_durably(self.root / segment.path, rows)
        return _with_times(Segment(segment.dataset, segment.path, rows.height), rows)

    def write_rejects(self, delivery: str, rejects: pl.DataFrame) -> str:
        """Write the rejected records of a delivery."""
        path = f"rejects/{delivery}.parquet"
        write_durably(self.root / path, rejects.write_parquet)
        return path

    def stage(
        self, entries: Iterable[Entry], at: datetime, retired: Iterable[str] = (), receipt: Receipt | None = None
    ) -> Commit:
        """Let a batch count in this object alone, so that what is made of it can be tried before it is sealed."""
        sequence = self.commits[-1].sequence + 1 if self.commits else 1
        brought, gone = tuple(entries), tuple(retired)
        drop_rows_of_nobody(self.root, brought, self.paths_of_commits)
        commit = Commit(
            sequence,
            at.isoformat(),
            brought,
            gone,
            without_rows_of(self.root, self.deliveries(), set(gone), sequence),
            receipt,
        )
        self.commits.append(commit)
        self._staged = commit
        self._segments.clear()
        if brought:
            small = [gather(self.root, self.segments(dataset), sequence) for dataset in OWN_ROWS]
            commit.gathered = tuple(move for moves in small for move in moves)
            self._segments.clear()
        return commit

    def seal(self) -> None:
        """Make the staged batch count for good: write its ledger file, last of all."""
        if self._staged is None:
            return
        write_commit(self.root / "ledger", self._staged)
        self._staged = None

    def unstage(self) -> Commit | None:
        """As if the batch had never been staged, which is returned. Its segments are swept by the next run."""
        staged, self._staged = self._staged, None
        if staged:
            self.commits.remove(staged)
            self._segments.clear()
        return staged

    def commit(
        self, entries: Iterable[Entry], at: datetime, retired: Iterable[str] = (), receipt: Receipt | None = None
    ) -> Commit:
        """Make a batch count at once."""
        commit = self.stage(entries, at, retired, receipt)
        self.seal()
        return commit

    def rows(self, dataset: str) -> pl.LazyFrame:
        """All rows of a dataset that count, in no order."""
        paths = self._paths(dataset)
        schema = polars_schema(DATASETS[dataset])
        if not paths:
            return pl.LazyFrame(schema=schema)
        return pl.scan_parquet(paths, schema=schema, glob=False, extra_columns="ignore")

    def segments(self, dataset: str) -> list[Segment]:
        """The segments of a dataset that count, in order of their paths; one that files share once, with all its rows."""
        if not self._segments:
            live = (segment for entry in self.deliveries().values() for segment in entry.segments)
            for segment in sorted(live, key=lambda s: (s.path, s.part or 0)):
                own = self._segments.setdefault(segment.dataset, {})
                other = own.get(segment.path)
                own[segment.path] = segment if other in (None, segment) else _together(other, segment)
        return list(self._segments.get(dataset, {}).values())

    def _paths(self, dataset: str) -> list[Path]:
        return [self.root / segment.path for segment in self.segments(dataset)]

    def accounts_of_lists(self) -> pl.LazyFrame:
        """platform and account_id of the accounts that follower lists are about, repeats included."""
        paths = self._paths(ACCOUNTS_OF_LISTS)
        if not paths:
            return pl.LazyFrame(schema={"platform": pl.String, "account_id": pl.String})
        return pl.scan_parquet(paths, glob=False, extra_columns="ignore").select("platform", "account_id")


def _together(one: Segment, other: Segment) -> Segment:
    observed, happened = (
        max((time for time in times if time is not None), default=None)
        for times in ((one.observed, other.observed), (one.happened, other.happened))
    )
    return Segment(one.dataset, one.path, one.rows + other.rows, one.bucket, observed, happened)


def _with_times(segment: Segment, rows: pl.DataFrame) -> Segment:
    """The segment with the newest times of its rows, which are at hand."""
    if segment.dataset not in DATASETS:
        return segment
    return dated(segment, *rows.select(newest_times(segment.dataset, rows.columns)).row(0))

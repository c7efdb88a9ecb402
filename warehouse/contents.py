"""What a warehouse file holds beside its views: the marts, and the tables that tell how they came about."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from importlib.metadata import version

import polars as pl

from schemas.audience_overlap import Bounds
from schemas.columns import polars_schema
from schemas.run_tables import DataQuality, LoadLedger, RejectedRows, RunLog
from schemas.tables import EVIDENCE, MARTS, RUN_TABLES
from warehouse import ddl
from warehouse.changed import Changed
from warehouse.lake.edge_layout import waiting_rows
from warehouse.lake.evidence_tables import ledger_table, rejects_table
from warehouse.lake.incomplete_lists import notes_on_pages
from warehouse.lake.ledger import Lake
from warehouse.publish import Build, Rows, view_files
from warehouse.published import LIST, PublishedState
from warehouse.reach import BY_DEFAULT, AsOf, later_rows

Marts = Mapping[str, Rows]

# Accounts with so few listed followers that their overlaps are left out.
ACCOUNTS_BELOW = """
    SELECT count(*) FROM audience
    WHERE time_window = 'all_time' AND followers_known_count > 0 AND followers_known_count < ?
"""


@dataclass(frozen=True)
class Contents:
    """The tables to be published, and what they must agree with.

    `runs` is the run log so far. `commit` is the newest of the lake that brought anything, and `brought` the counts of rows that this run says
    it brought, by their names in the ledger: nothing where it read no file.
    """

    marts: Marts
    ledger: pl.DataFrame
    rejects: pl.DataFrame
    runs: pl.DataFrame
    commit: int = 0
    brought: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def of(
        cls, lake: Lake, marts: Marts, cut: datetime | None, state: PublishedState | None, brought: Mapping[str, int]
    ) -> "Contents":
        """What is to be published of a lake whose marts are built from the rows that are not later than `cut`."""
        ledger = ledger_table(lake, waiting_rows(lake, cut), later_rows(lake, cut), notes_on_pages(lake))
        runs = state.runs if state else polars_schema(RunLog).to_frame()
        # What is taken out of a lake is a commit of its own, which brings nothing.
        commit = next((each.sequence for each in reversed(lake.commits) if each.receipt is None), 0)
        return cls(marts, ledger, rejects_table(lake), runs, commit, brought)

    @property
    def changed(self) -> dict[str, Changed]:
        """Marts of which the rows of some accounts alone are to be published, by name."""
        return {name: rows for name, rows in self.marts.items() if isinstance(rows, Changed)}

    @property
    def rows_later(self) -> int:
        """Rows of the lake that are later than the figures."""
        return int(self.ledger.get_column("rows_later").sum())


@dataclass(frozen=True)
class Filled:
    """The hash of what was published, and what is said of rows of evidence that were left out."""

    content_hash: str
    left_out: tuple[str, ...]


def fill(build: Build, contents: Contents, log: Callable[[], Mapping[str, object]]) -> Filled:
    """Fill a warehouse file: load every table, prove it, add this run to the log, and the views.

    Args:
        build: The file.
        contents: What it is to hold.
        log: What the run says of itself in `run_log`, asked once all else is done.

    Raises:
        TierwiseError: A table does not agree with what it was made from.
    """
    figures = {name: model for name, model in MARTS.items() if name not in EVIDENCE}
    for name, model in figures.items():
        build.load(name, model, contents.marts[name])
    build.prove_keys(figures)
    build.prove_posts()
    faults = [
        build.load_evidence("data_quality", DataQuality, contents.marts["data_quality"]),
        build.load_evidence("load_ledger", LoadLedger, contents.ledger),
        build.load_evidence("rejected_rows", RejectedRows, contents.rejects),
    ]
    if not any(faults):
        build.prove_ledger(contents.commit, contents.brought)
    hashed = build.content_hash()
    row = dict(log())
    row |= {
        "run_sequence": contents.runs.height + 1,
        "overlap_account_left_out_count": build.count(ACCOUNTS_BELOW, [row["overlap_listed_min"]]),
        "rows_later": contents.rows_later,
        "content_hash": hashed,
        "evidence_left_out": LIST.join(filter(None, faults)) or None,
    }
    runs = pl.concat([contents.runs, pl.DataFrame([row], schema=polars_schema(RunLog))])
    faults.append(build.load_evidence("run_log", RunLog, runs))
    build.add_views()
    return Filled(hashed, tuple(filter(None, faults)))


def lake_key(lake: Lake, as_of: AsOf, bounds: Bounds, *, use_suggested_niches: bool = False) -> str:
    """What the published file was made from: the ledger up to its last commit, as_of, settings, and the program with its
    tables and views, of which there may be others within one version."""
    niches = "|suggested niches" if use_suggested_niches else ""
    made_by = f"{as_of}|{bounds.listed_min}/{bounds.partners_max}|{version('tierwise')}|{_tables_and_views()}{niches}"
    return f"{_newest_commit(lake)}{made_by}" if lake.commits else f"empty|{as_of}"


def _tables_and_views() -> str:
    said = [ddl.create_table(name, model) for name, model in (MARTS | RUN_TABLES).items()]
    said += [text for _, text in sorted(view_files().items())]
    return hashlib.sha256("\n".join(said).encode()).hexdigest()[:12]


def as_of_given(state: PublishedState) -> datetime | None:
    """The instant that was given for the published file; null where it is the newest time of the lake."""
    said = state.lake_key.split("|")
    is_given = len(said) > 1 and not str(said[1]).endswith(BY_DEFAULT)
    at: datetime | None = state.runs.item(-1, "as_of") if is_given else None
    return at


def is_published_whole(lake: Lake, state: PublishedState) -> bool:
    """Whether the published file was made from every delivery that the lake holds."""
    return bool(lake.commits) and state.lake_key.startswith(_newest_commit(lake))


def _newest_commit(lake: Lake) -> str:
    return f"{lake.commits[-1].sequence}@{lake.commits[-1].committed_at}|"

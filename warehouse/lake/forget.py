"""Take people, accounts and old edges out of the lake, so that no byte of them is left.

What is to be taken out is written down first (`lake/forget.request`), and that file goes last of all. In between every
step may be done again: segments are replaced one by one under their own names, and the ledger is put right by what they
hold then. So a process that dies anywhere is followed by one that ends its work.
"""

import shutil
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import polars as pl

from schemas.columns import EARLIEST
from schemas.errors import UsageError
from schemas.tables import DATASETS
from warehouse.atomic_write import crash_point, sync, write_durably, write_rows_durably
from warehouse.lake.commits import Entry, Receipt
from warehouse.lake.edges import EDGE_SCHEMAS
from warehouse.lake.forgotten import Request, read_forgotten, read_request, request_path, write_forgotten, write_request
from warehouse.lake.gathered import moved_entry, moves_of
from warehouse.lake.health import unreadable
from warehouse.lake.ledger import ACCOUNTS_OF_LISTS, Lake
from warehouse.lake.ledger_files import rewrite
from warehouse.lake.ledger_repair import entry_as_stored, records_gone
from warehouse.lake.member_key import member_secret
from warehouse.lake.shared_segments import PART
from warehouse.lake.sought import NOT_SHOWN, Sought, is_expired, resolved

Gone = Callable[[list[str]], pl.Expr]
# The secret of the pseudonyms where it was given, and the file that it is in else.
Key = tuple[str | None, Path]


def open_lake(root: Path, key: Key, now: datetime) -> Lake:
    """The lake, rid of what killed processes left, and of whom one of them was about to forget.

    The caller holds the lock of the home folder.
    """
    lake = Lake.open(root)
    lake.sweep()
    request = read_request(lake, partial(member_secret, lake, *key))
    if request is None:
        return lake
    _carry_out(lake, request, member_secret(lake, *key), now)
    return Lake.open(root)


def forget(lake: Lake, request: Request, secret: str, now: datetime) -> Receipt:
    """Take people and accounts out of the lake, and keep them out of later deliveries.

    Args:
        lake: A lake that nobody else writes to. It must be opened again afterwards.
        request: Whom to forget, by the names that they were asked for by.
        secret: The key of the pseudonyms.
        now: When this is.

    Returns:
        What was taken out, as it stands in the ledger from now on.
    """
    demand_readable(lake)
    request = resolved(lake, request)
    write_request(lake, request, secret)
    return _carry_out(lake, request, secret, now)


def expire(lake: Lake, before: datetime | None, key: Key, now: datetime) -> Lake | None:
    """Take edges out whose times all lie before an instant. Returns the lake as it is then, a staged batch staged again;
    null where nothing was taken out.

    Nothing is taken out of a damaged lake: what is published of it says what is wrong.
    """
    if (
        before is None
        or not any(_has_expired(lake, dataset, before) for dataset in EDGE_SCHEMAS)
        or unreadable(lake)[0]
    ):
        return None
    staged = lake.unstage()
    request = Request(f"older than {before.isoformat()}, {now.isoformat()}", before=before.isoformat())
    secret = member_secret(lake, *key)
    write_request(lake, request, secret)
    _carry_out(lake, request, secret, now, staged.entries if staged else ())
    left = Lake.open(lake.root)
    if staged:
        left.stage((entry_as_stored(left, entry) for entry in staged.entries), now, staged.retired)
    return left


def oldest_kept(as_of: datetime | None, retention: timedelta, now: datetime) -> datetime | None:
    """The instant before which members' edges are not kept; null where nothing can be older.

    What is taken out does not come back, so one wrong time of years to come must not do it: `as_of` goes as far as the clock.
    """
    reach = min(as_of, now) if as_of else EARLIEST
    return reach - retention if reach - EARLIEST > retention else None


def demand_readable(lake: Lake) -> None:
    """Refuse a damaged lake, and remove what counts no more and cannot be read: nobody can tell who is in it."""
    damaged, others = unreadable(lake)
    if damaged:
        said = "; ".join(f"{lake.root / name} {fault}" for name, fault in damaged.items())
        raise UsageError(said, fix="run `tierwise doctor --fix`, then this again")
    for path in others:
        path.unlink()


def segment_files(lake: Lake, dataset: str) -> list[Path]:
    """Every file of a dataset, also of deliveries that count no more."""
    return sorted((lake.root / "segments" / dataset).rglob("*.parquet"))


def replace_segment(lake: Lake, path: Path, rows: pl.DataFrame, metadata: dict[str, str] | None = None) -> None:
    """Write a segment anew under its own name, as other files refer to it."""
    said = lake.key_id if metadata is None and "member_key" in rows.columns else metadata
    write_rows_durably(path, rows, said)


def drop_caches(lake: Lake) -> None:
    """Caches are made from segments by name, and would not notice that these hold something else."""
    crash_point("drop caches")
    shutil.rmtree(lake.root / "cache", ignore_errors=True)


def _has_expired(lake: Lake, dataset: str, before: datetime) -> bool:
    for path in segment_files(lake, dataset):
        rows = scan_segment(path)
        try:
            if rows.select(is_expired(dataset, rows.collect_schema().names(), before).any()).collect().item():
                return True
        except pl.exceptions.PolarsError:  # damaged: of a lake that is, nothing is taken out
            continue
    return False


def _carry_out(lake: Lake, request: Request, secret: str, now: datetime, read: Sequence[Entry] = ()) -> Receipt:
    demand_readable(lake)
    sought = Sought(request, secret)
    if sought.forgotten:
        write_forgotten(lake, read_forgotten(lake, lambda: secret) | sought.forgotten, secret)
    for dataset in (*DATASETS, ACCOUNTS_OF_LISTS):
        for path in segment_files(lake, dataset):
            _take_out(lake, path, partial(sought.is_gone, dataset))
    for entry in [*_entries(lake), *read]:
        _take_out_of_mutual_lists(lake, entry, sought)
        _name_only_listed_accounts(lake, entry)
    for path in sorted((lake.root / "rejects").glob("*.parquet")):
        _mask(path, sought)
    receipt = _note(lake, request.id, now)
    _put_ledger_right(lake, sought)
    drop_caches(lake)
    crash_point("forgotten")
    request_path(lake).unlink(missing_ok=True)
    sync(lake.root)
    return receipt


def scan_segment(path: Path) -> pl.LazyFrame:
    return pl.scan_parquet(path, glob=False, hive_partitioning=False)


def _take_out(lake: Lake, path: Path, gone: Gone) -> None:
    if not path.exists():  # damaged once, of a delivery that counts no more
        return
    rows = scan_segment(path)
    is_gone = gone(rows.collect_schema().names())
    if rows.select(is_gone.any()).collect().item():
        replace_segment(lake, path, rows.filter(~is_gone).collect())


def _take_out_of_mutual_lists(lake: Lake, entry: Entry, sought: Sought) -> None:
    """In lists of mutual friends a member is an account as well: each record is two rows, one for each way."""
    own = [segment for segment in entry.segments if segment.dataset == "follows"]
    records = sum(counts.rows_loaded for counts in entry.counts if counts.dataset == "follows")
    if records and sum(segment.rows for segment in own) == 2 * records:
        for segment in own:
            _take_out(lake, lake.root / segment.path, partial(sought.is_gone, "follows", undirected=True))


def _name_only_listed_accounts(lake: Lake, entry: Entry) -> None:
    """Of a delivery that has lost follows, name the accounts that it still has some of, and no others."""
    named = {segment.path for segment in entry.segments if segment.dataset == ACCOUNTS_OF_LISTS}
    follows = [
        segment for segment in entry.segments if segment.dataset == "follows" and (lake.root / segment.path).exists()
    ]
    if not named or not records_gone(lake, entry, "follows"):
        return
    part = follows[0].part
    in_part = pl.lit(value=True) if part is None else pl.col(PART) == part
    rows = pl.concat(
        scan_segment(lake.root / path).filter(in_part).select("account_key")
        for path in sorted({segment.path for segment in follows})
    )
    listed = rows.unique().collect().get_column("account_key").implode()
    for path in sorted(named):
        _take_out(lake, lake.root / path, lambda _: in_part & ~pl.col("account_key").is_in(listed))


def _mask(path: Path, sought: Sought) -> None:
    """Show no name of theirs among what was rejected."""
    rejects = pl.read_parquet(path, glob=False)
    texts = [name for name in ("value", "allowed") if name in rejects.columns]
    if rejects.select(sought.is_named(pl.col(texts)).any()).row(0).count(True):
        shown = [pl.when(~sought.is_named(pl.col(name))).then(name).otherwise(pl.lit(NOT_SHOWN)) for name in texts]
        write_durably(path, rejects.with_columns(shown).write_parquet)


def _entries(lake: Lake) -> Iterator[Entry]:
    """Every entry of the ledger, also of deliveries that count no more; those that do with their segments of today."""
    for commit in lake.commits:
        yield from commit.entries
    yield from lake.deliveries().values()


def _note(lake: Lake, request: str, now: datetime) -> Receipt:
    """Commit a receipt, unless the process before did so and died afterwards."""
    for commit in lake.commits:
        if commit.receipt and commit.receipt.request == request:
            return commit.receipt
    rows: dict[str, int] = {}
    for entry in lake.deliveries().values():
        for dataset in sorted({counts.dataset for counts in entry.counts if counts.dataset}):
            if gone := records_gone(lake, entry, dataset):
                rows[dataset] = rows.get(dataset, 0) + gone
    receipt = Receipt(request, now.isoformat(), rows)
    lake.commit([], now, receipt=receipt)
    return receipt


def _put_ledger_right(lake: Lake, sought: Sought) -> None:
    """Have every entry tell what its segments hold now, and name nobody who is forgotten."""
    live, moves = lake.brought(), moves_of(lake.commits)
    for commit in lake.commits:
        found = []
        for entry in commit.entries:
            counts = live.get(entry.delivery) == (commit, entry)
            now = moved_entry(entry, commit.sequence, moves) if counts else entry
            found.append(sought.without_names(entry_as_stored(lake, entry, now.segments)))
        commit.entries = tuple(found)
    rewrite(lake.root / "ledger", lake.commits)

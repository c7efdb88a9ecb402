"""The rows of accounts that have not changed, in a new warehouse file: out of the published one, not made anew.

Either the new file starts as a copy of the published one, without the rows of the accounts that have changed, or these rows
are selected out of it into a file that is new from its first byte. A deleted row keeps its place in a copy, so the second
way is taken before a fifth of the file is dead space, and wherever it is not certain that nobody was taken out of the lake
meanwhile: in a copy the bytes of deleted rows live on.
"""

import json
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import duckdb
import polars as pl

from schemas.columns import columns_of
from schemas.errors import TierwiseError
from schemas.tables import MARTS
from warehouse import ddl
from warehouse.atomic_write import crash_point, limit_reached, write_text_durably
from warehouse.row_hashes import RowHashes, hash_of_row, hashes_of, hashes_of_marts, one_hash, summed

# The oldest format that every supported client reads: 2.0 files are closed to DuckDB 1.x.
STORAGE_VERSION = "v1.5.0"
ACCOUNT = ("platform", "account_id")
KEPT = "tables.json"
# Below it a copy saves less than half a second, and a few empty blocks are a large share of the file.
SMALL_BYTES = 32 << 20
# At a fifth a file is 1.25 times as large as a new one. Up to there a copy takes half the time of a selection or less.
DEAD_MAX = 0.2

# What DuckDB says that the published file has no part in.
NOT_OF_THE_FILE = (duckdb.OutOfMemoryException, duckdb.ParserException, duckdb.BinderException)

_SAME_ACCOUNT = " AND ".join(f"t.{name} = a.{name}" for name in ACCOUNT)


@dataclass(frozen=True)
class Changed:
    """Rows of a mart that are not as published: all rows of `accounts`, as `rows` has them now.

    Rows of all other accounts stand in the published file as they are to be. An account that has no rows any more is
    one of `accounts` too.
    """

    rows: pl.LazyFrame
    accounts: pl.DataFrame


class UnusableBase(TierwiseError):
    """The published file is not what was published, or cannot be read: nothing can be taken over from it."""

    def __init__(self, target: Path, why: str) -> None:
        super().__init__(
            f"{target}: {why}, so no rows can be taken over from it", fix="run `tierwise run EXPORTS --rebuild`"
        )


@dataclass(frozen=True)
class _Base:
    """The published file, attached as `published`: the hashes of its marts, and how much of it is free blocks.

    `is_kept`: the hashes were kept beside the lake since it was published. Whatever is taken out of the lake drops them.
    """

    path: Path
    hashes: Mapping[str, RowHashes]
    is_kept: bool
    free: float


def take_over(
    connection: duckdb.DuckDBPyConnection,
    target: Path,
    partial: Path,
    names: list[str],
    kept: Path | None,
) -> dict[str, RowHashes]:
    """Attach a new file as `warehouse`, with the rows of accounts that have not changed. Returns their hashes, by table.

    Of the published file nothing is asked where no table has changed.

    Args:
        connection: One with nothing attached. `accounts_of` each table are those that have changed.
        target: The published file.
        partial: The new one, which is not there yet.
        names: The tables.
        kept: Folder that `keep_hashes` wrote to when the published file was made; null or without it, all tables are hashed.

    Raises:
        UnusableBase: The published file is not as it was published.
    """
    if not names:
        _attach_new(connection, partial)
        return {}
    try:
        base = _attached(connection, target, names, kept)
        standing = _copied(connection, base, partial, names)
        if standing is None:
            standing = _selected(connection, base, partial, names)
        connection.execute("DETACH published")
    except duckdb.Error as error:
        if isinstance(error, NOT_OF_THE_FILE) or limit_reached(error):
            raise
        raise UnusableBase(target, f"cannot be read: {str(error).splitlines()[0]}") from error
    return standing


def _attach_new(connection: duckdb.DuckDBPyConnection, partial: Path) -> None:
    """Attach a file that is not there yet, or one that was made so, as `warehouse`.

    Without a log: nobody plays back what a killed run wrote, and each of forty tables would be flushed to the disk twice.
    """
    options = f"STORAGE_VERSION '{STORAGE_VERSION}', RECOVERY_MODE no_wal_writes"
    connection.execute(f"ATTACH {ddl.literal(str(partial))} AS warehouse ({options})")


def keep_hashes(folder: Path, published: Path, hashes: Mapping[str, RowHashes]) -> None:
    """Note the hashes of a file that is about to be published, for the publication after it."""
    folder.mkdir(parents=True, exist_ok=True)
    tables = {name: asdict(each) for name, each in hashes.items()}
    write_text_durably(folder / KEPT, json.dumps({**_stamp(published), "tables": tables}))


def _stamp(published: Path) -> dict[str, object]:
    """What tells that a file is the one that was published, and that DuckDB hashes as it did then."""
    said = published.stat()
    return {"duckdb": duckdb.__version__, "bytes": said.st_size, "modified_ns": said.st_mtime_ns}


def _read_kept(folder: Path | None, published: Path) -> dict[str, RowHashes] | None:
    """The hashes that `keep_hashes` noted; null where there are none of this very file."""
    try:
        said = json.loads((folder / KEPT).read_text(encoding="utf-8")) if folder else {}
        tables = {name: RowHashes(**each) for name, each in said.pop("tables").items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    return tables if said == _stamp(published) and tables.keys() == MARTS.keys() else None


def _attached(connection: duckdb.DuckDBPyConnection, target: Path, names: list[str], kept: Path | None) -> _Base:
    """The published file, proved to be what its last run published."""
    if not target.is_file():
        raise UnusableBase(target, "is not there")
    connection.execute(f"ATTACH {ddl.literal(str(target))} AS published (READ_ONLY)")
    for name in names:
        if _columns(connection, name) != [
            (fact.name, ddl.duckdb_type(fact.dtype), fact.nullable) for fact in columns_of(MARTS[name])
        ]:
            raise UnusableBase(target, f"its table {name} has other columns")
    known = _read_kept(kept, target)
    hashes = known or hashes_of_marts(connection, "published.")
    last = connection.execute("SELECT max_by(content_hash, run_sequence) FROM published.run_log").fetchall()
    if last != [(one_hash(hashes),)]:
        raise UnusableBase(target, "its content is not what was published")
    total, free = _blocks(connection, "published")
    formats = connection.execute(
        "SELECT tags['storage_version'] FROM duckdb_databases() WHERE database_name = 'published'"
    ).fetchall()
    is_kept = bool(known) and formats == [(f"{STORAGE_VERSION}+",)]
    return _Base(target, hashes, is_kept, free / max(total, 1))


def _columns(connection: duckdb.DuckDBPyConnection, name: str) -> list[tuple[str, str, bool]]:
    return connection.execute(
        "SELECT column_name, data_type, is_nullable FROM duckdb_columns()"
        " WHERE database_name = 'published' AND table_name = ? ORDER BY column_index",
        [name],
    ).fetchall()


def _blocks(connection: duckdb.DuckDBPyConnection, database: str) -> tuple[int, int]:
    """How many blocks a file has, and how many of them are free."""
    ((total, free),) = connection.execute(
        "SELECT total_blocks, free_blocks FROM pragma_database_size() WHERE database_name = ?", [database]
    ).fetchall()
    return total, free


def is_of_changed(name: str) -> str:
    """Whether a row `t` is of one of the accounts of a table that have changed."""
    return f"EXISTS (FROM {accounts_of(name)} AS a WHERE {_SAME_ACCOUNT})"


def accounts_of(name: str) -> str:
    """The table of the accounts that have changed in a table."""
    return f"temp.{ddl.quoted(f'accounts of {name}')}"


def _copied(
    connection: duckdb.DuckDBPyConnection, base: _Base, partial: Path, names: list[str]
) -> dict[str, RowHashes] | None:
    """A copy of the published file that has nothing but the rows that stay; null where it does not pay, or may not be."""
    if not base.is_kept or base.path.stat().st_size < SMALL_BYTES or base.free > DEAD_MAX:
        return None
    crash_point("copy")
    # By itself a checkpoint puts row groups together that have deleted rows, and so writes them a second time.
    connection.execute("SET max_vacuum_tasks = 0")
    shutil.copyfile(base.path, partial)
    _attach_new(connection, partial)
    for kind in ("view", "table"):
        for (name,) in connection.execute(
            f"SELECT {kind}_name FROM duckdb_{kind}s() WHERE database_name = 'warehouse' AND NOT internal"
        ).fetchall():
            if name not in names:
                connection.execute(f"DROP {kind} warehouse.{ddl.quoted(name)}")
    connection.execute("FORCE CHECKPOINT warehouse")  # their blocks are free for the tables that are loaded next
    standing = {name: base.hashes[name] - _deleted(connection, name) for name in names}
    if 1 - (1 - base.free) * min(_share_alive(connection, name, standing[name].rows) for name in names) <= DEAD_MAX:
        return standing
    connection.execute("DETACH warehouse")
    for file in (partial, partial.with_name(f"{partial.name}.wal")):
        file.unlink(missing_ok=True)
    return None


def _deleted(connection: duckdb.DuckDBPyConnection, name: str) -> RowHashes:
    """Delete the rows of accounts that have changed. Returns their hashes."""
    crash_point(f"delete {name}")
    delete = f"DELETE FROM warehouse.{ddl.quoted(name)} AS t USING {accounts_of(name)} AS a WHERE {_SAME_ACCOUNT}"
    return summed(connection, f"WITH hashes AS ({delete} RETURNING {hash_of_row(MARTS[name])} AS h)")


def _share_alive(connection: duckdb.DuckDBPyConnection, name: str, rows: int) -> float:
    """Of the rows that take up space in a table, the share that is not deleted."""
    ((size,),) = connection.execute(
        "SELECT estimated_size FROM duckdb_tables() WHERE database_name = 'warehouse' AND table_name = ?", [name]
    ).fetchall()
    return rows / size if size else 1.0


def _selected(
    connection: duckdb.DuckDBPyConnection, base: _Base, partial: Path, names: list[str]
) -> dict[str, RowHashes]:
    """A new file with the rows that stay, selected out of the published one."""
    crash_point("select")
    _attach_new(connection, partial)
    standing = {}
    for name in names:
        table, model = ddl.quoted(name), MARTS[name]
        connection.execute(ddl.create_table(name, model, "warehouse."))
        connection.execute(
            f"INSERT INTO warehouse.{table} BY NAME SELECT t.* FROM published.{table} AS t WHERE NOT {is_of_changed(name)}"
        )
        gone = hashes_of(connection, model, f"published.{table} AS t WHERE {is_of_changed(name)}")
        standing[name] = base.hashes[name] - gone
    return standing

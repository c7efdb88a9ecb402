"""The DuckDB file: built beside the published one, checkpointed, flushed, and renamed over it."""

import functools
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path
from types import MappingProxyType
from typing import TypeAlias, TypeVar

import duckdb
import polars as pl

from schemas.columns import Table, key_of
from schemas.errors import OUR_FAULT, TierwiseError, UsageError
from schemas.tables import MARTS
from warehouse import ddl
from warehouse.arrow_stream import ArrowStream
from warehouse.atomic_write import commit_file, crash_point
from warehouse.changed import ACCOUNT, Changed, accounts_of, is_of_changed, keep_hashes, take_over
from warehouse.evidence import sound_rows
from warehouse.in_files import Frame
from warehouse.incoming import incoming
from warehouse.published import NO_EXTENSIONS
from warehouse.row_hashes import RowHashes, hashes_of, hashes_of_marts, one_hash

# What DuckDB may hold of the file it writes, and of the keys it proves. With more it keeps blocks that it has written in
# memory, which nothing but the content hash reads again.
BUFFER_BYTES = 1 << 29
NEW_LINE = "\n"
VIEW_COLUMNS = """
    SELECT table_name, column_name FROM duckdb_columns()
    WHERE database_name = current_database() AND list_contains(?, table_name)
"""

Result = TypeVar("Result")
Rows: TypeAlias = Frame | Changed


class Build:
    """A warehouse file being filled. Tables are created from their schemas and loaded by column name.

    Rows on their way to it may wait in the folder `spill`; `standing` are the hashes of those that stand in it already, by table.
    """

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        spill: Path,
        standing: Mapping[str, RowHashes] = MappingProxyType({}),
    ) -> None:
        self._connection = connection
        self._spill = spill
        self._hashes = dict(standing)
        # Of every mart, once the content was hashed.
        self.hashes: dict[str, RowHashes] = {}

    def load(self, name: str, model: type[Table], rows: Rows) -> int:
        """Create a table and fill it, every row checked by its schema.

        A table that has changed is filled up where it stands. Returns the number of rows.
        """
        crash_point(f"load {name}")
        # In one transaction, as each is flushed to the disk.
        self._connection.execute("BEGIN")
        if isinstance(rows, Changed):
            keys = f"CREATE TEMP TABLE {_keys(name)} AS SELECT {_key(model)} FROM {ddl.quoted(name)} LIMIT 0"
            self._connection.execute(keys)
        else:
            self._connection.execute(ddl.create_table(name, model))
        self._connection.execute(";".join(ddl.comments(name, model)))
        if isinstance(rows, Changed):
            self._insert(name, model, rows.rows, functools.partial(self._note_changed, name, model))
        else:
            self._insert(name, model, rows)
        self._connection.execute("COMMIT")
        loaded = self.count(f"SELECT count(*) FROM {ddl.quoted(name)}")
        expected = rows.height if isinstance(rows, pl.DataFrame) else loaded
        if isinstance(rows, Changed):
            expected = self._hashes[name].rows
        if loaded != expected:
            raise TierwiseError(f"{name}: {loaded} of {expected} rows arrived", fix=OUR_FAULT)
        return loaded

    def _insert(
        self,
        name: str,
        model: type[Table],
        rows: Frame,
        note: Callable[[], None] = lambda: None,
    ) -> None:
        """Insert rows, which are `incoming` while `note` looks at them."""
        with incoming(self._connection, model, rows, self._spill / f"{name}.parquet"):
            note()
            self._connection.execute(f"INSERT INTO {ddl.quoted(name)} BY NAME SELECT * FROM incoming")

    def _note_changed(self, name: str, model: type[Table]) -> None:
        """Note the keys and the hashes of what is incoming, of whose accounts none may have rows in the table."""
        crash_point(f"insert {name}")
        if strangers := self.count(f"SELECT count(*) FROM incoming AS t WHERE NOT {is_of_changed(name)}"):
            raise TierwiseError(f"{name}: {strangers} rows are of accounts that have not changed", fix=OUR_FAULT)
        self._connection.execute(f"INSERT INTO {_keys(name)} SELECT {_key(model)} FROM incoming")
        self._hashes[name] += hashes_of(self._connection, model, "incoming AS t")

    def load_evidence(self, name: str, model: type[Table], rows: Rows) -> str | None:
        """The same for a table of evidence, without its faulty rows. Returns what was left out, in words."""
        if isinstance(rows, Changed):
            raise TierwiseError(f"{name}: evidence is published whole", fix=OUR_FAULT)
        sound, left_out = sound_rows(name, model, rows, is_keyed=name in MARTS)
        self.load(name, model, sound)
        return left_out

    def prove_posts(self) -> None:
        """Fail where the posts, which stream to their table, are not those that the accounts' figures were made of."""
        posts = self.count("SELECT count(*) FROM posts")
        counted = self.count("SELECT sum(post_count) FROM account_engagement WHERE time_window = 'all_time'")
        if posts != counted:
            raise TierwiseError(f"posts: {posts} rows arrived, and accounts have {counted} posts", fix=OUR_FAULT)

    def prove_ledger(self, commit: int, counts: Mapping[str, int]) -> None:
        """Fail where the files of a commit do not stand in the ledger with the counts that the run found."""
        for name, counted in counts.items():
            listed = self.count(f"SELECT sum({ddl.quoted(name)}) FROM load_ledger WHERE run_sequence = {commit:d}")
            if listed != counted:
                raise TierwiseError(f"load_ledger: {listed} {name}, and the run counted {counted}", fix=OUR_FAULT)

    def prove_keys(self, models: Mapping[str, type[Table]]) -> None:
        """Fail where a key stands in two rows: it would be counted twice in every join."""
        for name, model in models.items():
            # Rows that stand as they were published have keys that were proved then.
            among = _keys(name) if name in self._hashes else None
            if repeated := self.count(ddl.repeated_keys(name, model, among)):
                raise TierwiseError(f"{name}: {repeated} keys stand in more than one row", fix=OUR_FAULT)

    def count(self, query: str, values: Sequence[object] = ()) -> int:
        """The number that a query of the tables so far gives, as of null 0."""
        row = self._connection.execute(query, values).fetchone()
        return int(row[0] or 0) if row else 0

    def add_views(self) -> None:
        """The analyst views, one file each: the file's name is the view's, its first line the comment."""
        self._connection.execute("BEGIN")
        create_views(self._connection)
        self._connection.execute("COMMIT")

    def content_hash(self) -> str:
        """The hash of every mart, which two runs over the same data share; what has not changed is not read for it."""
        self.hashes = hashes_of_marts(self._connection, known=self._hashes)
        return one_hash(self.hashes)


def _keys(name: str) -> str:
    """The table of the keys of what was inserted into one that has changed."""
    return f"temp.{ddl.quoted(f'keys of {name}')}"


def _key(model: type[Table]) -> str:
    return ", ".join(ddl.quoted(key) for key in key_of(model))


def create_views(connection: duckdb.DuckDBPyConnection) -> None:
    """Create the views where all tables are, with what is said of them and their columns."""
    views = {name.partition("_")[2]: text for name, text in sorted(view_files().items())}
    for view, text in views.items():
        connection.execute(f"CREATE VIEW {ddl.quoted(view)} AS {text.partition(NEW_LINE)[2]}")
    columns: dict[str, list[str]] = {view: [] for view in views}
    for view, column in connection.execute(VIEW_COLUMNS, [list(views)]).fetchall():
        columns[view].append(column)
    comments = [said for view, text in views.items() for said in ddl.view_comments(view, text, columns[view])]
    connection.execute(";".join(comments))


def view_files() -> dict[str, str]:
    """The SQL of each view by file stem, such as `10_published_vs_computed`."""
    folder = files("warehouse") / "sql"
    return {
        entry.name.removesuffix(".sql"): entry.read_text(encoding="utf-8")
        for entry in folder.iterdir()
        if entry.name.endswith(".sql")
    }


def content_hash(connection: duckdb.DuckDBPyConnection) -> str:
    """One hash over the content of all marts of an open warehouse, independent of row order."""
    return one_hash(hashes_of_marts(connection))


def publish(
    target: Path,
    fill: Callable[[Build], Result],
    *,
    changed: Mapping[str, Changed] = MappingProxyType({}),
    kept: Path | None = None,
    keep: Path | None = None,
    memory_limit: int | None = None,
    seals: Sequence[Callable[[], None]] = (),
) -> Result:
    """Build a new file with `fill` and make it the published one. Until the rename the old file stays as it is.

    Args:
        target: The published file.
        fill: Loads every table. Tables that are loaded from a `Changed` have the rows of all other accounts already.
        changed: These tables, by name.
        kept: Folder with the hashes of the file published before; its tables are hashed without it.
        keep: Folder to note the hashes of this one in, for the next time.
        memory_limit: Bytes that DuckDB may use; it takes no more than BUFFER_BYTES.
        seals: Called in turn once the new file is whole: what they commit can be published.

    Raises:
        UnusableBase: Tables have changed, and the published file is not as it was published.
    """
    _demand_nobody_writes(target)
    partial = target.with_name(f".{target.name}.partial")
    spill = partial.with_name(f"{partial.name}.spill")
    _remove(partial, spill)
    crash_point("build")
    try:
        with _connected(spill, memory_limit) as connection:
            _note_accounts(connection, changed)
            standing = take_over(connection, target, partial, list(changed), kept)
            connection.execute("USE warehouse")
            build = Build(connection, spill, standing)
            result = fill(build)
            crash_point("checkpoint")
            connection.execute("FORCE CHECKPOINT warehouse")
            connection.execute("USE memory")
            connection.execute("DETACH warehouse")
        # Nobody would come by it once the file is published: the next run may have nothing to do.
        shutil.rmtree(spill, ignore_errors=True)
        if keep and build.hashes:
            keep_hashes(keep, partial, build.hashes)
        for seal in seals:
            seal()
        commit_file(partial, target)
        return result
    finally:
        _remove(partial, spill)


def _note_accounts(connection: duckdb.DuckDBPyConnection, changed: Mapping[str, Changed]) -> None:
    for name, change in changed.items():
        connection.register("incoming", ArrowStream(change.accounts.select(ACCOUNT).unique()))
        connection.execute(f"CREATE TEMP TABLE {accounts_of(name)} AS FROM incoming")
        connection.unregister("incoming")


def _demand_nobody_writes(target: Path) -> None:
    if target.is_dir():
        raise UsageError(
            f"{target}: is a folder where the warehouse file belongs",
            fix="move the folder away, or choose another home",
        )
    stale = target.with_name(target.name + ".wal")
    if stale.exists():
        raise UsageError(
            f"{stale}: somebody opened the published file for writing",
            fix="close that program; `tierwise doctor --fix` moves the .wal file aside. Then run again",
        )


def _remove(partial: Path, spill: Path) -> None:
    """What a publication leaves that ended on its way."""
    partial.unlink(missing_ok=True)
    partial.with_name(partial.name + ".wal").unlink(missing_ok=True)
    shutil.rmtree(spill, ignore_errors=True)


@contextmanager
def _connected(spill: Path, memory_limit: int | None) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection to build with."""
    connection = duckdb.connect(":memory:", config=NO_EXTENSIONS)
    try:
        connection.execute("SET preserve_insertion_order = false")
        # By itself DuckDB writes what does not fit into memory to `.tmp` in whatever folder the run was started from.
        connection.execute("SET temp_directory = ?", [str(spill)])
        connection.execute("SET memory_limit = ?", [f"{min(memory_limit or BUFFER_BYTES, BUFFER_BYTES)}B"])
        yield connection
    finally:
        connection.close()

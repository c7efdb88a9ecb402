"""Hashes of a table's rows, summed up: of some rows they can be taken away, and of others added, without a look at the rest."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import duckdb

from schemas.columns import Table, columns_of
from schemas.tables import MARTS
from warehouse import ddl


@dataclass(frozen=True)
class RowHashes:
    """How many rows, and the xor and the sum of their hashes: whatever their order."""

    rows: int = 0
    xor: int = 0
    sum: int = 0

    def __add__(self, others: "RowHashes") -> "RowHashes":
        return RowHashes(self.rows + others.rows, self.xor ^ others.xor, self.sum + others.sum)

    def __sub__(self, others: "RowHashes") -> "RowHashes":
        return RowHashes(self.rows - others.rows, self.xor ^ others.xor, self.sum - others.sum)

    def __str__(self) -> str:
        return f"{self.rows}:{self.xor}:{self.sum}"


def hash_of_row(model: type[Table]) -> str:
    """The hash of a row `t` of a query."""
    return "hash(" + ", ".join(f"t.{ddl.quoted(fact.name)}" for fact in columns_of(model)) + ")"


def summed(connection: duckdb.DuckDBPyConnection, query: str) -> RowHashes:
    """The hashes of a query that ends in a relation with one column `h`."""
    given = f"{query} SELECT count(*), coalesce(bit_xor(h), 0), coalesce(sum(h::HUGEINT), 0) FROM hashes"
    (row,) = connection.execute(given).fetchall()
    return RowHashes(*map(int, row))


def hashes_of(connection: duckdb.DuckDBPyConnection, model: type[Table], rows: str) -> RowHashes:
    """The hashes of the rows that follow a FROM, of which those of the table bear the name `t`."""
    return summed(connection, f"WITH hashes AS (SELECT {hash_of_row(model)} AS h FROM {rows})")


def hashes_of_marts(
    connection: duckdb.DuckDBPyConnection, place: str = "", known: Mapping[str, RowHashes] = MappingProxyType({})
) -> dict[str, RowHashes]:
    """The hashes of each mart, but for those that are `known`; `place` names the database where it is not in use (`published.`)."""
    return {
        name: known.get(name) or hashes_of(connection, model, f"{place}{ddl.quoted(name)} AS t")
        for name, model in MARTS.items()
    }


def one_hash(marts: Mapping[str, RowHashes]) -> str:
    """One hash over the content of all marts."""
    digest = hashlib.sha256()
    for name, hashes in sorted(marts.items()):
        digest.update(f"{name}={hashes}\n".encode())
    return digest.hexdigest()

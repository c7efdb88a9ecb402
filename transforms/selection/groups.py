"""People in the lists of accounts, counted by which of the accounts they follow: no person is left in it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.sparse import csc_array, hstack

from transforms.selection.offers import Flags, Floats, Integers

Keys: TypeAlias = NDArray[np.uint64]

# People are grouped in parts of about so many follows at a time.
PART_ROWS = 4_000_000


@dataclass(frozen=True)
class Groups:
    """A row for each account, a column for each set of accounts that somebody follows, and how many people do so."""

    rows: csc_array
    people: Floats

    def counted(self, chosen: Integers) -> Floats:
        """Of a set of accounts, how many people follow exactly 0, 1, 2, ... of them."""
        depth = np.asarray(self.rows[chosen].sum(axis=0)).ravel().astype(np.int64)
        found: Floats = np.bincount(depth, self.people, minlength=1).astype(np.float64)
        return found

    def only(self, kept: Flags | Integers) -> "Groups":
        """Those of some of the accounts: people who differ by the others alone are one group."""
        rows = csc_array(self.rows[kept])
        # Each account a number of its own: sets of accounts have the same sum about as seldom as by their keys.
        numbers = np.random.default_rng(0).integers(0, 1 << 64, rows.shape[0], dtype=np.uint64)
        sums = np.add.reduceat(np.append(numbers[rows.indices], np.uint64(0)), rows.indptr[:-1]) if rows.nnz else None
        if sums is None:
            return no_groups(rows.shape[0])
        sums[np.diff(rows.indptr) == 0] = 0
        keys, first, group = np.unique(sums, return_index=True, return_inverse=True)
        people = np.bincount(group, self.people, minlength=len(keys))
        some = np.diff(rows.indptr)[first] > 0
        return Groups(csc_array(rows[:, first[some]]), people[some].astype(np.float64))

    def shared(self) -> Floats:
        """Of each account, the share of its listed people who are in another list too; not a number without a list."""
        depth = np.asarray(self.rows.sum(axis=0)).ravel()
        with np.errstate(invalid="ignore"):
            found: Floats = (self.rows @ (self.people * (depth > 1))) / (self.rows @ self.people)
        return found


def no_groups(count: int) -> Groups:
    """Of accounts without lists."""
    return Groups(csc_array((count, 0)), np.zeros(0))


def follows_to_groups(follows: pl.DataFrame, account_keys: Keys) -> Groups:
    """Groups of distinct (account_key, member_key), the accounts in the order of their keys.

    Keys of accounts are hashes of 64 bits: two sets of accounts have the same sum of them with a chance of about one in
    a million for ten million sets.
    """
    parts = 1 + follows.height // PART_ROWS
    sets = (
        pl.concat(_sets(each) for each in _parts(follows, parts))
        .group_by("set_key")
        .agg(pl.col("people").sum(), pl.col("member_key").min())
        .sort("set_key")
        .with_row_index("column")
    )
    numbers = pl.DataFrame({"account_key": account_keys}, schema={"account_key": pl.UInt64}).with_row_index("row")
    told = sets.lazy().select("member_key", "column")
    cells = (
        follows.lazy()
        .join(told, on="member_key")
        .join(numbers.lazy(), on="account_key")
        .select("column", pl.col("row").cast(pl.Int32))
        .sort("column", "row")
        .collect(engine="streaming")
    )
    starts = np.searchsorted(cells["column"].to_numpy(), np.arange(sets.height + 1))
    shape = (len(account_keys), sets.height)
    rows = csc_array((np.ones(cells.height), cells["row"].to_numpy(), starts), shape)
    return Groups(rows, sets["people"].cast(pl.Float64).to_numpy())


def _parts(follows: pl.DataFrame, parts: int) -> Iterable[pl.DataFrame]:
    """All of a person's follows in one part."""
    if parts == 1:
        return [follows]
    return (follows.filter(pl.col("member_key") % parts == part) for part in range(parts))


def _sets(follows: pl.DataFrame) -> pl.DataFrame:
    """The sets of accounts that people follow: (set_key, people, member_key), one of whom stands for all."""
    members = follows.group_by("member_key").agg(pl.col("account_key").sum().alias("set_key"))
    return members.group_by("set_key").agg(pl.len().cast(pl.Int64).alias("people"), pl.col("member_key").min())


def at_least(followers: Floats, prices: Integers, kept: Flags) -> Groups:
    """Groups whose people, of any set, are the followers of its largest account: all that is certain without lists.

    Each group is the people by which an account exceeds the next smaller one. An account that another exceeds for no
    more money brings nothing, unless it is `kept`.
    """
    order = np.lexsort((-followers, prices))
    before = np.maximum.accumulate(np.concatenate([[0.0], followers[order][:-1]]))
    useful = kept.copy()
    useful[order] |= followers[order] > before
    useful &= followers > 0
    levels = np.unique(followers[useful])
    reached = (followers[:, None] >= levels[None, :]) & useful[:, None]
    return Groups(csc_array(reached.astype(float)), np.diff(levels, prepend=0.0))


def beside(one: Groups, other: Groups) -> Groups:
    """Groups of the same accounts from two sources, which have nobody in common."""
    if not len(one.people):
        return other
    return Groups(csc_array(hstack([one.rows, other.rows])), np.concatenate([one.people, other.people]))


def of_accounts(groups: Groups, kept: Flags) -> Groups:
    """The groups without the follows of the other accounts."""
    if kept.all():
        return groups
    rows = csc_array(groups.rows.multiply(kept[:, None].astype(float)))
    rows.eliminate_zeros()
    some = np.asarray(rows.sum(axis=0)).ravel() > 0
    return Groups(csc_array(rows[:, some]), groups.people[some])

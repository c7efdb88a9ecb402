"""Sums over people of what each person's set of accounts followed gives: followers shared by pairs, interests by niche.

They are sums of whole numbers over slices of people. Where some people's sets have changed, what these gave before is
taken off and what they give now is added.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import polars as pl

from transforms import audience_niches, audience_overlap

FOLLOWS = {"account_key": pl.UInt64, "member_key": pl.UInt64}
KEYS = ["account_key", "is_told"]
# Pairs of two accounts whose overlaps are told, and pairs with one whose are not.
KINDS = (TOLD, OTHERS) = (0, 1)


@dataclass(frozen=True)
class Sums:
    """Other follows by niche and followers who have any, per account; followers shared per pair.

    Pairs are of two kinds: of accounts whose overlaps are told, and with one whose are not. Each kind is counted from a
    share of people that is halved so many times.
    """

    niches: pl.DataFrame
    labelled: pl.DataFrame
    shared: list[pl.DataFrame]
    pairs: list[int]
    halvings: list[int]


def niches_by_slice(slices: Iterable[pl.DataFrame], listed: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Other follows of each account's followers by niche, and its followers who have any, over all slices of people.

    Returns (account_key, niche, follow_count) and (account_key, labelled_follower_count).
    """
    empty = audience_niches.follows_to_niche_counts(pl.DataFrame(schema=FOLLOWS), listed)
    counts, labelled = zip(
        empty, *(audience_niches.follows_to_niche_counts(rows, listed) for rows in slices), strict=True
    )
    return (
        pl.concat(counts).group_by("account_key", "niche").agg(pl.col("follow_count").sum()),
        pl.concat(labelled).group_by("account_key").agg(pl.col("labelled_follower_count").sum()),
    )


def shared_by_slice(slices: Iterable[pl.DataFrame], numbered: pl.DataFrame, kind: int, halvings: int) -> pl.DataFrame:
    """Followers shared by each pair of a kind over all slices of people: (pair, shared)."""
    found = [follows_to_shared(rows, numbered, kind, halvings) for rows in slices]
    empty = pl.DataFrame(schema={"pair": pl.UInt64, "shared": pl.Int64})
    return pl.concat([empty, *found]).group_by("pair").agg(pl.col("shared").sum())


def follows_to_shared(rows: pl.DataFrame, numbered: pl.DataFrame, kind: int, halvings: int) -> pl.DataFrame:
    """Followers shared by each pair of a kind, from a share of people that is halved so many times: (pair, shared)."""
    # The highest bits choose the sample, the lowest the slice: the one says nothing of the other.
    sampled = rows.filter(pl.col("member_key") < (1 << (64 - halvings))) if halvings else rows
    numbers = numbered.select(*KEYS, "number")
    named = sampled.join(numbers, on="account_key", maintain_order="none")
    return audience_overlap.follows_to_shared(named, told=kind == TOLD)


def count_pairs(rows: pl.DataFrame, numbered: pl.DataFrame) -> list[int]:
    """How many pairs of each kind people make."""
    return list(audience_overlap.count_pairs(rows.join(numbered.select(KEYS), on="account_key")))


def added_up(pairs: Iterable[Sequence[int]]) -> list[int]:
    """Pairs of each kind over all slices."""
    return [sum(counts) for counts in zip([0] * len(KINDS), *pairs, strict=True)]


def halvings_of(pairs: int, most: int) -> int:
    """How often the share of people must be halved so that about so many pairs are left at most."""
    halvings = 0
    while pairs >> halvings > most:
        halvings += 1
    return halvings


def added(sums: pl.DataFrame, changes: list[pl.DataFrame], count: str) -> pl.DataFrame:
    """Sums with changes added to them; what comes to nothing is left out."""
    if not changes:
        return sums
    keys = [name for name in sums.columns if name != count]
    changed = pl.concat(changes).group_by(keys).agg(pl.col(count).sum()).select(sums.columns)
    rest, old = (sums.join(changed, on=keys, how=how) for how in ("anti", "semi"))
    new = pl.concat([old, changed]).group_by(keys).agg(pl.col(count).sum()).filter(pl.col(count) > 0)
    return pl.concat([rest, new])


def renumbered(shared: pl.DataFrame, known: pl.DataFrame, numbered: pl.DataFrame) -> pl.DataFrame:
    """Pairs by the numbers of now; those of an account whose pairs are no longer of their kind are left out."""
    if known.equals(numbered.select(known.columns)):
        return shared
    both = numbered.join(known, on=KEYS, how="semi")
    now = known.join(both.select("account_key", pl.col("number").alias("now")), on="account_key", how="left")
    new_number = now.sort("number").get_column("now").cast(pl.UInt64)
    first, second = (
        new_number.gather(shared.get_column("pair") // audience_overlap.HALF),
        new_number.gather(shared.get_column("pair") % audience_overlap.HALF),
    )
    # Both orders are that of the accounts' names: the first of a pair stays the first.
    return shared.with_columns((first * audience_overlap.HALF + second).alias("pair")).drop_nulls("pair")


def flipped_accounts(known: pl.DataFrame, numbered: pl.DataFrame) -> pl.DataFrame:
    """Accounts whose overlaps are newly told, or no longer: (account_key)."""
    return pl.concat(
        [
            left.join(right, on=KEYS, how="anti").select("account_key")
            for left, right in ((known, numbered), (numbered, known))
        ]
    ).unique()


def share_of_follows(listed: pl.DataFrame, chosen: pl.DataFrame) -> float:
    """How much of all follows are those of the chosen accounts: 0 to 1."""
    followers = listed.select("account_key", "followers_known_count")
    all_follows, of_chosen = (
        int(rows.get_column("followers_known_count").sum())
        for rows in (followers, followers.join(chosen, on="account_key", how="semi"))
    )
    return of_chosen / all_follows if all_follows else 0.0


def persons_of_changes(
    old: pl.DataFrame, new: pl.DataFrame, touched: pl.DataFrame, flipped: pl.DataFrame
) -> pl.DataFrame:
    """People some of whose follows have changed, or who follow a flipped account: (member_key).

    `old` has the follows of touched and flipped accounts as they were, `new` those of touched accounts as they are.
    """
    again = old.join(flipped, on="account_key", how="semi")
    old = old.join(touched, on="account_key", how="semi")
    differ = [old.join(new, on=list(FOLLOWS), how="anti"), new.join(old, on=list(FOLLOWS), how="anti"), again]
    differ.append(new.join(flipped, on="account_key", how="semi"))
    return pl.concat(differ).select("member_key").unique()


@dataclass(frozen=True)
class Changes:
    """What changed people add to sums and take off them, and the pairs of each kind in all."""

    niches: list[pl.DataFrame]
    labelled: list[pl.DataFrame]
    shared: list[list[pl.DataFrame]]
    pairs: list[int]


def changes_of_people(
    before_and_after: Iterable[tuple[pl.DataFrame, pl.DataFrame]],
    sums: tuple[list[int], list[int]],
    known: pl.DataFrame,
    numbered: pl.DataFrame,
    listed: pl.DataFrame | None,
) -> Changes:
    """What people whose follows have changed add and take off.

    Args:
        before_and_after: For each slice all follows of these people, as they were and as they are.
        sums: Pairs of each kind as they were, and how often the share of people was halved.
        known: account_key, number and is_told of accounts as they were.
        numbered: The same as they are.
        listed: account_key and niche of all accounts; null where niches are not asked for.
    """
    pairs, halvings = sums
    # The accounts whose pairs are of the same kind then and now, by their numbers of now.
    both = numbered.join(known, on=KEYS, how="semi")
    changes, counted = Changes([], [], [[] for _ in KINDS], []), [pairs]
    for before, after in before_and_after:
        counted += [count_pairs(after, numbered), [-count for count in count_pairs(before, known)]]
        for rows, sign, numbers in ((after, 1, numbered), (before, -1, both)):
            for kind in KINDS:
                found = follows_to_shared(rows, numbers, kind, halvings[kind])
                changes.shared[kind].append(found.with_columns(pl.col("shared") * sign))
            if listed is not None:
                of_niche, of_account = audience_niches.follows_to_niche_counts(rows, listed)
                changes.niches.append(of_niche.with_columns(pl.col("follow_count") * sign))
                changes.labelled.append(of_account.with_columns(pl.col("labelled_follower_count") * sign))
    return replace(changes, pairs=added_up(counted))

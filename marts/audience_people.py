"""What is counted over people and not over accounts: the other interests of an audience, and the followers accounts share.

Both are sums over people of something each person's set of accounts followed gives. So what was summed is kept, with the
followers it was summed from, in files that `cache/audience/sums.json` names, written last. Where few people's sets have
changed, what these gave before is taken off and what they give now is added; sums of whole numbers come out the same.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl

from marts.audience_buckets import Layer, among, write_keys
from transforms import audience_niches, audience_overlap
from transforms.niches import UNKNOWN
from warehouse.atomic_write import write_durably, write_text_durably
from warehouse.lake.edge_layout import CACHE_VERSION, digest

SUMS = "cache/audience/sums.json"
# Past this many pairs of accounts that have a follower in common, overlaps are estimated from a sample of people.
OVERLAP_PAIRS_MAX = 5_000_000
# Above this share of all follows, counting all of them costs no more than looking for the people who changed.
CHANGED_MAX = 0.2
FOLLOWS = {"account_key": pl.UInt64, "member_key": pl.UInt64}
KEYS = ["account_key", "is_told"]
# Pairs of two accounts whose overlaps are told, and pairs with one whose are not: the file of each.
KINDS = (TOLD, OTHERS) = (0, 1)
SHARED = ("shared", "shared_others")
NOBODY = pl.DataFrame(schema={"account_key": pl.UInt64})

Layers = Mapping[int, Sequence[Layer]]


@dataclass(frozen=True)
class Made:
    """What was summed before, by the common path of its files, and from what. `layers` are those of each bucket."""

    version: str
    path: str
    slices: int
    layers: dict[int, list[Layer]]
    labels: str
    pairs: list[int]
    halvings: list[int]

    def read(self, root: Path, name: str) -> pl.DataFrame:
        return pl.read_parquet(root / f"{self.path}-{name}.parquet")


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


@dataclass(frozen=True)
class People:
    """Who follows whom: the layers of each bucket, each in so many slices. All follows of a person are in one slice."""

    root: Path
    layers: Layers
    slices: int

    def scan(self, number: int) -> pl.LazyFrame:
        """Distinct (account_key, member_key) of a slice. What a later layer replaces is left out."""
        parts = [pl.LazyFrame(schema=FOLLOWS)]
        for place in range(max(map(len, self.layers.values()), default=0)):
            at_place = [own[place] for own in self.layers.values() if place < len(own)]
            sliced = [self.root / f"{layer.path}-members-{number}.parquet" for layer in at_place if not layer.replaces]
            whole = [self.root / f"{layer.path}-members.parquet" for layer in at_place if layer.replaces]
            found = []
            if paths := [path for path in sliced if path.exists()]:
                found.append(pl.scan_parquet(paths, glob=False))
            if whole:
                in_slice = pl.col("member_key") % self.slices == number
                found.append(pl.scan_parquet(whole, glob=False).filter(in_slice))
            void = accounts_of(layer for own in self.layers.values() for layer in own[place + 1 :])
            parts += [rows.filter(~among("account_key", void)) if void.height else rows for rows in found]
        return pl.concat(parts)

    def by_slice(self) -> Iterator[pl.DataFrame]:
        return (self.scan(number).collect() for number in range(self.slices))


def accounts_of(layers: Iterable[Layer]) -> pl.DataFrame:
    """The accounts that layers replace."""
    return pl.DataFrame({"account_key": [key for layer in layers for key in layer.replaces]}, schema=NOBODY.schema)


def sum_over_people(people: People, listed: pl.DataFrame, numbered: pl.DataFrame) -> Sums:
    """The sums of today. `listed` has account_key, niche and followers_known_count, `numbered` the account_key and number
    of each account with followers, and whether its overlaps are told."""
    labels = _labels(listed)
    made = read_sums(people.root)
    sums = _brought_up_to_date(people, made, labels, listed, numbered) if made else None
    if sums is None:
        niches, labelled = _niches(people, labels, listed)
        pairs = _added_up(_pairs(rows, numbered) for rows in people.by_slice())
        halvings = [_halvings(count) for count in pairs]
        shared = [_all_shared(people, numbered, kind, halvings[kind]) for kind in KINDS]
        sums = Sums(niches, labelled, shared, pairs, halvings)
    _keep(people, sums, labels, numbered, made)
    return sums


def read_sums(root: Path) -> Made | None:
    path = root / SUMS
    said: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    if said.get("version") != CACHE_VERSION:
        return None
    layers = {int(number): [Layer(**layer) for layer in own] for number, own in said["layers"].items()}
    return Made(**{**said, "layers": layers})


def _keep(people: People, sums: Sums, labels: str, numbered: pl.DataFrame, made: Made | None) -> None:
    """Keep the sums for the next run; last of all the file that names them."""
    layers = {number: list(own) for number, own in sorted(people.layers.items())}
    keys = numbered.select(*KEYS, "number").sort("number")
    path = f"cache/audience/{digest('sums', layers, people.slices, labels, keys.rows())}"
    if made and made.path == path:
        return
    for name, frame in (
        ("niches", sums.niches),
        ("labelled", sums.labelled),
        *((SHARED[kind], sums.shared[kind]) for kind in KINDS),
        ("numbered", keys),
    ):
        write_durably(people.root / f"{path}-{name}.parquet", partial(write_keys, frame))
    text = json.dumps(asdict(Made(CACHE_VERSION, path, people.slices, layers, labels, sums.pairs, sums.halvings)))
    write_text_durably(people.root / SUMS, text)


def _brought_up_to_date(
    people: People, made: Made, labels: str, listed: pl.DataFrame, numbered: pl.DataFrame
) -> Sums | None:
    """The sums of an earlier run, changed by the people whose follows have changed; null where a fresh start is due."""
    root = people.root
    known = made.read(root, "numbered")
    fresh = _fresh(people, made)
    if fresh is None:
        return None
    touched = _touched(fresh)
    flipped = pl.concat(
        [
            left.join(right, on=KEYS, how="anti").select("account_key")
            for left, right in ((known, numbered), (numbered, known))
        ]
    ).unique()
    chosen = pl.concat([touched, flipped]).unique()
    followers = listed.select("account_key", "followers_known_count")
    all_follows, of_chosen = (
        int(rows.get_column("followers_known_count").sum())
        for rows in (followers, followers.join(chosen, on="account_key", how="semi"))
    )
    if of_chosen > CHANGED_MAX * all_follows:
        return None
    # The accounts whose pairs are of the same kind then and now, by their numbers of now.
    both = numbered.join(known, on=KEYS, how="semi")
    niches, labelled, pairs = [], [], [made.pairs]
    shared: list[list[pl.DataFrame]] = [[] for _ in KINDS]
    for before, after in _changes(people, made, fresh, touched, flipped) if chosen.height else ():
        pairs += [_pairs(after, numbered), [-count for count in _pairs(before, known)]]
        for rows, sign, numbers in ((after, 1, numbered), (before, -1, both)):
            for kind in KINDS:
                found = _shared(rows, numbers, kind, made.halvings[kind])
                shared[kind].append(found.with_columns(pl.col("shared") * sign))
            if labels == made.labels and labels:
                of_niche, of_account = audience_niches.follows_to_niche_counts(rows, listed)
                niches.append(of_niche.with_columns(pl.col("follow_count") * sign))
                labelled.append(of_account.with_columns(pl.col("labelled_follower_count") * sign))
    totals = _added_up(pairs)
    halvings = [_halvings(count) for count in totals]
    if labels == made.labels:
        all_niches = _added(made.read(root, "niches"), niches, "follow_count")
        all_labelled = _added(made.read(root, "labelled"), labelled, "labelled_follower_count")
    else:
        all_niches, all_labelled = _niches(people, labels, listed)
    all_shared = [
        _added(_renumbered(made.read(root, SHARED[kind]), known, both, numbered), shared[kind], "shared")
        if halvings[kind] == made.halvings[kind]
        else _all_shared(people, numbered, kind, halvings[kind])
        for kind in KINDS
    ]
    return Sums(all_niches, all_labelled, all_shared, totals, halvings)


def _touched(fresh: People) -> pl.DataFrame:
    """Accounts whose followers are in a layer that is new."""
    replaced = accounts_of(layer for own in fresh.layers.values() for layer in own)
    plain = {number: [layer for layer in own if not layer.replaces] for number, own in fresh.layers.items()}
    new = replace(fresh, layers=plain)
    of_rows = [new.scan(number).select("account_key").unique().collect() for number in range(new.slices)]
    return pl.concat([replaced, *of_rows]).unique()


def _fresh(people: People, made: Made) -> People | None:
    """The layers that have come since; null where layers have gone and not only come."""
    if people.slices != made.slices:
        return None
    if any(list(people.layers.get(number, ()))[: len(own)] != own for number, own in made.layers.items()):
        return None
    fresh = {number: own[len(made.layers.get(number, ())) :] for number, own in people.layers.items()}
    return replace(people, layers=fresh)


def _changes(
    people: People, made: Made, fresh: People, touched: pl.DataFrame, flipped: pl.DataFrame
) -> Iterator[tuple[pl.DataFrame, pl.DataFrame]]:
    """For each slice all follows, before and now, of the people some of whose follows have changed.

    People who follow a flipped account, whose overlaps are newly or no longer told, are among them.
    """
    then = replace(people, layers=made.layers)
    chosen = pl.concat([touched, flipped]).unique()
    for number in range(people.slices):
        old, new = pl.collect_all([then.scan(number).filter(among("account_key", chosen)), fresh.scan(number)])
        again = old.join(flipped, on="account_key", how="semi")
        old = old.join(touched, on="account_key", how="semi")
        differ = [old.join(new, on=list(FOLLOWS), how="anti"), new.join(old, on=list(FOLLOWS), how="anti"), again]
        differ.append(new.join(flipped, on="account_key", how="semi"))
        persons = pl.concat(differ).select("member_key").unique()
        after = people.scan(number).filter(among("member_key", persons)).collect()
        elsewhere = after.join(touched, on="account_key", how="anti")
        yield pl.concat([elsewhere, old.join(persons, on="member_key", how="semi")]), after


def _added(sums: pl.DataFrame, changes: list[pl.DataFrame], count: str) -> pl.DataFrame:
    if not changes:
        return sums
    keys = [name for name in sums.columns if name != count]
    changed = pl.concat(changes).group_by(keys).agg(pl.col(count).sum()).select(sums.columns)
    rest, old = (sums.join(changed, on=keys, how=how) for how in ("anti", "semi"))
    new = pl.concat([old, changed]).group_by(keys).agg(pl.col(count).sum()).filter(pl.col(count) > 0)
    return pl.concat([rest, new])


def _labels(listed: pl.DataFrame) -> str:
    """A hash of the niches known; empty where none is."""
    known = listed.filter(pl.col("niche") != UNKNOWN).select("account_key", "niche").sort("account_key")
    return digest(known.rows()) if known.height else ""


def _niches(people: People, labels: str, listed: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    empty = audience_niches.follows_to_niche_counts(pl.DataFrame(schema=FOLLOWS), listed)
    slices = people.by_slice() if labels else iter(())
    counts, labelled = zip(
        empty, *(audience_niches.follows_to_niche_counts(rows, listed) for rows in slices), strict=True
    )
    return (
        pl.concat(counts).group_by("account_key", "niche").agg(pl.col("follow_count").sum()),
        pl.concat(labelled).group_by("account_key").agg(pl.col("labelled_follower_count").sum()),
    )


def _pairs(rows: pl.DataFrame, numbered: pl.DataFrame) -> list[int]:
    """How many pairs of each kind people make."""
    return list(audience_overlap.count_pairs(rows.join(numbered.select(KEYS), on="account_key")))


def _added_up(pairs: Iterable[Sequence[int]]) -> list[int]:
    return [sum(counts) for counts in zip([0] * len(KINDS), *pairs, strict=True)]


def _halvings(pairs: int) -> int:
    halvings = 0
    while pairs >> halvings > OVERLAP_PAIRS_MAX:
        halvings += 1
    return halvings


def _all_shared(people: People, numbered: pl.DataFrame, kind: int, halvings: int) -> pl.DataFrame:
    found = [_shared(rows, numbered, kind, halvings) for rows in people.by_slice()]
    empty = pl.DataFrame(schema={"pair": pl.UInt64, "shared": pl.Int64})
    return pl.concat([empty, *found]).group_by("pair").agg(pl.col("shared").sum())


def _shared(rows: pl.DataFrame, numbered: pl.DataFrame, kind: int, halvings: int) -> pl.DataFrame:
    # The highest bits choose the sample, the lowest the slice: the one says nothing of the other.
    sampled = rows.filter(pl.col("member_key") < (1 << (64 - halvings))) if halvings else rows
    numbers = numbered.select(*KEYS, "number")
    named = sampled.join(numbers, on="account_key", maintain_order="none")
    return audience_overlap.follows_to_shared(named, told=kind == TOLD)


def _renumbered(shared: pl.DataFrame, known: pl.DataFrame, both: pl.DataFrame, numbered: pl.DataFrame) -> pl.DataFrame:
    """Pairs by the numbers of now; those of an account whose pairs are no longer of their kind are left out."""
    if known.equals(numbered.select(known.columns)):
        return shared
    now = known.join(both.select("account_key", pl.col("number").alias("now")), on="account_key", how="left")
    new_number = now.sort("number").get_column("now").cast(pl.UInt64)
    first, second = (
        new_number.gather(shared.get_column("pair") // audience_overlap.HALF),
        new_number.gather(shared.get_column("pair") % audience_overlap.HALF),
    )
    # Both orders are that of the accounts' names: the first of a pair stays the first.
    return shared.with_columns((first * audience_overlap.HALF + second).alias("pair")).drop_nulls("pair")

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

from marts.audience_results import Layer, write_keys
from transforms.audience_changes import among
from transforms.audience_people import (
    FOLLOWS,
    KEYS,
    KINDS,
    Sums,
    added,
    added_up,
    changes_of_people,
    count_pairs,
    flipped_accounts,
    halvings_of,
    niches_by_slice,
    persons_of_changes,
    renumbered,
    share_of_follows,
    shared_by_slice,
)
from transforms.niches import UNKNOWN
from warehouse.atomic_write import write_durably, write_text_durably
from warehouse.lake.edge_layout import CACHE_VERSION, digest

SUMS = "cache/audience/sums.json"
# Past this many pairs of accounts that have a follower in common, overlaps are estimated from a sample of people.
OVERLAP_PAIRS_MAX = 5_000_000
# Above this share of all follows, counting all of them costs no more than looking for the people who changed.
CHANGED_MAX = 0.2
# The file of each kind of pairs.
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
        niches, labelled = niches_by_slice(people.by_slice() if labels else (), listed)
        pairs = added_up(count_pairs(rows, numbered) for rows in people.by_slice())
        halvings = [halvings_of(count, OVERLAP_PAIRS_MAX) for count in pairs]
        shared = [shared_by_slice(people.by_slice(), numbered, kind, halvings[kind]) for kind in KINDS]
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
    known = made.read(people.root, "numbered")
    fresh = _fresh(people, made)
    if fresh is None:
        return None
    touched, flipped = _touched(fresh), flipped_accounts(known, numbered)
    chosen = pl.concat([touched, flipped]).unique()
    if share_of_follows(listed, chosen) > CHANGED_MAX:
        return None
    same_labels = labels == made.labels
    rows = _changes(people, made, fresh, touched, flipped) if chosen.height else ()
    to_label = listed if labels and same_labels else None
    changes = changes_of_people(rows, (made.pairs, made.halvings), known, numbered, to_label)
    halvings = [halvings_of(count, OVERLAP_PAIRS_MAX) for count in changes.pairs]
    if same_labels:
        niches = added(made.read(people.root, "niches"), changes.niches, "follow_count")
        labelled = added(made.read(people.root, "labelled"), changes.labelled, "labelled_follower_count")
    else:
        niches, labelled = niches_by_slice(people.by_slice() if labels else (), listed)
    shared = [
        added(renumbered(made.read(people.root, SHARED[kind]), known, numbered), changes.shared[kind], "shared")
        if halvings[kind] == made.halvings[kind]
        else shared_by_slice(people.by_slice(), numbered, kind, halvings[kind])
        for kind in KINDS
    ]
    return Sums(niches, labelled, shared, changes.pairs, halvings)


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
        persons = persons_of_changes(old, new, touched, flipped)
        after = people.scan(number).filter(among("member_key", persons)).collect()
        elsewhere = after.join(touched, on="account_key", how="anti")
        of_touched = old.join(touched, on="account_key", how="semi").join(persons, on="member_key", how="semi")
        yield pl.concat([elsewhere, of_touched]), after


def _labels(listed: pl.DataFrame) -> str:
    """A hash of the niches known; empty where none is."""
    known = listed.filter(pl.col("niche") != UNKNOWN).select("account_key", "niche").sort("account_key")
    return digest(known.rows()) if known.height else ""

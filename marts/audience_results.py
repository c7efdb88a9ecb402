"""Results of counted buckets, as files of the lake's cache: their names, what they were made from, where followers are.

A result is four files below `cache/audience`, named by a hash of all that the bucket is counted from:

    <result>-fingerprints.parquet    a fingerprint of each account's own inputs, beside what is in final files
    <result>-made.json         the final files, and the layers that hold the bucket's followers
    <result>-deciles.parquet, <result>-counts.parquet    the counts; the last one makes the result count
"""

import json
import math
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl

from transforms.audience_counts import Counted
from warehouse.atomic_write import write_durably, write_text_durably
from warehouse.lake.edge_layout import CACHE_VERSION, digest


@dataclass(frozen=True)
class Bucket:
    """What one bucket is counted from, by paths inside the lake. The name of its result is a hash of it all.

    `parts` is how many parts it is counted in, and `at_once` how many like it may be counted at a time, so that they
    fit in memory; `earlier` is the result of an earlier run, for accounts that are as they were then.
    """

    number: int
    files: dict[str, tuple[str, ...]]
    inputs: str
    as_of: datetime | None
    slices: int
    members: str
    result: str
    parts: int = 1
    at_once: int = 1
    earlier: str | None = None


@dataclass(frozen=True)
class Layer:
    """Distinct followers of some accounts of a bucket, by the common path of the files: one for each slice of people.

    A layer that `replaces` accounts has one file: all there is of them, whose rows in the layers before are void.
    """

    path: str
    replaces: list[int]


@dataclass(frozen=True)
class Made:
    """What a result was made from and where its followers are. `counted` of its `accounts` were counted anew."""

    version: str
    number: int
    as_of: str | None
    slices: int
    final: dict[str, list[str]]
    layers: list[Layer]
    accounts: int
    counted: int


def final_files(bucket: Bucket) -> dict[str, list[str]]:
    """The files of large deliveries: what they hold never changes, whatever is delivered later."""
    return {
        dataset: [name for name in names if name.startswith("segments/")] for dataset, names in bucket.files.items()
    }


def read_made(root: Path, result: str) -> Made | None:
    """What a result was made from; null where another version made it, whose fingerprints say nothing now."""
    path = root / f"{result}-made.json"
    said: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    if said.get("version") != CACHE_VERSION:
        return None
    return Made(**{**said, "layers": [Layer(**layer) for layer in said["layers"]]})


def is_counted(root: Path, result: str) -> bool:
    return (root / f"{result}-counts.parquet").exists()


def earlier_results(root: Path) -> dict[int, tuple[str, Made]]:
    """A complete result of each bucket from the runs before; where there are several, the newest."""
    found = {}
    paths = sorted((root / "cache" / "audience").glob("*-counts.parquet"), key=lambda path: path.stat().st_mtime_ns)
    for path in paths:
        result = f"cache/audience/{path.name.partition('-')[0]}"
        if made := read_made(root, result):
            found[made.number] = (result, made)
    return found


def serves(made: Made, bucket: Bucket) -> bool:
    """Whether an earlier result can be brought up to date: cut alike, and none of its files taken back since."""
    final = final_files(bucket)
    same_cut = (made.as_of, made.slices) == (_said(bucket.as_of), bucket.slices)
    return same_cut and all(set(names) <= set(final[dataset]) for dataset, names in made.final.items())


def write_result(root: Path, bucket: Bucket, layers: list[Layer], counted: Counted, sizes: tuple[int, int]) -> None:
    """Write the result, last of all the file that makes it count. `sizes`: its accounts, and those counted anew."""
    made = Made(CACHE_VERSION, bucket.number, _said(bucket.as_of), bucket.slices, final_files(bucket), layers, *sizes)
    write_text_durably(root / f"{bucket.result}-made.json", json.dumps(asdict(made)))
    write_durably(root / f"{bucket.result}-deciles.parquet", counted.deciles.write_parquet)
    write_durably(root / f"{bucket.result}-counts.parquet", counted.counts.write_parquet)


def write_members(root: Path, path: str, members: pl.DataFrame, slices: int) -> None:
    """Write the followers of a layer, a file for each slice of people."""
    sliced = members.with_columns((pl.col("member_key") % slices).alias("slice"))
    for (number,), rows in sliced.partition_by("slice", as_dict=True, include_key=False).items():
        write_durably(root / f"{path}-members-{number}.parquet", partial(write_keys, rows))


def write_keys(rows: pl.DataFrame, target: Path) -> None:
    """Keys are as good as random: nothing is gained by packing them, nor by noting their bounds."""
    rows.write_parquet(target, compression="uncompressed", statistics=False)


def named(members: str, *said: object) -> str:
    """The path of a layer that holds only some of a bucket's accounts."""
    return f"cache/audience/{digest(members, *said)}"


def power_of_two(least: float) -> int:
    """The smallest power of two that is no less. Of two such numbers of parts, each part of the fewer is some whole ones of the more."""
    return 1 << max(0, math.ceil(least) - 1).bit_length()


def _said(time: datetime | None) -> str | None:
    return time.isoformat() if time else None

"""What is worked out of an account's own posts, kept from one publication to the next.

No account's own figures depend on another account. So those of the publication before serve for every account whose posts and
followers have the same fingerprint; the others are worked out again, and all are kept for the next one: a file for each
name in a folder of the lake's cache, which is named by what the publication was made from.
"""

import shutil
from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib.resources import files
from os import replace
from pathlib import Path

import polars as pl

from marts import post_parts
from transforms import exposure, fingerprints
from transforms.post_windows import NotKnown
from transforms.query_keys import HASH, hashed
from warehouse.atomic_write import crash_point, remove, sync
from warehouse.lake.edge_layout import digest
from warehouse.lake.ledger import Lake

ACCOUNT = ["platform", "account_id"]
# Of fewer posts all figures are worked out in less time than it takes to find out which must be.
POSTS_MIN = 100_000
# The same where more than this share of the posts is of touched accounts.
TOUCHED_MAX = 0.4
FINGERPRINTS, COUNTS = "fingerprints", "counts"


@dataclass(frozen=True)
class Folders:
    """Where the publication before kept its figures, null where it did not, and where this one keeps them."""

    before: Path | None
    now: Path

    @classmethod
    def of(cls, lake: Lake, key_before: str | None, key: str) -> "Folders":
        """By what the two publications are made from (`contents.lake_key`)."""
        before = _folder(lake, key_before) if key_before else None
        return cls(before if before and before.is_dir() else None, _folder(lake, key))

    @property
    def writing(self) -> Path:
        """Where figures are while they are not all there; what a killed run leaves of it, the next one sweeps."""
        return self.now.with_name(f".{self.now.name}.partial")

    def clear(self) -> None:
        """Forget what was begun and given up: it is not all there."""
        remove(self.writing)

    def begin(self) -> Path:
        self.writing.mkdir(parents=True)
        return self.writing

    def seal(self) -> None:
        """Let the figures be found by the next run: all of them are there."""
        if self.writing.is_dir():
            sync(self.writing)
            remove(self.now)
            crash_point("keep figures")
            replace(self.writing, self.now)
            sync(self.now.parent)

    def sweep(self) -> None:
        """Remove what no publication to come is made from."""
        for other in self.now.parent.glob("*"):
            if other != self.now:
                shutil.rmtree(other, ignore_errors=True)


def _folder(lake: Lake, key: str) -> Path:
    return lake.figures / digest(key, _program())


@cache
def _program() -> str:
    """What figures are made by: other code may make others."""
    folders = [files("transforms"), files("transforms") / "stats"]
    sources = [file for folder in folders for file in folder.iterdir() if file.name.endswith(".py")]
    return sha256(b"".join(file.read_bytes() for file in sorted(sources, key=str))).hexdigest()


@dataclass(frozen=True)
class Known:
    """What is known of the accounts: where their figures are, their fingerprints (`fingerprints.of_accounts`) as they were, with
    platform and account_id, and as they are now, and which of them differ (__key)."""

    folder: Path
    before: pl.DataFrame
    now: pl.DataFrame
    touched: pl.DataFrame

    @property
    def touched_count(self) -> int:
        """How many of the posts are those of touched accounts."""
        return int(self.now.join(self.touched, on=HASH, how="semi").get_column(fingerprints.COUNT).sum())

    @property
    def share(self) -> float:
        """How much of the posts they are."""
        return self.touched_count / max(1, int(self.now.get_column(fingerprints.COUNT).sum()))


@dataclass(frozen=True)
class OwnFigures:
    """Which accounts' figures are to be worked out: those that are touched where others are `known`, else all.

    `counts` are those that any post has (`exposure.delivered`), `post_count` how many posts that is. `writing` is where all
    figures go, null where they are not kept.
    """

    counts: AbstractSet[str]
    post_count: int
    known: Known | None = None
    writing: Path | None = None

    @classmethod
    def of(cls, folders: Folders | None, delivered: pl.LazyFrame, snapshots: pl.LazyFrame) -> "OwnFigures":
        """What is to be worked out of posts (`fingerprints.with_row_hash`) and snapshots of accounts."""
        writing = None
        if folders:
            folders.clear()
            if folders.before:
                before = _read(folders.before, FINGERPRINTS)
                now = fingerprints.of_accounts(delivered.select(hashed(ACCOUNT), fingerprints.ROW), snapshots)
                known = Known(folders.before, before, now, fingerprints.touched(now, before))
                if known.share <= TOUCHED_MAX:
                    counts = frozenset(_read(folders.before, COUNTS).to_series())
                    return cls(counts, known.touched_count, known, folders.begin())
        post_count = delivered.select(pl.len()).collect(engine="streaming").item()
        if folders and post_count >= POSTS_MIN:
            writing = folders.begin()
        return cls(exposure.delivered(delivered), post_count, None, writing)

    def posts(self, delivered: pl.LazyFrame) -> pl.LazyFrame:
        """The posts that figures are to be worked out of."""
        if self.known is None:
            return delivered
        keyed = delivered.with_columns(hashed(ACCOUNT))
        mine = keyed.join(self.known.touched.lazy(), on=HASH, how="semi").drop(HASH)
        if self.post_count <= post_parts.PART_POSTS:  # asked for again and again; more of them are not held
            mine = mine.collect(engine="streaming").lazy()
        if not exposure.delivered(mine) <= self.counts:
            raise NotKnown(COUNTS)
        return mine

    def together(self, name: str, rows: Iterable[pl.DataFrame]) -> pl.LazyFrame:
        """Rows of the accounts that were worked out, each with its __key, and those kept of all others."""
        found = pl.concat(rows)
        if self.writing is None:
            return found.lazy()
        if self.known:
            others = _read(self.known.folder, name).join(self.known.touched, on=HASH, how="anti")
            if others.schema != found.schema:
                raise NotKnown(name)
            found = pl.concat([others, found])
        return pl.scan_parquet(_write(self.writing, name, found), glob=False)

    def keep(self, accounts: pl.DataFrame) -> None:
        """Keep the fingerprints of accounts with posts, with their platform and account_id, beside their figures."""
        if self.writing:
            _write(self.writing, FINGERPRINTS, accounts)
            _write(self.writing, COUNTS, pl.DataFrame({"count": sorted(self.counts)}, {"count": pl.String}))


def _read(folder: Path, name: str) -> pl.DataFrame:
    try:
        return pl.read_parquet(folder / f"{name}.parquet", glob=False)
    except (OSError, pl.exceptions.PolarsError) as error:  # never written, or damaged since
        raise NotKnown(name) from error


def _write(folder: Path, name: str, rows: pl.DataFrame) -> Path:
    path = folder / f"{name}.parquet"
    rows.write_parquet(path, compression="lz4", statistics=False)
    sync(path)
    return path

"""Posts to the windows that they count in: all time, the last 90 days, the twelve newest of each account."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeAlias

import polars as pl

from schemas.time_windows import LAST_DAYS, LAST_POSTS
from transforms.query_keys import HASH

# What is worked out of the accounts at hand, some of them at a time, by its name and that, to the same of all accounts.
Together: TypeAlias = Callable[[str, Iterable[pl.DataFrame]], pl.LazyFrame]
# What is worked out of posts for each of their accounts, whose posts are all there.
PerAccount: TypeAlias = Callable[[pl.LazyFrame], pl.LazyFrame]
# What was worked out of the accounts at hand before, by its name; null where it was not.
Made: TypeAlias = Callable[[str], Iterable[pl.DataFrame] | None]


def of_all(name: str, rows: Iterable[pl.DataFrame]) -> pl.LazyFrame:  # noqa: ARG001  # as others have names
    """The accounts at hand are all there are."""
    return pl.concat(rows).lazy()


def not_made(name: str) -> None:  # as others have names
    """Nothing was worked out before."""


class NotKnown(Exception):
    """Of accounts that are not at hand nothing is known by this name, or not the same columns: it takes the posts of all."""


@dataclass(frozen=True)
class Windows:
    """Posts with `is_newest` (`with_newest`), in parts that each hold all posts of their accounts, and the accounts (__key) of
    all that have others than their newest.

    For all other accounts the figures of all time are those of the newest posts. Posts may be those of some accounts alone:
    what is worked out of them, now or before (`made`), goes through `together`, which adds what is known of all others.
    """

    parts: Sequence[pl.LazyFrame]
    crowded: pl.DataFrame
    as_of: datetime | None
    together: Together = of_all
    made: Made = not_made

    @classmethod
    def of(
        cls,
        parts: Sequence[pl.LazyFrame],
        as_of: datetime | None,
        together: Together = of_all,
        made: Made = not_made,
    ) -> "Windows":
        nobody = pl.DataFrame(schema={HASH: pl.UInt64})
        crowded = cls(parts, nobody, as_of, together, made).of_each("crowded", accounts_with_more)
        return cls(parts, crowded.collect(), as_of, together, made)

    @property
    def start(self) -> datetime | None:
        """The instant that posts of the last 90 days are later than."""
        return _start(self.as_of) if self.as_of else None

    def of_each(self, name: str, per_account: PerAccount) -> pl.LazyFrame:
        """What is worked out of the posts of each account, a part of them at a time; `name` is of it."""
        made = self.made(name)
        return self.together(name, (per_account(part).collect() for part in self.parts) if made is None else made)

    def figures(self, name: str, per_account: PerAccount) -> dict[str, pl.LazyFrame]:
        """The same, a row per __key, by the name of the window."""

        def recent(posts: pl.LazyFrame) -> pl.LazyFrame:
            return per_account(posts.filter(is_recent(self.as_of)))

        def newest(posts: pl.LazyFrame) -> pl.LazyFrame:
            return per_account(posts.filter("is_newest"))

        of_all_time = self.of_each(f"{name}-all_time", per_account)
        few = of_all_time.join(self.crowded.lazy(), on=HASH, how="anti")
        return {
            "all_time": of_all_time,
            "last_90_days": self.of_each(f"{name}-last_90_days", recent),
            "last_12_posts": pl.concat([few, self.of_each(f"{name}-last_12_posts", newest)]),
        }


def is_recent(as_of: datetime | None) -> pl.Expr:
    """Published in (as_of - 90 days, as_of]; undated posts are in no dated window."""
    published = pl.col("published_at")
    return (published > _start(as_of)) & (published <= as_of) if as_of else pl.lit(value=False)


def _start(as_of: datetime) -> datetime:
    return as_of - timedelta(days=LAST_DAYS)


def accounts_with_more(measured: pl.LazyFrame) -> pl.LazyFrame:
    """The accounts (__key) with posts beside their twelve newest dated ones."""
    has_more = (pl.len() > LAST_POSTS) | ~pl.col("published_at").is_not_null().all()
    return measured.group_by(HASH).agg(has_more.alias("has_more")).filter("has_more").select(HASH)


def with_newest(measured: pl.DataFrame) -> pl.DataFrame:
    """Measured posts (`account_engagement.posts_to_measured`) with `is_newest`: the twelve newest dated ones of an account that has
    others (`accounts_with_more`), no post of any other account.

    Hidden likes are counted among them; ties go to the greater post id.
    """
    place = pl.col("published_at").rank("min", descending=True).over(HASH)
    likely = (
        measured.lazy()
        .select(HASH, "published_at", "post_id")
        .with_row_index("row")
        .filter(pl.col("published_at").is_not_null())
        .join(accounts_with_more(measured.lazy()), on=HASH, how="semi")
        .filter(place <= LAST_POSTS)
        .collect()
    )
    # Only posts of one instant need their ids to be told apart.
    is_tied = pl.len().over(HASH) > LAST_POSTS
    tied = (
        likely.filter(is_tied)
        .sort("published_at", "post_id", descending=True)
        .group_by(HASH, maintain_order=True)
        .head(LAST_POSTS)
    )
    rows = pl.concat([likely.filter(~is_tied).get_column("row"), tied.get_column("row")])
    is_newest = pl.zeros(measured.height, dtype=pl.Boolean, eager=True).scatter(rows, values=True)
    return measured.with_columns(is_newest.alias("is_newest"))

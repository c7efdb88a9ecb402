"""Posts to the windows that they count in: all time, the last 90 days, the twelve newest of each account."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import polars as pl

from schemas.time_windows import LAST_DAYS, LAST_POSTS
from transforms.query_keys import HASH


@dataclass(frozen=True)
class Windows:
    """Measured posts with `is_newest`, and the accounts (__key) that have others than their newest.

    For all other accounts the figures of all time are those of the newest posts.
    """

    posts: pl.DataFrame
    crowded: pl.DataFrame
    as_of: datetime | None

    @property
    def start(self) -> datetime | None:
        """The instant that posts of the last 90 days are later than."""
        return self.as_of - timedelta(days=LAST_DAYS) if self.as_of else None

    def figures(self, per_account: Callable[[pl.LazyFrame], pl.LazyFrame]) -> dict[str, pl.LazyFrame]:
        """What is worked out of the posts of each account (a row per __key), by the name of the window."""
        posts, crowded = self.posts.lazy(), self.crowded.lazy()
        all_time = per_account(posts).collect().lazy()
        few = all_time.join(crowded, on=HASH, how="anti")
        newest = posts.filter("is_newest").join(crowded, on=HASH, how="semi")
        return {
            "all_time": all_time,
            "last_90_days": per_account(posts.filter(self._is_recent())),
            "last_12_posts": pl.concat([few, per_account(newest)]),
        }

    def _is_recent(self) -> pl.Expr:
        """Published in (as_of - 90 days, as_of]; undated posts are in no dated window."""
        published = pl.col("published_at")
        return (published > self.start) & (published <= self.as_of) if self.as_of else pl.lit(value=False)


def measured_to_windows(measured: pl.DataFrame, as_of: datetime | None) -> Windows:
    """Measured posts (`account_engagement.posts_to_measured`), and which are the twelve newest dated ones of an account.

    Hidden likes are counted among them; ties go to the greater post id.
    """
    dated = pl.col("published_at").is_not_null()
    has_more = (pl.len() > LAST_POSTS) | ~dated.all()
    crowded = measured.lazy().group_by(HASH).agg(has_more.alias("has_more")).filter("has_more").select(HASH).collect()
    place = pl.col("published_at").rank("min", descending=True).over(HASH)
    likely = (
        measured.lazy()
        .select(HASH, "published_at", "post_id")
        .with_row_index("row")
        .filter(dated)
        .join(crowded.lazy(), on=HASH, how="semi")
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
    return Windows(measured.with_columns(is_newest.alias("is_newest")), crowded, as_of)

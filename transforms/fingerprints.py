"""What tells whether an account's own posts and followers are as they were: figures made of them alone need not be made again."""

from datetime import datetime

import polars as pl

from transforms.post_windows import is_recent
from transforms.query_keys import HASH, hashed

ACCOUNT = ["platform", "account_id"]
# The hash of all that a post's figures are made of; of its caption the words that tell are made of, which take longer to find.
ROW = "__row"
TEXT = "__text"
POSTS, COUNT, FOLLOWERS = "posts_fingerprint", "post_count", "followers_fingerprint"


def with_row_hash(delivered: pl.LazyFrame, as_of: datetime | None) -> pl.LazyFrame:
    """Posts in their newest state (`posts.observations_to_newest`) with ROW: another one where anything of a post is another.

    Whether it counts in the last 90 days is of it, as that changes without the post.
    """
    found_in_text = ("disclosure", "gift")
    told = [name for name in delivered.collect_schema().names() if name not in found_in_text]
    row = pl.struct(*told, is_recent(as_of).alias("is_recent")).hash()
    return delivered.with_columns(row.alias(ROW)).drop(TEXT)


def of_accounts(posts: pl.LazyFrame, snapshots: pl.LazyFrame) -> pl.DataFrame:
    """A row for each account with posts: __key, the sum of the hashes of its posts, how many they are, and the same of what is
    known of its followers. `posts` has __key and ROW."""
    of_posts = posts.group_by(HASH).agg(pl.col(ROW).sum().alias(POSTS), pl.len().alias(COUNT))
    seen = pl.struct("observed_at", "followers_count").hash().alias("hash")
    of_followers = (
        snapshots.drop_nulls("followers_count")
        .select(hashed(ACCOUNT), seen)
        .group_by(HASH)
        .agg(pl.col("hash").sum().alias(FOLLOWERS))
    )
    return of_posts.join(of_followers, on=HASH, how="left").collect(engine="streaming")


def touched(now: pl.DataFrame, before: pl.DataFrame) -> pl.DataFrame:
    """The __key of accounts whose fingerprints differ, of those that are new, and of those that have no posts any more."""
    names = [POSTS, COUNT, FOLLOWERS]
    both = now.join(before, on=HASH, how="full", coalesce=True, suffix="_before")
    differ = pl.any_horizontal(pl.col(name).ne_missing(pl.col(f"{name}_before")) for name in names)
    return both.filter(differ).select(HASH)

"""Follower, like and comment lists to distinct people: followers, likes and comments by account, without the account itself.

Works on one bucket of accounts at a time, all of whose edges are at hand. A person and an account are packed into one
64-bit number.
"""

from datetime import datetime, timedelta

import polars as pl

from schemas.keys import stable_key
from schemas.time_windows import LAST_DAYS, LAST_POSTS
from schemas.times import until

WINDOW_BITS = {"all_time": 1, "last_90_days": 2, "last_12_posts": 4}
LIKES_KNOWN, COMMENTS_KNOWN = 8, 16
# An odd number: multiplying by it loses nothing, and (account, person) and (person, account) pack differently.
SPREAD = 0x9E3779B97F4A7C15


def posts_to_windows(posts: pl.LazyFrame, as_of: datetime | None) -> pl.DataFrame:
    """Each post by its stable keys, with the windows it is in as bits, and its counts where known."""
    account = stable_key("platform", "account_id")
    recent = (pl.col("published_at") > as_of - timedelta(days=LAST_DAYS)) if as_of else pl.lit(value=False)
    keyed = posts.select(
        stable_key("platform", "post_id").alias("post_key"),
        account.alias("account_key"),
        "post_id",
        "published_at",
        "like_count",
        "comment_count",
    ).collect()
    newest = keyed.drop_nulls("published_at").sort("account_key", "published_at", "post_id", descending=True)
    place = pl.int_range(pl.len()).over("account_key")
    newest = newest.filter(place < LAST_POSTS).select("post_key", pl.lit(4, pl.UInt8).alias("newest"))
    return keyed.join(newest, on="post_key", how="left").select(
        "post_key",
        "account_key",
        "published_at",
        "like_count",
        "comment_count",
        (
            pl.lit(1, pl.UInt8)
            + pl.when(recent).then(2).otherwise(0).cast(pl.UInt8)
            + pl.col("newest").fill_null(0)
            + pl.when(pl.col("like_count").is_not_null()).then(LIKES_KNOWN).otherwise(0).cast(pl.UInt8)
            + pl.when(pl.col("comment_count").is_not_null()).then(COMMENTS_KNOWN).otherwise(0).cast(pl.UInt8)
        ).alias("windows"),
    )


def pair(account: str = "account_key", member: str = "member_key") -> pl.Expr:
    """An account and a person as one number; two pairs of a bucket share one with a chance of about one in 10^7."""
    return (pl.col(account) * pl.lit(SPREAD, pl.UInt64) + pl.col(member)).alias("pair")


def newest_complete_lists(follows: pl.LazyFrame, as_of: datetime | None) -> pl.DataFrame:
    """The time of each account's newest dated complete follower list."""
    return (
        (follows if as_of is None else follows.filter(pl.col("observed_at") <= as_of))
        .filter("is_complete_list")
        .drop_nulls("observed_at")
        .group_by("account_key")
        .agg(pl.col("observed_at").max().alias("complete_at"))
        .collect()
    )


def follows_to_followers(
    follows: pl.LazyFrame, complete: pl.DataFrame, selves: pl.DataFrame, as_of: datetime | None
) -> pl.DataFrame:
    """Distinct followers: (account_key, member_key, pair, followed_at).

    The newest dated complete list replaces what came before it; undated and partial lists only add. An account is not
    its own follower.
    """
    rows = until(follows, "follows", as_of)
    if complete.height:
        rows = rows.join(complete.lazy(), on="account_key", how="left", build_side="force_right").filter(
            pl.col("observed_at").is_null()
            | pl.col("complete_at").is_null()
            | (pl.col("observed_at") >= pl.col("complete_at"))
        )
    found = rows.select("account_key", "member_key", pair(), "followed_at").collect()
    found = found.filter(~pl.col("pair").is_in(selves.get_column("pair").implode()))
    if found.get_column("pair").n_unique() == found.height:
        return found
    # Listed twice: the earliest follow time is when it began.
    return found.group_by("pair").agg(pl.col("account_key", "member_key").first(), pl.col("followed_at").min())


def edges_to_engagements(
    edges: pl.LazyFrame, dataset: str, posts: pl.DataFrame, selves: pl.DataFrame, as_of: datetime | None
) -> pl.DataFrame:
    """Distinct likes or comments of a person on a post, with the account: (account_key, post_key, pair, windows).

    Edges whose post is not among `posts` are left out, and so is an account's engagement with itself.
    """
    joined = (
        until(edges, dataset, as_of)
        .join(
            posts.lazy().select("post_key", "account_key", "windows"),
            on="post_key",
            how="inner",
            build_side="force_right",
        )
        .select("account_key", "post_key", "windows", pair(), pair("post_key").alias("act"))
        .collect()
    )
    found = joined.filter(~pl.col("pair").is_in(selves.get_column("pair").implode()))
    if found.get_column("act").n_unique() < found.height:
        found = found.filter(pl.col("act").is_first_distinct())
    return found.drop("act")


def comments_to_listed(
    comments: pl.LazyFrame, posts: pl.DataFrame, as_of: datetime | None, part: int = 0, parts: int = 1
) -> pl.DataFrame:
    """Distinct comments listed, of anybody, by account and windows: (account_key, windows, comments).

    The platform's own count has the account's replies in it, and each comment of a person who writes several: so both
    count here. A comment without an id is known by its author and time. Comments fall into parts by what they are known by,
    not by who is said to have written them.
    """
    unnamed = pl.struct("post_key", "member_key", "commented_at").hash()
    named = until(comments, "comments", as_of).with_columns(pl.coalesce("comment_key", unnamed).alias("comment_key"))
    if parts > 1:
        named = named.filter(pl.col("comment_key") % parts == part)
    return (
        named.join(
            posts.lazy().select("post_key", "account_key", "windows"),
            on="post_key",
            how="inner",
            build_side="force_right",
        )
        .group_by("account_key", "windows")
        .agg(pl.struct("post_key", "comment_key").n_unique().cast(pl.Int64).alias("comments"))
        .collect()
    )

"""Follower, like and comment lists to the engagement of an audience, person by person.

Works on one bucket of accounts at a time, all of whose edges are at hand. A person and an account are packed into one
64-bit number; a like finds its follower by that number, and followers are counted by flags on them, so that distinct
pairs never have to be made.
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
COUNTS = [
    "engaged_follower_count",
    "repeat_engaged_follower_count",
    "listed_like_count",
    "listed_known_like_count",
    "liked_unknown_post_count",
    "follower_like_count",
    "engaged_follower_post_count",
    "liking_follower_count",
    "non_follower_liker_count",
]
COMMENTS = ["listed_comment_count", "listed_known_comment_count"]


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
        rows = rows.join(complete.lazy(), on="account_key", how="left").filter(
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
        .join(posts.lazy().select("post_key", "account_key", "windows"), on="post_key", how="inner")
        .select("account_key", "post_key", "windows", pair(), pair("post_key").alias("act"))
        .collect()
    )
    found = joined.filter(~pl.col("pair").is_in(selves.get_column("pair").implode()))
    if found.get_column("act").n_unique() < found.height:
        found = found.filter(pl.col("act").is_first_distinct())
    return found.drop("act")


def comments_to_listed(comments: pl.LazyFrame, posts: pl.DataFrame, as_of: datetime | None) -> pl.DataFrame:
    """Distinct comments listed, of anybody, by account and windows: (account_key, windows, comments).

    The platform's own count has the account's replies in it, and each comment of a person who writes several: so both
    count here. A comment without an id is known by its author and time.
    """
    unnamed = pl.struct("post_key", "member_key", "commented_at").hash()
    return (
        until(comments, "comments", as_of)
        .with_columns(pl.coalesce("comment_key", unnamed).alias("comment_key"))
        .join(posts.lazy().select("post_key", "account_key", "windows"), on="post_key", how="inner")
        .group_by("account_key", "windows")
        .agg(pl.struct("post_key", "comment_key").n_unique().cast(pl.Int64).alias("comments"))
        .collect()
    )


def edges_to_counts(
    followers: pl.DataFrame, likes: pl.DataFrame, comments: pl.DataFrame, listed: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Counts of distinct people per account and window, and the same per tenth of the followers in order of joining.

    `listed` is what `comments_to_listed` gives.
    """
    numbered = followers.select("pair").with_row_index("follower")
    likes, comments = (rows.join(numbered, on="pair", how="left", maintain_order="none") for rows in (likes, comments))
    both = likes.join(comments.select("pair", "post_key"), on=["pair", "post_key"], how="semi")
    parts, everyone = [], followers.select("account_key")
    for window, bit in WINDOW_BITS.items():
        liked, commented = (_inside(rows, bit) for rows in (likes, comments))
        acts = [rows.drop_nulls("follower") for rows in (liked, commented)]
        engaged = _flags(followers.height, *(rows.get_column("follower") for rows in acts))
        by_follower = everyone.with_columns(
            engaged.alias("engaged"),
            _flags(followers.height, acts[0].get_column("follower")).alias("liked"),
            _repeated(followers.height, acts).alias("repeat"),
        )
        if bit == 1:
            everyone_engaged = engaged
        parts.append(
            pl.concat(
                [
                    by_follower.group_by("account_key").agg(
                        pl.col("engaged").sum().alias("engaged_follower_count"),
                        pl.col("repeat").sum().alias("repeat_engaged_follower_count"),
                        pl.col("liked").sum().alias("liking_follower_count"),
                    ),
                    liked.group_by("account_key").agg(
                        pl.len().alias("listed_like_count"),
                        (pl.col("windows") & LIKES_KNOWN > 0).sum().alias("listed_known_like_count"),
                        pl.col("post_key")
                        .filter(pl.col("windows") & LIKES_KNOWN == 0)
                        .n_unique()
                        .alias("liked_unknown_post_count"),
                        pl.col("follower").count().alias("follower_like_count"),
                        pl.col("pair")
                        .filter(pl.col("follower").is_null())
                        .n_unique()
                        .alias("non_follower_liker_count"),
                    ),
                    _follower_posts(liked, commented, _inside(both, bit)),
                ],
                how="diagonal",
            )
            .group_by("account_key")
            .agg(pl.col(COUNTS).sum().cast(pl.Int64))
            .join(_comments_inside(listed, bit), on="account_key", how="left")
            .with_columns(pl.lit(window).alias("time_window"))
        )
    known = followers.group_by("account_key").agg(pl.len().cast(pl.Int64).alias("followers_known_count"))
    counts = pl.concat(parts).join(known, on="account_key", how="left")
    counts = counts.with_columns(pl.col("followers_known_count", *COMMENTS).fill_null(0))
    return counts, _by_join_decile(followers, everyone_engaged)


def _comments_inside(listed: pl.DataFrame, bit: int) -> pl.DataFrame:
    comments, known = pl.col("comments"), pl.col("windows") & COMMENTS_KNOWN > 0
    sums = (comments.sum(), comments.filter(known).sum())
    return (
        _inside(listed, bit)
        .group_by("account_key")
        .agg(total.alias(name) for name, total in zip(COMMENTS, sums, strict=True))
    )


def _follower_posts(liked: pl.DataFrame, commented: pl.DataFrame, both: pl.DataFrame) -> pl.DataFrame:
    """How often a follower engaged with a post: likes and comments, those that one made of one post once."""
    signs = ((liked, 1), (commented, 1), (both, -1))
    return (
        pl.concat(rows.select("account_key", pl.col("follower").is_not_null() * sign) for rows, sign in signs)
        .group_by("account_key")
        .agg(pl.col("follower").sum().alias("engaged_follower_post_count"))
    )


def _inside(rows: pl.DataFrame, bit: int) -> pl.DataFrame:
    return rows if bit == 1 else rows.filter(pl.col("windows") & bit > 0)


def _flags(size: int, *members: pl.Series) -> pl.Series:
    """A flag for each follower, set for those named."""
    flags = pl.zeros(size, dtype=pl.Boolean, eager=True)
    for named in members:
        flags.scatter(named, values=True)
    return flags


def _repeated(size: int, acts: list[pl.DataFrame]) -> pl.Series:
    """A flag for each follower, set for those who engaged with more than one post.

    One post is noted for each follower; whoever has an act on another post than the one noted has two.
    """
    noted = pl.zeros(size, dtype=pl.UInt64, eager=True)
    for rows in acts:
        noted.scatter(rows.get_column("follower"), rows.get_column("post_key"))
    others = [
        rows.get_column("follower").filter(noted.gather(rows.get_column("follower")) != rows.get_column("post_key"))
        for rows in acts
    ]
    return _flags(size, *others)


def _by_join_decile(followers: pl.DataFrame, engaged: pl.Series) -> pl.DataFrame:
    """Followers with a follow time, in tenths by the order of joining; who joined at one time is in one tenth."""
    timed = followers.with_columns(engaged.alias("engaged")).drop_nulls("followed_at")
    earlier = pl.col("followed_at").rank("min").over("account_key").cast(pl.Int64) - 1
    return (
        timed.with_columns((earlier * 10 // pl.len().over("account_key") + 1).cast(pl.Int64).alias("join_decile"))
        .group_by("account_key", "join_decile")
        .agg(
            pl.len().cast(pl.Int64).alias("followers_known_count"),
            pl.col("engaged").sum().cast(pl.Int64).alias("engaged_follower_count"),
        )
    )


def posts_to_post_counts(posts: pl.DataFrame) -> pl.DataFrame:
    """Posts and their known likes and comments per account and window."""
    parts = [
        posts.filter(pl.col("windows") & bit > 0)
        .group_by("account_key")
        .agg(
            pl.len().cast(pl.Int64).alias("post_count"),
            pl.col("like_count").null_count().cast(pl.Int64).alias("unknown_like_post_count"),
            *(
                pl.when(pl.col(name).count() > 0).then(pl.col(name).sum()).alias(f"known_{name}")
                for name in ("like_count", "comment_count")
            ),
        )
        .with_columns(pl.lit(window).alias("time_window"))
        for window, bit in WINDOW_BITS.items()
    ]
    return pl.concat(parts)

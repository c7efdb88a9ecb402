"""Follower, like and comment lists to the engagement of an audience, person by person.

Works on one bucket of accounts at a time, all of whose edges are at hand. A person and an account are packed into one
64-bit number; a like finds its follower by that number, and followers are counted by flags on them, so that distinct
pairs never have to be made.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

import polars as pl

from schemas.keys import stable_key
from transforms.account_engagement import LAST_DAYS, LAST_POSTS, NO_START
from transforms.stats.intervals import wilson_high, wilson_low

WINDOW_BITS = {"all_time": 1, "last_90_days": 2, "last_12_posts": 4}
LIKES_KNOWN = 8
COMPLETE = 0.95
# An odd number: multiplying by it loses nothing, and (account, person) and (person, account) pack differently.
SPREAD = 0x9E3779B97F4A7C15
COUNTS = [
    "engaged_follower_count",
    "repeat_engaged_follower_count",
    "listed_like_count",
    "listed_known_like_count",
    "follower_like_count",
    "liking_follower_count",
    "non_follower_liker_count",
    "listed_comment_count",
]


def posts_to_windows(posts: pl.LazyFrame, as_of: datetime | None) -> pl.DataFrame:
    """Each post by its stable keys, with the windows it is in as bits, and its likes where known."""
    account = stable_key("platform", "account_id")
    recent = (pl.col("published_at") > as_of - timedelta(days=LAST_DAYS)) if as_of else pl.lit(value=False)
    keyed = posts.select(
        stable_key("platform", "post_id").alias("post_key"),
        account.alias("account_key"),
        "post_id",
        "published_at",
        "like_count",
    ).collect()
    newest = keyed.drop_nulls("published_at").sort("account_key", "published_at", "post_id", descending=True)
    place = pl.int_range(pl.len()).over("account_key")
    newest = newest.filter(place < LAST_POSTS).select("post_key", pl.lit(4, pl.UInt8).alias("newest"))
    return keyed.join(newest, on="post_key", how="left").select(
        "post_key",
        "account_key",
        "like_count",
        (
            pl.lit(1, pl.UInt8)
            + pl.when(recent).then(2).otherwise(0).cast(pl.UInt8)
            + pl.col("newest").fill_null(0)
            + pl.when(pl.col("like_count").is_not_null()).then(LIKES_KNOWN).otherwise(0).cast(pl.UInt8)
        ).alias("windows"),
    )


def pair(account: str = "account_key", member: str = "member_key") -> pl.Expr:
    """An account and a person as one number; two pairs of a bucket share one with a chance of about one in 10^7."""
    return (pl.col(account) * pl.lit(SPREAD, pl.UInt64) + pl.col(member)).alias("pair")


def newest_complete_lists(follows: pl.LazyFrame, as_of: datetime | None) -> pl.DataFrame:
    """The time of each account's newest dated complete follower list."""
    return (
        _until(follows, ["observed_at"], as_of)
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
    rows = _until(follows, ["followed_at", "observed_at"], as_of)
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


def _until(rows: pl.LazyFrame, times: Iterable[str], as_of: datetime | None) -> pl.LazyFrame:
    """Rows none of whose times is later than as_of."""
    if as_of is None:
        return rows
    return rows.filter(pl.all_horizontal(pl.col(name).is_null() | (pl.col(name) <= as_of) for name in times))


def edges_to_engagements(
    edges: pl.LazyFrame, time: str, posts: pl.DataFrame, selves: pl.DataFrame, as_of: datetime | None
) -> pl.DataFrame:
    """Distinct likes or comments of a person on a post, with the account: (account_key, post_key, pair, windows).

    Edges whose post is not among `posts` are left out, and so is an account's engagement with itself.
    """
    joined = (
        _until(edges, [time], as_of)
        .join(posts.lazy().select("post_key", "account_key", "windows"), on="post_key", how="inner")
        .select("account_key", "post_key", "windows", pair(), pair("post_key").alias("act"))
        .collect()
    )
    found = joined.filter(~pl.col("pair").is_in(selves.get_column("pair").implode()))
    if found.get_column("act").n_unique() < found.height:
        found = found.filter(pl.col("act").is_first_distinct())
    return found.drop("act")


def edges_to_counts(
    followers: pl.DataFrame, likes: pl.DataFrame, comments: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Counts of distinct people per account and window, and the same per tenth of the followers in order of joining."""
    numbered = followers.select("pair").with_row_index("follower")
    likes, comments = (rows.join(numbered, on="pair", how="left", maintain_order="none") for rows in (likes, comments))
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
                        pl.col("follower").count().alias("follower_like_count"),
                        pl.col("pair")
                        .filter(pl.col("follower").is_null())
                        .n_unique()
                        .alias("non_follower_liker_count"),
                    ),
                    commented.group_by("account_key").agg(pl.len().alias("listed_comment_count")),
                ],
                how="diagonal",
            )
            .group_by("account_key")
            .agg(pl.col(COUNTS).sum().cast(pl.Int64))
            .with_columns(pl.lit(window).alias("time_window"))
        )
    known = followers.group_by("account_key").agg(pl.len().cast(pl.Int64).alias("followers_known_count"))
    counts = pl.concat(parts).join(known, on="account_key", how="left")
    return counts.with_columns(pl.col("followers_known_count").fill_null(0)), _by_join_decile(
        followers, everyone_engaged
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
    """Posts and their known likes per account and window."""
    parts = [
        posts.filter(pl.col("windows") & bit > 0)
        .group_by("account_key")
        .agg(
            pl.len().cast(pl.Int64).alias("post_count"),
            pl.when(pl.col("like_count").count() > 0).then(pl.col("like_count").sum()).alias("known_like_count"),
        )
        .with_columns(pl.lit(window).alias("time_window"))
        for window, bit in WINDOW_BITS.items()
    ]
    return pl.concat(parts)


def counts_to_audience(
    counts: pl.DataFrame, accounts: pl.DataFrame, concentration: pl.DataFrame, as_of: datetime | None
) -> pl.DataFrame:
    """The mart `audience`: rates made of the counts, the reason beside each missing one.

    `counts` are those of people and posts; `accounts` has account_key, platform, account_id and followers_count.
    """
    known, listed_likes = pl.col("followers_known_count"), pl.col("listed_like_count")
    likers = pl.col("liking_follower_count") + pl.col("non_follower_liker_count")
    both_listed = (known > 0) & (listed_likes > 0)
    return (
        counts.join(accounts, on="account_key", how="inner")
        .join(concentration, on="account_key", how="left")
        .with_columns(
            pl.col("post_count").fill_null(0),
            pl.col("labelled_follower_count").fill_null(0),
            _over(known, pl.col("followers_count")).alias("followers_coverage_ratio"),
            _over(pl.col("listed_known_like_count"), pl.col("known_like_count")).alias("likes_coverage_ratio"),
            pl.when(listed_likes > 0).then(likers).alias("liker_count"),
            pl.when(both_listed).then(pl.col("non_follower_liker_count")).alias("non_follower_liker_count"),
            pl.when(both_listed).then(_over(pl.col("follower_like_count"), listed_likes)).alias("follower_like_share"),
            pl.when(both_listed)
            .then(_over(pl.col("non_follower_liker_count"), likers))
            .alias("non_follower_liker_share"),
        )
        .with_columns(_reason().alias("reason"))
        .with_columns(
            pl.when(pl.col("reason").is_null())
            .then(_over(pl.col("engaged_follower_count"), known))
            .alias("follower_engagement_rate"),
            pl.when(pl.col("reason").is_null())
            .then(wilson_low(pl.col("engaged_follower_count"), known))
            .alias("follower_engagement_rate_low"),
            pl.when(pl.col("reason").is_null())
            .then(wilson_high(pl.col("engaged_follower_count"), known))
            .alias("follower_engagement_rate_high"),
        )
        .with_columns(
            (1 - pl.col("follower_engagement_rate")).alias("ghost_follower_share"),
            pl.when(pl.col("time_window") == "last_90_days")
            .then(pl.lit(as_of - timedelta(days=LAST_DAYS) if as_of else None, pl.Datetime("us")))
            .otherwise(NO_START)
            .alias("window_start"),
            pl.lit(as_of, pl.Datetime("us")).alias("window_end"),
        )
    )


def _over(numerator: pl.Expr, denominator: pl.Expr) -> pl.Expr:
    return pl.when(denominator > 0).then(numerator / denominator)


def _reason() -> pl.Expr:
    """Why there is no strict rate, the first that applies. A coverage that cannot be known is no reason."""
    nothing_listed = (pl.col("listed_like_count") == 0) & (pl.col("listed_comment_count") == 0)
    return (
        pl.when(pl.col("post_count") == 0).then(pl.lit("no_posts"))
        .when(pl.col("followers_known_count") == 0).then(pl.lit("no_followers_listed"))
        .when(pl.col("followers_coverage_ratio") < COMPLETE).then(pl.lit("partial_followers"))
        .when(pl.col("known_like_count").is_null() & nothing_listed).then(pl.lit("likes_unknown"))
        .when(pl.col("likes_coverage_ratio") < COMPLETE).then(pl.lit("partial_likes"))
    )  # fmt: skip


def deciles_to_audience_dilution(deciles: pl.DataFrame, accounts: pl.DataFrame, audience: pl.DataFrame) -> pl.DataFrame:
    """The mart `audience_dilution`: rates null where the account's strict rate over all time is."""
    rated = audience.filter(pl.col("time_window") == "all_time").select(
        "platform", "account_id", pl.col("follower_engagement_rate").is_not_null().alias("rated")
    )
    rate = _over(pl.col("engaged_follower_count"), pl.col("followers_known_count"))
    return (
        deciles.join(accounts, on="account_key", how="inner")
        .join(rated, on=["platform", "account_id"], how="left")
        .with_columns(pl.when("rated").then(rate).alias("follower_engagement_rate"))
    )

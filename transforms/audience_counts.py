"""Counts of an audience: followers who engaged, likes and comments of followers and of others, per account and window.

Works on one bucket of accounts at a time, all of whose edges are at hand. A like finds its follower by the number of
account and person, and followers are counted by flags on them, so that distinct pairs never have to be made.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import polars as pl

from schemas.time_windows import LAST_POSTS
from transforms import audience_edges
from transforms.audience_dilution import Acts, followers_to_deciles, posts_engaged_with
from transforms.audience_edges import COMMENTS_KNOWN, LIKES_KNOWN, WINDOW_BITS
from transforms.stats.exact_sums import exact_mean

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


@dataclass(frozen=True)
class Counted:
    """Counts of some accounts.

    `counts` has a row per account_key and time_window: numbers of distinct followers, of likes, comments and posts.
    `deciles` has per account_key and join_decile, 1 to 10 in order of joining, what `followers_to_deciles` counts.
    `members` are the distinct (account_key, member_key) of followers.
    """

    counts: pl.DataFrame
    deciles: pl.DataFrame
    members: pl.DataFrame

    @classmethod
    def of_parts(cls, parts: "Sequence[Counted]") -> "Counted":
        """Counts of accounts that were counted in parts."""
        return cls(*(pl.concat(getattr(part, name) for part in parts) for name in ("counts", "deciles", "members")))

    def of_accounts(self, accounts: pl.DataFrame) -> "Counted":
        """Those of some accounts alone."""
        frames = (
            frame.join(accounts, on="account_key", how="semi") for frame in (self.counts, self.deciles, self.members)
        )
        return Counted(*frames)

    def with_members_of(self, accounts: pl.DataFrame) -> "Counted":
        """All counts, and the followers of some accounts alone."""
        return replace(self, members=self.members.join(accounts, on="account_key", how="semi"))


def edges_to_counted(
    edges: Mapping[str, pl.LazyFrame], posts: pl.DataFrame, selves: pl.DataFrame, as_of: datetime | None
) -> Counted:
    """Counts of all accounts whose edges these are.

    Args:
        edges: follows, likes and comments by stable keys, each by its name; repeats are counted once.
        posts: What `posts_to_windows` gives of the accounts' posts; edges of other posts are left out.
        selves: Accounts paired with themselves, who are no audience.
        as_of: Later edges are left out; null leaves out none.
    """
    complete = audience_edges.newest_complete_lists(edges["follows"], as_of)
    followers = audience_edges.follows_to_followers(edges["follows"], complete, selves, as_of)
    likes, comments = (
        audience_edges.edges_to_engagements(edges[name], name, posts, selves, as_of) for name in ("likes", "comments")
    )
    listed = audience_edges.comments_to_listed(edges["comments"], posts, as_of)
    counts, shares, deciles = edges_to_counts(followers, likes, comments, listed, posts)
    key, post_counts = ["account_key", "time_window"], posts_to_post_counts(posts)
    of_12 = shares_to_engaged_of_12(shares, post_counts)
    counts = counts.join(post_counts, on=key, how="left").join(of_12, on=key, how="left")
    return Counted(counts, deciles, followers.select("account_key", "member_key"))


def edges_to_counts(
    followers: pl.DataFrame, likes: pl.DataFrame, comments: pl.DataFrame, listed: pl.DataFrame, posts: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Counts of distinct people per account and window, how many of them engaged with how many posts, and counts per tenth
    of the followers in order of joining.

    `listed` is what `comments_to_listed` gives.
    """
    numbered = followers.select("pair").with_row_index("follower")
    likes, comments = (rows.join(numbered, on="pair", how="left", maintain_order="none") for rows in (likes, comments))
    both = likes.join(comments.select("pair", "post_key"), on=["pair", "post_key"], how="semi")
    parts, shares, everyone = [], [], followers.select("account_key")
    # In every window, also in one that none of an account's edges is in.
    listed_at_all = pl.concat([rows.select("account_key") for rows in (followers, likes, comments)]).unique()
    for window, bit in WINDOW_BITS.items():
        liked, commented, twice = (_inside(rows, bit) for rows in (likes, comments, both))
        engaged = posts_engaged_with(followers.height, liked, commented, twice)
        by_follower = everyone.with_columns(
            engaged.alias("posts"),
            _flags(followers.height, liked.drop_nulls("follower").get_column("follower")).alias("liked"),
        )
        shares.append(
            by_follower.filter(pl.col("posts") > 0)
            .group_by("account_key", "posts")
            .agg(pl.len().alias("followers"))
            .with_columns(pl.lit(window).alias("time_window"))
        )
        parts.append(
            pl.concat(
                [
                    by_follower.group_by("account_key").agg(
                        (pl.col("posts") > 0).sum().alias("engaged_follower_count"),
                        (pl.col("posts") > 1).sum().alias("repeat_engaged_follower_count"),
                        pl.col("posts").sum().alias("engaged_follower_post_count"),
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
                    listed_at_all,
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
    deciles = followers_to_deciles(followers, Acts(likes, comments, both), posts)
    return counts, pl.concat(shares), deciles


def _comments_inside(listed: pl.DataFrame, bit: int) -> pl.DataFrame:
    comments, known = pl.col("comments"), pl.col("windows") & COMMENTS_KNOWN > 0
    sums = (comments.sum(), comments.filter(known).sum())
    return (
        _inside(listed, bit)
        .group_by("account_key")
        .agg(total.alias(name) for name, total in zip(COMMENTS, sums, strict=True))
    )


def _inside(rows: pl.DataFrame, bit: int) -> pl.DataFrame:
    return rows if bit == 1 else rows.filter(pl.col("windows") & bit > 0)


def _flags(size: int, *members: pl.Series) -> pl.Series:
    """A flag for each follower, set for those named."""
    flags = pl.zeros(size, dtype=pl.Boolean, eager=True)
    for named in members:
        flags.scatter(named, values=True)
    return flags


def shares_to_engaged_of_12(shares: pl.DataFrame, post_counts: pl.DataFrame) -> pl.DataFrame:
    """How many followers can be expected to engage with one or more of twelve posts, by exact rarefaction (Hurlbert 1971).

    `shares` has how many followers engaged with how many posts of account_key and time_window. Whoever engaged with e of P
    posts misses twelve posts drawn from them with the chance C(P - e, 12) / C(P, 12). None below twelve posts.
    """
    posts, engaged = pl.col("post_count"), pl.col("posts")
    misses = pl.lit(1.0)
    for drawn in range(LAST_POSTS):
        misses *= ((posts - engaged - drawn) / (posts - drawn)).clip(0)
    expected = (1 - misses) * pl.col("followers")
    key = ["account_key", "time_window"]
    return (
        post_counts.select(*key, "post_count")
        .filter(posts >= LAST_POSTS)
        .join(shares, on=key, how="left")
        .group_by(key)
        .agg((exact_mean(expected) * expected.count()).fill_null(0.0).alias("engaged_follower_count_of_12"))
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

"""Counts of an audience: followers who engaged, likes and comments of followers and of others, per account and window.

Works on one bucket of accounts at a time, all of whose edges are at hand, and on one part of the people after another: what
each part adds are sums, so that no account is too large. A like finds its follower by the number of account and person, and
followers are counted by flags on them, so that distinct pairs never have to be made.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime

import polars as pl

from schemas.time_windows import LAST_POSTS
from transforms import audience_edges
from transforms.audience_dilution import Acts, followers_to_deciles, followers_to_tenths, posts_engaged_with
from transforms.audience_edges import COMMENTS_KNOWN, LIKES_KNOWN, WINDOW_BITS
from transforms.stats.exact_sums import exact_mean

COUNTS = [
    "engaged_follower_count",
    "repeat_engaged_follower_count",
    "listed_like_count",
    "listed_known_like_count",
    "follower_like_count",
    "engaged_follower_post_count",
    "liking_follower_count",
    "non_follower_liker_count",
]
LISTED = {
    "listed_comment_count": pl.col("comments").sum(),
    "listed_known_comment_count": pl.col("comments").filter(pl.col("windows") & COMMENTS_KNOWN > 0).sum(),
}
KEY = ["account_key", "time_window"]


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

    def of_accounts(self, accounts: pl.DataFrame) -> "Counted":
        """Those of some accounts alone."""
        frames = (
            frame.join(accounts, on="account_key", how="semi") for frame in (self.counts, self.deciles, self.members)
        )
        return Counted(*frames)


@dataclass(frozen=True)
class Sums:
    """What a part of the people adds to the counts.

    `counts` are sums per account_key and time_window, `shares` how many followers engaged with how many posts, `liked` the
    posts whose number of likes is not known and some are listed, `listed` comments by windows, `deciles` and `members` as
    in `Counted`.
    """

    counts: pl.DataFrame
    shares: pl.DataFrame
    liked: pl.DataFrame
    listed: pl.DataFrame
    deciles: pl.DataFrame
    members: pl.DataFrame

    def without_members(self) -> "Sums":
        """All sums, once the followers are written."""
        return replace(self, members=self.members.clear())

    def with_members_of(self, accounts: pl.DataFrame) -> "Sums":
        """All sums, and the followers of some accounts alone."""
        return replace(self, members=self.members.join(accounts, on="account_key", how="semi"))


@dataclass(frozen=True)
class Counting:
    """The edges of some accounts, of which one part of the people is counted at a time.

    `complete` and `tenths` are what a count must know of all people: `audience_edges.newest_complete_lists` and
    `audience_dilution.followers_to_tenths`, null where all are counted at once.
    """

    edges: Mapping[str, pl.LazyFrame]
    posts: pl.DataFrame
    selves: pl.DataFrame
    as_of: datetime | None
    parts: int
    complete: pl.DataFrame
    tenths: pl.DataFrame | None

    @classmethod
    def of(
        cls,
        edges: Mapping[str, pl.LazyFrame],
        posts: pl.DataFrame,
        selves: pl.DataFrame,
        as_of: datetime | None,
        parts: int,
    ) -> "Counting":
        """How all accounts whose edges these are can be counted in so many parts.

        Args:
            edges: follows, likes and comments by stable keys, each by its name; repeats are counted once.
            posts: What `posts_to_windows` gives of the accounts' posts; edges of other posts are left out.
            selves: Accounts paired with themselves, who are no audience.
            as_of: Later edges are left out; null leaves out none.
            parts: Into how many parts people fall by their key.
        """
        complete = audience_edges.newest_complete_lists(edges["follows"], as_of)
        counting = cls(edges, posts, selves, as_of, parts, complete, None)
        if parts == 1:
            return counting
        # Who joined when is told by dated rows alone: where there are none, no list is read for it.
        dated = replace(counting, edges={**edges, "follows": edges["follows"].drop_nulls("followed_at")})
        return replace(counting, tenths=followers_to_tenths(dated.followers(part) for part in range(parts)))

    def followers(self, part: int) -> pl.DataFrame:
        """The distinct followers among a part of the people."""
        own = self._of_people("follows", part)
        return audience_edges.follows_to_followers(own, self.complete, self.selves, self.as_of)

    def sums(self, part: int) -> Sums:
        """What a part of the people adds to the counts."""
        followers = self.followers(part)
        likes, comments = (
            audience_edges.edges_to_engagements(self._of_people(name, part), name, self.posts, self.selves, self.as_of)
            for name in ("likes", "comments")
        )
        listed = audience_edges.comments_to_listed(self.edges["comments"], self.posts, self.as_of, part, self.parts)
        tenths = followers_to_tenths([followers]) if self.tenths is None else self.tenths
        return edges_to_sums(followers, likes, comments, listed, self.posts, tenths)

    def _of_people(self, dataset: str, part: int) -> pl.LazyFrame:
        rows = self.edges[dataset]
        return rows if self.parts == 1 else rows.filter(pl.col("member_key") % self.parts == part)


def edges_to_counted(
    edges: Mapping[str, pl.LazyFrame],
    posts: pl.DataFrame,
    selves: pl.DataFrame,
    as_of: datetime | None,
    parts: int = 1,
    refollowed: pl.DataFrame | None = None,
) -> Counted:
    """Counts of all accounts whose edges these are (`Counting.of`), people counted in so many parts. Members are those of the
    accounts `refollowed`, if given, alone."""
    counting = Counting.of(edges, posts, selves, as_of, parts)
    sums = (counting.sums(part) for part in range(parts))
    return sums_to_counted([each if refollowed is None else each.with_members_of(refollowed) for each in sums], posts)


def sums_to_counted(parts: Sequence[Sums], posts: pl.DataFrame) -> Counted:
    """Counts of accounts, from what each part of the people adds."""
    counts, shares, liked, listed, deciles, members = (
        pl.concat(getattr(part, field.name) for part in parts) for field in fields(Sums)
    )
    if len(parts) > 1:
        counts, shares, deciles = (
            rows.group_by(keys).agg(pl.all().sum())
            for rows, keys in (
                (counts, KEY),
                (shares, [*KEY, "posts"]),
                (deciles, ["account_key", "join_decile"]),
            )
        )
    post_counts = posts_to_post_counts(posts)
    for more in (
        _in_windows(liked.unique(), {"liked_unknown_post_count": pl.len()}),
        _in_windows(listed, LISTED),
        post_counts,
        shares_to_engaged_of_12(shares, post_counts),
    ):
        counts = counts.join(more, on=KEY, how="left")
    return Counted(counts.with_columns(pl.col("liked_unknown_post_count", *LISTED).fill_null(0)), deciles, members)


def _in_windows(rows: pl.DataFrame, figures: Mapping[str, pl.Expr]) -> pl.DataFrame:
    """Figures per account_key and time_window of rows that have the bits of the windows they are in."""
    return pl.concat(
        _inside(rows, bit)
        .group_by("account_key")
        .agg(figure.cast(pl.Int64).alias(name) for name, figure in figures.items())
        .with_columns(pl.lit(window).alias("time_window"))
        for window, bit in WINDOW_BITS.items()
    )


def edges_to_sums(
    followers: pl.DataFrame,
    likes: pl.DataFrame,
    comments: pl.DataFrame,
    listed: pl.DataFrame,
    posts: pl.DataFrame,
    tenths: pl.DataFrame,
) -> Sums:
    """What distinct people add to the counts.

    `listed` is what `comments_to_listed` gives, `tenths` what `followers_to_tenths` does.
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
            .with_columns(pl.lit(window).alias("time_window"))
        )
    known = followers.group_by("account_key").agg(pl.len().cast(pl.Int64).alias("followers_known_count"))
    counts = pl.concat(parts).select(*KEY, *COUNTS).join(known, on="account_key", how="left")
    counts = counts.with_columns(pl.col("followers_known_count").fill_null(0))
    unknown = likes.filter(pl.col("windows") & LIKES_KNOWN == 0).select("account_key", "post_key", "windows").unique()
    deciles = followers_to_deciles(followers, Acts(likes, comments, both), posts, tenths)
    members = followers.select("account_key", "member_key")
    return Sums(counts, pl.concat(shares), unknown, listed, deciles, members)


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
    return (
        post_counts.select(*KEY, "post_count")
        .filter(posts >= LAST_POSTS)
        .join(shares, on=KEY, how="left")
        .group_by(KEY)
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

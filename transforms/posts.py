"""Post observations to the newest state of each post, with rates by the followers nearest before it."""

from datetime import datetime

import polars as pl

from transforms.fingerprints import TEXT
from transforms.query_keys import HASH, hashed
from transforms.sponsorship import disclosure_in, gift_in, settled_sponsorship

KEY = ["platform", "post_id"]
ACCOUNT = ["platform", "account_id"]
COUNTS = ["like_count", "comment_count", "view_count", "share_count", "save_count", "reach_count", "followers_count"]
OTHERS = ["account_id", "published_at", "media_type", "is_sponsored", "sponsors"]
# Web captures print 3 where likes are hidden: an account of ten posts or more that shows it in most of them.
HIDDEN_AS, HIDDEN_POSTS = 3, 10


def observations_to_states(observations: pl.LazyFrame) -> pl.LazyFrame:
    """The observations of posts, what their captions say in words that count. TEXT is another number where a caption is another."""
    caption = pl.col("caption")
    words = [disclosure_in(caption).alias("disclosure"), gift_in(caption).alias("gift")]
    return observations.select(*KEY, *OTHERS, *COUNTS, *words, caption.hash().alias(TEXT), "observed_at")


def observations_to_newest(repeated: pl.LazyFrame) -> pl.LazyFrame:
    """One row per post: its newest state (`observations_to_states`). Same instant, different values: the larger count, the greater
    text."""
    states = observations_to_states(repeated)
    newest = pl.col("observed_at").fill_null(datetime(1, 1, 1))
    return (
        states.filter(newest == newest.max().over(KEY))
        .group_by(KEY)
        .agg(pl.col(*OTHERS, *COUNTS, "disclosure", "gift").max(), pl.col(TEXT).sum(), pl.col("observed_at").first())
        .select(states.collect_schema().names())
    )


def accounts_with_hidden_likes(newest: pl.LazyFrame) -> pl.DataFrame:
    """Accounts more than half of whose posts, ten or more, show exactly three likes; with both counts."""
    shown = pl.col("like_count") == HIDDEN_AS
    likely = newest.filter(shown).group_by(ACCOUNT).len().filter(pl.col("len") > HIDDEN_POSTS // 2).select(ACCOUNT)
    if (few := likely.collect()).is_empty():
        return few.with_columns(pl.lit(0, pl.UInt32).alias("posts"), pl.lit(0, pl.UInt32).alias("threes"))
    return (
        newest.join(few.lazy(), on=ACCOUNT, how="semi")
        .group_by(ACCOUNT)
        .agg(pl.len().alias("posts"), shown.sum().alias("threes"))
        .filter((pl.col("posts") >= HIDDEN_POSTS) & (pl.col("threes") * 2 > pl.col("posts")))
        .collect()
    )


def without_hidden_likes(newest: pl.LazyFrame, hidden: pl.DataFrame) -> pl.LazyFrame:
    """The same posts, the likes that stand for hidden ones made null."""
    if hidden.is_empty():
        return newest
    suspects = hidden.lazy().select(*ACCOUNT, pl.lit(True).alias("__hidden"))
    is_hidden = (pl.col("like_count") == HIDDEN_AS) & pl.col("__hidden").is_not_null()
    return (
        newest.join(suspects, on=ACCOUNT, how="left", build_side="force_right")
        .with_columns(pl.when(~is_hidden).then(pl.col("like_count")).alias("like_count"))
        .drop("__hidden")
    )


def newest_to_posts(newest: pl.LazyFrame, snapshots: pl.LazyFrame) -> pl.LazyFrame:
    """The mart `posts`. Rates are null where likes are, or where followers are null or zero."""
    followers = pl.when(pl.col("followers_count") > 0).then(pl.col("followers_count"))
    engagement = pl.col("like_count") + pl.col("comment_count")
    return _with_followers(newest, snapshots).with_columns(
        engagement.alias("engagement_count"),
        (pl.col("like_count") / followers).alias("like_rate_by_followers"),
        (engagement / followers).alias("engagement_rate_by_followers"),
        *settled_sponsorship(pl.col("disclosure"), pl.col("gift")),
    )


def _with_followers(posts: pl.LazyFrame, snapshots: pl.LazyFrame) -> pl.LazyFrame:
    """Followers as delivered with the post; else observed at or before it; else the earliest after; else undated.

    A post without any date takes the newest: it may be of any time, and most exports are of the newest posts.
    """
    known = snapshots.filter(pl.col("followers_count").is_not_null()).select(
        hashed(ACCOUNT), "observed_at", "followers_count"
    )
    history = known.drop_nulls("observed_at").rename({"observed_at": "__at", "followers_count": "__before"}).collect()
    undated = known.filter(pl.col("observed_at").is_null()).select(HASH, pl.col("followers_count").alias("__undated"))
    earliest = history.lazy().group_by(HASH).agg(
        pl.col("__at").min().alias("__first_at"),
        pl.col("__before").sort_by("__at").first().alias("__after"),
        pl.col("__before").sort_by("__at").last().alias("__newest"),
    )  # fmt: skip
    at = pl.coalesce("observed_at", "published_at")
    joined = (
        posts.with_columns(hashed(ACCOUNT), at.alias("__at"))
        .join(earliest, on=HASH, how="left", build_side="force_right")
        .join(undated, on=HASH, how="left", build_side="force_right")
    )
    if history.get_column(HASH).is_duplicated().any():
        joined = joined.sort("__at").join_asof(history.lazy().sort("__at"), on="__at", by=HASH, check_sortedness=False)
    else:
        # Every account was dated once at most, so a comparison finds what a join by time would.
        joined = joined.with_columns(
            pl.when(pl.col("__first_at") <= pl.col("__at")).then(pl.col("__after")).alias("__before")
        )
    is_undated = pl.col("__at").is_null() & pl.col("__newest").is_not_null()
    return joined.with_columns(
        pl.when(pl.col("followers_count").is_not_null()).then(pl.lit("delivered"))
        .when(is_undated).then(pl.lit("undated_post"))
        .when(pl.col("__before").is_not_null()).then(pl.lit("observed_before"))
        .when(pl.col("__after").is_not_null()).then(pl.lit("observed_after"))
        .when(pl.col("__undated").is_not_null()).then(pl.lit("undated"))
        .alias("followers_basis"),
        pl.coalesce("followers_count", pl.when(is_undated).then("__newest"), "__before", "__after", "__undated").alias("followers_count"),
    )  # fmt: skip

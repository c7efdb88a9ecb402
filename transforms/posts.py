"""Post observations to the newest state of each post, with rates by the followers nearest before it."""

from datetime import datetime

import polars as pl

KEY = ["platform", "post_id"]
COUNTS = ["like_count", "comment_count", "view_count", "share_count", "save_count", "reach_count", "followers_count"]
OTHERS = ["account_id", "published_at", "media_type", "is_sponsored", "sponsors"]


def seen_by(observations: pl.LazyFrame, as_of: datetime | None) -> pl.LazyFrame:
    """Observations not later than as_of of posts not published later; undated ones included."""
    if as_of is None:
        return observations
    times = [pl.col(name).is_null() | (pl.col(name) <= as_of) for name in ("observed_at", "published_at")]
    return observations.filter(pl.all_horizontal(times))


def observations_to_newest(observations: pl.LazyFrame) -> pl.LazyFrame:
    """One row per post: its newest observation. Same instant, different values: the larger count, the greater text."""
    newest = pl.col("observed_at").fill_null(datetime(1, 1, 1))
    candidates = observations.drop("caption").with_columns(
        pl.struct(KEY).hash().alias("__post"),
    )
    # Most posts are seen once. Hashes find the others cheaply; their rows are settled on the text keys.
    repeated = candidates.group_by("__post").agg(pl.len().alias("n")).filter(pl.col("n") > 1).select("__post")
    once = candidates.join(repeated, on="__post", how="anti").drop("__post")
    several = candidates.join(repeated, on="__post", how="semi").drop("__post")
    settled = (
        several.filter(newest == newest.max().over(KEY))
        .group_by(KEY)
        .agg(pl.col(*OTHERS, *COUNTS).max(), pl.col("observed_at").first())
        .select(once.collect_schema().names())
    )
    return pl.concat([once, settled])


def newest_to_posts(newest: pl.LazyFrame, snapshots: pl.LazyFrame) -> pl.LazyFrame:
    """The mart `posts`. Likes of -1 never come here: a source declares them as null."""
    with_followers = _with_followers(newest, snapshots)
    followers = pl.when(pl.col("followers_count") > 0).then(pl.col("followers_count"))
    engagement = pl.col("like_count") + pl.col("comment_count")
    declared = pl.col("is_sponsored").is_not_null()
    tagged = pl.col("sponsors").is_not_null()
    return with_followers.with_columns(
        engagement.alias("engagement_count"),
        (pl.col("like_count") / followers).alias("like_rate_by_followers"),
        (engagement / followers).alias("engagement_rate_by_followers"),
        pl.coalesce("is_sponsored", pl.when(tagged).then(pl.lit(True))).alias("is_sponsored"),
        pl.when(declared).then(pl.lit("declared")).when(tagged).then(pl.lit("sponsors")).alias("sponsored_basis"),
    )


def _with_followers(posts: pl.LazyFrame, snapshots: pl.LazyFrame) -> pl.LazyFrame:
    """Followers as delivered with the post; else observed at or before it; else the earliest after; else undated."""
    account = ["platform", "account_id"]
    dated = snapshots.filter(pl.col("followers_count").is_not_null(), pl.col("observed_at").is_not_null())
    undated = snapshots.filter(pl.col("followers_count").is_not_null(), pl.col("observed_at").is_null())
    timed = posts.with_columns(pl.coalesce("observed_at", "published_at").alias("__at"))
    history = dated.select(*account, pl.col("observed_at").alias("__at"), "followers_count").sort("__at")
    before = history.rename({"followers_count": "__before"})
    earliest = dated.group_by(account).agg(pl.col("followers_count").sort_by("observed_at").first().alias("__after"))
    loose = undated.select(*account, pl.col("followers_count").alias("__undated"))
    joined = (
        timed.sort("__at")
        .join_asof(before, on="__at", by=account, strategy="backward", check_sortedness=False)
        .join(earliest, on=account, how="left")
        .join(loose, on=account, how="left")
    )
    return joined.with_columns(
        pl.when(pl.col("followers_count").is_not_null()).then(pl.lit("delivered"))
        .when(pl.col("__before").is_not_null()).then(pl.lit("observed_before"))
        .when(pl.col("__after").is_not_null()).then(pl.lit("observed_after"))
        .when(pl.col("__undated").is_not_null()).then(pl.lit("undated"))
        .alias("followers_basis"),
        pl.coalesce("followers_count", "__before", "__after", "__undated").alias("followers_count"),
    )  # fmt: skip

"""Figures delivered without their post, joined to the posts that other exports tell of."""

from datetime import datetime

import polars as pl

from schemas.columns import polars_schema
from schemas.post_metrics import PostMetrics
from transforms.data_quality import COLUMNS as ISSUE_COLUMNS

KEY = ["platform", "post_id"]
COUNTS = ["like_count", "comment_count", "view_count", "share_count", "save_count", "reach_count"]
# Which columns hold for which kind of post.
PREFIX_OF_KIND = {
    "image": "photo_video", "video": "photo_video", "carousel": "carousel", "reel": "reel", "story": "story",
}  # fmt: skip
KNOWN = polars_schema(PostMetrics)
FIGURES = [name for name in KNOWN if name.endswith("_count")]


def newest_of_each(metrics: pl.LazyFrame) -> pl.DataFrame:
    """One row per post: its newest figures. Same instant, different values: the larger."""
    newest = pl.col("observed_at").fill_null(datetime(1, 1, 1))
    return (
        metrics.filter(newest == newest.max().over(KEY))
        .group_by(KEY)
        .agg(pl.col(FIGURES).max(), pl.col("observed_at").first())
        .collect()
    )


def with_metrics(newest: pl.LazyFrame, metrics: pl.DataFrame) -> pl.LazyFrame:
    """The same posts, with the figures that are theirs by their kind.

    A post that tells its own likes or comments keeps them unless the figures are newer.
    """
    if metrics.is_empty():
        return newest
    own = {name: f"__{name}" for name in [*FIGURES, "observed_at"]}
    figures = metrics.lazy().rename(own).with_columns(pl.lit(True).alias("__told"))
    seen = pl.col("observed_at").fill_null(datetime(1, 1, 1))
    tells = pl.col("like_count").is_not_null() | pl.col("comment_count").is_not_null()
    newer = pl.col("__observed_at").fill_null(datetime(1, 1, 1)) >= seen
    takes = (pl.col("__told") & (newer | ~tells)).fill_null(value=False)
    names = newest.collect_schema().names()
    taken = [
        pl.when(takes).then(pl.coalesce(_figure(name), name)).otherwise(pl.col(name)).alias(name) for name in COUNTS
    ]
    # The followers that rates divide by are those of when the figures were seen.
    at = pl.when(takes).then(pl.coalesce("__observed_at", "observed_at")).otherwise(pl.col("observed_at"))
    return newest.join(figures, on=KEY, how="left").with_columns(*taken, at.alias("observed_at")).select(names)


def _figure(name: str) -> pl.Expr:
    """The figure of any kind of post, else that of the post's own kind: never that of another."""
    of_kind = [
        pl.when(pl.col("media_type") == kind).then(pl.col(f"__{prefix}_{name}"))
        for kind, prefix in PREFIX_OF_KIND.items()
        if f"{prefix}_{name}" in KNOWN
    ]
    return pl.coalesce(f"__{name}", *of_kind)


def metrics_to_orphans(newest: pl.LazyFrame, metrics: pl.DataFrame) -> pl.LazyFrame:
    """Figures of posts that no export tells of: whose they are is not known."""
    if metrics.is_empty():  # which takes no look at all posts
        newest = newest.clear()
    orphans = metrics.lazy().join(newest.select(KEY), on=KEY, how="anti")
    likes = pl.col("like_count").cast(pl.String).fill_null("unknown")
    return orphans.select(
        "platform",
        pl.lit(None, pl.String).alias("account_id"),
        "post_id",
        pl.lit("metrics_without_post").alias("issue"),
        "observed_at",
        pl.lit(None, pl.String).alias("column_name"),
        pl.concat_str(pl.lit("figures of a post that no export tells of: "), likes, pl.lit(" likes")).alias("detail"),
    ).select(ISSUE_COLUMNS)

"""Figures delivered without their post, joined to the posts that other exports tell of."""

from datetime import datetime

import polars as pl

from schemas.columns import COUNT_MAX, polars_schema
from schemas.post_metrics import PostMetrics
from transforms.data_quality import COLUMNS as ISSUE_COLUMNS
from transforms.query_keys import HASH, hashed

KEY = ["platform", "post_id"]
RATED = ["like_count", "comment_count"]
COUNTS = [*RATED, "view_count", "share_count", "save_count", "reach_count"]
# Which columns hold for which kind of post.
PREFIX_OF_KIND = {
    "image": "photo_video", "video": "photo_video", "carousel": "carousel", "reel": "reel", "story": "story",
}  # fmt: skip
KNOWN = polars_schema(PostMetrics)
# Stands for the time of what is undated: earlier than anything is observed.
UNDATED = datetime(1970, 1, 1)
# A time and a count as one number, which is the larger the newer it is: a group is looked through once for each count.
SPAN = 1 << 40
assert SPAN > COUNT_MAX


def newest_of_each(metrics: pl.LazyFrame, posts: pl.LazyFrame) -> pl.DataFrame:
    """One row per post that there are figures of: each count as it was newest told, for the kind of the post.

    Same instant, different values: the larger.

    Args:
        metrics: Rows of the dataset.
        posts: Posts in their newest state, which tells their kind.

    Returns:
        platform, post_id, the counts and when each of them was told (`like_count_at`; UNDATED where that is not known),
        when any was (observed_at), and whether an export tells of the post (is_known).
    """
    of_figures = metrics.select(hashed(KEY)).unique().collect(engine="streaming").lazy()
    if of_figures.limit(1).collect().is_empty():  # which takes no look at all posts
        posts = posts.clear()
    kinds = (
        posts.select(hashed(KEY), "media_type", pl.lit(value=True).alias("is_known"))
        .join(of_figures, on=HASH, how="semi", build_side="force_right")
        .collect(engine="streaming")
    )
    at = pl.col("observed_at").fill_null(UNDATED).cast(pl.Int64).cast(pl.Int128)
    dated = {name: pl.col(f"dated_{name}") for name in COUNTS}
    return (
        metrics.with_columns(hashed(KEY))
        .join(kinds.lazy(), on=HASH, how="left", build_side="force_right")
        .group_by(KEY)
        .agg(
            *((at * SPAN + _figure(name)).max().alias(f"dated_{name}") for name in COUNTS),
            pl.col("observed_at").max(),
            pl.col("is_known").any(),
        )
        .select(
            *KEY,
            *((both % SPAN).cast(pl.Int64).alias(name) for name, both in dated.items()),
            *(
                (both // SPAN).cast(pl.Int64).cast(pl.Datetime("us")).alias(f"{name}_at")
                for name, both in dated.items()
            ),
            "observed_at",
            "is_known",
        )
        .collect(engine="streaming")
    )


def with_metrics(newest: pl.LazyFrame, metrics: pl.DataFrame) -> pl.LazyFrame:
    """The same posts, each count as it was newest told: with the post, or by figures without it (`newest_of_each`).

    `observed_at` is when likes and comments were told, as the followers that rates divide by are those of then; of posts
    without any it is when other counts were.
    """
    if metrics.is_empty():
        return newest
    columns = [name for count in COUNTS for name in (count, f"{count}_at")]
    alone = metrics.lazy().select(*KEY, pl.col(columns).name.prefix("__"))
    seen = pl.col("observed_at").fill_null(UNDATED)
    counts, times = {}, {}
    for name in COUNTS:
        told_alone, at = pl.col(f"__{name}").is_not_null(), pl.col(f"__{name}_at")
        takes = told_alone & (pl.col(name).is_null() | (at >= seen))
        counts[name] = pl.when(takes).then(f"__{name}").otherwise(name)
        times[name] = pl.when(takes).then(at).when(pl.col(name).is_not_null()).then(seen)
    rated, others = (
        pl.max_horizontal(times[name] for name in COUNTS if (name in RATED) == is_rated) for is_rated in (True, False)
    )
    newest_told = pl.coalesce(rated, others)
    observed = pl.when(newest_told > UNDATED).then(newest_told).otherwise("observed_at")
    names = newest.collect_schema().names()
    return newest.join(alone, on=KEY, how="left").with_columns(**counts, observed_at=observed).select(names)


def _figure(name: str) -> pl.Expr:
    """The figure of any kind of post, else that of the post's own kind: never that of another."""
    of_kind = [
        pl.when(pl.col("media_type") == kind).then(pl.col(f"{prefix}_{name}"))
        for kind, prefix in PREFIX_OF_KIND.items()
        if f"{prefix}_{name}" in KNOWN
    ]
    return pl.coalesce(name, *of_kind)


def metrics_to_orphans(metrics: pl.DataFrame) -> pl.LazyFrame:
    """Figures of posts that no export tells of: whose they are is not known."""
    orphans = metrics.lazy().filter(~pl.col("is_known"))
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

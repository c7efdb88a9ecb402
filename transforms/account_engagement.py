"""Posts to the engagement of each account in each window."""

from datetime import datetime, timedelta

import polars as pl

from transforms.exact import exact_mean
from transforms.keys import HASH, hashed

ACCOUNT = ["platform", "account_id"]
LAST_DAYS = 90
LAST_POSTS = 12
COVERAGE_FLOOR = 0.5
RATES = ["like_rate_by_followers", "engagement_rate_by_followers"]
NO_START = pl.lit(None, pl.Datetime("us"))


def posts_to_measured(posts: pl.LazyFrame) -> pl.LazyFrame:
    """The few columns of a post that windows need, its account as a hash: what fits in memory whole."""
    return posts.select(
        hashed(ACCOUNT),
        "post_id",
        "published_at",
        "like_count",
        pl.col("engagement_count").is_not_null().alias("has_engagement"),
        *RATES,
    )


def measured_to_account_engagement(
    measured: pl.DataFrame, accounts: pl.DataFrame, as_of: datetime | None
) -> pl.DataFrame:
    """The mart `account_engagement`: every account in every window, those without posts included."""
    all_time = _per_account(measured.lazy()).collect()
    recent = measured.lazy().filter(_is_recent(as_of)) if as_of else measured.lazy().clear()
    start = pl.lit(as_of - timedelta(days=LAST_DAYS) if as_of else None, pl.Datetime("us"))
    listed = accounts.lazy().select(*ACCOUNT, hashed(ACCOUNT), "niche", "followers_count")
    windows = [
        _window(listed, all_time.lazy(), "all_time", NO_START),
        _window(listed, _per_account(recent), "last_90_days", start),
        _window(listed, _of_newest(measured.lazy(), all_time.lazy()), "last_12_posts", NO_START),
    ]
    return pl.concat(windows).with_columns(pl.lit(as_of, pl.Datetime("us")).alias("window_end")).collect()


def _is_recent(as_of: datetime) -> pl.Expr:
    """Published in (as_of - 90 days, as_of]; undated posts are in no dated window."""
    return (pl.col("published_at") > as_of - timedelta(days=LAST_DAYS)) & (pl.col("published_at") <= as_of)


def _per_account(measured: pl.LazyFrame) -> pl.LazyFrame:
    likes, like_rate, rate = pl.col("like_count"), *(pl.col(name) for name in RATES)
    return measured.group_by(HASH).agg(
        pl.len().cast(pl.Int64).alias("post_count"),
        rate.count().cast(pl.Int64).alias("post_known_count"),
        pl.col("published_at").count().cast(pl.Int64).alias("dated"),
        likes.count().cast(pl.Int64).alias("likes_known"),
        # In 128 bits, so that no sum can overflow and none depends on its order.
        (likes.cast(pl.Int128).sum().cast(pl.Float64) / likes.count()).alias("like_count_mean"),
        pl.col("has_engagement").any().alias("engagement_known"),
        exact_mean(like_rate).alias(RATES[0]),
        exact_mean(rate).alias(RATES[1]),
        rate.median().alias(f"{RATES[1]}_median"),
    )


def _of_newest(measured: pl.LazyFrame, all_time: pl.LazyFrame) -> pl.LazyFrame:
    """The twelve newest dated posts of each account, hidden likes counted among them; ties go to the greater post id.

    An account whose posts are all among them has the figures of all time already.
    """
    more = (pl.col("post_count") > LAST_POSTS) | (pl.col("dated") < pl.col("post_count"))
    newest = (
        measured.join(all_time.filter(more).select(HASH), on=HASH, how="semi")
        .drop_nulls("published_at")
        .sort("published_at", "post_id", descending=True)
        .group_by(HASH, maintain_order=True)
        .head(LAST_POSTS)
    )
    return pl.concat([all_time.filter(~more), _per_account(newest)])


def _window(listed: pl.LazyFrame, per_account: pl.LazyFrame, name: str, start: pl.Expr) -> pl.LazyFrame:
    coverage = pl.when(pl.col("post_count") > 0).then(pl.col("likes_known") / pl.col("post_count"))
    return (
        listed.join(per_account, on=HASH, how="left")
        .with_columns(pl.col("post_count", "post_known_count").fill_null(0))
        .with_columns(coverage.alias("likes_coverage_ratio"))
        .with_columns(_reason().alias("reason"))
        .with_columns(pl.when(pl.col("reason").is_null()).then(pl.col(RATES[1], f"{RATES[1]}_median")))
        .with_columns(
            pl.when(pl.col("likes_coverage_ratio") >= COVERAGE_FLOOR).then(pl.col("like_count_mean", RATES[0]))
        )
        .with_columns(pl.lit(name).alias("time_window"), start.alias("window_start"))
        .drop(HASH, "dated", "likes_known", "engagement_known")
    )


def _reason() -> pl.Expr:
    """Why an account has no engagement rate, the first that applies."""
    return (
        pl.when(pl.col("post_count") == 0).then(pl.lit("no_posts"))
        .when(pl.col("likes_coverage_ratio") < COVERAGE_FLOOR).then(pl.lit("hidden_likes"))
        .when(~pl.col("engagement_known")).then(pl.lit("no_comments"))
        .when(pl.col("post_known_count") == 0).then(pl.lit("no_followers"))
    )  # fmt: skip

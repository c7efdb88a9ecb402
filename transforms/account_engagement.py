"""Posts to the engagement of each account in each window."""

from collections.abc import Set as AbstractSet
from datetime import datetime, timedelta

import polars as pl

from schemas.account_engagement import AccountEngagement
from schemas.columns import polars_schema
from transforms import exposure
from transforms.exact import deviation, exact_mean
from transforms.intervals import mean_high, mean_low
from transforms.keys import HASH, hashed

ACCOUNT = ["platform", "account_id"]
LAST_DAYS = 90
LAST_POSTS = 12
COVERAGE_FLOOR = 0.5
LIKE_RATE, COMMENT_RATE, RATE = (f"{of}_rate_by_followers" for of in ("like", "comment", "engagement"))
ADDED_LATER = {"window_end", "peer_percentile", "peer_count", "peer_reason"}
COLUMNS = [name for name in polars_schema(AccountEngagement) if name not in ADDED_LATER]
NO_START = pl.lit(None, pl.Datetime("us"))


def posts_to_measured(posts: pl.LazyFrame, delivered: AbstractSet[str]) -> pl.LazyFrame:
    """The few columns of a post that windows need, its account as a hash: what fits in memory whole.

    `delivered` are the counts that any post has (`exposure.delivered`).
    """
    followers = pl.when(pl.col("followers_count") > 0).then("followers_count")
    return posts.select(
        hashed(ACCOUNT),
        "post_id",
        "published_at",
        pl.col("like_count").is_not_null().alias("has_likes"),
        pl.col("engagement_count").is_not_null().alias("has_engagement"),
        LIKE_RATE,
        (pl.col("comment_count") / followers).alias(COMMENT_RATE),
        RATE,
        *exposure.measured(delivered),
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
    like_rate, rate = pl.col(LIKE_RATE), pl.col(RATE)
    return measured.group_by(HASH).agg(
        pl.len().cast(pl.Int64).alias("post_count"),
        rate.count().cast(pl.Int64).alias("post_known_count"),
        pl.col("published_at").count().cast(pl.Int64).alias("dated"),
        pl.col("has_likes").sum().cast(pl.Int64).alias("likes_known"),
        pl.col("has_engagement").any().alias("engagement_known"),
        exact_mean(like_rate).alias(LIKE_RATE),
        like_rate.median().alias(f"{LIKE_RATE}_median"),
        exact_mean(pl.col(COMMENT_RATE)).alias(COMMENT_RATE),
        exact_mean(rate).alias(RATE),
        exact_mean(rate * rate).alias("mean_square"),
        rate.median().alias(f"{RATE}_median"),
        *exposure.figures(measured.collect_schema().names()),
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
    known, mean = pl.col("post_known_count"), pl.col(RATE)
    spread = deviation(known, mean, pl.col("mean_square"))
    return (
        listed.join(per_account, on=HASH, how="left")
        .with_columns(pl.col("post_count", "post_known_count").fill_null(0))
        .with_columns(coverage.alias("likes_coverage_ratio"))
        .with_columns(_reason().alias("reason"))
        .with_columns(pl.when(pl.col("reason").is_null()).then(pl.col(RATE, f"{RATE}_median")))
        # No rate is below zero, whatever the formula says.
        .with_columns(mean_low(known, mean, spread).clip(0).alias(f"{RATE}_low"))
        .with_columns(mean_high(known, mean, spread).alias(f"{RATE}_high"))
        .with_columns(
            pl.when(pl.col("likes_coverage_ratio") >= COVERAGE_FLOOR).then(pl.col(LIKE_RATE, f"{LIKE_RATE}_median"))
        )
        .with_columns(exposure.in_words(per_account.collect_schema().names()))
        .with_columns(pl.lit(name).alias("time_window"), start.alias("window_start"))
        .select(COLUMNS)
    )


def _reason() -> pl.Expr:
    """Why an account has no engagement rate, the first that applies."""
    return (
        pl.when(pl.col("post_count") == 0).then(pl.lit("no_posts"))
        .when(pl.col("likes_coverage_ratio") < COVERAGE_FLOOR).then(pl.lit("hidden_likes"))
        .when(~pl.col("engagement_known")).then(pl.lit("no_comments"))
        .when(pl.col("post_known_count") == 0).then(pl.lit("no_followers"))
    )  # fmt: skip

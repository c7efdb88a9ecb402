"""Posts to the engagement of each account in each window."""

from collections.abc import Set as AbstractSet
from datetime import datetime, timedelta

import polars as pl

from schemas.time_windows import LAST_DAYS, LAST_POSTS
from transforms import exposure
from transforms.query_keys import HASH, hashed
from transforms.sponsorship import nothing_flagged, posts_to_sides, with_paid_to_organic
from transforms.stats.exact_sums import deviation, exact_mean, exact_mean_of_counts
from transforms.stats.intervals import mean_high, mean_low

ACCOUNT = ["platform", "account_id"]
COVERAGE_FLOOR = 0.5
LIKE_RATE, COMMENT_RATE, RATE = (f"{of}_rate_by_followers" for of in ("like", "comment", "engagement"))
# What windows are made with and the mart does not hold.
HELPERS = [HASH, "has_undated", "dated", "likes_known", "engagement_known", "mean_square"]
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
        "like_count",
        "engagement_count",
        "is_sponsored",
        "is_gifted",
        LIKE_RATE,
        (pl.col("comment_count") / followers).alias(COMMENT_RATE),
        RATE,
        *exposure.measured(delivered),
    )


def measured_to_account_engagement(
    measured: pl.DataFrame, accounts: pl.DataFrame, as_of: datetime | None
) -> pl.DataFrame:
    """The mart `account_engagement`: every account in every window, those without posts included."""
    largest = measured.select(pl.max_horizontal(pl.col(LIKE_RATE, COMMENT_RATE, RATE).max())).item()
    all_time = _per_account(measured.lazy(), largest).collect()
    recent = measured.lazy().filter(_is_recent(as_of)) if as_of else measured.lazy().clear()
    start = pl.lit(as_of - timedelta(days=LAST_DAYS) if as_of else None, pl.Datetime("us"))
    undated = (
        all_time.lazy().filter(pl.col("dated") < pl.col("post_count")).select(HASH, pl.lit(True).alias("has_undated"))
    )
    listed = accounts.lazy().select(*ACCOUNT, hashed(ACCOUNT), "niche", "followers_count")
    listed = listed.join(undated, on=HASH, how="left")
    crowded = all_time.lazy().filter(_has_more()).select(HASH)
    newest = _newest(measured.lazy(), crowded)
    per_account = {
        "all_time": all_time.lazy(),
        "last_90_days": _per_account(recent, largest),
        "last_12_posts": pl.concat([all_time.lazy().join(crowded, on=HASH, how="anti"), _per_account(newest, largest)]),
    }
    sides = dict.fromkeys(per_account, nothing_flagged())
    if measured.get_column("is_sponsored").null_count() < measured.height:
        of_all = posts_to_sides(measured.lazy()).collect().lazy()
        few = of_all.join(crowded, on=HASH, how="anti")
        sides = {
            "all_time": of_all,
            "last_90_days": posts_to_sides(recent),
            "last_12_posts": pl.concat([few, posts_to_sides(newest)]),
        }
    windows = [
        _window(listed, figures, sides[name], name, start if name == "last_90_days" else NO_START)
        for name, figures in per_account.items()
    ]
    return pl.concat(windows).with_columns(pl.lit(as_of, pl.Datetime("us")).alias("window_end")).collect()


def _is_recent(as_of: datetime) -> pl.Expr:
    """Published in (as_of - 90 days, as_of]; undated posts are in no dated window."""
    return (pl.col("published_at") > as_of - timedelta(days=LAST_DAYS)) & (pl.col("published_at") <= as_of)


def _per_account(measured: pl.LazyFrame, largest: float | None) -> pl.LazyFrame:
    """Figures of the posts of each account; `largest` is the largest rate of any of them."""
    like_rate, rate = pl.col(LIKE_RATE), pl.col(RATE)
    square = None if largest is None else largest * largest
    return measured.group_by(HASH).agg(
        pl.len().cast(pl.Int64).alias("post_count"),
        rate.count().cast(pl.Int64).alias("post_known_count"),
        pl.col("published_at").count().cast(pl.Int64).alias("dated"),
        pl.col("like_count").count().cast(pl.Int64).alias("likes_known"),
        pl.col("engagement_count").is_not_null().any().alias("engagement_known"),
        exact_mean_of_counts(pl.col("like_count")).alias("like_count_mean"),
        exact_mean_of_counts(pl.col("engagement_count")).alias("engagement_count_mean"),
        exact_mean(like_rate, largest=largest).alias(LIKE_RATE),
        like_rate.median().alias(f"{LIKE_RATE}_median"),
        exact_mean(pl.col(COMMENT_RATE), largest=largest).alias(COMMENT_RATE),
        exact_mean(rate, largest=largest).alias(RATE),
        exact_mean(rate * rate, largest=square).alias("mean_square"),
        rate.median().alias(f"{RATE}_median"),
        *exposure.figures(measured.collect_schema().names()),
    )


def _has_more() -> pl.Expr:
    """Whether an account has posts that are not among its newest; if not, the figures of all time are theirs."""
    return (pl.col("post_count") > LAST_POSTS) | (pl.col("dated") < pl.col("post_count"))


def _newest(measured: pl.LazyFrame, crowded: pl.LazyFrame) -> pl.LazyFrame:
    """The twelve newest dated posts of some accounts, hidden likes counted among them; ties go to the greater post id."""
    return (
        measured.join(crowded, on=HASH, how="semi")
        .drop_nulls("published_at")
        .sort("published_at", "post_id", descending=True)
        .group_by(HASH, maintain_order=True)
        .head(LAST_POSTS)
    )


def _window(
    listed: pl.LazyFrame, per_account: pl.LazyFrame, sides: pl.LazyFrame, name: str, start: pl.Expr
) -> pl.LazyFrame:
    coverage = pl.when(pl.col("post_count") > 0).then(pl.col("likes_known") / pl.col("post_count"))
    known, mean = pl.col("post_known_count"), pl.col(RATE)
    spread = deviation(known, mean, pl.col("mean_square"))
    of_likes = pl.col("like_count_mean", LIKE_RATE, f"{LIKE_RATE}_median")
    return (
        listed.join(per_account, on=HASH, how="left")
        .join(sides, on=HASH, how="left")
        .with_columns(pl.col("post_count", "post_known_count").fill_null(0))
        .pipe(with_paid_to_organic)
        .with_columns(coverage.alias("likes_coverage_ratio"))
        .with_columns(_reason().alias("reason"))
        .with_columns(
            pl.when(pl.col("reason").is_null()).then(pl.col(RATE, f"{RATE}_median")),
            # Interactions of a post need no followers.
            pl.when(pl.col("reason").fill_null("no_followers") == "no_followers").then("engagement_count_mean"),
        )
        # No rate is below zero, whatever the formula says.
        .with_columns(mean_low(known, mean, spread).clip(0).alias(f"{RATE}_low"))
        .with_columns(mean_high(known, mean, spread).alias(f"{RATE}_high"))
        .with_columns(pl.when(pl.col("likes_coverage_ratio") >= COVERAGE_FLOOR).then(of_likes))
        .with_columns(exposure.in_words(per_account.collect_schema().names()))
        .with_columns(
            _empty_because_undated(name) for name in ("reason", "paid_reason", "reach_reason", "views_reason")
        )
        .with_columns(pl.lit(name).alias("time_window"), start.alias("window_start"))
        .drop(*HELPERS, *exposure.HELPERS, strict=False)
    )


def _empty_because_undated(reason: str) -> pl.Expr:
    """Posts without a date of publication are in no window of time: it is not that there are none."""
    is_empty = (pl.col("post_count") == 0) & pl.col("has_undated").is_not_null()
    return pl.when(is_empty).then(pl.lit("undated_posts")).otherwise(pl.col(reason)).alias(reason)


def _reason() -> pl.Expr:
    """Why an account has no engagement rate, the first that applies."""
    return (
        pl.when(pl.col("post_count") == 0).then(pl.lit("no_posts"))
        .when(pl.col("likes_coverage_ratio") < COVERAGE_FLOOR).then(pl.lit("hidden_likes"))
        .when(~pl.col("engagement_known")).then(pl.lit("no_comments"))
        .when(pl.col("post_known_count") == 0).then(pl.lit("no_followers"))
    )  # fmt: skip

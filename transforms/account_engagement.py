"""Posts to the engagement of each account in each window."""

from datetime import datetime, timedelta

import polars as pl

ACCOUNT = ["platform", "account_id"]
LAST_DAYS = 90
LAST_POSTS = 12
COVERAGE_FLOOR = 0.5


def posts_to_account_engagement(posts: pl.LazyFrame, accounts: pl.LazyFrame, as_of: datetime | None) -> pl.LazyFrame:
    """The mart `account_engagement`: every account in every window, those without posts included."""
    windows = [
        _window(accounts, posts.filter(inside), name, start, as_of)
        for name, inside, start in (
            ("all_time", pl.lit(True), None),
            ("last_90_days", _recent(as_of), as_of - timedelta(days=LAST_DAYS) if as_of else None),
            ("last_12_posts", _among_newest(), None),
        )
    ]
    return pl.concat(windows)


def _recent(as_of: datetime | None) -> pl.Expr:
    """Published in (as_of - 90 days, as_of]; undated posts are in no dated window."""
    if as_of is None:
        return pl.lit(False)
    return (pl.col("published_at") > as_of - timedelta(days=LAST_DAYS)) & (pl.col("published_at") <= as_of)


def _among_newest() -> pl.Expr:
    """The twelve newest dated posts of the account, hidden likes counted among them; ties go to the greater post id."""
    order = pl.struct("published_at", "post_id").rank("ordinal", descending=True).over(ACCOUNT)
    return pl.col("published_at").is_not_null() & (order <= LAST_POSTS)


def _window(
    accounts: pl.LazyFrame, posts: pl.LazyFrame, name: str, start: datetime | None, as_of: datetime | None
) -> pl.LazyFrame:
    rate = pl.col("engagement_rate_by_followers")
    per_account = posts.group_by(ACCOUNT).agg(
        pl.len().cast(pl.Int64).alias("post_count"),
        rate.count().cast(pl.Int64).alias("post_known_count"),
        pl.col("like_count").count().cast(pl.Int64).alias("likes_known"),
        pl.col("comment_count").count().cast(pl.Int64).alias("comments_known"),
        pl.col("engagement_count").count().cast(pl.Int64).alias("engagement_known"),
        # Sorted first: the last digit of a float sum depends on the order, and the content must not.
        pl.col("like_rate_by_followers").sort().mean(),
        rate.sort().mean(),
        rate.median().alias("engagement_rate_by_followers_median"),
    )
    counts = ["post_count", "post_known_count", "likes_known", "comments_known", "engagement_known"]
    rates = ["like_rate_by_followers", "engagement_rate_by_followers", "engagement_rate_by_followers_median"]
    coverage = pl.when(pl.col("post_count") > 0).then(pl.col("likes_known") / pl.col("post_count"))
    known = accounts.select(*ACCOUNT, "niche", "followers_count").join(per_account, on=ACCOUNT, how="left")
    return (
        known.with_columns(pl.col(counts).fill_null(0))
        .with_columns(coverage.alias("likes_coverage_ratio"))
        .with_columns(_reason().alias("reason"))
        .with_columns(pl.when(pl.col("reason").is_null()).then(pl.col(rates[1:])))
        .with_columns(pl.when(pl.col("likes_coverage_ratio") >= COVERAGE_FLOOR).then(pl.col(rates[0])))
        .with_columns(
            pl.lit(name).alias("time_window"),
            pl.lit(start, pl.Datetime("us")).alias("window_start"),
            pl.lit(as_of, pl.Datetime("us")).alias("window_end"),
        )
    )


def _reason() -> pl.Expr:
    """Why an account has no engagement rate, the first that applies."""
    return (
        pl.when(pl.col("post_count") == 0).then(pl.lit("no_posts"))
        .when(pl.col("likes_coverage_ratio") < COVERAGE_FLOOR).then(pl.lit("hidden_likes"))
        .when(pl.col("engagement_known") == 0).then(pl.lit("no_comments"))
        .when(pl.col("post_known_count") == 0).then(pl.lit("no_followers"))
    )  # fmt: skip

"""Counts of people to the marts of audiences: rates, and the reason beside each missing one."""

from datetime import datetime, timedelta

import polars as pl

from schemas.time_windows import LAST_DAYS
from transforms.account_engagement import COVERAGE_FLOOR
from transforms.audience_dilution import deciles_to_trend, with_rates_at_risk
from transforms.audience_overlap import COUNTS as OVERLAPS
from transforms.stats.intervals import wilson_high, wilson_low

COMPLETE = 0.95
PER_POST = ("engaged_followers_per_post", "follower_engagement_rate_per_post", "follower_engagement_rate_12")


def counts_to_audience(
    counts: pl.DataFrame,
    accounts: pl.DataFrame,
    concentration: pl.DataFrame,
    overlaps: pl.DataFrame,
    as_of: datetime | None,
) -> pl.DataFrame:
    """The mart `audience`: rates made of the counts, the reason beside each missing one.

    `counts` are those of people and posts; `accounts` has account_key, platform, account_id and followers_count.
    """
    known, listed_likes = pl.col("followers_known_count"), pl.col("listed_like_count")
    likers = pl.col("liking_follower_count") + pl.col("non_follower_liker_count")
    engaged, posts = pl.col("engaged_follower_count"), pl.col("post_count")
    figures = {
        "follower_engagement_rate": _over(engaged, known),
        "follower_engagement_rate_low": wilson_low(engaged, known),
        "follower_engagement_rate_high": wilson_high(engaged, known),
        "engaged_followers_per_post": _over(pl.col("engaged_follower_post_count"), posts),
        "follower_engagement_rate_per_post": _over(pl.col("engaged_follower_post_count"), posts * known),
        "follower_engagement_rate_12": _over(pl.col("engaged_follower_count_of_12"), known),
    }
    # Where likes of more than one post in twenty are not known, a figure per post would be too small.
    per_post = pl.when(_untold() <= (1 - COMPLETE) * posts)
    figures |= {name: per_post.then(figures[name]) for name in PER_POST}
    both_listed = (known > 0) & (listed_likes > 0)
    return (
        counts.join(accounts, on="account_key", how="inner")
        .join(concentration, on="account_key", how="left")
        .join(overlaps, on="account_key", how="left")
        .with_columns(
            pl.col("post_count", "labelled_follower_count", "unknown_like_post_count", *OVERLAPS).fill_null(0),
            _over(known, pl.col("followers_count")).alias("followers_coverage_ratio"),
            _over(pl.col("listed_known_like_count"), pl.col("known_like_count")).alias("likes_coverage_ratio"),
            _over(pl.col("listed_known_comment_count"), pl.col("known_comment_count")).alias("comments_coverage_ratio"),
            pl.when(listed_likes > 0).then(likers).alias("liker_count"),
            pl.when(both_listed).then(pl.col("non_follower_liker_count")).alias("non_follower_liker_count"),
            pl.when(both_listed).then(_over(pl.col("follower_like_count"), listed_likes)).alias("follower_like_share"),
            pl.when(both_listed)
            .then(_over(pl.col("non_follower_liker_count"), likers))
            .alias("non_follower_liker_share"),
        )
        .with_columns(_reason().alias("reason"))
        .with_columns(pl.when(pl.col("reason").is_null()).then(figure).alias(name) for name, figure in figures.items())
        .with_columns(
            (1 - pl.col("follower_engagement_rate")).alias("ghost_follower_share"),
            pl.when(pl.col("time_window") == "last_90_days")
            .then(pl.lit(as_of - timedelta(days=LAST_DAYS) if as_of else None, pl.Datetime("us")))
            .alias("window_start"),
            pl.lit(as_of, pl.Datetime("us")).alias("window_end"),
        )
    )


def with_reasons_of_windows(audience: pl.DataFrame, engagement: pl.LazyFrame) -> pl.DataFrame:
    """The same mart, its windows without posts for the reason that `account_engagement` has."""
    key = ["platform", "account_id", "time_window"]
    told = engagement.select(*key, pl.col("reason").alias("__told"))
    empty = pl.when(pl.col("post_count") == 0).then("__told").otherwise("reason")
    joined = audience.lazy().join(told, on=key, how="left", maintain_order="left")
    return joined.with_columns(empty.alias("reason")).drop("__told").collect()


def _over(numerator: pl.Expr, denominator: pl.Expr) -> pl.Expr:
    return pl.when(denominator > 0).then(numerator / denominator)


def _untold() -> pl.Expr:
    """Posts of which there is neither a count of likes nor a list of any."""
    return pl.col("unknown_like_post_count") - pl.col("liked_unknown_post_count")


def _reason() -> pl.Expr:
    """Why there is no strict rate, the first that applies. A coverage that cannot be known is no reason."""
    return (
        pl.when(pl.col("post_count") == 0).then(pl.lit("no_posts"))
        .when(pl.col("followers_known_count") == 0).then(pl.lit("no_followers_listed"))
        .when(pl.col("followers_coverage_ratio") < COMPLETE).then(pl.lit("partial_followers"))
        .when(_untold() > (1 - COVERAGE_FLOOR) * pl.col("post_count")).then(pl.lit("likes_unknown"))
        .when(pl.col("likes_coverage_ratio") < COMPLETE).then(pl.lit("partial_likes"))
        .when(pl.col("comments_coverage_ratio") < COMPLETE).then(pl.lit("partial_comments"))
    )  # fmt: skip


def deciles_to_audience_dilution(deciles: pl.DataFrame, accounts: pl.DataFrame, audience: pl.DataFrame) -> pl.DataFrame:
    """The mart `audience_dilution`: rates null where the account's strict rate over all time is."""
    rate = _over(pl.col("engaged_follower_count"), pl.col("followers_known_count"))
    figures = ["follower_engagement_rate", *(f"engagement_rate_at_risk{side}" for side in ("", "_low", "_high"))]
    return (
        _with_strict_reason(with_rates_at_risk(deciles), accounts, audience)
        .with_columns(rate.alias("follower_engagement_rate"))
        .with_columns(pl.when(pl.col("reason").is_null()).then(pl.col(figures)))
        .drop("reason")
    )


def deciles_to_audience_dilution_trend(
    deciles: pl.DataFrame, accounts: pl.DataFrame, audience: pl.DataFrame
) -> pl.DataFrame:
    """The mart `audience_dilution_trend`: a row for each account with a follower and a post that came after."""
    trends = _with_strict_reason(deciles_to_trend(deciles), accounts, audience)
    figures = ["engagement_rate_at_risk", "trend", "trend_low", "trend_high", "trend_p"]
    return trends.with_columns(
        pl.lit("all_time").alias("time_window"),
        pl.when(pl.col("reason").is_null()).then(pl.col(figures)),
        pl.coalesce("reason", "trend_reason").alias("trend_reason"),
    ).drop("reason")


def _with_strict_reason(rows: pl.DataFrame, accounts: pl.DataFrame, audience: pl.DataFrame) -> pl.DataFrame:
    """Rows by account_key with the account's names, and `reason` why it has no strict rate over all time."""
    strict = audience.filter(pl.col("time_window") == "all_time").select("platform", "account_id", "reason")
    return rows.join(accounts.select("account_key", "platform", "account_id"), on="account_key", how="inner").join(
        strict, on=["platform", "account_id"], how="left"
    )

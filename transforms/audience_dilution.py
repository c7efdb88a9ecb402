"""Whether late followers engage like early ones: followers in tenths by when they joined, and the posts each could see.

Who joined early has had more posts to engage with. So what counts is a follower and a post that came after: at risk, as
survival analysis would say. Sums of whole numbers are kept of them, which rates, intervals and the trend are made of.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import polars as pl

from schemas.columns import RATIO_MAX
from transforms.stats.intervals import t_quantile, two_sided_p

SUMS = {
    "at_risk_count": pl.col("at_risk"),
    "engaged_at_risk_count": pl.col("acts"),
    "acts_squared": pl.col("acts") * pl.col("acts"),
    "acts_at_risk": pl.col("acts") * pl.col("at_risk"),
    "at_risk_squared": pl.col("at_risk") * pl.col("at_risk"),
}
ACCOUNT = ["platform", "account_id"]


@dataclass(frozen=True)
class Acts:
    """Distinct likes and comments by number of follower and post_key; `both` are likes of whoever commented on the post too."""

    likes: pl.DataFrame
    comments: pl.DataFrame
    both: pl.DataFrame


def posts_engaged_with(size: int, likes: pl.DataFrame, comments: pl.DataFrame, both: pl.DataFrame) -> pl.Series:
    """With how many posts each of so many followers engaged: a post that one liked and commented on counts once."""
    of_likes, of_comments, of_both = (
        np.bincount(rows.get_column("follower").drop_nulls().to_numpy(), minlength=size)
        for rows in (likes, comments, both)
    )
    return pl.Series(of_likes + of_comments - of_both, dtype=pl.Int64)


def followers_to_tenths(parts: Iterable[pl.DataFrame]) -> pl.DataFrame:
    """When the followers of each tenth began to join: (account_key, join_decile, since), of followers in parts.

    Tenths are by the order of joining; who joined at one time is in one tenth.
    """
    at = ["account_key", "since"]
    joined = pl.concat(
        part.drop_nulls("followed_at").rename({"followed_at": "since"}).group_by(at).agg(pl.len().cast(pl.Int64))
        for part in parts
    )
    earlier = pl.col("len").cum_sum().over("account_key") - pl.col("len")
    tenth = (earlier * 10 // pl.col("len").sum().over("account_key") + 1).cast(pl.Int64)
    return (
        joined.group_by(at)
        .agg(pl.col("len").sum())
        .sort(at)
        .with_columns(tenth.alias("join_decile"))
        .group_by("account_key", "join_decile")
        .agg(pl.col("since").min())
        .sort("since")
    )


def followers_to_deciles(
    followers: pl.DataFrame, acts: Acts, posts: pl.DataFrame, tenths: pl.DataFrame
) -> pl.DataFrame:
    """Followers with a follow time, in tenths by the order of joining (`followers_to_tenths`).

    Returns per account_key and join_decile the followers, those who engaged with any post, and SUMS over followers of
    posts at risk (dated, and published after joining) and of those they engaged with.
    """
    engaged = posts_engaged_with(followers.height, acts.likes, acts.comments, acts.both)
    after = [_after_joining(rows, followers, posts) for rows in (acts.likes, acts.comments, acts.both)]
    timed = (
        followers.select("account_key", "followed_at")
        .with_columns((engaged > 0).alias("engaged"), posts_engaged_with(followers.height, *after).alias("acts"))
        .drop_nulls("followed_at")
    )
    return (
        _with_posts_at_risk(timed.sort("followed_at"), posts)
        .join_asof(tenths, left_on="followed_at", right_on="since", by="account_key", check_sortedness=False)
        .group_by("account_key", "join_decile")
        .agg(
            pl.len().cast(pl.Int64).alias("followers_known_count"),
            pl.col("engaged").sum().cast(pl.Int64).alias("engaged_follower_count"),
            *(total.sum().alias(name) for name, total in SUMS.items()),
        )
    )


def _after_joining(acts: pl.DataFrame, followers: pl.DataFrame, posts: pl.DataFrame) -> pl.DataFrame:
    """Likes or comments of followers on posts that were published after they joined."""
    joined = followers.get_column("followed_at")
    if joined.null_count() == len(joined):
        return acts.clear()
    own = acts.drop_nulls("follower").select("follower", "post_key")
    dated = own.join(posts.select("post_key", "published_at"), on="post_key", how="inner", maintain_order="none")
    return dated.filter(dated.get_column("published_at") > joined.gather(dated.get_column("follower")))


def _with_posts_at_risk(timed: pl.DataFrame, posts: pl.DataFrame) -> pl.DataFrame:
    """Followers, in the order of joining, with `at_risk`: how many dated posts of their account were published since."""
    dated = posts.drop_nulls("published_at").select("account_key", "published_at").sort("published_at")
    place = pl.int_range(1, pl.len() + 1).over("account_key").alias("before")
    counts = dated.group_by("account_key").agg(pl.len().cast(pl.Int64).alias("dated"))
    until = timed.join_asof(
        dated.with_columns(place),
        left_on="followed_at",
        right_on="published_at",
        by="account_key",
        check_sortedness=False,
    )
    known = until.join(counts, on="account_key", how="left", maintain_order="left")
    return known.with_columns((pl.col("dated").fill_null(0) - pl.col("before").fill_null(0)).alias("at_risk"))


def with_rates_at_risk(deciles: pl.DataFrame) -> pl.DataFrame:
    """Tenths with the rate per follower and post at risk, and its 95 % t interval over followers.

    A ratio of two sums; how far it may be off follows from how far each follower is from it.
    """
    n, at_risk = pl.col("followers_known_count"), pl.col("at_risk_count")
    rate = pl.when(at_risk > 0).then(pl.col("engaged_at_risk_count") / at_risk)
    error = (n / (n - 1) * _squares(pl.col("rate"))).sqrt() / at_risk
    half = (n - 1).map_batches(t_quantile, return_dtype=pl.Float64, is_elementwise=True) * error
    has_spread = (n > 1) & (error > 0)
    bounds = {"low": (pl.col("rate") - half).clip(0), "high": (pl.col("rate") + half).clip(upper_bound=1)}
    return (
        deciles.with_columns(rate.alias("rate"))
        .with_columns(
            pl.when(has_spread).then(bound).alias(f"engagement_rate_at_risk_{side}") for side, bound in bounds.items()
        )
        .rename({"rate": "engagement_rate_at_risk"})
    )


def _squares(rate: pl.Expr) -> pl.Expr:
    """Sum over followers of (acts - rate * at_risk)^2."""
    total = pl.col("acts_squared") - 2 * rate * pl.col("acts_at_risk") + rate * rate * pl.col("at_risk_squared")
    # What is behind the rounding of the largest of them is none.
    return pl.when(total > 1e-12 * pl.col("acts_squared")).then(total).otherwise(0.0)


def deciles_to_trend(deciles: pl.DataFrame) -> pl.DataFrame:
    """The trend over tenths of each account: how the rate at risk changes from one to the next, over the rate of all.

    A line through all followers, each weighing as many posts as were at risk; the error allows for followers who engage
    often and others who never do. The p value is of no trend, two-sided.
    """
    at_risk, d = pl.col("at_risk_count"), pl.col("join_decile")
    of_account = [
        pl.col(name).sum().over("account_key").alias(f"all_{name}")
        for name in ("at_risk_count", "engaged_at_risk_count", "followers_known_count")
    ]
    middle = (d * at_risk).sum().over("account_key") / pl.col("all_at_risk_count")
    rate = pl.col("all_engaged_at_risk_count") / pl.col("all_at_risk_count")
    away = d - pl.col("middle")
    by_account = (
        deciles.filter(at_risk > 0)
        .sort("account_key", "join_decile")
        .with_columns(of_account)
        .with_columns(middle.alias("middle"), rate.alias("rate"))
        .with_columns((at_risk * away**2).sum().over("account_key").alias("spread"))
        .with_columns(((away * pl.col("engaged_at_risk_count")).sum().over("account_key") / pl.col("spread")).alias("slope"))
        .with_columns((away**2 * _squares(pl.col("rate") + pl.col("slope") * away)).alias("pull"))
        .group_by("account_key", maintain_order=True)
        .agg(
            pl.first("rate", "slope", "spread", "all_followers_known_count"),
            pl.col("pull").sum(),
            pl.len().alias("tenths"),
        )
    )  # fmt: skip
    n = pl.col("all_followers_known_count")
    error = (n / (n - 2) * pl.col("pull")).sqrt() / pl.col("spread") / pl.col("rate")
    trend = pl.col("slope") / pl.col("rate")
    is_told = (pl.col("tenths") > 2) & (n > 2) & (pl.col("rate") > 0) & (pl.col("pull") > 0)
    half = (n - 2).map_batches(t_quantile, return_dtype=pl.Float64, is_elementwise=True) * error
    bounded = {"trend": trend, "trend_low": trend - half, "trend_high": trend + half}
    reason = (
        pl.when(pl.col("tenths") < 3).then(pl.lit("few_tenths"))
        .when(pl.col("rate") == 0).then(pl.lit("no_engagement"))
        .when(is_told.not_()).then(pl.lit("no_spread"))
    )  # fmt: skip
    return by_account.select(
        "account_key",
        pl.col("all_followers_known_count").alias("followers_known_count"),
        pl.col("rate").alias("engagement_rate_at_risk"),
        *(pl.when(is_told).then(figure.clip(-RATIO_MAX, RATIO_MAX)).alias(name) for name, figure in bounded.items()),
        pl.when(is_told).then(two_sided_p(trend / error, n - 2)).alias("trend_p"),
        reason.alias("trend_reason"),
    )

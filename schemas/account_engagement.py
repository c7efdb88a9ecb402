"""Engagement of each account in each window."""

import polars as pl

from schemas.columns import Instant, Table, column

TIME_WINDOWS = ("all_time", "last_90_days", "last_12_posts")
REASONS = ("no_posts", "hidden_likes", "no_followers", "no_comments")


class AccountEngagement(Table):
    """One row per account and time window; accounts without posts stay, with the reason beside the null."""

    platform: str = column("Network the account is on", "label", key=True)
    account_id: str = column("The platform's id of the account", "id", key=True)
    time_window: str = column("Which posts count", "label", key=True, isin=TIME_WINDOWS)
    niche: str = column("Normalised topic of the account", "label")
    followers_count: pl.Int64 = column("Followers now, which decide the tier", "count", nullable=True)
    post_count: pl.Int64 = column("Posts in the window, hidden likes included", "count")
    post_known_count: pl.Int64 = column("Of them, posts whose engagement rate is known", "count")
    likes_coverage_ratio: pl.Float64 = column("Posts with known likes over posts", "ratio", nullable=True)
    like_rate_by_followers: pl.Float64 = column("Mean over posts of likes over followers", "ratio", nullable=True)
    engagement_rate_by_followers: pl.Float64 = column(
        "Mean over posts of likes plus comments over followers", "ratio", nullable=True
    )
    engagement_rate_by_followers_median: pl.Float64 = column(
        "Median over posts of likes plus comments over followers", "ratio", nullable=True
    )
    reason: str = column("Why the engagement rate is null", "label", nullable=True, isin=REASONS)
    window_start: Instant = column("Posts are later than this; null is no bound", "instant", nullable=True)
    window_end: Instant = column("Posts are not later than this: the as_of of the run", "instant", nullable=True)

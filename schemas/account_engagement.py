"""Engagement of each account in each window."""

import polars as pl

from schemas.columns import Instant, Table, column

TIME_WINDOWS = ("all_time", "last_90_days", "last_12_posts")
REASONS = ("no_posts", "hidden_likes", "no_followers", "no_comments")
EXPECTED_BASES = ("regression", "regression_leave_one_out")
LIFT_REASONS = ("no_posts", "hidden_likes", "no_followers", "few_accounts", "no_spread", "out_of_range")


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
    like_count_mean: pl.Float64 = column("Mean likes of posts with known likes", "average", nullable=True)
    like_rate_by_followers: pl.Float64 = column("Mean over posts of likes over followers", "ratio", nullable=True)
    engagement_rate_by_followers: pl.Float64 = column(
        "Mean over posts of likes plus comments over followers", "ratio", nullable=True
    )
    engagement_rate_by_followers_median: pl.Float64 = column(
        "Median over posts of likes plus comments over followers", "ratio", nullable=True
    )
    reason: str = column("Why the engagement rate is null", "label", nullable=True, isin=REASONS)
    expected_like_rate_by_followers: pl.Float64 = column(
        "Likes over followers that are usual at its size: engagement_regression over all niches of its platform",
        "ratio",
        nullable=True,
    )
    expected_basis: str = column(
        "What the expectation comes from: the fit, or, below 100 accounts, the fit without the account itself",
        "label",
        nullable=True,
        isin=EXPECTED_BASES,
    )
    engagement_lift: pl.Float64 = column(
        "Mean likes over the likes expected at its size: 1 is as expected", "ratio", nullable=True
    )
    lift_reason: str = column("Why the lift is null", "label", nullable=True, isin=LIFT_REASONS)
    window_start: Instant = column("Posts are later than this; null is no bound", "instant", nullable=True)
    window_end: Instant = column("Posts are not later than this: the as_of of the run", "instant", nullable=True)

"""Engagement of each account in each window."""

import polars as pl

from schemas.columns import Instant, Table, column

TIME_WINDOWS = ("all_time", "last_90_days", "last_12_posts")
REASONS = ("no_posts", "hidden_likes", "no_followers", "no_comments")

PAID_REASONS = (
    "no_posts", "sponsorship_unknown", "few_sponsored", "few_organic", "zero_organic", "zero_sponsored", "no_spread",
    "interval_unbounded",
)  # fmt: skip
# Two rates, of which one divides by one follower and the other by as many as can be.
PAID_RATIO_MAX = 1e25


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
    sponsored_post_count: pl.Int64 = column("Posts known to be paid for", "count")
    organic_post_count: pl.Int64 = column("Posts known not to be paid for", "count")
    sponsorship_unknown_count: pl.Int64 = column("Posts of which nothing tells; they stand on neither side", "count")
    paid_to_organic_ratio: pl.Float64 = column(
        "Median engagement rate of the sponsored posts over that of the organic ones, three of known rate on each side",
        "ratio",
        nullable=True,
        ge=0,
        le=PAID_RATIO_MAX,
    )
    paid_to_organic_ratio_low: pl.Float64 = column(
        "Lower bound of its 95 % interval, by Price and Bonett", "ratio", nullable=True, ge=0, le=PAID_RATIO_MAX
    )
    paid_to_organic_ratio_high: pl.Float64 = column(
        "Upper bound of its 95 % interval", "ratio", nullable=True, ge=0, le=PAID_RATIO_MAX
    )
    paid_reason: str = column(
        "Why that ratio is null; or why its interval alone is: the sponsored median is zero, the posts of each side are"
        " all alike, or no bound can be given",
        "label",
        nullable=True,
        isin=PAID_REASONS,
    )
    is_never_sponsored: pl.Boolean = column(
        "No post is sponsored and of every one it is known; null where it is not, and without posts",
        "flag",
        nullable=True,
    )
    window_start: Instant = column("Posts are later than this; null is no bound", "instant", nullable=True)
    window_end: Instant = column("Posts are not later than this: the as_of of the run", "instant", nullable=True)

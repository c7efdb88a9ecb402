"""Audience: who follows an account and who of them engages, person by person."""

import polars as pl

from schemas.account_engagement import EMPTY_REASONS
from schemas.columns import Instant, Table, column
from schemas.time_windows import TIME_WINDOWS

REASONS = (
    *EMPTY_REASONS,
    "no_followers_listed",
    "partial_followers",
    "likes_unknown",
    "partial_likes",
    "partial_comments",
)


class Audience(Table):
    """One row per account with follower, like or comment lists and time window: counts of distinct people."""

    platform: str = column("Network the account is on", "label", key=True)
    account_id: str = column("The platform's id of the account", "id", key=True)
    time_window: str = column(
        "Whose posts count; followers are those known at as_of", "label", key=True, isin=TIME_WINDOWS
    )
    followers_count: pl.Int64 = column("Followers by the platform's own count", "count", nullable=True)
    followers_known_count: pl.Int64 = column("Distinct followers listed", "count")
    followers_coverage_ratio: pl.Float64 = column("Followers listed over followers_count", "ratio", nullable=True)
    post_count: pl.Int64 = column("Posts in the window", "count")
    engaged_follower_count: pl.Int64 = column(
        "Distinct listed followers who liked or commented; a lower bound where lists are partial", "count"
    )
    follower_engagement_rate: pl.Float64 = column(
        "Engaged followers over followers listed: the strict engagement rate. It grows with the posts counted: compare accounts"
        " by follower_engagement_rate_per_post or _12",
        "ratio",
        nullable=True,
    )
    follower_engagement_rate_low: pl.Float64 = column(
        "Lower bound of its 95 % interval (Wilson)", "ratio", nullable=True
    )
    follower_engagement_rate_high: pl.Float64 = column(
        "Upper bound of its 95 % interval (Wilson)", "ratio", nullable=True
    )
    follower_engagement_rate_per_post: pl.Float64 = column(
        "Share of the listed followers who engage with a post, mean over the posts of the window: compares accounts with"
        " different numbers of posts",
        "ratio", nullable=True,
    )  # fmt: skip
    follower_engagement_rate_12: pl.Float64 = column(
        "Share expected to engage with one or more of twelve posts of the window; compares accounts too, and is null below"
        " twelve posts",
        "ratio", nullable=True,
    )  # fmt: skip
    ghost_follower_share: pl.Float64 = column("Listed followers who did neither", "ratio", nullable=True)
    repeat_engaged_follower_count: pl.Int64 = column("Engaged followers who did so on two posts or more", "count")
    engaged_followers_per_post: pl.Float64 = column(
        "Listed followers who liked or commented on a post, mean over the posts of the window", "average", nullable=True
    )
    listed_like_count: pl.Int64 = column("Distinct likes listed, of a person and a post", "count")
    likes_coverage_ratio: pl.Float64 = column(
        "Likes listed over like_count, of posts whose like_count is known", "ratio", nullable=True
    )
    listed_comment_count: pl.Int64 = column("Distinct comments listed, the account's own among them", "count")
    comments_coverage_ratio: pl.Float64 = column(
        "Comments listed over comment_count, of posts whose comment_count is known", "ratio", nullable=True
    )
    follower_like_share: pl.Float64 = column("Likes by listed followers over likes listed", "ratio", nullable=True)
    liker_count: pl.Int64 = column("Distinct people who liked", "count", nullable=True)
    non_follower_liker_count: pl.Int64 = column(
        "Of them, people who are not among the listed followers", "count", nullable=True
    )
    non_follower_liker_share: pl.Float64 = column("Non-follower likers over likers", "ratio", nullable=True)
    reason: str = column(
        "Why the strict engagement rate, and what is made of it, is null", "label", nullable=True, isin=REASONS
    )
    labelled_follower_count: pl.Int64 = column(
        "Listed followers who follow another account whose niche is known", "count"
    )
    audience_hhi: pl.Float64 = column(
        "Sum of squared niche shares of the audience; null below 30 labelled followers", "ratio", nullable=True
    )
    audience_entropy_nats: pl.Float64 = column(
        "Entropy of the niche shares in nats; null below 30 labelled followers", "ratio", nullable=True
    )
    audience_effective_niches: pl.Float64 = column(
        "Exponential of the entropy: as many equal niches would be as mixed", "ratio", nullable=True
    )
    overlap_count: pl.Int64 = column(
        "Accounts listed beside it in audience_overlap: the same in each window, as the columns on what is left out",
        "count",
    )
    overlap_left_out_few_listed_count: pl.Int64 = column(
        "Accounts it shares followers with that are not listed beside it, as one of the two lists fewer followers than "
        "run_log.overlap_listed_min; a lower bound where more than 5 million shared follows are sampled",
        "count",
    )
    overlap_left_out_smaller_count: pl.Int64 = column(
        "Accounts it shares followers with that are not listed beside it, as run_log.overlap_partners_max others share more; "
        "a lower bound where audience_overlap.sampling_rate is below 1",
        "count",
    )
    window_start: Instant = column("Posts are later than this; null is no bound", "instant", nullable=True)
    window_end: Instant = column("Posts are not later than this: the as_of of the run", "instant", nullable=True)

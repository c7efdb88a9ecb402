"""Engagement of each account in each window."""

import polars as pl

from schemas.columns import COUNT_MAX, RATIO_MAX, Instant, Table, column
from schemas.time_windows import TIME_WINDOWS

# A window has no posts because there are none, or because the account's posts are not dated.
EMPTY_REASONS = ("no_posts", "undated_posts")
REASONS = (*EMPTY_REASONS, "hidden_likes", "no_followers", "no_comments")
EXPECTED_BASES = ("regression", "regression_leave_one_out")
LIFT_REASONS = (*EMPTY_REASONS, "hidden_likes", "no_followers", "few_accounts", "no_spread", "out_of_range")
REACH_REASONS = (*EMPTY_REASONS, "no_reach", "no_interactions")
PEER_REASONS = (*REASONS, "no_tier", "few_peers")
SHRUNK_REASONS = (*REASONS, "no_prior", "scatter_unknown")
VIEWS_REASONS = (*EMPTY_REASONS, "no_views", "no_interactions")
# What is divided by reach and views: likes and comments, and what else is known of every post that counts.
INTERACTIONS = ("likes_comments", "likes_comments_shares", "likes_comments_saves", "likes_comments_shares_saves")

PAID_REASONS = (
    *EMPTY_REASONS, "sponsorship_unknown", "few_sponsored", "few_organic", "zero_organic", "zero_sponsored", "no_spread",
    "interval_unbounded",
)  # fmt: skip
# Fewer than 8 posts of known rate on a side are few.
PAID_VERDICTS = ("less", "more", "cannot_tell", "few_posts")
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
    like_count_mean: pl.Float64 = column("Mean likes of posts with known likes", "average", nullable=True)
    like_rate_by_followers: pl.Float64 = column("Mean over posts of likes over followers", "ratio", nullable=True)
    like_rate_by_followers_median: pl.Float64 = column(
        "Median over posts of likes over followers", "ratio", nullable=True
    )
    comment_rate_by_followers: pl.Float64 = column(
        "Mean of comments over followers, over posts where both are known, hidden likes included; null without any",
        "ratio",
        nullable=True,
    )
    engagement_rate_by_followers: pl.Float64 = column(
        "Mean over posts of likes plus comments over followers", "ratio", nullable=True
    )
    engagement_rate_by_followers_median: pl.Float64 = column(
        "Median over posts of likes plus comments over followers", "ratio", nullable=True
    )
    engagement_rate_by_followers_low: pl.Float64 = column(
        "Lower end of the 95 % t interval of the mean over posts, not below 0; null below two known posts",
        "ratio",
        nullable=True,
    )
    engagement_rate_by_followers_high: pl.Float64 = column(
        "Upper end of that interval",
        "ratio",
        nullable=True,
        # With two posts it lies up to 13.7 means away.
        in_range={"min_value": 0, "max_value": 10 * RATIO_MAX},
    )
    engagement_count_mean: pl.Float64 = column(
        "Mean of likes plus comments over posts where both are known, followers or not", "average", nullable=True,
        in_range={"min_value": 0, "max_value": 2 * COUNT_MAX},
    )  # fmt: skip
    reason: str = column("Why the engagement rate is null", "label", nullable=True, isin=REASONS)
    engagement_rate_shrunk: pl.Float64 = column(
        "Engagement rate to expect on average of posts like these: the account's own, drawn towards what accounts of this"
        " size and niche have, the more the fewer its posts and the more they scatter",
        "ratio", nullable=True,
    )  # fmt: skip
    engagement_rate_shrunk_low: pl.Float64 = column(
        "Lower bound of the 95 % interval of that mean; rank by it", "ratio", nullable=True
    )
    engagement_rate_shrunk_high: pl.Float64 = column("Upper bound of it", "ratio", nullable=True)
    engagement_rate_next_low: pl.Float64 = column(
        "Lower bound of the 95 % interval of the rate of one next post", "ratio", nullable=True
    )
    engagement_rate_next_high: pl.Float64 = column("Upper bound of it", "ratio", nullable=True)
    shrunk_weight: pl.Float64 = column(
        "How much the account's own posts count in the shrunk rate; the rest is what its size and niche lead to expect",
        "ratio", nullable=True, in_range={"min_value": 0, "max_value": 1},
    )  # fmt: skip
    post_sd_log: pl.Float64 = column(
        "Standard deviation of the natural logarithms of its posts' rates, drawn towards that of other accounts",
        "ratio", nullable=True,
    )  # fmt: skip
    engagement_rate_prior: pl.Float64 = column(
        "The rate it is drawn towards: the mean that accounts of this platform, size and niche have",
        "ratio",
        nullable=True,
    )
    is_prior_niche_pooled: pl.Boolean = column(
        "The niche has fewer than 10 accounts, and the prior is not its own", "flag", nullable=True
    )
    shrunk_reason: str = column("Why the shrunk rate is null", "label", nullable=True, isin=SHRUNK_REASONS)
    peer_percentile: pl.Float64 = column(
        "Share of its peers of the same tier with a lower rate, those with an equal one counted half, itself among them: within a"
        " tier the larger ones seem worse",
        "ratio",
        nullable=True,
    )
    peer_count: pl.Int64 = column(
        "Accounts with a rate in the same platform, niche, tier of the default scheme, and window; null without a tier",
        "count",
        nullable=True,
    )
    peer_percentile_nearest: pl.Float64 = column(
        "The same among the 100 accounts of its platform and niche that are nearest in followers, and itself; in a small niche"
        " among all",
        "ratio",
        nullable=True,
    )
    peer_reason: str = column("Why the percentile is null", "label", nullable=True, isin=PEER_REASONS)
    reach_post_count: pl.Int64 = column("Posts with known likes, comments and a reach above zero", "count")
    engagement_rate_by_reach: pl.Float64 = column(
        "Interactions of those posts, as reach_basis says, over their reach: sum over sum", "ratio", nullable=True
    )
    engagement_rate_by_reach_median: pl.Float64 = column(
        "Median over those posts of the same rate of each", "ratio", nullable=True
    )
    reach_basis: str = column(
        "What is divided by reach: likes and comments, and shares and saves where each of those posts has them",
        "label",
        nullable=True,
        isin=INTERACTIONS,
    )
    reach_reason: str = column("Why the rate by reach is null", "label", nullable=True, isin=REACH_REASONS)
    view_post_count: pl.Int64 = column("Posts with known likes, comments and views above zero", "count")
    engagement_rate_by_views: pl.Float64 = column(
        "Interactions of those posts, as views_basis says, over their views: sum over sum", "ratio", nullable=True
    )
    engagement_rate_by_views_median: pl.Float64 = column(
        "Median over those posts of the same rate of each", "ratio", nullable=True
    )
    views_basis: str = column(
        "What is divided by views: likes and comments, and shares and saves where each of those posts has them",
        "label",
        nullable=True,
        isin=INTERACTIONS,
    )
    views_reason: str = column("Why the rate by views is null", "label", nullable=True, isin=VIEWS_REASONS)
    sponsored_post_count: pl.Int64 = column("Posts known to be paid for", "count")
    gifted_post_count: pl.Int64 = column("Posts known to be made for goods and no money; neither side", "count")
    organic_post_count: pl.Int64 = column("Posts known not to be paid for", "count")
    sponsored_known_count: pl.Int64 = column("Sponsored posts whose engagement rate is known", "count")
    sponsored_engaged_count: pl.Int64 = column("Of them, those that got a like or a comment", "count")
    organic_known_count: pl.Int64 = column("Organic posts whose engagement rate is known", "count")
    sponsorship_unknown_count: pl.Int64 = column("Posts of which nothing tells; they stand on neither side", "count")
    paid_to_organic_ratio: pl.Float64 = column(
        "Median engagement rate of the sponsored posts over that of the organic ones, three of known rate on each side or more;"
        " paid_verdict says whether they are enough to judge the account by",
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
    paid_verdict: str = column(
        "Whether its sponsored posts engage less or more than the organic ones: the interval leaves 1 out (less, more) or not"
        " (cannot_tell), and without one Mood's median test says so; few_posts below 8 of known rate on a side, where most"
        " intervals reach over a factor of ten; null below 3, as paid_reason says",
        "label",
        nullable=True,
        isin=PAID_VERDICTS,
    )
    is_never_sponsored: pl.Boolean = column(
        "No post is sponsored and of every one it is known; null where it is not, and without posts",
        "flag",
        nullable=True,
    )
    expected_like_rate_by_followers: pl.Float64 = column(
        "Likes over followers that are usual at its size, the median of such accounts: engagement_regression over all niches of its platform",
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
        "Mean likes over the likes expected at its size: half of the accounts are above 1", "ratio", nullable=True
    )
    expected_like_rate_by_followers_mean: pl.Float64 = column(
        "The mean of such accounts, where the line gives their median: times engagement_regression.smearing_factor",
        "ratio",
        nullable=True,
    )
    engagement_lift_mean: pl.Float64 = column(
        "Mean likes over the mean likes expected at its size: the lifts of all accounts have about the mean 1",
        "ratio",
        nullable=True,
    )
    expected_like_rate_by_followers_smooth: pl.Float64 = column(
        "The same as the first by a curve; null where the line fits (engagement_regression_tiers.is_misfit)",
        "ratio",
        nullable=True,
    )
    engagement_lift_smooth: pl.Float64 = column(
        "Mean likes over the likes expected at its size by that curve", "ratio", nullable=True
    )
    lift_reason: str = column("Why the lift is null", "label", nullable=True, isin=LIFT_REASONS)
    window_start: Instant = column("Posts are later than this; null is no bound", "instant", nullable=True)
    window_end: Instant = column("Posts are not later than this: the as_of of the run", "instant", nullable=True)

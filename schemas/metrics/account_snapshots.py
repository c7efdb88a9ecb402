"""Metrics of one observation: of an account beside the observation before, and of a post."""

from schemas.metrics.metric import Metric

GROWTH = "tests/golden/account_snapshots/growth"
POSTS = "tests/golden/posts/null_is_not_zero"

SNAPSHOTS = (
    Metric(
        name="previous_followers_count",
        label="Followers at the observation before",
        formula="followers_count of the newest earlier dated observation of the account that has one",
        unit="count",
        null_rule="growth_reason is undated, no_followers or first_observation",
        source="own definition",
        columns=("account_snapshots.previous_followers_count",),
        example=GROWTH,
    ),
    Metric(
        name="days_between",
        label="Days since the observation before",
        formula="observed_at - previous_observed_at, in days of 24 hours",
        unit="days",
        null_rule="where previous_followers_count is, with the same growth_reason",
        source="own definition",
        columns=("account_snapshots.days_between",),
        example=GROWTH,
    ),
    Metric(
        name="follower_growth_rate",
        label="Growth of followers since the observation before",
        formula="(followers_count - previous_followers_count) / previous_followers_count",
        unit="ratio",
        null_rule="growth_reason is undated, no_followers, first_observation or from_zero (no followers before)",
        source="own definition",
        columns=("account_snapshots.follower_growth_rate",),
        example=GROWTH,
    ),
    Metric(
        name="followers_gained_per_day",
        label="Followers gained per day",
        formula="(followers_count - previous_followers_count) / days_between",
        unit="average",
        null_rule="where previous_followers_count is, with the same spike_reason; and too_close (less than half a day)",
        source="own definition",
        columns=("account_snapshots.followers_gained_per_day",),
        example=GROWTH,
    ),
    Metric(
        name="growth_spike_score",
        label="How unusual the daily gain is",
        formula="0.6745 * (g - median of g) / (median of |g - median of g|), where g are the account's followers_gained_per_day",
        unit="ratio",
        null_rule="spike_reason is undated, no_followers, first_observation, too_close, few_gains (fewer than 5) or "
        "no_spread (all gains alike)",
        source="the modified z score of Iglewicz and Hoaglin, How to Detect and Handle Outliers, 1993",
        columns=("account_snapshots.growth_spike_score",),
        example=GROWTH,
    ),
    Metric(
        name="followers_count_of_post",
        label="Followers that a post's rates divide by",
        formula="as delivered with the post; else of the account's newest observation at or before the post's observed_at "
        "(else published_at); else of the earliest one after; else of an undated one; followers_basis says which",
        unit="count",
        null_rule="where no observation of the account has followers (followers_basis is null)",
        source="own definition",
        columns=("posts.followers_count",),
        example="tests/golden/posts/followers_basis",
    ),
    Metric(
        name="engagement_count",
        label="Likes plus comments",
        formula="like_count + comment_count",
        unit="count",
        null_rule="where either is",
        source="the article of 2017: likes and comments",
        columns=("posts.engagement_count",),
        example=POSTS,
    ),
    Metric(
        name="like_rate_by_followers_of_post",
        label="Like rate of a post (by followers)",
        formula="like_count / followers_count",
        unit="ratio",
        null_rule="where like_count is null, or followers_count null or 0",
        source="the two worked examples of the article of 2017",
        columns=("posts.like_rate_by_followers",),
        example="tests/golden/posts/worked_examples",
    ),
    Metric(
        name="engagement_rate_by_followers_of_post",
        label="Engagement rate of a post (by followers)",
        formula="(like_count + comment_count) / followers_count",
        unit="ratio",
        null_rule="where engagement_count is null, or followers_count null or 0",
        source="the article of 2017, counting interactions where people cannot be told apart",
        columns=("posts.engagement_rate_by_followers",),
        example=POSTS,
    ),
)

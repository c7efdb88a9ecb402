"""Metrics of an account in a window that divide by those who saw its posts."""

from schemas.metrics.metric import NEVER, Metric

GOLDEN = "tests/golden/account_engagement"

EXPOSURE = (
    Metric(
        name="reach_post_count",
        label="Posts with known reach and interactions",
        formula="number of posts of the window whose likes, comments and reach (above 0) are all known",
        unit="count",
        null_rule=NEVER,
        source="own definition",
        columns=("account_engagement.reach_post_count",),
        example=f"{GOLDEN}/exposure",
    ),
    Metric(
        name="engagement_rate_by_reach",
        label="Engagement rate (by reach)",
        formula="sum(likes + comments, + shares and + saves where each of the posts has them: reach_basis) / sum(reach) over the reach_post_count posts",
        unit="ratio",
        null_rule="reach_reason is no_posts, undated_posts, no_reach (no post has a reach above 0) or no_interactions (no such post has "
        "both likes and comments)",
        source="trade practice (Meta's insights)",
        columns=("account_engagement.engagement_rate_by_reach",),
        example=f"{GOLDEN}/exposure",
    ),
    Metric(
        name="engagement_rate_by_reach_median",
        label="Engagement rate, median of posts (by reach)",
        formula="median over the reach_post_count posts of the same interactions / reach",
        unit="ratio",
        null_rule="where engagement_rate_by_reach is, with the same reach_reason",
        source="own definition",
        columns=("account_engagement.engagement_rate_by_reach_median",),
        example=f"{GOLDEN}/exposure",
    ),
    Metric(
        name="view_post_count",
        label="Posts with known views and interactions",
        formula="number of posts of the window whose likes, comments and views (above 0) are all known",
        unit="count",
        null_rule=NEVER,
        source="own definition",
        columns=("account_engagement.view_post_count",),
        example=f"{GOLDEN}/exposure",
    ),
    Metric(
        name="engagement_rate_by_views",
        label="Engagement rate (by views)",
        formula="sum(likes + comments, + shares and + saves where each of the posts has them: views_basis) / sum(views) over the view_post_count posts",
        unit="ratio",
        null_rule="views_reason is no_posts, undated_posts, no_views (no post has views above 0) or no_interactions (no such post has "
        "both likes and comments)",
        source="trade practice (rates of TikTok and YouTube)",
        columns=("account_engagement.engagement_rate_by_views",),
        example=f"{GOLDEN}/exposure",
    ),
    Metric(
        name="engagement_rate_by_views_median",
        label="Engagement rate, median of posts (by views)",
        formula="median over the view_post_count posts of the same interactions / views",
        unit="ratio",
        null_rule="where engagement_rate_by_views is, with the same views_reason",
        source="own definition",
        columns=("account_engagement.engagement_rate_by_views_median",),
        example=f"{GOLDEN}/exposure",
    ),
)

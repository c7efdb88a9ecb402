"""Metrics of an audience: people counted one by one, from lists of followers, likes and comments."""

from schemas.metrics.metric import NEVER, Metric

GRAPH = "tests/golden/audience/graph"
RAREFIED = "tests/golden/audience/engaged_of_twelve_posts"
NO_STRICT_RATE = (
    "reason is no_posts, undated_posts, no_followers_listed, partial_followers (followers_coverage_ratio below 0.95), likes_unknown "
    "(of more than half of the posts neither a count of likes nor a list of any), partial_likes (likes_coverage_ratio "
    "below 0.95) or partial_comments (comments_coverage_ratio below 0.95)"
)
SAME_NULL = "where follower_engagement_rate is, with the same reason"
LEFT_OUT = "tests/golden/audience/overlaps_left_out"
SAMPLED = "a lower bound where there are more than 5 million shared follows, as some people are looked at then"
BOTH_LISTED = "without listed followers or without listed likes"
WILSON = "Wilson, Probable Inference, JASA 1927"

AUDIENCE = (
    Metric(
        name="followers_known_count",
        label="Followers listed",
        formula="number of distinct people in the account's lists of followers, without the account itself; the newest "
        "complete list replaces those observed before it",
        unit="count",
        null_rule=NEVER,
        source="own definition",
        columns=("audience.followers_known_count", "audience_overlap.followers_known_count"),
        example=GRAPH,
    ),
    Metric(
        name="followers_coverage_ratio",
        label="Share of its followers that is listed",
        formula="followers_known_count / followers_count",
        unit="ratio",
        null_rule="where followers_count is null or 0",
        source="own definition",
        columns=("audience.followers_coverage_ratio",),
        example=GRAPH,
    ),
    Metric(
        name="engaged_follower_count",
        label="Followers who like or comment",
        formula="number of listed followers who liked or commented on a post of the window; a lower bound where lists are "
        "partial",
        unit="count",
        null_rule=NEVER,
        source="the article of 2017: followers who like or comment",
        columns=("audience.engaged_follower_count",),
        example=GRAPH,
    ),
    Metric(
        name="engaged_followers_per_post",
        label="Followers who like or comment on a post",
        formula="number of distinct pairs of a listed follower and a post of the window that the follower liked or "
        "commented on / post_count",
        unit="average",
        null_rule=f"{SAME_NULL}; and where of more than 5 % of the posts there is neither a count of likes nor a list of any",
        source="own definition",
        columns=("audience.engaged_followers_per_post",),
        example=GRAPH,
    ),
    Metric(
        name="follower_engagement_rate",
        label="Share of followers who like or comment",
        formula="engaged_follower_count / followers_known_count",
        unit="ratio",
        null_rule=NO_STRICT_RATE,
        source="the article of 2017, taken by its word",
        columns=("audience.follower_engagement_rate",),
        example=GRAPH,
    ),
    Metric(
        name="follower_engagement_rate_low",
        label="Share of followers who like or comment, from (95 % interval)",
        formula="(p + z^2/2n - z * sqrt(p * (1 - p)/n + z^2/4n^2)) / (1 + z^2/n), p = follower_engagement_rate, n = "
        "followers_known_count, z = 1.959964",
        unit="ratio",
        null_rule=SAME_NULL,
        source=WILSON,
        columns=("audience.follower_engagement_rate_low",),
        example=GRAPH,
    ),
    Metric(
        name="follower_engagement_rate_high",
        label="Share of followers who like or comment, to (95 % interval)",
        formula="(p + z^2/2n + z * sqrt(p * (1 - p)/n + z^2/4n^2)) / (1 + z^2/n), letters as for "
        "follower_engagement_rate_low",
        unit="ratio",
        null_rule=SAME_NULL,
        source=WILSON,
        columns=("audience.follower_engagement_rate_high",),
        example=GRAPH,
    ),
    Metric(
        name="follower_engagement_rate_per_post",
        label="Share of followers who engage with a post",
        formula="sum over followers of the posts each engaged with / (post_count * followers_known_count)",
        unit="ratio",
        null_rule="where engaged_followers_per_post is",
        source="own definition",
        columns=("audience.follower_engagement_rate_per_post",),
        example=RAREFIED,
    ),
    Metric(
        name="follower_engagement_rate_12",
        label="Share of followers who engage with one or more of twelve posts",
        formula="sum over followers of 1 - C(P - e, 12) / C(P, 12) / followers_known_count, P = post_count, e = posts that the "
        "follower engaged with",
        unit="ratio",
        null_rule="where engaged_followers_per_post is, and below twelve posts",
        source="exact rarefaction (Hurlbert 1971)",
        columns=("audience.follower_engagement_rate_12",),
        example=RAREFIED,
    ),
    Metric(
        name="ghost_follower_share",
        label="Share of followers who neither like nor comment",
        formula="1 - follower_engagement_rate",
        unit="ratio",
        null_rule=SAME_NULL,
        source="trade practice (ghost followers)",
        columns=("audience.ghost_follower_share",),
        example=GRAPH,
    ),
    Metric(
        name="repeat_engaged_follower_count",
        label="Followers who like or comment on two posts or more",
        formula="number of listed followers who liked or commented on at least two posts of the window",
        unit="count",
        null_rule=NEVER,
        source="own definition",
        columns=("audience.repeat_engaged_follower_count",),
        example=GRAPH,
    ),
    Metric(
        name="listed_like_count",
        label="Likes listed",
        formula="number of distinct pairs of a person and a post of the window in the lists of likes, the account's own "
        "left out",
        unit="count",
        null_rule=NEVER,
        source="own definition",
        columns=("audience.listed_like_count",),
        example=GRAPH,
    ),
    Metric(
        name="listed_likes_coverage_ratio",
        label="Share of likes that is listed",
        formula="likes listed / sum of like_count, both over posts of the window whose like_count is known",
        unit="ratio",
        null_rule="where of no post the like_count is known, and where they add up to 0",
        source="own definition",
        columns=("audience.likes_coverage_ratio",),
        example=GRAPH,
    ),
    Metric(
        name="listed_comment_count",
        label="Comments listed",
        formula="number of distinct comments on posts of the window in the lists of comments, by their id, else by author "
        "and time; the account's own are among them, as they are in comment_count",
        unit="count",
        null_rule=NEVER,
        source="own definition",
        columns=("audience.listed_comment_count",),
        example=GRAPH,
    ),
    Metric(
        name="comments_coverage_ratio",
        label="Share of comments that is listed",
        formula="comments listed / sum of comment_count, both over posts of the window whose comment_count is known",
        unit="ratio",
        null_rule="where of no post the comment_count is known, and where they add up to 0",
        source="own definition",
        columns=("audience.comments_coverage_ratio",),
        example=GRAPH,
    ),
    Metric(
        name="follower_like_share",
        label="Share of likes that come from followers",
        formula="likes by listed followers / listed_like_count",
        unit="ratio",
        null_rule=BOTH_LISTED,
        source="own definition",
        columns=("audience.follower_like_share",),
        example=GRAPH,
    ),
    Metric(
        name="liker_count",
        label="People who like",
        formula="number of distinct people in the lists of likes of the window",
        unit="count",
        null_rule="without listed likes",
        source="own definition",
        columns=("audience.liker_count",),
        example=GRAPH,
    ),
    Metric(
        name="non_follower_liker_count",
        label="People who like and do not follow",
        formula="number of them who are not among the listed followers",
        unit="count",
        null_rule=BOTH_LISTED,
        source="own definition",
        columns=("audience.non_follower_liker_count",),
        example=GRAPH,
    ),
    Metric(
        name="non_follower_liker_share",
        label="Share of those who like that does not follow",
        formula="non_follower_liker_count / liker_count",
        unit="ratio",
        null_rule=BOTH_LISTED,
        source="own definition",
        columns=("audience.non_follower_liker_share",),
        example=GRAPH,
    ),
    Metric(
        name="overlap_count",
        label="Accounts it shares followers with, listed",
        formula="number of its rows in audience_overlap, the same in each window",
        unit="count",
        null_rule=NEVER,
        source="own definition",
        columns=("audience.overlap_count",),
        example=LEFT_OUT,
    ),
    Metric(
        name="overlap_left_out_few_listed_count",
        label="Accounts it shares followers with, left out for short lists",
        formula="number of accounts with a follower in common where one of the two lists fewer followers than "
        f"run_log.overlap_listed_min; {SAMPLED}",
        unit="count",
        null_rule=NEVER,
        source="own definition",
        columns=("audience.overlap_left_out_few_listed_count",),
        example=LEFT_OUT,
    ),
    Metric(
        name="overlap_left_out_smaller_count",
        label="Accounts it shares followers with, left out as others share more",
        formula="number of accounts with a follower in common, both with lists long enough, beyond the "
        f"run_log.overlap_partners_max largest overlaps; {SAMPLED}",
        unit="count",
        null_rule=NEVER,
        source="own definition",
        columns=("audience.overlap_left_out_smaller_count",),
        example=LEFT_OUT,
    ),
)

"""Metrics of whether late followers engage like early ones."""

from schemas.metrics.metric import NEVER, Metric

AT_RISK = "tests/golden/audience_dilution/posts_after_joining"
TREND = "tests/golden/audience_dilution_trend/posts_after_joining"
ERROR = (
    "sqrt(n / (n - 1) * sum over followers of (a - r * x)^2) / sum(x), r = engagement_rate_at_risk, x = later posts of a "
    "follower, a = those it engaged with, n = followers_known_count"
)
NO_SPREAD = "for one follower, and where the followers do not differ (sum of (a - r * x)^2 is 0)"
DILUTION = "tests/golden/audience_dilution/early_and_late"

DILUTIONS = (
    Metric(
        name="followers_of_tenth",
        label="Followers of the tenth",
        formula="number of listed followers with a follow time of this tenth, by order of joining",
        unit="count",
        null_rule=NEVER,
        source="own definition",
        columns=("audience_dilution.followers_known_count",),
        example=DILUTION,
    ),
    Metric(
        name="engaged_followers_of_tenth",
        label="Followers of the tenth who like or comment",
        formula="number of them who liked or commented on any post",
        unit="count",
        null_rule=NEVER,
        source="own definition",
        columns=("audience_dilution.engaged_follower_count",),
        example=DILUTION,
    ),
    Metric(
        name="follower_engagement_rate_of_tenth",
        label="Share of the tenth who like or comment",
        formula="engaged_follower_count / followers_known_count of the tenth",
        unit="ratio",
        null_rule="where audience.follower_engagement_rate over all time is null, with the reason there",
        source="own definition; on early followers Grabowicz et al., ICWSM 2016",
        columns=("audience_dilution.follower_engagement_rate",),
        example=DILUTION,
    ),
    Metric(
        name="at_risk_count",
        label="Pairs of a follower and a later post",
        formula="number of pairs of a listed follower of the tenth and a dated post published after the follower joined",
        unit="count",
        null_rule=NEVER,
        source="own definition",
        columns=("audience_dilution.at_risk_count",),
        example=AT_RISK,
    ),
    Metric(
        name="engaged_at_risk_count",
        label="Of them, pairs with engagement",
        formula="number of them in which the follower liked or commented on the post",
        unit="count",
        null_rule=NEVER,
        source="own definition",
        columns=("audience_dilution.engaged_at_risk_count",),
        example=AT_RISK,
    ),
    Metric(
        name="engagement_rate_at_risk",
        label="Share of later posts that a follower engages with",
        formula="engaged_at_risk_count / at_risk_count",
        unit="ratio",
        null_rule="where audience.follower_engagement_rate over all time is null, with the reason there; and where at_risk_count "
        "is 0",
        source="own definition; on early followers Grabowicz et al., ICWSM 2016",
        columns=("audience_dilution.engagement_rate_at_risk",),
        example=AT_RISK,
    ),
    Metric(
        name="engagement_rate_at_risk_low",
        label="Share of later posts that a follower engages with, from (95 % interval)",
        formula=f"max(0, r - t(0.975, n - 1) * {ERROR})",
        unit="ratio",
        null_rule=f"where engagement_rate_at_risk is, {NO_SPREAD}",
        source="ratio estimate, Cochran, Sampling Techniques, 1977",
        columns=("audience_dilution.engagement_rate_at_risk_low",),
        example=AT_RISK,
    ),
    Metric(
        name="engagement_rate_at_risk_high",
        label="Share of later posts that a follower engages with, to (95 % interval)",
        formula=f"min(1, r + t(0.975, n - 1) * {ERROR})",
        unit="ratio",
        null_rule=f"where engagement_rate_at_risk is, {NO_SPREAD}",
        source="ratio estimate, Cochran 1977",
        columns=("audience_dilution.engagement_rate_at_risk_high",),
        example=AT_RISK,
    ),
    Metric(
        name="followers_of_trend",
        label="Followers with a follow time",
        formula="number of listed followers in tenths with pairs of a follower and a later post",
        unit="count",
        null_rule=NEVER,
        source="own definition",
        columns=("audience_dilution_trend.followers_known_count",),
        example=TREND,
    ),
    Metric(
        name="engagement_rate_at_risk_of_account",
        label="Share of later posts that followers engage with",
        formula="sum of engaged_at_risk_count / sum of at_risk_count over the tenths",
        unit="ratio",
        null_rule="where audience.follower_engagement_rate over all time is",
        source="own definition",
        columns=("audience_dilution_trend.engagement_rate_at_risk",),
        example=TREND,
    ),
    Metric(
        name="trend",
        label="Change of engagement from one tenth to the next",
        formula="b / r, b = sum((d - m) * a) / sum((d - m)^2 * x) over tenths d, a = engaged_at_risk_count, x = at_risk_count, "
        "m = mean of d weighed by x, r = sum(a) / sum(x)",
        unit="ratio",
        null_rule="trend_reason is that of audience.follower_engagement_rate (no_posts, undated_posts, no_followers_listed, "
        "partial_followers, likes_unknown, partial_likes, partial_comments), few_tenths (fewer than three with pairs), "
        "no_engagement (r is 0) or no_spread (every follower is on the line)",
        source="own definition; weighted least squares through the followers",
        columns=("audience_dilution_trend.trend",),
        example=TREND,
    ),
    Metric(
        name="trend_low",
        label="Change of engagement from one tenth to the next, from (95 % interval)",
        formula="trend - t(0.975, n - 2) * se, se = sqrt(n / (n - 2) * sum over followers of (d - m)^2 * (a - f * x)^2) / (sum((d - "
        "m)^2 * x) * r), f = r + b * (d - m)",
        unit="ratio",
        null_rule="where trend is, with the same trend_reason",
        source="errors robust to unequal scatter (White 1980)",
        columns=("audience_dilution_trend.trend_low",),
        example=TREND,
    ),
    Metric(
        name="trend_high",
        label="Change of engagement from one tenth to the next, to (95 % interval)",
        formula="trend + t(0.975, n - 2) * se, letters as for trend_low",
        unit="ratio",
        null_rule="where trend is, with the same trend_reason",
        source="errors robust to unequal scatter (White 1980)",
        columns=("audience_dilution_trend.trend_high",),
        example=TREND,
    ),
    Metric(
        name="trend_p",
        label="Chance of such a trend where there is none",
        formula="2 * T(-|trend / se|) of Student's t with n - 2 degrees of freedom, letters as for trend_low",
        unit="ratio",
        null_rule="where trend is, with the same trend_reason",
        source="t test of the slope",
        columns=("audience_dilution_trend.trend_p",),
        example=TREND,
    ),
)

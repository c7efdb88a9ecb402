"""Metrics of sponsored posts beside the others."""

from schemas.metrics.metric import NEVER, Metric

PAID = "tests/golden/account_engagement/paid_to_organic"
GIFTED = "tests/golden/account_engagement/gifted"
PRICE_AND_BONETT = "Price and Bonett, Distribution-free confidence intervals for difference and ratio of medians, 2002"

SPONSORSHIP = (
    Metric(
        name="sponsored_post_count",
        label="Sponsored posts",
        formula="number of posts of the window whose is_sponsored is true",
        unit="count",
        null_rule=NEVER,
        source="own definition",
        columns=("account_engagement.sponsored_post_count",),
        example=PAID,
    ),
    Metric(
        name="gifted_post_count",
        label="Posts made for goods",
        formula="number of posts of the window whose compensation is gifted",
        unit="count",
        null_rule=NEVER,
        source="own definition",
        columns=("account_engagement.gifted_post_count",),
        example=GIFTED,
    ),
    Metric(
        name="organic_post_count",
        label="Posts made for neither money nor goods",
        formula="number of posts of the window whose compensation is none",
        unit="count",
        null_rule=NEVER,
        source="own definition",
        columns=("account_engagement.organic_post_count",),
        example=PAID,
    ),
    Metric(
        name="sponsorship_unknown_count",
        label="Posts that may be sponsored or not",
        formula="post_count - sponsored_post_count - gifted_post_count - organic_post_count",
        unit="count",
        null_rule=NEVER,
        source="own definition",
        columns=("account_engagement.sponsorship_unknown_count",),
        example=PAID,
    ),
    Metric(
        name="paid_to_organic_ratio",
        label="Sponsored posts beside the others",
        formula="median engagement_rate_by_followers of the sponsored posts / that of the organic ones",
        unit="ratio",
        null_rule="paid_reason is no_posts, undated_posts, sponsorship_unknown (of every post), few_sponsored or few_organic (fewer than "
        "3 of known rate on the side) or zero_organic (that median is 0)",
        source="own definition, after comparisons of Socialbakers 2019",
        columns=("account_engagement.paid_to_organic_ratio",),
        example=PAID,
    ),
    Metric(
        name="paid_to_organic_ratio_low",
        label="Sponsored posts beside the others, from (95 % interval)",
        formula="ratio / exp(t * e), where e is the standard error of the logarithm of the ratio (each median's by McKean "
        "and Schrader) and t Student's 0.975 quantile with Welch's degrees of freedom",
        unit="ratio",
        null_rule="where paid_to_organic_ratio is, with the same paid_reason; and where it is zero_sponsored, no_spread "
        "(the posts of each side are all alike) or interval_unbounded",
        source=PRICE_AND_BONETT,
        columns=("account_engagement.paid_to_organic_ratio_low",),
        example=PAID,
    ),
    Metric(
        name="paid_to_organic_ratio_high",
        label="Sponsored posts beside the others, to (95 % interval)",
        formula="ratio * exp(t * e), letters as for paid_to_organic_ratio_low",
        unit="ratio",
        null_rule="where paid_to_organic_ratio_low is",
        source=PRICE_AND_BONETT,
        columns=("account_engagement.paid_to_organic_ratio_high",),
        example=PAID,
    ),
    Metric(
        name="is_never_sponsored",
        label="Never sponsored",
        formula="true where post_count = organic_post_count + gifted_post_count, false where sponsored_post_count > 0",
        unit="flag",
        null_rule="without posts, and where no post is sponsored but of some it is not known",
        source="own definition",
        columns=("account_engagement.is_never_sponsored",),
        example=PAID,
    ),
)

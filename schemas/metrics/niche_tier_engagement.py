"""Metrics of a cell: all accounts of a niche, a tier, or both, in a window."""

from schemas.metrics.metric import NEVER, Metric

TABLES = ("niche_tier_engagement", "tier_engagement", "niche_engagement")
GOLDEN = "tests/golden/niche_tier_engagement/distribution"
NO_RATE = "where no account of the cell has a rate (account_count is 0)"
NO_FOLLOWERS = "where of no listed account the followers are known"
QUANTILE = "over the account_count accounts, linear between neighbours"


def in_cells(column: str) -> tuple[str, ...]:
    """A column of all three aggregates."""
    return tuple(f"{table}.{column}" for table in TABLES)


CELLS = (
    Metric(
        name="account_count_of_cell",
        label="Accounts with a rate",
        formula="number of accounts of the cell whose engagement_rate_by_followers in the window is known",
        unit="count",
        null_rule=NEVER,
        source="own definition",
        columns=(*in_cells("account_count"), "headline_engagement.account_count"),
        example=GOLDEN,
    ),
    Metric(
        name="account_listed_count_of_cell",
        label="Accounts",
        formula="number of accounts of the cell, those without a rate included",
        unit="count",
        null_rule=NEVER,
        source="own definition",
        columns=in_cells("account_listed_count"),
        example=GOLDEN,
    ),
    Metric(
        name="post_count_of_cell",
        label="Posts",
        formula="sum of post_count over the listed accounts",
        unit="count",
        null_rule=NEVER,
        source="own definition",
        columns=(*in_cells("post_count"), "headline_engagement.post_count"),
        example=GOLDEN,
    ),
    Metric(
        name="post_known_count_of_cell",
        label="Posts with a known engagement rate",
        formula="sum of post_known_count over the listed accounts",
        unit="count",
        null_rule=NEVER,
        source="own definition",
        columns=in_cells("post_known_count"),
        example=GOLDEN,
    ),
    Metric(
        name="followers_count_sum",
        label="Total reach (followers, counted as often as they follow)",
        formula="sum of followers_count over the listed accounts",
        unit="count",
        null_rule=NO_FOLLOWERS,
        source="own definition",
        columns=in_cells("followers_count_sum"),
        example=GOLDEN,
    ),
    Metric(
        name="followers_count_mean",
        label="Followers, mean of accounts",
        formula="mean of followers_count over the listed accounts that have one",
        unit="average",
        null_rule=NO_FOLLOWERS,
        source="own definition",
        columns=in_cells("followers_count_mean"),
        example=GOLDEN,
    ),
    Metric(
        name="followers_count_median",
        label="Followers, median of accounts",
        formula="median of followers_count over the listed accounts that have one",
        unit="average",
        null_rule=NO_FOLLOWERS,
        source="own definition",
        columns=in_cells("followers_count_median"),
        example=GOLDEN,
    ),
    Metric(
        name="like_rate_by_followers_mean",
        label="Like rate, mean of accounts (by followers)",
        formula="mean of like_rate_by_followers over the accounts of the cell that have one",
        unit="ratio",
        null_rule="where no account of the cell has a like rate",
        source="as the bands of Markerly 2016",
        columns=in_cells("like_rate_by_followers_mean"),
        example=GOLDEN,
    ),
    Metric(
        name="engagement_rate_by_followers_mean",
        label="Engagement rate, mean of accounts (by followers)",
        formula="mean of engagement_rate_by_followers, itself a mean of posts, over the account_count accounts",
        unit="ratio",
        null_rule=NO_RATE,
        source="the article of 2017, per niche and size",
        columns=in_cells("engagement_rate_by_followers_mean"),
        example=GOLDEN,
    ),
    Metric(
        name="engagement_rate_by_followers_median_of_cell",
        label="Engagement rate, median of accounts (by followers)",
        formula="median of engagement_rate_by_followers, itself a mean of posts, over the account_count accounts",
        unit="ratio",
        null_rule=NO_RATE,
        source="own definition",
        columns=in_cells("engagement_rate_by_followers_median"),
        example=GOLDEN,
    ),
    Metric(
        name="engagement_rate_by_followers_p25",
        label="Engagement rate that three of four accounts exceed",
        formula=f"0.25 quantile of engagement_rate_by_followers {QUANTILE}",
        unit="ratio",
        null_rule=NO_RATE,
        source="quantile type 7 of Hyndman and Fan 1996",
        columns=in_cells("engagement_rate_by_followers_p25"),
        example=GOLDEN,
    ),
    Metric(
        name="engagement_rate_by_followers_p75",
        label="Engagement rate that one of four accounts exceeds",
        formula=f"0.75 quantile of engagement_rate_by_followers {QUANTILE}",
        unit="ratio",
        null_rule=NO_RATE,
        source="quantile type 7 of Hyndman and Fan 1996",
        columns=in_cells("engagement_rate_by_followers_p75"),
        example=GOLDEN,
    ),
)

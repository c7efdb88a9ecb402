"""How far estimates of rates may be trusted: one post of each account held back, and foretold from the others."""

import polars as pl

from schemas.columns import Table, column
from schemas.shrunk_rates import RATES

POSTS_SEEN = {1: "1", 2: "2 to 3", 4: "4 to 6", 7: "7 to 12", 13: "13 or more"}


class RateCalibration(Table):
    """One row per platform, rate, tier and number of posts seen, over all time: how well a held-back post is foretold."""

    platform: str = column("Network", "label", key=True)
    rate: str = column(
        "Which rate: a column of account_engagement", "label", key=True, isin=("engagement_rate_by_followers", *RATES)
    )
    tier: str = column("Tier of the default scheme; null without followers", "label", nullable=True, key=True)
    posts_seen: str = column(
        "Posts that the estimates are made of, the one held back left out",
        "label",
        key=True,
        isin=tuple(POSTS_SEEN.values()),
    )
    account_count: pl.Int64 = column("Accounts with a post held back", "count")
    next_held_count: pl.Int64 = column("Of them, accounts whose post lies in the interval of the next post", "count")
    next_held_ratio: pl.Float64 = column(
        "Share of them: 0.95 where the intervals say what they should",
        "ratio",
        in_range={"min_value": 0, "max_value": 1},
    )
    raw_error_log: pl.Float64 = column(
        "How far the logarithm of the post's rate is from the mean of the others' (root of the mean square)", "ratio"
    )
    expected_error_log: pl.Float64 = column("The same from what size and niche lead to expect", "ratio")
    shrunk_error_log: pl.Float64 = column("The same from the shrunk rate", "ratio")

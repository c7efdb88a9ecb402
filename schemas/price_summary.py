"""What posts cost per platform, tier and kind of post."""

import polars as pl

from schemas.columns import COST_MAX, COUNT_MAX, Table, column
from schemas.rates import COMPENSATIONS


class PriceSummary(Table):
    """One row per platform, tier, kind of post, currency and compensation: newest quotes, one for each account."""

    platform: str = column("Network the posts would be on", "label", key=True)
    tier: str = column(
        "Tier of the accounts under the default scheme; null without followers", "label", nullable=True, key=True
    )
    media_type: str = column("Kind of post", "text", nullable=True, key=True)
    currency: str = column("ISO 4217 code; never converted into another", "label", nullable=True, key=True)
    compensation: str = column(
        "Paid in money or in goods, or priced on request; cash where the quote does not say", "label",
        key=True, isin=COMPENSATIONS,
    )  # fmt: skip
    account_listed_count: pl.Int64 = column(
        "Accounts with a newest quote, a range or an offer without a price", "count"
    )
    account_count: pl.Int64 = column("Of them, accounts with a price above zero: those the figures are of", "count")
    zero_price_count: pl.Int64 = column("Accounts whose price is zero: free, or not known", "count")
    range_count: pl.Int64 = column("Accounts that quote a range and no price", "count")
    price_mean: pl.Float64 = column("Mean price", "cost", nullable=True)
    price_lowest: pl.Float64 = column("Lowest price", "cost", nullable=True)
    price_p25: pl.Float64 = column("First quartile of the prices", "cost", nullable=True)
    price_median: pl.Float64 = column("Median price", "cost", nullable=True)
    price_p75: pl.Float64 = column("Third quartile of the prices", "cost", nullable=True)
    price_highest: pl.Float64 = column("Highest price", "cost", nullable=True)
    price_min_median: pl.Float64 = column("Median of the lower ends of quoted ranges", "cost", nullable=True)
    price_max_median: pl.Float64 = column("Median of the upper ends of quoted ranges", "cost", nullable=True)
    share_under_500: pl.Float64 = column(
        "Accounts whose price is below 500 of the currency, over accounts with a price; cash in a known currency alone",
        "ratio",
        nullable=True,
    )
    cost_per_engagement_median: pl.Float64 = column("Median cost per like or comment", "cost", nullable=True)
    cost_per_1000_followers_median: pl.Float64 = column("Median cost for each 1,000 followers", "cost", nullable=True)
    cost_per_engaged_follower_median: pl.Float64 = column(
        "Median cost per follower who likes or comments", "cost", nullable=True
    )
    price_to_rule_of_thumb_median: pl.Float64 = column(
        "Median of price over a hundredth of the followers; US dollars alone", "ratio", nullable=True,
        in_range={"min_value": 0, "max_value": COST_MAX},
    )  # fmt: skip
    followers_count_median: pl.Float64 = column("Median followers of accounts with a price", "average", nullable=True)
    engagement_count_mean_median: pl.Float64 = column(
        "Median over accounts with a price of their mean likes plus comments of a post", "average", nullable=True,
        in_range={"min_value": 0, "max_value": 2 * COUNT_MAX},
    )  # fmt: skip

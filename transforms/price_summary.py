"""Newest quotes to what posts cost per platform, tier and kind of post."""

import polars as pl

from schemas.rates import CASH
from transforms.rates import ACCOUNT, KIND
from transforms.stats.exact_sums import exact_mean

# The article of 2017: a micro-influencer costs under $500 a post.
CHEAP = 500
COSTS = ["cost_per_engagement", "cost_per_1000_followers", "cost_per_engaged_follower", "price_to_rule_of_thumb"]


def rates_to_price_summary(rates: pl.DataFrame, accounts: pl.LazyFrame, engagement: pl.LazyFrame) -> pl.DataFrame:
    """The mart `price_summary`."""
    brings = engagement.filter(pl.col("time_window") == "all_time").select(*ACCOUNT, "engagement_count_mean")
    quoted = rates.lazy().select(ACCOUNT).unique()
    # Accounts are many, and few of them have a price.
    of_accounts, brings = (
        rows.join(quoted, on=ACCOUNT, how="semi")
        for rows in (accounts.select(*ACCOUNT, "tier", "followers_count"), brings)
    )
    return (
        _one_quote_each(rates.lazy())
        .join(of_accounts, on=ACCOUNT, how="left")
        .join(brings, on=ACCOUNT, how="left")
        .pipe(_summed_up)
        .collect()
    )


def _one_quote_each(rates: pl.LazyFrame) -> pl.LazyFrame:
    """The newest quote of an account and kind. Of several of one day the highest counts, as the larger count does."""
    return (
        rates.filter("is_newest")
        .group_by(*ACCOUNT, *KIND)
        .agg(pl.col("price", "price_min", "price_max", *COSTS).max().cast(pl.Float64))
    )


def _summed_up(quotes: pl.LazyFrame) -> pl.LazyFrame:
    """A price of zero is free or not known, and no bargain: it is counted and left out of every figure."""
    priced = pl.col("price") > 0
    price = pl.col("price").filter(priced)
    in_cash = (pl.col("compensation") == CASH) & pl.col("currency").is_not_null()
    ranges = pl.col("price").is_null() & (pl.col("price_min").is_not_null() | pl.col("price_max").is_not_null())
    under = (price < CHEAP).sum() / price.count()
    return (
        quotes.group_by("platform", "tier", *KIND)
        .agg(
            pl.len().cast(pl.Int64).alias("account_listed_count"),
            price.count().cast(pl.Int64).alias("account_count"),
            (pl.col("price") == 0).sum().cast(pl.Int64).alias("zero_price_count"),
            ranges.sum().cast(pl.Int64).alias("range_count"),
            exact_mean(price).alias("price_mean"),
            price.min().alias("price_lowest"),
            price.quantile(0.25, interpolation="linear").alias("price_p25"),
            price.median().alias("price_median"),
            price.quantile(0.75, interpolation="linear").alias("price_p75"),
            price.max().alias("price_highest"),
            pl.col("price_min").median().alias("price_min_median"),
            pl.col("price_max").median().alias("price_max_median"),
            pl.when(price.count() > 0).then(under).alias("share_under_500"),
            *(pl.col(name).filter(priced).median().alias(f"{name}_median") for name in COSTS),
            pl.col("followers_count").filter(priced).median().alias("followers_count_median"),
            pl.col("engagement_count_mean").filter(priced).median().alias("engagement_count_mean_median"),
        )
        .with_columns(pl.when(in_cash).then(pl.col("share_under_500")).alias("share_under_500"))
    )

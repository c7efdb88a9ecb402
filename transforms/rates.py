"""Price quotes to the table of distinct quotes, and what they cost by what an account brings."""

from datetime import date

import polars as pl

from schemas.rates import CASH

ACCOUNT = ["platform", "account_id"]
# What a price is for and in; prices that differ in one of these are never compared.
KIND = ["media_type", "currency", "compensation"]
DAY = [*ACCOUNT, *KIND, "quoted_on"]
# "A cent a follower": a rule of thumb in US dollars.
THUMB = 0.01


def quotes_to_rates(quotes: pl.LazyFrame) -> pl.LazyFrame:
    """Every distinct quote, the newest of each kind marked, and those that others of their kind and day contradict."""
    day = pl.col("quoted_on").fill_null(date(1, 1, 1))
    # Before repeats are looked for: a quote that says it is cash and one that says nothing are the same quote. Lakes that
    # were filled long ago have currencies as they were delivered.
    code = pl.col("currency").str.strip_chars().str.to_uppercase()
    quotes = quotes.with_columns(pl.col("compensation").fill_null(CASH), code)
    return quotes.unique().with_columns(
        (day == day.max().over(*ACCOUNT, *KIND)).alias("is_newest"),
        (amount_quoted().drop_nulls().n_unique().over(DAY) > 1).alias("is_disputed"),
    )


def amount_quoted() -> pl.Expr:
    """A price or a range as text; null where a quote has neither."""
    low, high = (pl.col(name).cast(pl.String) for name in ("price_min", "price_max"))
    span = pl.concat_str(low.fill_null("?"), pl.lit(" to "), high.fill_null("?"))
    return pl.coalesce(pl.col("price").cast(pl.String), pl.when(low.is_not_null() | high.is_not_null()).then(span))


def with_costs(rates: pl.LazyFrame, engagement: pl.LazyFrame, audience: pl.LazyFrame) -> pl.DataFrame:
    """The mart `rates`: the quotes, and what they cost by what their accounts bring."""
    price, followers = pl.col("price").cast(pl.Float64), pl.col("followers_count")
    return (
        _with_what_accounts_bring(rates, engagement, audience)
        .with_columns(
            _over(price, pl.col("engagement_count_mean")).alias("cost_per_engagement"),
            (1000 * _over(price, followers)).alias("cost_per_1000_followers"),
            _over(price, pl.col("engaged_followers_per_post")).alias("cost_per_engaged_follower"),
            pl.when(pl.col("currency") == "USD").then(_over(price, followers) / THUMB).alias("price_to_rule_of_thumb"),
        )
        .with_columns(
            pl.when(price.is_null())
            .then(pl.lit("no_price"))
            .when(pl.col("cost_per_engagement").is_null())
            .then(pl.when(pl.col("engagement_count_mean").is_null()).then("reason").otherwise(pl.lit("no_engagement")))
            .alias("cost_reason"),
            pl.when(price.is_null())
            .then(pl.lit("no_price"))
            .when(pl.col("cost_per_engaged_follower").is_null())
            .then(pl.coalesce("audience_reason", pl.lit("no_engaged_followers")))
            .alias("engaged_cost_reason"),
        )
        .drop("followers_count", "engagement_count_mean", "engaged_followers_per_post", "reason", "audience_reason")
        .collect()
    )


def _with_what_accounts_bring(quotes: pl.LazyFrame, engagement: pl.LazyFrame, audience: pl.LazyFrame) -> pl.LazyFrame:
    """An account that is known by its price alone has no posts, and one without an audience no lists."""
    all_time = pl.col("time_window") == "all_time"
    brings = engagement.filter(all_time).select(*ACCOUNT, "followers_count", "engagement_count_mean", "reason")
    # A rate over all posts bears some whose likes nobody knows; a figure of a single post does not.
    some_unknown = pl.when(pl.col("engaged_followers_per_post").is_null()).then(pl.lit("likes_unknown"))
    is_listed, unlisted = pl.lit(True).alias("__listed"), pl.col("__listed").is_null()
    engaged = audience.filter(all_time).select(
        *ACCOUNT, "engaged_followers_per_post", pl.col("reason").alias("audience_reason"), is_listed
    )
    known = brings.with_columns(pl.lit(True).alias("__known"))
    return (
        quotes.join(known, on=ACCOUNT, how="left")
        .join(engaged, on=ACCOUNT, how="left")
        .with_columns(
            pl.when(pl.col("__known").is_null()).then(pl.lit("no_posts")).otherwise(pl.col("reason")).alias("reason"),
            pl.when(unlisted)
            .then(pl.lit("no_lists"))
            .otherwise(pl.coalesce("audience_reason", some_unknown))
            .alias("audience_reason"),
        )
        .drop("__known", "__listed")
    )


def _over(price: pl.Expr, what: pl.Expr) -> pl.Expr:
    return pl.when(what > 0).then(price / what)

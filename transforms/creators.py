"""Accounts of persons and brands, as lists of creators name them: whose an account is, and what all of one's come to."""

import polars as pl

from schemas.platforms import PLATFORMS
from schemas.rates import CASH
from schemas.visible import visible
from transforms.data_quality import NO_TEXT, of_rows

ACCOUNT = ["platform", "account_id"]
RATE = "engagement_rate_by_followers"
# How a creator is told from another: not by blanks or capitals.
PERSON = "person"
# Lists of names that are open are told so far.
NAMES_TOLD = 5


def rows_to_owners(rows: pl.LazyFrame) -> pl.DataFrame:
    """Who each account is declared to belong to: platform, account_id, creator, and whether others are named too."""
    name = visible(pl.col("creator")).str.replace_all(r"\s+", " ").str.normalize("NFC")
    declared = rows.select(*ACCOUNT, name.alias("creator"), name.str.to_lowercase().alias(PERSON)).filter(
        pl.col("creator") != ""
    )
    return (
        declared.with_columns(pl.col("creator").min().over(PERSON))
        .select(*ACCOUNT, "creator")
        .unique()
        .with_columns((pl.len().over(ACCOUNT) > 1).alias("is_disputed"))
        .collect()
    )


def with_creators(accounts: pl.DataFrame, owners: pl.DataFrame) -> pl.DataFrame:
    """The mart `accounts` with the creator of each account that one alone is named for."""
    if owners.is_empty():
        return accounts
    sole = owners.filter(~pl.col("is_disputed")).select(*ACCOUNT, "creator")
    return accounts.drop("creator").join(sole, on=ACCOUNT, how="left")


def owners_to_creators(owners: pl.DataFrame, accounts: pl.DataFrame) -> pl.DataFrame:
    """The mart `creators`."""
    known = owners.lazy().join(accounts.lazy().select(*ACCOUNT, "followers_count"), on=ACCOUNT, how="left")
    own, followers = ~pl.col("is_disputed"), pl.col("followers_count")
    platforms = pl.col("platform").filter(own).unique().sort()
    return (
        known.group_by("creator")
        .agg(
            platforms.str.join(", ").alias("platforms"),
            platforms.len().cast(pl.Int64).alias("platform_count"),
            own.sum().cast(pl.Int64).alias("account_count"),
            (own & followers.is_not_null()).sum().cast(pl.Int64).alias("account_with_followers_count"),
            pl.col("is_disputed").sum().cast(pl.Int64).alias("disputed_account_count"),
            _sum_of_known(followers.filter(own)).alias("followers_count_upper_bound"),
        )
        .with_columns(pl.when(pl.col("platforms") != "").then("platforms").alias("platforms"))
        .collect()
    )


def owners_to_creator_platforms(owners: pl.DataFrame, accounts: pl.DataFrame, engagement: pl.LazyFrame) -> pl.DataFrame:
    """The mart `creator_platforms`."""
    all_time = engagement.filter(pl.col("time_window") == "all_time").select(*ACCOUNT, "post_count", RATE)
    return (
        owners.lazy()
        .filter(~pl.col("is_disputed"))
        .join(accounts.lazy().select(*ACCOUNT, "followers_count"), on=ACCOUNT, how="left")
        .join(all_time, on=ACCOUNT, how="left")
        .group_by("creator", "platform")
        .agg(
            pl.len().cast(pl.Int64).alias("account_count"),
            _sum_of_known(pl.col("followers_count")).alias("followers_count_upper_bound"),
            pl.col("post_count").sum().alias("post_count"),
            # In a fixed order, so that the last digit is the same in every run.
            pl.col(RATE).sort_by("account_id").mean().alias(f"{RATE}_mean"),
        )
        .collect()
    )


def owners_to_creator_quotes(owners: pl.DataFrame, rates: pl.LazyFrame) -> pl.DataFrame:
    """The mart `creator_quotes`: of the newest prices in cash the lowest, for each currency."""
    is_offer = pl.col("is_newest") & (pl.col("compensation") == CASH) & (pl.col("price") > 0)
    order = ["price", "account_id", "media_type"]
    return (
        rates.filter(is_offer)
        .drop_nulls("currency")
        .join(owners.lazy().filter(~pl.col("is_disputed")), on=ACCOUNT)
        .sort(order, nulls_last=True)
        .group_by("creator", "platform", "currency", maintain_order=True)
        .agg(
            pl.col("price").first().alias("cheapest_price"),
            pl.col("account_id", "media_type").first(),
            pl.len().cast(pl.Int64).alias("quote_count"),
        )
        .collect()
    )


def owners_to_disputes(owners: pl.DataFrame) -> pl.LazyFrame:
    """Accounts that are declared for two creators."""
    named = owners.lazy().filter("is_disputed").group_by(ACCOUNT).agg(pl.col("creator").sort().alias("names"))
    detail = pl.format(
        "declared for {}: whose is it? Until one of them alone has it, it counts for none",
        pl.col("names").list.head(NAMES_TOLD).list.join(" and "),
    )
    return of_rows(named.with_columns(NO_TEXT.alias("post_id")), "account_of_two_creators", "creator", detail)


def rows_to_unknown_platforms(rows: pl.LazyFrame, accounts: pl.DataFrame, dataset: str) -> pl.LazyFrame:
    """Accounts of lists on networks that nobody knows and no other export has."""
    known = [*PLATFORMS, *accounts.get_column("platform").unique()]
    strange = rows.select(ACCOUNT).unique().filter(~pl.col("platform").is_in(known))
    detail = pl.format(
        "{} is no network that is known or that other exports have, and a list of {} names it: is it misspelt?",
        "platform",
        pl.lit(dataset),
    )
    return of_rows(strange.with_columns(NO_TEXT.alias("post_id")), "unknown_platform", "platform", detail)


def _sum_of_known(counts: pl.Expr) -> pl.Expr:
    return pl.when(counts.count() > 0).then(counts.sum())

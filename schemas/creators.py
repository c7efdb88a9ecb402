"""Creators: persons, or brands, with their accounts on several networks."""

import polars as pl

from schemas.columns import RATIO_MAX, SUM_MAX, Table, column
from schemas.rates import Money


class CreatorRows(Table):
    """One row per account of a creator."""

    creator: str = column("Name of the person or brand", "label", key=True)
    platform: str = column("Network the account is on, lower case", "label", key=True)
    account_id: str = column("The platform's own id of the account, or its handle", "id", key=True)
    username: str = column("Handle as delivered", "text", nullable=True)


class Creators(Table):
    """One row per creator that is declared, with what all accounts of that person come to.

    An account that is declared for two creators counts for neither; `data_quality` asks whose it is.
    """

    creator: str = column("Name of the person or brand, as declared", "label", key=True)
    platforms: str = column("Networks of the creator's accounts, with commas between them", "text", nullable=True)
    platform_count: pl.Int64 = column("So many networks", "count")
    account_count: pl.Int64 = column("Accounts declared for this creator alone", "count")
    account_with_followers_count: pl.Int64 = column("Of them, accounts whose followers are known", "count")
    disputed_account_count: pl.Int64 = column("Accounts declared for this and for another creator", "count")
    followers_count_upper_bound: pl.Int64 = column(
        "Followers of all accounts added up: at most so many people, as many follow on several networks; null where none are known",
        "count",
        nullable=True,
        ge=0,
        le=SUM_MAX,
    )


class CreatorPlatforms(Table):
    """One row per creator and network."""

    creator: str = column("Name of the person or brand", "label", key=True)
    platform: str = column("Network", "label", key=True)
    account_count: pl.Int64 = column("Accounts of the creator there", "count")
    followers_count_upper_bound: pl.Int64 = column(
        "Followers of these accounts added up; of one account its followers",
        "count",
        nullable=True,
        ge=0,
        le=SUM_MAX,
    )
    post_count: pl.Int64 = column("Posts of these accounts, over all time", "count")
    engagement_rate_by_followers_mean: pl.Float64 = column(
        "Mean over these accounts of each one's mean rate, over all time; null where none has one", "ratio",
        nullable=True, in_range={"min_value": 0, "max_value": RATIO_MAX},
    )  # fmt: skip


class CreatorQuotes(Table):
    """One row per creator, network and currency: the cheapest of the newest prices, in cash. Currencies are never compared."""

    creator: str = column("Name of the person or brand", "label", key=True)
    platform: str = column("Network", "label", key=True)
    currency: str = column("ISO 4217 code", "label", key=True)
    cheapest_price: Money = column("Lowest newest price above 0 of one post", "money")
    account_id: str = column("The account that it is for; of equal prices the first", "id")
    media_type: str = column("Kind of post that it is for", "text", nullable=True)
    quote_count: pl.Int64 = column("Newest prices above 0 that it is the lowest of", "count")

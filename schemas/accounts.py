"""Accounts: what an export says of one, and the two tables made of it."""

import polars as pl

from schemas.columns import Instant, Table, column


class AccountObservations(Table):
    """One row per account and observation: what an export says of an account at one time."""

    platform: str = column("Network the account is on, lower case", "label", key=True)
    account_id: str = column(
        "The platform's own id of the account, or its handle where that is all there is", "id", key=True
    )
    username: str = column("Handle as delivered", "text", nullable=True)
    display_name: str = column("Name shown beside the handle", "text", nullable=True)
    niche: str = column("Topic as delivered, not yet normalised", "text", nullable=True)
    followers_count: pl.Int64 = column("Followers at that time", "count", nullable=True)
    follows_count: pl.Int64 = column("Accounts it follows", "count", nullable=True)
    media_count: pl.Int64 = column("Posts it has published", "count", nullable=True)
    is_verified: pl.Boolean = column("Carries the platform's badge", "flag", nullable=True)
    country: str = column("Country as delivered", "text", nullable=True)
    observed_at: Instant = column(
        "When this was seen; null is an undated observation", "instant", nullable=True, key=True
    )


class Accounts(Table):
    """One row per account: its newest known state."""

    platform: str = column("Network the account is on", "label", key=True)
    account_id: str = column("The platform's id of the account", "id", key=True)
    username: str = column("Handle, newest known", "text", nullable=True)
    display_name: str = column("Name, newest known", "text", nullable=True)
    niche: str = column("Normalised topic; unknown where none was delivered", "label")
    niche_raw: str = column("Topic as delivered, newest known", "text", nullable=True)
    tier: str = column("Tier under the default scheme; null without followers", "label", nullable=True)
    followers_count: pl.Int64 = column("Followers at the newest observation that has them", "count", nullable=True)
    follows_count: pl.Int64 = column("Accounts it follows, newest known", "count", nullable=True)
    media_count: pl.Int64 = column("Posts it has published, newest known", "count", nullable=True)
    is_verified: pl.Boolean = column("Carries the platform's badge", "flag", nullable=True)
    country: str = column("Country, newest known", "text", nullable=True)
    observed_at: Instant = column(
        "When its followers were newest observed; null when never dated", "instant", nullable=True
    )


class AccountSnapshots(Table):
    """One row per account and observation time: the follower history."""

    platform: str = column("Network the account is on", "label", key=True)
    account_id: str = column("The platform's id of the account", "id", key=True)
    observed_at: Instant = column("When this was seen; null is undated", "instant", nullable=True, key=True)
    followers_count: pl.Int64 = column("Followers then; the larger where two exports disagree", "count", nullable=True)
    follows_count: pl.Int64 = column("Accounts it followed then", "count", nullable=True)
    media_count: pl.Int64 = column("Posts it had published then", "count", nullable=True)

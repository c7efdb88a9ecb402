"""Follows: who follows whom, as delivered."""

import polars as pl

from schemas.columns import Instant, Table, column


class Follows(Table):
    """One row per follower of an account in one delivery."""

    platform: str = column("Network the account is on, lower case", "label", key=True)
    account_id: str = column("The account that is followed", "id", key=True)
    follower_id: str = column("The account that follows; personal data, never leaves the lake", "id", key=True)
    followed_at: Instant = column("When the follow began", "instant", nullable=True)
    observed_at: Instant = column("When the list was taken", "instant", nullable=True)
    is_complete_list: pl.Boolean = column("The delivery lists every follower of the account", "flag", nullable=True)

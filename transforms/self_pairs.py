"""Accounts paired with themselves: what never counts as an audience."""

import polars as pl

from schemas.keys import member_key, stable_key
from transforms.audience_edges import pair


def accounts_to_selves(accounts: pl.DataFrame, secret: str | None) -> pl.DataFrame:
    """Each account and the member that it is, by id and by handle: (account_key, pair).

    `accounts` has platform, account_id and username. Members may be pseudonyms already, so both ways are paired.
    """
    handles = pl.col("username").str.strip_chars_start("@")
    names = {"account_id": pl.col("account_id"), "username": handles, "handle": handles.str.to_lowercase()}
    keyed = accounts.select("platform", stable_key("platform", "account_id").alias("account_key"), **names)
    ways = [None] if secret is None else [None, secret]
    pairs = [keyed.select("account_key", member_key(name, way).alias("member_key")) for name in names for way in ways]
    return pl.concat(pairs).drop_nulls().unique().select("account_key", pair())

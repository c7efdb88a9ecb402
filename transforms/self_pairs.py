"""Accounts paired with themselves: what never counts as an audience."""

import polars as pl

from schemas.handles import CHANNEL_ID, writings_of
from schemas.keys import member_key, stable_key
from transforms.audience_edges import pair

# What is no name that can be written in several ways: digits behind an @ are another account than the digits alone.
NO_NAME = rf"^@?[0-9]+$|{CHANNEL_ID}"
# Of about so many accounts at a time every writing is held.
ACCOUNTS = 200_000


def accounts_to_selves(accounts: pl.DataFrame, secret: str | None) -> pl.DataFrame:
    """Each account and the member that it is, by id and by handle, however people write it: (account_key, pair).

    `accounts` has platform, account_id and username. Members may be pseudonyms already, so both ways are paired; a pseudonym
    is written in one way.
    """
    keyed = accounts.with_columns(stable_key("platform", "account_id").alias("account_key"))
    count = keyed.height // ACCOUNTS + 1
    parts = (keyed.filter(pl.col("account_key") % count == part) for part in range(count))
    return pl.concat(_selves(part, secret) for part in parts)


def _selves(keyed: pl.DataFrame, secret: str | None) -> pl.DataFrame:
    ids, handles = (
        keyed.select("platform", "account_key", pl.col(name).alias("name")).drop_nulls().unique()
        for name in ("account_id", "username")
    )
    bare = handles.with_columns(pl.col("name").str.strip_chars_start("@"))
    found = [_pairs(names, None) for names in (ids, bare, bare.with_columns(pl.col("name").str.to_lowercase()))]
    if secret is not None:
        names = pl.concat([ids.filter(~pl.col("name").str.contains(NO_NAME)), handles])
        written = (names.with_columns(form.alias("name")).drop_nulls() for form in writings_of(pl.col("name")))
        found += [_pairs(each, secret) for each in (ids, *written)]
    return pl.concat(found).unique()


def _pairs(names: pl.DataFrame, secret: str | None) -> pl.DataFrame:
    return names.select("account_key", member_key("name", secret).alias("member_key")).select("account_key", pair())

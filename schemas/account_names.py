"""Names of accounts: which id bore which handle, and when."""

import polars as pl

from schemas.columns import Instant, Table, column

# An export brings the id beside the name; or nothing but the name is known.
BESIDE, ALONE = "id_beside_name", "name_alone"


class AccountNames(Table):
    """One row per account and name it was seen with, as exports bring an id together with a username."""

    platform: str = column("Network the account is on", "label", key=True)
    username: str = column(
        "The name in the form that names are compared in: small letters, without @", "text", key=True
    )
    account_id: str = column("The account that bore it", "id", key=True)
    basis: str = column(
        "Whether exports bring the account's id beside the name, or nothing but the name is known of it", "label",
        isin=(BESIDE, ALONE),
    )  # fmt: skip
    seen_from: Instant = column("When it was first seen with the name; null when never dated", "instant", nullable=True)
    seen_until: Instant = column("When it was last seen with the name; null when never dated", "instant", nullable=True)
    is_current: pl.Boolean = column("No newer name of the account is known", "flag")

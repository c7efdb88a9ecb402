"""Brands: what a brand is called where posts mention it or tag it as sponsor."""

from schemas.columns import Table, column


class BrandRows(Table):
    """One row per name of a brand: an account of its own, or another word for it."""

    brand: str = column("The name that the brand is to be shown under", "label", key=True)
    platform: str = column(
        "Network on which it is called so, lower case; null is all of them", "label", nullable=True, key=True
    )
    account_id: str = column("Account of the brand: its id or its handle", "id", nullable=True, key=True)
    username: str = column("Handle of that account as delivered", "text", nullable=True, key=True)
    alias: str = column("What posts call the brand too: a handle or a name", "text", nullable=True, key=True)

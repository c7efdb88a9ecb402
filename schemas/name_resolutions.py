"""Rows that name an account by its handle: which id they were given to, and how that is known."""

import polars as pl

from schemas.columns import Table, column

RESOLVED_BY = ("only_bearer", "bearer_then", "bearer_now")
QUESTIONS = ("id_or_name", "undated_bearers", "between_bearers")


class NameResolutions(Table):
    """One row per name that rows of a dataset are known by, and account that they were given to."""

    platform: str = column("Network the account is on", "label", key=True)
    named_as: str = column("The account as the rows name it", "id", key=True)
    dataset: str = column("What the rows are of", "label", key=True)
    account_id: str = column("The id that bore the name; the name itself where that is not known", "id", key=True)
    resolved_by: str = column(
        "How the id is known: nobody else bore the name; it did at the time of the rows; or does now, the rows being undated",
        "label", nullable=True, key=True, isin=RESOLVED_BY,
    )  # fmt: skip
    question: str = column(
        "What is not known where no id is: whether digits are an id or a name; when each of its bearers had it; which of two bearers had it between them",
        "label", nullable=True, key=True, isin=QUESTIONS,
    )  # fmt: skip
    row_count: pl.Int64 = column(
        "Rows of the lake; of follower lists each list and time it was seen counts as one", "count"
    )

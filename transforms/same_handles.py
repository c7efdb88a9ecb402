"""Equal handles on several networks that no list of creators joins: a question, and never an answer."""

import polars as pl

from transforms.data_quality import COLUMNS, NO_TEXT, of_rows

ACCOUNT = ["platform", "account_id"]
ISSUE = "same_handle_elsewhere"
# Handles that are told, those with most followers first: of the others their number is.
HANDLES_TOLD = 200


def accounts_to_same_handles(accounts: pl.DataFrame) -> pl.LazyFrame:
    """A row for each handle that accounts of several networks bear, unless all of them have a creator.

    It stands under the account of the first network.
    """
    shared = _shared(accounts)
    if shared.is_empty():
        return pl.LazyFrame(schema=dict.fromkeys(COLUMNS, pl.String)).with_columns(
            pl.col("observed_at").cast(pl.Datetime("us"))
        )
    told = shared.head(HANDLES_TOLD).lazy().with_columns(NO_TEXT.alias("post_id"))
    detail = pl.format(
        "{} is on {}: is it one person? Then name these accounts for one creator in a list of creators",
        "handle",
        pl.col("platforms").list.join(" and "),
    )
    rows = [of_rows(told, ISSUE, "username", detail)]
    if more := shared.height - HANDLES_TOLD if shared.height > HANDLES_TOLD else 0:
        rest = shared.slice(HANDLES_TOLD, 1).lazy().with_columns(NO_TEXT.alias("post_id"), NO_TEXT.alias("account_id"))
        rows.append(of_rows(rest, ISSUE, "username", pl.lit(f"{more:,} more handles are on several networks")))
    return pl.concat(rows)


def _shared(accounts: pl.DataFrame) -> pl.DataFrame:
    """The handles in question with their networks, most followers first: handle, platforms, platform, account_id."""
    handle = pl.col("username").str.strip_chars().str.strip_chars_start("@").str.to_lowercase()
    if accounts.get_column("platform").n_unique() < 2:
        return accounts.clear().select(*ACCOUNT)
    hashes = accounts.lazy().drop_nulls("username").select(handle.hash().alias("handle_hash")).collect().to_series()
    if hashes.n_unique() == hashes.len():
        return accounts.clear().select(*ACCOUNT)
    repeated = hashes.filter(hashes.is_duplicated()).unique()
    return (
        accounts.lazy()
        .with_columns(handle.alias("handle"))
        .filter(pl.col("handle").hash().is_in(repeated.implode()) & (pl.col("handle") != ""))
        .sort(ACCOUNT)
        .group_by("handle", maintain_order=True)
        .agg(
            pl.col(ACCOUNT).first(),
            pl.col("platform").unique().sort().alias("platforms"),
            pl.col("creator").is_null().any().alias("is_open"),
            pl.col("followers_count").sum().alias("followers"),
        )
        .filter((pl.col("platforms").list.len() > 1) & pl.col("is_open"))
        .sort("followers", "handle", descending=[True, False])
        .collect()
    )

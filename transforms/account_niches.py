"""Topics from plain lists beside those that exports of accounts deliver: which one is the niche of an account."""

from datetime import datetime

import polars as pl

from schemas.niches import DELIVERED, LISTED
from transforms.data_quality import NO_TEXT, of_rows
from transforms.niches import UNKNOWN, topics_in

ACCOUNT = ["platform", "account_id"]
COLUMNS = [*ACCOUNT, "niche", "basis", "observed_at", "rank", "is_main"]
# The place of what is undated: before all that has a date.
UNDATED = datetime(1, 1, 1)
# The first topic of a row, which is the niche of the account where the row decides.
MAIN = "main"


def rows_to_listed(rows: pl.LazyFrame) -> pl.DataFrame:
    """Each row of the dataset `niches` once: platform, account_id, niche_raw, observed_at, its topics and the main one."""
    listed = rows.select(*ACCOUNT, pl.col("niche").alias("niche_raw"), "observed_at").unique()
    topics = topics_in(pl.col("niche_raw"))
    return listed.with_columns(topics.alias("topics"), topics.list.first().alias(MAIN)).collect()


def decided(listed: pl.DataFrame) -> pl.DataFrame:
    """The row that decides for each account: the newest that names a topic; of several at one time the greater text.

    Beside it `mains`, the main topics of all rows of that time.
    """
    at = pl.col("observed_at").fill_null(UNDATED)
    newest = listed.filter(pl.col(MAIN) != UNKNOWN).filter(at == at.max().over(ACCOUNT)).sort("niche_raw")
    return newest.group_by(ACCOUNT).agg(
        pl.col("niche_raw", "observed_at", MAIN).last(), pl.col(MAIN).unique().sort().alias("mains")
    )


def with_listed(accounts: pl.DataFrame, deciding: pl.DataFrame) -> pl.DataFrame:
    """The mart `accounts`, the niches of lists in place of those that exports deliver."""
    if deciding.is_empty():
        return accounts
    is_listed = pl.col(MAIN).is_not_null()
    said = deciding.select(*ACCOUNT, MAIN, pl.col("niche_raw", "observed_at").name.suffix("_listed"))
    return (
        accounts.join(said, on=ACCOUNT, how="left")
        .with_columns(
            pl.coalesce(MAIN, "niche").alias("niche"),
            pl.when(is_listed).then(pl.lit(LISTED)).otherwise("niche_basis").alias("niche_basis"),
            pl.when(is_listed).then("niche_raw_listed").otherwise("niche_raw").alias("niche_raw"),
            pl.when(is_listed).then("observed_at_listed").otherwise("niche_observed_at").alias("niche_observed_at"),
        )
        .drop(MAIN, "niche_raw_listed", "observed_at_listed")
    )


def to_account_niches(delivered: pl.DataFrame, listed: pl.DataFrame, deciding: pl.DataFrame) -> pl.LazyFrame:
    """The mart `account_niches`.

    Args:
        delivered: The mart `accounts` before lists had a say.
        listed: The rows of lists (`rows_to_listed`).
        deciding: Those that decide (`decided`).
    """
    of_lists = _of_lists(listed, deciding).lazy()
    texts = delivered.lazy().select("niche_delivered").drop_nulls().unique()
    topics = _ranked(texts.with_columns(topics_in(pl.col("niche_delivered")).alias("topics")))
    of_exports = (
        delivered.lazy()
        .select(*ACCOUNT, "niche_delivered", "niche_basis", pl.col("niche").alias(MAIN), "niche_observed_at")
        .join(topics.filter(pl.col("niche") != UNKNOWN), on="niche_delivered")
        .join(deciding.lazy().select(*ACCOUNT, pl.lit(value=True).alias("is_listed")), on=ACCOUNT, how="left")
        .with_columns(
            pl.lit(DELIVERED).alias("basis"),
            pl.col("niche_observed_at").alias("observed_at"),
            (pl.col("is_listed").is_null() & (pl.col("niche") == pl.col(MAIN))).alias("is_main"),
        )
    )
    return pl.concat([of_lists.select(COLUMNS), of_exports.select(COLUMNS)])


def _of_lists(listed: pl.DataFrame, deciding: pl.DataFrame) -> pl.DataFrame:
    """Every topic of every row; one that several rows of one time have, at its best place."""
    won = deciding.select(*ACCOUNT, "niche_raw", "observed_at", pl.lit(value=True).alias("won"))
    each = _ranked(listed.join(won, on=[*ACCOUNT, "niche_raw", "observed_at"], how="left", nulls_equal=True).lazy())
    is_main = pl.col("won").fill_null(value=False) & (pl.col("niche") == pl.col(MAIN))
    return (
        each.group_by(*ACCOUNT, "niche", "observed_at")
        .agg(pl.col("rank").min(), is_main.any().alias("is_main"))
        .with_columns(pl.lit(LISTED).alias("basis"))
        .collect()
    )


def _ranked(rows: pl.LazyFrame) -> pl.LazyFrame:
    """A row for each topic, with its place from 1."""
    places = pl.int_ranges(1, pl.col("topics").list.len() + 1, dtype=pl.Int64)
    return rows.with_columns(places.alias("rank")).explode("topics", "rank").rename({"topics": "niche"})


def decided_to_conflicts(deciding: pl.DataFrame) -> pl.LazyFrame:
    """Accounts that lists give several niches at the time that decides."""
    several = deciding.lazy().filter(pl.col("mains").list.len() > 1).with_columns(NO_TEXT.alias("post_id"))
    detail = pl.format(
        "lists say {} at one time, and {} is taken: which is it? Date the right one later, or list them in one row, "
        "the main one first",
        pl.col("mains").list.head(5).list.join(" / "),
        pl.col(MAIN),
    )
    return of_rows(several, "conflicting_niches", "niche", detail, at="observed_at")


def listed_to_strangers(listed: pl.LazyFrame, accounts: pl.DataFrame, where: str) -> pl.LazyFrame:
    """Accounts that a list names (platform, account_id) and nothing else tells of."""
    strangers = listed.select(ACCOUNT).unique().join(accounts.lazy(), on=ACCOUNT, how="anti")
    return of_rows(
        strangers.with_columns(NO_TEXT.alias("post_id")),
        "account_not_described",
        where,
        pl.lit(f"in a list of {where}s alone: nothing else is known of it. Is it written as in the other exports?"),
    )

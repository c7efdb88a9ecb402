"""Which id bore which name, and when; and rows that name an account by its handle given to the id that bore it then.

An export that brings an id together with a username is evidence. A row whose account_id is no id, but a name somebody bore,
is of the one who bore it at the time of the row. Where two may have borne it the row stays as it is, and that is said.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import polars as pl

from schemas.account_names import ALONE, BESIDE
from schemas.columns import polars_schema
from schemas.handles import handle_of, name_of
from schemas.name_resolutions import NameResolutions
from transforms.query_keys import HASH, hashed

ACCOUNT = ["platform", "account_id"]
NAME = ["platform", "username"]
# Names as platforms write them need no cleaning; of the others there are few.
CLEAN = r"^[a-z0-9_.]*[a-z_][a-z0-9_.]*$"
DIGITS = r"^[0-9]+$"
# In place of a bearer where two are seen at one time.
TWO = ""


@dataclass(frozen=True)
class Names:
    """Who bore which name. `bearers` has a row for each name and id: platform, username, account_id, seen_from, seen_until,
    bearer_count. `sightings` are those of names with several bearers: a row for each of their times, with who was seen then.
    `alone` are accounts that are known by their name and no id."""

    bearers: pl.DataFrame
    sightings: pl.DataFrame
    alone: pl.DataFrame

    # Every dataset is looked through for the same names.
    @cached_property
    def ids(self) -> pl.DataFrame:
        """The ids that bore any name, as their hash (__key)."""
        return self.bearers.select(hashed(ACCOUNT)).unique()

    @cached_property
    def borne(self) -> pl.DataFrame:
        """The names that any id bore: platform, username, bearer_count."""
        return self.bearers.select(*NAME, "bearer_count").unique()


def observations_to_names(observations: pl.LazyFrame) -> Names:
    """Platform, account_id, username and observed_at of every observation, to the names that they are evidence of."""
    told = observations.select(*ACCOUNT, "username", "observed_at").drop_nulls("username").collect()
    is_clean = told.get_column("username").str.contains(CLEAN)
    cleaned = told.filter(~is_clean).with_columns(handle_of(pl.col("username")).alias("username"))
    named = pl.concat([told.filter(is_clean), cleaned.drop_nulls("username")])
    is_id = name_of(pl.col("account_id")) != pl.col("username")
    seen = (
        named.lazy()
        .group_by(*NAME, "account_id")
        .agg(pl.col("observed_at").min().alias("seen_from"), pl.col("observed_at").max().alias("seen_until"))
        .with_columns(is_id.alias("is_id"))
        .collect()
    )
    bearers = seen.filter("is_id").drop("is_id").with_columns(pl.len().over(NAME).alias("bearer_count"))
    contested = bearers.filter(pl.col("bearer_count") > 1)
    sightings = (
        named.join(contested.select(*NAME, "account_id"), on=[*NAME, "account_id"], how="semi")
        .drop_nulls("observed_at")
        .group_by(*NAME, pl.col("observed_at").alias("at"))
        .agg(pl.col("account_id").unique().alias("ids"))
        .with_columns(
            pl.when(pl.col("ids").list.len() == 1)
            .then(pl.col("ids").list.first())
            .otherwise(pl.lit(TWO))
            .alias("bearer")
        )
        .drop("ids")
    )
    return Names(bearers, sightings, seen.filter(~pl.col("is_id")).drop("is_id"))


def given_to_ids(rows: pl.LazyFrame, names: Names, at: pl.Expr, dataset: str) -> tuple[pl.LazyFrame, pl.DataFrame]:
    """The same rows, those known by a name under the id that bore it, and what was found of each name.

    Args:
        rows: Rows of a dataset with platform and account_id.
        names: Who bore which name.
        at: When a row holds (UTC); null is now.
        dataset: What the rows are of.

    Returns:
        The rows, and a row for each name and id as `schemas.name_resolutions` says.
    """
    named = references(rows, names)
    if named.is_empty():
        return rows, polars_schema(NameResolutions).to_frame()
    is_contested = pl.col("bearer_count") > 1
    keyed = named.lazy().with_columns(hashed(ACCOUNT))
    counted = (
        rows.select(hashed(ACCOUNT), at.alias("at"))
        .join(keyed, on=HASH, build_side="force_right")
        .group_by(*ACCOUNT, "username", "bearer_count", pl.when(is_contested).then(pl.col("at")))
        .agg(pl.len().cast(pl.Int64).alias("row_count"))
        .collect(engine="streaming")
    )
    found = _with_bearers(counted, names)
    borne = (
        found.drop_nulls("bearer").lazy().select(*ACCOUNT, "at", "bearer", "bearer_count").with_columns(hashed(ACCOUNT))
    )
    one = borne.filter(~is_contested).select(HASH, "bearer")
    kept = rows.collect_schema().names()
    given = rows.with_columns(hashed(ACCOUNT)).join(one, on=HASH, how="left", build_side="force_right")
    if (counted.get_column("bearer_count") > 1).any():
        by_time = borne.filter(is_contested).select(HASH, "at", pl.col("bearer").alias("bearer_then"))
        given = given.with_columns(at.alias("at")).join(
            by_time, on=[HASH, "at"], how="left", nulls_equal=True, build_side="force_right"
        )
        given = given.with_columns(pl.coalesce("bearer", "bearer_then").alias("bearer"))
    return given.with_columns(pl.coalesce("bearer", "account_id").alias("account_id")).select(kept), _told(
        found, dataset
    )


def references(rows: pl.LazyFrame, names: Names) -> pl.DataFrame:
    """The accounts of rows that are no known id and may be a name that somebody bore: platform, account_id, username and how
    many bore it."""
    if names.bearers.is_empty():
        return names.bearers.select(*ACCOUNT, "username", "bearer_count")
    strangers = (
        rows.select(*ACCOUNT, hashed(ACCOUNT))
        .join(names.ids.lazy(), on=HASH, how="anti")
        .unique(HASH)
        .select(ACCOUNT)
        .collect(engine="streaming")
    )
    return strangers.with_columns(name_of(pl.col("account_id")).alias("username")).join(names.borne, on=NAME)


def _with_bearers(counted: pl.DataFrame, names: Names) -> pl.DataFrame:
    """Of each name and time the id that bore it, and how that is known; else why it is not."""
    digits = pl.col("account_id").str.contains(DIGITS)
    is_contested = pl.col("bearer_count") > 1
    single = names.bearers.filter(pl.col("bearer_count") == 1).select(*NAME, pl.col("account_id").alias("bearer"))
    plain = counted.filter(~is_contested & ~digits).join(single, on=NAME).with_columns(
        pl.lit("only_bearer").alias("resolved_by"), pl.lit(None, pl.String).alias("question")
    )  # fmt: skip
    asked = counted.filter(digits).with_columns(
        pl.lit(None, pl.String).alias("bearer"), pl.lit(None, pl.String).alias("resolved_by"),
        pl.lit("id_or_name").alias("question"),
    )  # fmt: skip
    return pl.concat([plain, asked, _at_their_time(counted.filter(is_contested & ~digits), names)])


def _at_their_time(counted: pl.DataFrame, names: Names) -> pl.DataFrame:
    """Of names with several bearers the one seen with it before and after, or before where nobody is after, or after."""
    sightings = names.sightings.sort("at")
    before = sightings.select(*NAME, "at", pl.col("bearer").alias("before"))
    after = sightings.select(*NAME, "at", pl.col("bearer").alias("after"))
    newest = sightings.group_by(NAME).agg(pl.col("bearer").sort_by("at").last().alias("newest"))
    undated = names.bearers.filter(pl.col("bearer_count") > 1).group_by(NAME).agg(
        pl.col("seen_from").is_null().any().alias("is_undated")
    )  # fmt: skip
    rows = counted.sort("at", nulls_last=False)
    dated = rows.drop_nulls("at")
    dated = dated.join_asof(before, on="at", by=NAME, strategy="backward", check_sortedness=False)
    dated = dated.join_asof(after, on="at", by=NAME, strategy="forward", check_sortedness=False)
    same = pl.coalesce("before", "after") == pl.coalesce("after", "before")
    dated = dated.with_columns(pl.when(same).then(pl.coalesce("before", "after")).alias("bearer")).drop(
        "before", "after"
    )
    now = rows.filter(pl.col("at").is_null()).join(newest, on=NAME, how="left").rename({"newest": "bearer"})
    found = pl.concat([dated, now]).join(undated, on=NAME, how="left")
    is_told = ~pl.col("is_undated") & (pl.col("bearer") != TWO)
    found = found.with_columns(pl.when(is_told).then(pl.col("bearer")).alias("bearer"))
    basis = pl.when(pl.col("at").is_null()).then(pl.lit("bearer_now")).otherwise(pl.lit("bearer_then"))
    return found.with_columns(
        pl.when(pl.col("bearer").is_not_null()).then(basis).alias("resolved_by"),
        pl.when(pl.col("bearer").is_null()).then(
            pl.when("is_undated").then(pl.lit("undated_bearers")).otherwise(pl.lit("between_bearers"))
        ).alias("question"),
    ).drop("is_undated")  # fmt: skip


def _told(found: pl.DataFrame, dataset: str) -> pl.DataFrame:
    """What was found, in rows of the mart `name_resolutions`."""
    return (
        found.select(
            "platform",
            pl.col("account_id").alias("named_as"),
            pl.lit(dataset).alias("dataset"),
            pl.coalesce("bearer", "account_id").alias("account_id"),
            "resolved_by",
            "question",
            "row_count",
        )
        .group_by(pl.exclude("row_count"))
        .agg(pl.col("row_count").sum())
    )


def to_account_names(names: Names, resolutions: pl.DataFrame) -> pl.DataFrame:
    """The mart `account_names`: every name of every account, those of accounts without a known id as their own."""
    of_accounts = resolutions.filter(pl.col("dataset") == "accounts")
    joined = of_accounts.drop_nulls("resolved_by").select("platform", pl.col("named_as").alias("account_id")).unique()
    alone = names.alone.join(joined, on=ACCOUNT, how="anti").with_columns(pl.lit(ALONE).alias("basis"))
    beside = names.bearers.drop("bearer_count").with_columns(pl.lit(BESIDE).alias("basis"))
    newest = pl.col("seen_until").max().over(ACCOUNT)
    is_current = (pl.col("seen_until") == newest) | newest.is_null()
    return pl.concat([beside, alone]).with_columns(is_current.fill_null(value=False).alias("is_current"))


def resolutions_to_ambiguous(names: Names, resolutions: pl.DataFrame) -> pl.LazyFrame:
    """Names that rows could not be given to an id by: platform, account_id as named, and in words what would decide it."""
    open_ones = resolutions.drop_nulls("question").lazy().with_columns(name_of(pl.col("named_as")).alias("username"))
    since = pl.col("seen_from").dt.to_string("%Y-%m-%d")
    until = pl.col("seen_until").dt.to_string("%Y-%m-%d")
    when = pl.when(since.is_null()).then(pl.lit("undated")).otherwise(pl.format("seen {} to {}", since, until))
    bearers = names.bearers.lazy().sort("seen_from", "account_id", nulls_last=True).group_by(NAME).agg(
        pl.format("{} ({})", "account_id", when).head(3).str.join(", ").alias("ids")
    )  # fmt: skip
    ask = pl.col("question").replace_strict(
        {
            "id_or_name": "is it an id or a handle? Write @ before a handle",
            "undated_bearers": "exports that say when each bore it would decide",
            "between_bearers": "rows of a day when one of them was seen with it, or the id, would decide",
        }
    )
    rows = pl.format("{} rows of {} by a name of {}: {}", "row_count", "dataset", "ids", ask)
    return open_ones.join(bearers, on=NAME, how="left").select(
        "platform", pl.col("named_as").alias("account_id"), rows.alias("detail")
    )


def together(resolutions: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """What was found in several datasets, as one table."""
    return pl.concat([polars_schema(NameResolutions).to_frame(), *resolutions])

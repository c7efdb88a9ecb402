"""The rows of a lake under the ids of their accounts, where exports know an account by its handle alone."""

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from schemas.keys import stable_key
from transforms.account_names import ACCOUNT, Names, given_to_ids, observations_to_names, references, together
from warehouse.lake import edges
from warehouse.lake.ledger import Lake

NOW = pl.lit(None, pl.Datetime("us"))
# When a row holds.
TIMES = {
    "accounts": pl.col("observed_at"),
    "posts": pl.coalesce("observed_at", "published_at"),
    "rates": pl.col("quoted_on").cast(pl.Datetime("us")),
    "published_metrics": pl.col("observed_at"),
    "niches": pl.col("observed_at"),
    "creators": NOW,
    "brands": NOW,
}
# Whose rows bring ids beside names.
EVIDENCE = ("accounts", "niches", "creators")
MOVED = pl.Schema({"account_key": pl.UInt64(), "observed_at": edges.INSTANT, "new_key": pl.UInt64()})


@dataclass(frozen=True)
class UnderIds:
    """Rows under the ids of their accounts. `listed` are the accounts that follower lists are about; `moved` tells which
    lists were under another key (account_key, observed_at, new_key), `resolutions` what each name was found to be."""

    rows: dict[str, pl.LazyFrame]
    listed: pl.LazyFrame
    moved: pl.DataFrame
    names: Names
    resolutions: pl.DataFrame


def under_ids(lake: Lake, rows: Mapping[str, pl.LazyFrame]) -> UnderIds:
    """The rows of each dataset, and the follower lists of the lake, under the ids that exports tell of."""
    names = names_told(rows)
    given, found = dict(rows), []
    for dataset, at in TIMES.items():
        given[dataset], resolutions = given_to_ids(rows[dataset], names, at, dataset)
        found.append(resolutions)
    listed, moved, resolutions = lists_under_ids(lake, names)
    return UnderIds(given, listed, moved, names, together([*found, resolutions]))


def names_told(rows: Mapping[str, pl.LazyFrame]) -> Names:
    """The names that rows of accounts, and of lists about them, are evidence of."""
    seen = [
        rows[name].select(*ACCOUNT, "username", TIMES[name].alias("observed_at")) for name in EVIDENCE if name in rows
    ]
    return observations_to_names(pl.concat(seen))


def lists_under_ids(lake: Lake, names: Names) -> tuple[pl.LazyFrame, pl.DataFrame, pl.DataFrame]:
    """The accounts of follower lists under their ids, and which lists have another key thereby."""
    listed = lake.accounts_of_lists()
    named = references(listed, names).select(*ACCOUNT, stable_key(*ACCOUNT).alias("account_key"))
    if named.is_empty():
        return listed, MOVED.to_frame(), together([])
    paths = [lake.root / segment.path for segment in lake.segments("follows")]
    seen = (
        edges.scan("follows", paths)
        .select("account_key", "observed_at")
        .join(named.lazy(), on="account_key")
        .unique()
        .collect(engine="streaming")
    )
    given, resolutions = given_to_ids(seen.lazy(), names, pl.col("observed_at"), "follows")
    lists = given.with_columns(stable_key(*ACCOUNT).alias("new_key")).collect()
    others = listed.join(named.lazy(), on=ACCOUNT, how="anti")
    moved = lists.filter(pl.col("new_key") != pl.col("account_key")).select(MOVED.names())
    return pl.concat([others, lists.lazy().select(ACCOUNT)]), moved, resolutions

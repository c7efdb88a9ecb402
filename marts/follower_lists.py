"""Followers of accounts from the lists of a lake, as its published warehouse counts them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path

import polars as pl

from marts.names import EVIDENCE, MOVED, lists_under_ids, names_told
from schemas.errors import UsageError
from schemas.keys import stable_key
from schemas.times import until
from transforms import audience_edges
from transforms.self_pairs import accounts_to_selves
from warehouse.contents import as_of_given, is_published_whole
from warehouse.lake import edges
from warehouse.lake.edge_layout import under_new_keys
from warehouse.lake.ledger import Lake
from warehouse.published import frame_of, open_published, published_state

ACCOUNT = ["platform", "account_id"]
NAMES = [*ACCOUNT, "username"]
LISTS_BY_NAME = "SELECT named_as FROM name_resolutions WHERE dataset = 'follows' AND resolved_by IS NOT NULL LIMIT 1"
# Names that one account alone bore.
OWN_NAMES = """
    SELECT platform, account_id, username FROM (
        SELECT platform, account_id, username, count(*) OVER (PARTITION BY platform, username) AS bearer_count
        FROM account_names
    )
    WHERE bearer_count = 1 AND account_id IN (SELECT unnest(?))
"""


@dataclass(frozen=True)
class FollowerLists:
    """The lists of a lake: the names that some accounts alone bore, the secret of its members, null without one, as of when,
    and which lists are known by a name of their account (account_key, observed_at, new_key)."""

    lake: Lake
    names_of: Callable[[pl.DataFrame], pl.DataFrame]
    secret: str | None
    as_of: datetime | None
    moved: pl.DataFrame

    @classmethod
    def of(cls, lake_root: Path, warehouse: Path, secret: Callable[[Lake], str | None]) -> "FollowerLists":
        """Those of a lake whose warehouse is published.

        Raises:
            UsageError: The lake has been added to since the warehouse was published.
        """
        lake = _opened(lake_root)
        as_of = _as_of(lake, warehouse)
        return cls(lake, partial(_own_names, warehouse), secret(lake), as_of, _moved_lists(lake, warehouse))

    def followers(self, accounts: pl.DataFrame) -> pl.DataFrame:
        """Distinct (account_key, member_key, pair) of accounts, by the rules of the mart `audience`."""
        keys = accounts.select(stable_key("platform", "account_id")).to_series()
        named = self.moved.filter(pl.col("new_key").is_in(keys.implode())).get_column("account_key")
        delivered = pl.concat([keys.alias("account_key"), named]).unique()
        buckets = {None, *delivered.to_frame().select(edges.bucket_of()).to_series()}
        segments = [s for s in self.lake.segments("follows") if s.bucket in buckets]
        rows = edges.scan("follows", [self.lake.root / s.path for s in segments])
        rows = under_new_keys(rows.filter(pl.col("account_key").is_in(delivered.implode())), self.moved)
        follows = rows.filter(pl.col("account_key").is_in(keys.implode()))
        return audience_edges.follows_to_followers(
            follows, audience_edges.newest_complete_lists(follows, self.as_of), self.selves(accounts), self.as_of
        )

    def selves(self, accounts: pl.DataFrame) -> pl.DataFrame:
        """The accounts paired with themselves, by their id, their handle and every name that was theirs alone."""
        named = self.names_of(accounts).join(accounts, on=ACCOUNT, how="semi")
        return accounts_to_selves(pl.concat([accounts.select(NAMES), named.select(NAMES)]), self.secret)


def _own_names(warehouse: Path, accounts: pl.DataFrame) -> pl.DataFrame:
    with open_published(warehouse) as connection:
        return frame_of(connection.sql(OWN_NAMES, params=[accounts.get_column("account_id").to_list()]))


def _opened(lake_root: Path) -> Lake:
    """The lake that is there: a question makes no new one."""
    if not (lake_root / "ledger").is_dir():
        raise UsageError(
            f"{lake_root}: there is no lake beside the warehouse, so nobody can tell who follows whom",
            fix="name the home that the exports were run into, or run `tierwise run EXPORTS` again",
        )
    return Lake.open(lake_root)


def _as_of(lake: Lake, warehouse: Path) -> datetime | None:
    """The as_of of what is published, once it is sure that the lake has been published whole."""
    state = published_state(warehouse)
    if state is None or not is_published_whole(lake, state):
        raise UsageError(
            f"{warehouse.parent}: the lake holds other deliveries than the warehouse",
            fix="run `tierwise run EXPORTS` again",
        )
    as_of: datetime | None = state.runs.get_column("as_of")[-1]
    return as_of


def _moved_lists(lake: Lake, warehouse: Path) -> pl.DataFrame:
    """Lists that are known by a name of their account, as the warehouse counts them."""
    with open_published(warehouse) as connection:
        found = frame_of(connection.sql(LISTS_BY_NAME))
    state = published_state(warehouse)
    if state is None or found.is_empty():
        return MOVED.to_frame()
    cut = as_of_given(state)
    return lists_under_ids(lake, names_told({name: until(lake.rows(name), name, cut) for name in EVIDENCE}))[1]

"""The people of the accounts of a plan: from the lists in the lake, and by the platform's counts."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import polars as pl

from marts.follower_lists import FollowerLists
from marts.member_groups import groups_of
from transforms.selection.groups import Groups, no_groups
from transforms.selection.offers import Flags, Floats, Integers
from transforms.selection.reach import Audiences
from warehouse.lake.ledger import Lake
from warehouse.published import frame_of, open_published

POSTS = "SELECT platform, account_id, post_id, published_at, like_count, comment_count FROM posts"


@dataclass(frozen=True)
class People:
    """Groups of the people in lists; by the platforms' counts the fewest followers of each account that are to count, and those
    whom no list names, who may."""

    groups: Groups
    followers: Floats
    unnamed: Floats

    def only(self, kept: Flags | Integers) -> "People":
        """Those of some of the accounts."""
        return People(self.groups.only(kept), self.followers[kept], self.unnamed[kept])


@dataclass(frozen=True)
class Source:
    """Where people are counted: the lists, and the mart `posts`, each asked for when it is needed. Followers of the `brand`
    are not counted, null for none."""

    lists: Callable[[], FollowerLists]
    posts: Callable[[], pl.LazyFrame]
    brand: pl.DataFrame | None = None

    @classmethod
    def published(
        cls, warehouse: Path, lake_root: Path, secret: Callable[[Lake], str | None], brand: pl.DataFrame | None = None
    ) -> "Source":
        """A lake whose warehouse is published."""
        return cls(lambda: FollowerLists.of(lake_root, warehouse, secret), lambda: _posts(warehouse), brand)

    def people_of(self, accounts: pl.DataFrame, *, engaged: bool = False) -> People:
        """Followers of accounts (platform, account_id, username, followers_count, listed_count), or those who engage."""
        groups = self._groups(accounts, engaged=engaged)
        if engaged:
            return People(groups, np.zeros(accounts.height), np.zeros(accounts.height))
        followers = accounts.get_column("followers_count").fill_null(0).cast(pl.Float64).to_numpy()
        unnamed = (followers - accounts.get_column("listed_count").to_numpy()).clip(0)
        if self.brand is not None:
            most = self.brand.select(pl.max_horizontal("followers_count", "listed_count")).item()
            is_there = (accounts.get_column("platform") == self.brand.item(0, "platform")).to_numpy()
            is_brand = is_there & (accounts.get_column("account_id") == self.brand.item(0, "account_id")).to_numpy()
            followers = np.where(is_there, np.maximum(followers - most, 0), followers)
            unnamed = np.where(is_brand, 0, unnamed)
        return People(groups, followers, unnamed)

    def _groups(self, accounts: pl.DataFrame, *, engaged: bool) -> Groups:
        if not (accounts.get_column("listed_count") > 0).any():
            return no_groups(accounts.height)
        if not engaged:
            return groups_of(self._lists, accounts, without=self.brand)
        return groups_of(self._lists, accounts, posts=self.posts(), without=self.brand)

    @cached_property
    def _lists(self) -> FollowerLists:
        return self.lists()


def _posts(warehouse: Path) -> pl.LazyFrame:
    with open_published(warehouse) as connection:
        return frame_of(connection.sql(POSTS)).lazy()


def audiences_of(accounts: pl.DataFrame, people: People) -> Audiences:
    """The audiences of accounts in their order."""
    platforms = np.array(accounts.get_column("platform").to_list(), dtype=np.str_)
    return Audiences(platforms, people.followers, people.groups, people.unnamed)

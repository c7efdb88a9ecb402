"""People of many accounts grouped by whom they follow, from their lists in the lake. Counts leave here, never a member."""

from collections.abc import Iterator

import numpy as np
import polars as pl

from marts.follower_lists import FollowerLists
from schemas.keys import stable_key
from transforms import audience_edges
from transforms.selection.groups import Groups, follows_to_groups, no_groups
from warehouse.lake import edges
from warehouse.lake.edge_layout import ENGAGEMENTS

# Lists are read for so many follows at a time.
BATCH_ROWS = 2_000_000


def groups_of(
    lists: FollowerLists,
    accounts: pl.DataFrame,
    *,
    posts: pl.LazyFrame | None = None,
    without: pl.DataFrame | None = None,
) -> Groups:
    """The people of some accounts.

    Args:
        lists: Where their followers are.
        accounts: platform, account_id, username, `followers_known_count`, the followers in the list of each, and
            `listed_count`, those of them that are to count.
        posts: The mart `posts`: only people who liked or commented on one of them count. Null for all followers.
        without: Accounts whose followers do not count.

    Returns:
        Rows in the order of `accounts`, empty ones for those without a list.
    """
    listed = accounts.filter(pl.col("listed_count") > 0)
    if listed.is_empty():
        return no_groups(accounts.height)
    ignored = None if without is None else lists.followers(without)
    found = []
    for batch in _batches(listed):
        follows = lists.followers(batch)
        if posts is not None:
            follows = follows.join(_engaged(lists, batch, posts), on="pair", how="semi")
        if ignored is not None:
            follows = follows.join(ignored, on="member_key", how="anti")
        found.append(follows.select("account_key", "member_key"))
    keys = accounts.select(stable_key("platform", "account_id")).to_series()
    return follows_to_groups(pl.concat(found), keys.to_numpy().astype(np.uint64))


def _engaged(lists: FollowerLists, accounts: pl.DataFrame, posts: pl.LazyFrame) -> pl.DataFrame:
    """Accounts and people who liked or commented on a post of theirs, each as one number: (pair)."""
    own = posts.join(accounts.lazy().select("platform", "account_id"), on=["platform", "account_id"], how="semi")
    windows = audience_edges.posts_to_windows(own, lists.as_of)
    selves = lists.selves(accounts)
    found = [selves.select("pair").clear()]
    for dataset in ENGAGEMENTS:
        paths = [lists.lake.root / segment.path for segment in lists.lake.segments(dataset)]
        if paths:
            acts = audience_edges.edges_to_engagements(
                edges.scan(dataset, paths), dataset, windows, selves, lists.as_of
            )
            found.append(acts.select("pair").unique())
    return pl.concat(found).unique()


def _batches(listed: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """Accounts in the order of their buckets, so that few files are read twice."""
    rows = listed.with_columns(stable_key("platform", "account_id").alias("key")).sort("key")
    # Of those who engage all followers are read too.
    count = pl.col("followers_known_count")
    part = (count.cum_sum() - count) // BATCH_ROWS
    yield from rows.with_columns(part.alias("part")).drop("key").partition_by("part", include_key=False)

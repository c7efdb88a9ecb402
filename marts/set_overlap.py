"""What a set of accounts reaches together: from their follower lists in the lake, as the warehouse counts them.

Exactly where all of them have whole lists. Followers whom no list names may all be followers of the others too, or none:
the reach then lies between two bounds.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from marts.follower_lists import NAMES, FollowerLists
from schemas.errors import UsageError
from schemas.handles import handle_of
from schemas.keys import stable_key
from transforms.audience_overlap import follows_to_set_overlap
from transforms.audience_rates import COMPLETE
from warehouse.lake.ledger import Lake
from warehouse.published import frame_of, open_published

NO_FOLLOWERS = pl.DataFrame(schema={"account_key": pl.UInt64, "member_key": pl.UInt64})
ACCOUNTS = """
    SELECT
        a.platform, a.account_id, a.username, a.followers_count,
        u.followers_known_count IS NOT NULL AS is_listed,
        coalesce(n.names, []) AS names
    FROM accounts a
    LEFT JOIN audience u
        ON u.platform = a.platform AND u.account_id = a.account_id
        AND u.time_window = 'all_time' AND u.followers_known_count > 0
    LEFT JOIN (
        SELECT platform, account_id, list(username) AS names FROM account_names
        GROUP BY ALL
    ) n ON n.platform = a.platform AND n.account_id = a.account_id
    WHERE list_contains($asked, a.account_id) OR list_contains($names, a.account_id) OR list_has_any(n.names, $names)
"""


@dataclass(frozen=True)
class SetOverlap:
    """A set of accounts: whom they reach together, what each adds to it, and how many people are in exactly k of them.

    `unique_reach_count` is the people of their lists. The least that they reach is those of each platform, or as many as
    follow its largest account, whichever are more. The most adds the followers whom no list names; it is null where of
    some account it is not known how many it has. `unlisted` are the accounts without a list, and how many each may add to
    the people of the lists.
    """

    unique_reach_count: int
    unique_reach_count_low: int
    unique_reach_count_high: int | None
    followers_known_sum: int
    accounts: pl.DataFrame
    exactly: pl.DataFrame
    unlisted: pl.DataFrame

    @property
    def listed_count(self) -> int:
        """How many of the accounts have lists."""
        return int(self.accounts.get_column("is_listed").sum())

    @property
    def is_whole(self) -> bool:
        """Whether every list is known to name about all of the account's followers."""
        listed = self.accounts.filter("is_listed")
        return bool((listed.get_column("followers_coverage_ratio").fill_null(0) >= COMPLETE).all())

    @property
    def platform_count(self) -> int:
        return self.accounts.get_column("platform").n_unique()

    def as_json(self) -> dict[str, Any]:
        return {
            "schema_version": 1,
            "unique_reach_count": self.unique_reach_count,
            "unique_reach_count_low": self.unique_reach_count_low,
            "unique_reach_count_high": self.unique_reach_count_high,
            "unlisted": self.unlisted.to_dicts(),
            "followers_known_sum": self.followers_known_sum,
            "accounts": self.accounts.to_dicts(),
            "exactly": self.exactly.to_dicts(),
        }


def set_overlap(
    asked: Sequence[str], warehouse: Path, lake_root: Path, secret: Callable[[Lake], str | None]
) -> SetOverlap:
    """The overlap of some accounts, from lists as the published warehouse counts them.

    Args:
        asked: Each account as `platform:id`, `@handle` or `platform:@handle`.
        warehouse: The published file, which says who the accounts are and as of when.
        lake_root: The folder of the lake, where the lists are.
        secret: Gives the secret that members of the lake are pseudonyms under; null where there is none.

    Returns:
        Numbers of people. `accounts` has a row for each account: followers (count) as its platform says and as listed,
        those of it that no other account of the set has (count, and ratio of its own), and what it adds (ratio of the reach).

    Raises:
        UsageError: No account or several are called so, or the lake has been added to since the warehouse was published.
    """
    accounts = find(asked, warehouse)
    lists = FollowerLists.of(lake_root, warehouse, secret)
    listed = accounts.filter("is_listed")
    followers = lists.followers(listed) if listed.height else NO_FOLLOWERS
    keyed = accounts.with_columns(stable_key("platform", "account_id").alias("account_key"))
    per_account, exactly = follows_to_set_overlap(
        followers.select(pl.col("account_key").alias("account_id"), "member_key")
    )
    shares = per_account.drop("unique_reach_count").rename({"account_id": "account_key"})
    table = (
        keyed.join(shares, on="account_key", how="left")
        .with_columns((pl.col("followers_known_count") / pl.col("followers_count")).alias("followers_coverage_ratio"))
        .select(
            *NAMES, "is_listed", "followers_count", "followers_known_count", "followers_coverage_ratio", "exclusive_count", "exclusive_share_of_own",
            "contribution_share",
        )
        .sort("contribution_share", "platform", "account_id", descending=[True, False, False], nulls_last=True)
    )  # fmt: skip
    reach, known = (int(column.sum()) for column in (exactly["member_count"], table["followers_known_count"]))
    told = table.join(_in_lists(keyed, followers), on="platform", maintain_order="left")
    return SetOverlap(reach, _lowest(told), _highest(reach, table), known, table, exactly, _unlisted(told))


def _in_lists(keyed: pl.DataFrame, followers: pl.DataFrame) -> pl.DataFrame:
    """People in the lists of the accounts of each platform, each counted once: (platform, listed_people)."""
    members = keyed.select("platform", "account_key").join(followers, on="account_key", how="left")
    return members.group_by("platform").agg(pl.col("member_key").drop_nulls().n_unique().alias("listed_people"))


def _lowest(accounts: pl.DataFrame) -> int:
    """The fewest people the accounts can reach: whoever is in no list follows the largest account of the platform too."""
    least = pl.max_horizontal("listed_people", "followers_count").max()
    return int(accounts.group_by("platform").agg(least.alias("least")).get_column("least").sum())


def _unlisted(accounts: pl.DataFrame) -> pl.DataFrame:
    beyond = pl.col("followers_count").fill_null(0) - pl.col("listed_people").cast(pl.Int64)
    added = [beyond.clip(0).alias("added_reach_low"), pl.col("followers_count").alias("added_reach_high")]
    return accounts.filter(~pl.col("is_listed")).select(*NAMES, *added)


def _highest(reach: int, accounts: pl.DataFrame) -> int | None:
    """The most people the accounts can reach: nobody who is in no list follows two of them."""
    followers = accounts.get_column("followers_count")
    if followers.null_count():
        return None
    missing = followers - accounts.get_column("followers_known_count").fill_null(0)
    return reach + int(missing.clip(0).sum())


def find(asked: Sequence[str], warehouse: Path) -> pl.DataFrame:
    """The published accounts that are meant, each once."""
    meant = [_parsed(text) for text in asked]
    names = pl.Series([name for _, name, _ in meant], dtype=pl.String)
    bare = names.to_frame("name").select(handle_of(pl.col("name"))).to_series()
    with open_published(warehouse) as connection:
        known = frame_of(connection.sql(ACCOUNTS, params={"asked": names.to_list(), "names": bare.to_list()}))
    found = []
    for text, (platform, name, is_handle), handle in zip(asked, meant, bare, strict=True):
        is_meant = pl.col("account_id") == name
        if is_handle:
            is_meant |= (pl.col("account_id") == handle) | pl.col("names").list.contains(handle)
        rows = known.filter(is_meant)
        rows = rows.filter(pl.col("platform") == platform) if platform else rows
        found.append(_only(text, _bearing_now(rows, handle)))
    return pl.concat(found).unique(["platform", "account_id"], maintain_order=True)


def _bearing_now(rows: pl.DataFrame, handle: str) -> pl.DataFrame:
    """Of accounts that bore a name one after the other the one that bears it, where that is one."""
    now = rows.filter(handle_of(pl.col("username")) == handle)
    return now if now.height == 1 else rows


def _parsed(text: str) -> tuple[str | None, str, bool]:
    """Platform if given, id or handle, and whether it may be a handle."""
    platform, _, name = ("", "", text) if text.startswith("@") else text.partition(":")
    if not name.strip("@") or not (platform.strip() or text.startswith("@")):
        raise UsageError(f"{text!r} names no account", fix="write platform:id, such as instagram:kim, or @handle")
    return platform.strip().lower() or None, name, name.startswith("@")


def _only(text: str, rows: pl.DataFrame) -> pl.DataFrame:
    if rows.is_empty():
        raise UsageError(
            f"{text}: there is no such account in the warehouse",
            fix='see them with: tierwise query "select platform, account_id, username from accounts"',
        )
    if rows.height > 1:
        labels = ", ".join(sorted(rows.select(_label()).to_series().to_list()))
        raise UsageError(f"{text}: several accounts are called so", fix=f"say which: {labels}")
    return rows


def _label() -> pl.Expr:
    return pl.concat_str("platform", pl.lit(":"), "account_id")

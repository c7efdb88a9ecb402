"""What a set of accounts reaches together, exactly: from their follower lists in the lake, as the warehouse counts them."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import polars as pl

from flows import console
from flows.settings import Settings
from flows.steps import is_published_whole, known_secret
from schemas.errors import DataError, UsageError
from schemas.keys import stable_key
from transforms import audience
from transforms.audience_overlap import follows_to_set_overlap
from transforms.self_pairs import accounts_to_selves
from warehouse.lake import edges
from warehouse.lake.ledger import Lake
from warehouse.publish import frame_of, open_published, published_state

SHARES = ["followers_coverage_ratio", "exclusive_share_of_own", "contribution_share"]
NAMES = ["platform", "account_id", "username"]
ACCOUNTS = """
    SELECT a.platform, a.account_id, a.username, a.followers_count, u.followers_known_count IS NOT NULL AS is_listed
    FROM accounts a
    LEFT JOIN audience u
        ON u.platform = a.platform AND u.account_id = a.account_id
        AND u.time_window = 'all_time' AND u.followers_known_count > 0
    WHERE list_contains(?, a.account_id) OR list_contains(?, lower(ltrim(a.username, '@')))
"""


@dataclass(frozen=True)
class SetOverlap:
    """A set of accounts: whom they reach together, what each adds to it, and how many people are in exactly k of them."""

    unique_reach_count: int
    followers_known_sum: int
    accounts: pl.DataFrame
    exactly: pl.DataFrame

    def as_json(self) -> dict[str, Any]:
        return {
            "schema_version": 1,
            "unique_reach_count": self.unique_reach_count,
            "followers_known_sum": self.followers_known_sum,
            "accounts": self.accounts.to_dicts(),
            "exactly": self.exactly.to_dicts(),
        }


def set_overlap(asked: Sequence[str], settings: Settings) -> SetOverlap:
    """The overlap of the accounts asked for, each as `platform:id`, `@handle` or `platform:@handle`."""
    accounts = _find(asked, settings)
    lake = Lake.open(settings.lake)
    followers = _followers(lake, settings, accounts, _as_of(lake, settings))
    keyed = accounts.with_columns(stable_key("platform", "account_id").alias("account_key"))
    per_account, exactly = follows_to_set_overlap(
        followers.select(pl.col("account_key").alias("account_id"), "member_key")
    )
    shares = per_account.drop("unique_reach_count").rename({"account_id": "account_key"})
    table = (
        keyed.join(shares, on="account_key")
        .with_columns((pl.col("followers_known_count") / pl.col("followers_count")).alias("followers_coverage_ratio"))
        .select(
            *NAMES, "followers_known_count", "followers_coverage_ratio", "exclusive_count", "exclusive_share_of_own",
            "contribution_share",
        )
        .sort("contribution_share", "platform", "account_id", descending=[True, False, False])
    )  # fmt: skip
    reach, listed = exactly.get_column("member_count").sum(), table.get_column("followers_known_count").sum()
    return SetOverlap(int(reach), int(listed), table, exactly)


def show(overlap: SetOverlap, *, as_json: bool) -> None:
    """Counts and shares, never a member."""
    if as_json:
        print(json.dumps(overlap.as_json(), ensure_ascii=False))
        return
    accounts = overlap.accounts.with_columns(pl.col(SHARES).round(4))
    reach = f"{overlap.unique_reach_count:,} people reached by {accounts.height} accounts"
    console.show_table(
        f"{reach} whose lists add up to {overlap.followers_known_sum:,}", accounts.columns, accounts.rows()
    )
    print()
    console.show_table("People in exactly so many of the lists", overlap.exactly.columns, overlap.exactly.rows())
    if accounts.get_column("platform").n_unique() > 1:
        console.err.print("who is on several platforms is counted once on each: nothing tells that they are one person")
    if not (accounts.get_column("followers_coverage_ratio").fill_null(0) >= audience.COMPLETE).all():
        console.err.print("some lists are partial, or not known to be whole: the reach is a lower bound")


def _find(asked: Sequence[str], settings: Settings) -> pl.DataFrame:
    """The published accounts that are meant, each once."""
    meant = [_parsed(text) for text in asked]
    names = [name for _, name, _ in meant]
    with open_published(settings.warehouse) as connection:
        handles = [name.removeprefix("@").lower() for name in names]
        known = frame_of(connection.sql(ACCOUNTS, params=[names, handles]))
    handle = pl.col("username").str.strip_chars_start("@").str.to_lowercase()
    found = []
    for text, (platform, name, is_handle) in zip(asked, meant, strict=True):
        is_meant = pl.col("account_id") == name
        if is_handle:
            is_meant |= (handle == name.removeprefix("@").lower()).fill_null(value=False)
        rows = known.filter(is_meant)
        rows = rows.filter(pl.col("platform") == platform) if platform else rows
        found.append(_only(text, rows))
    chosen = pl.concat(found).unique(["platform", "account_id"], maintain_order=True)
    if unlisted := chosen.filter(~pl.col("is_listed")).select(_label()).to_series().to_list():
        raise DataError(
            f"no follower list of {', '.join(unlisted)}: what it reaches is not known",
            fix="deliver follower lists (platform, account_id, follower_id), or leave it out",
        )
    return chosen


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


def _as_of(lake: Lake, settings: Settings) -> datetime | None:
    """The as_of of what is published, once it is sure that the lake has been published whole."""
    state = published_state(settings.warehouse)
    if state is None or not is_published_whole(lake, state):
        raise UsageError(
            f"{settings.home}: the lake holds other deliveries than the warehouse",
            fix="run `tierwise run EXPORTS` again",
        )
    as_of: datetime | None = state.runs.get_column("as_of")[-1]
    return as_of


def _followers(lake: Lake, settings: Settings, accounts: pl.DataFrame, as_of: datetime | None) -> pl.DataFrame:
    """Distinct (account_key, member_key) of the accounts, by the rules of the mart `audience`."""
    keys = accounts.select(stable_key("platform", "account_id").alias("account_key")).with_columns(edges.bucket_of())
    buckets = {None, *keys.get_column("bucket").to_list()}
    segments = [s for s in lake.segments("follows") if s.bucket in buckets]
    mine = pl.col("account_key").is_in(keys.get_column("account_key").implode())
    follows = edges.scan("follows", [lake.root / s.path for s in segments]).filter(mine)
    selves = accounts_to_selves(accounts, known_secret(lake, settings))
    return audience.follows_to_followers(follows, audience.newest_complete_lists(follows, as_of), selves, as_of)

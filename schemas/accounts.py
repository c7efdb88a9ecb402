"""Accounts: what an export says of one, and the two tables made of it."""

import polars as pl

from schemas.columns import COUNT_MAX, RATIO_MAX, Instant, Table, column
from schemas.niches import DELIVERED, LISTED, NONE, SUGGESTED

GROWTH_REASONS = ("undated", "no_followers", "first_observation", "from_zero")
SPIKE_REASONS = ("undated", "no_followers", "first_observation", "too_close", "few_gains", "no_spread")


class AccountObservations(Table):
    """One row per account and observation: what an export says of an account at one time."""

    platform: str = column("Network the account is on, lower case", "label", key=True)
    account_id: str = column(
        "The platform's own id of the account, or its handle where that is all there is", "id", key=True
    )
    username: str = column("Handle as delivered", "text", nullable=True)
    display_name: str = column("Name shown beside the handle", "text", nullable=True)
    niche: str = column("Topic as delivered, not yet normalised", "text", nullable=True)
    followers_count: pl.Int64 = column("Followers at that time", "count", nullable=True)
    follows_count: pl.Int64 = column("Accounts it follows", "count", nullable=True)
    media_count: pl.Int64 = column("Posts it has published", "count", nullable=True)
    is_verified: pl.Boolean = column("Carries the platform's badge", "flag", nullable=True)
    country: str = column("Country as delivered", "text", nullable=True)
    observed_at: Instant = column(
        "When this was seen; null is an undated observation", "instant", nullable=True, key=True
    )


class Accounts(Table):
    """One row per account: its newest known state."""

    platform: str = column("Network the account is on", "label", key=True)
    account_id: str = column("The platform's id of the account", "id", key=True)
    username: str = column("Handle, newest known", "text", nullable=True)
    display_name: str = column("Name, newest known", "text", nullable=True)
    creator: str = column(
        "The person or brand it belongs to, as declared; null where none is, or two are", "label", nullable=True
    )
    niche: str = column("Normalised topic; unknown where none was listed or delivered", "label")
    niche_basis: str = column(
        "listed: from a list of topics, which goes before what exports deliver; delivered: from an export of accounts; "
        "suggested: from hashtags of its posts; none: not known",
        "label",
        isin=(LISTED, DELIVERED, SUGGESTED, NONE),
    )
    niche_raw: str = column("Text that the topic was read from", "text", nullable=True)
    niche_delivered: str = column("Topic as exports of accounts deliver it, newest known", "text", nullable=True)
    niche_observed_at: Instant = column(
        "When the topic was said, by a list or an export; null when undated or not known", "instant", nullable=True
    )
    tier: str = column("Tier under the default scheme; null without followers", "label", nullable=True)
    followers_count: pl.Int64 = column("Followers at the newest observation that has them", "count", nullable=True)
    follows_count: pl.Int64 = column("Accounts it follows, newest known", "count", nullable=True)
    media_count: pl.Int64 = column("Posts it has published, newest known", "count", nullable=True)
    is_verified: pl.Boolean = column("Carries the platform's badge", "flag", nullable=True)
    country: str = column("Country, newest known", "text", nullable=True)
    observed_at: Instant = column(
        "When its followers were newest observed; null when never dated", "instant", nullable=True
    )


class AccountSnapshots(Table):
    """One row per account and observation time: the follower history."""

    platform: str = column("Network the account is on", "label", key=True)
    account_id: str = column("The platform's id of the account", "id", key=True)
    observed_at: Instant = column("When this was seen; null is undated", "instant", nullable=True, key=True)
    followers_count: pl.Int64 = column("Followers then; the larger where two exports disagree", "count", nullable=True)
    follows_count: pl.Int64 = column("Accounts it followed then", "count", nullable=True)
    media_count: pl.Int64 = column("Posts it had published then", "count", nullable=True)
    is_followers_rounded: pl.Boolean = column(
        "The count has three significant digits at most, from 1,000 on: it may be rounded, and growth goes in steps",
        "flag",
        nullable=True,
    )
    previous_observed_at: Instant = column(
        "The dated observation with followers before this one", "instant", nullable=True
    )
    previous_followers_count: pl.Int64 = column("Followers at that time", "count", nullable=True)
    days_between: pl.Float64 = column("Days from that observation to this one", "days", nullable=True)
    follower_growth_rate: pl.Float64 = column(
        "Followers gained since then over those of then; negative where some were lost", "ratio", nullable=True,
        in_range={"min_value": -1, "max_value": RATIO_MAX},
    )  # fmt: skip
    followers_gained_per_day: pl.Float64 = column(
        "Followers gained since then for each day between; null within half a day", "average", nullable=True,
        in_range={"min_value": -2 * COUNT_MAX, "max_value": 2 * COUNT_MAX},
    )  # fmt: skip
    growth_spike_score: pl.Float64 = column(
        "0.6745 times the distance of this daily gain from the account's median, over the median distance of all its gains",
        "ratio", nullable=True, in_range={"min_value": -1e23, "max_value": 1e23},
    )  # fmt: skip
    growth_reason: str = column("Why the growth rate is null", "label", nullable=True, isin=GROWTH_REASONS)
    spike_reason: str = column("Why the spike score is null", "label", nullable=True, isin=SPIKE_REASONS)

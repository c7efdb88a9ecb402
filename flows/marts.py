"""From the lake to the tables of the warehouse: which transform makes which mart."""

from dataclasses import dataclass
from datetime import datetime

import polars as pl

from transforms import account_engagement, accounts, niche_tier_engagement, posts, published_metrics, rates, tiers
from warehouse.lake import Lake

TIMES = {
    "accounts": ("observed_at",),
    "posts": ("observed_at",),
}
EVENTS = {"posts": ("published_at",)}


@dataclass(frozen=True)
class Marts:
    """The tables to publish and the instant they are computed for."""

    as_of: datetime | None
    tables: dict[str, pl.DataFrame | pl.LazyFrame]


def newest_instant(lake: Lake) -> datetime | None:
    """The newest observation in the lake, else the newest event: what as_of defaults to, so that no clock is needed."""
    for columns in (TIMES, EVENTS):
        times = [lake.rows(dataset).select(pl.col(*names).max()).collect().row(0) for dataset, names in columns.items()]
        known = [time for row in times for time in row if time is not None]
        if known:
            return max(known)
    return None


def build_marts(lake: Lake, as_of: datetime | None) -> Marts:
    """Every mart, from the rows that count, as of an instant."""
    as_of = as_of or newest_instant(lake)
    account_rows = accounts.seen_by(lake.rows("accounts"), as_of)
    seen = accounts.observations_to_snapshots(account_rows).collect().lazy()
    newest = posts.observations_to_newest(posts.seen_by(lake.rows("posts"), as_of)).collect().lazy()
    post_table = posts.newest_to_posts(newest, seen).collect()
    account_table = accounts.snapshots_to_accounts(accounts.with_accounts_of_posts(seen, newest)).collect()
    engagement = account_engagement.posts_to_account_engagement(post_table.lazy(), account_table.lazy(), as_of).collect()
    return Marts(
        as_of,
        {
            "accounts": account_table,
            "account_snapshots": seen,
            "posts": post_table,
            "account_engagement": engagement,
            "niche_tier_engagement": niche_tier_engagement.to_niche_tier_engagement(engagement.lazy()),
            "tier_engagement": niche_tier_engagement.to_tier_engagement(engagement.lazy()),
            "niche_engagement": niche_tier_engagement.to_niche_engagement(engagement.lazy()),
            "rates": rates.quotes_to_rates(lake.rows("rates"), as_of),
            "published_metrics": published_metrics.claims_to_published_metrics(lake.rows("published_metrics"), as_of),
            "tier_schemes": tiers.tier_schemes(),
            "tiers": tiers.tiers(),
            "data_quality": accounts.observations_to_conflicts(account_rows),
        },
    )

"""From the lake to the tables of the warehouse: which transform makes which mart."""

from datetime import datetime

import polars as pl

from transforms import (
    account_engagement,
    accounts,
    data_quality,
    engagement_regression,
    lift,
    niche_tier_engagement,
    posts,
    published_metrics,
    rates,
    tiers,
)  # fmt: skip
from transforms.keys import split_repeated
from warehouse.edges import EDGE_SCHEMAS
from warehouse.lake import Lake

Marts = dict[str, pl.DataFrame | pl.LazyFrame]

OBSERVED = {
    "accounts": pl.col("observed_at"),
    # What is undated was seen after it was published: else one dated file would hide all the newer posts of undated ones.
    "posts": pl.coalesce("observed_at", "published_at"),
    "published_metrics": pl.col("observed_at"),
    "rates": pl.col("quoted_on"),
}


def newest_instant(lake: Lake) -> datetime | None:
    """The newest observation in the lake, else the newest event: what as_of defaults to, so that no clock is needed."""
    segments = [segment for dataset in EDGE_SCHEMAS for segment in lake.segments(dataset)]
    newest = pl.concat(
        lake.rows(dataset).select(time.max().cast(pl.Datetime("us")).alias("at")) for dataset, time in OBSERVED.items()
    )
    at: datetime | None = newest.max().collect().item()
    observed = [datetime.fromisoformat(segment.observed) for segment in segments if segment.observed]
    happened = [datetime.fromisoformat(segment.happened) for segment in segments if segment.happened]
    times = observed + ([at] if at else [])
    return max(times or happened, default=None)


def build_marts(lake: Lake, as_of: datetime | None) -> Marts:
    """Every mart, from the rows that count, as of an instant. `posts`, the largest, stays lazy and streams to its table."""
    account_rows = accounts.seen_by(lake.rows("accounts"), as_of)
    post_rows = posts.seen_by(lake.rows("posts"), as_of)
    seen_once, seen_again = split_repeated(post_rows, posts.KEY)
    delivered = posts.observations_to_newest(seen_once, seen_again)
    hidden = posts.accounts_with_hidden_likes(delivered)
    newest = posts.without_hidden_likes(delivered, hidden)
    snapshots = accounts.observations_to_snapshots(account_rows).collect().lazy()
    post_table = posts.newest_to_posts(newest, snapshots)
    account_table = accounts.snapshots_to_accounts(
        accounts.with_accounts_of(snapshots, newest, lake.accounts_of_lists())
    ).collect()
    measured = account_engagement.posts_to_measured(post_table).collect(engine="streaming")
    engagement = account_engagement.measured_to_account_engagement(measured, account_table, as_of)
    regression = engagement_regression.engagement_to_regression(engagement)
    by_rate = niche_tier_engagement.by_rate(engagement)
    return {
        "accounts": account_table,
        "account_snapshots": snapshots,
        "posts": post_table,
        "account_engagement": lift.with_lift(engagement, regression),
        "niche_tier_engagement": niche_tier_engagement.to_niche_tier_engagement(by_rate),
        "tier_engagement": niche_tier_engagement.to_tier_engagement(by_rate),
        "niche_engagement": niche_tier_engagement.to_niche_engagement(by_rate),
        "engagement_regression": regression,
        "rates": rates.quotes_to_rates(lake.rows("rates"), as_of),
        "published_metrics": published_metrics.claims_to_published_metrics(lake.rows("published_metrics"), as_of),
        "tier_schemes": tiers.tier_schemes(),
        "tiers": tiers.tiers(),
        "data_quality": pl.concat(
            [
                data_quality.accounts_to_conflicts(account_rows),
                data_quality.posts_to_conflicts(seen_again),
                data_quality.hidden_likes_to_suspicions(hidden),
                data_quality.posts_to_suspicions(newest),
                data_quality.measured_to_suspicions(measured, account_table),
            ]
        ),
    }

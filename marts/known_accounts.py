"""What a plan needs to know of accounts, from the tables of the warehouse, published or about to be."""

from collections.abc import Mapping

import duckdb
import polars as pl

from schemas.plans import Objective
from warehouse.arrow_stream import ArrowStream
from warehouse.in_files import Frame
from warehouse.published import NO_EXTENSIONS, NO_SPILL, frame_of

ACCOUNTS = """
    SELECT
        platform, account_id, a.username, a.niche, a.tier, a.followers_count, e.post_known_count,
        e.engagement_rate_shrunk AS rate, e.engagement_rate_shrunk_low AS rate_low, e.engagement_rate_shrunk_high AS rate_high,
        e.shrunk_reason, e.paid_verdict, e.sponsored_known_count, e.sponsored_engaged_count, u.followers_coverage_ratio,
        coalesce(u.followers_known_count, 0) AS followers_known_count,
        coalesce(u.engaged_follower_count, 0) AS engaged_follower_count,
        a.account_id IS NOT NULL AS is_known, coalesce(b.is_of_brand, false) AS is_of_brand, coalesce(q.issues, []) AS issues
    FROM accounts AS a
    FULL JOIN (SELECT DISTINCT platform, account_id FROM rates) AS r USING (platform, account_id)
    LEFT JOIN (FROM account_engagement WHERE time_window = 'all_time') AS e USING (platform, account_id)
    LEFT JOIN (FROM audience WHERE time_window = 'all_time') AS u USING (platform, account_id)
    LEFT JOIN (
        SELECT DISTINCT platform, account_id, true AS is_of_brand FROM brand_mentions WHERE brand = $brand
    ) AS b USING (platform, account_id)
    LEFT JOIN (
        SELECT platform, account_id, list(struct_pack(issue, column_name, row_count) ORDER BY issue, column_name) AS issues
        FROM (SELECT platform, account_id, issue, column_name, count(*) AS row_count FROM data_quality GROUP BY ALL)
        GROUP BY ALL
    ) AS q USING (platform, account_id)
"""
# The columns of each table that the query reads.
READ: Mapping[str, tuple[str, ...]] = {
    "accounts": ("username", "niche", "tier", "followers_count"),
    "rates": (),
    "account_engagement": (
        "time_window", "post_known_count", "engagement_rate_shrunk", "engagement_rate_shrunk_low", "engagement_rate_shrunk_high",
        "shrunk_reason", "paid_verdict", "sponsored_known_count", "sponsored_engaged_count",
    ),
    "audience": ("time_window", "followers_coverage_ratio", "followers_known_count", "engaged_follower_count"),
    "brand_mentions": ("brand",),
    "data_quality": ("issue", "column_name"),
}  # fmt: skip
ACCOUNT = ("platform", "account_id")


def known_accounts(connection: duckdb.DuckDBPyConnection, brand: str | None = None) -> pl.DataFrame:
    """A row for each account that is known or has a price: figures over all time, and issues of `data_quality`."""
    return frame_of(connection.sql(ACCOUNTS, params={"brand": brand or ""}))


def priced_accounts(marts: Mapping[str, Frame]) -> pl.DataFrame:
    """The same of accounts with a quote alone, from tables that are not published yet."""
    quoted = marts["rates"].lazy().select(ACCOUNT).unique()
    with duckdb.connect(config=NO_EXTENSIONS | NO_SPILL) as connection:
        for name, columns in READ.items():
            rows = marts[name].lazy().select(*ACCOUNT, *columns).join(quoted, on=ACCOUNT, how="semi")
            connection.register(name, ArrowStream(rows.collect()))
        return known_accounts(connection)


def listed_of(objective: Objective) -> pl.Expr:
    """The listed people of an account that count for an objective."""
    is_engaged = objective == Objective.ENGAGED_FOLLOWERS
    return pl.col("engaged_follower_count" if is_engaged else "followers_known_count").alias("listed_count")

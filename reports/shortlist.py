"""The shortlist: whom to write to, per platform, niche and tier, and why."""

from typing import Any

import duckdb

from reports.queries import make_top_niches, rows_of

EACH, ALL = 20, 1_200
COLUMNS = (
    "platform", "niche", "tier", "account", "followers", "rate", "rate_low", "rate_high", "posts", "peer_percentile",
    "lift", "price", "currency", "cost_per_engagement", "why",
)  # fmt: skip
SHARES = frozenset({"rate", "rate_low", "rate_high", "peer_percentile"})
Row = dict[str, Any]


def shortlist_of(connection: duckdb.DuckDBPyConnection) -> list[Row]:
    """The accounts of the list, best first, each with its reasons in words."""
    make_top_niches(connection)
    rows = rows_of(connection, "shortlist", {"each_cell": EACH, "all_cells": ALL})
    best_first = sorted(rows, key=lambda row: (-row["rate_low"], row["platform"], row["account"]))
    return [{name: (row | {"why": why(row)})[name] for name in COLUMNS} for row in best_first]


def why(row: Row) -> str:
    """What speaks for an account, built from its numbers alone."""
    said = [f"at least {100 * row['rate_low']:.2f} % engage with a post, where {100 * row['prior']:.2f} % is usual"]
    if row["peer_percentile"] is not None:
        said.append(f"ahead of {100 * row['peer_percentile']:.0f} % of {row['peer_count']:,} peers")
    if row["lift"] is not None:
        said.append(f"{row['lift']:.1f} times the likes expected at its size")
    if row["price"] is not None:
        said.append(f"{row['price']:,.0f} {row['currency']} a post")
    if row["is_never_sponsored"]:
        said.append("never sponsored so far")
    return "; ".join(said)

"""The shortlist: whom to write to, per platform, niche and tier, why, and what speaks against it."""

from typing import Any

import duckdb

from reports.queries import make_top_niches, rows_of
from schemas.cautions import against

EACH, ALL = 20, 1_200
COLUMNS = (
    "platform", "niche", "tier", "account", "followers", "rate", "rate_low", "rate_high", "next_low", "next_high",
    "posts", "peer_percentile", "lift", "price", "currency", "cost_per_engagement", "why", "against",
)  # fmt: skip
SHARES = frozenset({"rate", "rate_low", "rate_high", "next_low", "next_high", "peer_percentile"})
# A list of people has a line for each, with the best of that person's accounts.
OF_PEOPLE = ("person", "platforms", "followers_at_most", *COLUMNS)
Row = dict[str, Any]


def shortlist_of(connection: duckdb.DuckDBPyConnection) -> list[Row]:
    """The accounts of the list, best first, each with what speaks for it and against it in words."""
    return [{name: row[name] for name in COLUMNS} for row in _best_first(connection)]


def people_of(connection: duckdb.DuckDBPyConnection) -> list[Row]:
    """The same with a line for each person, in the place of the best account. Who has no creator is known by that account."""
    creators = {row["creator"]: row for row in rows_of(connection, "people", {})}
    people: dict[tuple[str, ...], Row] = {}
    for row in _best_first(connection):
        name, alone = row["creator"], {"platforms": row["platform"], "followers_at_most": row["followers"]}
        person = {"person": name or row["account"], **creators.get(name, alone), **row}
        people.setdefault((name,) if name else (row["platform"], row["account"]), person)
    return [{name: person[name] for name in OF_PEOPLE} for person in people.values()]


def _best_first(connection: duckdb.DuckDBPyConnection) -> list[Row]:
    make_top_niches(connection)
    rows = rows_of(connection, "shortlist", {"each_cell": EACH, "all_cells": ALL})
    ranked = sorted(rows, key=lambda row: (-row["rate_low"], row["platform"], row["account"]))
    return [row | {"why": why(row), "against": "; ".join(_against(row))} for row in ranked]


def _against(row: Row) -> list[str]:
    """Of a price only where there is one."""
    return against(
        row if row["price"] is not None else {name: row[name] for name in row if name != "quoted_on"}, row["as_of"]
    )


def why(row: Row) -> str:
    """What speaks for an account, built from its numbers alone."""
    posts = f"{row['posts']:,} {'post' if row['posts'] == 1 else 'posts'}"
    expected, usual = _percent(row["rate"]), _percent(row["prior"])
    bounds, of_one = (_between(row[f"{of}_low"], row[f"{of}_high"]) for of in ("rate", "next"))
    said = [
        f"expected {expected} on the next posts (95 %: {bounds}), from {posts}; {usual} is usual",
        f"one post: {of_one}",
    ]
    if row["peer_percentile"] is not None:
        said.append(f"ahead of {100 * row['peer_percentile']:.0f} % of {row['peer_count']:,} peers")
    if row["lift"] is not None:
        said.append(f"{row['lift']:.1f} times the likes expected at its size")
    if row["price"] is not None:
        said.append(f"{row['price']:,.0f} {row['currency']} a post")
    if row["is_never_sponsored"]:
        said.append("never sponsored so far")
    return "; ".join(said)


def _percent(rate: float) -> str:
    """Two digits that say something: 13 %, 4.8 %, 0.52 %."""
    return f"{_digits(rate)} %"


def _between(low: float, high: float) -> str:
    return f"{_digits(low)}-{_digits(high)} %"


def _digits(rate: float) -> str:
    percent = 100 * rate
    return f"{percent:,.0f}" if percent >= 9.5 else f"{percent:.2g}"

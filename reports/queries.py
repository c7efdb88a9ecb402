"""What the report says, asked of the published warehouse by `sql/*.sql`: aggregates, and lists cut to a stated length."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

import duckdb

from warehouse.sql_files import sql_of

Row = dict[str, Any]

PLATFORMS_SHOWN = 6  # those with the most accounts
NICHES_SHOWN = 20  # of each platform, those with the most accounts
KINDS_SHOWN = 4  # of each platform, kinds of post and currencies with the most prices
POINTS_SHOWN = 250  # of each platform, chosen by a hash of the account
REASONS_SHOWN = 12
STRICT_SHOWN = 25
MARKETS_SHOWN = 2  # of each platform, currencies in which most accounts can be booked
SET_SHOWN = 15  # of each plan, those that bring most for their price
MEGAS_SHOWN = 6  # of each platform and currency, the cheapest

LIMITS = {
    "platforms_shown": PLATFORMS_SHOWN,
    "niches_shown": NICHES_SHOWN,
    "kinds_shown": KINDS_SHOWN,
    "points_shown": POINTS_SHOWN,
    "reasons_shown": REASONS_SHOWN,
    "strict_shown": STRICT_SHOWN,
    "markets_shown": MARKETS_SHOWN,
    "set_shown": SET_SHOWN,
    "megas_shown": MEGAS_SHOWN,
}


@dataclass(frozen=True)
class Facts:
    """Every answer the page is made of, as rows, by the name of the file that asks for it."""

    coverage: Row
    platforms: list[Row]
    reasons: list[Row]
    suspicions: list[Row]
    heat: list[Row]
    points: list[Row]
    fits: list[Row]
    bands: list[Row]
    followers: list[Row]
    sponsored: list[Row]
    ratios: list[Row]
    paid: list[Row]
    pooled: list[Row]
    prices: list[Row]
    strict: list[Row]
    calibration: list[Row]
    plans: list[Row]
    plan_accounts: list[Row]
    plan_left_out: list[Row]
    plan_frontier: list[Row]
    megas: list[Row]
    mega_points: list[Row]


def facts_of(connection: duckdb.DuckDBPyConnection) -> Facts:
    """Ask for all of it."""
    make_top_niches(connection)
    _run(connection, "top_kinds", LIMITS)
    _run(connection, "top_markets", LIMITS)
    answers = {field.name: rows_of(connection, field.name, LIMITS) for field in fields(Facts)}
    (coverage,) = answers.pop("coverage")
    return Facts(coverage, **answers)


def make_top_niches(connection: duckdb.DuckDBPyConnection) -> None:
    """Note the largest niches of the largest platforms as the table `top_niches` of this connection."""
    _run(connection, "top_niches", LIMITS)


def rows_of(connection: duckdb.DuckDBPyConnection, name: str, values: Mapping[str, int]) -> list[Row]:
    """The answer to the query in `sql/<name>.sql`. It takes of the values those that it names."""
    found: list[Row] = _run(connection, name, values).to_dicts()
    return found


def _run(connection: duckdb.DuckDBPyConnection, name: str, values: Mapping[str, int]) -> duckdb.DuckDBPyRelation:
    (statement,) = connection.extract_statements(sql_of("reports", name))
    return connection.sql(statement, params={each: values[each] for each in statement.named_parameters})

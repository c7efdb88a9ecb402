"""From the other marts and the lists to the tables of plans: each platform and currency with prices is worked out by itself."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from statistics import median

import polars as pl

from marts.follower_lists import FollowerLists
from marts.known_accounts import ACCOUNT, listed_of, priced_accounts
from marts.mega_alternatives import alternatives_of
from marts.plan_people import People, Source
from marts.stated_plans import PLAN_TABLES, Market, Rows, plans_of
from schemas.budgets import budgets_for
from schemas.columns import polars_schema
from schemas.plans import Objective
from schemas.rates import CASH
from schemas.tables import MARTS
from transforms.plan_candidates import UNIT, Wish, with_prices
from warehouse.in_files import Frame
from warehouse.lake.ledger import Lake

TABLES = (*PLAN_TABLES, "mega_alternatives")
# Follows in the lists of a platform's accounts with quotes beyond which they are not read: people are not counted then.
FOLLOWS_MAX = 10_000_000

Frames = dict[str, pl.DataFrame]


@dataclass(frozen=True)
class Inputs:
    """The other marts, and what tells whose lists they are: the lake, which lists are known by a name (`moved`), the instant
    of the figures, and the secret of the members, null without one."""

    lake: Lake
    marts: dict[str, Frame]
    moved: pl.DataFrame
    as_of: datetime | None
    secret: str | None

    @property
    def source(self) -> Source:
        names = partial(_own_names, self.marts["account_names"].lazy())
        lists = FollowerLists(self.lake, names, self.secret, self.as_of, self.moved)
        return Source(lambda: lists, self.marts["posts"].lazy)


def plan_marts(inputs: Inputs) -> Frames:
    """`plans`, `plan_accounts`, `plan_frontier`, `plan_left_out` and `mega_alternatives`, as their schemas say. Empty without prices."""
    rates = inputs.marts["rates"].lazy().filter("is_newest", pl.col("compensation") == CASH).collect()
    rows: Rows = {name: [] for name in TABLES}
    if rates.get_column("currency").count():
        budgets = {currency: _budgets(rates, currency) for currency in _currencies(rates)}
        for market in _markets(inputs, rates):
            for name, found in plans_of(market, budgets[market.currency]).items():
                rows[name] += found
            rows["mega_alternatives"] += alternatives_of(market)
    return {name: _frame(name, rows) for name in TABLES}


def _frame(name: str, rows: Rows) -> pl.DataFrame:
    schema = polars_schema(MARTS[name])
    return pl.DataFrame([{column: row[column] for column in schema} for row in rows[name]], schema=schema)


def _currencies(rates: pl.DataFrame) -> pl.Series:
    return rates.get_column("currency").drop_nulls().unique().sort()


def _budgets(rates: pl.DataFrame, currency: str) -> tuple[int, ...]:
    """On the scale of the prices in a currency, of all platforms."""
    accounts = rates.select(ACCOUNT).unique()
    prices = with_prices(accounts, rates, Wish(0, currency)).get_column("price").drop_nulls()
    paid = [price / UNIT for price in prices if price]
    return budgets_for(median(paid) if paid else 0)


def _markets(inputs: Inputs, rates: pl.DataFrame) -> Iterator[Market]:
    """Each platform and currency with a price, in their order."""
    accounts = priced_accounts(inputs.marts)
    no_wish = {"included": pl.lit(value=False), "excluded": pl.lit(value=False)}
    accounts = accounts.sort(ACCOUNT).with_columns(expr.alias(name) for name, expr in no_wish.items())
    known = dict(inputs.marts["accounts"].lazy().group_by("platform").len().collect().iter_rows())
    for platform in accounts.get_column("platform").unique().sort():
        here = accounts.filter(pl.col("platform") == platform).with_row_index("row")
        quotes = rates.filter(pl.col("platform") == platform)
        followers, engaged = _people(inputs, here)
        unquoted = known.get(platform, 0) - here.filter(pl.col("is_known")).height
        for currency in _currencies(quotes):
            priced = with_prices(here, quotes, Wish(0, currency))
            if priced.get_column("price").count():
                day = inputs.as_of.date() if inputs.as_of else None
                yield Market(platform, currency, priced, followers, engaged, unquoted, day)


def _people(inputs: Inputs, accounts: pl.DataFrame) -> tuple[People | None, People | None]:
    """Followers of accounts, and those who engage; null where these are too many to read, or nobody is known to."""
    if accounts.get_column("followers_known_count").sum() > FOLLOWS_MAX:
        return None, None
    source = inputs.source
    followers = source.people_of(accounts.with_columns(listed_of(Objective.REACH)))
    if not accounts.get_column("engaged_follower_count").sum():
        return followers, None
    return followers, source.people_of(accounts.with_columns(listed_of(Objective.ENGAGED_FOLLOWERS)), engaged=True)


def _own_names(names: pl.LazyFrame, accounts: pl.DataFrame) -> pl.DataFrame:
    """Names that one account alone bore."""
    alone = names.filter(pl.len().over("platform", "username") == 1)
    return alone.join(accounts.lazy(), on=ACCOUNT, how="semi").select(*ACCOUNT, "username").collect()

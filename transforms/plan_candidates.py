"""Accounts to the candidates of a plan: what a post of each costs, what it is expected to bring, and why others are out."""

from dataclasses import dataclass
from math import fsum, sqrt

import polars as pl

from schemas.plans import LEFT_OUT, Objective
from schemas.rates import CASH
from transforms.exchange import QUOTED, Exchange, with_converted
from transforms.rates import ACCOUNT

# Hundredths of a currency: whole numbers, whose sums are exact.
UNIT = 100
# What is dearer than any budget, whatever its price: sums of others fit in 64 bits.
HIGHEST = 10**14
BEYOND = HIGHEST + 1
NO_EXCHANGE = Exchange()


@dataclass(frozen=True)
class Wish:
    """What is asked of the candidates. `budget` is in hundredths; a null is no condition."""

    budget: int
    currency: str
    objective: Objective = Objective.ENGAGEMENTS
    platform: str | None = None
    niche: str | None = None
    tier: str | None = None
    media_type: str | None = None
    min_rate: float | None = None
    posts_each: int = 1


def with_prices(
    accounts: pl.DataFrame, rates: pl.DataFrame, wish: Wish, exchange: Exchange = NO_EXCHANGE
) -> pl.DataFrame:
    """Accounts, in the order of platform and account_id, with what `quotes_to_prices` says of each.

    Args:
        accounts: One row an account.
        rates: The mart `rates`.
        wish: What is asked for.
        exchange: Rates to convert prices by that are in no other currency than another one.
    """
    return (
        accounts.join(quotes_to_prices(rates, wish, exchange), on=ACCOUNT, how="left")
        .with_columns(pl.col("is_priced", "is_of_kind").fill_null(value=False))
        .sort(ACCOUNT)
    )


def priced_to_candidates(priced: pl.DataFrame, wish: Wish) -> tuple[pl.DataFrame, dict[str, int]]:
    """The candidates among accounts with their prices, and how many others are left out for which reason.

    Args:
        priced: What `with_prices` gives for the currency and kind of post of the wish, of accounts with their niche, tier,
            followers_count, shrunk rate and interval (`rate`, `rate_low`, `rate_high`), people listed (`listed_count`, of
            the objective), and whether each is `included`, `excluded`, or `is_of_brand` that is not wanted.
        wish: What is asked for.

    Returns:
        The same columns, `price` for all posts, and the engagements expected of them (`expected`, `expected_low`,
        `expected_high`).
    """
    judged = priced.with_columns(_reason(wish).alias("left_out"))
    counts = dict(judged.drop_nulls("left_out").group_by("left_out").len().iter_rows())
    candidates = with_expected(judged.filter(pl.col("left_out").is_null()), wish.posts_each)
    return candidates, {reason: counts[reason] for reason in LEFT_OUT if reason in counts}


def rates_not_known(priced: pl.DataFrame, wish: Wish) -> pl.DataFrame:
    """How many accounts are left out as their rate is not known, of which platform and why: (platform, shrunk_reason, len)."""
    unknown = priced.filter(_reason(wish) == "no_rate")
    return unknown.group_by("platform", "shrunk_reason").len().sort("platform", "shrunk_reason")


def with_expected(accounts: pl.DataFrame, posts_each: int = 1) -> pl.DataFrame:
    """Accounts with the price of so many posts and the engagements expected of them."""
    engagements = posts_each * pl.col("followers_count")
    names = {"expected": "rate", "expected_low": "rate_low", "expected_high": "rate_high"}
    return accounts.with_columns(
        pl.col("price") * posts_each,
        *((pl.col(rate) * engagements).alias(name) for name, rate in names.items()),
    )


def quotes_to_prices(rates: pl.DataFrame, wish: Wish, exchange: Exchange = NO_EXCHANGE) -> pl.DataFrame:
    """What a post of each account costs in cash: (platform, account_id, is_priced, is_of_kind, price, media_type, quoted_on,
    is_disputed) and how a price was converted.

    Of the newest quotes of a kind of post the highest counts, of a range its middle. A range that only begins somewhere
    is no price. Of several kinds the cheapest is taken, of those in the currency of the budget if there are any.
    """
    low, high = (_hundredths(name) for name in ("price_min", "price_max"))
    price = pl.coalesce(_hundredths("price"), (low + high + 1) // 2, high)
    is_of_kind = pl.lit(value=True)
    if wish.media_type is not None:
        is_of_kind = (pl.col("media_type").str.to_lowercase() == wish.media_type.lower()).fill_null(value=False)
    priced = (
        rates.filter("is_newest", pl.col("compensation") == CASH)
        .with_columns(price.alias("price"), is_of_kind.alias("is_of_kind"))
        .drop_nulls("price")
        .group_by(*ACCOUNT, "media_type", "currency", "is_of_kind")
        .agg(pl.col("price").max(), pl.col("quoted_on").max(), pl.col("is_disputed").any())
    )
    known = priced.group_by(ACCOUNT).agg(pl.lit(value=True).alias("is_priced"), pl.col("is_of_kind").any())
    cheapest = (
        with_converted(priced.filter("is_of_kind"), exchange.into(wish.currency), wish.currency, BEYOND)
        .filter(pl.col("currency") == wish.currency)
        .sort(pl.col("quoted_currency").is_not_null(), "price", "media_type", "quoted_currency")
        .group_by(ACCOUNT, maintain_order=True)
        .first()
        .select(*ACCOUNT, "price", "media_type", "quoted_on", "is_disputed", *QUOTED)
    )
    return known.join(cheapest, on=ACCOUNT, how="left")


def _hundredths(name: str) -> pl.Expr:
    """An amount as a whole number; beyond all budgets it is only known to be that."""
    return (pl.col(name).cast(pl.Float64) * UNIT).round().clip(0, BEYOND).cast(pl.Int64)


def _reason(wish: Wish) -> pl.Expr:
    """Why an account is no candidate; null for one that is. What is included needs its price alone."""
    needs_rate = wish.objective == Objective.ENGAGEMENTS or wish.min_rate is not None
    is_wrong = {
        "excluded": pl.col("excluded"),
        "excluded_brand": pl.col("is_of_brand"),
        "wrong_platform": _is_other("platform", wish.platform),
        "wrong_niche": _is_other("niche", wish.niche),
        "wrong_tier": _is_other("tier", wish.tier),
        "no_price": ~pl.col("is_priced"),
        "wrong_media_type": ~pl.col("is_of_kind"),
        "other_currency": pl.col("price").is_null(),
        "over_budget": pl.col("price") > wish.budget // wish.posts_each,
        "no_rate": pl.lit(needs_rate) & pl.col("rate").is_null(),
        "no_followers": (pl.lit(wish.objective != Objective.ENGAGED_FOLLOWERS) & pl.col("followers_count").is_null())
        & (pl.lit(wish.objective == Objective.ENGAGEMENTS) | (pl.col("listed_count") == 0)),
        "below_floor": pl.col("rate") < (0 if wish.min_rate is None else wish.min_rate),
        "no_list": pl.lit(wish.objective == Objective.ENGAGED_FOLLOWERS) & (pl.col("listed_count") == 0),
    }
    needed = {"excluded", "no_price", "wrong_media_type", "other_currency", "over_budget"}
    reasons = (
        pl.when((flag & ~pl.col("included") if name not in needed else flag).fill_null(value=False)).then(pl.lit(name))
        for name, flag in is_wrong.items()
    )
    return pl.coalesce(*reasons)


def _is_other(name: str, wanted: str | None) -> pl.Expr:
    return pl.lit(value=False) if wanted is None else pl.col(name).ne_missing(pl.lit(wanted))


def interval_of_sum(chosen: pl.DataFrame) -> tuple[float | None, float | None]:
    """Around the sum of what is expected of accounts, taken as independent: how far each end is away adds up by squares.

    Of intervals that reach further up than down the sum's does too (MOVER, Zou and Donner 2008); of one account it is
    the account's own. Null where of an account nothing is known.
    """
    if any(chosen.get_column(name).null_count() for name in ("expected", "expected_low", "expected_high")):
        return None, None
    expected, lows, highs = (chosen.get_column(name) for name in ("expected", "expected_low", "expected_high"))
    # Added exactly, so that it does not matter in which order or by which machine.
    total = fsum(expected)
    down, up = (
        sqrt(fsum((end - mean) ** 2 for end, mean in zip(ends, expected, strict=True))) for ends in (lows, highs)
    )
    return max(total - down, 0.0), total + up

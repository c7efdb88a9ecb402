"""Rates of engagement drawn towards what accounts of the same platform, size and niche have.

Four likes of fifty followers are 8 %, and say little. The prior of an account is fitted to the others of its platform
and window (`beta_binomial.py`), and weighs as much as `prior_strength` followers: small accounts are drawn to it, large
ones stay where they are.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np
import polars as pl

from schemas.columns import COUNT_MAX
from schemas.keys import stable_key
from transforms.query_keys import HASH, hashed
from transforms.stats.beta_binomial import Coefficients, Rows, fit
from transforms.stats.beta_quantiles import beta_quantile
from transforms.stats.intervals import UPPER

ACCOUNTS_MIN, ACCOUNTS_MAX = 20, 20_000
NICHE_MIN = 10
# What the coefficients and all that follows from them are rounded to: a processor or library that adds in another
# order differs far behind these digits.
DIGITS = 10
POPULATION = ["platform", "time_window"]
# Names no niche, which is never empty.
POOL = ""
# Sizes are counted from here, where accounts are, so that intercepts are logits of rates that occur.
SIZE = pl.col("followers_count").log10() - 4
COUNT = (pl.col("engagement_count_mean") + 0.5).floor()


@dataclass(frozen=True)
class Prior:
    """What is fitted to one platform and window: rounded, and by niche; the intercept of POOL is for all others."""

    intercepts: dict[str, float]
    slope: float
    strength: float


def with_shrunk_rates(engagement: pl.DataFrame) -> pl.DataFrame:
    """`account_engagement` with the shrunk rates, their intervals and priors."""
    known = pl.col("shrunk_reason").is_null()
    strength, prior, followers = pl.col("prior_strength"), pl.col("engagement_rate_prior"), pl.col("followers_count")
    bounds = [
        pl.struct("a", "b")
        .map_batches(partial(_quantiles, share=share), return_dtype=pl.Float64, is_elementwise=True)
        .alias(f"engagement_rate_shrunk_{name}")
        for name, share in (("low", 1 - UPPER), ("high", UPPER))
    ]
    mean = (pl.col("a") / (pl.col("a") + pl.col("b"))).alias("engagement_rate_shrunk")
    return (
        _with_priors(engagement.lazy(), _table_of(_priors(engagement)).lazy())
        .with_columns(_reason().alias("shrunk_reason"))
        .with_columns(
            pl.when(known).then(strength * prior + COUNT).alias("a"),
            pl.when(known).then(strength * (1 - prior) + followers - COUNT).alias("b"),
        )
        .with_columns(figure.round_sig_figs(DIGITS) for figure in (mean, *bounds))
        .drop("a", "b")
        .collect()
    )


def _with_priors(engagement: pl.LazyFrame, priors: pl.LazyFrame) -> pl.LazyFrame:
    """With the prior of each account whose followers are known, whether or not it has a rate."""
    pooled = priors.filter(niche=POOL).drop("niche")
    own = priors.filter(pl.col("niche") != POOL).select(*POPULATION, "niche", pl.col("intercept").alias("own"))
    logit = pl.coalesce("own", "intercept") + pl.col("slope") * SIZE
    # A rate of 0 or 1 for certain would be no distribution.
    rate = (1 / (1 + (-logit).exp())).clip(1e-9, 1 - 1e-9).round_sig_figs(DIGITS)
    followed = pl.col("followers_count") > 0
    fitted = followed & pl.col("strength").is_not_null()
    return (
        engagement.join(pooled, on=POPULATION, how="left", maintain_order="left")
        .join(own, on=[*POPULATION, "niche"], how="left", maintain_order="left")
        .with_columns(
            pl.when(followed).then(rate).alias("engagement_rate_prior"),
            pl.when(followed).then("strength").alias("prior_strength"),
            pl.when(fitted).then(pl.col("own").is_null()).alias("is_prior_niche_pooled"),
        )
        .drop("intercept", "slope", "strength", "own")
    )


def _reason() -> pl.Expr:
    """Why an account has no shrunk rate, the first that applies."""
    return (
        pl.when(pl.col("reason").is_not_null()).then(pl.col("reason"))
        .when((pl.col("followers_count") > 0).fill_null(value=False).not_()).then(pl.lit("no_followers"))
        .when(pl.col("followers_count") < COUNT).then(pl.lit("not_binomial"))
        .when(pl.col("prior_strength").is_null()).then(pl.lit("no_prior"))
    )  # fmt: skip


def _quantiles(pairs: pl.Series, share: float) -> pl.Series:
    """The quantile of each Beta(a, b); null where a is."""
    a, b = (pairs.struct.field(name) for name in ("a", "b"))
    known = a.is_not_null()
    found = beta_quantile(a.filter(known).to_numpy(), b.filter(known).to_numpy(), share)
    places = known.arg_true()
    made = pl.repeat(None, len(a), dtype=pl.Float64, eager=True)
    return made.scatter(places, pl.Series(found)) if len(places) else made


def _priors(engagement: pl.DataFrame) -> Iterator[tuple[str, str, Prior]]:
    """Platform, window and prior of each that has accounts enough."""
    for (platform, window), sample in sampled(engagement).partition_by(POPULATION, as_dict=True).items():
        if sample.height >= ACCOUNTS_MIN:
            yield platform, window, prior_of(sample)


def sampled(engagement: pl.DataFrame) -> pl.DataFrame:
    """The accounts that priors are fitted to, some 20,000 of each platform and window.

    Every niche may send as many as any other, and ten at least, so small ones are whole in it; within a niche the hash
    of the account decides. Niches below ten accounts are one, the pool.
    """
    usable = (
        pl.col("engagement_count_mean").is_not_null() & (pl.col("followers_count") > 0)
        & (pl.col("followers_count") >= COUNT)
    )  # fmt: skip
    group = pl.when(pl.len().over(*POPULATION, "niche") >= NICHE_MIN).then("niche").otherwise(pl.lit(POOL))
    accounts = (
        engagement.lazy()
        .filter(usable)
        .select(
            *POPULATION, group.alias("group"), stable_key("platform", "account_id").alias("account"),
            COUNT.alias("count"), pl.col("followers_count").cast(pl.Float64).alias("total"), SIZE.alias("size"),
        )
        .with_columns(hashed([*POPULATION, "group"]))
        .collect()
    )  # fmt: skip
    return (
        accounts.lazy()
        .with_columns(pl.col("account").rank("ordinal").over(HASH).alias("turn"))
        .join(_quotas(accounts.lazy()), on=HASH)
        .filter(pl.col("turn") <= pl.max_horizontal("quota", NICHE_MIN))
        .select(*POPULATION, "group", "count", "total", "size")
        .sort(pl.all())
        .collect()
    )


def _quotas(accounts: pl.LazyFrame) -> pl.LazyFrame:
    """How many accounts each group may send: the most that keeps the sum over groups at the bound.

    With the groups from the smallest up, it is the greatest of what is left after the first ones, shared by the others.
    """
    left = ACCOUNTS_MAX - (pl.col("len").cum_sum() - pl.col("len"))
    sharing = pl.len() - pl.int_range(pl.len())
    return (
        accounts.group_by(HASH)
        .agg(pl.col(POPULATION).first(), pl.len().cast(pl.Int64))
        .sort("len")
        .select(HASH, (left // sharing).max().over(POPULATION).alias("quota"))
    )


def prior_of(sample: pl.DataFrame) -> Prior:
    """The prior fitted to accounts with (group, count, total, size), sorted.

    A pool that is itself below ten accounts is left out of the fit and has the mean effect of the niches.
    """
    enough = sample.filter(pl.len().over("group") >= NICHE_MIN)
    names = enough.get_column("group").unique(maintain_order=True).to_list()
    numbers = enough.get_column("group").replace_strict(names, range(len(names)), return_dtype=pl.Int64)
    counts, totals, sizes = (enough.get_column(name).to_numpy() for name in ("count", "total", "size"))
    return _rounded(names, fit(Rows(counts, totals, sizes, numbers.to_numpy(), len(names))))


def _rounded(names: list[str], found: Coefficients) -> Prior:
    intercepts = dict(zip(names, found.intercepts.tolist(), strict=True))
    if POOL not in intercepts:
        intercepts[POOL] = float(np.mean(found.intercepts))
    # Where rates do not scatter at all it grows without bound; beyond the largest account it changes nothing.
    strength = min(found.strength, float(COUNT_MAX))
    return Prior({name: _digits(value) for name, value in intercepts.items()}, _digits(found.slope), _digits(strength))


def _digits(value: float) -> float:
    return float(f"{value:.{DIGITS}g}")


def _table_of(priors: Iterable[tuple[str, str, Prior]]) -> pl.DataFrame:
    """One row per platform, window and niche."""
    rows = [
        (platform, window, niche, intercept, prior.slope, prior.strength)
        for platform, window, prior in priors
        for niche, intercept in prior.intercepts.items()
    ]
    text, numbers = (*POPULATION, "niche"), ("intercept", "slope", "strength")
    return pl.DataFrame(rows, dict.fromkeys(text, pl.String) | dict.fromkeys(numbers, pl.Float64), orient="row")

"""Engagement of accounts to engagement per niche and tier, and to its two margins."""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from schemas.columns import RATIO_MAX
from schemas.tiers import SCHEMES
from transforms.niches import ALL_NICHES
from transforms.query_keys import cell_code
from transforms.stats.exact_sums import SMALL, deviation, exact_mean, exact_total
from transforms.stats.intervals import mean_high, mean_low, outside_median, t_quantile, two_sided_p
from transforms.tiers import tier_names, tier_rank_of

RATE = "engagement_rate_by_followers"
LABELS = ["platform", "niche", "time_window"]
MEASURES = ["followers_count", "post_count", "post_known_count", "like_rate_by_followers", RATE]
# Below five accounts an interval says more of chance than of the cell.
INTERVAL_ACCOUNTS = 5
# No logarithm of a rate is as far from 0.
LARGEST = 40.0
# What tiers are compared by (`tier_contrasts`), and aggregates do not show.
LOGS = ["log_account_count", "log_mean", "log_variance"]


@dataclass(frozen=True)
class _Largest:
    """The largest rates of all, which make exact means of them quicker."""

    rate: float | None
    like_rate: float | None

    @classmethod
    def of(cls, by_rate: pl.DataFrame) -> "_Largest":
        return cls(*by_rate.select(pl.col(RATE, "like_rate_by_followers").max()).row(0))

    @property
    def are_small(self) -> bool:
        """Whether all means can be added the quicker way, those of squares too."""
        return max((self.rate or 0) ** 2, self.like_rate or 0) < SMALL


def by_rate(engagement: pl.DataFrame) -> pl.DataFrame:
    """Engagement of accounts made ready for the three aggregates, which take medians of one column over and over.

    In the order of its rates, quantiles cost half; labels as small numbers group faster than text, and millions of
    rows share a few hundred cells.
    """
    rate = pl.col(RATE)
    logs = pl.when(rate > 0).then(rate.log()).alias("log_rate")
    return engagement.select(pl.col(LABELS).cast(pl.Categorical), *MEASURES, logs).sort(RATE)


def to_niche_tier_engagement(by_rate: pl.DataFrame) -> pl.DataFrame:
    """The mart `niche_tier_engagement`, under every scheme, and LOGS."""
    return _per_scheme(by_rate, ["platform", "niche", "time_window"])


def to_tier_engagement(by_rate: pl.DataFrame) -> pl.DataFrame:
    """The mart `tier_engagement`, under every scheme, and LOGS."""
    return _per_scheme(by_rate, ["platform", "time_window"])


def to_niche_engagement(by_rate: pl.DataFrame) -> pl.DataFrame:
    """The mart `niche_engagement`."""
    made = [_aggregate(rows.lazy(), LABELS, sizes) for rows, sizes in _added_alike(by_rate)]
    return pl.concat(made).drop(LOGS).collect()


def _per_scheme(by_rate: pl.DataFrame, cell: Sequence[str]) -> pl.DataFrame:
    tiered = (
        _aggregate(
            rows.lazy().with_columns(tier_rank_of(pl.col("followers_count"), scheme).alias("tier")),
            [*cell, "tier"],
            sizes,
        ).with_columns(tier_names(pl.col("tier"), scheme).alias("tier"), pl.lit(scheme.name).alias("scheme"))
        for rows, sizes in _added_alike(by_rate)
        for scheme in SCHEMES
    )
    return pl.concat(tiered).collect()


def _added_alike(by_rate: pl.DataFrame) -> list[tuple[pl.DataFrame, _Largest]]:
    """Rows with the largest of their rates, which tell how means are added; the last digits differ between the ways.

    Windows are apart where some rate takes the longer way: how those of one are added depends on no other window.
    """
    sizes = _Largest.of(by_rate)
    if sizes.are_small:
        return [(by_rate, sizes)]
    return [(rows, _Largest.of(rows)) for rows in by_rate.partition_by("time_window", maintain_order=True)]


def _aggregate(by_rate: pl.LazyFrame, cell: Sequence[str], sizes: _Largest) -> pl.LazyFrame:
    """Distribution over accounts of their own mean rates; follower figures over all listed accounts."""
    rate, followers, logs = pl.col(RATE), pl.col("followers_count"), pl.col("log_rate")
    n, mean = pl.col("account_count"), pl.col(f"{RATE}_mean")
    outside = outside_median(n)
    log_count, log_mean = pl.col("log_account_count"), pl.col("log_mean")
    spread = deviation(n, mean, pl.col("square"))
    largest, square = {"largest": sizes.rate}, {"largest": None if sizes.rate is None else sizes.rate**2}
    intervals = {
        f"{RATE}_mean_low": mean_low(n, mean, spread).clip(0),
        f"{RATE}_mean_high": mean_high(n, mean, spread),
    }
    rows = by_rate.group_by(cell_code(cell).alias("code"))
    # A median among sums would have them wait for all rows of a cell to be gathered, at three times the cost.
    middles = rows.agg(
        followers.median().alias("followers_count_median"),
        # In the order of the rows, which is that of the rates: all quantiles are read off it.
        rate.drop_nulls().alias("rates"),
    )
    return (
        rows.agg(
            pl.col(cell).first(),
            rate.count().cast(pl.Int64).alias("account_count"),
            pl.len().cast(pl.Int64).alias("account_listed_count"),
            pl.col("post_count").sum(),
            pl.col("post_known_count").sum(),
            # In 128 bits, and back with a check: a 64-bit sum that is too large would turn negative without a word.
            pl.when(followers.count() > 0).then(exact_total(followers).cast(pl.Int64)).alias("followers_count_sum"),
            followers.mean().alias("followers_count_mean"),
            exact_mean(pl.col("like_rate_by_followers"), largest=sizes.like_rate).alias("like_rate_by_followers_mean"),
            exact_mean(rate, **largest).alias(f"{RATE}_mean"),
            exact_mean(rate * rate, **square).alias("square"),
            logs.count().cast(pl.Int64).alias("log_account_count"),
            exact_mean(logs, largest=LARGEST).alias("log_mean"),
            exact_mean(logs * logs, largest=LARGEST**2).alias("log_square"),
        )
        .join(middles, on="code")
        .with_columns(pl.col(name).cast(pl.String) for name in cell if name in LABELS)
        .with_columns(
            _quantile(0.5).alias(f"{RATE}_median"),
            _quantile(0.25).alias(f"{RATE}_p25"),
            _quantile(0.75).alias(f"{RATE}_p75"),
            _at(outside).alias(f"{RATE}_median_low"),
            _at(n - 1 - outside).alias(f"{RATE}_median_high"),
            pl.when(n < INTERVAL_ACCOUNTS)
            .then(pl.lit("few_accounts"))
            .when(outside.is_null())
            .then(pl.lit("few_for_median"))
            .alias("interval_reason"),
        )
        .with_columns(pl.when(n >= INTERVAL_ACCOUNTS).then(end).alias(name) for name, end in intervals.items())
        .with_columns(deviation(log_count, log_mean, pl.col("log_square")).pow(2).alias("log_variance"))
        .drop("code", "square", "log_square", "rates")
    )


def _quantile(share: float) -> pl.Expr:
    """Of the sorted list `rates`, between the two neighbours of its place."""
    place = (pl.col("account_count") - 1) * share
    below = _at(place.floor())
    return below + (_at(place.ceil()) - below) * (place - place.floor())


def _at(place: pl.Expr) -> pl.Expr:
    """The rate at a place of the list, counted from 0; null beyond it."""
    return pl.when(place >= 0).then(pl.col("rates").list.get(place.cast(pl.Int64), null_on_oob=True))


def to_tier_contrasts(per_niche: pl.DataFrame, over_niches: pl.DataFrame) -> pl.DataFrame:
    """The mart `tier_contrasts`: every two tiers of a scheme beside each other, within each niche and over all.

    Takes the other two marts with their LOGS. Welch's test, on the logarithms of the accounts' rates.
    """
    key = ["platform", "niche", "scheme", "time_window"]
    every = over_niches.with_columns(pl.lit(ALL_NICHES).alias("niche"))
    columns = [*key, "tier", *LOGS]
    cells = (
        pl.concat([rows.select(columns) for rows in (per_niche, every)])
        .drop_nulls("tier")
        .join(_ranks(), on=["scheme", "tier"])
    )
    pairs = cells.join(cells, on=key, suffix="_larger").filter(pl.col("rank") < pl.col("rank_larger"))
    n, m = pl.col("log_account_count"), pl.col("log_account_count_larger")
    own, other = pl.col("log_variance") / n, pl.col("log_variance_larger") / m
    freedom = (own + other) ** 2 / (own**2 / (n - 1) + other**2 / (m - 1))
    difference, error = pl.col("log_mean") - pl.col("log_mean_larger"), (own + other).sqrt()
    half = pl.col("freedom").map_batches(t_quantile, return_dtype=pl.Float64, is_elementwise=True) * error
    reason = (
        pl.when((n < INTERVAL_ACCOUNTS) | (m < INTERVAL_ACCOUNTS)).then(pl.lit("few_accounts"))
        .when((own + other) == 0).then(pl.lit("no_spread"))
    )  # fmt: skip
    figures = {
        "rate_ratio": difference.exp(),
        "rate_ratio_low": (difference - half).exp(),
        "rate_ratio_high": (difference + half).exp(),
        "rate_ratio_p": two_sided_p(difference / error, pl.col("freedom")),
    }
    return (
        pairs.with_columns(reason.alias("contrast_reason"), freedom.alias("freedom"))
        .with_columns(
            pl.when(pl.col("contrast_reason").is_null()).then(figure.clip(0, RATIO_MAX)).alias(name)
            for name, figure in figures.items()
        )
        .select(
            *key, "tier", "tier_larger", n.alias("account_count"), m.alias("account_count_larger"), *figures, "contrast_reason"
        )
    )  # fmt: skip


def _ranks() -> pl.DataFrame:
    return pl.DataFrame(
        [
            {"scheme": scheme.name, "tier": name, "rank": rank}
            for scheme in SCHEMES
            for rank, (name, _) in enumerate(scheme.tiers)
        ]
    )

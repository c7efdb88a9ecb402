"""Where an account stands among its peers: those of its platform, niche, tier and window that have a rate."""

import numpy as np
import polars as pl
import polars_hash as plh

from transforms.stats.line_fit import Floats
from transforms.tiers import default_tier_rank_of

RATE = "engagement_rate_by_followers"
LABELS = ["platform", "niche", "time_window"]
PEERS_MIN = 20
# How many accounts beside it: so many that the percentile is sure to 5 points, so few that they are of about one size.
NEAREST = 100
# Few enough for the processor's cache to hold the rates around so many accounts.
CHUNK = 4_096


def with_peers(engagement: pl.DataFrame) -> pl.DataFrame:
    """The same rows with `peer_count`, `peer_percentile`, `peer_percentile_nearest` and `peer_reason`.

    An account of unknown size has no peers. A null rate has no rank, so it is nobody's peer either.
    """
    cell = [pl.col(name).cast(pl.Categorical) for name in LABELS] + [pl.col("__tier")]
    # The average rank of equal values is the number below, and half of one more than the number equal.
    place = pl.col(RATE).rank("average") - 0.5
    peers = pl.when(pl.col("__tier").is_not_null()).then(pl.col("peer_count"))
    return (
        engagement.lazy()
        .with_columns(default_tier_rank_of(pl.col("followers_count")).alias("__tier"))
        .with_columns(
            pl.col(RATE).count().over(cell).cast(pl.Int64).alias("peer_count"),
            place.over(cell).alias("__place"),
        )
        .with_columns(peers.alias("peer_count"), _reason(peers).alias("peer_reason"))
        .with_columns(
            pl.when(pl.col("peer_reason").is_null())
            .then(pl.col("__place") / pl.col("peer_count"))
            .alias("peer_percentile")
        )
        .with_columns(_nearest(engagement).alias("peer_percentile_nearest"))
        .drop("__tier", "__place")
        .collect()
    )


def _nearest(engagement: pl.DataFrame) -> pl.Series:
    """The percentile among the accounts that are next in followers, within platform, niche and window."""
    rated = (
        engagement.lazy()
        .with_row_index("row")
        .filter(pl.col(RATE).is_not_null(), pl.col("followers_count").is_not_null())
        .select(
            "row",
            pl.struct(pl.col(LABELS).cast(pl.Categorical)).hash().alias("cell"),
            "followers_count",
            RATE,
            # Whose followers are as many stand in an order that says nothing, and is always the same.
            plh.col("account_id").nchash.xxh3_64().alias("lot"),
        )
        .sort("cell", "followers_count", "lot")
        .collect()
    )
    places = np.full(engagement.height, np.nan)
    for rows in rated.partition_by("cell", maintain_order=True):
        if rows.height >= PEERS_MIN:
            places[rows.get_column("row").to_numpy()] = mid_ranks_among_nearest(
                rows.get_column(RATE).to_numpy(), NEAREST
            )
    return pl.Series(places).fill_nan(None)


def mid_ranks_among_nearest(rates: Floats, nearest: int) -> Floats:
    """The share of lower rates, equal ones counted half, among each and as many as `nearest` beside it, in this order.

    Half of them are before it and half behind it; near an end more are on one side.
    """
    count = min(nearest + 1, len(rates))
    first = np.clip(np.arange(len(rates)) - count // 2, 0, len(rates) - count)
    windows = np.lib.stride_tricks.sliding_window_view(rates, count)
    found = np.empty_like(rates)
    for start in range(0, len(rates), CHUNK):
        part = slice(start, start + CHUNK)
        around, own = windows[first[part]], rates[part, None]
        lower, no_higher = (np.add.reduce(mask, axis=1, dtype=np.int16) for mask in (around < own, around <= own))
        found[part] = (lower + no_higher) / (2 * count)
    return found


def _reason(peers: pl.Expr) -> pl.Expr:
    """Why there is no percentile: what keeps the account from having a rate, first of all."""
    return (
        pl.when(pl.col("reason").is_not_null()).then("reason")
        .when(peers.is_null()).then(pl.lit("no_tier"))
        .when(peers < PEERS_MIN).then(pl.lit("few_peers"))
    )  # fmt: skip

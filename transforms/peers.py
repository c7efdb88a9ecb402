"""Where an account stands among its peers: those of its platform, niche, tier and window that have a rate."""

import polars as pl

from transforms.tiers import default_tier_rank_of

RATE = "engagement_rate_by_followers"
LABELS = ["platform", "niche", "time_window"]
PEERS_MIN = 20


def with_peers(engagement: pl.DataFrame) -> pl.DataFrame:
    """The same rows with `peer_count`, `peer_percentile` and `peer_reason`.

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
        .drop("__tier", "__place")
        .collect()
    )


def _reason(peers: pl.Expr) -> pl.Expr:
    """Why there is no percentile: what keeps the account from having a rate, first of all."""
    return (
        pl.when(pl.col("reason").is_not_null()).then("reason")
        .when(peers.is_null()).then(pl.lit("no_tier"))
        .when(peers < PEERS_MIN).then(pl.lit("few_peers"))
    )  # fmt: skip

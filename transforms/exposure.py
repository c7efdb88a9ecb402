"""How many saw a post: rates by reach and by views, of each account in a window."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

import polars as pl

from transforms.stats.exact_sums import exact_total


@dataclass(frozen=True)
class Exposure:
    """A count of those who saw a post, and the interactions that are divided by it; both only where all are known."""

    name: str
    seen: str
    interactions: tuple[str, ...]
    post_count: str

    @property
    def rate(self) -> str:
        return f"engagement_rate_by_{self.name}"

    @property
    def reason(self) -> str:
        return f"{self.name}_reason"

    @property
    def has_seen(self) -> str:
        return f"has_{self.name}"


EXPOSURES = (
    Exposure("reach", "reach_count", ("like_count", "comment_count", "share_count", "save_count"), "reach_post_count"),
    Exposure("views", "view_count", ("like_count", "comment_count", "share_count"), "view_post_count"),
)
COUNTS = sorted({name for exposure in EXPOSURES for name in (exposure.seen, *exposure.interactions)})

HELPERS = [exposure.has_seen for exposure in EXPOSURES]


def delivered(observations: pl.LazyFrame) -> AbstractSet[str]:
    """Which of the counts any post has: most exports have no reach, and what nobody delivers costs nothing."""
    known = observations.select(pl.col(COUNTS).count() > 0).collect(engine="streaming").row(0)
    return {name for name, is_known in zip(COUNTS, known, strict=True) if is_known}


def measured(delivered: AbstractSet[str]) -> list[pl.Expr]:
    """The columns of a post that `figures` needs. Seen by none is no denominator: such a post has no rate."""
    columns = []
    for exposure in EXPOSURES:
        seen = pl.col(exposure.seen) > 0
        if exposure.seen in delivered:
            columns.append(seen.fill_null(False).alias(exposure.has_seen))
        if delivered >= {exposure.seen, *exposure.interactions}:
            interactions = pl.sum_horizontal(exposure.interactions, ignore_nulls=False)
            known = seen & interactions.is_not_null()
            columns += [
                pl.when(known).then(interactions).alias(f"{exposure.name}_interactions"),
                pl.when(known).then(exposure.seen).alias(exposure.seen),
            ]
    return columns


def figures(columns: Sequence[str]) -> list[pl.Expr]:
    """Aggregations of the posts of an account, of what `measured` gave."""
    found = []
    for exposure in EXPOSURES:
        if exposure.has_seen in columns:
            found.append(pl.col(exposure.has_seen).any())
        if exposure.seen in columns:
            interactions, seen = pl.col(f"{exposure.name}_interactions"), pl.col(exposure.seen)
            found += [
                seen.count().cast(pl.Int64).alias(exposure.post_count),
                (exact_total(interactions).cast(pl.Float64) / exact_total(seen).cast(pl.Float64)).alias(exposure.rate),
                (interactions / seen).median().alias(f"{exposure.rate}_median"),
            ]
    return found


def in_words(columns: Sequence[str]) -> list[pl.Expr]:
    """The columns of the mart, for an account with figures in these columns or without any."""
    return [column for exposure in EXPOSURES for column in _in_words(exposure, columns)]


def _in_words(exposure: Exposure, columns: Sequence[str]) -> list[pl.Expr]:
    is_counted = exposure.post_count in columns
    posts = pl.col(exposure.post_count).fill_null(0) if is_counted else pl.lit(0, pl.Int64)
    has_seen = pl.col(exposure.has_seen) if exposure.has_seen in columns else pl.lit(False)
    rates = [exposure.rate, f"{exposure.rate}_median"]
    reason = (
        pl.when(pl.col("post_count") == 0).then(pl.lit("no_posts"))
        .when(~has_seen).then(pl.lit(f"no_{exposure.name}"))
        .when(posts == 0).then(pl.lit("no_interactions"))
    )  # fmt: skip
    return [
        posts.alias(exposure.post_count),
        *(pl.when(posts > 0).then(rate) if is_counted else pl.lit(None, pl.Float64).alias(rate) for rate in rates),
        reason.alias(exposure.reason),
    ]

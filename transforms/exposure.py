"""How many saw a post: rates by reach and by views, of each account in a window."""

from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

import polars as pl

from transforms.stats.exact_sums import exact_total


@dataclass(frozen=True)
class Exposure:
    """A count of those who saw a post. Divided by it are likes and comments, and shares and saves where known."""

    name: str
    seen: str
    post_count: str

    @property
    def rate(self) -> str:
        return f"engagement_rate_by_{self.name}"

    @property
    def reason(self) -> str:
        return f"{self.name}_reason"

    @property
    def basis(self) -> str:
        return f"{self.name}_basis"

    @property
    def has_seen(self) -> str:
        return f"has_{self.name}"

    @property
    def interactions(self) -> str:
        return f"{self.name}_interactions"

    def whole(self, part: str) -> str:
        return f"{self.name}_{part}_whole"


EXPOSURES = (
    Exposure("reach", "reach_count", "reach_post_count"),
    Exposure("views", "view_count", "view_post_count"),
)
ALWAYS = ("like_count", "comment_count")
# Few exports have these: they count where every post that is counted has them, so that all posts are measured alike.
WHERE_KNOWN = {"shares": "share_count", "saves": "save_count"}
COUNTS = sorted({*ALWAYS, *WHERE_KNOWN.values(), *(exposure.seen for exposure in EXPOSURES)})

HELPERS = [
    name
    for exposure in EXPOSURES
    for name in (exposure.has_seen, *(exposure.whole(part) for part in WHERE_KNOWN))
]  # fmt: skip


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
        if delivered >= {exposure.seen, *ALWAYS}:
            interactions = pl.sum_horizontal(ALWAYS, ignore_nulls=False)
            known = seen & interactions.is_not_null()
            columns += [
                pl.when(known).then(interactions).alias(exposure.interactions),
                pl.when(known).then(exposure.seen).alias(exposure.seen),
            ]
    parts = [pl.col(count) for count in WHERE_KNOWN.values() if count in delivered]
    return [*columns, *parts] if any(exposure.seen in delivered for exposure in EXPOSURES) else columns


def figures(columns: Sequence[str]) -> list[pl.Expr]:
    """Aggregations of the posts of an account, of what `measured` gave."""
    found = []
    for exposure in EXPOSURES:
        if exposure.has_seen in columns:
            found.append(pl.col(exposure.has_seen).any())
        if exposure.seen in columns:
            found += _figures(exposure, columns)
    return found


def _figures(exposure: Exposure, columns: Sequence[str]) -> Iterator[pl.Expr]:
    seen, interactions = pl.col(exposure.seen), pl.col(exposure.interactions)
    for part, count in WHERE_KNOWN.items():
        if count in columns:
            whole = (seen.is_null() | pl.col(count).is_not_null()).all()
            interactions += pl.when(whole).then(pl.col(count)).otherwise(0)
            yield whole.alias(exposure.whole(part))
    # A post that is not counted has no seen, and so no interactions either.
    interactions = pl.when(seen.is_not_null()).then(interactions)
    yield seen.count().cast(pl.Int64).alias(exposure.post_count)
    yield (exact_total(interactions).cast(pl.Float64) / exact_total(seen).cast(pl.Float64)).alias(exposure.rate)
    yield (interactions / seen).median().alias(f"{exposure.rate}_median")


def in_words(columns: Sequence[str]) -> list[pl.Expr]:
    """The columns of the mart, for an account with figures in these columns or without any."""
    return [column for exposure in EXPOSURES for column in _in_words(exposure, columns)]


def _in_words(exposure: Exposure, columns: Sequence[str]) -> list[pl.Expr]:
    is_counted = exposure.post_count in columns
    posts = pl.col(exposure.post_count).fill_null(0) if is_counted else pl.lit(0, pl.Int64)
    has_seen = pl.col(exposure.has_seen) if exposure.has_seen in columns else pl.lit(False)
    rates = [exposure.rate, f"{exposure.rate}_median"]
    wholes = {part: exposure.whole(part) for part in WHERE_KNOWN if exposure.whole(part) in columns}
    basis = pl.concat_str(
        pl.lit("likes_comments"),
        *(pl.when(whole).then(pl.lit(f"_{part}")).otherwise(pl.lit("")) for part, whole in wholes.items()),
    )
    reason = (
        pl.when(pl.col("post_count") == 0).then(pl.lit("no_posts"))
        .when(~has_seen).then(pl.lit(f"no_{exposure.name}"))
        .when(posts == 0).then(pl.lit("no_interactions"))
    )  # fmt: skip
    return [
        posts.alias(exposure.post_count),
        *(pl.when(posts > 0).then(rate) if is_counted else pl.lit(None, pl.Float64).alias(rate) for rate in rates),
        pl.when(posts > 0).then(basis).alias(exposure.basis),
        reason.alias(exposure.reason),
    ]

"""Engagement of accounts to the growth of likes with followers, for each niche and for all together."""

import math
from itertools import chain, pairwise
from typing import Any

import numpy as np
import polars as pl
import polars_hash as plh
from numpy.typing import NDArray

from schemas.columns import RATIO_MAX, polars_schema
from schemas.engagement_regression import EngagementRegression
from transforms.niches import ALL_NICHES
from transforms.query_keys import cell_code
from transforms.stats.line_fit import (
    Centred,
    Fit,
    Groups,
    digits,
    has_spread,
    have_spread,
    least_squares_of,
    quantile_line,
)

CELL = ["platform", "niche", "time_window"]
# The fewest that leave three degrees of freedom; and so many that two accounts lie below the lowest line.
FIT_ACCOUNTS, BAND_ACCOUNTS = 5, 20
# The lines of 5,000 accounts are within some 2 % of those of a million.
BAND_SAMPLE = 5_000
SIZES = {"1k": 1_000, "10k": 10_000, "100k": 100_000, "1m": 1_000_000}
SHARES = {"q10": 0.1, "q50": 0.5, "q90": 0.9}


def is_fitted() -> pl.Expr:
    """Whether an account is in the fit: both logarithms exist."""
    return ((pl.col("like_count_mean") > 0) & (pl.col("followers_count") > 0)).fill_null(False)


def log_likes() -> pl.Expr:
    return pl.col("like_count_mean").log()


def log_followers() -> pl.Expr:
    return pl.col("followers_count").cast(pl.Float64).log()


def engagement_to_regression(engagement: pl.DataFrame) -> pl.DataFrame:
    """The mart `engagement_regression`, cells without a fit included."""
    labels = (
        engagement.select(*CELL, "account_id", "followers_count", "like_count_mean")
        .with_columns(pl.col(CELL).cast(pl.Categorical))
        .lazy()
    )
    points = labels.filter(is_fitted()).select(
        *CELL,
        "followers_count",
        log_followers().alias("x"),
        log_likes().alias("y"),
        plh.col("account_id").nchash.xxh3_64().alias("lot"),
    )
    # One after the other, as each needs all accounts in memory once more.
    fits = _fits(points) | _fits(_over_all(points))
    too_few = {"reason": "few_accounts", "band_reason": "few_accounts"}
    rows = [
        cell | fits.get(tuple(cell[name] for name in CELL), too_few)
        for cell in chain(_counts(labels), _counts(_over_all(labels)))
    ]
    return pl.DataFrame(rows, schema=polars_schema(EngagementRegression))


def _over_all(rows: pl.LazyFrame) -> pl.LazyFrame:
    return rows.with_columns(pl.lit(ALL_NICHES, pl.Categorical).alias("niche"))


def _counts(labels: pl.LazyFrame) -> list[dict[str, Any]]:
    counted = labels.group_by(CELL).agg(
        is_fitted().sum().cast(pl.Int64).alias("account_count"),
        (~is_fitted()).sum().cast(pl.Int64).alias("account_left_out_count"),
    )
    return counted.collect().to_dicts()


def _fits(points: pl.LazyFrame) -> dict[tuple[Any, ...], dict[str, Any]]:
    """The columns that tell of the lines of each cell, by cell; those of too few accounts left out."""
    # In the order of their content, sums over them are the same whatever order they came in.
    rows = (
        points.with_columns(cell_code(CELL).alias("code"))
        .filter(pl.len().over("code") >= FIT_ACCOUNTS)
        .sort("code", "x", "y")
        .collect()
    )
    if rows.is_empty():
        return {}
    cells = rows.group_by("code", maintain_order=True).agg(
        pl.col(CELL).first(),
        pl.len(),
        pl.first("followers_count").alias("smallest"),
        pl.last("followers_count").alias("largest"),
    )
    rows = rows.select("x", "y", "lot")
    groups = Groups.of(cells["len"].cast(pl.Int64).to_numpy())
    x = Centred.of(rows["x"].to_numpy(), groups)
    spread = have_spread(x, groups)
    fits = iter(_lines(rows.select("x", "y").filter(groups.to_rows(spread)), groups.counts[spread]))
    found = {}
    for number, cell in enumerate(cells.iter_rows(named=True)):
        known = {
            "followers_count_min": cell["smallest"],
            "followers_count_max": cell["largest"],
            "log_followers_mean": digits(float(x.mean[number])),
            "log_followers_variance": digits(float(x.squares[number] / cell["len"])),
        }
        if spread[number]:
            lines = _line(next(fits)) | _bands(
                rows.slice(groups.starts[number], cell["len"]), cell["smallest"], cell["largest"]
            )
        else:
            lines = {"reason": "no_spread", "band_reason": "no_spread"}
        found[tuple(cell[name] for name in CELL)] = known | lines
    return found


def _lines(rows: pl.DataFrame, counts: NDArray[np.int64]) -> list[Fit]:
    """The line of each cell, all at once."""
    if rows.is_empty():
        return []
    groups = Groups.of(counts)
    return least_squares_of(Centred.of(rows["x"].to_numpy(), groups), Centred.of(rows["y"].to_numpy(), groups), groups)


def _line(fit: Fit) -> dict[str, Any]:
    """The columns of a fit."""
    predicted = {
        f"predicted_like_rate_{name}": predicted_rate(fit.slope, fit.intercept, size) for name, size in SIZES.items()
    }
    reason = "exact_fit" if fit.slope_below_one_t is None else None
    return vars(fit) | predicted | {"reason": reason}


def predicted_rate(slope: float, intercept: float, followers: int) -> float | None:
    """Likes over followers on the line; null where the line leads out of all that can be."""
    logarithm = intercept + (slope - 1) * math.log(followers)
    return digits(math.exp(logarithm)) if logarithm < math.log(RATIO_MAX) else None


def _bands(points: pl.DataFrame, smallest: int, largest: int) -> dict[str, Any]:
    """The three lines, through a sample that depends on the accounts alone where there are too many."""
    if points.height < BAND_ACCOUNTS:
        return {"band_reason": "few_accounts"}
    sample = points if points.height <= BAND_SAMPLE else _sample(points)
    x, y = sample["x"].to_numpy(), sample["y"].to_numpy()
    if not has_spread(x):
        return {"band_reason": "no_spread"}
    lines = {name: quantile_line(x, y, share) for name, share in SHARES.items()}
    ends = [[slope * math.log(size) + height for slope, height in lines.values()] for size in (smallest, largest)]
    crossing = any(lower - higher > 1e-9 for end in ends for lower, higher in pairwise(end))
    return {
        **{f"slope_{name}": slope for name, (slope, _) in lines.items()},
        **{f"intercept_{name}": height for name, (_, height) in lines.items()},
        "are_bands_crossing": crossing,
        "band_account_count": sample.height,
    }


def _sample(points: pl.DataFrame) -> pl.DataFrame:
    """The accounts of the smallest hashes: always the same ones."""
    first_left_out = np.partition(points["lot"].to_numpy(), BAND_SAMPLE)[BAND_SAMPLE]
    return points.filter(pl.col("lot") < first_left_out)

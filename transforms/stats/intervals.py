"""95 % intervals as expressions: Wilson's for a count of people among n, Student's for a mean over posts, ranks for a median."""

import numpy as np
import polars as pl
from scipy.special import bdtr, stdtr, stdtrit

CONFIDENCE = 0.95
UPPER = (1 + CONFIDENCE) / 2
# The 0.975 quantile of the normal distribution.
Z = 1.959963984540054


def wilson_low(count: pl.Expr, total: pl.Expr) -> pl.Expr:
    """Lower bound of a share; null where either is null, none are counted among, or more than all are counted."""
    # The formula gives 0 up to its rounding.
    return pl.when(_is_binomial(count, total)).then(pl.when(count == 0).then(0.0).otherwise(_wilson(count, total, -1)))


def wilson_high(count: pl.Expr, total: pl.Expr) -> pl.Expr:
    """Upper bound of a share, null where `wilson_low` is."""
    bound = pl.when(count == total).then(1.0).otherwise(_wilson(count, total, 1))
    return pl.when(_is_binomial(count, total)).then(bound)


def mean_low(count: pl.Expr, mean: pl.Expr, deviation: pl.Expr) -> pl.Expr:
    """Lower bound of a mean of `count` values with this (n - 1) standard deviation; null below two values."""
    return mean - _half_width(count, deviation)


def mean_high(count: pl.Expr, mean: pl.Expr, deviation: pl.Expr) -> pl.Expr:
    """Upper bound of a mean, null where `mean_low` is."""
    return mean + _half_width(count, deviation)


def t_quantile(freedom: pl.Series) -> pl.Series:
    """The 0.975 quantile of Student's t by degrees of freedom; null for none. Each distinct number is worked out once."""
    distinct = freedom.unique()
    known = distinct.filter(distinct > 0)
    quantiles = stdtrit(known.to_numpy().astype(np.float64), UPPER)
    return freedom.replace_strict(known, pl.Series(quantiles), default=None, return_dtype=pl.Float64)


def outside_median(count: pl.Expr) -> pl.Expr:
    """How many of `count` values lie outside the interval of their median on each side; null where all of them are too few.

    Of the ranks that hold the median with 95 % or more by the binomial distribution the narrowest (Hahn and Meeker 1991).
    """
    return count.map_batches(_outside, return_dtype=pl.Int64, is_elementwise=True)


def _outside(counts: pl.Series) -> pl.Series:
    distinct = counts.unique().drop_nulls()
    n = distinct.to_numpy().astype(np.int64)
    # By the normal distribution it is the same number or one less.
    outside = np.floor((n - 1 - Z * np.sqrt(n)) / 2).clip(-1)
    outside += bdtr(outside + 1, n, 0.5) <= 1 - UPPER
    known = outside >= 0
    found = pl.Series(outside[known], dtype=pl.Int64, strict=False)
    return counts.replace_strict(distinct.filter(known), found, default=None, return_dtype=pl.Int64)


def two_sided_p(score: pl.Expr, freedom: pl.Expr) -> pl.Expr:
    """The chance of a Student's t as far from 0, to twelve digits; null where either is."""
    both = pl.struct(score.cast(pl.Float64).alias("score"), freedom.cast(pl.Float64).alias("freedom"))
    return both.map_batches(_two_sided, return_dtype=pl.Float64, is_elementwise=True).round_sig_figs(12)


def _two_sided(pairs: pl.Series) -> pl.Series:
    score, freedom = (pairs.struct.field(name) for name in ("score", "freedom"))
    p = pl.Series(2 * stdtr(freedom.fill_null(np.nan).to_numpy(), -score.abs().fill_null(np.nan).to_numpy()))
    return p.fill_nan(None)


def _is_binomial(count: pl.Expr, total: pl.Expr) -> pl.Expr:
    return (total > 0) & (count >= 0) & (count <= total)


def _wilson(count: pl.Expr, total: pl.Expr, side: int) -> pl.Expr:
    n = total.cast(pl.Float64)
    share = count / n
    half = Z * (share * (1 - share) / n + Z**2 / (4 * n * n)).sqrt()
    return (share + Z**2 / (2 * n) + side * half) / (1 + Z**2 / n)


def _half_width(count: pl.Expr, deviation: pl.Expr) -> pl.Expr:
    freedom = count.cast(pl.Int64) - 1
    quantile = freedom.map_batches(t_quantile, return_dtype=pl.Float64, is_elementwise=True)
    return quantile * deviation / count.cast(pl.Float64).sqrt()

"""Likes of an account beside what is usual at its size."""

import polars as pl

from schemas.columns import RATIO_MAX
from transforms.engagement_regression import is_fitted, log_followers, log_likes
from transforms.niches import ALL_NICHES
from transforms.regression_tiers import log_on_curve

REFERENCE = ["platform", "time_window"]
# In a smaller fit an account would be compared with itself to a part that shows.
LEAVE_ONE_OUT_BELOW = 100


def with_lift(engagement: pl.DataFrame, regression: pl.DataFrame, curves: pl.DataFrame) -> pl.DataFrame:
    """The mart `account_engagement`: expected like rates and lifts by the fit of the platform, all niches, same window.

    The line gives the median to expect, the smearing factor makes a mean of it; `curves` take the place of lines that misfit.
    """
    lines = regression.lazy().filter(pl.col("niche") == ALL_NICHES).select(
        *REFERENCE,
        "slope",
        "intercept",
        "smearing_factor",
        pl.col("account_count").alias("n"),
        "log_followers_mean",
        "log_followers_variance",
        pl.when(pl.col("slope").is_null()).then("reason").alias("no_fit"),
    )  # fmt: skip
    fits = lines.join(curves.lazy(), on=REFERENCE, how="left").collect()
    without_itself = is_fitted() & (pl.col("n") < LEAVE_ONE_OUT_BELOW)
    expected = pl.when(without_itself).then(_log_expected_of_others()).otherwise(_log_expected())
    expected_likes = expected.exp()
    rate = expected_likes / pl.col("followers_count")
    lift = pl.col("like_count_mean") / expected_likes
    basis = pl.when(without_itself).then(pl.lit("regression_leave_one_out")).otherwise(pl.lit("regression"))
    smooth_likes = log_on_curve(_log_size()).exp()
    figures = {
        "": (rate, lift),
        "_mean": (rate * pl.col("smearing_factor"), lift / pl.col("smearing_factor")),
        "_smooth": (smooth_likes / pl.col("followers_count"), pl.col("like_count_mean") / smooth_likes),
    }
    # Few columns go through the join; what is found of them stands in the order of the rows, which costs five times as much
    # where the join streams.
    found = (
        engagement.lazy()
        .select(*REFERENCE, "followers_count", "like_count_mean", "post_count", "reason")
        .join(fits.lazy(), on=REFERENCE, how="left", maintain_order="left")
        .with_columns(
            pl.when(_is_sound(usual)).then(usual).alias(f"expected_like_rate_by_followers{kind}")
            for kind, (usual, _) in figures.items()
        )
        .with_columns(
            pl.when(_is_sound(usual) & _is_sound(over)).then(over).alias(f"engagement_lift{kind}")
            for kind, (usual, over) in figures.items()
        )
        .with_columns(
            pl.when(pl.col("expected_like_rate_by_followers").is_not_null()).then(basis).alias("expected_basis"),
            pl.when(pl.col("engagement_lift").is_null()).then(_lift_reason()).alias("lift_reason"),
        )
        .select(
            *(f"{of}{kind}" for of in ("expected_like_rate_by_followers", "engagement_lift") for kind in figures),
            "expected_basis",
            "lift_reason",
        )
    )
    return engagement.hstack(found.collect(engine="in-memory"))


def _log_expected() -> pl.Expr:
    """Log of the likes expected at this size; null without followers."""
    return pl.col("intercept") + pl.col("slope") * _log_size()


def _log_size() -> pl.Expr:
    return pl.when(pl.col("followers_count") > 0).then(log_followers())


def _log_expected_of_others() -> pl.Expr:
    """The same by the fit to all accounts but this one: its residual there is the one here over 1 - leverage."""
    distance = log_followers() - pl.col("log_followers_mean")
    leverage = (1 + distance**2 / pl.col("log_followers_variance")) / pl.col("n")
    return log_likes() - (log_likes() - _log_expected()) / (1 - leverage)


def _is_sound(ratio: pl.Expr) -> pl.Expr:
    """Whether a ratio can be: a line through accounts of nearly one size leads anywhere at another."""
    return ratio.is_between(0, RATIO_MAX)


def _lift_reason() -> pl.Expr:
    """Why an account has no lift, the first that applies."""
    return (
        pl.when(pl.col("post_count") == 0).then("reason")
        .when(pl.col("like_count_mean").is_null()).then(pl.lit("hidden_likes"))
        .when(pl.col("followers_count").fill_null(0) == 0).then(pl.lit("no_followers"))
        .when(pl.col("no_fit").is_not_null()).then(pl.col("no_fit"))
        .otherwise(pl.lit("out_of_range"))
    )  # fmt: skip

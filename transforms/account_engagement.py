"""Posts to the engagement of each account in each window."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from functools import partial

import polars as pl

from transforms import exposure
from transforms.log_rates import ENGAGEMENT, FOLLOWERS, per_window
from transforms.post_windows import Windows
from transforms.query_keys import HASH, hashed
from transforms.sponsorship import posts_to_sides, with_paid_to_organic
from transforms.stats.exact_sums import SMALL, deviation, exact_mean, exact_mean_of_counts
from transforms.stats.intervals import mean_high, mean_low

ACCOUNT = ["platform", "account_id"]
COVERAGE_FLOOR = 0.5
LIKE_RATE, COMMENT_RATE, RATE = (f"{of}_rate_by_followers" for of in ("like", "comment", "engagement"))
# What windows are made with and the mart does not hold.
HELPERS = ["has_undated", "dated", "likes_known", "engagement_known", "mean_square"]


def posts_to_measured(posts: pl.LazyFrame, delivered: AbstractSet[str], *others: str) -> pl.LazyFrame:
    """The few columns of a post that windows need and `others`, its account as a hash: what fits in memory whole.

    `delivered` are the counts that any post has (`exposure.delivered`).
    """
    followers = pl.when(pl.col("followers_count") > 0).then("followers_count")
    return posts.select(
        hashed(ACCOUNT),
        "post_id",
        "published_at",
        "like_count",
        "engagement_count",
        "is_sponsored",
        "is_gifted",
        followers.alias(FOLLOWERS),
        LIKE_RATE,
        (pl.col("comment_count") / followers).alias(COMMENT_RATE),
        RATE,
        *exposure.measured(delivered),
        *others,
    )


@dataclass(frozen=True)
class OfWindows:
    """What the engagement of each account in each window is made from: what its posts come to, by the name of the window."""

    listed: pl.LazyFrame
    own: dict[str, list[pl.LazyFrame]]
    start: datetime | None
    end: datetime | None

    @classmethod
    def of(cls, windows: Windows, accounts: pl.DataFrame) -> "OfWindows":
        figures, sides, log_rates = figures_of(windows)
        undated = (
            figures["all_time"]
            .filter(pl.col("dated") < pl.col("post_count"))
            .select(HASH, pl.lit(True).alias("has_undated"))
        )
        listed = accounts.lazy().select(*ACCOUNT, hashed(ACCOUNT), "niche", "followers_count")
        own = {name: [figures[name], sides[name], log_rates[name]] for name in figures}
        return cls(listed.join(undated, on=HASH, how="left").collect().lazy(), own, windows.start, windows.as_of)

    def engagement(self, names: Sequence[str]) -> pl.DataFrame:
        """The mart `account_engagement` in some windows: every account, those without posts included.

        Beside its columns it has the log rates of posts (`log_rates.LOG_RATES`), which shrunk rates are made of, and what the two
        sides of sponsorship are pooled from (`sponsorship.SCATTERS`).
        """
        return pl.concat(self._window(name, *self.own[name]) for name in names).collect()

    def _window(self, name: str, figures: pl.LazyFrame, sides: pl.LazyFrame, log_rates: pl.LazyFrame) -> pl.LazyFrame:
        start = pl.lit(self.start if name == "last_90_days" else None, pl.Datetime("us"))
        return (
            _with_words(self.listed, figures, sides)
            .join(log_rates, on=HASH, how="left")
            .drop(HASH)
            .with_columns(
                pl.lit(name).alias("time_window"),
                start.alias("window_start"),
                pl.lit(self.end, pl.Datetime("us")).alias("window_end"),
            )
        )


def figures_of(windows: Windows) -> tuple[dict[str, pl.LazyFrame], ...]:
    """What the posts of each account come to, and on either side of sponsorship, and their log rates: by the name of the window."""
    large = windows.of_each("large_rates", _with_large_rates).collect()
    return (
        windows.figures("engagement", partial(_per_account, large=large)),
        windows.figures("sides", posts_to_sides),
        per_window(windows, ENGAGEMENT),
    )


def _with_large_rates(measured: pl.LazyFrame) -> pl.LazyFrame:
    """Accounts (__key) with a rate whose square takes the longer way to add."""
    largest = pl.max_horizontal(LIKE_RATE, COMMENT_RATE, RATE)
    return measured.filter(largest.pow(2) >= SMALL).select(HASH).unique()


def _per_account(measured: pl.LazyFrame, large: pl.DataFrame) -> pl.LazyFrame:
    """Figures of the posts of each account; `large` are those with large rates.

    Which way an account's rates are added depends on no other account: the last digits may.
    """
    if large.is_empty():
        return _figures(measured, largest=1.0)
    usual, others = (measured.join(large.lazy(), on=HASH, how=how) for how in ("anti", "semi"))
    return pl.concat([_figures(usual, largest=1.0), _figures(others, largest=None)])


def _figures(measured: pl.LazyFrame, largest: float | None) -> pl.LazyFrame:
    like_rate, rate = pl.col(LIKE_RATE), pl.col(RATE)
    return measured.group_by(HASH).agg(
        pl.len().cast(pl.Int64).alias("post_count"),
        rate.count().cast(pl.Int64).alias("post_known_count"),
        pl.col("published_at").count().cast(pl.Int64).alias("dated"),
        pl.col("like_count").count().cast(pl.Int64).alias("likes_known"),
        pl.col("engagement_count").is_not_null().any().alias("engagement_known"),
        exact_mean_of_counts(pl.col("like_count")).alias("like_count_mean"),
        exact_mean_of_counts(pl.col("engagement_count")).alias("engagement_count_mean"),
        exact_mean(like_rate, largest=largest).alias(LIKE_RATE),
        like_rate.median().alias(f"{LIKE_RATE}_median"),
        exact_mean(pl.col(COMMENT_RATE), largest=largest).alias(COMMENT_RATE),
        exact_mean(rate, largest=largest).alias(RATE),
        exact_mean(rate * rate, largest=largest).alias("mean_square"),
        rate.median().alias(f"{RATE}_median"),
        *exposure.figures(measured.collect_schema().names()),
    )


def _with_words(listed: pl.LazyFrame, per_account: pl.LazyFrame, sides: pl.LazyFrame) -> pl.LazyFrame:
    """Accounts with what their posts come to, and why what is not known is not."""
    coverage = pl.when(pl.col("post_count") > 0).then(pl.col("likes_known") / pl.col("post_count"))
    known, mean = pl.col("post_known_count"), pl.col(RATE)
    spread = deviation(known, mean, pl.col("mean_square"))
    of_likes = pl.col("like_count_mean", LIKE_RATE, f"{LIKE_RATE}_median")
    return (
        listed.join(per_account, on=HASH, how="left")
        .join(sides, on=HASH, how="left")
        .with_columns(pl.col("post_count", "post_known_count").fill_null(0))
        .pipe(with_paid_to_organic)
        .with_columns(coverage.alias("likes_coverage_ratio"))
        .with_columns(_reason().alias("reason"))
        .with_columns(
            pl.when(pl.col("reason").is_null()).then(pl.col(RATE, f"{RATE}_median")),
            # Interactions of a post need no followers.
            pl.when(pl.col("reason").fill_null("no_followers") == "no_followers").then("engagement_count_mean"),
        )
        # No rate is below zero, whatever the formula says.
        .with_columns(mean_low(known, mean, spread).clip(0).alias(f"{RATE}_low"))
        .with_columns(mean_high(known, mean, spread).alias(f"{RATE}_high"))
        .with_columns(pl.when(pl.col("likes_coverage_ratio") >= COVERAGE_FLOOR).then(of_likes))
        .with_columns(exposure.in_words(per_account.collect_schema().names()))
        .with_columns(
            _empty_because_undated(name) for name in ("reason", "paid_reason", "reach_reason", "views_reason")
        )
        .drop(*HELPERS, *exposure.HELPERS, strict=False)
    )


def _empty_because_undated(reason: str) -> pl.Expr:
    """Posts without a date of publication are in no window of time: it is not that there are none."""
    is_empty = (pl.col("post_count") == 0) & pl.col("has_undated").is_not_null()
    return pl.when(is_empty).then(pl.lit("undated_posts")).otherwise(pl.col(reason)).alias(reason)


def _reason() -> pl.Expr:
    """Why an account has no engagement rate, the first that applies."""
    return (
        pl.when(pl.col("post_count") == 0).then(pl.lit("no_posts"))
        .when(pl.col("likes_coverage_ratio") < COVERAGE_FLOOR).then(pl.lit("hidden_likes"))
        .when(~pl.col("engagement_known")).then(pl.lit("no_comments"))
        .when(pl.col("post_known_count") == 0).then(pl.lit("no_followers"))
    )  # fmt: skip

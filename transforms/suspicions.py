"""Accounts that stand apart: by their comments, their size, their age in the data or their growth. Evidence, no verdict."""

from datetime import datetime, timedelta

import polars as pl

from transforms.data_quality import ACCOUNT, NO_TEXT, of_rows
from transforms.growth import ROUNDING, TO_DEVIATIONS, is_rounded
from transforms.query_keys import HASH, hashed
from transforms.stats.exact_sums import exact_total
from transforms.tiers import default_tier_of

# Iglewicz and Hoaglin's bound for a robust z.
FAR = 3.5
# Fewer posts tell of the posts, fewer peers of themselves.
POSTS_MIN, PEERS_MIN = 5, 20
PEERS = ["platform", "niche"]
STALE_AFTER = timedelta(days=180)
DIGITS = 4


def posts_to_comments(measured: pl.LazyFrame) -> pl.LazyFrame:
    """Likes and comments of accounts with enough posts and any like, by __key."""
    likes = pl.col("likes")
    known = measured.filter(pl.col("engagement_count").is_not_null())
    return (
        known.group_by(HASH)
        .agg(
            pl.len().alias("posts"),
            exact_total(pl.col("like_count")).alias("likes"),
            exact_total(pl.col("engagement_count")).alias("engagement"),
        )
        .filter((pl.col("posts") >= POSTS_MIN) & (likes > 0))
        .select(HASH, likes.cast(pl.Float64), (pl.col("engagement") - likes).cast(pl.Float64).alias("comments"))
    )


def comments_to_odd(sums: pl.LazyFrame, account_table: pl.DataFrame) -> pl.LazyFrame:
    """Accounts with far more or fewer comments (`posts_to_comments`) for a like than others of their platform and niche."""
    likes, comments, peers = pl.col("likes"), pl.col("comments"), pl.len().over(PEERS)
    own, median, spread, ratio, usual = (pl.col(name) for name in ("own", "median", "spread", "ratio", "usual"))
    is_more = own > median
    named = account_table.lazy().select(*ACCOUNT, "niche", hashed(ACCOUNT), NO_TEXT.alias("post_id"))
    compared = (
        named.join(sums, on=HASH)
        # Half of one more on both sides: no comment at all has a logarithm too. What is told is without it.
        .with_columns(
            ((comments + 0.5) / (likes + 0.5)).log().alias("own"),
            (comments / likes).alias("ratio"),
            peers.alias("peers"),
        )
        .with_columns(own.median().over(PEERS).alias("median"), ratio.median().over(PEERS).alias("usual"))
        # Where most have no comments, logarithms are as far apart as likes are, and tell nothing of comments.
        .filter((pl.col("peers") >= PEERS_MIN) & (usual > 0))
        .with_columns((own - median).abs().median().over(PEERS).alias("spread"))
        .filter(spread > ROUNDING * (1 + median.abs()))
        .filter((TO_DEVIATIONS * (own - median) / spread).abs() > FAR)
        # Nor may the half be all that sets them apart.
        .filter(pl.when(is_more).then(ratio > usual).otherwise(ratio < usual))
    )
    detail = pl.concat_str(
        _short(ratio), pl.lit(" comments a like; "), _short(usual),
        pl.lit(" is the median of "), "peers", pl.lit(" accounts of this platform and niche"),
    )  # fmt: skip
    return of_rows(compared, "comments_unlike_peers", "comment_count", detail)


def _short(number: pl.Expr) -> pl.Expr:
    return number.round_sig_figs(DIGITS)


def accounts_to_uncertain_tiers(account_table: pl.DataFrame) -> pl.LazyFrame:
    """Accounts whose rounded followers stand so near a bound that the count behind them may be on its other side.

    Some platforms round to the nearest, some down; only what both leave possible counts.
    """
    followers = pl.col("followers_count")
    rounded = account_table.lazy().filter(is_rounded(followers)).select(*ACCOUNT, followers, NO_TEXT.alias("post_id"))
    step = _last_digit(followers)
    # What is rounded up to a power of ten is a digit shorter, and finer: 99,950 becomes 100,000.
    below = followers - _last_digit(followers - 1) // 2
    least, most = default_tier_of(below), default_tier_of(followers + step - 1)
    uncertain = rounded.with_columns(below.alias("below"), least.alias("least"), most.alias("most")).filter(
        pl.col("least").ne_missing(pl.col("most"))
    )
    detail = pl.concat_str(
        followers, pl.lit(" may be rounded from "), "below", pl.lit(", which is "),
        pl.col("least").fill_null("below every tier"), pl.lit(" and not "), "most",
    )  # fmt: skip
    return of_rows(uncertain, "tier_uncertain", "followers_count", detail)


def _last_digit(followers: pl.Expr) -> pl.Expr:
    """What the third significant digit of a count counts: 100 of 12,300."""
    zeros = pl.sum_horizontal((followers >= 10**digits).cast(pl.Int64) for digits in range(3, 13))
    return pl.lit(10, pl.Int64).pow(zeros)


def accounts_to_stale(account_table: pl.DataFrame, as_of: datetime | None) -> pl.LazyFrame:
    """Accounts whose followers were last seen long before the instant of the marts."""
    at = pl.lit(as_of, pl.Datetime("us"))
    unseen = at - pl.col("observed_at")
    stale = account_table.lazy().filter(unseen > STALE_AFTER).with_columns(NO_TEXT.alias("post_id"))
    detail = pl.concat_str(pl.lit("not seen for "), unseen.dt.total_days(), pl.lit(" days before as_of"))
    return of_rows(stale, "observation_stale", "followers_count", detail, at="observed_at")


def snapshots_to_spikes(grown: pl.LazyFrame) -> pl.LazyFrame:
    """Gains far above what the account gains otherwise; a loss that is smaller than usual is none."""
    gain, score = pl.col("followers_gained_per_day"), pl.col("growth_spike_score")
    spikes = grown.filter((score > FAR) & (gain > 0)).with_columns(NO_TEXT.alias("post_id"))
    steps = (
        pl.when("is_followers_rounded").then(pl.lit("; counts look rounded and grow in steps")).otherwise(pl.lit(""))
    )
    detail = pl.concat_str(
        _short(gain), pl.lit(" followers a day, a robust z of "), _short(score),
        pl.lit("; a giveaway, a shout-out, ads or bots would show so"), steps,
    )  # fmt: skip
    return of_rows(spikes, "growth_spike", "followers_gained_per_day", detail, at="observed_at")

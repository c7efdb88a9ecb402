"""One post of each account held back and foretold from the others: how far to trust shrunk rates on the data at hand."""

import polars as pl
import polars_hash as plh

from schemas.columns import polars_schema
from schemas.rate_calibration import POSTS_SEEN, RateCalibration
from transforms.log_rates import ENGAGEMENT, Measure, per_account, posts_to_log_rates
from transforms.post_windows import NotKnown, Windows
from transforms.query_keys import HASH, hashed
from transforms.rate_fits import DIGITS, LABELS, fits_of
from transforms.shrinkage import ACCOUNT, PlatformsOf, with_estimates
from transforms.stats.exact_sums import exact_mean
from transforms.tiers import default_tier_of

# Of each platform; more change the shares by a tenth of a percent.
ACCOUNTS_MAX = 40_000
CELL = ["platform", "tier", "posts_seen"]


def to_rate_calibration(engagement: pl.LazyFrame, windows: Windows, others: PlatformsOf) -> pl.DataFrame:
    """The mart `rate_calibration`, of engagement by followers and the `others`; takes `account_engagement`.

    A platform is in it once enough accounts have two posts that the fit can be made without one of them.
    """
    of_all_time = engagement.filter(pl.col("time_window") == "all_time")
    rates = [measure.name for measure in (ENGAGEMENT, *others)]
    accounts = _sampled(of_all_time.select(*ACCOUNT, "niche", "time_window", "followers_count", *rates)).collect()
    measures = {ENGAGEMENT: accounts.get_column("platform").unique(), **others}
    made = [
        _calibration(accounts.filter(pl.col("platform").is_in(platforms.implode())), windows, measure)
        for measure, platforms in measures.items()
        if len(platforms)
    ]
    return pl.concat([polars_schema(RateCalibration).to_frame(), *made])


def _sampled(accounts: pl.LazyFrame) -> pl.LazyFrame:
    """Of each platform those with the smallest hash of their id: always the same ones."""
    lot = plh.col("account_id").nchash.xxh3_64()
    return accounts.filter(lot.rank("ordinal").over("platform") <= ACCOUNTS_MAX)


def _calibration(accounts: pl.DataFrame, windows: Windows, measure: Measure) -> pl.DataFrame:
    listed = (
        accounts.lazy()
        .filter(pl.col(measure.name).is_not_null())
        .select(
            hashed(ACCOUNT),
            pl.col(LABELS).cast(pl.Categorical),
            default_tier_of(pl.col("followers_count")).alias("tier"),
        )
        .collect()
        .lazy()
    )
    name = f"held_back_{measure.done}"
    rest_of_listed = windows.of_each(name, lambda posts: _rest_of(posts.join(listed, on=HASH, how="semi"), measure))
    rest = listed.join(rest_of_listed, on=HASH, how="left").collect()
    if rest.get_column("log_count").null_count():
        raise NotKnown(name)
    foretold = with_estimates(rest.lazy(), fits_of(rest)).filter(
        pl.col("held").is_not_null(), pl.col("fit_reason").is_null()
    )
    return _errors(foretold.collect(), measure)


def _rest_of(posts: pl.LazyFrame, measure: Measure) -> pl.LazyFrame:
    """The log rates of accounts, with one post held back."""
    known = posts_to_log_rates(posts, measure).drop_nulls("y").collect()
    return _without_held(per_account(known.lazy()).collect().lazy(), _held_back(known).lazy())


def _held_back(posts: pl.DataFrame) -> pl.DataFrame:
    """Of each account with two posts or more the one with the smallest hash of its id: `held`, its log rate, and its size."""
    lot = plh.col("post_id").nchash.xxh3_64().alias("lot")
    several = posts.lazy().filter(pl.len().over(HASH) > 1).select(HASH, lot, "y", pl.col("size").alias("held_size"))
    first = pl.col("y", "held_size").sort_by("lot", "y").first()
    return several.group_by(HASH).agg(first).rename({"y": "held"}).collect()


def _without_held(own: pl.LazyFrame, held: pl.LazyFrame) -> pl.LazyFrame:
    """The log rates of accounts with one post taken out of count, means and variance; those without `held` as they are."""
    n, mean, y, size = (pl.col(name) for name in ("log_count", "log_mean", "held", "size"))
    left = n - 1
    squares = (pl.col("log_variance") * left - (y - mean).pow(2) * n / left).clip(0)
    taken_out = {
        "log_count": left,
        "log_mean": mean - (y - mean) / left,
        "log_variance": pl.when(left > 1).then(squares / (left - 1)),
        "size": size - (pl.col("held_size") - size) / left,
    }
    return own.join(held, on=HASH, how="left").with_columns(
        pl.when(y.is_null()).then(name).otherwise(without).alias(name) for name, without in taken_out.items()
    )


def _errors(foretold: pl.DataFrame, measure: Measure) -> pl.DataFrame:
    """By tier and number of posts: how many lie in the interval, and how far off each way to foretell them is."""
    y, seen = pl.col("held"), pl.col("log_count")
    rate = y.exp()
    is_held = (rate >= pl.col("next_low")) & (rate <= pl.col("next_high"))
    from_where = {"raw": "log_mean", "expected": "expected", "shrunk": "mu"}
    errors = [
        exact_mean((y - pl.col(name)).pow(2)).sqrt().round_sig_figs(DIGITS).alias(f"{kind}_error_log")
        for kind, name in from_where.items()
    ]
    label = pl.lit(None, pl.String)
    for least, words in POSTS_SEEN.items():
        label = pl.when(seen >= least).then(pl.lit(words)).otherwise(label)
    cells = foretold.lazy().with_columns(pl.col("platform").cast(pl.String), label.alias("posts_seen")).group_by(CELL)
    counted = cells.agg(
        pl.len().cast(pl.Int64).alias("account_count"), is_held.sum().cast(pl.Int64).alias("next_held_count"), *errors
    )
    share = pl.col("next_held_count") / pl.col("account_count")
    labelled = counted.with_columns(pl.lit(measure.name).alias("rate"), share.alias("next_held_ratio"))
    return labelled.select(polars_schema(RateCalibration).names()).collect()

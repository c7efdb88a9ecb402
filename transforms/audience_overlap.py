"""Follower lists to the followers that accounts share: pairs of accounts, and any given set of them exactly."""

import polars as pl

from schemas.audience_overlap import Bounds

NORMAL_95 = 1.959964
HALF = 1 << 32
# The columns of `audience` on overlaps.
COUNTS = ["overlap_count", "overlap_left_out_few_listed_count", "overlap_left_out_smaller_count"]


def number_accounts(accounts: pl.DataFrame) -> pl.DataFrame:
    """Accounts numbered in the order of their names, so that a pair of them is one number and ties fall by name."""
    return accounts.sort("platform", "account_id").with_row_index("number")


def count_pairs(follows: pl.DataFrame) -> tuple[int, int]:
    """How many pairs of accounts have a member in common, counted once for each such member: the work to be done.

    First the pairs of two accounts that list enough followers, then those with one that does not.
    """
    accounts, told = pl.len().cast(pl.Int64).alias("accounts"), pl.col("is_told").sum().cast(pl.Int64).alias("told")
    followed = follows.group_by("member_key").agg(accounts, told)
    pairs = (followed.select((pl.col(name) * (pl.col(name) - 1)).sum() // 2).item() for name in ("told", "accounts"))
    of_told, of_all = pairs
    return of_told, of_all - of_told


def follows_to_shared(follows: pl.DataFrame, *, told: bool) -> pl.DataFrame:
    """Members that each pair of accounts has in common: (pair, shared), the pair packed from the smaller number.

    `follows` are distinct (number, is_told, member_key), all of a member's in one slice; counts of slices add up. The
    pairs are those of two accounts whose overlaps are told, or those with one whose are not.
    """
    number = pl.col("number").cast(pl.UInt64)
    left = follows.lazy().filter(pl.col("is_told") == told).select("member_key", number.alias("first"))
    right = follows.lazy().select("member_key", number.alias("second"), "is_told")
    pairs = left.join(right.filter("is_told") if told else right, on="member_key")
    first, second = pl.col("first"), pl.col("second")
    # Of two accounts both on the left each pair is met twice, of one on the left and one on the right alone once.
    once = (first < second) if told else (first < second) | pl.col("is_told")
    low, high = pl.min_horizontal("first", "second"), pl.max_horizontal("first", "second")
    return (
        pairs.filter(once, first != second)
        .group_by((low * HALF + high).alias("pair"))
        .agg(pl.len().cast(pl.Int64).alias("shared"))
        .collect(engine="streaming")
    )


def shared_to_counts(told: pl.DataFrame, others: pl.DataFrame, accounts: pl.DataFrame, bounds: Bounds) -> pl.DataFrame:
    """For each account how many of its overlaps are told, and how many left out for which reason.

    `told` are the pairs of accounts that list enough followers, `others` those of which one does not.
    """
    partners, others_count = (_partners(shared, name) for shared, name in ((told, "partners"), (others, "others")))
    listed, left_out, smaller = COUNTS
    return (
        accounts.join(partners, on="number", how="left")
        .join(others_count, on="number", how="left")
        .with_columns(pl.col("partners", "others").fill_null(0))
        .select(
            "account_key",
            pl.min_horizontal("partners", bounds.partners_max).cast(pl.Int64).alias(listed),
            pl.col("others").alias(left_out),
            (pl.col("partners") - bounds.partners_max).clip(0).alias(smaller),
        )
    )


def _partners(shared: pl.DataFrame, name: str) -> pl.DataFrame:
    """With how many others each account shares a follower."""
    first, second = pl.col("pair") // HALF, pl.col("pair") % HALF
    ends = pl.concat(shared.select(end.cast(pl.UInt32).alias("number")) for end in (first, second))
    return ends.group_by("number").agg(pl.len().cast(pl.Int64).alias(name))


def shared_to_audience_overlap(
    shared: pl.DataFrame, accounts: pl.DataFrame, sampling_rate: float, bounds: Bounds
) -> pl.DataFrame:
    """The mart `audience_overlap`: per account the largest overlaps, both ways.

    `shared` has each pair once; `accounts` has number, platform, account_id and followers_known_count. With a sampling rate below 1 the counts are
    those of the sampled members divided by it; a binomial interval says how far off they may be.
    """
    largest = _largest(shared, bounds.partners_max)
    names = accounts.select("number", "platform", "account_id", "followers_known_count")
    other = accounts.select(
        pl.col("number").alias("other_number"),
        pl.col("platform").alias("other_platform"),
        pl.col("account_id").alias("other_account_id"),
        pl.col("followers_known_count").alias("other_followers_known_count"),
    )
    known, other_known = pl.col("followers_known_count"), pl.col("other_followers_known_count")
    smaller, count = pl.min_horizontal(known, other_known), pl.col("shared_follower_count")
    estimate = (pl.col("shared") / sampling_rate).round().cast(pl.Int64)
    return (
        largest.join(names, on="number")
        .join(other, on="other_number")
        .filter(pl.col("platform") == pl.col("other_platform"))
        .with_columns(
            pl.min_horizontal(estimate, smaller).alias("shared_follower_count"),
            (NORMAL_95 * (pl.col("shared") * (1 - sampling_rate)).sqrt() / sampling_rate).alias(
                "shared_follower_count_error"
            ),
            pl.lit(sampling_rate, pl.Float64).alias("sampling_rate"),
        )
        .with_columns(
            (count / (known + other_known - count)).alias("overlap_jaccard"),
            (count / smaller).alias("overlap_containment"),
        )
    )


def _largest(shared: pl.DataFrame, partners_max: int) -> pl.DataFrame:
    """The partners that each account shares most with, ties by number: (number, other_number, shared).

    Account, most shared first, partner: packed into one number, which sorts in a quarter of the time of three columns.
    """
    most = shared.select(pl.max("shared").fill_null(0) + 1).item()
    first, second = (pl.col("pair") // HALF).cast(pl.Int128), (pl.col("pair") % HALF).cast(pl.Int128)
    fewer = (most - 1 - pl.col("shared")).cast(pl.Int128)
    both_ways = pl.concat(
        shared.select(((own * most + fewer) * HALF + other).alias("order"))
        for own, other in ((first, second), (second, first))
    )
    number = (pl.col("order") // (most * HALF)).cast(pl.UInt32)
    return (
        both_ways.get_column("order")
        .sort()
        .to_frame()
        .with_columns(number.alias("number"))
        # In order of accounts: one further down than the bound has the same account that many rows before.
        .filter(pl.col("number").ne_missing(pl.col("number").shift(partners_max)))
        .select(
            "number",
            (pl.col("order") % HALF).cast(pl.UInt32).alias("other_number"),
            (most - 1 - pl.col("order") // HALF % most).cast(pl.Int64).alias("shared"),
        )
    )


def follows_to_set_overlap(follows: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The exact overlap of a set of accounts, given their distinct (account_id, member_key).

    Returns per account (account_id, followers_known_count, exclusive_count, exclusive_share_of_own,
    contribution_share: what the set would lose without it, unique_reach_count: the union of all), and per k the members
    in exactly k of the sets (set_count, member_count).
    """
    depth = follows.group_by("member_key").agg(pl.len().cast(pl.Int64).alias("set_count"))
    union = depth.height
    exact = depth.group_by("set_count").agg(pl.len().cast(pl.Int64).alias("member_count")).sort("set_count")
    alone = depth.filter(pl.col("set_count") == 1)
    per_account = (
        follows.join(alone, on="member_key", how="left")
        .group_by("account_id")
        .agg(
            pl.len().cast(pl.Int64).alias("followers_known_count"),
            pl.col("set_count").count().cast(pl.Int64).alias("exclusive_count"),
        )
        .with_columns(
            (pl.col("exclusive_count") / pl.col("followers_known_count")).alias("exclusive_share_of_own"),
            (pl.col("exclusive_count") / union).alias("contribution_share"),
            pl.lit(union, pl.Int64).alias("unique_reach_count"),
        )
        .sort("account_id")
    )
    return per_account, exact

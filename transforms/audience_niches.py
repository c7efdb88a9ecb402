"""Follower lists to the interests of an audience: the niches of the other accounts that its followers follow."""

import polars as pl

from transforms.niches import UNKNOWN

LABELLED_MIN = 30
# Niches counted at once: each is a column of counts beside every follow of a slice.
NICHES_AT_ONCE = 32


def follows_to_niche_counts(follows: pl.DataFrame, accounts: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Other follows of each account's followers by niche, and its followers who have any, of one slice of members.

    `follows` are distinct (account_key, member_key), all of a member's in one slice; `accounts` has account_key and
    niche. Counts of slices add up. Returns (account_key, niche, follow_count) and (account_key, labelled_follower_count).
    """
    named = accounts.filter(pl.col("niche") != UNKNOWN).get_column("niche").unique().sort().to_list()
    code = pl.col("niche").replace_strict(
        {niche: i for i, niche in enumerate(named)}, default=None, return_dtype=pl.UInt32
    )
    rows = follows.join(
        accounts.select("account_key", code.alias("own")), on="account_key", how="left", maintain_order="none"
    )
    labelled_of_member = rows.group_by("member_key").agg(pl.col("own").count().alias("labelled"))
    has_other = pl.col("labelled") > pl.col("own").is_not_null().cast(pl.UInt32)
    followers = (
        rows.join(labelled_of_member, on="member_key", maintain_order="none")
        .group_by("account_key")
        .agg(has_other.sum().cast(pl.Int64).alias("labelled_follower_count"))
    )
    parts = [
        _counts_of(rows, dict(enumerate(named[i : i + NICHES_AT_ONCE], start=i)))
        for i in range(0, len(named), NICHES_AT_ONCE)
    ]
    empty = pl.DataFrame(schema={"account_key": pl.UInt64, "niche": pl.String, "follow_count": pl.Int64})
    return pl.concat([empty, *parts]), followers


def _counts_of(rows: pl.DataFrame, niches: dict[int, str]) -> pl.DataFrame:
    """A member's follows by niche, summed over the members of each account, its own follow taken off."""
    of_member = rows.group_by("member_key").agg(
        (pl.col("own") == code).sum().alias(niche) for code, niche in niches.items()
    )
    return (
        rows.join(of_member, on="member_key", maintain_order="none")
        .group_by("account_key")
        .agg(
            (pl.col(niche).cast(pl.Int64).sum() - (pl.col("own") == code).sum().cast(pl.Int64)).alias(niche)
            for code, niche in niches.items()
        )
        .unpivot(on=list(niches.values()), index="account_key", variable_name="niche", value_name="follow_count")
        .filter(pl.col("follow_count") > 0)
    )


def counts_to_audience_niches(counts: pl.DataFrame, accounts: pl.DataFrame) -> pl.DataFrame:
    """The mart `audience_niches`: shares of each audience beside those of all audiences together."""
    summed = counts.group_by("account_key", "niche").agg(pl.col("follow_count").sum())
    everywhere = summed.group_by("niche").agg(pl.col("follow_count").sum().alias("niche_total"))
    return (
        summed.join(everywhere, on="niche")
        .join(accounts.select("account_key", "platform", "account_id"), on="account_key")
        .with_columns(
            (pl.col("follow_count") / pl.col("follow_count").sum().over("account_key")).alias("audience_share"),
            (pl.col("niche_total") / everywhere.get_column("niche_total").sum()).alias("base_share"),
        )
        .with_columns((pl.col("audience_share") / pl.col("base_share")).alias("affinity"))
    )


def counts_to_concentration(counts: pl.DataFrame, labelled: pl.DataFrame) -> pl.DataFrame:
    """Concentration of each audience by account_key; null below thirty labelled followers."""
    share = pl.col("follow_count") / pl.col("follow_count").sum()
    measured = (
        counts.group_by("account_key", "niche")
        .agg(pl.col("follow_count").sum())
        .sort("account_key", "niche")
        .group_by("account_key", maintain_order=True)
        .agg((share**2).sum().alias("audience_hhi"), (-share * share.log()).sum().alias("audience_entropy_nats"))
        .with_columns(pl.col("audience_entropy_nats").exp().alias("audience_effective_niches"))
    )
    enough = pl.col("labelled_follower_count") >= LABELLED_MIN
    return (
        labelled.group_by("account_key")
        .agg(pl.col("labelled_follower_count").sum())
        .join(measured, on="account_key", how="left")
        .with_columns(
            pl.when(enough).then(pl.col("audience_hhi", "audience_entropy_nats", "audience_effective_niches"))
        )
    )

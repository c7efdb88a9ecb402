"""What looks wrong in the loaded data, as evidence: the rows of the mart `data_quality`."""

from collections.abc import Sequence

import polars as pl

from transforms import accounts, posts
from transforms.keys import HASH, hashed, split_repeated

ACCOUNT = ["platform", "account_id"]
COLUMNS = ["platform", "account_id", "post_id", "issue", "observed_at", "column_name", "detail"]
NO_TEXT = pl.lit(None, pl.String)


def accounts_to_conflicts(observations: pl.LazyFrame) -> pl.LazyFrame:
    """Observations of one account at one time that disagree."""
    conflicts = _conflicts(observations, ACCOUNT, [*accounts.COUNTS, *accounts.TEXTS])
    return conflicts.with_columns(NO_TEXT.alias("post_id")).select(COLUMNS)


def posts_to_conflicts(observations: pl.LazyFrame) -> pl.LazyFrame:
    """Observations of one post at one time that disagree; listed under the account the mart settles on."""
    conflicts = _conflicts(observations, posts.KEY, [*posts.COUNTS, *posts.OTHERS])
    owner = observations.group_by([*posts.KEY, "observed_at"]).agg(pl.col("account_id").max())
    owner = owner.join(conflicts.select(posts.KEY), on=posts.KEY, how="semi")
    return conflicts.join(owner, on=[*posts.KEY, "observed_at"], how="left", nulls_equal=True).select(COLUMNS)


def _conflicts(observations: pl.LazyFrame, key: Sequence[str], columns: Sequence[str]) -> pl.LazyFrame:
    at = [*key, "observed_at"]
    _, repeated = split_repeated(observations.select(*at, *columns), at)
    return (
        repeated.group_by(at)
        .agg(pl.col(name).cast(pl.String).drop_nulls().unique().sort() for name in columns)
        .unpivot(index=at, on=columns, variable_name="column_name", value_name="values")
        .filter(pl.col("values").list.len() > 1)
        .with_columns(
            pl.lit("conflicting_observations").alias("issue"),
            pl.col("values").list.head(5).list.join(" / ").alias("detail"),
        )
    )


def hidden_likes_to_suspicions(hidden: pl.DataFrame) -> pl.LazyFrame:
    """Accounts whose likes were made null because most of their posts show exactly three."""
    detail = pl.format("{} of {} posts show exactly {} likes", "threes", "posts", pl.lit(posts.HIDDEN_AS))
    return _of_rows(hidden.lazy().with_columns(NO_TEXT.alias("post_id")), "likes_suspicious", "like_count", detail)


def posts_to_suspicions(newest: pl.LazyFrame) -> pl.LazyFrame:
    """Posts without a like that have comments: hidden likes, where the source hides them so, or a quarrel."""
    odd = newest.filter((pl.col("like_count") == 0) & (pl.col("comment_count") > 0))
    detail = pl.format("0 likes beside {} comments", "comment_count")
    return _of_rows(odd, "no_likes_with_comments", "like_count", detail)


def measured_to_suspicions(measured: pl.DataFrame, account_table: pl.DataFrame) -> pl.LazyFrame:
    """Posts with more likes and comments than their account has followers."""
    above = measured.lazy().filter(pl.col("engagement_rate_by_followers") > 1)
    named = above.join(account_table.lazy().select(*ACCOUNT, hashed(ACCOUNT)), on=HASH)
    detail = pl.format("{} interactions a follower", pl.col("engagement_rate_by_followers").round(4))
    return _of_rows(named, "rate_above_one", "engagement_rate_by_followers", detail)


def pages_to_incomplete(lists: pl.DataFrame, account_table: pl.DataFrame, newest: pl.LazyFrame) -> pl.LazyFrame:
    """Lists of known accounts and posts that were delivered without their last page."""
    of_accounts = lists.lazy().filter(pl.col("post_id").is_null())
    of_accounts = of_accounts.join(account_table.lazy(), on=ACCOUNT, how="semi").select(*ACCOUNT, "post_id", "dataset")
    of_posts = lists.drop_nulls("post_id").lazy().drop("account_id")
    # Whose a post is takes a look at all of them: only where it is asked.
    owners = newest.select(*posts.KEY, "account_id") if lists.get_column("post_id").count() else lists.lazy()
    of_posts = of_posts.join(owners, on=posts.KEY).select(*ACCOUNT, "post_id", "dataset")
    return (
        pl.concat([of_accounts, of_posts])
        .unique()
        .select(
            *ACCOUNT,
            "post_id",
            pl.lit("incomplete_list").alias("issue"),
            pl.lit(None, pl.Datetime("us")).alias("observed_at"),
            pl.col("dataset").alias("column_name"),
            pl.lit("there is more of it than was delivered").alias("detail"),
        )
    )


def _of_rows(rows: pl.LazyFrame, issue: str, column: str, detail: pl.Expr) -> pl.LazyFrame:
    return rows.select(
        *ACCOUNT,
        "post_id",
        pl.lit(issue).alias("issue"),
        pl.lit(None, pl.Datetime("us")).alias("observed_at"),
        pl.lit(column).alias("column_name"),
        detail.alias("detail"),
    )

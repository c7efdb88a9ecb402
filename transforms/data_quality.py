"""What looks wrong in the loaded data, as evidence: the rows of the mart `data_quality`."""

from collections.abc import Sequence

import polars as pl

from schemas.rates import CASH
from transforms import accounts, posts
from transforms.niches import ALIASES, UNKNOWN
from transforms.query_keys import HASH, hashed, split_repeated
from transforms.rates import DAY, amount_quoted

ACCOUNT = ["platform", "account_id"]
KEY = ["platform", "account_id", "post_id", "issue", "observed_at", "column_name"]
COLUMNS = [*KEY, "detail"]
# A thousand sources may claim one figure of one account.
DETAILS_MAX = 5
NO_TEXT = pl.lit(None, pl.String)
# What is left of a name whose letters an export could not write.
DAMAGED = r"\?{2,}|\x{FFFD}"


def to_data_quality(sources: Sequence[pl.LazyFrame]) -> pl.LazyFrame:
    """The mart `data_quality`: one row per key whatever the sources hold, details of one key put together."""
    details = pl.col("detail").list.unique().list.sort()
    more = details.list.len().cast(pl.Int64) - DETAILS_MAX
    several = pl.concat_str(
        details.list.head(DETAILS_MAX).list.join(" / "),
        pl.when(more > 0).then(pl.format(" / and {} more", more)).otherwise(pl.lit("")),
    )
    by_key = pl.concat(sources).group_by(KEY).agg("detail")
    alone = pl.col("detail").list.len() == 1
    return by_key.with_columns(pl.when(alone).then(pl.col("detail").list.first()).otherwise(several).alias("detail"))


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
    repeated = split_repeated(observations.select(*at, *columns), at).again
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
    detail = pl.concat_str("threes", pl.lit(" of "), "posts", pl.lit(f" posts show exactly {posts.HIDDEN_AS} likes"))
    return of_rows(hidden.lazy().with_columns(NO_TEXT.alias("post_id")), "likes_suspicious", "like_count", detail)


def names_to_ambiguous(names: pl.LazyFrame) -> pl.LazyFrame:
    """Names of accounts that rows could not be given to an id by, with what would decide it."""
    return of_rows(names.with_columns(NO_TEXT.alias("post_id")), "ambiguous_handle", "account_id", pl.col("detail"))


def posts_without_likes(newest: pl.LazyFrame) -> pl.LazyFrame:
    """Posts without a like that have comments: hidden likes, where the source hides them so, or a quarrel."""
    odd = newest.filter((pl.col("like_count") == 0) & (pl.col("comment_count") > 0))
    return odd.select(hashed(ACCOUNT), *ACCOUNT, "post_id", "comment_count")


def no_likes_to_suspicions(odd: pl.LazyFrame) -> pl.LazyFrame:
    """The same (`posts_without_likes`) as evidence."""
    detail = pl.concat_str(pl.lit("0 likes beside "), "comment_count", pl.lit(" comments"))
    return of_rows(odd, "no_likes_with_comments", "like_count", detail)


def posts_above_one(measured: pl.LazyFrame) -> pl.LazyFrame:
    """Posts with more likes and comments than their account has followers."""
    above = measured.filter(pl.col("engagement_rate_by_followers") > 1)
    return above.select(HASH, "post_id", "engagement_rate_by_followers")


def above_one_to_suspicions(above: pl.LazyFrame, account_table: pl.DataFrame) -> pl.LazyFrame:
    """The same (`posts_above_one`) as evidence."""
    named = above.join(account_table.lazy().select(*ACCOUNT, hashed(ACCOUNT)), on=HASH)
    detail = pl.concat_str(pl.col("engagement_rate_by_followers").round(4), pl.lit(" interactions a follower"))
    return of_rows(named, "rate_above_one", "engagement_rate_by_followers", detail)


def claims_to_suspicions(claims: pl.LazyFrame) -> pl.LazyFrame:
    """Published rates above one, each under the name of its metric: kept as they are, as a fraction they may be right."""
    above = claims.filter((pl.col("unit") == "ratio") & (pl.col("value") > 1))
    detail = pl.concat_str("metric", pl.lit(" is published as "), "value")
    return of_rows(above, "published_rate_above_one", pl.col("metric"), detail, at="observed_at")


def accounts_to_suspicions(account_table: pl.DataFrame) -> pl.LazyFrame:
    """Topics that are none, and names that are damaged."""
    rows = account_table.lazy().with_columns(NO_TEXT.alias("post_id"))
    said = pl.col("niche_raw").str.strip_chars().str.to_lowercase()
    silent = ["", UNKNOWN, *(word for word, meant in ALIASES.items() if meant == UNKNOWN)]
    unread = rows.filter((pl.col("niche") == UNKNOWN) & ~said.is_in(silent))
    text = pl.concat_str(pl.lit("no topic is known by "), pl.col("niche_raw").str.strip_prefix(f"{UNKNOWN}: "))
    damaged = rows.filter(pl.col("display_name").str.contains(DAMAGED))
    name = pl.concat_str(pl.lit("letters are lost in "), "display_name")
    return pl.concat(
        [
            of_rows(unread, "niche_not_read", "niche", text),
            of_rows(damaged, "name_damaged", "display_name", name),
        ]
    )


def lists_to_strangers(named: pl.LazyFrame, snapshots: pl.LazyFrame) -> pl.LazyFrame:
    """Accounts that lists of followers name and no row describes, where rows describe others of their platform."""
    told = snapshots.select("platform").unique()
    described = snapshots.select(hashed(ACCOUNT))
    strangers = named.unique().join(told, on="platform", how="semi")
    strangers = strangers.with_columns(hashed(ACCOUNT), NO_TEXT.alias("post_id")).join(described, on=HASH, how="anti")
    detail = pl.lit("in lists of followers alone: nothing else is known of it")
    return of_rows(strangers, "account_not_described", "niche", detail)


def quotes_to_suspicions(quotes: pl.LazyFrame) -> pl.LazyFrame:
    """Prices of one kind and day that disagree (`is_disputed`), prices of 0, and prices without a currency."""
    known = quotes.with_columns(amount_quoted().alias("amount")).drop_nulls("amount")
    source = (
        pl.when(pl.col("source").is_not_null())
        .then(pl.concat_str(pl.lit(" ("), "source", pl.lit(")")))
        .otherwise(pl.lit(""))
    )
    said = known.with_columns(
        pl.concat_str("currency", "amount", separator=" ", ignore_nulls=True).alias("quote") + source,
    )
    disputed = said.filter("is_disputed").group_by(DAY).agg(pl.col("quote").unique().sort().str.join(" / "))
    is_money = pl.col("compensation") == CASH
    return pl.concat(
        [
            _of_quotes(disputed, "conflicting_prices", "price"),
            _of_quotes(said.filter(is_money & (pl.col("price") == 0)), "price_zero", "price"),
            _of_quotes(said.filter(pl.col("currency").is_null()), "price_without_currency", "currency"),
        ]
    )


def _of_quotes(quotes: pl.LazyFrame, issue: str, column: str) -> pl.LazyFrame:
    """One row for each account and day: what is quoted then for all kinds of posts."""
    kind = pl.concat_str("media_type", "quote", separator=": ", ignore_nulls=True)
    return (
        quotes.group_by("platform", "account_id", "quoted_on")
        .agg(kind.unique().sort().head(5).str.join("; ").alias("detail"))
        .select(
            *ACCOUNT,
            NO_TEXT.alias("post_id"),
            pl.lit(issue).alias("issue"),
            pl.col("quoted_on").cast(pl.Datetime("us")).alias("observed_at"),
            pl.lit(column).alias("column_name"),
            "detail",
        )
    )


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


def of_rows(
    rows: pl.LazyFrame, issue: str, column: str | pl.Expr, detail: pl.Expr, at: str | None = None
) -> pl.LazyFrame:
    """Rows of the mart of accounts or posts; `at` names the column with the observation concerned."""
    return rows.select(
        *ACCOUNT,
        "post_id",
        pl.lit(issue).alias("issue"),
        (pl.col(at) if at else pl.lit(None, pl.Datetime("us"))).alias("observed_at"),
        (pl.lit(column) if isinstance(column, str) else column).alias("column_name"),
        detail.alias("detail"),
    )

"""Topics suggested for accounts without one, by the hashtags of their posts that accounts with a topic use too."""

import polars as pl

from schemas.columns import polars_schema
from schemas.niches import AGREEING_MIN, EXPLAINED_MIN, LABELLED_MIN, SHARE_MIN, SUGGESTED, NicheSuggestions
from transforms.niches import UNKNOWN
from transforms.query_keys import HASH, hashed
from transforms.sponsorship import HASHTAGS as DISCLOSING

ACCOUNT = ["platform", "account_id"]
POST = ["platform", "post_id"]
HASHTAG = r"#[\p{L}\p{N}\p{M}_]{1,100}"
HASHTAGS_TOLD = 10


def has_hashtags(posts: pl.LazyFrame) -> bool:
    """Whether any post has a hashtag in its caption: mostly exports have no captions at all."""
    with_sign = pl.col("caption").str.contains("#", literal=True).any()
    return bool(posts.select(with_sign).collect(engine="streaming").item())


def no_suggestions() -> pl.DataFrame:
    return polars_schema(NicheSuggestions).to_frame()


def texts_to_suggestions(texts: pl.LazyFrame, measured: pl.LazyFrame, accounts: pl.DataFrame) -> pl.DataFrame:
    """The mart `niche_suggestions`.

    Args:
        texts: Posts with their newest caption (`brand_mentions.observations_to_texts`).
        measured: The account of each post, as a hash.
        accounts: The mart, niches of lists included.
    """
    if not (accounts.get_column("niche") == UNKNOWN).any():
        return no_suggestions()
    known = accounts.lazy().select(*ACCOUNT, "niche", hashed(ACCOUNT))
    owners = measured.select("post_id", HASH).join(known, on=HASH, build_side="force_right")
    used = texts_to_hashtags(texts).lazy().join(owners, on=POST).collect(engine="streaming")
    unlabelled = used.lazy().filter(pl.col("niche") == UNKNOWN).drop("niche")
    speaking = hashtags_to_niches(used.lazy().filter(pl.col("niche") != UNKNOWN))
    spoken = unlabelled.join(speaking, on=["platform", "hashtag"])
    counted = unlabelled.group_by(ACCOUNT).agg(pl.col("post_id").n_unique().cast(pl.Int64).alias("hashtag_post_count"))
    explained = (
        spoken.group_by(*ACCOUNT, "niche")
        .agg(pl.col("post_id").n_unique().cast(pl.Int64).alias("explained_post_count"))
        .join(counted, on=ACCOUNT)
        .join(_evidence(spoken), on=[*ACCOUNT, "niche"])
    )
    return explained.with_columns(
        (pl.col("explained_post_count") / pl.col("hashtag_post_count")).alias("explained_share")
    ).with_columns(_is_suggested().alias("is_suggested")).collect()  # fmt: skip


def texts_to_hashtags(texts: pl.LazyFrame) -> pl.DataFrame:
    """platform, post_id and hashtag in small letters, each hashtag of a post once; those that disclose a paid post aside."""
    disclosing = [f"#{word}" for words in DISCLOSING.values() for word in words]
    found = pl.col("caption").str.extract_all(HASHTAG).list.eval(pl.element().str.to_lowercase().str.normalize("NFC"))
    return (
        texts.filter(pl.col("caption").str.contains("#", literal=True))
        .select(*POST, found.list.unique().alias("hashtag"))
        .explode("hashtag")
        .drop_nulls("hashtag")
        .filter(~pl.col("hashtag").is_in(disclosing))
        .collect(engine="streaming")
    )


def hashtags_to_niches(labelled: pl.LazyFrame) -> pl.LazyFrame:
    """The one niche that a hashtag of a platform speaks for: that of at least two accounts, and of two thirds of those that
    use it and have a niche."""
    users = labelled.group_by("platform", "hashtag", "niche").agg(pl.col("account_id").n_unique().alias("users"))
    of_all = pl.col("users").sum().over("platform", "hashtag")
    agreeing, among = AGREEING_MIN
    is_enough = (pl.col("users") >= LABELLED_MIN) & (among * pl.col("users") >= agreeing * of_all)
    return users.filter(is_enough).select("platform", "hashtag", "niche")


def _evidence(spoken: pl.LazyFrame) -> pl.LazyFrame:
    """The hashtags that speak for each niche of an account, those of most posts first."""
    counts = spoken.group_by(*ACCOUNT, "niche", "hashtag").agg(pl.len().alias("posts"))
    by_use = pl.col("hashtag").sort_by("posts", "hashtag", descending=[True, False]).head(HASHTAGS_TOLD)
    return counts.group_by(*ACCOUNT, "niche").agg(by_use.str.join(" ").alias("hashtags"))


def _is_suggested() -> pl.Expr:
    """The one niche with most explained posts, where these are enough."""
    posts = pl.col("explained_post_count")
    # Of two that share the first place both are second.
    is_first = posts.rank("max", descending=True).over(ACCOUNT) == 1
    return is_first & (posts >= EXPLAINED_MIN) & (pl.col("explained_share") >= SHARE_MIN)


def with_suggested(accounts: pl.DataFrame, suggestions: pl.DataFrame) -> pl.DataFrame:
    """The mart `accounts`, suggested niches in place of none."""
    taken = suggestions.filter("is_suggested").select(*ACCOUNT, pl.col("niche").alias("suggested"))
    is_taken = pl.col("suggested").is_not_null()
    return (
        accounts.join(taken, on=ACCOUNT, how="left")
        .with_columns(
            pl.coalesce("suggested", "niche").alias("niche"),
            pl.when(is_taken).then(pl.lit(SUGGESTED)).otherwise("niche_basis").alias("niche_basis"),
        )
        .drop("suggested")
    )

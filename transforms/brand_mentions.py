"""Captions and sponsor tags of posts to the brands that each account mentions. Captions themselves go no further."""

from collections.abc import Callable
from datetime import datetime

import polars as pl

from schemas.brand_mentions import BrandMentions
from schemas.columns import polars_schema
from transforms.brands import Brands
from transforms.query_keys import HASH, hashed
from transforms.sponsorship import is_only_gifted

POST = ["platform", "post_id"]
ACCOUNT = ["platform", "account_id"]
BRAND = ["platform", "brand"]
# Two accounts that name a handle make it a public matter; one may be naming a friend.
ACCOUNTS_MIN = 2
# Not behind a letter or digit, which makes an address of mail, nor a slash, which makes one of the web.
BEFORE = r"(?:^|[^A-Za-z0-9_+@/])"
HANDLE = rf"{BEFORE}@[A-Za-z0-9_.]{{1,100}}"
# The one network whose handles have letters of every script, and hyphens.
YOUTUBE_HANDLE = rf"{BEFORE}@[\p{{L}}\p{{N}}\p{{M}}_.·-]{{1,100}}"


def observations_to_texts(once: pl.LazyFrame, repeated: pl.LazyFrame) -> pl.LazyFrame:
    """Posts with a caption or sponsor tags, each with its newest of both; same instant: the greater text.

    Takes the observations of posts seen once, and of the others (`keys.split_repeated`).
    """
    columns = [*POST, "caption", "sponsors"]
    at = pl.col("observed_at").fill_null(datetime(1, 1, 1))
    newest = repeated.select(*columns, at.alias("at")).group_by(POST).agg(
        pl.col(name).sort_by("at", name, descending=True, nulls_last=True).drop_nulls().first() for name in columns[2:]
    )  # fmt: skip
    has_text = pl.any_horizontal(pl.col("caption", "sponsors").is_not_null())
    return pl.concat([once.select(columns), newest.select(columns)]).filter(has_text)


def mentions_in(caption: pl.Expr) -> pl.Expr:
    """The handles that a caption mentions with @, lower case, without the dots a sentence ends with; a list."""
    is_youtube = pl.col("platform") == "youtube"
    found = pl.when(is_youtube).then(caption.str.extract_all(YOUTUBE_HANDLE)).otherwise(caption.str.extract_all(HANDLE))
    handle = pl.element().str.extract("@(.*)$").str.to_lowercase().str.strip_chars_end(".-·")
    return found.list.eval(handle)


def texts_to_mentions(texts: pl.LazyFrame) -> pl.DataFrame:
    """platform, post_id, brand and whether it is tagged, each brand of a post once."""
    captions = texts.filter(pl.col("caption").str.contains("@", literal=True))
    mentioned = captions.select(*POST, mentions_in(pl.col("caption")).alias("brand"), pl.lit(False).alias("tagged"))
    names = pl.col("sponsors").str.to_lowercase().str.split(",").list.eval(pl.element().str.strip_chars(" \t\r\n@"))
    tagged = texts.drop_nulls("sponsors").select(*POST, names.alias("brand"), pl.lit(True).alias("tagged"))
    return (
        pl.concat([mentioned, tagged])
        .explode("brand")
        .filter(pl.col("brand") != "")
        .group_by(*POST, "brand")
        .agg(pl.col("tagged").any())
        .collect(engine="streaming")
    )


def texts_to_brand_mentions(
    texts: pl.LazyFrame,
    measured: Callable[[], pl.LazyFrame],
    accounts: pl.DataFrame,
    engagement: pl.LazyFrame,
    brands: Brands,
) -> pl.DataFrame:
    """The mart `brand_mentions`. `measured` gives each post's account, time and flag; `engagement` its count of posts.

    Declared brands stand under one name, whatever posts call them.
    """
    mentions = texts_to_mentions(texts)
    if mentions.is_empty():
        return polars_schema(BrandMentions).to_frame()
    named = accounts.lazy().select(*ACCOUNT, "username", hashed(ACCOUNT))
    owners = (
        measured()
        .select("post_id", HASH, "published_at", "is_sponsored", "is_gifted")
        .join(named, on=HASH, build_side="force_right")
    )
    own = [pl.col("brand") == pl.col(name).str.to_lowercase() for name in ("account_id", "username")]
    foreign = owners.join(mentions.lazy(), on=POST).filter(~pl.any_horizontal(expr.fill_null(False) for expr in own))
    others = _unified(foreign, brands).collect()
    kept = others.lazy().join(_brands(others.lazy(), accounts.lazy()), on=BRAND, how="semi")
    paid, gifted = pl.col("is_sponsored"), is_only_gifted()
    per_brand = kept.group_by(HASH, *ACCOUNT, "brand").agg(
        pl.len().cast(pl.Int64).alias("post_count"),
        (~paid & ~gifted).sum().cast(pl.Int64).alias("organic_post_count"),
        gifted.sum().cast(pl.Int64).alias("gifted_post_count"),
        paid.sum().cast(pl.Int64).alias("sponsored_post_count"),
        paid.is_null().sum().cast(pl.Int64).alias("unknown_post_count"),
        pl.col("published_at").min().alias("first_posted_at"),
        pl.col("published_at").max().alias("last_posted_at"),
    )
    mentioning = kept.group_by(HASH).agg(pl.col("post_id").n_unique().cast(pl.Int64).alias("mentioning"))
    readable = (
        owners.join(mentioning, on=HASH, how="semi")
        .join(texts.select(POST), on=POST, how="semi")
        .group_by(HASH)
        .agg(pl.len().cast(pl.Int64).alias("account_readable_post_count"))
    )
    all_posts = engagement.filter(pl.col("time_window") == "all_time")
    return (
        per_brand.join(mentioning, on=HASH)
        .join(readable, on=HASH)
        .join(all_posts.select(hashed(ACCOUNT), pl.col("post_count").alias("account_post_count")), on=HASH)
        .with_columns(
            (pl.col("post_count") / pl.col("account_post_count")).alias("post_share"),
            (pl.col("mentioning") / pl.col("account_post_count")).alias("brand_mention_saturation"),
        )
        .drop(HASH, "mentioning")
        .collect()
    )


def _unified(mentions: pl.LazyFrame, brands: Brands) -> pl.LazyFrame:
    """Mentions under the names of declared brands, each brand of a post once; those by a brand's own accounts left out."""
    if brands.names.is_empty():
        return mentions.with_columns(pl.lit(value=False).alias("is_declared"))
    own = brands.accounts.lazy().rename({"declared": "brand"})
    named = brands.unified(mentions).join(own, on=[*ACCOUNT, "brand"], how="anti")
    return named.group_by(pl.exclude("tagged")).agg(pl.col("tagged").any())


def _brands(mentions: pl.LazyFrame, accounts: pl.LazyFrame) -> pl.LazyFrame:
    """What may be kept: a handle might be a private person's, unless several name it, a post is paid by it, it is declared
    to be a brand's, or we know it."""
    public = (
        mentions.group_by(BRAND)
        .agg(pl.col(HASH).n_unique().alias("accounts"), pl.col("tagged", "is_declared").any())
        .filter((pl.col("accounts") >= ACCOUNTS_MIN) | pl.col("tagged") | pl.col("is_declared"))
    )
    known = [
        accounts.select("platform", pl.col(name).str.to_lowercase().alias("brand"))
        for name in ("account_id", "username")
    ]
    return pl.concat([public.select(BRAND), *known]).drop_nulls().unique()

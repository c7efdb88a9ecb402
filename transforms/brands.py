"""Brands under one name: what they are called in posts, and which accounts are their own."""

from dataclasses import dataclass

import polars as pl

from schemas.handles import handle_of, name_of
from schemas.visible import visible
from transforms.data_quality import NO_TEXT, of_rows

ACCOUNT = ["platform", "account_id"]
NAME = ["platform", "name"]
# Where a list names a brand for all networks.
ANYWHERE = "any"


@dataclass(frozen=True)
class Brands:
    """The declared name of each brand, `declared`, by what posts call it on a network (platform, name; `any` for all of
    them), by its own accounts (platform, account_id), and names that two brands share."""

    names: pl.DataFrame
    accounts: pl.DataFrame
    disputed: pl.DataFrame

    @classmethod
    def of(cls, rows: pl.LazyFrame, accounts: pl.DataFrame) -> "Brands":
        """Rows of the dataset `brands`; handles of their accounts are told by the mart `accounts` too."""
        listed = rows.with_columns(
            visible(pl.col("brand")).str.replace_all(r"\s+", " ").alias("declared"),
            pl.col("platform").fill_null(ANYWHERE),
        ).collect()
        own = listed.drop_nulls("account_id").select(*ACCOUNT, "declared").unique()
        known = accounts.join(own, on=ACCOUNT).select("platform", pl.col("username").alias("name"), "declared")
        told = [
            listed.select("platform", name.alias("name"), "declared")
            for name in (
                name_of(pl.col("account_id")),
                handle_of(pl.col("username")),
                pl.col("alias"),
                pl.col("declared"),
            )
        ]
        names = pl.concat([*told, known]).with_columns(called(pl.col("name")).alias("name")).drop_nulls("name").unique()
        is_shared = pl.col("declared").n_unique().over(NAME) > 1
        return cls(names.filter(~is_shared & (pl.col("name") != "")), own, names.filter(is_shared))

    def unified(self, mentions: pl.LazyFrame) -> pl.LazyFrame:
        """Mentions (platform, brand, ...) with the declared name as `brand`, and whether it is one as `is_declared`."""
        here = self.names.lazy().rename({"name": "brand", "declared": "here"})
        anywhere = here.filter(pl.col("platform") == ANYWHERE).select("brand", pl.col("here").alias("anywhere"))
        declared = pl.coalesce("here", "anywhere")
        return (
            mentions.join(here, on=["platform", "brand"], how="left")
            .join(anywhere, on="brand", how="left")
            .with_columns(pl.coalesce(declared, "brand").alias("brand"), declared.is_not_null().alias("is_declared"))
            .drop("here", "anywhere")
        )

    def shared_names(self) -> pl.LazyFrame:
        """Names that lists give to two brands, which are told apart as posts write them."""
        named = self.disputed.lazy().group_by(NAME).agg(pl.col("declared").sort().alias("brands"))
        detail = pl.format(
            "{} is a name of {}: of which? Until one of them alone has it, it stands for itself",
            "name",
            pl.col("brands").list.join(" and "),
        )
        return of_rows(
            named.with_columns(NO_TEXT.alias("post_id"), NO_TEXT.alias("account_id")),
            "name_of_two_brands",
            "brand",
            detail,
        )


def called(name: pl.Expr) -> pl.Expr:
    """A name as mentions and tags are compared: without @, in small letters."""
    return visible(name).str.strip_chars_start("@").str.to_lowercase()

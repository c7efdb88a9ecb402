"""What lists say about accounts, beside what exports tell of them: topics, creators and brands."""

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from transforms import account_niches, creators, same_handles
from transforms.brands import Brands

Marts = dict[str, pl.DataFrame | pl.LazyFrame]


@dataclass(frozen=True)
class Lists:
    """The rows of lists: of `niches` each once, and those that decide; whose accounts are; the names of brands.

    Lists alone make no row of the mart `accounts`: its totals are those of exports.
    """

    rows: Mapping[str, pl.LazyFrame]
    niches: pl.DataFrame
    deciding: pl.DataFrame
    owners: pl.DataFrame
    brands: Brands

    @classmethod
    def of(cls, rows: Mapping[str, pl.LazyFrame], accounts: pl.DataFrame) -> "Lists":
        """Of the rows of each dataset, beside the mart `accounts` as exports alone make it."""
        listed = account_niches.rows_to_listed(rows["niches"])
        owners = creators.rows_to_owners(rows["creators"])
        return cls(rows, listed, account_niches.decided(listed), owners, Brands.of(rows["brands"], accounts))

    def with_niches_and_creators(self, accounts: pl.DataFrame) -> pl.DataFrame:
        """The mart `accounts` as lists have it."""
        return creators.with_creators(account_niches.with_listed(accounts, self.deciding), self.owners)

    def marts(
        self, delivered: pl.DataFrame, accounts: pl.DataFrame, engagement: pl.LazyFrame, rates: pl.LazyFrame
    ) -> Marts:
        """`account_niches`, `creators`, `creator_platforms` and `creator_quotes`, as their schemas say.

        Args:
            delivered: The mart `accounts` as exports alone make it.
            accounts: The mart.
            engagement: The mart `account_engagement`.
            rates: Distinct quotes (`rates.quotes_to_rates`).
        """
        return {
            "account_niches": account_niches.to_account_niches(delivered, self.niches, self.deciding),
            "creators": creators.owners_to_creators(self.owners, accounts),
            "creator_platforms": creators.owners_to_creator_platforms(self.owners, accounts, engagement),
            "creator_quotes": creators.owners_to_creator_quotes(self.owners, rates),
        }

    def suspicions(self, accounts: pl.DataFrame) -> list[pl.LazyFrame]:
        """Rows of the mart `data_quality`: what lists leave open."""
        return [
            account_niches.decided_to_conflicts(self.deciding),
            creators.owners_to_disputes(self.owners),
            self.brands.shared_names(),
            same_handles.accounts_to_same_handles(accounts),
            *(account_niches.listed_to_strangers(self.rows[f"{of}s"], accounts, of) for of in ("niche", "creator")),
            *(creators.rows_to_unknown_platforms(self.rows[of], accounts, of) for of in ("niches", "creators")),
        ]

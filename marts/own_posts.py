"""The posts of a lake, and of them those whose accounts' figures are to be worked out."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path

import polars as pl

from marts.own_figures import Folders, OwnFigures
from marts.pieces import Share
from marts.post_parts import Laid, forget_parts, in_parts
from marts.repeated_posts import Repeated, split_in_parts
from transforms import account_engagement, data_quality, fingerprints, post_metrics, posts
from transforms.post_windows import Windows
from transforms.query_keys import HASH, hashed
from warehouse.changed import Changed

ACCOUNT = ["platform", "account_id"]


@dataclass(frozen=True)
class OwnPosts:
    """Posts in their newest state, of all accounts and of those whose figures are to be worked out.

    `once` and `again` are the observations of posts seen once and of the others, `alone` figures that came without their post.
    Posts are laid out in `scratch` while figures are worked out of them, in so much `memory`, by those they are shared among.
    """

    own: OwnFigures
    once: pl.LazyFrame
    again: Repeated
    alone: pl.DataFrame
    delivered: pl.LazyFrame
    snapshots: pl.LazyFrame
    as_of: datetime | None
    scratch: Path
    memory: int
    share: Share

    @classmethod
    def of(
        cls,
        rows: Mapping[str, pl.LazyFrame],
        snapshots: pl.LazyFrame,
        as_of: datetime | None,
        folders: Folders | None,
        scratch: Path,
        memory: int,
        share: Share,
    ) -> "OwnPosts":
        """Of the rows of each dataset and `accounts.observations_to_snapshots`; `scratch` is emptied by whoever builds."""
        once, again = split_in_parts(rows["posts"], scratch)
        newest = pl.concat([posts.observations_to_states(once), again.newest])
        alone = post_metrics.newest_of_each(rows["post_metrics"], newest)
        observed = post_metrics.with_metrics(newest, alone)
        delivered = fingerprints.with_row_hash(observed, as_of)
        own = OwnFigures.of(folders, delivered, snapshots)
        return cls(own, once, again, alone, delivered, snapshots, as_of, scratch, memory, share)

    @cached_property
    def _mine(self) -> pl.LazyFrame:
        return self.own.posts(self.delivered)

    @cached_property
    def hidden(self) -> pl.DataFrame:
        """Accounts of all that hide their likes (`posts.accounts_with_hidden_likes`)."""
        found = posts.accounts_with_hidden_likes(self._mine).with_columns(hashed(ACCOUNT))
        return self.own.together("hidden_likes", [found]).drop(HASH).collect()

    @cached_property
    def newest(self) -> pl.LazyFrame:
        """Posts of the accounts to be worked out, likes that stand for hidden ones made null."""
        return posts.without_hidden_likes(self._mine, self.hidden)

    @cached_property
    def without_likes(self) -> pl.LazyFrame:
        """Posts of all accounts without a like that have comments (`data_quality.posts_without_likes`)."""
        found = data_quality.posts_without_likes(self.newest)
        return self.own.together("no_likes", [found.collect(engine="streaming")])

    @cached_property
    def table(self) -> pl.LazyFrame:
        """The mart `posts`, of the accounts to be worked out."""
        return posts.newest_to_posts(self.newest, self.snapshots)

    @cached_property
    def whole_table(self) -> pl.LazyFrame:
        """The mart `posts`, of all accounts."""
        return posts.newest_to_posts(posts.without_hidden_likes(self.delivered, self.hidden), self.snapshots)

    @cached_property
    def _laid(self) -> Laid:
        rows = [fingerprints.ROW] if self.own.writing else []
        measured = account_engagement.posts_to_measured(self.table, self.own.counts, *rows)
        return in_parts(measured, self.own.post_count, self.as_of, self.scratch, self.memory, self.share)

    @property
    def measured(self) -> pl.LazyFrame:
        """Posts as windows take them, of all accounts."""
        if self.own.known is None:
            return pl.concat(self._laid.parts)
        return account_engagement.posts_to_measured(self.whole_table, self.own.counts)

    @cached_property
    def windows(self) -> Windows:
        """The windows of all accounts."""
        return Windows.of(self._laid.parts, self.as_of, self.own.together, self._laid.made)

    @cached_property
    def owners(self) -> pl.LazyFrame:
        """platform and account_id of accounts with posts."""
        if self.own.known is None:
            return self.delivered.select(ACCOUNT)
        kept = self.own.known.before.join(self.own.known.touched, on=HASH, how="anti").select(ACCOUNT)
        return pl.concat([kept.lazy(), self._mine.select(ACCOUNT).unique()])

    @property
    def changed(self) -> dict[str, Changed]:
        """What of the mart `posts` may differ from the publication before, by its name; nothing where all of it may."""
        if self.own.known is None:
            return {}
        gone = self.own.known.before.join(self.own.known.touched, on=HASH, how="semi").select(ACCOUNT)
        accounts = pl.concat([gone, self._mine.select(ACCOUNT).collect()]).unique()
        return {"posts": Changed(self.table, accounts)}

    def keep(self, accounts: pl.DataFrame) -> None:
        """Keep the fingerprints of all accounts with posts; `accounts` has the platform and account_id of all."""
        if self.own.writing is None:
            return
        known = self.own.known
        found = known.now if known else fingerprints.of_accounts(pl.concat(self._laid.parts), self.snapshots)
        self.own.keep(found.join(accounts.select(*ACCOUNT, hashed(ACCOUNT)), on=HASH, how="left"))

    def forget_parts(self) -> None:
        """Once all is worked out of them, the posts that were laid out give their disk back."""
        forget_parts(self.scratch)

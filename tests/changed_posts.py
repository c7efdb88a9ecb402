"""Posts that change from delivery to delivery, published whole or by what has changed, without a lake."""

import random
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import polars as pl

from schemas.columns import columns_of, polars_schema
from schemas.run_tables import LoadLedger, RejectedRows, RunLog
from schemas.tables import MARTS
from warehouse.changed import Changed
from warehouse.contents import Contents, Filled, fill
from warehouse.publish import Rows, publish
from warehouse.published import published_state

Account = tuple[str, str]
Post = tuple[str, str, str, datetime | None, int | None, float | None, str]
COLUMNS = ["platform", "post_id", "account_id", "published_at", "like_count", "like_rate_by_followers", "compensation"]
NOON = datetime(2027, 2, 3, 12)
# Of accounts all counts are known, whatever other columns are not.
COUNTS = [fact.name for fact in columns_of(MARTS["account_engagement"]) if fact.dtype == pl.Int64 and not fact.nullable]


class Posts:
    """All posts as they are now. Each change returns the accounts whose posts it touches."""

    def __init__(self, seed: int, accounts: int, each: int) -> None:
        self.chance = random.Random(seed)
        self.accounts = [(self.chance.choice(["x", "tiktok"]), f"acc-{number:05}") for number in range(accounts)]
        self.posts: dict[Account, list[Post]] = {}
        self._posts_made = 0
        for account in self.accounts:
            self.posts[account] = [self._post(account) for _ in range(self.chance.randrange(2 * each + 1))]

    def _post(self, account: Account) -> Post:
        self._posts_made += 1
        likes = self.chance.choice([None, 0, self.chance.randrange(10**9)])
        rate = self.chance.choice([None, 0.0, self.chance.random()])
        at = self.chance.choice([None, NOON - timedelta(seconds=self.chance.randrange(10**8))])
        named = f"post-{self.chance.getrandbits(60):x}-{self._posts_made}"
        return (account[0], named, account[1], at, likes, rate, self.chance.choice(["paid", "none", "unknown"]))

    def change(self, share: float) -> list[Account]:
        """A delivery: new posts, new counts, posts that are gone or of another account, accounts that lose all of them."""
        accounts = [account for account in self.accounts if self.chance.random() < share]
        touched = set(accounts)
        for account in accounts:
            own = self.posts[account]
            match self.chance.randrange(5):
                case 0 | 1:
                    own.extend(self._post(account) for _ in range(self.chance.randrange(3)))
                case 2:
                    self.posts[account] = [(*post[:4], self.chance.randrange(10**6), *post[5:]) for post in own]
                case 3:
                    other = self.chance.choice(self.accounts)
                    if own and other[0] == account[0]:
                        self.posts[other].append((*own[-1][:2], other[1], *own.pop()[3:]))
                        touched.add(other)
                case _:
                    own.clear()
        return sorted(touched)

    def frame(self, accounts: list[Account] | None = None) -> pl.DataFrame:
        """The rows of some accounts, or of all."""
        rows = [post for account in (self.accounts if accounts is None else accounts) for post in self.posts[account]]
        return of_schema("posts", pl.DataFrame(rows, COLUMNS, orient="row") if rows else pl.DataFrame())

    def changed(self, accounts: list[Account]) -> Changed:
        named = pl.DataFrame(accounts, {"platform": pl.String, "account_id": pl.String}, orient="row")
        return Changed(self.frame(accounts).lazy(), named)


def of_schema(name: str, rows: pl.DataFrame) -> pl.DataFrame:
    """The rows with all columns of a table, null where they are not given."""
    schema = polars_schema(MARTS[name])
    given = rows.with_columns(pl.lit(None).alias(column) for column in schema.names() if column not in rows.columns)
    return (
        given.select(pl.col(column).cast(dtype) for column, dtype in schema.items())
        if rows.width
        else schema.to_frame()
    )


def contents_of(posts: Posts, rows: Rows, target: Path) -> Contents:
    """What is published beside the posts: one row for each account, and the log of earlier runs."""
    counts = [(*account, "all_time", "none", len(own)) for account, own in posts.posts.items()]
    named = ["platform", "account_id", "time_window", "niche", "post_count"]
    engagement = pl.DataFrame(counts, named, orient="row").with_columns(
        pl.lit(0).alias(name) for name in COUNTS if name != "post_count"
    )
    marts: Mapping[str, Rows] = {
        **{name: polars_schema(model).to_frame() for name, model in MARTS.items()},
        "posts": rows,
        "account_engagement": of_schema("account_engagement", engagement),
    }
    state = published_state(target)
    runs = state.runs if state else polars_schema(RunLog).to_frame()
    return Contents(marts, polars_schema(LoadLedger).to_frame(), polars_schema(RejectedRows).to_frame(), runs)


def log() -> dict[str, object]:
    return {
        "started_at": NOON, "finished_at": NOON, "duration_seconds": 1.0, "as_of": NOON, "files_seen": 1, "files_read": 1,
        "rows_loaded": 1, "rows_rejected": 0, "overlap_listed_min": 1, "overlap_partners_max": 1, "lake_key": "key",
        "tierwise_version": "1",
    }  # fmt: skip


def publish_posts(target: Path, posts: Posts, accounts: list[Account] | None, kept: Path | None) -> Filled:
    """Publish the posts of these accounts as what has changed; null publishes everything anew."""
    rows: Rows = posts.frame() if accounts is None else posts.changed(accounts)
    return publish_rows(target, posts, rows, kept)


def publish_rows(target: Path, posts: Posts, rows: Rows, kept: Path | None) -> Filled:
    contents = contents_of(posts, rows, target)
    return publish(target, partial(fill, contents=contents, log=log), changed=contents.changed, kept=kept, keep=kept)

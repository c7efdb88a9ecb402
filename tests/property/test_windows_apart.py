"""Figures of many accounts are made a window after the other: all tables are those that all windows at once give."""

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from flows.run import run
from flows.settings import Settings
from marts import account_engagement, own_figures
from schemas.tables import MARTS
from tests.property.test_own_figures import Rows, write
from tests.sample import how_many
from transforms import lift
from warehouse.published import open_published

NOON = datetime(2026, 6, 1, 12)
# Of the last one nobody knows the followers, and views are all there is.
PLATFORMS = ("instagram", "tiktok", "x", "facebook", "threads", "linkedin", "youtube")


class World:
    """Accounts of every network, with posts of every kind; `posts_of` gives more of them."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.accounts = [self._account(number) for number in range(420)]
        self._made = 0

    def _account(self, number: int) -> dict[str, Any]:
        platform = PLATFORMS[number % len(PLATFORMS)]
        followers = int(10 ** self.chance.uniform(1.5, 6.5)) if platform != "youtube" else ""
        return {
            "platform": platform,
            "account_id": f"{40_000 + number}",
            "username": f"name_{number}",
            "followers_count": self.chance.choice((followers, followers, followers, "", 0))
            if number % 9 == 0
            else followers,
            "niche": self.chance.choice(("Tea", "running", "running", "")),
            "observed_at": f"{NOON - timedelta(days=self.chance.randrange(5)):%Y-%m-%dT%H:%M:%SZ}",
        }

    def posts_of(self, account: dict[str, Any], count: int) -> Iterator[dict[str, Any]]:
        size = account["followers_count"] or 5_000
        for _ in range(count):
            self._made += 1
            likes = int(size**0.9 * self.chance.lognormvariate(-2, 0.7))
            # A rate beyond a thousand, of posts that are long ago: of an account that had one follower then.
            is_odd = account["account_id"].endswith("77")
            age = self.chance.randrange(200, 300) if is_odd else self.chance.randrange(200)
            at = NOON - timedelta(days=age, seconds=self.chance.randrange(9))
            yield {
                "platform": account["platform"],
                "post_id": f"p{self._made}",
                "account_id": account["account_id"],
                "published_at": "" if self.chance.random() < 0.05 else f"{at:%Y-%m-%dT%H:%M:%SZ}",
                "caption": self.chance.choice(
                    ("", "so good #ad", "with @teahouse", "#tea #matcha", "#running", "gifted")
                ),
                "is_sponsored": self.chance.choice(("", "true", "false", "false")),
                "like_count": "" if self.chance.random() < 0.1 else likes * 5_000 if is_odd else likes,
                "comment_count": self.chance.choice((likes // 30, likes // 30, "")),
                "view_count": likes * 9 if account["platform"] in ("youtube", "tiktok") else "",
                "reach_count": likes * 6 if account["platform"] in ("instagram", "linkedin") else "",
                "share_count": self.chance.choice((2, "")),
                "followers_count": 1 if is_odd else "",
                "observed_at": f"{NOON:%Y-%m-%dT%H:%M:%SZ}",
            }

    def posts(self) -> Rows:
        return [
            post for account in self.accounts for post in self.posts_of(account, self.chance.choice((0, 1, 3, 9, 20)))
        ]

    def rates(self) -> Rows:
        return [
            {**{name: account[name] for name in ("platform", "account_id")}, "price": 10 * number, "currency": "USD"}
            for number, account in enumerate(self.accounts[::7][:20] + self.accounts[2::7][:5])
        ]

    def creators(self) -> Rows:
        return [
            {"creator": f"Person {number // 2}", **{name: account[name] for name in ("platform", "account_id")}}
            for number, account in enumerate(self.accounts[:60])
        ]


def tables(home: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every mart, in an order of its own."""
    with open_published(home / "warehouse.duckdb") as connection:
        return {name: connection.sql(f"FROM {name} ORDER BY ALL").fetchall() for name in MARTS}


@pytest.mark.parametrize("seed", range(how_many(1, 12)))
def test_windows_apart_give_what_all_at_once_give(seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From nothing, and when posts are added to what was published."""
    monkeypatch.setattr(own_figures, "POSTS_MIN", 0)
    world, exports = World(seed), tmp_path / "exports"
    first = {"accounts": world.accounts, "posts": world.posts(), "rates": world.rates(), "creators": world.creators()}
    later = [post for account in world.accounts[:15] for post in world.posts_of(account, 2)]
    homes = {"at once": 10**9, "apart": 0}
    exports.mkdir()
    for delivered in (first, {"posts-later": later}):
        for name, rows in delivered.items():
            write(exports / f"{name}.csv", rows)
        published = {}
        for home, accounts_at_once in homes.items():
            monkeypatch.setattr(account_engagement, "ACCOUNTS_AT_ONCE", accounts_at_once)
            settings = Settings(home=tmp_path / home, draw_report=False, use_suggested_niches=seed % 2 == 0)
            summary = run(exports, settings)
            assert (summary.published, summary.rows_rejected, summary.files_quarantined) == (True, 0, 0)
            assert not list((settings.lake / "scratch").iterdir())
            published[home] = tables(tmp_path / home), summary.content_hash
        at_once, apart = published.values()
        assert {name for name, rows in apart[0].items() if rows != at_once[0][name]} == set()
        assert apart[1] == at_once[1]
        demand_all_kinds(at_once[0])


def test_a_run_that_fails_between_two_windows_leaves_no_rows_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world, found, with_lift = World(1), list[Path](), lift.with_lift
    (tmp_path / "exports").mkdir()
    write(tmp_path / "exports" / "accounts.csv", world.accounts)
    settings = Settings(home=tmp_path / "home", draw_report=False)
    scratch = settings.lake / "scratch"

    def full(engagement: pl.DataFrame, *others: pl.DataFrame) -> pl.DataFrame:
        if written := [*scratch.iterdir()]:
            found.extend(written)
            raise MemoryError
        return with_lift(engagement, *others)

    monkeypatch.setattr(account_engagement, "ACCOUNTS_AT_ONCE", 0)
    monkeypatch.setattr(lift, "with_lift", full)
    with pytest.raises(MemoryError):
        run(tmp_path / "exports", settings)
    assert [path.name for path in found] == ["account_engagement-all_time.parquet"]
    assert not list(scratch.iterdir())
    assert not settings.warehouse.exists()


def demand_all_kinds(found: dict[str, list[tuple[Any, ...]]]) -> None:
    """The world is worth a comparison: no table of these is empty."""
    filled = (
        "shrunk_rates",
        "rate_calibration",
        "paid_to_organic_pooled",
        "engagement_regression_tiers",
        "tier_contrasts",
    )
    others = ("brand_mentions", "creator_platforms", "price_summary", "niche_suggestions", "plans")
    assert [name for name in (*filled, *others) if not found[name]] == []

"""Accounts that stand apart: in SQL over random accounts, and at every bound."""

import random
import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import duckdb
import polars as pl
import pytest

from transforms import suspicions
from transforms.query_keys import hashed
from transforms.tiers import default_tier_of

ACCOUNT = ["platform", "account_id"]
NOON = datetime(2026, 8, 1, 12)
DETAIL = re.compile(r"(\S+) comments a like; (\S+) is the median of (\d+) accounts of this platform and niche")
COMMENTS_SQL = """
    WITH own AS (
        SELECT platform, account_id, niche, ln((sum(comments) + 0.5) / (sum(likes) + 0.5)) AS own,
            sum(comments) / sum(likes) AS ratio
        FROM posts JOIN accounts USING (platform, account_id)
        WHERE likes IS NOT NULL AND comments IS NOT NULL
        GROUP BY ALL
        HAVING count(*) >= 5 AND sum(likes) > 0
    ), apart AS (
        SELECT platform, niche, median(own) AS middle, mad(own) AS spread, median(ratio) AS usual, count(*) AS peers
        FROM own GROUP BY ALL HAVING count(*) >= 20
    )
    SELECT account_id, ratio, usual, peers FROM own JOIN apart USING (platform, niche)
    WHERE spread > 0 AND usual > 0 AND abs(0.6745 * (own - middle) / spread) > 3.5 AND sign(own - middle) = sign(ratio - usual)
    ORDER BY ALL
"""


def account_table(rows: list[tuple[str, str, int | None]], at: datetime | None = NOON) -> pl.DataFrame:
    columns = {"account_id": pl.String, "niche": pl.String, "followers_count": pl.Int64}
    rest = [pl.lit("instagram").alias("platform"), pl.lit(at, pl.Datetime("us")).alias("observed_at")]
    return pl.DataFrame(rows, columns, orient="row").with_columns(rest)


def odd_comments(posts: pl.DataFrame, accounts: pl.DataFrame) -> pl.LazyFrame:
    measured = posts.lazy().select(
        hashed(ACCOUNT),
        pl.col("likes").alias("like_count"),
        (pl.col("likes") + pl.col("comments")).alias("engagement_count"),
    )
    return suspicions.comments_to_odd(suspicions.posts_to_comments(measured), accounts)


def posts_of(accounts: Mapping[str, Sequence[tuple[int | None, int | None]]]) -> pl.DataFrame:
    rows = [("instagram", name, *counts) for name, own in accounts.items() for counts in own]
    columns = {"platform": pl.String, "account_id": pl.String, "likes": pl.Int64, "comments": pl.Int64}
    return pl.DataFrame(rows, columns, orient="row")


def listed(rows: pl.LazyFrame) -> list[str]:
    return rows.collect().get_column("account_id").sort().to_list()


def some_posts(chance: random.Random) -> list[tuple[int | None, int | None]]:
    """Some three comments for a hundred likes; of one account in ten hundreds of times as many or as few."""
    share = 0.03 * chance.choice((1, 1, 1, 1, 1, 1, 1, 1, 1, 300)) ** chance.choice((-1, 1))
    likes = [
        chance.choice((None, chance.randrange(900), chance.randrange(900))) for _ in range(chance.randrange(3, 40))
    ]
    return [(count, chance.choice((None, round((count or 50) * share * chance.uniform(0.5, 2))))) for count in likes]


def test_sql_finds_the_same_comments_in_any_order() -> None:
    chance = random.Random(20_161_116)  # chance that can be repeated is the point
    accounts = account_table([(f"a{n:03d}", chance.choice(("food", "food", "rare")), 10) for n in range(200)])
    accounts = accounts.filter((pl.col("niche") != "rare") | (pl.int_range(pl.len()) < 50))
    posts = posts_of({name: some_posts(chance) for name in accounts.get_column("account_id")})
    with duckdb.connect() as connection:
        connection.register("posts", posts)
        connection.register("accounts", accounts)
        wanted = connection.sql(COMMENTS_SQL).fetchall()
    found = odd_comments(posts, accounts).collect()
    said = dict(found.select("account_id", "detail").sort("account_id").iter_rows())
    assert list(said) == [name for name, *_ in wanted]
    for name, ratio, usual, peers in wanted:
        assert told(said[name]) == pytest.approx((ratio, usual, peers), rel=5e-4)
    assert 2 < len(wanted) < 50
    shuffled = odd_comments(
        posts.sample(fraction=1, shuffle=True, seed=1), accounts.sample(fraction=1, shuffle=True, seed=2)
    )
    assert shuffled.collect().sort("account_id").equals(found.sort("account_id"))


@pytest.mark.parametrize(("peers", "posts", "likes", "is_listed"), [
    (20, 5, 40, True), (19, 5, 40, False), (20, 4, 40, False), (20, 5, 0, False),
])  # fmt: skip
def test_twenty_peers_five_posts_and_a_like_are_asked_for(peers: int, posts: int, likes: int, is_listed: bool) -> None:
    usual = {f"a{n:02d}": [(100, 1 + n % 4)] * 5 for n in range(peers - 1)}
    odd = {"odd": [(likes // posts, 900)] * posts}
    accounts = account_table([(name, "food", 10) for name in [*usual, *odd]])
    assert listed(odd_comments(posts_of(usual | odd), accounts)) == ["odd"] * is_listed


def told(detail: str) -> tuple[float, float, int]:
    """The figures of a detail: the account's own, the median, and of how many accounts."""
    own, median, peers = DETAIL.fullmatch(detail).groups()  # type: ignore[union-attr]
    return float(own), float(median), int(peers)


def found_of(accounts: dict[str, tuple[int, int]]) -> dict[str, str]:
    """What is said of accounts with five posts of so many likes and comments each."""
    posts = posts_of({name: [counts] * 5 for name, counts in accounts.items()})
    table = account_table([(name, "food", 10) for name in accounts])
    found = odd_comments(posts, table).collect()
    return dict(found.select("account_id", "detail").iter_rows())


@pytest.mark.parametrize("without", [11, 20, 30])
def test_where_most_have_no_comments_nobody_stands_apart(without: int) -> None:
    """Neither who has more likes than the others, nor who has fewer; and no half comment makes a median."""
    silent = {f"a{n:02d}": (100 + n, 0) for n in range(without)} | {"liked": (900_000, 0), "quiet": (1, 0)}
    assert found_of(silent | {f"b{n}": (100, n) for n in range(10)}) == {}


def test_an_account_without_comments_is_told_by_true_figures() -> None:
    usual = {f"a{n:02d}": (200, 4 + n % 3) for n in range(24)}
    assert found_of(usual | {"quiet": (50_000, 0)}) == {
        "quiet": "0.0 comments a like; 0.025 is the median of 25 accounts of this platform and niche"
    }
    # Few likes leave it open whether comments are few.
    assert found_of(usual | {"small": (2, 0)}) == {}


def test_a_half_comment_alone_sets_nobody_apart() -> None:
    """A comment for a million likes is usual here: without any, few likes look like many comments and are none."""
    usual = {f"a{n:02d}": (1_000_000 + 9_000 * n, 1) for n in range(30)}
    assert found_of(usual | {"small": (40, 0)}) == {}
    assert list(found_of(usual | {"crowd": (40, 40)})) == ["crowd"]


def test_peers_that_are_all_alike_tell_nothing() -> None:
    usual = {f"a{n:02d}": [(100, 1)] * 5 for n in range(30)}
    accounts = account_table([(name, "food", 10) for name in [*usual, "odd"]])
    posts = posts_of(usual | {"odd": [(100, 50)] * 5})
    assert listed(odd_comments(posts, accounts)) == []


def shown_as(count: int) -> set[int]:
    """What a count of three digits may stand for it: rounded to the nearest, and down."""
    step = 10 ** max(len(str(count)) - 3, 0)
    return {count // step * step, (count + step // 2) // step * step}


def test_a_tier_is_uncertain_where_two_counts_of_two_tiers_are_shown_alike() -> None:
    tiers: dict[int, set[str]] = {}
    counts = [n for bound in (1_000, 100_000, 1_000_000) for n in range(bound - bound // 50, bound + bound // 50)]
    names = pl.DataFrame({"n": counts}).select(default_tier_of(pl.col("n"))).to_series()
    for count, name in zip(counts, names, strict=True):
        for shown in shown_as(count):
            tiers.setdefault(shown, set()).add(name)
    accounts = account_table([(str(shown), "food", shown) for shown in tiers])
    wanted = sorted(str(shown) for shown, names in tiers.items() if len(names) > 1)
    assert listed(suspicions.accounts_to_uncertain_tiers(accounts)) == wanted == ["100000", "1000000"]


@pytest.mark.parametrize(("age", "is_listed"), [
    (timedelta(days=180), False), (timedelta(days=180, microseconds=1), True), (timedelta(0), False), (None, False),
])  # fmt: skip
def test_an_observation_is_stale_after_180_days(age: timedelta | None, is_listed: bool) -> None:
    accounts = account_table([("a", "food", 10)], NOON - age if age is not None else None)
    assert listed(suspicions.accounts_to_stale(accounts, NOON)) == ["a"] * is_listed
    assert listed(suspicions.accounts_to_stale(accounts, None)) == []


@pytest.mark.parametrize(("score", "gain", "is_listed"), [
    (3.5, 9.0, False), (3.500001, 9.0, True), (-4.0, 9.0, False), (4.0, 0.0, False), (4.0, -1.0, False),
    (None, 9.0, False),
])  # fmt: skip
def test_a_spike_is_a_gain_beyond_the_bound(score: float | None, gain: float, is_listed: bool) -> None:
    grown = account_table([("a", "food", 10)]).with_columns(
        pl.lit(score, pl.Float64).alias("growth_spike_score"),
        pl.lit(gain).alias("followers_gained_per_day"),
        pl.lit(True).alias("is_followers_rounded"),
    )
    found = suspicions.snapshots_to_spikes(grown.lazy())
    assert listed(found) == ["a"] * is_listed
    details = found.collect().get_column("detail")
    assert all("giveaway, a shout-out, ads or bots" in detail and "in steps" in detail for detail in details)

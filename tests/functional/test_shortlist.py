"""The shortlist: who stands on top, and what it says of them."""

import csv
from collections.abc import Iterator
from pathlib import Path

import duckdb
import polars as pl
import pytest

from flows.run import run
from flows.settings import Settings
from reports.queries import facts_of
from reports.report import write_report
from reports.shortlist import shortlist_of
from tests.command import in_process as tierwise
from transforms.plan_candidates import Wish, quotes_to_prices
from warehouse.published import frame_of, open_published

CASE = Path(__file__).parents[1] / "golden" / "account_engagement" / "one_lucky_post"


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Path(run(CASE / "exports", Settings(home=tmp_path_factory.mktemp("list"))).warehouse)


@pytest.fixture
def published(warehouse: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with open_published(warehouse) as connection:
        yield connection


def test_one_lucky_post_is_not_on_top(published: duckdb.DuckDBPyConnection) -> None:
    """Its raw rate and even the rate expected are higher; what is sure of it is less."""
    rows = shortlist_of(published)
    by_name = {row["account"]: row for row in rows}
    assert rows[0]["account"] == "steady"
    assert by_name["lucky"]["rate"] > by_name["steady"]["rate"]
    assert [row["rate_low"] for row in rows] == sorted((row["rate_low"] for row in rows), reverse=True)


def test_it_says_what_to_expect_of_how_many_posts(published: duckdb.DuckDBPyConnection) -> None:
    said = {row["account"]: row["why"] for row in shortlist_of(published)}
    assert said["steady"].startswith(
        "expected 13 % on the next posts (95 %: 11-15 %), from 9 posts; 5.5 % is usual; one post: 7.8-20 %"
    )
    assert said["lucky"].startswith(
        "expected 21 % on the next posts (95 %: 8.6-51 %), from 1 post; 5.3 % is usual; one post: 4.7-74 %"
    )


def test_the_report_says_how_far_to_trust_the_ranking(warehouse: Path, tmp_path: Path) -> None:
    write_report(warehouse, tmp_path / "report.html")
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    with open_published(warehouse) as connection:
        (row,) = facts_of(connection).calibration
    assert row["account_count"] == 23
    said = "instagram: foretold from its other posts, a held-back post of 23 accounts lay in its 95 % interval in"
    assert f"{said} {100 * row['held']:.0f} of 100 cases" in page


# Of accounts with twelve posts each the one thing that speaks against it, in the words of the list.
SPOKEN = {
    "clean": "",
    "priced": "",
    "young": "its rate is known from 2 posts",
    "single": "its rate is known from one post",
    "old": "its price is of 2024-03-01, 821 days before the figures",
    "undated": "its price has no date",
    "paid": "its paid posts do worse than the others",
    "unloved": "no paid post of 9 got any engagement",
    "torn": "conflicting observations",
    "all": "its rate is known from 4 posts; its price has no date; conflicting observations",
}
POSTS = {"paid": 18, "unloved": 18, "young": 2, "single": 1, "all": 4}


def followers(name: str) -> int:
    """The others are of another tier: a list has twenty accounts of each."""
    return 500 if name.startswith("other") else 4_000


@pytest.fixture(scope="module")
def spoken(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("spoken")
    exports = folder / "exports"
    exports.mkdir()
    names = [*SPOKEN, *(f"other{number}" for number in range(20))]
    accounts = [
        f"x,{name},{name},{followers(name) + 10 * place},2026-05-31T12:00:00Z" for place, name in enumerate(names)
    ]
    accounts += [f"x,{name},{name},9999,2026-05-31T12:00:00Z" for name in ("torn", "all")]
    posts = []
    for place, name in enumerate(names):
        for post in range(POSTS.get(name, 12)):
            paid = name in ("paid", "unloved") and post % 2
            usual = 200 + 7 * (post * post % 5) + place
            likes = usual if not paid else usual // 9 if name == "paid" else 0
            posts.append(
                f"x,{name}-{post},{name},{likes},{likes // 20},2026-05-{post + 1:02}T00:00:00Z,{str(bool(paid)).lower()}"
            )
    rates = ["x,old,90,USD,2024-03-01", "x,undated,80,USD,", "x,priced,70,USD,2025-06-30", "x,all,60,USD,"]
    for name, header, rows in (
        ("accounts", "platform,account_id,username,followers_count,observed_at", accounts),
        ("posts", "platform,post_id,account_id,like_count,comment_count,published_at,is_sponsored", posts),
        ("rates", "platform,account_id,price,currency,quoted_on", rates),
    ):
        (exports / f"{name}.csv").write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return Path(run(exports, Settings(home=folder / "home")).warehouse)


def test_it_says_what_speaks_against_each(spoken: Path) -> None:
    with open_published(spoken) as connection:
        rows = shortlist_of(connection)
    assert {row["account"]: row["against"] for row in rows if not row["account"].startswith("other")} == SPOKEN
    assert {row["against"] for row in rows if row["account"].startswith("other")} == {""}


def test_what_speaks_against_an_account_is_in_the_files_and_on_the_page(spoken: Path, tmp_path: Path) -> None:
    told = tierwise("report", "--home", spoken.parent, "--csv", tmp_path / "list.csv")
    assert told.exit_code == 0, told.stderr
    with (tmp_path / "list.csv").open(encoding="utf-8-sig", newline="") as stream:
        found = {row["account"]: row["against"] for row in csv.DictReader(stream)}
    assert {name: found[name] for name in SPOKEN} == SPOKEN
    write_report(spoken, tmp_path / "report.html")
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    # In the table for readers without scripts, and in the data of the one with them.
    assert page.count("its paid posts do worse than the others") >= 2
    assert page.count("no paid post of 9 got any engagement") >= 2
    assert "of 2 with eight posts on each side 2 earn significantly less" in page
    assert "; no paid post of 1 account got any engagement" in page


# Of each account what it quotes for which kind of post, and the price and currency that the list has.
QUOTES: dict[str, tuple[list[str], tuple[float | None, str | None]]] = {
    "x.two": (["reel,80,,,EUR", "reel,79,,,GBP", "reel,9000,,,JPY"], (80, "EUR")),
    "x.dear": (["reel,310,,,EUR", "story,12,,,GBP"], (310, "EUR")),
    "x.kinds": (["reel,70,,,EUR", "reel,90,,,EUR", "story,85,,,EUR"], (85, "EUR")),
    "x.torn": (["reel,70,,,EUR", "reel,90,,,EUR"], (90, "EUR")),
    "x.range": (["reel,,30,60.25,EUR"], (45.13, "EUR")),
    "x.up_to": (["reel,,,60,EUR", "reel,,20,,GBP"], (60, "EUR")),
    "x.from": (["reel,,20,,EUR", "reel,44,,,GBP"], (44, "GBP")),
    "x.british": (["reel,7000,,,JPY", "reel,33.33,,,GBP"], (33.33, "GBP")),
    "x.free": (["reel,0,,,EUR"], (None, None)),
    "x.unsaid": (["reel,10,,,"], (None, None)),
    "y.yen": (["reel,8000,,,JPY", "reel,50,,,EUR"], (8000, "JPY")),
    "y.also": (["reel,9000,,,JPY"], (9000, "JPY")),
    # As many accounts quote in both, and more kinds of post in dollars.
    "z.tie": (["reel,7,,,USD", "story,8,,,USD", "reel,6,,,EUR"], (7, "USD")),
}


@pytest.fixture(scope="module")
def quoted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("quoted")
    exports = folder / "exports"
    exports.mkdir()
    others = [f"{platform}.other{number}" for platform in "xyz" for number in range(20)]
    accounts, posts = [], []
    for place, label in enumerate([*QUOTES, *others]):
        platform, _, name = label.partition(".")
        # The others are of another tier: a list has twenty accounts of each.
        accounts.append(f"{platform},{name},{500 if label in others else 4_000 + 10 * place},2026-05-31T12:00:00Z")
        for post in range(4):
            likes = 200 + 7 * (post * post % 5) + place
            posts.append(f"{platform},{name}-{post},{name},{likes},{likes // 20},2026-05-{post + 1:02}T00:00:00Z")
    rates = []
    for label, (quotes, _) in QUOTES.items():
        platform, _, name = label.partition(".")
        rates += [f"{platform},{name},{quote},2026-05-01" for quote in quotes]
    for file, header, rows in (
        ("accounts", "platform,account_id,followers_count,observed_at", accounts),
        ("posts", "platform,post_id,account_id,like_count,comment_count,published_at", posts),
        ("rates", "platform,account_id,media_type,price,price_min,price_max,currency,quoted_on", rates),
    ):
        (exports / f"{file}.csv").write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return Path(run(exports, Settings(home=folder / "home", draw_report=False)).warehouse)


def test_prices_of_a_platform_are_in_the_currency_that_most_quote(quoted: Path) -> None:
    with open_published(quoted) as connection:
        rows = {f"{row['platform']}.{row['account']}": row for row in shortlist_of(connection)}
        means = dict(
            connection.sql(
                "SELECT platform || '.' || account_id, engagement_count_mean FROM account_engagement"
                " WHERE time_window = 'all_time'"
            ).fetchall()
        )
        rates = frame_of(connection.sql("FROM rates"))
    found = {name: (rows[name]["price"], rows[name]["currency"]) for name in QUOTES}
    assert found == {name: expected for name, (_, expected) in QUOTES.items()}
    for name, (price, currency) in found.items():
        cost = None if price is None else pytest.approx(price / means[name])
        assert rows[name]["cost_per_engagement"] == cost
        assert price is None or f"{price:,.0f} {currency} a post" in rows[name]["why"]
    assert ("conflicting prices" in rows["x.torn"]["against"], rows["x.two"]["against"]) == (
        True,
        rows["x.range"]["against"],
    )
    # A plan in that currency reckons with the same price.
    for platform, currency in (("x", "EUR"), ("y", "JPY"), ("z", "USD")):
        prices = quotes_to_prices(rates, Wish(0, currency)).filter(pl.col("platform") == platform, pl.col("price") > 0)
        assert {f"{platform}.{name}": price / 100 for name, price in prices.select("account_id", "price").rows()} == {
            name: price for name, (price, of) in found.items() if name.startswith(platform) and of == currency
        }

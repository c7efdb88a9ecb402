"""The shortlist: who stands on top, and what it says of them."""

import csv
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from flows.run import run
from flows.settings import Settings
from reports.queries import facts_of
from reports.report import write_report
from reports.shortlist import shortlist_of
from tests.command import in_process as tierwise
from warehouse.published import open_published

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

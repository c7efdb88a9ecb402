"""The shortlist: who stands on top, and what it says of them."""

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from flows.run import run
from flows.settings import Settings
from reports.queries import facts_of
from reports.report import write_report
from reports.shortlist import shortlist_of
from warehouse.publish import open_published

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

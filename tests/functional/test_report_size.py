"""The report keeps its size and every cell of its shortlist, whatever free text the exports hold."""

import csv
import json
import re
from pathlib import Path

import pytest

from flows.run import run
from flows.settings import Settings
from reports.queries import KINDS_SHOWN, NICHES_SHOWN, PLATFORMS_SHOWN, facts_of
from reports.report import write_report
from reports.shortlist import ALL, EACH
from warehouse.published import open_published

PLATFORMS, TOPICS, KINDS, ACCOUNTS = 8, 300, 60, 6_000
LONG = "a long name " * 20
# Beside the script that draws, of 0.9 MB, which is the same in every report.
DATA_MAX = 2_100_000


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """More platforms, topics and kinds of post than are shown; topics of smaller number have more accounts."""
    exports = tmp_path_factory.mktemp("exports")
    accounts: list[tuple[object, ...]] = []
    posts: list[tuple[object, ...]] = []
    rates: list[tuple[object, ...]] = []
    for number in range(ACCOUNTS):
        platform, account = f"network{number % PLATFORMS % (1 + number % 7)}", str(number)
        followers = 10 ** (2 + number // 7 % 5) * 3
        accounts.append((platform, account, LONG + account, topic(number % (1 + number % TOPICS)), followers))
        posts += [
            (platform, f"{account}-{post}", account, followers // 20 + post + number % 11, 1) for post in range(2)
        ]
        rates.append((platform, account, f"kind {number % KINDS} {LONG}", 100 + number, "USD", "cash"))
    write(exports / "accounts.csv", "platform,account_id,username,niche,followers_count", accounts)
    write(exports / "posts.csv", "platform,post_id,account_id,like_count,comment_count", posts)
    write(exports / "rates.csv", "platform,account_id,media_type,price,currency,compensation", rates)
    home = tmp_path_factory.mktemp("home")
    run(exports, Settings(home=home))
    return home


def topic(number: int) -> str:
    """A topic of its own for each number: digits at the end of a topic are not part of it."""
    return f"topic {chr(ord('a') + number // 26)}{chr(ord('a') + number % 26)}"


def write(path: Path, header: str, rows: list[tuple[object, ...]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([header.split(","), *rows])


def test_what_is_shown_is_counted(home: Path) -> None:
    with open_published(home / "warehouse.duckdb") as connection:
        facts = facts_of(connection)
        known = connection.sql("SELECT DISTINCT niche FROM accounts").fetchall()
    assert len(known) > 2 * NICHES_SHOWN
    assert len(facts.platforms) == PLATFORMS_SHOWN
    for rows in (facts.heat, facts.points, facts.fits, facts.followers, facts.prices, facts.plans):
        assert {row["platform"] for row in rows} <= {row["platform"] for row in facts.platforms}
    for platform in facts.platforms:
        of_it = [row for row in facts.heat if row["platform"] == platform["platform"]]
        assert len({row["niche"] for row in of_it}) <= NICHES_SHOWN
        fits = [row for row in facts.fits if row["platform"] == platform["platform"]]
        assert len(fits) <= NICHES_SHOWN + 1
        kinds = {row["media_type"] for row in facts.prices if row["platform"] == platform["platform"]}
        assert 0 < len(kinds) <= KINDS_SHOWN


def test_the_page_is_small_and_every_cell_keeps_its_best(home: Path) -> None:
    write_report(home / "warehouse.duckdb", home / "report.html")
    page = (home / "report.html").read_text(encoding="utf-8")
    scripts = sum(map(len, re.findall(r'<script type="module">.*?</script>', page, re.DOTALL)))
    assert len(page) - scripts < DATA_MAX
    found = re.search(r'id="shortlist-data">(.*?)</script>', page)
    assert found
    shortlist = json.loads(found[1])
    cells: dict[tuple[str, str, str], int] = {}
    for row in shortlist["rows"]:
        key = (row[0], row[1], row[2])
        cells[key] = cells.get(key, 0) + 1
    assert len(shortlist["rows"]) <= ALL
    assert max(cells.values()) <= EACH
    with open_published(home / "warehouse.duckdb") as connection:
        shown = {(row["platform"], row["niche"]) for row in facts_of(connection).followers}
        ranked = connection.sql(
            "SELECT DISTINCT e.platform, e.niche, a.tier FROM account_engagement AS e JOIN accounts AS a USING (platform, account_id)"
            " WHERE e.time_window = 'all_time' AND e.engagement_rate_shrunk_low IS NOT NULL AND a.tier IS NOT NULL"
        ).fetchall()
    assert set(cells) == {key for key in ranked if key[:2] in shown}

"""Exports of other hands give what is written beside them. They are not part of the project: skipped where they are not."""

import shutil
from pathlib import Path

import pytest

from tests.rejected.delivery import Delivery, Row, command, delivery

FIXTURES = Path(__file__).parents[2].parent / "shared" / "data" / "fixtures"
POST = "strftime(published_at, '%Y-%m-%dT%H:%M:%SZ') AS at"
__all__ = ["command", "delivery"]


def deliver(delivery: Delivery, folder: str, *names: str, declared: str = "") -> None:
    """Run over some files of a fixture folder."""
    if not (FIXTURES / folder).is_dir():
        pytest.skip(f"the files are not here: there is no folder {FIXTURES / folder}")
    for name in names:
        shutil.copyfile(FIXTURES / folder / name, delivery.exports / name)
    if declared:
        delivery.put("sources.toml", declared)
    delivery.run()


def posts(delivery: Delivery, columns: str) -> dict[str, tuple[object, ...]]:
    """Some columns of each post."""
    return {
        row["post_id"]: tuple(value for key, value in row.items() if key != "post_id")
        for row in delivery.rows(f"SELECT post_id, {columns} FROM posts ORDER BY post_id")
    }


def rules(delivery: Delivery) -> list[Row]:
    return delivery.rows("SELECT DISTINCT file, rule FROM rejected_rows ORDER BY ALL")


META = """
[[source]]
files = "en*.csv"
time_zone = "America/Los_Angeles"

[[source]]
files = "pt_br.csv"
time_zone = "America/Sao_Paulo"
owner = "loja"

[[source]]
files = "de.csv"
time_zone = "Europe/Vienna"
"""


def test_meta_business_suite(delivery: Delivery) -> None:
    deliver(delivery, "meta_business_suite", "en.csv", "en_ambiguous_dates.csv", "pt_br.csv", "de.csv", declared=META)
    counts = "like_count, comment_count, view_count, share_count, save_count, reach_count"
    assert posts(delivery, f"media_type, {POST}, {counts}") == {
        "17900000000000301": ("carousel", "2026-09-01T16:00:00Z", 240, 11, 8200, 27, 83, 5900),
        "17900000000000303": ("reel", "2026-11-03T17:00:00Z", 1260, 17, 12345, 58, 61, 4800),
        "18011111111111111": ("reel", "2026-10-03T15:31:00Z", 720, 49, 15300, 64, 210, 9800),
        "18011111111111113": ("carousel", "2026-10-16T02:05:00Z", 40, 3, None, None, 12, 640),
        "18022222222222221": ("image", "2026-09-15T21:00:00Z", 131, 12, 3400, 7, 38, 1250),
        "18022222222222223": ("reel", "2026-09-02T12:30:00Z", 1050, 31, 2300, None, 8, None),
    }
    accounts = {post: account for post, (account,) in posts(delivery, "account_id").items()}
    assert accounts["18011111111111111"] == "17841400000000201"
    assert accounts["17900000000000301"] == "17841400000000203"
    assert delivery.rows("SELECT count(followers_count) AS known FROM posts") == [{"known": 0}]
    assert [tuple(row.values()) for row in rules(delivery)] == [
        ("en.csv", "a row without Post ID: a total, not a post"),
        ("en.csv", "account_id: an id written as a float"),
        ("en.csv", "post_id: an id written as a float"),
        ("en_ambiguous_dates.csv", "unknown_date_format"),
    ]


def test_meta_business_suite_with_its_date_order_declared(delivery: Delivery) -> None:
    declared = META + 'date_format = "%m/%d/%Y %H:%M"\n'
    declared = declared.replace("en*.csv", "x.csv").replace("de.csv", "en_ambiguous_dates.csv")
    deliver(
        delivery,
        "meta_business_suite",
        "en_ambiguous_dates.csv",
        declared=declared.replace("Europe/Vienna", "America/Los_Angeles"),
    )
    assert posts(delivery, f"account_id, {POST}, like_count") == {
        "18011111111111121": ("alder_demo", "2026-03-04T14:08:00Z", 6),
        "18011111111111123": ("alder_demo", "2026-05-06T14:10:00Z", None),
    }


@pytest.mark.parametrize("name", ["en.csv", "en_ambiguous_dates.csv", "pt_br.csv", "de.csv"])
def test_times_of_meta_are_not_read_without_their_zone(delivery: Delivery, name: str) -> None:
    deliver(delivery, "meta_business_suite", name)
    assert delivery.refusals() == {name: "unknown_time_zone"}


def test_crowdtangle(delivery: Delivery) -> None:
    deliver(delivery, "crowdtangle", "facebook.csv", "instagram.csv")
    assert posts(delivery, f"{POST}, like_count, comment_count, share_count, view_count, followers_count") == {
        "100000000000101_1": ("2021-07-07T20:45:20Z", 1000, 134, 50, 0, 1_520_000),
        "100000000000101_2": ("2021-01-12T14:05:00Z", 7, 0, 0, 0, None),
        "100000000000101_3": ("2020-11-01T05:30:00Z", 12, 0, 0, 3400, 1_400_000),
        "100000000000101_4": ("2020-11-01T06:30:00Z", 3, 0, 0, 0, 1_400_000),
        "DEMOct0001": ("2021-08-03T01:10:00Z", 1, 0, None, 0, 20_400),
        "DEMOct0002": ("2021-12-25T04:59:59Z", 2100, 12, None, 0, 0),
        "DEMOct0003": ("2021-12-26T15:00:00Z", 50, 10, None, 18_300, 20_500),
    }
    rates = posts(delivery, "round(engagement_rate_by_followers, 6), is_sponsored AND sponsored_basis = 'sponsors'")
    assert rates["100000000000101_2"] == (None, True)
    assert rates["DEMOct0002"][0] is None
    assert rates["DEMOct0003"] == (0.002927, True)
    figures = delivery.rows(
        """SELECT post_id, round(value / followers_count, 6) AS rate, value FROM published_metrics
           JOIN posts USING (platform, account_id, post_id) WHERE post_id IN ('100000000000101_1', 'DEMOct0002')
           ORDER BY post_id"""
    )
    assert [tuple(row.values())[::2] for row in figures] == [("100000000000101_1", 1234), ("DEMOct0002", 2112)]
    assert figures[0]["rate"] == 0.000812
    assert rules(delivery) == []


def test_phantombuster(delivery: Delivery) -> None:
    deliver(delivery, "phantombuster", "posts.csv")
    observed = "strftime(observed_at, '%Y-%m-%dT%H:%M:%SZ')"
    assert posts(delivery, f"account_id, {POST}, {observed}, like_count, comment_count") == {
        "DEMOpb0001": ("marlow.demo", "2026-05-01T10:00:00Z", "2026-06-15T08:00:00Z", 120, 3),
        "DEMOpb0002": ("marlow.demo", "2026-05-02T10:00:00Z", "2026-06-15T08:00:05Z", 88, 0),
    }
    assert rules(delivery) == []


def test_apify_instagram(delivery: Delivery) -> None:
    deliver(delivery, "apify_instagram", "posts_flat.csv")
    assert posts(delivery, f"account_id, {POST}, like_count, comment_count") == {
        "DEMOap0006": ("kestrel.demo", "2026-09-01T10:00:00Z", 320, 1),
        "DEMOap0007": ("kestrel.demo", "2026-09-02T10:00:00Z", None, 0),
    }
    (refused,) = delivery.rejects()
    assert refused["value"] == "not_found"
    assert "ghost.demo" not in delivery.accounts()


def test_youtube_studio(delivery: Delivery) -> None:
    declared = '[[source]]\nfiles = "studio.csv"\nowner = "UCdemoA1"\n'
    deliver(delivery, "youtube_api", "studio.csv", declared=declared)
    assert posts(delivery, f"account_id, {POST}, view_count, like_count") == {
        "demoVid0001": ("UCdemoA1", "2026-10-03T00:00:00Z", 8700, 300),
        "demoVid0005": ("UCdemoA1", "2026-09-12T00:00:00Z", 300, None),
    }
    gained = delivery.rows("SELECT value FROM published_metrics WHERE post_id = 'demoVid0005'")
    assert gained == [{"value": -1}]
    assert [row["rule"] for row in rules(delivery)] == ["the row of totals, not a video"]

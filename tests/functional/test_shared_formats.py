"""Files of each format as the platforms write them, with what is known of them.

The files themselves are not part of the project: the tests run where a copy lies beside it, and are skipped elsewhere.
"""

import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.rejected.delivery import Delivery, command, delivery

FIXTURES = Path(__file__).parents[2].parent / "shared" / "data" / "fixtures"
__all__ = ["command", "delivery"]


def load(delivery: Delivery, folder: str, sources: str = "") -> Delivery:
    """Deliver a folder without its description, declared as told, and run."""
    if not FIXTURES.joinpath(folder).is_dir():
        pytest.skip(f"the real files are not here: there is no folder {FIXTURES / folder}")
    shutil.copytree(FIXTURES / folder, delivery.exports, dirs_exist_ok=True)
    (delivery.exports / "EXPECTED.md").unlink()
    delivery.put("sources.toml", sources)
    delivery.run()
    return delivery


def table(delivery: Delivery, sql: str) -> list[tuple[Any, ...]]:
    return [tuple(row.values()) for row in delivery.rows(sql)]


def counts(delivery: Delivery) -> dict[str, tuple[int, int, int]]:
    """Rows loaded, duplicate and rejected of each dataset."""
    rows = table(
        delivery,
        "SELECT dataset, sum(rows_loaded)::INT, sum(rows_duplicate)::INT, sum(rows_rejected)::INT FROM load_ledger "
        "WHERE dataset IS NOT NULL GROUP BY ALL",
    )
    return {dataset: (loaded, duplicate, rejected) for dataset, loaded, duplicate, rejected in rows}


POSTS = "SELECT post_id, like_count, comment_count, round(engagement_rate_by_followers, 6) FROM posts ORDER BY post_id"


def test_business_discovery(delivery: Delivery) -> None:
    load(delivery, "ig_business_discovery")
    assert {"17841401441775531"} <= set(delivery.accounts())
    assert "17841405309211845" not in delivery.accounts()
    assert sorted(delivery.accounts().values(), key=str) == [0, 128000, 5400]
    assert {row[0]: row[1:] for row in table(delivery, POSTS)} == {
        "17858843269216389": (300, 12, 0.057778),
        "17894036119131553": (None, 41, None),
        "17894449363137701": (0, 0, 0.0),
        "17900000000000011": (0, 55, 0.00043),
        "17900000000000013": (2560, 64, 0.0205),
    }
    assert [row["rule"] for row in delivery.rejects()] == ["an error reply, code 110"]
    delivery.put("sources.toml", '[[source]]\nfiles = "old_api.json"\nzero_likes_hidden = true\n')
    delivery.run()
    assert {row[0]: row[1:] for row in table(delivery, POSTS)}["17900000000000011"] == (None, 55, None)


def test_instagram_download(delivery: Delivery) -> None:
    load(delivery, "ig_download")
    refused = {name.split("/")[1]: rule for name, rule in delivery.refusals().items()}
    assert refused == {"truncated": "broken_json", "wrong_shape": "unknown_format", "html": "unknown_format"}
    folder, archive = "instagram-marlow.demo-2024-11-28-k3Xq9ZpL/", "instagram-marlow.demo-2024-11-28-k3Xq9ZpL.zip/"
    verdicts = delivery.verdicts()
    loaded = {name for name, verdict in verdicts.items() if verdict == "loaded"}
    assert {name.removeprefix(folder) for name in loaded if name.startswith(folder)} == {
        name.removeprefix(archive) for name in loaded if name.startswith(archive)
    }
    assert [name for name, verdict in verdicts.items() if verdict == "ignored"] == [
        name for name in verdicts if "/messages/" in name
    ]
    # marlow.demo has 2 + 3 + 3 followers, of whom kestrel.demo, tarn_demo and moss.demo are listed more than once.
    known = "SELECT account_id, followers_known_count FROM audience WHERE time_window = 'all_time' ORDER BY ALL"
    assert table(delivery, known) == [("kestrel.demo", 1), ("marlow.demo", 6), ("tarn_demo", 1)]
    assert table(delivery, "SELECT DISTINCT display_name FROM accounts WHERE account_id = 'marlow.demo'") == [
        ("Zoë Marlow 🚲",)
    ]


def test_tiktok_download(delivery: Delivery) -> None:
    load(delivery, "tiktok_download", '[[source]]\nfiles = "txt/Follower.txt"\nowner = "other_demo"\n')
    assert counts(delivery) == {"follows": (8, 0, 1), "likes": (3, 0, 0)}
    known = "SELECT account_id, followers_known_count FROM audience WHERE time_window = 'all_time' ORDER BY ALL"
    assert table(delivery, known) == [("idol_demo1", 1), ("other_demo", 2), ("owner_demo", 3)]


def test_x_archive(delivery: Delivery) -> None:
    load(delivery, "x_archive")
    assert counts(delivery) == {"accounts": (1, 0, 0), "follows": (5, 0, 0), "likes": (2, 0, 0), "posts": (2, 0, 1)}
    known = "SELECT account_id, followers_known_count FROM audience WHERE time_window = 'all_time' ORDER BY ALL"
    assert table(delivery, known) == [("9100000000000000001", 3), ("9100000000000000015", 1)]
    posts = (
        "SELECT post_id, like_count, comment_count, strftime(published_at, '%Y-%m-%dT%H:%M:%S') FROM posts ORDER BY 1"
    )
    assert table(delivery, posts) == [
        ("1900000000000000007", 5, None, "2026-08-03T10:00:00"),
        ("850000000000000017", 40, None, "2017-04-06T13:24:15"),
    ]
    assert delivery.verdicts()["twitter-2026-08-04-demo/data/mute.js"] == "ignored"


def test_apify_instagram(delivery: Delivery) -> None:
    load(delivery, "apify_instagram")
    # The flattened file has no id of its owner; another one brings the id beside the handle, and its posts join that account.
    assert delivery.accounts() == {"17000000101": 20400, "17000000103": 0}
    assert table(delivery, "SELECT niche_raw FROM accounts WHERE account_id = '17000000101'") == [("Personal blog",)]
    found = {row[0]: row[1:] for row in table(delivery, POSTS)}
    assert {name: found[name][:2] for name in sorted(found)[:5]} == {
        "DEMOap0001": (None, 4),
        "DEMOap0002": (1250, 33),
        "DEMOap0003": (None, 7),
        "DEMOap0004": (0, 0),
        "DEMOap0005": (510, 0),
    }
    assert found["DEMOap0005"][2] == 0.025
    assert found["DEMOap0004"][2] is None
    assert table(delivery, "SELECT view_count, is_sponsored FROM posts WHERE post_id = 'DEMOap0002'") == [(80100, True)]


def test_instagram_graphql(delivery: Delivery) -> None:
    load(delivery, "ig_graphql")
    assert delivery.accounts() == {"60000000989": 2040, "60000000991": 251000}
    found = {row[0]: row[1:] for row in table(delivery, POSTS)}
    assert len(found) == 8
    assert found["DEMOgq0001"] == (143, 3, 0.071569)
    assert found["DEMOgq0002"] == (None, 9, None)
    assert found["DEMOgq0003"] == (3, 1, 0.001961)
    assert found["DEMOgq0004"] == (88, None, None)
    assert delivery.refusals() == {"corrupt/post_DEMOgq0005.json": "damaged_archive"}
    assert table(delivery, "SELECT is_sponsored FROM posts WHERE post_id = 'DEMOgq0001'") == [(True,)]


def test_tiktok_scraper(delivery: Delivery) -> None:
    load(delivery, "tiktok_scraper")
    rows = "SELECT post_id, account_id, like_count, view_count, strftime(published_at, '%Y-%m-%dT%H:%M:%S') FROM posts ORDER BY 1"
    assert table(delivery, rows) == [
        ("6910000000000000601", "6800000000000000003", 4131, 51350, "2020-12-18T14:00:00"),
        ("6910000000000000603", "6800000000000000003", 0, 120, "2020-12-18T14:00:00"),
    ]


def test_youtube(delivery: Delivery) -> None:
    load(delivery, "youtube_api")
    assert [delivery.accounts()[f"UCdemo0000000000000000A{number}"] for number in (1, 2, 3, 4)] == [
        1230000,
        None,
        None,
        0,
    ]
    found = {row[0]: row[1:] for row in table(delivery, POSTS)}
    assert found["demoVid0001"] == (5600, 78, 0.004616)
    assert found["demoVid0002"][:2] == (None, 3)
    assert found["demoVid0003"][:2] == (10, None)
    assert found["demoVid0004"][:2] == (None, None)


def test_x_api(delivery: Delivery) -> None:
    load(
        delivery,
        "x_api_v2",
        '[[source]]\nfiles = "followers_of_{owner}_p*.json"\n[[source]]\nfiles = "liking_users_of_{post}.json"\n',
    )
    assert delivery.accounts()["2244994945"] == 583423
    assert delivery.accounts()["1234567890123456791"] is None
    assert delivery.accounts()["1234567890123456789"] == 9150
    assert "1234567890123456768" not in delivery.accounts()
    known = "SELECT account_id, followers_known_count FROM audience WHERE time_window = 'all_time' AND followers_known_count > 0"
    assert table(delivery, known) == [("2244994945", 3)]
    posts = "SELECT post_id, like_count, comment_count, share_count, save_count, view_count FROM posts ORDER BY 1"
    assert table(delivery, posts) == [
        ("1900000000000000011", 100, 5, 12, 3, 1500),
        ("1900000000000000013", 7, 0, 1, None, None),
    ]
    # The author of the third is told nowhere: a post must have an account.
    assert [row["rule"] for row in delivery.rejects() if row["file"] == "tweets.json"] == [
        "account_id: must not be empty"
    ]
    assert counts(delivery)["likes"] == (1, 0, 0)
    assert delivery.verdicts()["empty.json"] == "empty"


def test_tiktok_research_api(delivery: Delivery) -> None:
    load(
        delivery,
        "tiktok_api",
        '[[source]]\nfiles = "followers_of_{owner}_p*.json"\n[[source]]\nfiles = "user_info.json"\nowner = "owner_demo"\n',
    )
    assert delivery.accounts()["owner_demo"] == 9800
    known = "SELECT followers_known_count FROM audience WHERE time_window = 'all_time' AND account_id = 'owner_demo'"
    assert table(delivery, known) == [(3,)]
    assert table(delivery, "SELECT post_id, like_count, view_count FROM posts ORDER BY 1") == [
        ("7330000000000000021", 370, 44800),
        ("7330000000000000023", 0, 0),
    ]
    assert "access_token_invalid" in delivery.rejects()[0]["rule"]


def test_facebook_page_insights(delivery: Delivery) -> None:
    load(delivery, "facebook_page_insights")
    rows = "SELECT account_id, metric, value::INT, strftime(observed_at, '%Y-%m-%dT%H:%M') FROM published_metrics ORDER BY ALL"
    page, first, second = "100000000000201", "2016-10-06T07:00", "2016-11-07T08:00"
    assert table(delivery, rows) == [
        (page, "page_fans", 216, first),
        (page, "page_fans", 217, second),
        (page, "page_fans_gender_age.F.25-34", 90, first),
        (page, "page_fans_gender_age.M.25-34", 71, first),
        (page, "page_fans_gender_age.U.25-34", 3, first),
    ]

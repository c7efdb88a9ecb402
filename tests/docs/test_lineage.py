"""Which dataset feeds which mart, found by leaving each out and looking what changes."""

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

import pytest

from flows.lineage import FEEDS, sources_of
from flows.run import run
from flows.settings import Settings
from schemas.tables import DATASETS, MARTS
from warehouse.published import open_published
from warehouse.row_hashes import hashes_of_marts

AS_OF = datetime(2026, 9, 1)
SEEN = "2026-08-01T00:00:00Z"
# The header of posts without an account is no canonical one: it has to be declared.
DECLARED = """[[source]]
files = "post_metrics.csv"
[[source.load]]
dataset = "post_metrics"
[source.load.columns]
platform = "platform"
post_id = "post_id"
like_count = "like_count"
comment_count = "comment_count"
observed_at = "observed_at"
"""


def csv(header: str, rows: Iterable[Iterable[object]]) -> str:
    return "\n".join([header, *(",".join(map(str, row)) for row in rows)]) + "\n"


def exports() -> dict[str, str]:
    """A file for each dataset, in which every way from a dataset to a mart is taken.

    Twelve accounts, two of them with lists of 120 people and two with lists of nine, whom a like or a comment alone engages; one is known by its list alone, two by a post alone. A member
    is called like the account, which so is no follower of its own; a brand is called like the account that names it. The
    lists of a0 are whole, so that its followers have a cost. Beside the accounts of another network there is a mega. Two that nothing else gives a niche have one by a list.
    """
    names = [f"a{n}" for n in range(12)]
    people = range(120)
    listed = ["a0", "a1", "stranger"]
    return {
        "accounts": csv(
            "platform,account_id,username,niche,followers_count,observed_at",
            [("instagram", name, f"user{name}", "food" if n else "music", 120 * (n + 1) if n < 5 else 1_000 + n, SEEN) for n, name in enumerate(names)]
            + [(platform, f"b{n}", f"userb{n}", "food", 900 + 20 * n, SEEN) for platform in ("tiktok", "threads") for n in range(22)]
            + [("tiktok", "mega", "usermega", "food", 2_000_000, SEEN)],
        ),
        "posts": csv(
            "platform,post_id,account_id,media_type,published_at,like_count,comment_count,is_sponsored,caption,observed_at",
            [
                ("instagram", f"p{name}", "usera5" if n == 5 else name, "image", SEEN, 100 - 5 * n, 2 + n, "", "with @teapot and @usera0 #kettle", SEEN)
                for n, name in enumerate([*names, "posting", "posting too"])
            ]
            # Enough posts to foretell one from another; on the second platform likes alone.
            + [
                (platform, f"{platform}{n}-{k}", f"b{n}", "image", SEEN, 20 + (7 * n + 11 * k) % 30, comments, "", "", SEEN)
                for platform, comments in (("tiktok", 1), ("threads", ""))
                for n in range(22)
                for k in range(3)
            ]
            # Two accounts whose sponsored posts can be compared with organic ones.
            + [("tiktok", f"s{n}-{k}", f"b{n}", "image", SEEN, 15 + (5 * n + 9 * k) % 20, 1, k % 2, "", SEEN) for n in (0, 1) for k in range(8)]
            + [("tiktok", f"mega{k}", "mega", "image", SEEN, 40 + k, 1, "", "", SEEN) for k in range(3)],
        ),
        "post_metrics": csv(
            "platform,post_id,like_count,comment_count,observed_at",
            [("instagram", f"pa{n}", 80, 6, "2026-08-02T00:00:00Z") for n in (0, 9)] + [("instagram", "unknown", 1, 1, SEEN)]
            + [(platform, f"{platform}0-{k}", 90 + k, comments, "2026-08-02T00:00:00Z")
               for platform, comments in (("tiktok", 1), ("threads", "")) for k in range(3)]
            + [("tiktok", "s0-1", 40, 1, "2026-08-02T00:00:00Z")]
            # Above a least rate that plans are made for, which its posts as they were first seen are not.
            + [("tiktok", f"mega{k}", 150_000, 1, "2026-08-02T00:00:00Z") for k in range(3)],
        ),
        "follows": csv(
            "platform,account_id,follower_id,followed_at",
            [("instagram", account, f"m{n}", f"2026-07-{1 + n % 28:02d}T00:00:00Z") for account in listed for n in people]
            + [("instagram", "a1", "usera1", SEEN), ("instagram", "usera0", "m7", SEEN), ("tiktok", "b1", "m7", SEEN)]
            + [("instagram", account, f"m{n}", SEEN) for account in ("a2", "a4") for n in range(9)],
        ),
        "likes": csv(
            "platform,post_id,liker_id", [("instagram", post, f"m{n}") for post, count in (("pa0", 80), ("pa1", 40), ("pa2", 3)) for n in range(count)]
        ),
        "comments": csv(
            "platform,post_id,comment_id,commenter_id",
            [("instagram", post, f"c{n}", f"m{100 + n}") for post in ("pa0", "pa1") for n in range(9)]
            + [("instagram", "pa4", "c0", "m1")],
        ),
        "rates": csv(
            "platform,account_id,media_type,price,currency,compensation,quoted_on",
            [("instagram", "usera6" if name == "a6" else name, "image", 0 if name == "a3" else 50, "USD", "cash", "2026-08-01") for name in names]
            + [("tiktok", name, "image", 9, "USD", "cash", "2026-08-01") for name in ("mega", "b0", "b1", "b2", "b3")],
        ),
        "published_metrics": csv(
            "platform,account_id,metric,value,unit,source",
            [("instagram", "usera0", "engagement_rate_by_followers", 1.5, "ratio", "list")],
        ),
        "niches": csv(
            "platform,account_id,username,niche",
            [("instagram", name, "", "tea") for name in ("stranger", "usera1", "unheard")]
            + [("instagram", "posting", "post.ing", "tea")]
            + [(platform, f"b{n}", "", "tea") for platform in ("tiktok", "threads") for n in range(9)],
        ),
        "creators": csv(
            "creator,platform,account_id,username",
            [("Someone", "instagram", "usera0", ""), ("Another", "instagram", "unheard", "un.heard"), *((who, "instagram", "a1", "") for who in ("Someone", "Another"))],
        ),
        "brands": csv(
            "brand,platform,username,alias",
            [("Tea Pots", "instagram", "usera9", "teapot"), ("Tea Pots", "instagram", "", "cup"), ("Cups", "instagram", "", "cup")],
        ),
    }  # fmt: skip


def hashes(home: Path, left_out: str | None) -> dict[str, str]:
    """What each mart holds without one dataset, as a hash."""
    folder = home / "exports"
    folder.mkdir(parents=True)
    (folder / "sources.toml").write_text(DECLARED, encoding="utf-8")
    for name, text in exports().items():
        if name != left_out:
            (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    summary = run(folder, Settings(home=home / "home", draw_report=False), AS_OF)
    assert summary.rows_rejected == summary.files_quarantined == 0
    with open_published(home / "home" / "warehouse.duckdb") as connection:
        return {mart: str(each) for mart, each in hashes_of_marts(connection).items()}


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    return hashes(tmp_path_factory.mktemp("whole"), None)


def test_each_mart_and_no_other_table_is_told_of() -> None:
    assert FEEDS.keys() == MARTS.keys()


@pytest.mark.parametrize("dataset", DATASETS)
def test_a_dataset_feeds_the_marts_that_change_without_it(dataset: str, whole: dict[str, str], tmp_path: Path) -> None:
    without = hashes(tmp_path, dataset)
    changed = {mart for mart in MARTS if without[mart] != whole[mart]}
    assert changed == {mart for mart, feeds in FEEDS.items() if dataset in feeds}


def test_every_dataset_has_a_way_in() -> None:
    assert {dataset for dataset in DATASETS if any(sources_of(dataset))} >= {"accounts", "posts", "follows", "likes"}

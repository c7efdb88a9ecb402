"""Small deliveries, one after the other: only the accounts they touch are counted again, and the marts are as of one run."""

import json
import random
import shutil
import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import marts.audience_buckets
import marts.audience_layout
import marts.audience_people
import warehouse.lake.edges
from flows.run import run
from flows.settings import Settings
from schemas.keys import stable_key
from tests.crash.children import end_of, start_run
from tests.oracle import Row
from tests.property.deliveries import NOON, SEEDED
from tests.property.test_audience import ACCOUNTS, PEOPLE, Graph, graphs, home_at, small_limits, write_edges
from warehouse.lake.edges import bucket_of

STEPS = 3


@contextmanager
def two_buckets(**limits: int) -> Iterator[None]:
    """Two buckets, so that accounts share them, each brought up to date however much of it is touched."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(warehouse.lake.edges, "BUCKET_BITS", 1)
        patch.setattr(warehouse.lake.edges, "BUCKETS", 2)
        patch.setattr(warehouse.lake.edges, "WAITING", 2)
        patch.setattr(marts.audience_buckets, "TOUCHED_MAX", 1.0)
        patch.setattr(marts.audience_buckets, "LAYERS_MAX", 3)
        patch.setattr(marts.audience_people, "CHANGED_MAX", 1.0)
        for name, value in limits.items():
            module = marts.audience_people if hasattr(marts.audience_people, name) else marts.audience_layout
            patch.setattr(module, name, value)
        yield


@dataclass(frozen=True)
class Counting:
    """How many accounts the buckets of a lake hold, and how many of them the last count of each counted."""

    accounts: int
    counted: int


def countings(home: Settings) -> dict[str, Counting]:
    said = {path.name: json.loads(path.read_text()) for path in (home.lake / "cache" / "audience").glob("*-made.json")}
    return {name: Counting(made["accounts"], made["counted"]) for name, made in said.items()}


def small_delivery(number: int, chance: random.Random) -> dict[str, list[Row]]:
    """A few rows about one account: a list that replaces its followers, likes of posts known and unknown, a post that
    changes hands, a handle that is a follower's, a niche."""
    platform, account = chance.choice(("instagram", "tiktok")), chance.choice(ACCOUNTS)
    at = NOON + timedelta(days=number, hours=-1)
    posts = [f"p{chance.randrange(22):02d}" for _ in range(3)]
    about = {"platform": platform, "account_id": account}
    # An id and a name in each: a column of ids that is all names the next time may have slipped, and is asked about.
    people = [chance.choice(PEOPLE[:14]), chance.choice(PEOPLE[14:]), *chance.sample(PEOPLE, chance.randrange(5))]
    counts = {"like_count": chance.choice((2, None)), "comment_count": 0, "published_at": at, "observed_at": at}
    rows: dict[str, list[Row]] = {
        "follows": [
            {**about, "follower_id": who, "followed_at": None, "observed_at": at, "is_complete_list": number % 2 == 0}
            for who in people
        ],
        "likes": [{"platform": platform, "post_id": post, "liker_id": who, "liked_at": None} for post in posts for who in people],
        "comments": [{"platform": platform, "post_id": posts[0], "commenter_id": people[0], "commented_at": at}],
        "posts": [{"platform": platform, "post_id": posts[1], "account_id": account, **counts}],
        "accounts": [
            {**about, "username": chance.choice((*people, None)), "niche": chance.choice(("Food", "travel", None)),
             "followers_count": 10, "observed_at": at}
        ],
    }  # fmt: skip
    return {name: rows[name] for name in chance.sample(sorted(rows), chance.choice((2, 3, 5)))}


def test_small_deliveries_end_as_one_run_does() -> None:
    left_alone, updated = 0, 0

    @settings(SEEDED, max_examples=3)
    @given(rows=graphs, seed=st.integers(0, 1 << 32))
    def end_as_one_run_does(rows: Graph, seed: int) -> None:
        nonlocal left_alone, updated
        chance = random.Random(seed)
        limits = {"SLICE_ROWS": chance.choice((40, 8_000_000)), "OVERLAP_PAIRS_MAX": chance.choice((12, 5_000_000))}
        # As if each row took a lot of memory: buckets are counted in parts.
        limits |= {"EDGE_BYTES": chance.choice((130, 1 << 27))}
        with tempfile.TemporaryDirectory() as folder, two_buckets(**limits):
            exports, home = Path(folder) / "exports", home_at(Path(folder) / "home")
            for dataset, own in rows.items():
                write_edges(exports / f"{dataset}.csv", own, chance)
            with small_limits(bucketed=chance.random() < 0.5):
                run(exports, home, NOON)
            for number in range(1, STEPS + 1):
                for dataset, own in small_delivery(number, chance).items():
                    write_edges(exports / f"{dataset}-{number}.csv", own, chance)
                before = countings(home)
                as_of = NOON + timedelta(days=number)
                with small_limits(bucketed=chance.random() < 0.3):
                    last = run(exports, home, as_of)
                assert (last.files_quarantined, last.rows_rejected) == (0, 0)
                made = [counting for name, counting in countings(home).items() if name not in before]
                updated += sum(counting.counted < counting.accounts for counting in made)
                left_alone += sum(counting.accounts - counting.counted for counting in made)
            if chance.random() < 0.3:  # an earlier instant again: what is later is cut off
                as_of = NOON + timedelta(days=1)
            with small_limits(bucketed=False):
                last = run(exports, home, as_of)
                fresh = run(exports, home_at(Path(folder) / "fresh"), as_of)
            assert last.content_hash == fresh.content_hash

    end_as_one_run_does()
    assert updated >= 5
    assert left_alone >= 10


def accounts_of_one_bucket(count: int) -> list[str]:
    names = pl.DataFrame({"platform": "tiktok", "account_id": [f"account{i}" for i in range(2_000)]})
    keyed = names.with_columns(stable_key("platform", "account_id").alias("account_key")).with_columns(bucket_of())
    return keyed.filter(pl.col("bucket") == 7).get_column("account_id").head(count).to_list()


NAMES = accounts_of_one_bucket(12)


def first_delivery(exports: Path) -> None:
    """Twelve accounts that share a bucket, each with a post, a niche and ten followers, some of whom they share."""
    follows = [{"account_id": name, "follower_id": str(3 * i + n)} for i, name in enumerate(NAMES) for n in range(10)]
    write_edges(exports / "follows.csv", [{"platform": "tiktok"} | row for row in follows], random.Random(1))
    likes = [{"post_id": f"p-{row['account_id']}", "liker_id": row["follower_id"], "liked_at": None} for row in follows]
    write_edges(exports / "likes.csv", [{"platform": "tiktok"} | row for row in likes], random.Random(1))
    posts = [post_of(f"p-{name}", name) for name in NAMES]
    write_edges(exports / "posts.csv", posts, random.Random(1))
    niches = [account_row(name, "Food" if i % 2 else "Travel") for i, name in enumerate(NAMES)]
    write_edges(exports / "accounts.csv", niches, random.Random(1))


def post_of(post: str, account: str, observed: datetime = NOON) -> Row:
    counts = {"like_count": 10, "comment_count": 0, "published_at": NOON, "observed_at": observed}
    return {"platform": "tiktok", "post_id": post, "account_id": account, **counts}


def account_row(name: str, niche: str | None, username: str | None = None, observed: datetime = NOON) -> Row:
    about = {"platform": "tiktok", "account_id": name, "username": username, "niche": niche}
    return {**about, "followers_count": 10, "observed_at": observed}


def follow_of(name: str, follower: str, **more: Any) -> Row:
    listed = {"followed_at": None, "observed_at": None, "is_complete_list": None}
    return {"platform": "tiktok", "account_id": name, "follower_id": follower, **listed, **more}


LATER = NOON + timedelta(hours=1)
# What is delivered, and how many of the twelve accounts are counted again: none of a bucket that stays as it was.
DELIVERIES: dict[str, tuple[dict[str, list[Row]], int]] = {
    "a follower": ({"follows": [follow_of(NAMES[0], "new")]}, 1),
    "a list that replaces": (
        {"follows": [follow_of(NAMES[0], "1", observed_at=NOON, is_complete_list=True)]},
        1,
    ),
    "a like of a post to come": (
        {"likes": [{"platform": "tiktok", "post_id": "late", "liker_id": "1", "liked_at": None}]},
        0,
    ),
    "a like": ({"likes": [{"platform": "tiktok", "post_id": f"p-{NAMES[0]}", "liker_id": "x", "liked_at": None}]}, 1),
    "a post that changes hands": ({"posts": [post_of(f"p-{NAMES[0]}", NAMES[1], LATER)]}, 2),
    "a handle that is a follower's": ({"accounts": [account_row(NAMES[0], "Food", "3", LATER)]}, 1),
    "a niche": ({"accounts": [account_row(NAMES[0], "Music", None, LATER)]}, 0),
}


@pytest.mark.parametrize("bucketed", [False, True])
def test_only_what_a_delivery_touches_is_counted_again(tmp_path: Path, bucketed: bool) -> None:
    exports, home = tmp_path / "exports", home_at(tmp_path / "home")
    first_delivery(exports)
    with small_limits(bucketed=bucketed):
        run(exports, home, LATER)
        for number, (what, (rows, touched)) in enumerate(DELIVERIES.items()):
            before = countings(home)
            for dataset, own in rows.items():
                write_edges(exports / f"{dataset}-{number}.csv", own, random.Random(1))
            last = run(exports, home, LATER)
            made = [counting for name, counting in countings(home).items() if name not in before]
            assert (what, made) == (what, [Counting(len(NAMES), touched)] * bool(touched))
        fresh = run(exports, home_at(tmp_path / "fresh"), LATER)
    assert last.content_hash == fresh.content_hash
    assert list((home.lake / "cache" / "audience").glob("*-in-*")) == []


def test_a_delivery_that_is_read_otherwise_is_taken_back(tmp_path: Path) -> None:
    """Declared to hold pseudonyms, the followers of a file are other people than before."""
    exports, home = tmp_path / "exports", home_at(tmp_path / "home")
    first_delivery(exports)
    write_edges(exports / "follows-2.csv", [follow_of(NAMES[0], str(n)) for n in range(5, 25)], random.Random(1))
    first = run(exports, home, LATER)
    (exports / "sources.toml").write_text('[[source]]\nfiles = "follows-2.csv"\nmembers = "pseudonyms"\n')
    last = run(exports, home, LATER)
    fresh = run(exports, home_at(tmp_path / "fresh"), LATER)
    assert first.content_hash != last.content_hash == fresh.content_hash


def test_killed_while_a_bucket_is_brought_up_to_date(tmp_path: Path) -> None:
    """What is half done is never built upon: the next run, of yet another delivery, ends as one run does."""
    exports, home = tmp_path / "exports", tmp_path / "home"
    first_delivery(exports)
    run(exports, Settings(home=home))
    write_edges(exports / "follows-2.csv", [follow_of(NAMES[0], "new"), follow_of(NAMES[0], "newer")], random.Random(1))
    listing, copies = tmp_path / "list", tmp_path / "copies"
    shutil.copytree(home, copies / "all")
    assert end_of(start_run(exports, copies / "all", TIERWISE_CRASH_LIST=str(listing))) == 0
    moments = [line.split(" ", 1) for line in listing.read_text().splitlines()]
    written = ("-members.parquet", "-made.json", "-counts.parquet", "-shared.parquet", "sums.json")
    chosen = [number for number, name in moments if name.startswith("renamed") and name.endswith(written)]
    assert len(chosen) == len(written)
    assert countings(Settings(home=copies / "all")).popitem()[1] == Counting(len(NAMES), 1)
    for number in chosen:
        shutil.copytree(home, copies / number)
        assert end_of(start_run(exports, copies / number, TIERWISE_CRASH_AT=number)) == -signal.SIGKILL
    write_edges(
        exports / "follows-3.csv", [follow_of(NAMES[1], "new"), follow_of(NAMES[0], "newest")], random.Random(1)
    )
    shutil.copytree(home, copies / "undisturbed")
    shutil.rmtree(copies / "undisturbed" / "lake" / "cache")
    wanted = run(exports, Settings(home=copies / "undisturbed")).content_hash
    for number in ["all", *chosen]:
        assert run(exports, Settings(home=copies / number)).content_hash == wanted, number

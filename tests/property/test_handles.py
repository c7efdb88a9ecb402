"""Accounts by their handles: random histories against plain Python, and the same numbers whatever comes first."""

import itertools
import random
from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.commands.overlap import plan
from flows.run import run
from flows.settings import Settings
from tests.oracle_names import account_of
from tests.property.deliveries import SEEDED
from tests.sample import sample_of
from transforms.account_names import given_to_ids, observations_to_names, to_account_names
from warehouse.lake import edges
from warehouse.lake.ledger import Lake
from warehouse.published import open_published

START = datetime(2026, 1, 1)
IDS = ("501", "502", "503", "UCk3-Zk_09abcdefghijklmN")
HANDLES = ("ann", "bea", "7007", "cy.d")
WRITTEN = {"ann": ("ann", "Ann", "@ann"), "bea": ("bea",), "7007": ("7007", "@7007"), "cy.d": ("cy.d", "CY.D")}
Sighting = tuple[str, str, datetime | None]
days = st.one_of(st.none(), st.integers(0, 12).map(lambda day: START + timedelta(days=day)))
sightings = st.lists(st.tuples(st.sampled_from(IDS), st.sampled_from(HANDLES), days), max_size=8)
references = st.lists(
    st.tuples(st.sampled_from([*IDS, "stranger", *itertools.chain(*WRITTEN.values())]), days), max_size=8
)


@settings(SEEDED, max_examples=300)
@given(sightings, references)
def test_rows_by_a_handle_are_of_the_one_who_bore_it(
    seen: list[Sighting], named: list[tuple[str, datetime | None]]
) -> None:
    names = observations_to_names(frame(seen, ("account_id", "username", "observed_at")))
    rows = frame(named, ("account_id", "at")).with_row_index("row")

    given_rows, resolutions = given_to_ids(rows, names, pl.col("at"), "rates")

    found = dict(given_rows.select("row", "account_id").collect().iter_rows())
    told_of = [("youtube", *sighting) for sighting in seen]
    assert found == {i: account_of("youtube", account, at, told_of) for i, (account, at) in enumerate(named)}
    moved = Counter((account, found[i]) for i, (account, _) in enumerate(named) if found[i] != account)
    told = resolutions.drop_nulls("resolved_by")
    counted: Counter[tuple[str, str]] = Counter()
    for said, account, count in told.select("named_as", "account_id", "row_count").iter_rows():
        counted[said, account] += count
    assert counted == moved
    mart = to_account_names(names, resolutions)
    assert set(mart.select("account_id", "username").iter_rows()) == {(account, name) for account, name, _ in seen}


def frame(rows: Iterable[tuple[object, ...]], columns: tuple[str, ...]) -> pl.LazyFrame:
    times = {"observed_at", "at"}
    schema = {name: pl.Datetime("us") if name in times else pl.String for name in columns}
    made = pl.DataFrame(list(rows), schema=schema, orient="row").lazy()
    return made.with_columns(pl.lit("youtube").alias("platform"))


SOURCES = """
[[source]]
files = "prices*.csv"
constants = { platform = "instagram", currency = "USD", media_type = "post" }
dataset = "rates"
columns = { account_id = { from = "who", key = "handle" }, price = "price", quoted_on = "day" }

[[source]]
files = "scrape.csv"
constants = { platform = "instagram" }
dataset = "accounts"
columns = { account_id = { from = "profile", key = "handle" }, followers_count = "fans", niche = "topic", observed_at = "seen" }
"""
FILES = {
    "accounts.csv": "platform,account_id,username,followers_count,observed_at\n"
    "instagram,178001,pear.tree,5000,2026-02-01T00:00:00Z\ninstagram,178002,plum.tree,7000,2026-02-01T00:00:00Z\n",
    "posts.csv": "platform,post_id,account_id,published_at,like_count,comment_count\n"
    "instagram,1,178001,2026-01-05T00:00:00Z,200,50\ninstagram,2,pear.tree,2026-01-06T00:00:00Z,340,10\n"
    "instagram,3,178002,2026-01-06T00:00:00Z,70,7\n",
    "prices.csv": "who,price,day\n@Pear.Tree,150,2026-02-03\nhttps://www.instagram.com/plum.tree/?hl=en,77,2026-02-03\n",
    "scrape.csv": "profile,fans,topic,seen\nhttps://instagram.com/pear.tree/,6000,Fruit,2026-03-01T00:00:00Z\n",
    "followers.csv": "platform,account_id,follower_id\ninstagram,pear.tree,f1\ninstagram,178001,f2\ninstagram,plum.tree,f1\n",
}  # fmt: skip
ORDERS = sample_of(list(itertools.permutations([name for name in FILES if name != "followers.csv"])), every=8)


@pytest.fixture(scope="module")
def at_once(tmp_path_factory: pytest.TempPathFactory) -> str | None:
    """The content hash of all files read in one run, whose numbers are those worked out by hand."""
    place = tmp_path_factory.mktemp("at-once")
    exports, home = deliver(place, FILES), place / "home"
    content = run(exports, Settings(home=home)).content_hash
    with open_published(home / "warehouse.duckdb") as connection:
        costs = connection.execute("SELECT account_id, cost_per_engagement FROM rates ORDER BY ALL").fetchall()
        accounts = connection.execute("SELECT account_id, niche, followers_count FROM accounts ORDER BY ALL").fetchall()
        lists = connection.execute(
            "SELECT account_id, followers_known_count FROM audience WHERE time_window = 'all_time' ORDER BY ALL"
        ).fetchall()
        quality = connection.execute("SELECT issue FROM data_quality").fetchall()
    assert costs == [("178001", 150 / 300), ("178002", 77 / 77)]
    assert accounts == [("178001", "fruit", 6000), ("178002", "unknown", 7000)]
    assert lists == [("178001", 2), ("178002", 1)]
    assert ("ambiguous_handle",) not in quality
    return content


@pytest.mark.parametrize("order", ORDERS, ids=" ".join)
def test_whatever_is_delivered_first(order: tuple[str, ...], at_once: str | None, tmp_path: Path) -> None:
    """One delivery after the other, the lists with one of them: as if all had come at once."""
    chance = random.Random(" ".join(order))
    with_lists = chance.choice(order)
    for name in order:
        deliver(tmp_path, {each: FILES[each] for each in (name, *(["followers.csv"] if name == with_lists else []))})
        summary = run(tmp_path / "exports", Settings(home=tmp_path / "home"))
    assert summary.content_hash == at_once


def test_a_large_list_that_was_laid_out_under_a_handle(
    at_once: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its followers are in a bucket of the handle, and in that of the id once this is known; the plan counts them too."""
    monkeypatch.setattr(edges, "SMALL_BYTES", 1)
    monkeypatch.setattr("ingest.load.SMALL_BYTES", 1)
    monkeypatch.setattr("ingest.files.SMALL_FILE", -1)
    own = Settings(home=tmp_path / "home")
    for name in ("followers.csv", "posts.csv", "prices.csv", "scrape.csv", "accounts.csv"):
        summary = run(deliver(tmp_path, {name: FILES[name]}), own)
    assert any(segment.bucket is not None for segment in Lake.open(own.lake).segments("follows"))
    assert summary.content_hash == at_once
    asked = plan(["@pear.tree", "instagram:@Plum.Tree"], own)
    assert (asked.unique_reach_count, asked.accounts["followers_known_count"].sum()) == (2, 3)


def deliver(place: Path, files: dict[str, str]) -> Path:
    exports = place / "exports"
    exports.mkdir(exist_ok=True)
    for name, text in {**files, "sources.toml": SOURCES}.items():
        (exports / name).write_text(text, encoding="utf-8")
    return exports

"""Random graphs of followers, likes and comments: the audience marts and a plain Python oracle agree, however delivered."""

import math
import random
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st
from pydantic import SecretStr

import ingest.files
import ingest.load
import warehouse.lake.edges
from flows.run import run
from flows.settings import Settings
from flows.summary import RunSummary
from schemas.keys import stable_key
from tests import oracle_audience
from tests.oracle import Key, Row
from tests.oracle_audience import Limits
from tests.property.deliveries import INSTANTS, NOON, SEEDED, platforms, write_rows
from tests.sample import how_many
from transforms import audience_niches
from warehouse.lake.edges import bucket_of
from warehouse.published import open_published

LIMITS = Limits(listed_min=3, partners_max=2, labelled_min=2)
MARTS = {
    "audience": ("platform", "account_id", "time_window"),
    "audience_niches": ("platform", "account_id", "niche"),
    "audience_overlap": ("platform", "account_id", "other_account_id"),
    "audience_dilution": ("platform", "account_id", "join_decile"),
    "audience_dilution_trend": ("platform", "account_id", "time_window"),
}
SECRET = SecretStr("a secret of the tests")
Graph = dict[str, list[Row]]

ACCOUNTS = ("a", "b", "c", "d")
# People, some of whom are the accounts themselves, by id or by handle.
PEOPLE = [*map(str, range(14)), *ACCOUNTS, "Ana", "ana", "@Ana", "@ana", "@a", "A"]
people = st.sampled_from(PEOPLE)
ids = st.sampled_from(ACCOUNTS)
post_ids = st.integers(0, 17).map("p{:02d}".format)
times = st.sampled_from([*INSTANTS, None, None])

account_rows = st.lists(
    st.fixed_dictionaries(
        {
            "platform": platforms,
            "account_id": ids,
            "username": st.sampled_from(("@Ana", "Ana", "b", None)),
            "niche": st.sampled_from(("Fashion", "fasion", "travel", "Food;Travel", "n/a", None)),
            "followers_count": st.sampled_from((0, 4, 10, 13, None, None)),
            "observed_at": times,
        }
    ),
    min_size=1,
    max_size=10,
)
posts_rows = st.lists(
    st.fixed_dictionaries(
        {
            "platform": platforms,
            "post_id": post_ids,
            "account_id": ids,
            "published_at": times,
            "like_count": st.sampled_from((0, 1, 2, 3, 4, None, None)),
            "comment_count": st.sampled_from((0, 0, 1, 2, None, None)),
            "observed_at": times,
        }
    ),
    min_size=1,
    max_size=40,
)


@st.composite
def follow_rows(draw: st.DrawFn) -> list[Row]:
    """Lists of followers, each taken at one time; nobody follows an account at the very time another one does."""
    rows = []
    for _ in range(draw(st.integers(1, 9))):
        about = {"platform": draw(platforms), "account_id": draw(ids)}
        taken = {"observed_at": draw(times), "is_complete_list": draw(st.sampled_from((True, True, False, None)))}
        for member in draw(st.lists(people, min_size=1, max_size=18)):
            at = draw(times)
            began = at and at + timedelta(milliseconds=PEOPLE.index(member))
            rows.append({**about, "follower_id": member, "followed_at": began, **taken})
    return rows


def act_rows(member: str, time: str, **more: st.SearchStrategy[Any]) -> st.SearchStrategy[list[Row]]:
    act = st.fixed_dictionaries({"platform": platforms, "post_id": post_ids, member: people, time: times, **more})
    return st.lists(act, min_size=1, max_size=70)


graphs = st.fixed_dictionaries(
    {
        "accounts": account_rows,
        "posts": posts_rows,
        "follows": follow_rows(),
        "likes": act_rows("liker_id", "liked_at"),
        "comments": act_rows("commenter_id", "commented_at", comment_id=st.sampled_from((None, "c1", "c2", "c3"))),
    }
)


def home_at(folder: Path) -> Settings:
    """A home whose bounds of overlaps small graphs reach."""
    return Settings(
        home=folder,
        member_key=SECRET,
        overlap_listed_min=LIMITS.listed_min,
        overlap_partners_max=LIMITS.partners_max,
    )


@contextmanager
def small_limits(*, bucketed: bool) -> Iterator[None]:
    """Bounds that small graphs reach; `bucketed` has every file of edges laid out as a large one."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(audience_niches, "LABELLED_MIN", LIMITS.labelled_min)
        if bucketed:
            patch.setattr(warehouse.lake.edges, "SMALL_BYTES", 1)
            patch.setattr(ingest.load, "SMALL_BYTES", 1)
            patch.setattr(ingest.files, "SMALL_FILE", -1)
        yield


def write_edges(path: Path, rows: list[Row], chance: random.Random) -> None:
    """Like any rows, with each optional column always named, as its absence would be another dataset."""
    if path.suffix == ".parquet":
        schema = dict.fromkeys(rows[0], pl.String)
        texts = [{name: None if cell is None else text_of(cell) for name, cell in row.items()} for row in rows]
        path.parent.mkdir(parents=True, exist_ok=True)
        pl.DataFrame(texts, schema=schema).write_parquet(path)
    else:
        write_rows(path, rows, chance)


def text_of(cell: Any) -> str:
    return f"{cell.isoformat()}Z" if hasattr(cell, "isoformat") else str(cell)


def cells_of(connection: duckdb.DuckDBPyConnection, mart: str) -> dict[Key, Row]:
    table = connection.table(mart)
    rows = [dict(zip(table.columns, values, strict=True)) for values in table.fetchall()]
    key = MARTS[mart]
    return {tuple(row[name] for name in key): {n: cell for n, cell in row.items() if n not in key} for row in rows}


def differences(found: dict[Key, Row], wanted: dict[Key, Row]) -> list[str]:
    """Every cell that is not as wanted, and every row or column that only one side has."""
    missing = [f"{key}: only {'found' if key in found else 'wanted'}" for key in found.keys() ^ wanted.keys()]
    return missing + [
        f"{key}, {name}: {row.get(name, 'absent')} is not {wanted[key].get(name, 'absent')}"
        for key, row in found.items()
        if key in wanted
        for name in sorted(row.keys() | wanted[key].keys())
        if name not in row or name not in wanted[key] or not is_same(row[name], wanted[key][name])
    ]


def is_same(cell: Any, wish: Any) -> bool:
    if isinstance(cell, float) and isinstance(wish, float | int | Fraction):
        return math.isclose(cell, wish, rel_tol=1e-12, abs_tol=1e-12)
    return bool(cell == wish)


@settings(SEEDED, max_examples=how_many(8, long=24))
@given(
    rows=graphs,
    as_of=st.sampled_from([None, None, INSTANTS[1], INSTANTS[2]]),
    bucketed=st.booleans(),
    chance=st.randoms(use_true_random=False),
)
def test_audience_marts_and_oracle_agree(rows: Graph, as_of: Any, bucketed: bool, chance: random.Random) -> None:
    with tempfile.TemporaryDirectory() as folder, small_limits(bucketed=bucketed):
        exports, home = Path(folder) / "exports", Path(folder) / "home"
        for dataset, own in rows.items():
            ending = chance.choice((".csv", ".ndjson", ".parquet", ".csv.gz"))
            write_edges(exports / f"{dataset}{ending}", own, chance)
        summary = run(exports, home_at(home), as_of)
        assert (summary.files_quarantined, summary.rows_rejected) == (0, 0)
        assert summary.rows_read == sum(map(len, rows.values()))
        at = as_of or oracle_audience.default_as_of(rows)
        assert summary.as_of == (at.isoformat() if at else None)
        known = oracle_audience.graph(rows, at)
        rated = oracle_audience.audience(known, at, LIMITS)
        wanted = {
            "audience": rated,
            "audience_niches": oracle_audience.audience_niches(known),
            "audience_overlap": oracle_audience.audience_overlap(known, LIMITS),
            "audience_dilution": oracle_audience.audience_dilution(known, rated),
            "audience_dilution_trend": oracle_audience.audience_dilution_trend(known, rated),
        }
        with open_published(home / "warehouse.duckdb") as connection:
            for mart, expected in wanted.items():
                assert (mart, differences(cells_of(connection, mart), expected)) == (mart, [])
    for row in wanted["audience"].values():
        event(f"reason {row['reason']}")
    for mart, expected in wanted.items():
        event(f"{mart} has rows: {bool(expected)}")


def parts_of(rows: Graph, chance: random.Random) -> list[tuple[str, list[Row]]]:
    """The same rows cut into files, in any order."""
    parts = []
    for dataset, own in rows.items():
        shuffled = chance.sample(own, len(own))
        cuts = sorted(chance.sample(range(1, len(own)), min(len(own) - 1, 2)))
        for start, stop in zip([0, *cuts], [*cuts, len(own)], strict=True):
            ending = chance.choice((".csv", ".ndjson", ".parquet"))
            parts.append((f"{dataset}-{start:03d}{ending}", shuffled[start:stop]))
    return chance.sample(parts, len(parts))


@settings(SEEDED, max_examples=how_many(2, long=6))
@given(rows=graphs, chance=st.randoms(use_true_random=False))
def test_deliveries_over_several_runs_end_as_one_run_does(rows: Graph, chance: random.Random) -> None:
    """Likes may come before their post, and a post may change hands between two runs."""
    parts = parts_of(rows, chance)
    with tempfile.TemporaryDirectory() as folder:
        exports = Path(folder) / "exports"
        home = home_at(Path(folder) / "home")
        third = max(1, -(-len(parts) // 3))
        last: RunSummary | None = None
        for start in range(0, len(parts), third):
            for name, own in parts[start : start + third]:
                write_edges(exports / name, own, chance)
            with small_limits(bucketed=chance.random() < 0.5):
                last = run(exports, home, NOON)
            assert (last.files_quarantined, last.rows_rejected) == (0, 0)
        with small_limits(bucketed=False):
            fresh = run(exports, home_at(Path(folder) / "fresh"), NOON)
        assert last is not None
        assert last.content_hash == fresh.content_hash


@pytest.mark.parametrize("bucketed", [False, True])
def test_likes_follow_a_post_that_changes_hands(tmp_path: Path, bucketed: bool) -> None:
    """Likes before the post, then the post, then its new owner: at each step the marts are as of one run."""
    exports, home = tmp_path / "exports", home_at(tmp_path / "home")
    observed = [INSTANTS[2], INSTANTS[1]]
    steps: list[tuple[str, list[Row]]] = [
        ("likes.csv", [{"platform": "tiktok", "post_id": "p", "liker_id": str(i), "liked_at": None} for i in range(5)]),
        ("posts-0.csv", [post_of("a", observed[0])]),
        ("posts-1.csv", [post_of("z9", observed[1])]),
    ]
    found = []
    with small_limits(bucketed=bucketed):
        for number, (name, own) in enumerate(steps):
            write_edges(exports / name, own, random.Random(1))
            last = run(exports, home, NOON)
            fresh = run(exports, home_at(tmp_path / f"fresh-{number}"), NOON)
            assert last.content_hash == fresh.content_hash
            with open_published(home.warehouse) as connection:
                sql = "SELECT account_id, listed_like_count FROM audience WHERE time_window = 'all_time'"
                found.append(connection.sql(sql).fetchall())
    assert found == [[], [("a", 5)], [("z9", 5)]]


def post_of(account: str, observed: Any) -> Row:
    counts = {"like_count": 5, "comment_count": 0}
    return {
        "platform": "tiktok",
        "post_id": "p",
        "account_id": account,
        "published_at": NOON,
        "observed_at": observed,
    } | counts


@pytest.mark.parametrize("first", ["small", "large"])
@pytest.mark.parametrize("bucketed", [False, True])
def test_only_the_bucket_of_a_new_edge_is_counted_again(tmp_path: Path, bucketed: bool, first: str) -> None:
    """Be the first delivery large or small, and the next one too."""
    exports, home = tmp_path / "exports", home_at(tmp_path / "home")
    names = [f"account{i}" for i in range(30)]
    keyed = pl.DataFrame({"platform": "tiktok", "account_id": names}).with_columns(
        stable_key("platform", "account_id").alias("account_key")
    )
    buckets = keyed.select(bucket_of()).get_column("bucket")
    rows = [{"platform": "tiktok", "account_id": name, "follower_id": str(i)} for name in names for i in range(3)]
    with small_limits(bucketed=first == "large"):
        write_edges(exports / "follows-0.csv", rows, random.Random(1))
        run(exports, home, NOON)
    before = counted(home)
    with small_limits(bucketed=bucketed):
        assert len(before) == buckets.n_unique()
        write_edges(exports / "follows-1.csv", [rows[0] | {"follower_id": "new"}], random.Random(1))
        run(exports, home, NOON)
        after = counted(home)
        with open_published(home.warehouse) as connection:
            sql = "SELECT max(followers_known_count), sum(followers_known_count) FROM audience WHERE time_window = 'all_time'"
            assert connection.sql(sql).fetchall() == [(4, 91)]
    assert len(after) == len(before)
    kept = before.keys() & after.keys()
    assert {name: after[name] for name in kept} == {name: before[name] for name in kept}
    assert len(kept) == len(before) - 1


def counted(home: Settings) -> dict[str, int]:
    """The counted buckets of a lake, with the time each was written."""
    return {path.name: path.stat().st_mtime_ns for path in (home.lake / "cache" / "audience").glob("*-counts.parquet")}

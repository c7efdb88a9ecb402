"""Every row that is loaded is in a figure, or counted, or left out for a reason that has a name.

Plain Python gives each loaded row one fate: it is a `figure`, `merged` with another row about the same thing, `later` than
as_of, `waiting` for its post, `replaced` by a newer observation or complete list, or an account's `own` engagement with
itself. The ledger must count those that it has columns for, and the marts hold as many things as there are figures.
"""

import random
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from flows.run import run
from flows.settings import Settings
from tests.oracle import Row
from tests.property.deliveries import NOON, SEEDED
from tests.property.test_audience import SECRET, small_limits, write_edges
from warehouse.published import open_published

EARLIEST = datetime(1, 1, 1)
ACCOUNTS, PEOPLE = ("a", "b", "c"), [*map(str, range(6)), "a", "b"]
TIMES = {
    "accounts": ("observed_at",),
    "posts": ("published_at", "observed_at"),
    "follows": ("followed_at", "observed_at"),
    "likes": ("liked_at",),
    "comments": ("commented_at",),
    "rates": ("quoted_on",),
    "published_metrics": ("observed_at",),
}
EDGES = ("follows", "likes", "comments")
times = st.one_of(st.none(), st.integers(-200, 200).map(lambda days: NOON + timedelta(days=days)))
days = st.one_of(st.none(), st.integers(-200, 200).map(lambda number: (NOON + timedelta(days=number)).date()))
posts = st.integers(0, 7).map("p{}".format)


def rows_of(at_most: int, **cells: st.SearchStrategy[Any]) -> st.SearchStrategy[list[Row]]:
    cells = {"platform": st.just("instagram"), **cells}
    return st.lists(st.fixed_dictionaries(cells), min_size=1, max_size=at_most)


ids, people = st.sampled_from(ACCOUNTS), st.sampled_from(PEOPLE)
deliveries = st.fixed_dictionaries(
    {
        "accounts": rows_of(8, account_id=ids, followers_count=st.integers(0, 9), observed_at=times),
        "posts": rows_of(16, post_id=posts, account_id=ids, published_at=times, like_count=st.integers(0, 9), observed_at=times),
        "follows": rows_of(
            40, account_id=ids, follower_id=people, followed_at=times, observed_at=times, is_complete_list=st.booleans()
        ),
        "likes": rows_of(40, post_id=posts, liker_id=people, liked_at=times),
        "comments": rows_of(20, post_id=posts, comment_id=st.integers(0, 99).map(str), commenter_id=people, commented_at=times),
        "rates": rows_of(6, account_id=ids, price=st.integers(1, 3).map(str), quoted_on=days),
        "published_metrics": rows_of(
            6, account_id=ids, metric=st.just("likes_mean"), value=st.integers(1, 3).map(str), observed_at=times
        ),
    }
)  # fmt: skip


def fates(rows: dict[str, list[Row]], cut: datetime | None) -> dict[str, Counter[str]]:
    """How many rows of each dataset have which fate."""
    known = {row["post_id"] for row in rows["posts"] if not is_later("posts", row, cut)}
    newest: dict[str, datetime] = {}
    for row in rows["posts"]:
        if not is_later("posts", row, cut):
            newest[row["post_id"]] = max(newest.get(row["post_id"], EARLIEST), row["observed_at"] or EARLIEST)
    # Two observations of one instant may disagree whose post it is: the greater id.
    owner = {
        post: max(r["account_id"] for r in rows["posts"]
                  if not is_later("posts", r, cut) and r["post_id"] == post and (r["observed_at"] or EARLIEST) == at)
        for post, at in newest.items()
    }  # fmt: skip
    whole = newest_complete_lists(rows["follows"], cut)

    def of_follow(row: Row) -> str:
        at, since = row["observed_at"], whole.get(row["account_id"])
        return "replaced" if at and since and at < since else "own" if row["follower_id"] == row["account_id"] else ""

    def of_post(row: Row) -> str:
        return "replaced" if (row["observed_at"] or EARLIEST) < newest[row["post_id"]] else ""

    def of_act(member: str) -> Callable[[Row], str]:
        def fate(row: Row) -> str:
            return "waiting" if row["post_id"] not in known else "own" if row[member] == owner[row["post_id"]] else ""

        return fate

    def nothing(_: Row) -> str:
        return ""

    return {
        "accounts": counted("accounts", rows, cut, nothing, ("account_id", "observed_at")),
        "posts": counted("posts", rows, cut, of_post, ("post_id",)),
        "follows": counted("follows", rows, cut, of_follow, ("account_id", "follower_id")),
        "likes": counted("likes", rows, cut, of_act("liker_id"), ("post_id", "liker_id")),
        "comments": counted("comments", rows, cut, of_act("commenter_id"), ("post_id", "commenter_id")),
        "rates": counted("rates", rows, cut, nothing, ("account_id", "price", "quoted_on")),
        "published_metrics": counted("published_metrics", rows, cut, nothing, ("account_id", "value", "observed_at")),
    }


def counted(
    dataset: str, rows: dict[str, list[Row]], cut: datetime | None, fate: Callable[[Row], str], key: Iterable[str]
) -> Counter[str]:
    """The fate of each row: of those that tell of one thing the first is the figure, and the others are merged with it."""
    found: Counter[str] = Counter()
    seen: set[tuple[Any, ...]] = set()
    for row in rows[dataset]:
        own = "later" if is_later(dataset, row, cut) else fate(row)
        thing = tuple(row[name] for name in key)
        if not own:
            own = "merged" if thing in seen else "figure"
            seen.add(thing)
        found[own] += 1
    return found


def is_later(dataset: str, row: Row, cut: datetime | None) -> bool:
    if cut is None:
        return False
    known = [row[name] for name in TIMES[dataset] if row[name]]
    return any(at > cut if isinstance(at, datetime) else at > cut.date() for at in known)


def newest_complete_lists(follows: list[Row], cut: datetime | None) -> dict[str, datetime]:
    found: dict[str, datetime] = {}
    for row in follows:
        at = row["observed_at"]
        if row["is_complete_list"] and at and (cut is None or at <= cut):
            found[row["account_id"]] = max(found.get(row["account_id"], EARLIEST), at)
    return found


MARTS = {
    # An account that is known by its posts or lists alone has an empty row of its own in `accounts`, and no snapshot.
    "accounts": "SELECT count(*) FROM account_snapshots",
    "posts": "SELECT count(*) FROM posts",
    "follows": "SELECT sum(followers_known_count) FROM audience WHERE time_window = 'all_time'",
    "likes": "SELECT sum(listed_like_count) FROM audience WHERE time_window = 'all_time'",
    "rates": "SELECT count(*) FROM rates",
    "published_metrics": "SELECT count(*) FROM published_metrics",
}


def distinct(rows: list[Row]) -> list[Row]:
    """What is loaded of a file that is no list of edges: each row once."""
    return list({tuple(sorted(row.items())): row for row in rows}.values())


def as_cell(cell: Any) -> Any:
    return cell.isoformat() if isinstance(cell, date) and not isinstance(cell, datetime) else cell


@settings(SEEDED, max_examples=12)
@given(
    rows=deliveries,
    days_ago=st.sampled_from([None, 0, 60, -40]),
    bucketed=st.booleans(),
    chance=st.randoms(use_true_random=False),
)
def test_every_loaded_row_has_one_fate(
    rows: dict[str, list[Row]], days_ago: int | None, bucketed: bool, chance: random.Random
) -> None:
    cut = None if days_ago is None else NOON - timedelta(days=days_ago)
    with tempfile.TemporaryDirectory() as folder, small_limits(bucketed=bucketed):
        exports, home = Path(folder) / "exports", Path(folder) / "home"
        for dataset, own in rows.items():
            written = [{name: as_cell(cell) for name, cell in row.items()} for row in own]
            write_edges(exports / f"{dataset}{chance.choice(('.csv', '.ndjson', '.parquet'))}", written, chance)
        summary = run(exports, Settings(home=home, member_key=SECRET), cut)
        assert (summary.files_quarantined, summary.rows_rejected) == (0, 0)
        loaded = {dataset: own if dataset in EDGES else distinct(own) for dataset, own in rows.items()}
        wanted = fates(loaded, cut)
        with open_published(home / "warehouse.duckdb") as connection:
            ledger = connection.sql(
                "SELECT dataset, rows_read, rows_loaded, rows_duplicate, rows_waiting, rows_later FROM load_ledger ORDER BY 1"
            ).fetchall()
            held = {dataset: connection.sql(query).fetchall()[0][0] or 0 for dataset, query in MARTS.items()}
        assert ledger == sorted(
            (
                dataset,
                len(rows[dataset]),
                fate.total(),
                len(rows[dataset]) - fate.total(),
                fate["waiting"],
                fate["later"],
            )
            for dataset, fate in wanted.items()
        )
        assert held == {dataset: wanted[dataset]["figure"] for dataset in MARTS}
        assert summary.rows_later == sum(later for *_, later in ledger)

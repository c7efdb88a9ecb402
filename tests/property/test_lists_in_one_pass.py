"""A list of followers, likes or comments becomes the same in one streamed pass as record by record, whatever is wrong in it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from flows.run import edge_context
from flows.settings import Settings
from ingest import edges, files
from ingest.inventory import take_inventory
from ingest.load import load_files
from tests.property.test_small_files import becomes
from tests.sample import sample_of
from warehouse.lake.commits import Entry
from warehouse.lake.edges import EDGE_SCHEMAS
from warehouse.lake.ledger import Lake
from warehouse.lake.shared_segments import PART

Row = tuple[str | None, ...]
FOLLOWS = ("platform", "account_id", "follower_id", "followed_at")
LIKES = ("platform", "post_id", "liker_id", "liked_at")
COMMENTS = ("platform", "post_id", "commenter_id", "comment_id", "commented_at")
TIMELESS = FOLLOWS[:3]
DAY = "2026-03-0{}T10:00:00Z"
TIMES_MORE = 120  # more records than a small file has


def list_of(
    header: tuple[str, ...], member: Callable[[int], str], owner: Callable[[int], str], rows: int = 9
) -> list[Row]:
    """Good records: the owner in the second column, ids of members or comments after it, a time at the end."""
    ids = len(header) - 2 - (header[-1].endswith("_at"))
    return [
        ("instagram", owner(row), *(member(row * 7 + at) for at in range(ids)), DAY.format(row + 1))[: len(header)]
        for row in range(rows)
    ]


def exact(number: int) -> str:
    return f"178414053{number:03}19027"


def rounded(number: int) -> str:
    return f"178414053{number:03}19000"


def rounded_long(number: int) -> str:
    return f"9178414053{number:03}19000000000"


def short(number: int) -> str:
    return f"40{number:03}7"


def handle(number: int) -> str:
    return f"tea.drinker_{number}"


def mixed(number: int) -> str:
    return rounded(number) if number % 3 else handle(number)


IDS = (exact, rounded, rounded_long, short, handle, mixed)
# What stands in one record of a list: the names of columns, and what their cells are.
ODD: dict[str, dict[int, str | None]] = {
    "good": {},
    "a formula's error": {2: "#NAME?"},
    "another one": {1: "#REF!"},
    "E-notation": {2: "1.78414E+16"},
    "a float": {1: "1784.0"},
    "no member": {2: None},
    "no owner": {1: None},
    "no platform": {0: None},
    "blanks": {2: "   "},
    "a guard": {2: " 1784140531119027 "},
    "no width": {2: "17841405\u200b31119027"},
    "a mark of direction": {1: "\u202akim\u202c"},
    "control": {2: "kim\x07"},
    "one that is rounded": {2: "17841405311190000"},
    "a word for totals": {2: "Total"},
    "totals of the owner": {1: "Gesamt"},
    "upper case": {0: " Instagram"},
    "another network": {0: "x"},
    "a word for a time": {-1: "yesterday"},
    "the wrong way round": {-1: "31/12/2026"},
    "no such day": {-1: "2026-02-31T10:00:00Z"},
    "long ago": {-1: "1971-01-01T00:00:00Z"},
    "far ahead": {-1: "2199-01-01T00:00:00Z"},
    "another pattern": {-1: "2026-03-04 10:00:00 UTC"},
    "no time": {-1: None},
    "too long": {2: "k" * 501},
}


def csv_of(header: tuple[str, ...], rows: list[Row]) -> bytes:
    lines = (",".join(cell or "" for cell in row) for row in (header, *rows))
    return ("\n".join(lines) + "\n").encode()


def ndjson_of(header: tuple[str, ...], rows: list[Row]) -> bytes:
    lines = (json.dumps(dict(zip(header, row, strict=True)), ensure_ascii=False) for row in rows)
    return ("\n".join(lines) + "\n").encode()


WRITERS = {"csv": csv_of, "ndjson": ndjson_of}


Lists = dict[str, tuple[tuple[str, ...], list[Row]]]
Becomes = dict[str, tuple[Lake, Entry]]


def read(exports: Path, home: Path) -> Becomes:
    lake = Lake.open(home)
    context = edge_context(lake, Settings(home=home, member_key="s" * 40))
    loaded = load_files(take_inventory(exports, lake).to_read, lake, context)
    return {entry.file: (lake, entry) for entry in loaded.entries}


def told(lists: Becomes) -> dict[str, Any]:
    """All that each file became, and how its rows lie in segments left out."""
    return {file: _told(*each) for file, each in lists.items()}


def _told(lake: Lake, entry: Entry) -> dict[str, Any]:
    found = becomes(lake, entry)
    rows: dict[str, list[str]] = {}
    for segment in entry.segments:
        own = pl.read_parquet(lake.root / segment.path)
        if segment.part is not None:
            own = own.filter(pl.col(PART) == segment.part).drop(PART)
        every = EDGE_SCHEMAS.get(segment.dataset, own.schema)
        absent = {name: pl.lit(None, dtype) for name, dtype in every.items() if name not in own.columns}
        own = own.with_columns(**absent).select(sorted(every))
        rows.setdefault(segment.dataset, []).extend(map(repr, own.rows()))
    lists = {dataset: sorted(own) for dataset, own in rows.items() if dataset in EDGE_SCHEMAS}
    newest = [max((t[at] for t in found["times"] if t[at] is not None), default=None) for at in (1, 2)]
    return {
        "entry": found["entry"],
        "rejects": found["rejects"],
        "lists": {dataset: own for dataset, own in lists.items() if own},
        "accounts": {row for dataset, own in rows.items() if dataset not in EDGE_SCHEMAS for row in own},
        "newest": newest,
    }


def reasons(lists: Becomes, times: int) -> dict[str, Any]:
    """Of each file the verdict, the counts for each time that its records come, and the reasons of its rejects."""
    found: dict[str, Any] = {}
    for file, (lake, entry) in lists.items():
        rejects = pl.read_parquet(lake.root / entry.rejects) if entry.rejects else None
        found[file] = (
            entry.verdict,
            [(one.rows_read / times, one.rows_loaded / times, one.cells_rejected / times) for one in entry.counts],
            set(rejects.select("rule", "column_name", "value", "fix").rows()) if rejects is not None else set(),
        )
    return found


def different(one: dict[str, Any], other: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    """The parts that differ, of each file that is not the same."""
    return {
        f"{file}: {part}": (one[file][part], other[file][part])
        for file in one
        for part in one[file]
        if one[file][part] != other[file][part]
    }


def check(lists: Lists, folder: Path, kind: str, monkeypatch: pytest.MonkeyPatch) -> Becomes:
    """The same files as small ones, in one pass, and record by record; and with each record many times."""
    for name, times in (("once", 1), ("many", TIMES_MORE)):
        (folder / name).mkdir(parents=True)
        for number, (header, rows) in enumerate(lists.values()):
            (folder / name / f"{number}.{kind}").write_bytes(WRITERS[kind](header, rows * times))
    named = {f"{number}.{kind}": name for number, name in enumerate(lists)}
    small, large = (
        {named[file]: each for file, each in read(folder / name, folder / f"home-{name}").items()}
        for name in ("once", "many")
    )
    assert reasons(large, TIMES_MORE) == reasons(small, 1)
    with monkeypatch.context() as patch:
        patch.setattr(files, "SMALL_FILE", -1)
        one_pass = read(folder / "once", folder / "home-pass")
        assert different({named[file]: each for file, each in told(one_pass).items()}, told(small)) == {}
        patch.setattr(edges, "can_stream", lambda *_: False)
        slow = read(folder / "once", folder / "home-slow")
        assert different({named[file]: each for file, each in told(slow).items()}, told(small)) == {}
    return small


HEADERS = {"follows": FOLLOWS, "likes": LIKES, "comments": COMMENTS, "timeless": TIMELESS}


@pytest.mark.parametrize("kind", WRITERS)
@pytest.mark.parametrize("header", HEADERS.values(), ids=HEADERS)
def test_one_odd_record(header: tuple[str, ...], kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lists: Lists = {}
    for number, (odd, changes) in enumerate(ODD.items()):
        for member in sample_of((exact, handle)[:: -1 if number % 2 else 1], every=2):
            rows = list_of(header, member, lambda row: f"owner{row % 2}")
            cells = list(rows[4])
            for place, cell in changes.items():
                cells[place] = cell
            rows[4] = tuple(cells)
            lists[f"{odd}, {member.__name__}"] = header, rows
    found = check(lists, tmp_path, kind, monkeypatch)
    assert sum(entry.rejects is not None for _, entry in found.values()) > len(lists) / 4


@pytest.mark.parametrize("kind", WRITERS)
def test_digits_that_a_spreadsheet_lost(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    every = sample_of(
        [(header, member, owner) for header in (FOLLOWS, COMMENTS) for member in IDS for owner in IDS], every=5
    )
    name = "{} {} {}".format
    lists: Lists = {
        name(header[1], member.__name__, owner.__name__): (header, list_of(header, member, owner))
        for header, member, owner in every
    }
    found = check(lists, tmp_path, kind, monkeypatch)
    for header, member, owner in every:
        _, entry = found[name(header[1], member.__name__, owner.__name__)]
        (counts,) = entry.counts
        assert (counts.rows_rejected == 0) == (not {rounded, rounded_long, mixed} & {member, owner})
        if mixed not in (member, owner):
            assert (counts.rows_loaded == 0) == bool({rounded, rounded_long} & {member, owner})


def misplaced(header: tuple[str, ...], rows: list[Row]) -> dict[str, Row]:
    return {
        "the header": header,
        "the header with a mark": ("\ufeff" + header[0], *header[1:]),
        "to the right": (None, *rows[0][:-1]),
        "to the left": (*rows[0][1:], None),
        "slipped": (rows[0][0], *rows[0][2:], rows[0][1]),
        "another table": ("platform", "post", "reach", "week", "day")[: len(header)],
        "called like a column": (rows[0][0], "account_id", *rows[0][2:]),
    }


@pytest.mark.parametrize("header", HEADERS.values(), ids=HEADERS)
def test_a_record_that_does_not_stand_under_the_header(
    header: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lists: Lists = {}
    for member in (exact, handle):
        rows = list_of(header, member, lambda row: f"owner{row % 2}")
        for name, row in misplaced(header, rows).items():
            lists[f"{name}, {member.__name__}"] = header, [*rows[:5], row, *rows[5:]]
    found = check(lists, tmp_path, "csv", monkeypatch)
    for member in (exact, handle):
        for name in ("the header", "the header with a mark"):
            lake, entry = found[f"{name}, {member.__name__}"]
            assert entry.rejects
            (rule,) = pl.read_parquet(lake.root / entry.rejects).get_column("rule")
            assert (rule, entry.counts[0].rows_rejected) == ("the header once more", 1)

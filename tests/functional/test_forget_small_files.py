"""Rows of a forgotten member are left out of small files that share segments, and counted for the file they stand in."""

import gzip
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from ingest import files as landing
from tests.functional.test_forget import AS_OF, figures, forget, ledger, tierwise, traces, write_csv

GONE, OTHERS = "zq-gone-8101", ["zq-eve-8103", "zq-flo-8104", "zq-gus-8105"]
# No id of anybody: its row is rejected.
BROKEN = "1.7E+16"
# The members of each file: the forgotten one first, in the middle, alone, twice, and not at all.
LISTS = [[GONE, *OTHERS], [OTHERS[0], BROKEN, GONE, OTHERS[1]], [GONE], [GONE, OTHERS[2], GONE], [*OTHERS, BROKEN]]
COUNTS = ("rows_read", "rows_loaded", "rows_duplicate", "rows_rejected", "rows_forgotten")


def counts(row: dict[str, Any]) -> tuple[int, ...]:
    return tuple(row[name] for name in COUNTS)


def write_list(path: Path, account: str, members: list[str], gone: str | None = None) -> None:
    """A list of followers, without those of one of them."""
    rows = [
        ("tiktok", account, who, f"2026-03-{day:02}T00:00:00Z") for day, who in enumerate(members, 1) if who != gone
    ]
    names = ("platform", "account_id", "follower_id", "followed_at")
    cells = [dict(zip(names, row, strict=True)) for row in rows]
    match path.suffix:
        case ".csv":
            write_csv(path, ",".join(names), rows)
        case ".ndjson":
            path.write_text("".join(json.dumps(row) + "\n" for row in cells), encoding="utf-8")
        case _:
            pl.DataFrame(cells, schema=dict.fromkeys(names, pl.String)).write_parquet(path)


def write_nested(path: Path, account: str, members: list[str], gone: str | None = None) -> None:
    """A post with its comments, as Instagram's pages hold it; how many it has is the platform's own count."""
    comments = [
        {"node": {"id": f"{account}{place}", "created_at": 1_760_000_000 + place, "owner": {"id": who}}}
        for place, who in enumerate(members)
        if who != gone
    ]
    post = {
        "shortcode": f"P{account}",
        "taken_at_timestamp": 1_750_000_000,
        "owner": {"id": account},
        "edge_media_preview_like": {"count": 4},
        "edge_media_to_parent_comment": {"count": len(members), "edges": comments},
    }
    path.write_text(json.dumps(post), encoding="utf-8")


FORMATS: dict[str, tuple[str, str, str, Callable[..., None]]] = {
    "csv": (".csv", "tiktok", "follows", write_list),
    "ndjson": (".ndjson", "tiktok", "follows", write_list),
    "parquet": (".parquet", "tiktok", "follows", write_list),
    "nested json": (".json", "instagram", "comments", write_nested),
}


def deliver(exports: Path, form: str, lists: list[list[str]], first: int = 0, gone: str | None = None) -> None:
    suffix, _, _, write = FORMATS[form]
    exports.mkdir()
    for number, members in enumerate(lists, first):
        write(exports / f"list{number}{suffix}", str(500 + number), members, gone)


def pack(exports: Path, packing: str) -> str:
    """The files of a folder as they are, each compressed, or all in one archive. Returns how their names come to be."""
    files = sorted(path for path in exports.iterdir() if path.name != "sources.toml")
    if packing == "gz":
        for path in files:
            (exports / f"{path.name}.gz").write_bytes(gzip.compress(path.read_bytes(), mtime=0))
    if packing == "zip":
        with zipfile.ZipFile(exports / "all.zip", "w", zipfile.ZIP_DEFLATED) as archive:
            for path in files:
                archive.write(path, path.name)
    if packing != "as it is":
        for path in files:
            path.unlink()
    return {"as it is": "{}", "gz": "{}.gz", "zip": "all.zip/{}"}[packing]


def home_that_forgot(home: Path, form: str) -> Path:
    """A home that forgot the member before any list named it."""
    before = home.with_name(f"{home.name}-before")
    deliver(before, form, [OTHERS], first=90)
    assert tierwise("run", before, "--home", home, "--as-of", AS_OF).exit_code == 0
    forget(home, f"{FORMATS[form][1]}:{GONE}")
    return home


@pytest.mark.parametrize("form", FORMATS)
def test_each_file_counts_its_own(tmp_path: Path, form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    suffix, platform, dataset, _ = FORMATS[form]
    exports, home, alone = (tmp_path / name for name in ("exports", "home", "alone"))
    deliver(exports, form, LISTS)
    home_that_forgot(home, form)
    segments = home / "lake/segments" / dataset
    before = set(segments.rglob("many-*.parquet"))
    assert tierwise("run", exports, "--home", home, "--as-of", AS_OF).exit_code == 0
    assert len(set(segments.rglob("many-*.parquet")) - before) == 1
    found = ledger(home)
    assert {number: counts(found[f"list{number}{suffix}", dataset]) for number in range(len(LISTS))} == {
        number: (len(own), len(own) - own.count(BROKEN) - own.count(GONE), 0, own.count(BROKEN), own.count(GONE))
        for number, own in enumerate(LISTS)
    }
    assert traces(home, GONE, platform=platform) == []

    home_that_forgot(alone, form)
    with monkeypatch.context() as patch:
        patch.setattr(landing, "SMALL_FILE", -1)
        assert tierwise("run", exports, "--home", alone, "--as-of", AS_OF).exit_code == 0
    assert {key: counts(row) for key, row in ledger(alone).items()} == {key: counts(row) for key, row in found.items()}
    assert figures(home) == figures(alone)


@pytest.mark.parametrize(
    ("form", "packing"),
    [
        *((form, "as it is") for form in FORMATS),
        ("csv", "gz"),
        ("nested json", "gz"),
        ("csv", "zip"),
        ("parquet", "zip"),
    ],
)
def test_segments_lose_the_member_and_nobody_else(tmp_path: Path, form: str, packing: str) -> None:
    suffix, platform, dataset, _ = FORMATS[form]
    exports, home, others, never = (tmp_path / name for name in ("exports", "home", "others", "never"))
    deliver(exports, form, LISTS)
    named = pack(exports, packing)
    assert tierwise("run", exports, "--home", home, "--as-of", AS_OF).exit_code == 0
    places = [place for place in traces(home, GONE, platform=platform) if place.startswith("lake/segments")]
    assert all("many-" in place for place in places)
    told = forget(home, "--platform", platform, "--id", GONE)
    gone = sum(own.count(GONE) for own in LISTS)
    assert (told["receipt"]["rows"], traces(home, GONE, platform=platform)) == ({dataset: gone}, [])
    found = ledger(home)
    assert {number: counts(found[named.format(f"list{number}{suffix}"), dataset]) for number in range(len(LISTS))} == {
        number: (len(own), len(own) - own.count(BROKEN) - own.count(GONE), 0, own.count(BROKEN), own.count(GONE))
        for number, own in enumerate(LISTS)
    }
    deliver(others, form, LISTS, gone=GONE)
    pack(others, packing)
    assert tierwise("run", others, "--home", never, "--as-of", AS_OF).exit_code == 0
    assert figures(home) == figures(never)
    # The same lists under other names, and so with other bytes, are read without the member.
    deliver(tmp_path / "more", form, [[*own, OTHERS[0]] for own in LISTS], first=40)
    pack(tmp_path / "more", packing)
    for path in (tmp_path / "more").iterdir():
        path.rename(exports / f"more-{path.name}")
    assert tierwise("run", exports, "--home", home, "--as-of", AS_OF).exit_code == 0
    assert sum(row["rows_forgotten"] for row in ledger(home).values()) == 2 * gone
    assert traces(home, GONE, platform=platform) == []


def test_posts_of_a_forgotten_account(tmp_path: Path) -> None:
    """Beside rows that repeat one another, which are counted for themselves."""
    exports, home = tmp_path / "exports", home_that_forgot(tmp_path / "home", "csv")
    forget(home, "--account", "tiktok:zq-owner")
    exports.mkdir()
    for number in range(3):
        kept = [("tiktok", f"p{number}{n}", "ann", "2026-05-01T00:00:00Z", 7) for n in (1, 1, 2)]
        gone = [("tiktok", f"q{number}{n}", "zq-owner", "2026-05-01T00:00:00Z", 9) for n in (1, 1)][:number]
        header = "platform,post_id,account_id,published_at,like_count"
        write_csv(exports / f"posts{number}.csv", header, [*gone[:1], *kept, *gone[1:]])
    assert tierwise("run", exports, "--home", home, "--as-of", AS_OF).exit_code == 0
    found = ledger(home)
    assert [counts(found[f"posts{number}.csv", "posts"]) for number in range(3)] == [
        (3 + number, 2, 1, 0, number) for number in range(3)
    ]

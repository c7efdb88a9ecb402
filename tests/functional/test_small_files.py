"""Many small files that share segments are told apart: their counts, their rejects, and what becomes of them later."""

import gzip
import json
import lzma
import random
import shutil
from pathlib import Path
from typing import Any

import pytest

from flows.run import run
from flows.settings import Settings
from flows.summary import RunSummary
from ingest import files as landing
from warehouse.lake.ledger import Lake
from warehouse.published import open_published

FILES = 60
OF_ONE = '[[source]]\nfiles = "post7.json"\nconstants = { observed_at = "2026-08-01T00:00:00Z" }\n'


def deliver(exports: Path) -> None:
    """Posts with comments, some delivered twice, some with a broken cell or id; profiles and follower lists."""
    chance = random.Random(5)
    exports.mkdir()
    for number in range(FILES):
        comments = [
            {
                "node": {
                    "id": str(place),
                    "created_at": 1_760_000_000 + place,
                    "owner": {"id": str(chance.randrange(30))},
                }
            }
            for place in range(chance.randrange(4))
        ]
        post = {
            "shortcode": f"P{number % 50}",
            "taken_at_timestamp": "soon" if number % 20 == 3 else 1_750_000_000 + number,
            "owner": {"id": "1.7E+16" if number % 20 == 13 else str(100 + number % 3)},
            "edge_media_preview_like": {"count": chance.randrange(100)},
            "edge_media_to_parent_comment": {"count": len(comments), "edges": comments + comments[:1]},
        }
        again = [post, post] if number % 9 == 0 else post
        (exports / f"post{number}.json").write_text(json.dumps(again), encoding="utf-8")
    for owner in range(3):
        profile = {"node": {"id": str(100 + owner), "username": f"a{owner}", "edge_followed_by": {"count": 20 + owner}}}
        (exports / f"profile{owner}.json").write_text(json.dumps(profile), encoding="utf-8")
        fans = [
            {"title": f"fan{fan}", "string_list_data": [{"timestamp": 1_750_000_000 + fan}]} for fan in range(5 + owner)
        ]
        folder = exports / f"instagram-a{owner}-2026-0{owner + 1}-01" / "connections"
        folder.mkdir(parents=True)
        (folder / "followers_1.json").write_text(json.dumps(fans), encoding="utf-8")


def publish(exports: Path, home: Path) -> RunSummary:
    return run(exports, Settings(home=home))


def told(home: Path) -> dict[str, list[tuple[Any, ...]]]:
    """What the warehouse says of the deliveries, when and how they were read left out."""
    queries = {
        "ledger": "SELECT file, verdict, format, dataset, rows_read, rows_loaded, rows_duplicate, rows_rejected, "
        "cells_rejected, rows_waiting FROM load_ledger ORDER BY ALL",
        "rejects": "SELECT * FROM rejected_rows ORDER BY ALL",
    }
    with open_published(home / "warehouse.duckdb") as connection:
        return {name: connection.sql(sql).fetchall() for name, sql in queries.items()}


def pack(exports: Path) -> None:
    """Two of three files packed; one of them is cut off, one packed twice."""
    for number, path in enumerate(sorted(exports.rglob("post*.json"))):
        if number % 3:
            ending, compress = (".gz", gzip.compress) if number % 3 == 1 else (".xz", lzma.compress)
            content = compress(path.read_bytes())
            content = content[:-9] if number == 4 else compress(content) if number == 5 else content
            path.with_name(path.name + ending).write_bytes(content)
            path.unlink()


@pytest.mark.parametrize("packed", [False, True])
def test_together_or_one_by_one_is_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, packed: bool) -> None:
    deliver(tmp_path / "exports")
    if packed:
        pack(tmp_path / "exports")
    together = publish(tmp_path / "exports", tmp_path / "together")
    assert len(list((tmp_path / "together/lake/segments/posts").iterdir())) == 1
    with monkeypatch.context() as patch:
        patch.setattr(landing, "SMALL_FILE", -1)
        alone = publish(tmp_path / "exports", tmp_path / "alone")
    assert len(list((tmp_path / "alone/lake/segments/posts").iterdir())) > FILES // 2
    assert together.content_hash == alone.content_hash
    counts = ("rows_duplicate", "rows_rejected", "cells_rejected")
    assert [getattr(together, count) for count in counts] == [getattr(alone, count) for count in counts]
    assert all(getattr(together, count) > 0 for count in counts)
    assert told(tmp_path / "together") == told(tmp_path / "alone")


def test_a_file_that_is_read_otherwise_takes_its_rows_out_of_the_shared_segment(tmp_path: Path) -> None:
    exports, home = tmp_path / "exports", tmp_path / "home"
    deliver(exports)
    publish(exports, home)
    (exports / "sources.toml").write_text(OF_ONE, encoding="utf-8")
    shutil.rmtree(exports / "instagram-a1-2026-02-01")
    second = publish(exports, home)
    assert Lake.open(home / "lake").commits[-1].rewritten
    assert second.files_read == 1
    third = publish(exports, home)
    assert (third.files_read, third.published) == (0, False)
    # The deleted list stays: a delivery is not taken back by removing its file.
    deliver(tmp_path / "anew")
    (tmp_path / "anew" / "sources.toml").write_text(OF_ONE, encoding="utf-8")
    anew = publish(tmp_path / "anew", tmp_path / "fresh")
    assert second.content_hash == anew.content_hash
    assert told(home) == told(tmp_path / "fresh")


def test_likes_that_wait_are_counted_for_their_own_file(tmp_path: Path) -> None:
    exports = tmp_path / "exports"
    exports.mkdir()
    for name, posts in {"one": ["A"], "two": ["A", "B"], "three": ["C"]}.items():
        entries = [{"string_list_data": [{"href": f"https://www.instagram.com/p/{post}/"}]} for post in posts]
        folder = exports / f"instagram-{name}-2026-01-01"
        folder.mkdir()
        (folder / "liked_posts.json").write_text(json.dumps({"likes_media_likes": entries}), encoding="utf-8")
    post = {"shortcode": "A", "taken_at_timestamp": 1_750_000_000, "owner": {"id": "1"}}
    (exports / "post.json").write_text(json.dumps(post), encoding="utf-8")
    publish(exports, tmp_path / "home")
    with open_published(tmp_path / "home" / "warehouse.duckdb") as connection:
        waiting = connection.sql(
            "SELECT split_part(file, '-', 2), rows_waiting FROM load_ledger WHERE dataset = 'likes'"
        )
        assert dict(waiting.fetchall()) == {"one": 0, "two": 1, "three": 1}

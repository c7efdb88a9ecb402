"""What has changed is published as if everything had been made anew: the same content, in a file that does not grow."""

import json
import os
import shutil
from copy import deepcopy
from dataclasses import replace
from functools import partial
from pathlib import Path

import duckdb
import polars as pl
import pytest

from schemas.errors import TierwiseError
from tests.changed_posts import Posts, contents_of, log, publish_posts, publish_rows
from tests.sample import how_many
from warehouse import changed
from warehouse.changed import KEPT, Changed, UnusableBase
from warehouse.contents import fill
from warehouse.publish import content_hash, publish
from warehouse.published import open_published, published_state

WAYS = ["copied", "selected"]
# A few blocks of DuckDB's are no small share of files as small as these.
BLOCKS = 3 << 18
# Posts as they are, the file they were published in, and the folder of what was kept.
Place = tuple[Posts, Path, Path]


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Place:
    folder = tmp_path_factory.mktemp("published")
    posts = Posts(41, 3000, 6)
    publish_posts(folder / "w.duckdb", posts, None, folder / "kept")
    return posts, folder / "w.duckdb", folder / "kept"


@pytest.fixture
def place(published: Place, tmp_path: Path) -> Place:
    """A copy of it, for one test."""
    posts, target, kept = published
    shutil.copytree(target.parent, tmp_path / "home")
    return deepcopy(posts), tmp_path / "home" / target.name, tmp_path / "home" / kept.name


@pytest.fixture
def noted(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The moments of publications."""
    moments: list[str] = []
    for module in ("changed", "publish"):
        monkeypatch.setattr(f"warehouse.{module}.crash_point", moments.append)
    return moments


@pytest.fixture(params=WAYS)
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Whether a file of this size is copied, where it may be."""
    monkeypatch.setattr(changed, "SMALL_BYTES", 0 if request.param == "copied" else 1 << 40)
    return str(request.param)


def scanned(target: Path) -> str:
    with open_published(target) as connection:
        return content_hash(connection)


def sorted_rows(rows: pl.DataFrame) -> list[tuple[object, ...]]:
    return sorted(rows.rows(), key=lambda row: row[:2])


def rows_of(target: Path) -> list[tuple[object, ...]]:
    with open_published(target) as connection:
        return connection.execute("FROM posts ORDER BY platform, post_id").fetchall()


def test_a_sequence_of_changes_ends_where_a_rebuild_does(
    way: str, place: Place, tmp_path: Path, noted: list[str]
) -> None:
    posts, target, kept = place
    for share in [0.01, 0.0, 0.05, 0.3, *[posts.chance.random() for _ in range(how_many(0, long=20))], 1.0, 0.02]:
        done = publish_posts(target, posts, posts.change(share), kept)
        assert done.content_hash == scanned(target), share
        assert rows_of(target) == sorted_rows(posts.frame()), share
    assert ("copy" in noted) == (way == "copied")
    assert done.content_hash == publish_posts(tmp_path / "anew", posts, None, None).content_hash


def test_comments_and_views_are_those_of_a_rebuild(way: str, place: Place, tmp_path: Path) -> None:
    posts, target, kept = place
    publish_posts(target, posts, posts.change(0.1), kept)
    publish_posts(tmp_path / "anew", posts, None, None)
    queries = (
        "SELECT table_name, comment FROM duckdb_tables() ORDER BY ALL",
        "SELECT view_name, comment, sql FROM duckdb_views() WHERE NOT internal ORDER BY ALL",
        "SELECT table_name, column_name, data_type, is_nullable, comment FROM duckdb_columns() WHERE NOT internal ORDER BY ALL",
        "SELECT tags FROM duckdb_databases() WHERE NOT internal",
    )
    with open_published(target) as one, open_published(tmp_path / "anew") as other:
        for query in queries:
            assert one.execute(query).fetchall() == other.execute(query).fetchall()


def test_many_deliveries_do_not_let_the_file_grow(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, noted: list[str]
) -> None:
    monkeypatch.setattr(changed, "SMALL_BYTES", 0)
    posts, target, kept = (
        Posts(3, how_many(2000, long=4000), how_many(30, long=120)),
        tmp_path / "w.duckdb",
        tmp_path / "kept",
    )
    publish_posts(target, posts, None, kept)
    deliveries = how_many(6, long=200)
    for number in range(deliveries):
        done = publish_posts(target, posts, posts.change(posts.chance.choice([0.04, 0.08])), kept)
        if number % (deliveries // how_many(3, long=10)) == 0:
            anew = tmp_path / "anew"
            assert publish_posts(anew, posts, None, None).content_hash == done.content_hash
            assert target.stat().st_size <= 1.3 * anew.stat().st_size + BLOCKS, number
    assert noted.count("copy") > deliveries // 2
    assert "select" in noted


@pytest.mark.parametrize("lost", ["gone", "no JSON", "of another DuckDB", "other hashes", "of another file"])
def test_without_what_was_kept_the_tables_are_hashed_and_nothing_is_copied(
    lost: str, monkeypatch: pytest.MonkeyPatch, place: Place, noted: list[str]
) -> None:
    monkeypatch.setattr(changed, "SMALL_BYTES", 0)
    posts, target, kept = place
    said = json.loads((kept / KEPT).read_text())
    match lost:
        case "gone":
            (kept / KEPT).unlink()
        case "no JSON":
            (kept / KEPT).write_text("{")
        case "of another DuckDB":
            (kept / KEPT).write_text(json.dumps({**said, "duckdb": "1.9.9"}))
        case "other hashes":
            said["tables"].pop("posts")
            (kept / KEPT).write_text(json.dumps(said))
        case _:
            os.utime(target, ns=(1, 1))
    done = publish_posts(target, posts, posts.change(0.05), kept)
    assert "select" in noted
    assert "copy" not in noted
    assert done.content_hash == scanned(target)
    assert rows_of(target) == sorted_rows(posts.frame())


def tamper(target: Path, statement: str) -> None:
    with duckdb.connect(target) as connection:
        connection.execute(statement)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE posts SET like_count = 7 WHERE post_id = (SELECT min(post_id) FROM posts)",
        "DELETE FROM account_engagement WHERE account_id = 'acc-00001'",
        "ALTER TABLE posts ADD COLUMN more BIGINT",
        "ALTER TABLE posts ALTER compensation DROP NOT NULL",
        "DROP TABLE run_log",
        "DROP TABLE posts",
    ],
)
@pytest.mark.parametrize("is_kept", [True, False])
def test_nothing_is_taken_over_from_a_file_that_somebody_changed(
    statement: str, is_kept: bool, way: str, place: Place
) -> None:
    posts, target, kept = place
    tamper(target, statement)
    if not is_kept:
        (kept / KEPT).unlink()
    before = target.read_bytes()
    with pytest.raises(UnusableBase, match="no rows can be taken over") as refused:
        publish_posts(target, posts, posts.change(0.1), kept)
    assert "--rebuild" in refused.value.fix
    assert target.read_bytes() == before
    assert {path.name for path in target.parent.iterdir()} <= {"kept", "w.duckdb"}


def test_a_rebuild_puts_a_changed_file_right(way: str, place: Place) -> None:
    posts, target, kept = place
    tamper(target, "UPDATE posts SET like_count = 7")
    publish_posts(target, posts, None, kept)
    publish_posts(target, posts, posts.change(0.1), kept)
    assert rows_of(target) == sorted_rows(posts.frame())


@pytest.mark.parametrize("fault", ["absent", "no database", "a block is damaged"])
def test_nothing_is_taken_over_from_a_file_that_cannot_be_read(fault: str, way: str, place: Place) -> None:
    posts, target, kept = place
    stamp = target.stat().st_mtime_ns
    if fault == "absent":
        target.unlink()
    elif fault == "no database":
        target.write_bytes(b"no database")
    else:
        content = bytearray(target.read_bytes())
        for byte in range(13_000, len(content), 1 << 18):
            content[byte] ^= 0xFF
        target.write_bytes(content)
        os.utime(target, ns=(stamp, stamp))
    with pytest.raises(UnusableBase):
        publish_rows(target, posts, posts.changed(posts.change(0.1)), kept)


def test_a_row_of_an_account_that_has_not_changed_is_refused(way: str, place: Place) -> None:
    posts, target, kept = place
    few = posts.changed(posts.accounts[:4])
    with pytest.raises(TierwiseError, match="of accounts that have not changed"):
        publish_rows(target, posts, Changed(few.rows, few.accounts.head(2)), kept)


def test_a_key_that_another_account_has_is_found(way: str, place: Place) -> None:
    posts, target, kept = place
    giver, taker = [account for account in posts.accounts if account[0] == "x" and posts.posts[account]][:2]
    moved = posts.posts[giver].pop()
    posts.posts[taker].append((*moved[:2], taker[1], *moved[3:]))
    with pytest.raises(TierwiseError, match="posts: 1 keys stand in more than one row"):
        publish_posts(target, posts, [taker], kept)
    posts.posts[taker].append(posts.posts[taker][-1])
    with pytest.raises(TierwiseError, match="posts: 1 keys stand in more than one row"):
        publish_posts(target, posts, [giver, taker], kept)


def test_a_row_against_its_schema_is_refused(way: str, place: Place) -> None:
    posts, target, kept = place
    before = rows_of(target)
    change = posts.changed(posts.accounts[:4])
    with pytest.raises(Exception, match="like_count"):
        publish_rows(target, posts, Changed(change.rows.with_columns(like_count=-1), change.accounts), kept)
    assert rows_of(target) == before


def test_a_reader_keeps_its_state_through_three_publications(way: str, place: Place) -> None:
    posts, target, kept = place
    before, first = rows_of(target), published_state(target)
    assert first
    with open_published(target) as reader:
        for _ in range(3):
            publish_posts(target, posts, posts.change(0.05), kept)
        assert reader.execute("FROM posts ORDER BY platform, post_id").fetchall() == before
        assert content_hash(reader) == first.content_hash
    assert rows_of(target) != before


def test_deleted_rows_are_in_no_byte_of_a_file_whose_hashes_are_not_kept(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """What is taken out of a lake takes its caches along, and with them what was kept."""
    monkeypatch.setattr(changed, "SMALL_BYTES", 0)
    posts, target, kept = Posts(7, 12, 4), tmp_path / "w.duckdb", tmp_path / "kept"
    account = posts.accounts[7]
    posts.posts[account] = [(account[0], "zq-gone-70017", account[1], None, 3, None, "none")]
    publish_posts(target, posts, None, kept)
    posts.posts[account].clear()
    publish_posts(target, posts, [account], kept)
    assert b"zq-gone-70017" in target.read_bytes(), "the search finds what is there"
    (kept / KEPT).unlink()
    publish_posts(target, posts, [], kept)
    assert b"zq-gone-70017" not in target.read_bytes()


def test_evidence_is_published_whole(place: Place) -> None:
    posts, target, _ = place
    contents = contents_of(posts, posts.frame(), target)
    nobody = Changed(posts.frame([]).lazy(), pl.DataFrame(schema={"platform": pl.String, "account_id": pl.String}))
    contents = replace(contents, marts={**contents.marts, "data_quality": nobody})
    with pytest.raises(TierwiseError, match="evidence is published whole"):
        publish(target, partial(fill, contents=contents, log=log))

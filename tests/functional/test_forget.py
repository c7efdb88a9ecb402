"""Who is forgotten is in no byte of the home folder, in no figure, and in no later delivery."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from schemas.keys import member_key, stable_key
from tests.command import Answer, in_process
from warehouse.lake import edges
from warehouse.publish import content_hash
from warehouse.published import open_published

KEY = "c0ffee" * 8
PEOPLE = ["zq-ada-7001", "zq-bo-7002", "zq-cy-7003", "900719925474188", "zq.Dee"]
AS_OF = "2026-08-01"
FRIENDS = """
[[source]]
files = "friends.csv"
delimiter = ";"
[[source.load]]
dataset = "follows"
undirected = true
columns = { platform = { value = "tiktok" }, account_id = "a", follower_id = "b" }
"""
COMMENT = ("platform", "post_id", "comment_id", "commenter_id")


def tierwise(*arguments: object, **environment: str | None) -> Answer:
    return in_process(*arguments, **{"TIERWISE_MEMBER_KEY": KEY, **environment})


def exports_without(folder: Path, gone: Iterable[str] = (), owners: Iterable[str] = ("ann", "ben")) -> Path:
    """Accounts, their posts, and lists in three formats: as if the people gone had never been."""
    folder.mkdir(parents=True, exist_ok=True)
    here = [name for name in PEOPLE if name not in set(gone)]
    write_csv(
        folder / "accounts.csv",
        "platform,account_id,username,followers_count,observed_at",
        [("tiktok", owner, f"{owner}.handle", 5, "2026-06-01T00:00:00Z") for owner in owners],
    )
    write_csv(
        folder / "posts.csv",
        "platform,post_id,account_id,published_at,like_count,comment_count",
        [("tiktok", f"post-{owner}-{n}", owner, "2026-07-01T00:00:00Z", 3, 1) for owner in owners for n in (1, 2)],
    )
    # One time cannot be read, which costs the cell and not the row.
    times = {PEOPLE[1]: "not a time"}
    write_csv(
        folder / "follows.csv",
        "platform,account_id,follower_id,followed_at",
        [("tiktok", owner, who, times.get(who, "2026-01-02T00:00:00Z")) for owner in owners for who in here],
    )
    likes = [
        {"platform": "tiktok", "post_id": f"post-{owner}-1", "liker_id": who, "liked_at": "2026-07-02T00:00:00Z"}
        for owner in owners
        for who in here
    ]
    (folder / "likes.ndjson").write_text("".join(json.dumps(row) + "\n" for row in likes))
    comments = [
        {
            "platform": "tiktok",
            "post_id": f"post-{owner}-2",
            "comment_id": f"c-{owner}-{here.index(who)}",
            "commenter_id": who,
        }
        for owner in owners
        for who in here
    ]
    pl.DataFrame(comments, schema=dict.fromkeys(COMMENT, pl.String)).write_parquet(folder / "comments.parquet")
    return folder


def write_csv(path: Path, header: str, rows: list[tuple[Any, ...]]) -> None:
    path.write_text("\n".join([header, *(",".join(map(str, row)) for row in rows)]) + "\n")


def traces(home: Path, name: str, *, platform: str = "tiktok", key: str = KEY) -> list[str]:
    """Where the name, or a key that it is kept under, stands in a home folder, in whatever form."""
    row = pl.DataFrame({"platform": [platform], "name": [name]})
    keys = [row.select(member_key("name", way)).item() for way in (None, key)]
    forms = [name.encode(), name.encode("utf-16-le")]
    for pseudonym in keys:
        forms += [str(pseudonym).encode(), f"{pseudonym:x}".encode()]
        forms += [pseudonym.to_bytes(8, "little"), pseudonym.to_bytes(8, "big")]
    files = [path for path in home.rglob("*") if path.is_file()]
    found = [path for path in files if any(form in path.read_bytes() for form in forms)]
    for path in files:
        # Pages may be packed, and what is packed is searched unpacked.
        if path.suffix == ".parquet":
            rows = pl.read_parquet(path, hive_partitioning=False)
            cells = {str(cell) for column in rows.iter_columns() for cell in column.unique()}
            if cells & {name, *map(str, keys)}:
                found.append(path)
    return sorted({str(path.relative_to(home)) for path in found})


def figures(home: Path) -> str:
    with open_published(home / "warehouse.duckdb") as connection:
        return content_hash(connection)


def ledger(home: Path) -> dict[tuple[str, str], dict[str, Any]]:
    rows = json.loads(tierwise("ledger", "--home", home, "--json").stdout)["rows"]
    assert all(
        row["rows_read"] == sum(row[f"rows_{name}"] for name in ("loaded", "duplicate", "rejected", "forgotten"))
        for row in rows
    )
    return {(row["file"], row["dataset"]): row for row in rows}


def filled(tmp_path: Path, name: str = "home", **environment: str | None) -> tuple[Path, Path]:
    exports, home = exports_without(tmp_path / "exports"), tmp_path / name
    done = tierwise("run", exports, "--home", home, "--as-of", AS_OF, **environment)
    assert done.exit_code == 0, done.stderr
    return exports, home


def home_without(tmp_path: Path, gone: Iterable[str], owners: Iterable[str] = ("ann", "ben")) -> Path:
    exports, home = exports_without(tmp_path / "others", gone, owners), tmp_path / "never"
    assert tierwise("run", exports, "--home", home, "--as-of", AS_OF).exit_code == 0
    return home


def forget(home: Path, *arguments: object, **environment: str | None) -> dict[str, Any]:
    done = tierwise("forget", *arguments, "--home", home, "--json", **environment)
    assert done.exit_code == 0, done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    return told


@pytest.fixture(params=["small", "in buckets"])
def layout(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Deliveries that wait to be laid out, and those that are at once."""
    if request.param == "in buckets":
        monkeypatch.setattr(edges, "SMALL_BYTES", 0)
        monkeypatch.setattr("ingest.load.SMALL_BYTES", 0)
        monkeypatch.setattr("ingest.files.SMALL_FILE", -1)


@pytest.mark.usefixtures("layout")
def test_no_byte_of_a_member_is_left_and_figures_are_those_without(tmp_path: Path) -> None:
    exports, home = filled(tmp_path)
    person = PEOPLE[1]
    assert {place.split("/")[1] for place in traces(home, person)} >= {"segments", "cache"}, (
        "the search finds what is there"
    )
    told = forget(home, f"tiktok:{person}")
    assert traces(home, person) == []
    assert person not in json.dumps(told)
    assert told["receipt"]["rows"] == {"follows": 2, "likes": 2, "comments": 2}
    assert figures(home) == figures(home_without(tmp_path, [person]))
    assert {key[1]: row["rows_forgotten"] for key, row in ledger(home).items() if row["rows_forgotten"]} == told[
        "receipt"
    ]["rows"]
    again = tierwise("run", exports, "--home", home, "--as-of", AS_OF, "--verify")
    assert again.exit_code == 0
    assert "0 read" in again.stderr
    assert traces(home, person) == []


def test_forgetting_twice_and_somebody_unknown_takes_nothing_out(tmp_path: Path) -> None:
    _, home = filled(tmp_path)
    forget(home, f"tiktok:{PEOPLE[0]}")
    before = figures(home)
    for name in (PEOPLE[0], "zq-nobody"):
        assert forget(home, f"tiktok:{name}")["receipt"]["rows"] == {}
        assert traces(home, name) == []
    # The same name on another platform is another person.
    assert forget(home, f"instagram:{PEOPLE[2]}")["receipt"]["rows"] == {}
    assert figures(home) == before
    assert traces(home, PEOPLE[2])


@pytest.mark.parametrize(
    "asked",
    [
        ["tiktok:@zq.dee"],
        ["--platform", "TikTok", "ZQ.DEE"],
        ["--platform", "tiktok", "--id", "@zq.Dee"],
        ["--platform", "tiktok", "tiktok: zq.dee"],
    ],
)
def test_a_handle_is_found_however_it_is_written(tmp_path: Path, asked: list[str]) -> None:
    _, home = filled(tmp_path)
    assert forget(home, *asked)["receipt"]["rows"] == {"follows": 2, "likes": 2, "comments": 2}
    assert traces(home, "zq.Dee") == []


def test_later_deliveries_come_without_the_forgotten(tmp_path: Path) -> None:
    """Also under another spelling, in mended files, in many small files, and among friends of each other."""
    exports, home = filled(tmp_path)
    forget(home, "tiktok:zq.dee", f"tiktok:{PEOPLE[3]}")
    more = {
        "more.csv": "platform,account_id,follower_id\ntiktok,ann,@ZQ.DEE\ntiktok,ann,zq-new\ntiktok,zz,zq.dee\n",
        "more.ndjson": "".join(
            json.dumps({"platform": "tiktok", "post_id": "post-ann-1", "liker_id": who, "liked_at": None}) + "\n"
            for who in ("zq.Dee", PEOPLE[3], "zq-new")
        ),
        "friends.csv": "a;b\nzq.dee;zq-one\nzq-two;zq.Dee\nzq-one;zq-two\n",
        "sources.toml": FRIENDS,
    }
    for name, text in more.items():
        (exports / name).write_text(text)
    ran = tierwise("run", exports, "--home", home, "--as-of", AS_OF)
    assert ran.exit_code == 0, ran.stderr
    assert "6 forgotten" in ran.stderr
    counted = {key[0]: (row["rows_loaded"], row["rows_forgotten"]) for key, row in ledger(home).items()}
    assert counted["more.csv"] == (1, 2)
    assert counted["more.ndjson"] == (1, 2)
    assert counted["friends.csv"] == (1, 2)
    assert [traces(home, name) for name in ("zq.Dee", "zq.dee", "@ZQ.DEE", PEOPLE[3])] == [[], [], [], []]


def test_a_friend_among_friends_is_taken_out_both_ways(tmp_path: Path) -> None:
    """In such lists everybody is an account too, and its name stands in the lake as it was delivered."""
    exports, home = tmp_path / "exports", tmp_path / "home"
    exports.mkdir()
    lines = ["zq.dee;zq-one", "zq-two;zq.dee", "zq-one;zq-two", "zq-three;zq.dee"]
    (exports / "sources.toml").write_text(FRIENDS)
    (exports / "friends.csv").write_text("\n".join(["a;b", *lines]) + "\n")
    assert tierwise("run", exports, "--home", home).exit_code == 0
    assert forget(home, "tiktok:zq.dee")["receipt"]["rows"] == {"follows": 3}
    assert traces(home, "zq.dee") == []
    assert [(row["rows_loaded"], row["rows_forgotten"]) for row in ledger(home).values()] == [(1, 3)]
    (exports / "friends.csv").write_text("a;b\nzq-one;zq-two\n")
    assert tierwise("run", exports, "--home", tmp_path / "never").exit_code == 0
    assert figures(home) == figures(tmp_path / "never")


def scrape(number: int, people: Iterable[str]) -> str:
    """A web reply of Instagram about one post, with its comments, as a scraper writes one a file."""
    comments = [{"node": {"id": f"{number}{n}", "owner": {"id": who}}} for n, who in enumerate(people)]
    return json.dumps(
        {
            "shortcode": f"s{number}",
            "taken_at_timestamp": 1_780_000_000 + number,
            "owner": {"id": "ann"},
            "edge_media_preview_like": {"count": 7},
            "edge_media_to_comment": {"count": len(comments), "edges": comments},
        }
    )


def test_many_small_files_share_a_segment(tmp_path: Path) -> None:
    exports, home = tmp_path / "exports", tmp_path / "home"
    exports.mkdir()
    for number in range(4):
        (exports / f"{number}.json").write_text(scrape(number, PEOPLE[: number + 1]))
    assert tierwise("run", exports, "--home", home).exit_code == 0
    (exports / "3.json").write_text(scrape(3, PEOPLE[2:]))
    assert tierwise("run", exports, "--home", home).exit_code == 0
    assert traces(home, PEOPLE[2], platform="instagram")
    forget(home, f"instagram:{PEOPLE[2]}")
    assert traces(home, PEOPLE[2], platform="instagram") == []
    (exports / "4.json").write_text(scrape(4, PEOPLE[1:3]))
    assert tierwise("run", exports, "--home", home).exit_code == 0
    counted = [
        (row["rows_loaded"], row["rows_forgotten"])
        for (file, dataset), row in ledger(home).items()
        if dataset == "comments"
    ]
    assert counted == [(1, 0), (2, 0), (2, 1), (2, 1), (1, 1)]
    assert traces(home, PEOPLE[2], platform="instagram") == []


def test_what_counts_no_more_is_searched_too(tmp_path: Path) -> None:
    """A file that was read by another declaration before: its segments lie there still."""
    exports, home = filled(tmp_path)
    (exports / "sources.toml").write_text('[[source]]\nfiles = "follows.csv"\ntime_zone = "UTC"\n')
    assert tierwise("run", exports, "--home", home, "--as-of", AS_OF).exit_code == 0
    forget(home, f"tiktok:{PEOPLE[0]}")
    assert traces(home, PEOPLE[0]) == []
    assert figures(home) == figures(home_without(tmp_path, [PEOPLE[0]]))


def test_a_list_of_people_on_several_platforms(tmp_path: Path) -> None:
    exports, home = filled(tmp_path)
    (exports / "insta.csv").write_text(
        "platform,account_id,follower_id\ninstagram,ann,zq-ada-7001\ninstagram,ann,zq-x\n"
    )
    assert tierwise("run", exports, "--home", home, "--as-of", AS_OF).exit_code == 0
    people = tmp_path / "people.txt"
    people.write_text(f"# asked on 1 August\ntiktok:{PEOPLE[0]}\n\ninstagram:@{PEOPLE[0]}\r\ntiktok:{PEOPLE[1]}\n")
    assert forget(home, "--file", people)["receipt"]["rows"] == {"follows": 5, "likes": 4, "comments": 4}
    assert traces(home, PEOPLE[0]) == traces(home, PEOPLE[0], platform="instagram") == traces(home, PEOPLE[1]) == []


def test_a_member_who_is_a_listed_account_is_found_by_its_handle(tmp_path: Path) -> None:
    """Lists have its id, who asks gives the handle. The account itself stays until it is asked for."""
    exports, home = filled(tmp_path)
    (exports / "fans.csv").write_text("platform,account_id,follower_id\ntiktok,ann,ben\n")
    assert tierwise("run", exports, "--home", home, "--as-of", AS_OF).exit_code == 0
    told = forget(home, "tiktok:@ben.handle")
    assert (told["receipt"]["rows"], told["listed_count"]) == ({"follows": 1}, 1)
    with open_published(home / "warehouse.duckdb") as connection:
        assert connection.sql("SELECT count(*) FROM accounts WHERE account_id = 'ben'").fetchall() == [(1,)]


@pytest.mark.parametrize("asked", ["tiktok:ben", "tiktok:@Ben.Handle"])
def test_no_byte_of_an_account_is_left(tmp_path: Path, asked: str) -> None:
    exports, home = filled(tmp_path)
    done = forget(home, asked, "--account")
    assert done["receipt"]["rows"] == {"accounts": 1, "posts": 2, "follows": 5, "likes": 5, "comments": 5}
    places = [path for path in home.rglob("*") if path.is_file()]
    for form in (b"ben.handle", b"post-ben", b"tiktok,ben"):
        assert [path for path in places if form in path.read_bytes()] == []
    key = pl.select(platform=pl.lit("tiktok"), name=pl.lit("ben")).select(stable_key("platform", "name")).item()
    assert [path for path in places if key.to_bytes(8, "little") in path.read_bytes()] == []
    assert figures(home) == figures(home_without(tmp_path, [], ["ann"]))
    (exports / "later.csv").write_text(
        "platform,account_id,username,followers_count\ntiktok,ben,x,7\ntiktok,n1,BEN.HANDLE,8\ntiktok,ann,ann.handle,5\n"
    )
    (exports / "later_likes.csv").write_text(
        "platform,post_id,liker_id\ntiktok,post-ben-1,zq-q\ntiktok,post-ann-1,zq-q\n"
    )
    (exports / "later_posts.csv").write_text(
        "platform,post_id,account_id\ntiktok,post-ben-9,ben\ntiktok,post-ann-9,ann\n"
    )
    assert tierwise("run", exports, "--home", home, "--as-of", AS_OF).exit_code == 0
    counted = {key[0]: (row["rows_loaded"], row["rows_forgotten"]) for key, row in ledger(home).items()}
    assert [counted[f"later{name}.csv"] for name in ("", "_likes", "_posts")] == [(1, 2), (1, 1), (1, 1)]


def test_whom_to_forget_must_be_said(tmp_path: Path) -> None:
    _, home = filled(tmp_path)
    for asked in ([], ["somebody"], ["tiktok:"], ["tiktok:@"], ["--file", tmp_path / "none.txt"]):
        done = tierwise("forget", *asked, "--home", home)
        assert (done.exit_code, "fix:" in done.stderr, "somebody" in done.stderr) == (2, True, False)
    assert tierwise("forget", "tiktok:x", "--home", tmp_path / "elsewhere").exit_code == 2
    assert not (tmp_path / "elsewhere").exists()


def test_without_the_key_nobody_comes_back(tmp_path: Path) -> None:
    exports, home = filled(tmp_path)
    forget(home, f"tiktok:{PEOPLE[0]}")
    (exports / "more.csv").write_text(f"platform,account_id,follower_id\ntiktok,ann,{PEOPLE[0]}\n")
    for key in (None, "another key, of words"):
        assert tierwise("run", exports, "--home", home, TIERWISE_MEMBER_KEY=key).exit_code == 2
    assert tierwise("run", exports, "--home", home, "--as-of", AS_OF).exit_code == 0
    assert traces(home, PEOPLE[0]) == []

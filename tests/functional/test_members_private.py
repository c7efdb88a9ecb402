"""No follower, liker or commenter leaves the lake: neither an id nor the key it is kept under."""

import json
import stat
from pathlib import Path

import duckdb
import polars as pl
import pytest

from schemas.keys import member_key
from tests.command import Answer, in_process
from tests.planted_members import MARKS, marks_in, told_of, write_planted

SECRET = "0123456789abcdef" * 4
# Good ones, and one for each kind of bad row.
MEMBERS = ["9007199254741881", "9007199254741883", "zq-planted-liker", "zq-planted-commenter"]
BAD = ["zq-ragged-member", "zq-late-member", "9.00719925474e+15", "zq-quarantined-member"]


def tierwise(*arguments: object, secret: str | None = None) -> Answer:
    return in_process(*arguments, TIERWISE_MEMBER_KEY=secret)


def planted(secret: str) -> list[bytes]:
    """Every form in which a member could be told: its id, and its keys as texts and as bytes."""
    names = pl.DataFrame({"platform": "tiktok", "member": [*MEMBERS, *BAD]})
    keys = [key for way in (None, secret) for key in names.select(member_key("member", way)).to_series()]
    forms = [name.encode() for name in (*MEMBERS, *BAD)]
    for key in keys:
        forms += [str(key).encode(), f"{key:x}".encode(), key.to_bytes(8, "little"), key.to_bytes(8, "big")]
    return forms


def write_exports(exports: Path) -> None:
    exports.mkdir()
    (exports / "posts.csv").write_text(
        "platform,post_id,account_id,published_at,like_count,comment_count\ntiktok,p1,a,2026-07-01T00:00:00Z,2,1\n"
    )
    (exports / "follows.csv").write_text(
        "platform,account_id,follower_id,followed_at\n"
        + "".join(f"tiktok,a,{member},2026-01-0{i + 1}T00:00:00Z\n" for i, member in enumerate(MEMBERS))
        + f"tiktok,a,{BAD[0]},2026-01-01T00:00:00Z,{BAD[0]},{BAD[0]}\n"
        + f"tiktok,a,{BAD[1]},NaN\n"
        + f"tiktok,a,{BAD[2]},2026-01-01T00:00:00Z\n"
        + "tiktok,a,,2026-01-01T00:00:00Z\n"
    )
    likes = [{"platform": "tiktok", "post_id": "p1", "liker_id": name, "liked_at": None} for name in MEMBERS]
    lines = [*likes, likes[0] | {"liker_id": BAD[1], "liked_at": "NaN"}, likes[0] | {"liker_id": None}]
    (exports / "likes.ndjson").write_text(
        "".join(json.dumps(line) + "\n" for line in lines) + f'{{"platform": "tiktok", "liker_id": "{BAD[0]}\n'
    )
    comments = [
        {"platform": "tiktok", "post_id": "p1", "commenter_id": name, "commented_at": time}
        for name, time in [*((name, "2026-07-02T00:00:00Z") for name in MEMBERS), (BAD[1], "NaN"), (BAD[2], None)]
    ]
    pl.DataFrame(comments).write_parquet(exports / "comments.parquet")
    (exports / "odd.csv").write_text(f"who,what\n{BAD[3]},{MEMBERS[2]}\n")


@pytest.mark.parametrize("as_json", [True, False])
def test_no_member_is_told(tmp_path: Path, as_json: bool) -> None:
    exports, home = tmp_path / "exports", tmp_path / "home"
    write_exports(exports)
    flags = ["--json"] if as_json else []
    told = [tierwise("run", exports, "--home", home, *flags)]
    told += [tierwise(name, "--home", home, *flags) for name in ("ledger", "rejects")]
    told += [tierwise("query", "from rejected_rows", "--home", home, *flags)]
    assert [answer.exit_code for answer in told] == [0, 0, 0, 0], told
    key = home / "member.key"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert not list((home / "lake").rglob("member.key"))
    places = {f"answer {number}": (answer.stdout + answer.stderr).encode() for number, answer in enumerate(told)}
    places |= {str(path): path.read_bytes() for path in [home / "warehouse.duckdb", *(home / "lake/ledger").iterdir()]}
    rejects = list((home / "lake/rejects").iterdir())
    assert rejects
    places |= {str(path): pl.read_parquet(path).write_csv().encode() + path.read_bytes() for path in rejects}
    forms = planted(key.read_text().strip())
    assert [(place, form) for place, content in places.items() for form in forms if form in content] == []
    # The same person has the same key in every file. One more than the good ones: a time that is none costs no edge.
    stored = [
        {
            key
            for path in (home / "lake/segments" / name).rglob("*.parquet")
            for key in pl.read_parquet(path, hive_partitioning=False).get_column("member_key")
        }
        for name in ("follows", "likes", "comments")
    ]
    assert len(stored[0]) == len(MEMBERS) + 1
    assert stored[0] == stored[1] == stored[2]


def test_another_key_is_refused(tmp_path: Path) -> None:
    exports, home = tmp_path / "exports", tmp_path / "home"
    write_exports(exports)
    assert tierwise("run", exports, "--home", home, secret=SECRET).exit_code == 0
    assert not (home / "member.key").exists()
    (exports / "more.csv").write_text("platform,account_id,follower_id\ntiktok,a,another\n")
    refused = tierwise("run", exports, "--home", home, secret="f" * 64)
    assert refused.exit_code == 2
    assert "holds pseudonyms made under another key" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_pseudonyms_need_no_key(tmp_path: Path) -> None:
    exports, home = tmp_path / "exports", tmp_path / "home"
    exports.mkdir()
    (exports / "follows.csv").write_text("platform,account_id,follower_id\ntiktok,a,x1\ntiktok,a,x2\n")
    (exports / "sources.toml").write_text('[[source]]\nfiles = "*.csv"\nmembers = "pseudonyms"\n')
    ran = tierwise("run", exports, "--home", home)
    assert ran.exit_code == 0, ran.stderr
    assert not (home / "member.key").exists()


def test_no_member_is_told_of_a_file_whatever_it_is_taken_for(tmp_path: Path) -> None:
    exports, home = tmp_path / "exports", tmp_path / "home"
    write_exports(exports)
    write_planted(exports)
    delivered = b"".join(path.read_bytes() for path in exports.rglob("*") if path.is_file())
    assert [mark for mark in MARKS if mark not in delivered] == []
    told = [tierwise("run", exports, "--home", home)]
    told += [tierwise(name, "--home", home, "--json") for name in ("ledger", "rejects")]
    told += [tierwise("plan", exports, "--home", home), tierwise("run", exports, "--home", home, "--json")]
    assert "published in" in told[0].stderr, told[0].stderr
    assert "fault of Tierwise" not in told[0].stderr
    with duckdb.connect(home / "warehouse.duckdb", read_only=True) as connection:
        verdicts = [verdict for (verdict,) in connection.sql("SELECT verdict FROM load_ledger").fetchall()]
    assert min(verdicts.count("loaded"), verdicts.count("quarantined")) > 20
    answers = {f"answer {number}": (answer.stdout + answer.stderr).encode() for number, answer in enumerate(told)}
    assert marks_in(answers | told_of(home)) == []

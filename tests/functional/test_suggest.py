"""`tierwise suggest`: drafts for files that nothing recognises, which load as they say, and tell no member."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.command import Answer, in_process
from warehouse.published import open_published

Row = tuple[Any, ...]
EXAMPLE = Path(__file__).parents[2] / "examples" / "unknown"
ACCOUNTS = "SELECT platform, account_id, followers_count, niche FROM accounts ORDER BY ALL"
POSTS = "SELECT platform, post_id, account_id, like_count, comment_count, view_count, published_at::VARCHAR FROM posts ORDER BY ALL"

SHEET = """Creator,Topic,Insta,IG Followers,Tik Tok,TikTok followers
Ann,tea,@ann.a,"1,200",,
Ben,art,,,@ben_b,"88,000"
Total,,,"1,200",,"88,000"
"""
RANKING = """Top creators of the month;;
Nutzername;Abonnenten;Kategorie
zo\u00eb.k;12,5k;B\u00fccher
jan.p;900;Tee
"""
TABLE = """Link to post\tGef\u00e4llt mir\tKommentare\tDatum
https://www.instagram.com/p/Qa1/\t1.204\t7\t28.02.2026
https://www.instagram.com/p/Qa2/\t96\t0\t13.03.2026
"""
POLISH = """Identyfikator posta,Identyfikator konta,Opis,Czas publikacji,Wy\u015bwietlenia,Zasi\u0119g,Polubienia,Udost\u0119pnienia,Komentarze,Zapisane
17985000000000011,17840000000000841,Sto\u0142y,10/27/2026 16:45,1290,1010,87,5,6,19
"""
TURKISH = """G\u00f6nderi no,Hesap no,A\u00e7\u0131klama,Yay\u0131nlanma zaman\u0131,G\u00f6r\u00fcnt\u00fclemeler,Eri\u015fim,Be\u011fenmeler,Payla\u015f\u0131mlar,Yorumlar,Kaydetmeler
17985000000000021,17840000000000851,Masa,10/17/2026 09:05,880,702,64,2,3,8
"""
PAGE = {
    "page": 1,
    "items": [
        {"aweme_id": "71", "author": {"unique_id": "kim", "id": "5"}, "stats": {"diggCount": 4, "commentCount": 1, "playCount": 90}, "createTime": 1767225600},
        {"aweme_id": "72", "author": {"unique_id": "kim", "id": "5"}, "stats": {"diggCount": 6, "commentCount": 0, "playCount": 70}, "createTime": 1767312000},
    ],
}  # fmt: skip
FOLLOWERS = "owner,follower,since\nann,PRIVATE-one,2026-01-01T00:00:00Z\nann,PRIVATE-two,2026-01-02T00:00:00Z\n"


@pytest.fixture
def command() -> Callable[..., Answer]:
    return in_process


def loaded(exports: Path, home: Path, sql: str) -> list[Row]:
    answer = in_process("run", exports, "--home", home)
    assert answer.exit_code == 0, answer.stderr
    with open_published(home / "warehouse.duckdb") as connection:
        return connection.sql(sql).fetchall()


CASES: dict[str, tuple[str, bytes, str, list[Row], list[str]]] = {
    "a sheet with a column for each network": (
        "sheet.csv", SHEET.encode(), ACCOUNTS,
        [("instagram", "ann.a", 1200, "tea"), ("tiktok", "ben_b", 88000, "art")],
        ['where = { "Insta" = { blank = false } }'],
    ),
    "a ranking in German, Windows characters, a title above": (
        "instagram_ranking.csv", RANKING.encode("cp1252"), ACCOUNTS,
        [("instagram", "jan.p", 900, "tee"), ("instagram", "zo\u00eb.k", 12500, "b\u00fccher")],
        ['encoding = "cp1252"', "skip_lines = 1", 'delimiter = ";"'],
    ),
    "UTF-16 with tabs, days before months, addresses of posts": (
        "posts.tsv", TABLE.encode("utf-16"), POSTS,
        [
            ("instagram", "Qa1", "handle_or_id_of_the_account", 1204, 7, None, "2026-02-28 00:00:00"),
            ("instagram", "Qa2", "handle_or_id_of_the_account", 96, 0, None, "2026-03-13 00:00:00"),
        ],
        ["# ? no column says whose the rows are", 'number = "dot"', 'date_format = "%d.%m.%Y"'],
    ),
    "a content export in Polish": (
        "instagram_tresci.csv", POLISH.encode(), POSTS,
        [("instagram", "17985000000000011", "17840000000000841", 87, 6, 1290, "2026-10-27 16:45:00")],
        ['columns.share_count = "Udost\u0119pnienia"', 'columns.reach_count = "Zasi\u0119g"', "time_zone ="],
    ),
    "a content export in Turkish": (
        "instagram_icerik.csv", TURKISH.encode(), POSTS,
        [("instagram", "17985000000000021", "17840000000000851", 64, 3, 880, "2026-10-17 09:05:00")],
        ['columns.caption = "A\u00e7\u0131klama"', 'columns.save_count = "Kaydetmeler"', "time_zone ="],
    ),
    "links to profiles beside handles": (
        "top.csv",
        b"Handle,Link,Followers,Category\n@kim,https://www.instagram.com/kim/,500,tea\n@oat,https://www.instagram.com/oat/,90000,art\n",
        ACCOUNTS, [("instagram", "kim", 500, "tea"), ("instagram", "oat", 90000, "art")], ["# columns left unread: 'Link'"],
    ),
    "links to profiles and nothing else that names the accounts": (
        "top.csv",
        b"Link,Followers,Category\nhttps://www.tiktok.com/@kim,500,tea\nhttps://www.tiktok.com/@oat,90000,art\n",
        ACCOUNTS, [("tiktok", "kim", 500, "tea"), ("tiktok", "oat", 90000, "art")], ['{ from = "Link", key = "handle" }'],
    ),
    "links to posts of a video site": (
        "tiktok.csv",
        b"Author,Link,Likes\nkim,https://www.tiktok.com/@kim/video/71,5\nkim,https://www.tiktok.com/@kim/video/72,8\n",
        "SELECT post_id, account_id, like_count FROM posts ORDER BY ALL",
        [("https://www.tiktok.com/@kim/video/71", "kim", 5), ("https://www.tiktok.com/@kim/video/72", "kim", 8)],
        ['key = "post_link"'],
    ),
    "followers in thousands, and fees with units of their own": (
        "tiktok_rates.csv", b"Handle,Followers (k),Fee (k)\n@ann,17.5,2k\n@ben,640,1.5k\n", ACCOUNTS,
        [("tiktok", "ann", 17500, "unknown"), ("tiktok", "ben", 640000, "unknown")],
        ["# ? 'Followers (k)' is taken to count in units of 1,000", '{ from = "Followers (k)", times = 1000 }'],
    ),
    "an envelope of nested records": (
        "tiktok_page.json", json.dumps(PAGE).encode(), POSTS,
        [
            ("tiktok", "71", "5", 4, 1, 90, "2026-01-01 00:00:00"),
            ("tiktok", "72", "5", 6, 0, 70, "2026-01-02 00:00:00"),
        ],
        ['each = "items[]"', 'from = ".createTime", date_format = "epoch"'],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_a_draft_loads_as_it_says(name: str, tmp_path: Path, command: Callable[..., Answer]) -> None:
    file, content, sql, rows, said = CASES[name]
    exports = tmp_path / "exports"
    exports.mkdir()
    (exports / file).write_bytes(content)
    shown = command("suggest", exports / file)
    assert shown.exit_code == 0, shown.stderr
    assert all(text in shown.stdout for text in said), shown.stdout
    assert not (exports / "sources.toml").exists()
    assert command("suggest", exports / file, "--write").exit_code == 0
    assert loaded(exports, tmp_path / "home", sql) == rows
    again = command("suggest", exports / file, "--write")
    assert again.exit_code == 2
    assert "is declared in sources.toml already" in again.stderr


def test_the_sheet_of_the_examples_comes_in_by_the_lines_of_the_readme(tmp_path: Path) -> None:
    exports = tmp_path / "offers"
    shutil.copytree(EXAMPLE, exports)
    assert in_process("suggest", exports / "agency_sheet.csv", "--write").exit_code == 0
    names = "SELECT platform, account_id, display_name, followers_count FROM accounts ORDER BY ALL"
    assert loaded(exports, tmp_path / "home", names) == [
        ("instagram", "mara.makes", "Mara Lind", 12480),
        ("instagram", "odo_rides", "Odo Brandt", 7050),
        ("tiktok", "maramakes", "Mara Lind", 41900),
        ("tiktok", "piabakes", "Pia Roth", 118300),
    ]


def test_members_are_not_shown(tmp_path: Path, command: Callable[..., Answer]) -> None:
    (tmp_path / "list_on_x.csv").write_text(FOLLOWERS, encoding="utf-8")
    (tmp_path / "bare.csv").write_text("x,ann,PRIVATE-one\nx,ann,PRIVATE-two\n", encoding="utf-8")
    known = command("suggest", tmp_path / "list_on_x.csv")
    assert known.exit_code == 0, known.stderr
    assert 'dataset = "follows"' in known.stdout
    unknown = command("suggest", tmp_path / "bare.csv")
    assert unknown.exit_code == 1
    assert "none of its 3 columns" in unknown.stderr
    assert "PRIVATE" not in known.stdout + known.stderr + unknown.stdout + unknown.stderr


@pytest.mark.parametrize(
    ("day", "asked"),
    [("03/04/2026", True), ("13/04/2026", False)],
)
def test_what_could_be_two_days_is_asked(day: str, asked: bool, tmp_path: Path, command: Callable[..., Answer]) -> None:
    (tmp_path / "a.csv").write_text(f"post id,author,likes,posted at\n1,kim,5,{day}\n", encoding="utf-8")
    answer = command("suggest", tmp_path / "a.csv")
    assert ("can be" in answer.stdout) == asked, answer.stdout


@pytest.mark.parametrize(
    ("header", "cells", "question"),
    [
        ("Followers", "12,5 B;900", 'language = "tr" (12500)'),
        ("Followers", "3,7 Mio.;4,1 Mio.", 'language = "de" (3700000)'),
        ("ER", "2,75 %;1,5 %", 'number = "percent", language = "de" (0.0275)'),
        ("ER", "0.031;2.7%", "'0.031' in 'ER' is taken for 0.031 %, as others have their sign"),
        ("ER (%)", "2.7;3.1", "'2.7' in 'ER (%)' is taken for 2.7 %, by the name of the column"),
        ("ER", "2.7%;3.1%", None),
        ("ER", "0.0275;0.0312", None),
    ],
)
def test_numbers_that_only_a_language_reads_and_bare_percentages_are_asked(
    header: str, cells: str, question: str | None, tmp_path: Path, command: Callable[..., Answer]
) -> None:
    rows = "".join(f"a{n};tea;{cell}\n" for n, cell in enumerate(cells.split(";")))
    (tmp_path / "a.csv").write_text(f"username;niche;{header}\n{rows}", encoding="utf-8")
    answer = command("suggest", tmp_path / "a.csv")
    asked = [line for line in answer.stdout.splitlines() if line.startswith("# ?") and repr(header) in line]
    assert len(asked) == (question is not None), answer.stdout
    assert question is None or question in asked[0]


def test_what_is_recognised_needs_nothing_and_a_known_table_asks(
    tmp_path: Path, command: Callable[..., Answer]
) -> None:
    (tmp_path / "accounts.csv").write_text("platform,account_id,followers_count\nx,kim,5\n", encoding="utf-8")
    (tmp_path / "studio.csv").write_text(
        'Content,Video title,Video publish time,Views\nV1,Tea,"Jan 5, 2026",10\n', encoding="utf-8"
    )
    answer = command("suggest", tmp_path / "accounts.csv", tmp_path / "studio.csv")
    assert answer.exit_code == 0
    assert "accounts.csv: needs no declaration" in answer.stderr
    assert 'owner = "handle_or_id_of_the_account"' in answer.stdout


def test_a_table_that_is_no_rows_is_named_and_not_drafted(tmp_path: Path, command: Callable[..., Answer]) -> None:
    (tmp_path / "Totals.csv").write_text("Date,Views\n2026-01-05,10\n", encoding="utf-8")
    answer = command("suggest", tmp_path / "Totals.csv")
    assert "figures of the whole channel on single days" in answer.stderr
    assert "[[source" not in answer.stdout


def test_names_of_columns_cannot_draw_on_a_terminal(tmp_path: Path, command: Callable[..., Answer]) -> None:
    (tmp_path / "a.csv").write_text('handle,followers,"x\x1b[31m\u202e"\nkim,5,1\n', encoding="utf-8")
    answer = command("suggest", tmp_path / "a.csv")
    assert answer.exit_code == 0, answer.stderr
    assert not {"\x1b", "\u202e"} & set(answer.stdout)


def test_a_file_outside_of_the_folder(tmp_path: Path, command: Callable[..., Answer]) -> None:
    (tmp_path / "exports").mkdir()
    (tmp_path / "a.csv").write_text("a\n1\n", encoding="utf-8")
    answer = command("suggest", tmp_path / "a.csv", "--exports", tmp_path / "exports")
    assert answer.exit_code == 2
    assert "is no export file below" in answer.stderr

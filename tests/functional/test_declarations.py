"""sources.toml as a user writes it: what it makes of a file, and what a mistake in it is answered with."""

import json
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest

from flows.run import run
from flows.settings import Settings
from flows.summary import RunSummary
from ingest.sources import read_sources, source_of
from schemas.errors import DeclarationError
from schemas.sources import Source, Sources

ACCOUNTS = """
[[source.load]]
dataset = "accounts"
columns = { platform = { value = "instagram" }, account_id = "handle", followers_count = "followers" }
"""


class Folder:
    """An exports folder with one sources.toml, and the warehouse that comes of it."""

    def __init__(self, place: Path) -> None:
        self.exports, self.home = place / "exports", place / "home"
        self.exports.mkdir()

    def declare(self, text: str) -> None:
        self.exports.joinpath("sources.toml").write_text(text, encoding="utf-8")

    def deliver(self, name: str, text: str) -> None:
        self.exports.joinpath(name).write_text(text, encoding="utf-8")

    def publish(self) -> RunSummary:
        return run(self.exports, Settings(home=self.home))

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        with duckdb.connect(str(self.home / "warehouse.duckdb"), read_only=True) as connection:
            return connection.execute(sql).fetchall()


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


@pytest.mark.parametrize(
    ("text", "place", "reason"),
    [
        ('sources = "x"', "sources", "is no key of sources.toml"),
        ('source = "x"', "source", "must be a list"),
        ('[[source]]\nnumber = "suffix"', "source 1, files", "is missing"),
        ('[[source]]\nfiles = "a"\n[[source]]\nfiles = ""', "source 2, files", "names no file"),
        ('[[source]]\nfiles = "/a.csv"', "source 1, files", "inside the exports folder"),
        ('[[source]]\nfiles = "../a.csv"', "source 1, files", "inside the exports folder"),
        ('[[source]]\nfiles = "a"\ndelimeter = ";"', "source 1, delimeter", "is no key of sources.toml"),
        ('[[source]]\nfiles = "a"\ndelimiter = "\\n"', "source 1, delimiter", "cannot separate cells"),
        ('[[source]]\nfiles = "a"\ndelimiter = "§"', "source 1, delimiter", "cannot separate cells"),
        ('[[source]]\nfiles = "a"\nencoding = "klingon"', "source 1, encoding", "'klingon' is no text encoding"),
        ('[[source]]\nfiles = "a"\nencoding = "hex"', "source 1, encoding", "'hex' is no text encoding"),
        ('[[source]]\nfiles = "a"\ntime_zone = "Mars/Olympus"', "source 1, time_zone", "is no time zone"),
        ('[[source]]\nfiles = "a"\nnumber = "roman"', "source 1, number", "'plain', 'comma'"),
        ('[[source]]\nfiles = "a"\nload = "accounts"', "source 1, load", "must be a list"),
        ('[[source]]\nfiles = "a"\nload = ["accounts"]', "source 1, load 1", "must be a table"),
        ('[[source]]\nfiles = "a"\nconstants = "x"' + ACCOUNTS, "source 1, constants", "must be a table"),
        (
            '[[source]]\nfiles = "a"\nconstants = { platfrom = "x" }' + ACCOUNTS,
            "source 1",
            "'platfrom' is no column of",
        ),
        ('[[source]]\nfiles = "a"\nconstants = { price = "5" }' + ACCOUNTS, "source 1", "'price' is no column of acc"),
        ('[[source]]\nfiles = "a"\nconstants = { platfrom = "x" }', "source 1", "'platfrom' is no column of"),
        ('[[source]]\nfiles = "a"\n[[source.load]]\ndataset = ["x"]', "source 1, load 1, columns", "is missing"),
        (
            '[[source]]\nfiles = "a"\n[[source.load]]\ndataset = "accounts"\ncolumns = ["x"]',
            "source 1, load 1, columns",
            "must be a table",
        ),
        (
            '[[source]]\nfiles = "a"\n[[source.load]]\ndataset = "account"\ncolumns = {}',
            "source 1, load 1",
            "'account' is not one of accounts, posts",
        ),
        (
            '[[source]]\nfiles = "a"' + ACCOUNTS.replace('"handle"', '{ from = "handle", value = "kim" }'),
            "source 1, load 1, columns.account_id",
            "give exactly one of",
        ),
        (
            '[[source]]\nfiles = "a"' + ACCOUNTS.replace('"handle"', '{ from = "handle", key = "row_hash" }'),
            "source 1, load 1, columns.account_id",
            "give exactly one of",
        ),
        ("[[source]]\nfiles = a.csv", "line 2", "sources.toml"),
        ('[[source]]\nfiles = "a"\nskip_lines = 99999999999999999999', "source 1, skip_lines", "equal to 1000000000"),
        ('[[source]]\nfiles = "a"\nskip_lines = ' + "9" * 5000, "sources.toml", "digits"),
        ('[[source]]\nfiles = "' + "*a" * 300 + '"', "source 1, files", "at most 500 characters"),
        (
            '[[source]]\nfiles = "a"' + ACCOUNTS.replace('"handle"', "{ position = 18446744073709551616 }"),
            "source 1, load 1, columns.account_id.position",
            "equal to 1000000000",
        ),
        ("ignore = " + "[" * 30 + "]" * 30, "sources.toml", "more than 20 levels deep"),
        ("ignore = " + "[" * 100_000, "sources.toml", "more than 20 levels deep"),
        (".".join(["a"] * 5000) + " = 1", "sources.toml", "more than 20 levels deep"),
    ],
)
def test_a_mistake_is_answered_with_its_place_and_reason(folder: Folder, text: str, place: str, reason: str) -> None:
    folder.declare(text)
    with pytest.raises(DeclarationError) as caught:
        read_sources(folder.exports)
    assert place in str(caught.value)
    assert reason in str(caught.value)
    assert "docs/sources.md" in caught.value.fix
    assert caught.value.exit_code == 2


def test_all_mistakes_are_named_at_once(folder: Folder) -> None:
    folder.declare('[[source]]\nfiles = "a"\nskip_lines = -1\n[[source]]\nfiles = "b"\nheader = 7')
    with pytest.raises(DeclarationError) as caught:
        read_sources(folder.exports)
    assert "source 1, skip_lines: " in str(caught.value)
    assert "source 2, header: " in str(caught.value)


def test_declarations_longer_than_anybody_writes_are_not_read(folder: Folder) -> None:
    folder.declare("#" * (1 << 20) + "\n")
    with pytest.raises(DeclarationError, match="more than 1,048,576 bytes") as caught:
        read_sources(folder.exports)
    assert "globs" in caught.value.fix


def test_of_thousands_of_mistakes_the_first_are_named(folder: Folder) -> None:
    folder.declare("\n".join(f"wrong{number} = 1" for number in range(5000)))
    with pytest.raises(DeclarationError, match=r"wrong19: .*; and 4,980 more") as caught:
        read_sources(folder.exports)
    assert "wrong20" not in str(caught.value)


@pytest.mark.parametrize("header", ["true", "false"])
def test_lines_to_skip_end_with_the_file(folder: Folder, header: str) -> None:
    folder.declare(f'[[source]]\nfiles = "short.csv"\nskip_lines = 1000000000\nheader = {header}' + ACCOUNTS)
    folder.deliver("short.csv", "handle,followers\nkim,10\n")
    folder.deliver("good.csv", "platform,account_id,followers_count\ninstagram,lee,20\n")
    summary = folder.publish()
    assert summary.rows_loaded == 1
    (said,) = summary.quarantined
    assert "nothing follows the 1000000000 lines that are skipped" in said


def test_a_byte_order_mark_before_the_declarations_is_no_mistake(folder: Folder) -> None:
    folder.declare('\ufeff[[source]]\nfiles = "a"')
    assert read_sources(folder.exports).source == (Source(files="a"),)


@pytest.mark.parametrize(
    ("glob", "file", "fits"),
    [
        ("a.csv", "a.csv", True),
        ("a.csv", "deep/down/a.csv", True),
        ("*.csv", "deep/down/a.csv", True),
        ("*.csv", "a.csv.gz", False),
        ("?.csv", "a.csv", True),
        ("?.csv", "ab.csv", False),
        ("rankings/*.csv", "rankings/a.csv", True),
        ("rankings/*.csv", "old/rankings/a.csv", False),
        ("rankings/*.csv", "rankings/old/a.csv", False),
        ("rankings/**/*.csv", "rankings/a.csv", True),
        ("rankings/**/*.csv", "rankings/old/older/a.csv", True),
        ("**/a.csv", "a.csv", True),
        ("export [1].csv", "export [1].csv", True),
        ("export [1].csv", "export 1.csv", False),
        ("A.csv", "a.csv", False),
    ],
)
def test_globs_name_files(glob: str, file: str, *, fits: bool) -> None:
    source = Source(files=glob, number="suffix")
    assert (source_of(file, Sources(source=(source,))) == source) is fits


def test_times_whose_pattern_tells_no_zone_are_a_question_and_not_a_guess(folder: Folder) -> None:
    folder.declare('[[source]]\nfiles = "*.csv"\ndate_format = "%d.%m.%Y %H:%M"')
    folder.deliver("a.csv", "platform,post_id,account_id,published_at\ninstagram,1,a,01.02.2026 10:00\n")
    assert folder.publish().files_quarantined == 1
    ((rule, allowed, fix),) = folder.rows("SELECT rule, allowed, fix FROM rejected_rows")
    assert rule == "unknown_time_zone"
    assert "published_at" in allowed
    assert "time_zone" in fix


def test_a_zone_that_is_declared_answers_it(folder: Folder) -> None:
    folder.declare('[[source]]\nfiles = "*.csv"\ndate_format = "%d.%m.%Y %H:%M"\ntime_zone = "Europe/Berlin"')
    folder.deliver("a.csv", "platform,post_id,account_id,published_at\ninstagram,1,a,01.02.2026 10:00\n")
    assert folder.publish().rows_loaded == 1
    assert folder.rows("SELECT published_at::VARCHAR FROM posts") == [("2026-02-01 09:00:00",)]


def test_constants_are_plain_and_iso_whatever_the_file_does(folder: Folder) -> None:
    folder.declare(
        '[[source]]\nfiles = "*.csv"\nnumber = "dot"\ndate_format = "%d.%m.%Y"\ntime_zone = "UTC"\n'
        'constants = { platform = "instagram", quoted_on = "2026-08-01", price_min = "100.50" }\n'
        '[[source.load]]\ndataset = "rates"\ncolumns = { account_id = "handle", price = "price" }\n'
        '[[source.load]]\ndataset = "accounts"\n'
        'columns = { account_id = "handle", followers_count = { value = "5000" }, '
        'observed_at = { value = "2026-08-01T10:00:00Z" } }\n'
    )
    folder.deliver("a.csv", "handle,price\na,1.500\n")
    assert folder.publish().rows_rejected == 0
    assert folder.rows("SELECT price, price_min, quoted_on::VARCHAR FROM rates") == [(1500, 100.5, "2026-08-01")]
    assert folder.rows("SELECT followers_count, observed_at::VARCHAR FROM accounts") == [(5000, "2026-08-01 10:00:00")]


def test_a_constant_handle_is_made_bare_like_any_other(folder: Folder) -> None:
    folder.declare(
        '[[source]]\nfiles = "*.csv"\n[[source.load]]\ndataset = "posts"\ncolumns = { platform = { value = "tiktok" }, '
        'post_id = "id", account_id = { value = "@Kim", key = "handle" } }'
    )
    folder.deliver("a.csv", "id\n1\n")
    folder.publish()
    assert folder.rows("SELECT account_id FROM posts") == [("kim",)]


def test_a_load_of_constants_alone_accounts_for_every_record(folder: Folder) -> None:
    folder.declare(
        '[[source]]\nfiles = "*.csv"\n[[source.load]]\ndataset = "accounts"\ncolumns = { platform = { value = "tiktok" }, '
        'account_id = { value = "kim" }, followers_count = { value = "1000" } }'
    )
    folder.deliver("a.csv", "id\n1\n2\n3\n")
    folder.publish()
    assert folder.rows("SELECT rows_read, rows_loaded, rows_duplicate FROM load_ledger") == [(3, 1, 2)]


def test_a_constant_that_the_recognised_dataset_lacks_is_left_out(folder: Folder) -> None:
    folder.declare('[[source]]\nfiles = "*.csv"\nconstants = { currency = "EUR", niche = "food" }')
    folder.deliver("accounts.csv", "platform,account_id,followers_count\ninstagram,a,5\n")
    folder.deliver("rates.csv", "platform,account_id,price\ninstagram,a,50\n")
    folder.publish()
    assert folder.rows("SELECT niche, currency FROM accounts JOIN rates USING (platform, account_id)") == [
        ("food", "EUR")
    ]


def test_a_ruled_line_below_the_header_is_refused_and_the_rest_is_read(folder: Folder) -> None:
    folder.declare('[[source]]\nfiles = "*.tsv"\ndelimiter = "\\t"' + ACCOUNTS)
    folder.deliver("a.tsv", "handle\tfollowers\n=========\nkim\t5000\n")
    folder.publish()
    assert folder.rows("SELECT rows_read, rows_loaded, rows_rejected FROM load_ledger") == [(2, 1, 1)]
    assert folder.rows("SELECT line, value FROM rejected_rows") == [(2, "=========")]


def test_declared_followers_never_reach_the_lake_by_name(folder: Folder) -> None:
    folder.declare(
        '[[source]]\nfiles = "*.csv"\n[[source.load]]\ndataset = "follows"\n'
        'columns = { platform = { value = "tiktok" }, account_id = "owner", follower_id = "fan" }'
    )
    folder.deliver("a.csv", "owner,fan\nkim,secret_fan\n")
    folder.publish()
    texts = [
        str(value)
        for segment in folder.home.joinpath("lake").rglob("*.parquet")
        for row in pl.read_parquet(segment).rows()
        for value in row
    ]
    assert "secret_fan" not in " ".join(texts)


def test_the_first_topic_listed_is_the_niche(folder: Folder) -> None:
    niches = {
        "Fashion 0.5": "fashion",
        "Beauty; Fashion": "beauty",
        " ;Beauty": "beauty",
        "| Food|Travel": "food",
        "News & Politics": "news & politics",
        "home_decor": "home decor",
        "https://lists.example/top-1000": "unknown",
        "N/A'": "unknown",
        "nan": "unknown",
        ";": "unknown",
    }
    lines = [f"instagram,{number},5,{delivered}" for number, delivered in enumerate(niches)]
    folder.deliver("a.csv", "\n".join(["platform,account_id,followers_count,niche", *lines]))
    folder.publish()
    assert dict(folder.rows("SELECT niche_raw, niche FROM accounts")) == niches


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.ndjson", '{"platform": "x", "account_id": "kim", "followers_count": 5, "niche": ["art", "tea"]}'),
        ("a.json", '[{"platform": "x", "account_id": "kim", "followers_count": 5, "niche": ["art", "tea"]}]'),
        ("a.csv", "platform,account_id,followers_count,niche\nx,kim,5,\"['art', 'tea']\""),
    ],
)
def test_a_list_of_topics_is_its_elements(folder: Folder, name: str, text: str) -> None:
    folder.deliver(name, text)
    posts = [
        {"platform": "x", "post_id": str(n), "account_id": "kim", "sponsors": ["acme", "zeta"][n:]} for n in (0, 1, 2)
    ]
    folder.deliver("posts.ndjson", "\n".join(map(json.dumps, posts)))
    folder.publish()
    assert folder.rows("SELECT niche FROM accounts") == [("art",)]
    assert folder.rows("SELECT niche, is_main FROM account_niches ORDER BY rank") == [("art", True), ("tea", False)]
    assert folder.rows("SELECT brand, post_count FROM brand_mentions ORDER BY ALL") == [("acme", 1), ("zeta", 2)]


@pytest.mark.parametrize(("declared", "likes"), [("", [0, 0, 7]), ("zero_likes_hidden = true", [None, 0, 7])])
def test_zero_likes_beside_comments_are_hidden_only_where_the_source_hides_so(
    folder: Folder, declared: str, likes: list[int | None]
) -> None:
    folder.declare(f'[[source]]\nfiles = "posts.csv"\n{declared}')
    folder.deliver(
        "posts.csv",
        "platform,post_id,account_id,like_count,comment_count\ninstagram,1,a,0,5\ninstagram,2,a,0,0\ninstagram,3,a,7,1\n",
    )
    folder.publish()
    assert folder.rows("SELECT like_count FROM posts ORDER BY post_id") == [(n,) for n in likes]
    flagged = folder.rows("SELECT post_id FROM data_quality WHERE issue = 'no_likes_with_comments'")
    assert flagged == ([] if declared else [("1",)])

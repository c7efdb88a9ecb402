"""Each format that is read as it comes: a folder of its files, and in expected.json the rows they become.

<format>/*               the files
<format>/expected.json   why; rows: file -> [dataset, cells, or the beginning of why it is refused]; told: what sources.toml says
"""

import gzip
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.cast.json_text import cell
from ingest.formats.base import FileContext, Format, Row
from ingest.formats.encodings import media_type
from ingest.formats.registry import FORMATS, format_of
from ingest.readers.json import open_json
from schemas.errors import FileRefused
from schemas.pagination import Page
from schemas.rejects import Reject
from tests.rejected.delivery import Delivery, command, delivery
from tests.sample import how_many

HERE = Path(__file__).parent
CASES = sorted(path for path in HERE.glob("*/*") if path.name != "expected.json" and path.is_file())
DOCUMENTS = [json.loads(path.read_text("utf-8")) for path in CASES if path.suffix == ".json"]
# How many damaged documents are tried; a release tries more than every change does.
INPUTS = int(os.environ.get("TIERWISE_FUZZ_INPUTS", how_many(200, long=2_000)))
__all__ = ["command", "delivery"]


def expected(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((HERE / name / "expected.json").read_text(encoding="utf-8"))
    return found


def context_of(path: Path) -> FileContext:
    return FileContext(path.name, **expected(path.parent.name).get("told", {}).get(path.name, {}))


def rows_of(path: Path, form: Format, context: FileContext) -> Iterator[list[Any]]:
    """Dataset and cells of each row, or dataset and reason; nulls left out."""
    records = open_json(path, path.name)
    assert records is not None
    for record in records:
        for row in [record] if isinstance(record, Reject) else form.rows_of(record, context):
            if isinstance(row, Page):
                continue
            if isinstance(row, Reject):
                yield [row.dataset or next(iter(form.columns)), row.rule]
            else:
                cells = {name: cell(value) for name, value in row.cells.items()}
                yield [row.dataset, {name: text for name, text in cells.items() if text is not None}]


@pytest.mark.parametrize("form", FORMATS, ids=lambda form: form.name)
def test_every_format_has_a_folder_that_tries_each_dataset_it_fills(form: Format) -> None:
    rows = [row for rows in expected(form.name)["rows"].values() for row in rows]
    assert {dataset for dataset, cells in rows if isinstance(cells, dict)} == set(form.columns)
    assert {p.name for p in CASES if p.parent.name == form.name} == set(expected(form.name)["rows"])


@pytest.mark.parametrize("path", CASES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_file_becomes_the_rows_that_are_expected(path: Path) -> None:
    records = open_json(path, path.name)
    assert records is not None
    fitting = [form.name for form in FORMATS if any(map(form.recognises, records.head))]
    assert fitting == [path.parent.name], "a shape that two formats claim is nobody's"
    form = format_of(records.head)
    assert form is not None
    found = list(rows_of(path, form, context_of(path)))
    wanted = expected(path.parent.name)["rows"][path.name]
    for row, (dataset, cells) in zip(found, wanted, strict=True):
        assert row[0] == dataset
        assert row[1].startswith(cells) if isinstance(cells, str) else row[1] == cells
        known = form.columns[dataset]
        assert isinstance(row[1], str) or set(row[1]) <= set(known), "a cell that no column takes would be lost"


def test_all_of_them_load_in_one_run(delivery: Delivery) -> None:
    """Every row is counted once, as loaded or as refused; nothing is quarantined."""
    declared = []
    for path in CASES:
        name = f"{path.parent.name}/{path.name}"
        delivery.put(name, path.read_bytes())
        if told := expected(path.parent.name).get("told", {}).get(path.name):
            keys = "\n".join(f"{key} = {json.dumps(value)}" for key, value in told.items())
            declared.append(f"[[source]]\nfiles = {json.dumps(name)}\n{keys}\n")
    delivery.put("sources.toml", "\n".join(declared))
    delivery.run()
    counted: dict[str, tuple[int, int]] = {}
    for row in delivery.ledger():
        read, refused = counted.get(row["file"], (0, 0))
        counted[row["file"]] = (read + row["rows_read"], refused + row["rows_rejected"])
        assert row["verdict"] in ("loaded", "empty"), row
    for path in CASES:
        wanted = expected(path.parent.name)["rows"][path.name]
        refused = sum(isinstance(cells, str) for _, cells in wanted)
        assert counted[f"{path.parent.name}/{path.name}"] == (len(wanted), refused), path
    assert delivery.rows("SELECT like_count, view_count FROM posts WHERE post_id = 'OATa'") == [
        {"like_count": None, "view_count": None}
    ]
    assert delivery.rows("SELECT like_count FROM posts WHERE post_id = 'RYEa'") == [{"like_count": 1204}]
    assert str(delivery.rows("SELECT published_at FROM posts WHERE post_id = '1900000000000000107'")) == (
        "[{'published_at': datetime.datetime(2026, 8, 3, 8, 0)}]"
    )


USER = {"id": "17841400000000909", "username": "spelt", "name": "Spelt", "followers_count": 31}
FOREIGN: dict[str, dict[str, Any]] = {
    "answers to a thread": {"data": [{"id": "1", "username": "spelt", "text": "t", "timestamp": "2026-04-15T14:30:00+0000",
                                      "media_product_type": "THREADS", "is_reply": True}], "paging": {}},
    "threads of two accounts": {"data": [{"id": name, "username": name, "text": "t", "timestamp": "2026-04-15T14:30:00+0000",
                                          "media_product_type": "THREADS"} for name in ("rye", "spelt")]},
    "an answer to a thread, by itself": {"id": "1", "username": "spelt", "text": "t", "timestamp": "2026-04-15T14:30:00+0000",
                                         "media_product_type": "THREADS"},
    "a comment on Facebook": {"data": [{"id": "1_2", "message": "m", "from": {"id": "3"}, "created_time": "2026-04-15"}]},
    "figures of an account": {"data": [{"name": "reach", "period": "day", "values": [{"value": 9}], "id": "17/insights/reach/day"}]},
    "a user in a stream": {"stream": "users", "data": USER, "emitted_at": 1704378481116},
    "an account of Instagram": {"data": USER},
    "a claim of two formats": {"collector": [], "FansList": []},
}  # fmt: skip


@pytest.mark.parametrize("name", FOREIGN)
def test_what_no_one_format_must_be_the_shape_of_is_asked_about(delivery: Delivery, name: str) -> None:
    assert format_of([FOREIGN[name]]) is None
    delivery.put("a.json", json.dumps(FOREIGN[name]))
    delivery.run()
    assert delivery.verdicts() == {"a.json": "quarantined"}
    assert not delivery.accounts()


@pytest.mark.parametrize("lines", [1, 2, 1_100])
def test_a_reply_that_gives_nothing_is_no_empty_file(delivery: Delivery, lines: int) -> None:
    reply = {"data": {"playlists": [{"name": "n"}]}, "error": {"code": "ok", "message": ""}}
    delivery.put("a.json", f"{json.dumps(reply)}\n" * lines)
    delivery.put("b.json", json.dumps({"relationships_following": []}))
    delivery.run()
    assert delivery.verdicts() == {"a.json": "quarantined", "b.json": "empty"}
    assert "looks like tiktok_research_api" in delivery.rejects()[0]["allowed"]


@pytest.mark.parametrize("others", [0, 1_100])
def test_a_reply_that_gives_nothing_beside_others_is_rejected(delivery: Delivery, others: int) -> None:
    nothing = {"data": {"playlists": [{"name": "n"}]}, "error": {"code": "ok", "message": ""}}
    lines = [{"data": {"username": f"oat{i}", "follower_count": i}, "error": {"code": "ok"}} for i in range(others + 1)]
    delivery.put("a.ndjson", "".join(json.dumps(line) + "\n" for line in [nothing, *lines]))
    delivery.run()
    assert len(delivery.accounts()) == others + 1
    assert [row["rule"] for row in delivery.rejects()] == ["a record with nothing in it that is read"]
    assert sum(row["rows_read"] for row in delivery.ledger()) == others + 2


def test_figures_of_one_post_by_themselves_say_how_to_ask_for_them(delivery: Delivery) -> None:
    names = ("reach", "saved", "shares", "views")
    metrics = [
        {"name": name, "period": "lifetime", "values": [{"value": 9}], "id": f"17/insights/{name}"} for name in names
    ]
    delivery.put("a.json", json.dumps({"data": metrics}))
    delivery.run()
    assert delivery.verdicts() == {"a.json": "quarantined"}
    (refusal,) = delivery.rejects()
    assert refusal["rule"] == "insights_without_post"
    assert "insights.metric(reach,saved,shares,views)" in refusal["fix"]
    assert not delivery.accounts()


def test_a_video_of_another_site_is_quarantined(delivery: Delivery) -> None:
    video = {
        "id": "1",
        "title": "t",
        "uploader_id": "u",
        "view_count": 5,
        "upload_date": "20260501",
        "extractor_key": "Vimeo",
    }
    delivery.put("a.json", json.dumps(video))
    delivery.put("b.json", json.dumps({**video, "channel_id": "UC1", "extractor_key": "Youtube"}))
    delivery.put("sources.toml", '[[source]]\nfiles = "b.json"\nconstants = { observed_at = "2026-08-01T00:00:00Z" }\n')
    delivery.run()
    assert delivery.verdicts() == {"a.json": "quarantined", "b.json": "loaded"}
    assert str(delivery.rows("SELECT account_id, view_count, observed_at FROM posts")) == (
        "[{'account_id': 'UC1', 'view_count': 5, 'observed_at': datetime.datetime(2026, 8, 1, 0, 0)}]"
    )


PAGES: dict[str, tuple[dict[str, Any], str, str, str]] = {
    # Each with the line that it asks for, and what is then read of it.
    "comments": (
        {"data": [{"id": "9", "text": "t", "timestamp": "2026-05-02T09:00:00+0000", "username": "rye",
                   "replies": {"data": [{"id": "8", "text": "u", "timestamp": "2026-05-02T10:00:00+0000"}]}}]},
        'post = "17900000000000001"', "comments", "unknown_post",
    ),
    "videos": (
        {"data": {"videos": [{"id": "7", "title": "Stew", "create_time": 1783600000, "like_count": 31}], "has_more": False},
         "error": {"code": "ok", "message": "", "log_id": "l"}},
        'owner = "oat"', "posts", "unknown_owner",
    ),
    "media": (
        {"data": [{"id": "6", "media_type": "VIDEO", "media_product_type": "REELS", "timestamp": "2026-05-02T09:00:00+0000",
                   "like_count": 5}], "paging": {"next": "https://graph.example/next"}},
        'owner = "oat"', "posts", "unknown_owner",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("way", ["document", "lines", "packed", "many"])
def test_a_page_asks_whose_it_is_and_is_read_once_that_is_said(delivery: Delivery, name: str, way: str) -> None:
    reply, answer, dataset, question = PAGES[name]
    text = json.dumps(reply) + "\n"
    content = text.encode() * {"document": 1, "lines": 2, "packed": 1, "many": 1_100}[way]
    file = {"document": "a.json", "lines": "a.ndjson", "packed": "a.json.gz", "many": "a.jsonl"}[way]
    delivery.put(file, gzip.compress(content) if way == "packed" else content)
    delivery.run()
    assert delivery.verdicts() == {file: "quarantined"}
    assert [row["rule"] for row in delivery.rejects()] == [question]
    assert not delivery.accounts()
    delivery.put("sources.toml", f'[[source]]\nfiles = "{file}"\n{answer}\n')
    delivery.run()
    assert delivery.rows("SELECT DISTINCT dataset FROM load_ledger WHERE rows_loaded > 0") == [{"dataset": dataset}]
    if dataset == "posts":
        (post,) = delivery.rows("SELECT account_id, like_count FROM posts")
        assert post == {"account_id": "oat", "like_count": 31 if name == "videos" else 5}


def test_records_of_two_shapes_in_one_file_are_told_apart(delivery: Delivery) -> None:
    post = {"shortCode": "A", "ownerId": "1", "likesCount": 3, "commentsCount": 1}
    delivery.put("a.json", json.dumps([post, {"follower": {"accountId": "777333777"}}]))
    delivery.put("b.js", 'window.YTD.like.part0 = [{"like": {"tweetId": "1"}}, {"ad": {"id": "2"}, "extra": 1}]')
    delivery.put("sources.toml", '[[source]]\nfiles = "b.js"\nowner = "1"\n')
    delivery.run()
    rules = delivery.rows("SELECT file, rule, value FROM rejected_rows ORDER BY ALL")
    assert [(row["file"], row["rule"]) for row in rules] == [
        (name, "a record of another shape than others of the file") for name in ("a.json", "b.js")
    ]
    assert "777333777" not in str(rules)


@pytest.mark.parametrize("name", ["instagram_download/followers.json", "x_api/followers_p1.json"])
def test_a_list_that_does_not_say_whose_it_is_is_asked_about(delivery: Delivery, name: str) -> None:
    delivery.put("list.json", (HERE / name).read_bytes())
    delivery.run()
    (refusal,) = delivery.rows("SELECT rule, fix FROM rejected_rows")
    assert refusal["rule"] == "unknown_owner"
    assert 'files = "list.json" owner = ' in refusal["fix"]
    delivery.put("sources.toml", '[[source]]\nfiles = "list.json"\nowner = "@Oat.Kitchen"\n')
    delivery.run()
    assert delivery.verdicts() == {"list.json": "loaded"}
    assert delivery.rows("SELECT * FROM rejected_rows") == []
    assert "oat.kitchen" in delivery.accounts()


@pytest.mark.parametrize(
    ("name", "alike"),
    [
        ("saved_posts.json", "instagram_download/liked_posts_newest.json"),
        ("posts_viewed.json", "instagram_download/liked_posts_newest.json"),
        ("liked_comments.json", "instagram_download/liked_posts_newest.json"),
        ("pending_follow_requests.json", "instagram_download/followers_1.json"),
        ("follow_requests_you've_received.json", "instagram_download/followers_1.json"),
        ("following_hashtags.json", "instagram_download/followers_1.json"),
        ("Recently_Unfollowed.json", "instagram_download/followers_1.json"),
        ("accounts_you've_favorited.json", "instagram_download/followers_1.json"),
        ("followers_and_following/unfollowed.json", "instagram_download/followers_1.json"),
        ("followers/blocked_profiles.json", "instagram_download/followers_1.json"),
        ("list.json", "instagram_download/followers_1.json"),
        ("Block List.txt", "tiktok_download/Follower.txt"),
        ("list.txt", "tiktok_download/Follower.txt"),
        ("muting_p1.json", "x_api/followers_p1.json"),
        ("retweeted_by_p1.json", "x_api/followers_p1.json"),
    ],
)
def test_lists_that_look_like_followers_or_likes_are_told_by_their_names(
    delivery: Delivery, name: str, alike: str
) -> None:
    delivery.put(name, (HERE / alike).read_bytes())
    delivery.put("sources.toml", '[[source]]\nfiles = "**"\nowner = "oat.kitchen"\npost = "77"\n')
    delivery.run()
    assert delivery.verdicts() == {name: "quarantined"}
    assert [row["rule"] for row in delivery.rejects()] == ["another_list"]
    assert not delivery.accounts()


@pytest.mark.parametrize(
    ("name", "alike", "is_following"),
    [
        ("followers_of_oat (2).json", "instagram_download/followers_1.json", False),
        ("oat_following.json", "instagram_download/followers_1.json", True),
        ("followers/2026/oat.json", "instagram_download/followers_1.json", False),
        ("following/oat.json.gz", "instagram_download/followers_1.json", True),
        ("Following.txt", "tiktok_download/Follower.txt", True),
        ("Follower List.txt", "tiktok_download/Follower.txt", False),
        ("following_p1.json", "x_api/followers_p1.json", True),
        ("users_p1.json", "x_api/followers_p1.json", False),
    ],
)
def test_who_follows_whom_is_told_by_the_name_of_the_list(
    delivery: Delivery, name: str, alike: str, is_following: bool
) -> None:
    content = (HERE / alike).read_bytes()
    delivery.put(name, gzip.compress(content) if name.endswith(".gz") else content)
    delivery.put("sources.toml", '[[source]]\nfiles = "**"\nowner = "oat"\n')
    delivery.run()
    assert delivery.verdicts() == {name: "loaded"}
    rows = delivery.rows("SELECT account_id, followers_known_count AS n FROM audience WHERE time_window = 'all_time'")
    followed = {row["account_id"]: row["n"] for row in rows}
    assert ("oat" not in followed and set(followed.values()) == {1}) if is_following else list(followed) == ["oat"]


def test_the_owner_and_more_come_from_the_path(delivery: Delivery) -> None:
    data = (HERE / "x_api" / "followers_p1.json").read_bytes()
    delivery.put("x/followers_of_1300000000000000001_p1.json", data)
    delivery.put("x/followers_of_1300000000000000009_p1.json", data)
    delivery.put("sources.toml", '[[source]]\nfiles = "x/followers_of_{owner}_p*.json"\n')
    delivery.run()
    assert set(delivery.accounts()) == {"1300000000000000001", "1300000000000000009"}


def test_a_part_of_the_path_has_one_meaning(delivery: Delivery) -> None:
    delivery.put("a.json", "{}")
    delivery.put("sources.toml", '[[source]]\nfiles = "{owner}/by_{owner}.json"\n')
    answer = delivery.run()
    assert answer.exit_code == 2
    assert "has {owner} more than once" in answer.stderr.replace("\n", " ")


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=5,
)


@st.composite
def damaged(draw: st.DrawFn) -> Any:
    """One of the documents with some values anywhere in it replaced by others."""
    document = json.loads(json.dumps(draw(st.sampled_from(DOCUMENTS))))
    for _ in range(draw(st.integers(1, 3))):
        node = document
        while isinstance(node, dict | list) and node:
            key: Any = draw(st.sampled_from(sorted(node) if isinstance(node, dict) else range(len(node))))
            if not isinstance(node[key], dict | list) or not node[key] or draw(st.integers(0, 3)) == 0:
                node[key] = draw(VALUES)
                break
            node = node[key]
    return document


@given(damaged(), st.sampled_from([None, "oat"]))
@settings(max_examples=INPUTS, deadline=None)
def test_values_of_any_kind_in_any_place_are_rows_or_refusals(document: Any, owner: str | None) -> None:
    records = [
        record for record in (document if isinstance(document, list) else [document]) if isinstance(record, dict)
    ]
    form = format_of(records)
    for record in records if form else []:
        assert form is not None
        try:
            for row in form.rows_of(record, FileContext("a.json", owner)):
                if isinstance(row, Row):
                    assert all(isinstance(cell(value), str | None) for value in row.cells.values())
        except FileRefused:
            pass


@pytest.mark.parametrize("name", sorted({path.parent.name for path in CASES}))
def test_files_cut_anywhere_are_loaded_refused_or_quarantined(delivery: Delivery, name: str) -> None:
    """A document that is cut off never loads; of lines the last is suspect, and said so."""
    for path in (path for path in CASES if path.parent.name == name):
        whole = path.read_bytes()
        for length in range(97, len(whole.rstrip()), 97):
            delivery.put(f"cut/{length}-{path.name}", whole[:length])
    delivery.run()
    for file, verdict in delivery.verdicts().items():
        is_lines = file.endswith((".ndjson", ".txt"))
        assert is_lines or verdict in ("quarantined", "repeated"), file


@pytest.mark.parametrize("name", sorted({path.parent.name for path in CASES}))
def test_flipped_bytes_raise_nothing(delivery: Delivery, name: str) -> None:
    for path in (path for path in CASES if path.parent.name == name):
        whole = bytearray(path.read_bytes())
        for place in range(0, len(whole), max(len(whole) // 8, 1)):
            flipped = whole.copy()
            flipped[place] ^= 0x11
            delivery.put(f"flipped/{place}-{path.name}", bytes(flipped))
    delivery.run()


@pytest.mark.parametrize("product", [["clips"], {"clips": 1}, 2, True])
def test_a_kind_of_post_that_is_no_text_is_none(product: Any) -> None:
    assert media_type("Video", product) == "video"

"""Nested JSON that is declared by paths."""

import gzip
import json
import tomllib
from typing import Any

import pytest
from pydantic import ValidationError

from schemas.sources import Sources
from tests.rejected.delivery import Delivery, command, delivery

__all__ = ["command", "delivery"]

SOURCE = """
[[source]]
files = "*.json"
format = "json"
constants = { platform = "instagram" }
"""
ACCOUNTS = (
    SOURCE
    + """
[[source.load]]
dataset = "accounts"
columns.account_id = "profile.id"
columns.username = "profile.name"
columns.niche = "profile.tags[].name | profile.more[]"
columns.country = "profile.places[].country"
columns.followers_count = { from = "profile.fans | profile.followers", null_words = ["-1"] }
"""
)
HISTORY = """
[[source.load]]
dataset = "accounts"
each = "profile.history[]"
columns.account_id = "profile.id"
columns.followers_count = ".followers"
columns.observed_at = { from = ".month", date_format = "%Y-%m", time_zone = "UTC" }
"""
KIM = (
    '{"profile": {"id": 90071992547409931, "name": "kim", "tags": [{"name": "tea"}, {"name": "bikes"}], "more": ["tea",'
    ' "art"], "places": [{"country": "NZ"}, {"country": "AU"}], "fans": null, "followers": 1200,'
    ' "history": [{"month": "2026-01", "followers": 1000}, {"month": "soon", "followers": 1100}]}}'
)
LEE = '{"profile": {"id": "lee", "fans": 30, "followers": 0, "tags": []}}'


def accounts(delivery: Delivery) -> list[tuple[object, ...]]:
    columns = "account_id, username, niche_raw, country, followers_count"
    return [tuple(row.values()) for row in delivery.rows(f"SELECT {columns} FROM accounts ORDER BY ALL")]


@pytest.mark.parametrize("text", [f"[{KIM},\n{LEE}]", f"{KIM}\n\n{LEE}\n"], ids=["document", "lines"])
def test_paths_lead_to_cells(delivery: Delivery, text: str) -> None:
    delivery.put("sources.toml", ACCOUNTS)
    delivery.put("a.json", text)
    assert delivery.run().exit_code == 0
    assert accounts(delivery) == [
        ("90071992547409931", "kim", "tea, bikes, art", "NZ", 1200),
        ("lee", None, None, None, 30),
    ]


def test_one_document_is_one_record(delivery: Delivery) -> None:
    delivery.put("sources.toml", ACCOUNTS)
    delivery.put("a.json", KIM.replace(", ", ",\n"))
    delivery.run()
    assert [row[0] for row in accounts(delivery)] == ["90071992547409931"]


def test_each_gives_a_row_for_each_element_and_none_where_there_is_none(delivery: Delivery) -> None:
    delivery.put("sources.toml", SOURCE + HISTORY)
    delivery.put("a.json", f"[{KIM}, {LEE}]")
    delivery.run()
    sql = "SELECT account_id, strftime(observed_at, '%Y-%m-%d') AS at, followers_count FROM account_snapshots"
    assert [tuple(row.values()) for row in delivery.rows(sql)] == [("90071992547409931", "2026-01-01", 1000)]
    (row,) = delivery.rows("SELECT record, column_name, value, rule FROM rejected_rows")
    assert tuple(row.values()) == (2, ".month", "soon", "observed_at: not a date and time with a zone")


USERS = """{"at": "2026-05-01T10:00:00Z", "users": [
{"id": "ann", "tags": ["tea", "art"], "media": [{"id": "p1", "likes": 5}, {"id": "p2", "likes": 6}]},
{"id": "bob", "media": []}, {"media": [{"id": "p3", "likes": 7}]},
{"id": "cem", "tags": ["bikes"], "media": [{"id": "p4", "likes": 900}]}]}"""


@pytest.mark.parametrize(
    "around", ["{}", "[{}]", '{{"data": {{"pages": [{}]}}}}', '{{"data": {{"pages": [{{}}, {}]}}}}']
)
def test_what_stands_above_an_element_is_its_own(delivery: Delivery, around: str) -> None:
    """Posts in lists of users in lists of pages are of the user whose list it is, and not of the first."""
    above = "data.pages[]." if "pages" in around else ""
    declared = f"""
[[source.load]]
dataset = "posts"
each = "{above}users[].media[]"
columns.post_id = ".id"
columns.account_id = "{above}users[].id"
columns.like_count = "{above}users[].media[].likes"
columns.observed_at = "{above}at"
"""
    delivery.put("sources.toml", SOURCE + declared)
    delivery.put("a.json", around.format(USERS))
    delivery.run()
    found = delivery.rows("SELECT post_id, account_id, like_count FROM posts ORDER BY post_id")
    assert [tuple(row.values()) for row in found] == [
        ("p1", "ann", 5),
        ("p2", "ann", 6),
        ("p4", "cem", 900),
    ]
    assert delivery.rows("SELECT rows_read, rows_loaded, rows_rejected FROM load_ledger") == [
        {"rows_read": 4, "rows_loaded": 3, "rows_rejected": 1}
    ]


def test_each_may_lead_to_texts_which_are_the_cell(delivery: Delivery) -> None:
    declared = (
        '[[source.load]]\ndataset = "accounts"\neach = "names[]"\ncolumns.account_id = "."\ncolumns.niche = "topic"'
    )
    delivery.put("sources.toml", SOURCE + declared)
    delivery.put("a.json", '{"topic": "tea", "names": ["kim", "lee"]}')
    delivery.run()
    assert [(row[0], row[2]) for row in accounts(delivery)] == [("kim", "tea"), ("lee", "tea")]


def test_records_that_do_not_fit_are_refused_by_their_number(delivery: Delivery) -> None:
    delivery.put("sources.toml", ACCOUNTS)
    delivery.put(
        "a.json", f"[{LEE}, {KIM.replace('1200', '1.5')}, 7, {KIM.replace('kim', 'x', 1).replace('1200', '{}')}]"
    )
    delivery.run()
    refused = delivery.rows("SELECT record, column_name, value, rule FROM rejected_rows ORDER BY record")
    fans = "profile.fans | profile.followers"
    assert [tuple(row.values()) for row in refused] == [
        (2, fans, "1.5", "followers_count: not a whole number"),
        (3, None, "7", "not a JSON object"),
        (4, None, "{}", f"{fans}: an object, where a cell is wanted"),
    ]


def test_numbers_keep_the_digits_that_were_written(delivery: Delivery) -> None:
    declared = (
        '[[source.load]]\ndataset = "published_metrics"\ncolumns.account_id = "id"\n'
        'columns.metric = { value = "m" }\ncolumns.value = "rate"\n'
        '[[source.load]]\ndataset = "accounts"\ncolumns.account_id = "id"\ncolumns.niche = "rate"\n'
    )
    delivery.put("sources.toml", SOURCE + declared)
    delivery.put("a.json", '{"id": 18446744073709551617, "rate": 0.00273652312599681000}')
    delivery.run()
    assert delivery.rows("SELECT account_id, niche_raw FROM accounts") == [
        {"account_id": "18446744073709551617", "niche_raw": "0.00273652312599681000"}
    ]
    assert delivery.rows("SELECT value FROM published_metrics") == [{"value": 0.00273652312599681}]


@pytest.mark.parametrize(
    ("declared", "path"),
    [(ACCOUNTS.replace("profile.id", "profile.uid"), "profile.uid"), (ACCOUNTS + HISTORY.replace("y[]", "[]"), "profile.histor[]"),
     (ACCOUNTS + HISTORY.replace(".month", ".day"), ".day")],
)  # fmt: skip
def test_a_path_that_no_record_has_refuses_the_file(delivery: Delivery, declared: str, path: str) -> None:
    delivery.put("sources.toml", declared)
    delivery.put("a.json", f"[{KIM}, {LEE}]")
    delivery.run()
    assert delivery.refusals() == {"a.json": "missing_column"}
    (row,) = delivery.rejects()
    assert repr(path) in row["allowed"]
    assert "profile" in row["allowed"]


@pytest.mark.parametrize(("text", "rule"), [("a,b\n1,2\n", "unknown_format"), ('[{"profile": 1}', "broken_json")])
def test_what_is_no_json_is_refused(delivery: Delivery, text: str, rule: str) -> None:
    delivery.put("sources.toml", ACCOUNTS)
    delivery.put("a.json", text)
    delivery.run()
    assert delivery.refusals() == {"a.json": rule}


ONE, TWO = '{"profile": {"id": "kim", "fans": 7}}', '{"profile": {"id": "lee", "fans": 30}}'
NONE, TWICE = '{"profile": {"id": "max", "fans": NaN}}', '{"profile": {"id": "mia", "fans": 1, "fans": 2}}'
MORE = '{"profile": {"id": "kim", "fans": 7, "more": ["x"]}}'
NUMBERS = SOURCE + (
    'dataset = "accounts"\ncolumns.account_id = "profile.id"\n'
    'columns.followers_count = { from = "profile.fans", null_words = ["-Infinity"] }\n'
)


@pytest.mark.parametrize("many", [0, 1200])
@pytest.mark.parametrize("form", ["array", "lines", "one after the other"])
def test_what_is_nearly_json_is_read_or_refused_alone(delivery: Delivery, form: str, many: int) -> None:
    """Numbers that are none, and keys that are there twice; in small files and in large ones."""
    others = [TWO.replace("lee", f"n{number}") for number in range(many)]
    records = [ONE, NONE, TWO, TWICE, NONE.replace("max", "ned").replace("NaN", "-Infinity"), *others]
    pretty = "\n".join(record.replace("{", "{\n ").replace("}", "\n}") for record in records)
    text = {"array": f"[{', '.join(records)}]", "lines": "\n".join(records), "one after the other": pretty}[form]
    delivery.put("sources.toml", NUMBERS)
    delivery.put("a.json", text)
    delivery.run()
    found = delivery.rows("SELECT account_id, followers_count FROM accounts ORDER BY account_id LIMIT 2")
    assert [tuple(row.values()) for row in found] == [("kim", 7), ("lee", 30)]
    assert delivery.rows("SELECT followers_count FROM accounts WHERE account_id = 'ned'") == [{"followers_count": None}]
    rules = sorted(row["rule"].removeprefix("line is ") for row in delivery.rejects())
    assert rules == ["followers_count: not a whole number", "not a JSON object (a key occurs more than once)"]
    (row,) = delivery.ledger()
    assert (row["rows_read"], row["rows_loaded"], row["rows_rejected"]) == (5 + many, 3 + many, 2)


def test_a_document_of_one_object_with_a_key_twice_is_refused(delivery: Delivery) -> None:
    delivery.put("sources.toml", NUMBERS)
    delivery.put("a.json", TWICE.replace("{", "{\n"))
    delivery.put("b.json", TWICE.replace('"fans": 1', '"link": "a\\u003ab"').replace("{", "{\n"))
    delivery.run()
    assert delivery.refusals() == {"a.json": "repeated_key"}


@pytest.mark.parametrize(
    ("record", "fix"),
    [
        (
            '{"profile": {"id": ["a", "b"], "fans": [1, 2]}}',
            "write profile.id[] where its first element alone is meant",
        ),
        (
            '{"profile": {"id": "a", "fans": 1, "more": [["x"], ["y"]]}}',
            "write profile.more[][] for all of its elements",
        ),
        ('{"profile": {"id": {"b": 1}, "fans": 1}}', "name a key inside it"),
    ],
)
def test_what_to_write_for_a_list_in_place_of_a_cell(delivery: Delivery, record: str, fix: str) -> None:
    delivery.put("sources.toml", NUMBERS + 'columns.niche = "profile.more[]"\n')
    delivery.put("a.json", f"[{record}, {MORE}]")
    delivery.run()
    (row,) = delivery.rejects()
    assert row["fix"].startswith(fix)


@pytest.mark.parametrize("text", ["", "[]"])
def test_nothing_is_an_empty_file(delivery: Delivery, text: str) -> None:
    delivery.put("sources.toml", ACCOUNTS)
    delivery.put("a.json", text)
    delivery.run()
    assert delivery.verdicts() == {"a.json": "empty"}


def test_members_are_not_shown_where_a_record_is_refused(delivery: Delivery) -> None:
    declared = '[[source.load]]\ndataset = "follows"\neach = "fans[]"\ncolumns.account_id = "id"\ncolumns.follower_id = ".id"\n'
    delivery.put("sources.toml", SOURCE + declared)
    delivery.put("a.json", '{"id": "a", "fans": [{"id": "secret1"}, {"id": ["secret2"]}, {"id": null}]}')
    delivery.run()
    assert delivery.rows("SELECT rows_read, rows_loaded, rows_rejected FROM load_ledger") == [
        {"rows_read": 3, "rows_loaded": 1, "rows_rejected": 2}
    ]
    assert "secret" not in str(delivery.rejects())


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (("[[source.load]]", "[[load]]"), "load"),
        (('"json"', '"csv"'), "is for format"),
        (('"profile.id"', '"profile..id"'), "is no path"),
        (('"profile.id"', "{ position = 1 }"), "no positions"),
        (('"profile.id"', '{ key = "row_hash" }'), "no row_hash"),
        (('each = "profile.history[]"', ""), "is inside an element"),
        (('each = "profile', 'each = ".profile'), "one path from the record"),
    ],
)
def test_mistakes_in_a_declaration_are_said(change: tuple[str, str], reason: str) -> None:
    with pytest.raises(ValidationError, match=reason):
        Sources.model_validate(tomllib.loads((SOURCE + HISTORY).replace(*change)))


STREAMS = [
    {"stream": "people", "data": {"id": "100", "handle": "rye", "fans": 640}, "emitted_at": 1},
    {"stream": "clips", "data": {"id": "7", "by": {"id": "100"}, "handle": "rye", "likes": 12}, "emitted_at": 2},
    {"stream": "clips", "data": {"id": "8", "by": {"id": "100"}, "handle": "rye", "likes": 4}, "emitted_at": 3},
    {"stream": "reach_by_city", "data": {"page": "5", "city": "Bern"}, "emitted_at": 4},
]
OF_STREAMS = """
[[source]]
files = "dump.*"
format = "json"
constants = {{ platform = "instagram" }}

[[source.load]]
dataset = "accounts"
each = "{own}"{people}
columns.account_id = ".id"
columns.username = ".handle"
columns.followers_count = {fans}

[[source.load]]
dataset = "posts"
each = "{own}"{clips}
columns.post_id = ".id"
columns.account_id = ".by.id"
columns.like_count = ".likes"
"""


def put_streams(delivery: Delivery, way: str, **declared: str) -> None:
    """Records as Airbyte and Singer write them, once for each way to pack them into a file."""
    records: list[dict[str, Any]] = STREAMS
    if way == "singer":
        state = {"type": "STATE", "value": {"bookmarks": {}}}
        records = [{"type": "RECORD", "stream": each["stream"], "record": each["data"]} for each in STREAMS] + [state]
    if way == "messages":
        records = [{"type": "RECORD", "record": each} for each in STREAMS]
    if way == "many":
        records = STREAMS + STREAMS[-1:] * 2_000
    own = {"singer": "record", "messages": "record.data"}.get(way, "data")
    toml = OF_STREAMS.format(**({"own": own, "people": "", "clips": "", "fans": '".fans"'} | declared))
    delivery.put("sources.toml", toml)
    lines = "".join(json.dumps(record) + "\n" for record in records)
    packed = gzip.compress(lines.encode()) if way == "packed" else lines
    delivery.put("dump.json" if way == "array" else "dump.jsonl", json.dumps(records) if way == "array" else packed)


WAYS = ["lines", "array", "packed", "many", "singer", "messages"]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("is_said", [True, False])
def test_each_load_reads_its_own_stream(delivery: Delivery, way: str, is_said: bool) -> None:
    at = '"record.stream"' if way == "messages" else "stream"
    said = {"people": f'\nwhere = {{ {at} = "people" }}', "clips": f'\nwhere = {{ {at} = ["clips", "reels"] }}'}
    put_streams(delivery, way, **(said if is_said else {}))
    assert delivery.run().exit_code == 0
    assert delivery.accounts() == {"100": 640}
    assert delivery.rows("SELECT post_id, account_id, like_count FROM posts ORDER BY post_id") == [
        {"post_id": "7", "account_id": "100", "like_count": 12},
        {"post_id": "8", "account_id": "100", "like_count": 4},
    ]
    left = {"many": 2_001}.get(way, 0)
    for row in delivery.ledger():
        assert row["rows_read"] == row["rows_loaded"] + row["rows_left_out"]
        assert row["rows_left_out"] > left, "what no load reads, and what the other one does"
    assert not delivery.rejects()


@pytest.mark.parametrize("fans", ['".id"', '".fans | .likes"', '".nowhere | .nothing"'], ids=["two", "both", "none"])
def test_which_stream_a_load_reads_is_asked_unless_one_alone_fits(delivery: Delivery, fans: str) -> None:
    put_streams(delivery, "lines", fans=fans)
    delivery.run()
    assert delivery.verdicts() == {"dump.jsonl": "quarantined"}
    (reject,) = delivery.rejects()
    assert reject["rule"] == "several_streams"
    assert 'where = { stream = "name_of_the_stream" }' in reject["fix"]
    assert not delivery.accounts()


def test_streams_that_are_not_declared_are_asked_about(delivery: Delivery) -> None:
    delivery.put("dump.jsonl", "".join(json.dumps(record) + "\n" for record in STREAMS))
    delivery.run()
    assert delivery.verdicts() == {"dump.jsonl": "quarantined"}
    assert "where" in delivery.rejects()[0]["fix"]
    assert not delivery.accounts()


@pytest.mark.parametrize("where", ['{ ".id" = "a" }', '{ "a..b" = "c" }', '"a"'])
def test_a_where_that_cannot_be_followed_is_refused(where: str) -> None:
    with pytest.raises(ValidationError):
        Sources.model_validate(tomllib.loads(ACCOUNTS + f"where = {where}\n"))

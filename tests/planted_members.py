"""Members planted in every format and shape that a list of them may have, each marked: no mark may leave the lake."""

import gzip
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

HANDLE, NUMBER = "zqplanted", "7770042"
TEXT = f"{HANDLE} more salt"
# A number that a declaration would read from a cell is told as it is read.
DOTTED, READ = "7.770.042", "7770042"
MARKS = [HANDLE.encode(), NUMBER.encode(), DOTTED.encode()]
LISTS = {
    "follows": ["platform", "account_id", "follower_id", "observed_at"],
    "likes": ["platform", "post_id", "liker_id", "liked_at"],
    "comments": ["platform", "post_id", "commenter_id", "commented_at"],
}
# More than are read together with others.
ROWS_OF_A_LARGE_FILE = 1_200


def handle(i: int) -> str:
    return f"{HANDLE}{'abcdef'[i % 6]}"


def number(i: int) -> str:
    return f"{NUMBER}{i:012d}"


def replies() -> dict[str, Any]:
    """Lists of members as platforms and tools give them, replies about them, and objects that are keyed by them."""
    times = [f"2026-05-0{i}T09:00:00+0000" for i in range(1, 4)]
    users = [{"id": number(i), "username": handle(i), "name": f"{HANDLE} {i}"} for i in range(3)]
    comments = [
        {"id": number(i), "text": TEXT, "timestamp": time, "username": handle(i)} for i, time in enumerate(times)
    ]
    error = {"title": TEXT, "detail": f"no user {number(1)}", "resource_type": "user", "value": number(1)}
    follower = {"title": "", "string_list_data": [{"href": f"https://x.example/{handle(1)}", "value": handle(1)}]}
    return {
        "x_followers": {"data": users, "meta": {"result_count": 3}},
        "x_followers_not_found": {"data": users, "meta": {"result_count": 3}, "errors": [error]},
        "x_errors": {"errors": [error]},
        "tiktok_followers": {
            "data": {"user_followers": [{"username": handle(2), "display_name": TEXT}], "has_more": False},
            "error": {"code": "ok", "message": ""},
        },
        "tiktok_error": {"data": {}, "error": {"code": handle(1), "message": TEXT}},
        "graph_comments": {"data": comments, "paging": {}},
        "graph_comments_by_id": {
            "data": [{**comment, "from": users[0], "replies": {"data": comments}} for comment in comments]
        },
        "graph_error": {"error": {"message": TEXT, "type": "OAuthException", "code": 190}},
        "facebook_comments": {"data": [{"id": "1_2", "message": TEXT, "from": users[0], "created_time": times[0]}]},
        "threads_replies": {
            "data": [{**comment, "media_type": "TEXT_POST", "media_product_type": "THREADS"} for comment in comments],
            "paging": {},
        },
        "instagram_followers": {"relationships_followers": [follower, {handle(3): 1}]},
        "instagram_follower_list": [follower, {**follower, "title": handle(2)}, {handle(3): {"since": 1}}],
        "tiktok_fans": {
            "Activity": {"Follower": {"FansList": [{"Date": "2024-05-01 10:00:00", "UserName": handle(1)}]}}
        },
        "apify_error": [{"error": TEXT, "shortCode": "S", "ownerId": "1"}],
        "nothing_of_it": {"data": {"viewers": [{"name": handle(1)}]}, "error": {"code": "ok", "message": ""}},
        "by_person": {handle(1): {"since": 1}, handle(2): {"since": 2}},
        "by_person_and_known": {"count": 3, "status": "ok", handle(1): {"likes": 1}},
        "by_person_in_lines": [{handle(i): number(i)} for i in range(5)],
        "in_a_stream": {"stream": "followers", "data": users[0], "emitted_at": 1704378481116},
        "claimed_twice": {"collector": [], "FansList": [{"UserName": handle(1)}]},
    }


def files_of_reply(name: str, reply: Any) -> Iterator[tuple[str, bytes]]:
    """A reply as a document, as lines, packed, cut off, beside damage, and under the names of other formats."""
    text = json.dumps(reply)
    lines = "".join(json.dumps(each) + "\n" for each in (reply if isinstance(reply, list) else [reply, reply]))
    yield f"{name}.json", text.encode()
    yield f"{name}.ndjson", lines.encode()
    yield f"{name}_packed.json.gz", gzip.compress(f"{text} ".encode(), mtime=0)
    yield f"{name}_cut.json", text[: len(text) * 2 // 3].encode()
    yield f"{name}_damaged.ndjson", f'{lines}["{handle(4)}"]\n{{"{handle(5)}": 1, "{handle(5)}": 2}}\n'.encode()
    others = ["follows.csv", "follower.js", "accounts.parquet", "page.txt", "following.json"]
    if name == "instagram_follower_list":
        others.pop()  # its name alone tells such a list: so called it is of accounts, which are published
    for count, other in enumerate(others, 1):
        # Blank lines at the end, as the same bytes again would not be read.
        yield f"{name}/{other}", f"{text}{' ' * count}\n".encode()


def files_of_list(dataset: str, header: list[str], size: int) -> Iterator[tuple[str, bytes]]:
    """A list as a table: without header, columns swapped, cells missing, keyed by person, ids alone."""
    rows = [
        ["tiktok", f"{dataset}{size}", handle(i) if i % 2 else number(i), f"2026-07-0{i % 9 + 1}T00:00:00Z"]
        for i in range(size)
    ]
    swapped = [[a, b, time, member] for a, b, member, time in rows]
    name = f"{dataset}_{size}"
    for kind, sign in (("csv", ","), ("tsv", "\t"), ("txt", ";")):
        tables = {"bare": rows, "swapped": [header, *swapped], "ragged": [header, *(row[1:] for row in rows)]}
        for shape, lines in tables.items():
            yield f"{name}_{shape}.{kind}", ("\n".join(sign.join(line) for line in lines) + "\n").encode()
    yield f"{name}_quoted.csv", f'{",".join(header)}\ntiktok,a1,"{handle(1)}\n'.encode()
    yield f"{name}_ids.txt", "".join(f"{row[2]}\n" for row in rows).encode()
    yield f"{name}_twice.csv", f"{rows[1][2]},{rows[1][2]}\n{rows[0][2]},1\n".encode()
    records = [dict(zip(header, row, strict=True)) for row in swapped]
    yield f"{name}_swapped.ndjson", "".join(json.dumps(record) + "\n" for record in records).encode()
    yield f"{name}_swapped.json", json.dumps(records).encode()
    parquet = io.BytesIO()
    pl.DataFrame(records).write_parquet(parquet)
    yield f"{name}_swapped.parquet", parquet.getvalue()


def declared(folder: str) -> Iterator[tuple[str, bytes]]:
    """Files whose declaration has their columns swapped, or reads them for accounts beside follows."""
    rows = [["instagram", f"a{i}", DOTTED, "2026-07-01"] for i in range(3)]
    table = "network,page,fan,day\n" + "".join(f"{','.join(row)}\n" for row in rows)
    yield f"{folder}/both.csv", table.encode()
    yield f"{folder}/both.json", json.dumps([{"page": "a", "fan": [handle(1)], "day": handle(2)}, handle(3)]).encode()


def write_planted(exports: Path) -> None:
    """Write all of them into a folder, the replies once with and once without what sources.toml must say of them."""
    files = dict(declared("declared"))
    for name, reply in replies().items():
        for file, content in files_of_reply(name, reply):
            files[f"asked/{file}"], files[f"told/{file}"] = content, content
    for dataset, header in LISTS.items():
        for size in (6, ROWS_OF_A_LARGE_FILE):
            files |= {f"lists/{file}": content for file, content in files_of_list(dataset, header, size)}
    files["sources.toml"] = b"""
[[source]]
files = "told/**"
owner = "a"
post = "p1"

[[source]]
files = "declared/both.csv"
[[source.load]]
dataset = "accounts"
columns.platform = "network"
columns.account_id = "page"
columns.followers_count = "fan"
[[source.load]]
dataset = "follows"
columns.platform = "network"
columns.account_id = "page"
columns.follower_id = "day"
columns.followed_at = { from = "fan", date_format = "%d.%m.%Y", time_zone = "UTC" }

[[source]]
files = "declared/both.json"
format = "json"
constants = { platform = "instagram" }
[[source.load]]
dataset = "follows"
columns.account_id = "page"
columns.follower_id = "fan"
columns.followed_at = "day"
"""
    for name, content in files.items():
        path = exports / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def told_of(home: Path) -> dict[str, bytes]:
    """All that a home tells outside the lake's rows, each place as bytes, and what is packed there as text too."""
    segments = home / "lake" / "segments"
    files = [path for path in home.rglob("*") if path.is_file() and segments not in path.parents]
    places = {str(path.relative_to(home)): path.read_bytes() for path in files}
    for path in (home / "lake" / "rejects").iterdir():
        places[f"{path.name} as text"] = pl.read_parquet(path).write_csv().encode()
    with duckdb.connect(home / "warehouse.duckdb", read_only=True) as connection:
        for (table,) in connection.sql("SELECT table_name FROM information_schema.tables").fetchall():
            places[f"table {table}"] = repr(connection.table(table).fetchall()).encode()
    return places


def marks_in(places: dict[str, bytes]) -> list[tuple[str, bytes]]:
    return [(place, mark) for place, content in places.items() for mark in MARKS if mark in content]

"""Damaged and senseless files of every format: each is loaded, empty or quarantined, its rows counted, and nothing is raised.

The inputs come in parts, each with a seed of its own, which are tried side by side. With `TIERWISE_FUZZ_FIRST` they begin at
another part, so that what is tried on several days adds up.
"""

import bz2
import gzip
import io
import lzma
import os
import random
import tempfile
import time
import zipfile
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import zstandard

from ingest.edges import EdgeContext
from ingest.faults import FAULT
from ingest.inventory import take_inventory
from ingest.limits import Limits
from ingest.load import load_files, note_owners
from tests import workbooks
from tests.sample import how_many
from warehouse.lake.ledger import Lake

EXPORTS = Path(__file__).parents[1] / "exports"
INPUTS = int(os.environ.get("TIERWISE_FUZZ_INPUTS", how_many(1000, long=1_000_000)))
PART, BATCH = min(INPUTS, 25_000), 500
FIRST = int(os.environ.get("TIERWISE_FUZZ_FIRST", "0"))
# Only inputs of these endings, such as `xlsx,ods`.
ENDINGS = [ending for ending in os.environ.get("TIERWISE_FUZZ_ENDINGS", "").split(",") if ending]
# Where there is one: to wait for a disk after every file takes longer than to read the file.
IN_MEMORY = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108 - its own folders below
TABLE = "platform,account_id,followers_count,observed_at\n" + "".join(
    f'instagram,"k,{number}",{number}00,2026-03-0{number}T10:00:00Z\n' for number in range(1, 9)
)
LISTS = "platform;account_id;follower_id\n" + "tiktok;a;f1\ntiktok;a;f2\n" * 5
LINES = "".join(f'{{"platform": "x", "post_id": "{9007199254740993 + n}", "like_count": {n}}}\n' for n in range(8))
FRAME = pl.DataFrame({"platform": ["x"] * 9, "account_id": [f"k{n}" for n in range(9)], "followers_count": range(9)})
MESSAGES = "".join(
    f'{{"type": "RECORD", "stream": "posts", "record": {{"id": "p{n}", "likes": {n}, "by": {{"id": "kim"}}}}}}\n'
    f'{{"type": "RECORD", "stream": "users", "record": {{"id": "u{n}", "fans": {n + 1}00}}}}\n'
    f'{{"type": "STATE", "value": {{"page": {n}}}}}\n'
    for n in range(4)
)
AIRBYTE = "".join(
    f'{{"type": "RECORD", "record": {{"stream": "posts", "data": {{"id": "p{n}", "likes": {n}}}, "emitted_at": {n}}}}}\n'
    for n in range(8)
)
SHEET = "Creator;IG followers;Since;Open\n" + "".join(
    f"kim{n};1{n},5 Tsd.;{n + 1}. M\u00e4rz 2026;{'ja' if n % 2 else 'nein'}\n" for n in range(8)
)
SHEET += "Gesamt;92 Tsd.;;\n"
CELLS = "id;text;metrics;day\n" + "".join(
    f"D{n};\"so \\\"{n}\\\"\";{{'likes': {n}, 'open': {bool(n % 2)}}};{n + 1}. Mai\n" for n in range(8)
)
ROWS: list[list[Any]] = [
    ["platform", "account_id", "followers_count", "niche"],
    *[["tiktok", f"k{number}", number * 100, "tea"] for number in range(9)],
]
# What files of these names are read by, beside those that tell what they are themselves.
SOURCES = r"""
[[source]]
files = "*.sheet.csv"
delimiter = ";"
language = "de"
date_format = "%d. %B %Y"
time_zone = "Europe/Berlin"
[[source.load]]
dataset = "accounts"
where_not = { Creator = ["Gesamt"] }
columns.platform = { value = "instagram" }
columns.account_id = { from = "Creator", key = "handle" }
columns.followers_count = { from = "IG followers", null_where = { Open = "nein" } }
columns.observed_at = "Since"

[[source]]
files = "*.cells.csv"
delimiter = ";"
escape = '\'
language = "de"
date_format = "%d. %b"
time_zone = "UTC"
[[source.load]]
dataset = "posts"
where = { id = { blank = false }, text = { matches = "so" } }
columns.platform = { value = "x" }
columns.account_id = { value = "kim" }
columns.post_id = "id"
columns.caption = "text"
columns.like_count = { from = "metrics.likes", null_where = { day = { blank = true } } }
columns.published_at = { from = "day", not_after = "2026-05-04" }

[[source]]
files = "*.messages.json"
format = "json"
[[source.load]]
dataset = "posts"
columns.platform = { value = "x" }
columns.account_id = { value = "kim" }
columns.post_id = "record.id"
columns.like_count = "record.likes"
[[source.load]]
dataset = "accounts"
columns.platform = { value = "x" }
columns.account_id = "record.id"
columns.followers_count = "record.fans"

[[source]]
files = "*.airbyte.json"
format = "json"
[[source.load]]
dataset = "posts"
where = { "record.stream" = "posts" }
columns.platform = { value = "x" }
columns.account_id = { value = "kim" }
columns.post_id = "record.data.id"
columns.like_count = "record.data.likes"
"""
TOKENS = (
    b'"', b"\0", b"\r", b"\n", b"\r\n", b"\xef\xbb\xbf", b"\xff\xfe", b"\xed\xa0\x80", b",", b";", b"\t", b"{", b"}", b"[", b"]",
    b"null", b"-0", b"1e309", b"NaN", b"9" * 40, b"\\ud800", b"\\u0000", b"[" * 3000, b"=cmd|", b"PAR1", b"PK\3\4", b"\x1f\x8b",
    b"platform,account_id\n", b"\x1b[2J", b"../", b" ", b"",
    b"Gesamt", b"#NAME?", b"1.78E+16", b"17841405300000000", b'{"stream": "posts", "data": {}}\n', b"<row>", b"</c>", b"&#0;",
)  # fmt: skip


def in_a_zip(content: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo("a.csv"), content, zipfile.ZIP_DEFLATED)
    return packed.getvalue()


def parquet() -> bytes:
    content = io.BytesIO()
    FRAME.write_parquet(content)
    return content.getvalue()


def seeds() -> dict[str, list[bytes]]:
    """Good files, by the ending of their name."""
    packers: dict[str, Callable[[bytes], bytes]] = {
        "csv.gz": partial(gzip.compress, mtime=0),
        "csv.zst": zstandard.compress,
        "csv.xz": lzma.compress,
        "csv.bz2": bz2.compress,
        "zip": in_a_zip,
    }
    found = {ending: [pack(text.encode()) for text in (TABLE, LISTS)] for ending, pack in packers.items()}
    found["csv"] = [text.encode(how) for text in (TABLE, LISTS) for how in ("utf-8", "utf-8-sig", "utf-16")]
    found["ndjson"] = [LINES.encode(), FRAME.write_ndjson().encode()]
    found["parquet"] = [parquet()]
    found |= {"sheet.csv": [SHEET.encode()], "cells.csv": [CELLS.encode()]}
    found |= {"messages.json": [MESSAGES.encode()], "airbyte.json": [AIRBYTE.encode()]}
    book = workbooks.xlsx({"IG": ROWS, "Notes": [["a note"], [], ["Reach", 7]]})
    other = workbooks.xlsx({"TikTok": [["Top creators"], *ROWS]})
    found |= {"xlsx": [book], "xlsm": [other], "xls": [workbooks.xls({"IG": ROWS})]}
    found["ods"] = [workbooks.ods({"IG": "".join(workbooks.ods_row(*row) for row in ROWS)})]
    found["json"] = [FRAME.write_json().encode()]
    for path in sorted(EXPORTS.glob("*/*")):
        if path.name != "expected.json" and path.suffix in (".json", ".js", ".txt", ".ndjson"):
            found.setdefault(path.suffix[1:], []).append(path.read_bytes())
    return found


def damaged(content: bytes, others: list[bytes], chance: random.Random) -> bytes:
    """A file with some bytes flipped, cut out, repeated, put in, or with another file's from a place on."""
    text = bytearray(content)
    for _ in range(chance.choice((0, 1, 1, 2, 2, 3, 4, 6))):
        place = chance.randrange(len(text) + 1)
        until = min(len(text), place + chance.choice((1, 2, 8, 200)))
        match chance.randrange(7):
            case 0:
                text[place:until] = bytes(byte ^ (1 << chance.randrange(8)) for byte in text[place:until])
            case 1:
                del text[place:until]
            case 2:
                text[place:place] = text[place:until]
            case 3:
                text[place:place] = chance.choice(TOKENS)
            case 4:
                del text[place:]
            case 5:
                other = chance.choice(others)
                text[place:] = other[chance.randrange(len(other)) :]
            case _:
                text[place:until] = chance.randbytes(until - place)
    return bytes(text)


def inside_a_workbook(content: bytes, others: list[bytes], chance: random.Random) -> bytes:
    """A packed workbook one of whose parts is damaged: of one that is damaged as a whole little is ever read."""
    parts = zipfile.ZipFile(io.BytesIO(content)).namelist()
    likely = [name for name in parts if "sheet" in name or "content" in name or "shared" in name.lower()]
    part = chance.choice(likely if chance.random() < 0.7 else parts)
    return workbooks.with_part(content, part, lambda text: damaged(text, others, chance))


def made_up(good: dict[str, list[bytes]], chance: random.Random) -> tuple[str, bytes]:
    """An input, with the ending of its name."""
    everything = [content for contents in good.values() for content in contents]
    ending = chance.choice(ENDINGS or sorted(good))
    if chance.random() < 0.05:
        return ending, chance.randbytes(chance.randrange(300))
    content = chance.choice(good[ending])
    if ending in ("xlsx", "xlsm", "ods") and chance.random() < 0.7:
        return ending, inside_a_workbook(content, everything, chance)
    return ending, damaged(content, everything, chance)


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("part", range(FIRST, FIRST + -(-INPUTS // PART)))
def test_whatever_comes_is_loaded_or_refused(part: int) -> None:
    good, chance = seeds(), random.Random(20_261_128 + part)
    verdicts: Counter[str] = Counter()
    began = time.process_time()
    for start in range(0, PART, BATCH):
        made = [made_up(good, chance) for _ in range(min(BATCH, PART - start))]
        inputs = {f"{place}.{ending}": content for place, (ending, content) in enumerate(made)}
        with tempfile.TemporaryDirectory(dir=IN_MEMORY) as folder:
            verdicts += try_out(inputs, Path(folder))
    milliseconds = (time.process_time() - began) * 1000 / PART
    print(f"part {part}, {PART} inputs, {milliseconds:.1f} ms of CPU each: {dict(verdicts)}")
    assert verdicts.keys() >= {"loaded", "quarantined"}


def try_out(inputs: dict[str, bytes], home: Path) -> Counter[str]:
    """How many of the inputs got each verdict, all read in one delivery."""
    folder, lake = home / "exports", Lake.open(home / "lake")
    folder.mkdir()
    for name, content in {"sources.toml": SOURCES.encode(), **inputs}.items():
        (folder / name).write_bytes(content)
    found = take_inventory(folder, lake)
    context = EdgeContext(lambda: "a secret of fuzzed members", limits=Limits(columns=500))
    loaded = load_files(found.to_read, lake, context)
    late = load_files(loaded.late, lake, EdgeContext(context.secret, note_owners(lake, loaded.entries)))
    entries = [*found.settled, *loaded.entries, *late.entries]
    assert len(entries) >= len(found.to_read) + len(found.settled)
    for entry in entries:
        assert FAULT not in (entry.note or ""), (entry.note, entry.file, inputs.get(entry.file.split("/")[0]))
        for counts in entry.counts:
            left = counts.rows_duplicate + counts.rows_rejected + counts.rows_left_out
            assert counts.rows_read == counts.rows_loaded + left, entry
    return Counter(entry.verdict for entry in entries)

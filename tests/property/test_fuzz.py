"""Damaged and senseless files of every format: each is loaded, empty or quarantined, its rows counted, and nothing is raised."""

import bz2
import gzip
import io
import lzma
import os
import random
import zipfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
import zstandard

from ingest.edges import EdgeContext
from ingest.faults import FAULT
from ingest.inventory import take_inventory
from ingest.limits import Limits
from ingest.load import load_files, note_owners
from tests.sample import how_many
from warehouse.lake.ledger import Lake

EXPORTS = Path(__file__).parents[1] / "exports"
INPUTS = int(os.environ.get("TIERWISE_FUZZ_INPUTS", how_many(1000, long=1_000_000)))
BATCH = 500
TABLE = "platform,account_id,followers_count,observed_at\n" + "".join(
    f'instagram,"k,{number}",{number}00,2026-03-0{number}T10:00:00Z\n' for number in range(1, 9)
)
LISTS = "platform;account_id;follower_id\n" + "tiktok;a;f1\ntiktok;a;f2\n" * 5
LINES = "".join(f'{{"platform": "x", "post_id": "{9007199254740993 + n}", "like_count": {n}}}\n' for n in range(8))
FRAME = pl.DataFrame({"platform": ["x"] * 9, "account_id": [f"k{n}" for n in range(9)], "followers_count": range(9)})
TOKENS = (
    b'"', b"\0", b"\r", b"\n", b"\r\n", b"\xef\xbb\xbf", b"\xff\xfe", b"\xed\xa0\x80", b",", b";", b"\t", b"{", b"}", b"[", b"]",
    b"null", b"-0", b"1e309", b"NaN", b"9" * 40, b"\\ud800", b"\\u0000", b"[" * 3000, b"=cmd|", b"PAR1", b"PK\3\4", b"\x1f\x8b",
    b"platform,account_id\n", b"\x1b[2J", b"../", b" ", b"",
)  # fmt: skip


def in_a_zip(content: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.csv", content)
    return packed.getvalue()


def parquet() -> bytes:
    content = io.BytesIO()
    FRAME.write_parquet(content)
    return content.getvalue()


def seeds() -> dict[str, list[bytes]]:
    """Good files, by the ending of their name."""
    packers: dict[str, Callable[[bytes], bytes]] = {
        "csv.gz": gzip.compress,
        "csv.zst": zstandard.compress,
        "csv.xz": lzma.compress,
        "csv.bz2": bz2.compress,
        "zip": in_a_zip,
    }
    found = {ending: [pack(text.encode()) for text in (TABLE, LISTS)] for ending, pack in packers.items()}
    found["csv"] = [text.encode(how) for text in (TABLE, LISTS) for how in ("utf-8", "utf-8-sig", "utf-16")]
    found["ndjson"] = [LINES.encode(), FRAME.write_ndjson().encode()]
    found["parquet"] = [parquet()]
    found["json"] = [FRAME.write_json().encode()]
    for path in EXPORTS.glob("*/*"):
        if path.name != "expected.json" and path.suffix in (".json", ".js", ".txt", ".jsonl"):
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


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_whatever_comes_is_loaded_or_refused(tmp_path: Path) -> None:
    good, chance = seeds(), random.Random(20_261_128)
    everything = [content for contents in good.values() for content in contents]
    verdicts: Counter[str] = Counter()
    for number in range(0, INPUTS, BATCH):
        folder, lake = tmp_path / f"{number}", Lake.open(tmp_path / f"lake-{number}")
        folder.mkdir()
        inputs: dict[str, bytes] = {}
        for place in range(min(BATCH, INPUTS - number)):
            ending = chance.choice(sorted(good))
            content = (
                chance.randbytes(chance.randrange(300))
                if chance.random() < 0.05
                else damaged(chance.choice(good[ending]), everything, chance)
            )
            inputs[f"{place}.{ending}"] = content
            (folder / f"{place}.{ending}").write_bytes(content)
        found = take_inventory(folder, lake)
        context = EdgeContext(lambda: "a secret of fuzzed members", limits=Limits(columns=500))
        loaded = load_files(found.to_read, lake, context)
        late = load_files(loaded.late, lake, EdgeContext(context.secret, note_owners(lake, loaded.entries)))
        entries = [*found.settled, *loaded.entries, *late.entries]
        assert len(entries) >= len(found.to_read) + len(found.settled)
        for entry in entries:
            verdicts[entry.verdict] += 1
            assert FAULT not in (entry.note or ""), (entry.note, inputs.get(entry.file.split("/")[0]))
            for counts in entry.counts:
                assert counts.rows_read == counts.rows_loaded + counts.rows_duplicate + counts.rows_rejected, entry
        for path in sorted([*folder.rglob("*"), *lake.root.rglob("*")], reverse=True):
            path.rmdir() if path.is_dir() else path.unlink()
    print(f"{INPUTS} inputs: {dict(verdicts)}")
    assert verdicts.keys() >= {"loaded", "quarantined"}

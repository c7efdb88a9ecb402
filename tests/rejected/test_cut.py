"""Files cut at every place, flipped at every byte, or packed to burst: refused whole or loaded whole."""

import gzip
import lzma
from collections.abc import Callable

import polars as pl
import pytest
import zstandard

from ingest import files as landing
from ingest.compression import unzstd
from tests.rejected.delivery import Delivery, command, delivery, stored
from tests.sample import sample_of

HEADER = "platform,account_id,followers_count,niche\n"
WHOLE = [(f"account_{number}", number * 1000 + 7, "food") for number in range(1, 9)]
TEXT = (HEADER + "".join(f"instagram,{account},{count},{niche}\n" for account, count, niche in WHOLE)).encode()
PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "gz": lambda data: gzip.compress(data, mtime=0),
    "xz": lzma.compress,
    "zst": lambda data: zstandard.ZstdCompressor(write_checksum=True).compress(data),
}
__all__ = ["command", "delivery"]


def test_a_file_cut_anywhere_loads_its_whole_records_and_refuses_the_last(delivery: Delivery) -> None:
    """Every beginning of a file is a delivery. What is cut inside its last cell alone cannot be told from a whole record."""
    text = "".join(TEXT.decode().splitlines(keepends=True)[:3])
    for end in range(text.rindex("instagram") - 1, len(text)):
        delivery.put(f"{end:03}.csv", text[:end])
    delivery.run()
    found = stored(delivery)
    refused = {row["file"]: row for row in delivery.rejects()}
    for row in delivery.ledger():
        name, end = row["file"], int(row["file"][:3])
        records = text[len(HEADER) : end].splitlines()
        is_cut = bool(records) and records[-1].count(",") < 3
        assert (row["rows_read"], row["rows_rejected"]) == (len(records), int(is_cut))
        assert [account for account, _, _ in found[name]] == [
            line.split(",")[1] for line in records[: -1 if is_cut else None]
        ]
        assert found[name][:-1] == WHOLE[: max(len(found[name]) - 1, 0)]
        assert (name in refused) == is_cut
        if is_cut:
            assert refused[name]["value"] == records[-1]
            assert refused[name]["rule"] == "record is cut off at the end of the file"
            assert refused[name]["fix"] == "deliver the file again, whole"
    assert len(refused) > 20


@pytest.mark.parametrize("kind", PACKERS)
def test_a_packed_file_cut_anywhere_is_refused_whole(delivery: Delivery, kind: str) -> None:
    packed = PACKERS[kind](TEXT)
    for end in range(1, len(packed)):
        delivery.put(f"{end:03}.csv.{kind}", packed[:end])
    delivery.put(f"whole.csv.{kind}", packed)
    delivery.run()
    found = stored(delivery)
    assert found.pop(f"whole.csv.{kind}") == WHOLE
    assert len(found) == len(packed) - 1
    assert not any(found.values())
    rules = delivery.refusals()
    assert rules.keys() == found.keys()
    # Cut within the mark that tells how they are packed, files are taken for text.
    assert {rule for name, rule in rules.items() if int(name[:3]) >= 4} == {"damaged_archive"}


@pytest.mark.parametrize("kind", PACKERS)
def test_a_packed_file_with_a_flipped_bit_is_refused_or_unharmed(delivery: Delivery, kind: str) -> None:
    """A flip in what no reader looks at, such as the time of packing, leaves the file as it was."""
    packed = PACKERS[kind](TEXT)
    for position in range(len(packed)):
        flipped = bytearray(packed)
        flipped[position] ^= 1 << position % 8
        delivery.put(f"{position:03}.csv.{kind}", bytes(flipped))
    delivery.run()
    found = stored(delivery)
    unharmed = {name for name, rows in found.items() if rows}
    assert all(found[name] == WHOLE for name in unharmed)
    assert len(unharmed) < 12
    assert delivery.refusals().keys() == found.keys() - unharmed


@pytest.mark.parametrize("kind", PACKERS)
def test_a_file_that_unpacks_to_far_more_than_it_should_is_refused(
    delivery: Delivery, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(landing, "BOMB_BYTES", 1 << 20)
    delivery.put(f"bomb.csv.{kind}", PACKERS[kind](bytes(1 << 24)))
    lines = (f"instagram,account_{number},{number},food\n" for number in range(40_000))
    delivery.put(f"large.csv.{kind}", PACKERS[kind]((HEADER + "".join(lines)).encode()))
    delivery.put(f"small.csv.{kind}", PACKERS[kind](bytes(1 << 19)))
    delivery.run()
    assert delivery.refusals() == {f"bomb.csv.{kind}": "bomb", f"small.csv.{kind}": "damaged_csv"}
    assert len(stored(delivery)[f"large.csv.{kind}"]) == 40_000, "a large file of like lines is no bomb"
    assert list((delivery.home / "lake" / "scratch").iterdir()) == [], "what was unpacked is gone"


def test_zstd_is_unpacked_in_pieces_that_fit_the_memory(delivery: Delivery) -> None:
    """A few hundred bytes hold many megabytes: unpacked in one go they would be there before anybody can refuse them."""
    delivery.put("bomb.zst", PACKERS["zst"](bytes(1 << 30)))
    file = landing.list_exports(delivery.exports)[0]
    assert file.size < 1 << 16
    largest = max(len(chunk) for _, chunk in zip(range(3), unzstd(file), strict=False))
    assert 0 < largest < 1 << 28


def test_a_parquet_file_cut_anywhere_is_refused(delivery: Delivery) -> None:
    pl.read_csv(TEXT).write_parquet(delivery.exports / "whole.parquet")
    packed = (delivery.exports / "whole.parquet").read_bytes()
    for end in (*range(4, len(packed), 23), len(packed) - 1):
        delivery.put(f"{end:05}.parquet", packed[:end])
    delivery.run()
    found = stored(delivery)
    assert found.pop("whole.parquet") == WHOLE
    assert not any(found.values())
    rules = delivery.refusals()
    assert len(rules) == len(found) > 30
    assert set(rules.values()) <= {"damaged_parquet", "unknown_header"}


@pytest.mark.parametrize("dataset", ["accounts", "follows"])
def test_a_parquet_file_with_a_flipped_bit_has_all_its_rows_or_none(delivery: Delivery, dataset: str) -> None:
    """Where Polars panics in a stream, the stream ends as if the file did: with fewer rows, or with none."""
    rows = pl.read_csv(TEXT)
    if dataset == "follows":
        rows = rows.select("platform", "account_id", pl.lit("f").alias("follower_id"))
    rows.write_parquet(delivery.exports / "whole.parquet")
    packed = (delivery.exports / "whole.parquet").read_bytes()
    for place in sample_of(range(4, len(packed)), every=9):
        flipped = bytearray(packed)
        flipped[place] ^= 0x10
        delivery.put(f"{place:05}.parquet", bytes(flipped))
    answer = delivery.run()
    assert "panicked" not in answer.stderr
    read = {
        row["file"]: row["rows_read"] for row in delivery.ledger() if row["verdict"] not in ("quarantined", "repeated")
    }
    assert set(read.values()) == {len(WHOLE)}
    assert "damaged_parquet" in delivery.refusals().values()

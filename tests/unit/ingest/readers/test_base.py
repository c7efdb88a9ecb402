"""Batches end at so many bytes as well as at so many records: a file of long lines is never held as a whole."""

from collections.abc import Callable, Iterator
from pathlib import Path

import polars as pl
import pytest

from ingest.readers import base, csv, ndjson, parquet
from ingest.readers.base import RawBatch, batches_of, head_of
from schemas.sources import RECORD

LONG = "a" * 5_000
ROWS = pl.DataFrame({"id": [f"k{number}" for number in range(40)], "bio": [LONG] * 40})
Read = Callable[[Path], Iterator[RawBatch]]


def written(folder: Path, kind: str) -> Path:
    path = folder / f"rows.{kind}"
    if kind == "csv":
        ROWS.write_csv(path)
    elif kind == "ndjson":
        ROWS.write_ndjson(path)
    else:
        ROWS.write_parquet(path, row_group_size=4)
    return path


READERS: dict[str, tuple[str, Read]] = {
    "csv, record by record": (
        "csv",
        lambda path: csv.careful_batches(path, "a", csv.csv_layout(path, "a", ",", 0, header=True)),
    ),
    "ndjson": ("ndjson", lambda path: ndjson.ndjson_batches(path, "a", ndjson.ndjson_layout(path, "a"))),
    "parquet": ("parquet", lambda path: parquet.parquet_batches(path, "a")),
}


@pytest.mark.parametrize("reader", READERS)
def test_batches_of_long_records_are_small(reader: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kind, read = READERS[reader]
    path = written(tmp_path, kind)
    (whole,) = [batch.rows for batch in read(path) if batch.rows.height]
    for module in (base, csv, ndjson):
        monkeypatch.setattr(module, "BATCH_BYTES", 20_000)
    batches = [batch.rows for batch in read(path) if batch.rows.height]
    assert max(batch.height for batch in batches) <= 8
    assert pl.concat(batches).equals(whole)
    assert whole.get_column(RECORD).to_list() == list(range(1, 41))


def test_long_lines_are_never_held_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the quick reader of CSV, which hands over pieces of a file, lines of a megabyte one at a time."""
    path = tmp_path / "a.csv"
    path.write_text("id,bio\n" + "".join(f"k{number},{'b' * (1 << 20)}\n" for number in range(40)))
    monkeypatch.setattr(base, "BATCH_BYTES", 1 << 22)
    batches = list(csv.quick_batches(path, csv.csv_layout(path, "a", ",", 0, header=True)))
    assert max(batch.rows.height for batch in batches) < 40
    assert [row for batch in batches for row in batch.rows.get_column("id")] == [f"k{number}" for number in range(40)]


def test_short_records_come_in_batches_of_one_height(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever pieces Polars hands over, so that reading a file again gives the same segments."""
    monkeypatch.setattr(base, "BATCH_ROWS", 150_000)
    numbers = pl.DataFrame({"id": pl.int_range(500_000, eager=True).cast(pl.String)})
    batches = list(batches_of(numbers.lazy()))
    assert [batch.height for batch in batches] == [150_000, 150_000, 150_000, 50_000]
    assert pl.concat(batches).equals(numbers)
    assert list(batches_of(numbers.head(0).lazy())) == []


def test_the_first_lines_are_so_many_as_memory_is_meant_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(base, "BATCH_BYTES", 10)
    assert list(head_of(["abcd"] * 9)) == ["abcd"] * 3
    assert list(head_of(["abcd"])) == ["abcd"]
    assert list(head_of([])) == []

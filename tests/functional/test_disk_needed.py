"""A run asks for the disk that it takes: not much less, or it fails on its way, nor three times as much."""

import gzip
import random
from pathlib import Path

import polars as pl
import pytest

from flows.run import run
from flows.settings import Settings
from ingest.inventory import take_inventory
from warehouse.lake.ledger import Lake

# An empty warehouse has its tables and their comments.
EMPTY = 12 << 20


@pytest.mark.parametrize("packed", ["csv", "csv.gz", "parquet"])
def test_the_home_is_no_larger_than_was_asked_for(packed: str, tmp_path: Path) -> None:
    chance, exports, settings = (
        random.Random(5),
        tmp_path / "exports",
        Settings(home=tmp_path / "home", draw_report=False),
    )
    exports.mkdir()
    posts = [
        (f"p{n}", f"k{chance.randrange(900)}", chance.randrange(9000), chance.randrange(90)) for n in range(60_000)
    ]
    likes = [(f"p{chance.randrange(60_000)}", f"m{chance.getrandbits(40)}") for _ in range(90_000)]
    write(
        exports,
        "posts",
        packed,
        pl.DataFrame(posts, ["post_id", "account_id", "like_count", "comment_count"], orient="row"),
    )
    write(exports, "likes", packed, pl.DataFrame(likes, ["post_id", "liker_id"], orient="row"))
    asked = take_inventory(exports, Lake.open(tmp_path / "other")).bytes_to_write
    run(exports, settings)
    taken = sum(path.stat().st_size for path in settings.home.rglob("*") if path.is_file())
    assert taken - EMPTY < asked < 4 * taken


def write(folder: Path, name: str, packed: str, rows: pl.DataFrame) -> None:
    rows = rows.with_columns(pl.lit("tiktok").alias("platform"))
    if packed == "parquet":
        rows.write_parquet(folder / f"{name}.parquet")
        return
    text = rows.write_csv().encode()
    (folder / f"{name}.{packed}").write_bytes(gzip.compress(text) if packed.endswith("gz") else text)

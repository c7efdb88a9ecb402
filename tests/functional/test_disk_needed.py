"""A run asks for the disk that it takes: not much less, or it fails on its way, nor three times as much."""

import gzip
import random
from pathlib import Path

import polars as pl
import pytest

from flows.run import run
from flows.settings import Settings
from ingest.inventory import take_inventory
from schemas.errors import DiskFullError
from warehouse.lake.disk import OF_LOOSE_EDGE, OF_TABLES, bytes_to_publish
from warehouse.lake.ledger import Lake


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
    asked = take_inventory(exports, Lake.open(tmp_path / "other")).bytes_to_read
    run(exports, settings)
    asked += bytes_to_publish(Lake.open(settings.lake))
    taken = sum(path.stat().st_size for path in settings.home.rglob("*") if path.is_file())
    assert taken < asked < 4 * taken + OF_TABLES


def write(folder: Path, name: str, packed: str, rows: pl.DataFrame) -> None:
    rows = rows.with_columns(pl.lit("tiktok").alias("platform"))
    if packed == "parquet":
        rows.write_parquet(folder / f"{name}.parquet")
        return
    text = rows.write_csv().encode()
    (folder / f"{name}.{packed}").write_bytes(gzip.compress(text) if packed.endswith("gz") else text)


def test_a_disk_too_small_to_publish_on_is_told_once_the_rows_are_known(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing of what was read counts by then; the next run reads it again."""
    exports, settings = tmp_path / "exports", Settings(home=tmp_path / "home", draw_report=False)
    exports.mkdir()
    free = OF_TABLES + 2 * OF_LOOSE_EDGE
    monkeypatch.setattr("warehouse.atomic_write.free_bytes", lambda _: free)
    write(exports, "likes", "csv", pl.DataFrame([("p1", "m1")], ["post_id", "liker_id"], orient="row"))
    assert run(exports, settings).published
    write(exports, "more", "csv", pl.DataFrame([("p1", "m2"), ("p2", "m2")], ["post_id", "liker_id"], orient="row"))
    with pytest.raises(DiskFullError, match=f"may need {OF_TABLES + 3 * OF_LOOSE_EDGE:,} bytes"):
        run(exports, settings)
    assert len(Lake.open(settings.lake).deliveries()) == 1
    free += OF_LOOSE_EDGE
    assert run(exports, settings).rows_loaded == 2
    free = 0
    assert not run(exports, settings).published, "nothing is new, and nothing is asked for"

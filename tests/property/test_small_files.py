"""A small file becomes the same whichever files are read beside it: alone, among all others, or as a large one."""

import json
import random
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from flows.run import edge_context
from flows.settings import Settings
from ingest import files
from ingest.delivery import Delivery
from ingest.inventory import take_inventory
from ingest.load import load_files
from tests.sample import how_many
from warehouse.lake.commits import Entry
from warehouse.lake.ledger import Lake
from warehouse.lake.shared_segments import PART

SOURCES = """
[[source]]
files = "priced*.csv"
delimiter = ";"
number = "dot"
date_format = "%d.%m.%Y"
time_zone = "Europe/Berlin"
[[source.load]]
dataset = "posts"
columns = { platform = { value = "tiktok" }, post_id = "id", account_id = "who", published_at = "day", like_count = "likes" }

[[source]]
files = "paths*.json"
format = "json"
[[source.load]]
dataset = "accounts"
columns = { platform = { value = "x" }, account_id = "user.id", followers_count = "user.fans" }

[[source]]
files = "business*.csv"
time_zone = "Europe/Berlin"
owner = "kim"

[[source]]
files = "rates_of*.csv"
[[source.load]]
dataset = "published_metrics"
columns = { platform = { value = "instagram" }, account_id = "who", metric = { value = "engagement_rate" }, value = "rate", source = { value = "list" } }

[[source]]
files = "*tiktok.csv"
encoding = "cp1252"

[[source]]
files = "dump*.csv"
delimiter = ";"
escape = '\\'
language = "de"
date_format = "%d. %b"
constants = { platform = "instagram", account_id = "kim" }
[[source.load]]
dataset = "posts"
columns = { post_id = "id", caption = "text", like_count = "metrics.likes", comment_count = "metrics.deep.n", published_at = { from = "day", not_after = "2026-05-04" } }
"""
HEADER = "platform,post_id,account_id,published_at,like_count,caption,views\n"
TIMES = ("2026-05-{day:02}T10:00:00Z", "2026-05-{day:02} 10:00:00 UTC", "2026-05-{day:02}", "{day:02}.05.2026")
LIKES = ("{n}", "{n}.0", "1.{n}E+04", "-1", "", "many", "1,{n}", "-5")


def write_exports(folder: Path, chance: random.Random) -> None:
    folder.mkdir()
    (folder / "sources.toml").write_text(SOURCES, encoding="utf-8")
    for number in range(24):
        rows = chance.randrange(0, 12)
        write_posts(folder / f"posts{number}.csv", rows, chance)
        write_others(folder, number, rows, chance)


def write_posts(path: Path, rows: int, chance: random.Random) -> None:
    """Posts whose times and counts are written in one way in each file, or in several, with an oddity at times."""
    times, likes = chance.choice(TIMES), chance.choices(LIKES, k=chance.choice((1, 3)))
    lines = [
        f"instagram,P{chance.randrange(9)},a{row % 3},{times.format(day=row + 1)},{chance.choice(likes).format(n=row + 1)},"
        f"{chance.choice(['nice', chr(34) + 'so, nice' + chr(34), '1.78E+16', ''])},{chance.choice(['12', 'words of it'])}\n"
        for row in range(rows)
    ]
    if chance.random() < 0.2:
        lines = [line.replace("P", "kim ").replace(f"a{row % 3}", "2026-01-01") for row, line in enumerate(lines)]
    if chance.random() < 0.3:
        lines.append(chance.choice(['x,"open\n', "x,too,few\n", "\n", "x,cut", "x,b,c,d,5,6,\n", "=====\n"]))
    words = ["one two three"] * 6 if chance.random() < 0.2 else []
    lines += [f"x,W{n},a,2026-05-01,5,,{word}\n" for n, word in enumerate(words)]
    text = (HEADER + "".join(lines)).replace("\n", chance.choice(["\n", "\n", "\r\n", "\r"]))
    path.write_bytes(
        chance.choice([b"", b"", b"\xef\xbb\xbf"]) + text.encode(chance.choice(["utf-8", "utf-8", "utf-16"]))
    )


def write_others(folder: Path, number: int, rows: int, chance: random.Random) -> None:
    ids = [chance.choice([f"k{row}", "", "1.5E+17", "k0"]) for row in range(rows)]
    records = [{"platform": "x", "account_id": key, "followers_count": row} for row, key in enumerate(ids)]
    if chance.random() < 0.3:
        records = [record | {"niche": "food"} for record in records]
    lines = [json.dumps(record) for record in records]
    (folder / f"lines{number}.ndjson").write_text(
        "\n".join([*lines, *chance.choices(["{", ""], k=1)]), encoding="utf-8"
    )
    (folder / f"array{number}.json").write_text(json.dumps(records, indent=chance.choice([None, 1])), encoding="utf-8")
    pl.DataFrame(records or [{"platform": "x", "account_id": "a", "followers_count": 3}]).write_parquet(
        folder / f"table{number}.parquet"
    )
    paths: list[Any] = [
        {"user": {"id": key, "fans": chance.choice([row, None, "few", {}])}} for row, key in enumerate(ids)
    ]
    (folder / f"paths{number}.json").write_text(json.dumps(paths), encoding="utf-8")
    priced = [f"{key};a{row % 2};{row + 1}.05.2026;1.00{row % 10}\n" for row, key in enumerate(ids)]
    (folder / f"priced{number}.csv").write_text("id;who;day;likes\n" + "".join(priced), encoding="utf-8")
    day = chance.choice(["{m}/{d}/2026 10:00", "{d}/{m}/2026 10:00"])
    business = [f"{key},{day.format(m=row % 4 + 1, d=row + 8)},IG reel,9,{row},1\n" for row, key in enumerate(ids)]
    text = "Post ID,Publish time,Post type,Reach,Likes,Saves\n" + "".join(business)
    (folder / f"business{number}.csv").write_text(text, encoding="utf-8")
    rated = [f"a{row},{chance.choice(['0.5', '0.5', '0.7%'] if number % 3 else ['0.5'])}\n" for row in range(rows)]
    (folder / f"rates_of{number}.csv").write_text("who,rate\n" + "".join(rated), encoding="utf-8")
    write_dumps(folder / f"dump{number}.csv", rows, chance)
    likes = [f"tiktok,P{row},{key},2026-05-01T00:00:0{row % 10}Z\n" for row, key in enumerate(ids)]
    (folder / f"likes{number}tiktok.csv").write_text(
        "platform,post_id,liker_id,liked_at\n" + "".join(likes), encoding="cp1252"
    )


def write_dumps(path: Path, rows: int, chance: random.Random) -> None:
    """Numbers and days in German inside of cells, quotes after a backslash; some cells broken, a path absent at times."""
    texts = ["plain", r'"she said \"no\"; left"', r"C:\temp", r"\N", r'"a \" b"'] + ['"un"closed"'] * (
        chance.random() < 0.1
    )
    cells = [
        "{'likes': '1,5 Tsd.'}",
        "{'likes': 7, 'deep': {'n': 3}}",
        '"{""likes"": {}}"',
        "{'likes'",
        "",
        "{'likes': '2 B'}",
    ]
    cells = chance.choice([cells, cells, ["{'lieks': 7}"]])
    days = ["7. Mai", "3. M\u00e4rz", "29. Feb.", "never", ""]
    lines = [f"D{row};{chance.choice(texts)};{chance.choice(cells)};{chance.choice(days)}\n" for row in range(rows)]
    path.write_text("id;text;metrics;day\n" + "".join(lines), encoding="utf-8")


def becomes(lake: Lake, entry: Entry) -> dict[str, Any]:
    """All that a file became, when and where it was written left out."""
    rows: dict[str, list[Any]] = {}
    for segment in entry.segments:
        own = pl.read_parquet(lake.root / segment.path)
        if segment.part is not None:
            own = own.filter(pl.col(PART) == segment.part)
        known = own.drop(PART, strict=False)
        rows.setdefault(segment.dataset, []).extend(known.select(sorted(known.columns)).rows())
    rejects = pl.read_parquet(lake.root / entry.rejects).rows() if entry.rejects else []
    return {
        "entry": (entry.verdict, entry.format, entry.note, entry.counts, entry.columns, entry.pages),
        "times": {(s.dataset, s.observed, s.happened) for s in entry.segments if s.rows},
        "rows": {dataset: sorted(map(repr, found)) for dataset, found in rows.items() if found},
        "rejects": sorted(map(repr, rejects)),
    }


def read_in(batches: list[list[Delivery]], lake: Lake, home: Path) -> dict[str, dict[str, Any]]:
    settings = Settings(home=home, member_key="s" * 40)
    entries = [entry for batch in batches for entry in load_files(batch, lake, edge_context(lake, settings)).entries]
    return {entry.file: becomes(lake, entry) for entry in entries}


@pytest.mark.parametrize("seed", range(how_many(1, long=6)))
def test_any_partition_into_batches_gives_the_same(tmp_path: Path, seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    chance = random.Random(seed)
    write_exports(tmp_path / "exports", chance)
    lake = Lake.open(tmp_path / "together")
    deliveries = take_inventory(tmp_path / "exports", lake).to_read
    together = read_in([deliveries], lake, tmp_path)
    shuffled = chance.sample(deliveries, len(deliveries))
    cuts = sorted(chance.sample(range(len(shuffled)), 6))
    parts = [shuffled[a:b] for a, b in zip([0, *cuts], [*cuts, None], strict=True)]
    assert read_in(parts, Lake.open(tmp_path / "parts"), tmp_path) == together
    some = chance.sample(deliveries, 25)
    alone = read_in([[delivery] for delivery in some], Lake.open(tmp_path / "alone"), tmp_path)
    assert alone == {name: together[name] for name in alone}
    monkeypatch.setattr(files, "SMALL_FILE", -1)
    as_large = read_in([deliveries], Lake.open(tmp_path / "large"), tmp_path)
    assert as_large.keys() == together.keys()
    assert [name for name in together if as_large[name] != together[name]] == []
    assert as_large == together
    verdicts = {told["entry"][0] for told in together.values()}
    assert verdicts >= {"loaded", "quarantined"}


def test_most_of_them_share_their_segments(tmp_path: Path) -> None:
    write_exports(tmp_path / "exports", random.Random(9))
    lake = Lake.open(tmp_path / "lake")
    deliveries = take_inventory(tmp_path / "exports", lake).to_read
    batch = load_files(deliveries, lake, edge_context(lake, Settings(home=tmp_path, member_key="s" * 40)))
    loaded = [entry for entry in batch.entries if entry.verdict == "loaded"]
    together = [entry for entry in loaded if all(segment.part is not None for segment in entry.segments)]
    assert len(together) > 0.7 * len(loaded)
    assert len({segment.path for entry in together for segment in entry.segments}) < len(together) / 4

"""Small segments are gathered and ledger files laid together; whatever happens in between, the same rows count."""

import random
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from schemas.columns import polars_schema
from schemas.tables import DATASETS
from tests.sample import how_many
from warehouse.lake import gathered, ledger_files
from warehouse.lake.commits import Counts, Entry, Segment
from warehouse.lake.health import damaged, unreferenced
from warehouse.lake.ledger import Lake
from warehouse.lake.shared_segments import PART

BEGAN = datetime(2026, 4, 1)


class Deliveries:
    """A lake, and beside it in plain Python what each delivery in it has brought."""

    def __init__(self, root: Path, chance: random.Random) -> None:
        self.root, self.chance = root, chance
        self.lake = Lake.open(root)
        self.brought: dict[str, set[str]] = {}
        self.gone: list[str] = []

    def posts(self, name: str, rows: int) -> pl.DataFrame:
        schema = polars_schema(DATASETS["posts"])
        keys = {"platform": "tiktok", "account_id": "kim"}
        texts = pl.DataFrame({"post_id": [f"{name}:{n}" for n in range(rows)]})
        return texts.select(
            pl.lit(keys.get(column)).cast(kind).alias(column) if column != "post_id" else "post_id"
            for column, kind in schema.items()
        )

    def alone(self) -> None:
        """A file with a segment of its own, perhaps one that was there before and was taken out."""
        name = self.gone.pop() if self.gone and self.chance.random() < 0.4 else f"alone{len(self.lake.commits)}"
        rows = self.posts(name, self.chance.choice((1, 2, 7, 40)))
        self.take(name, self.lake.write_segment("posts", name, 0, rows), rows)

    def together(self) -> None:
        """Some small files that share a segment, each under its number."""
        names = [f"many{len(self.lake.commits)}-{n}" for n in range(self.chance.choice((2, 5)))]
        numbers = self.chance.sample(range(9), len(names))
        rows = [self.posts(name, self.chance.choice((1, 3))) for name in names]
        parts = [
            own.with_columns(pl.lit(number, pl.UInt32).alias(PART)) for own, number in zip(rows, numbers, strict=True)
        ]
        shared = self.lake.write_segment("posts", names[0], 0, pl.concat(parts))
        entries = [
            self.entry(name, Segment("posts", shared.path, own.height, part=number, observed="", happened=""), own)
            for name, own, number in zip(names, rows, numbers, strict=True)
        ]
        self.commit(entries)

    def take(self, name: str, segment: Segment, rows: pl.DataFrame) -> None:
        self.commit([self.entry(name, segment, rows)])

    def entry(self, name: str, segment: Segment, rows: pl.DataFrame) -> Entry:
        self.brought[name] = set(rows.get_column("post_id"))
        counts = (Counts("posts", rows.height, rows.height),)
        return Entry(f"{name}.csv", 1, "", name, "canonical", name, "loaded", "csv", None, counts, (segment,))

    def commit(self, entries: list[Entry]) -> None:
        retired = []
        if self.brought and self.chance.random() < 0.3:
            others = sorted(self.brought.keys() - {entry.delivery for entry in entries})
            retired = self.chance.sample(others, min(len(others), self.chance.choice((1, 3))))
            self.gone += retired
            self.brought = {name: rows for name, rows in self.brought.items() if name not in retired}
        self.lake.stage(entries, BEGAN + timedelta(minutes=len(self.lake.commits)), retired)
        if self.chance.random() < 0.1:  # as where publishing fails, and the next run brings the same
            staged = self.lake.unstage()
            assert staged
            self.reopen()
            self.lake.stage(staged.entries, BEGAN, staged.retired)
        self.lake.seal()

    def reopen(self) -> None:
        self.lake = Lake.open(self.root)

    def swept(self) -> None:
        self.reopen()
        self.lake.sweep()

    def check(self) -> None:
        for lake in (self.lake, Lake.open(self.root)):
            held = lake.rows("posts").select("post_id").collect().get_column("post_id").to_list()
            assert sorted(held) == sorted(row for rows in self.brought.values() for row in rows)
            assert damaged(lake) == {}
            for delivery, entry in lake.deliveries().items():
                assert self.rows_of(lake, entry) == self.brought[delivery]

    @staticmethod
    def rows_of(lake: Lake, entry: Entry) -> set[str]:
        (segment,) = entry.segments
        rows = pl.read_parquet(lake.root / segment.path, glob=False)
        own = rows if segment.part is None else rows.filter(pl.col(PART) == segment.part)
        assert own.height == segment.rows
        return set(own.get_column("post_id"))


@pytest.mark.parametrize("seed", range(how_many(6, long=200)))
def test_any_history_keeps_its_rows(seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gathered, "FILES", 3)
    monkeypatch.setattr(ledger_files, "FILES", 5)
    chance = random.Random(seed)
    history = Deliveries(tmp_path, chance)
    steps: list[Callable[[], None]] = [history.alone, history.alone, history.together, history.reopen, history.swept]
    for _ in range(60):
        chance.choice(steps)()
        history.check()
    history.swept()
    history.check()
    assert any(commit.gathered for commit in history.lake.commits)
    assert ledger_files.ledger_faults(tmp_path / "ledger") == []
    assert unreferenced(history.lake) == []


def test_few_files_are_left_of_many_deliveries(tmp_path: Path) -> None:
    history = Deliveries(tmp_path, random.Random(1))
    for number in range(300):
        rows = history.posts(f"day{number}", 2)
        history.lake.commit(
            [history.entry(f"day{number}", history.lake.write_segment("posts", f"day{number}", 0, rows), rows)], BEGAN
        )
    history.swept()
    history.check()
    assert len(list((tmp_path / "segments/posts").iterdir())) <= gathered.FILES * gathered.SIZES
    (only,) = (tmp_path / "ledger").iterdir()
    assert only.name.startswith("00000001-00000300-")


def test_a_ledger_whose_laying_together_was_cut_short_counts_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    history = Deliveries(tmp_path, random.Random(2))
    for _ in range(6):
        history.alone()
    folder = tmp_path / "ledger"
    before = {path: path.read_bytes() for path in folder.iterdir()}
    monkeypatch.setattr(ledger_files, "FILES", 5)
    ledger_files.lay_together(folder)
    (whole,) = folder.iterdir()
    for path, content in before.items():
        path.write_bytes(content)
    assert [commit.sequence for commit in ledger_files.read_commits(folder)] == [1, 2, 3, 4, 5, 6]
    assert ledger_files.ledger_faults(folder) == []
    ledger_files.lay_together(folder)
    assert list(folder.iterdir()) == [whole]
    whole.write_bytes(whole.read_bytes().replace(b'"loaded"', b'"Loaded"', 1))
    assert ledger_files.ledger_faults(folder) == [f"{whole.name} was changed"]

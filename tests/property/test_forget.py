"""Whatever was delivered, in whatever order and layout: after `forget` a home is one that never had the people."""

import random
import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from flows.commands.forget import forget_names
from flows.run import run
from flows.settings import Settings
from tests.functional.test_forget import traces
from tests.oracle import Row
from tests.property.deliveries import NOON, SEEDED
from tests.property.test_audience import SECRET, small_limits, write_edges
from tests.property.test_conservation import EDGES, PEOPLE, as_cell, deliveries
from warehouse.published import open_published

MEMBER = {"follows": "follower_id", "likes": "liker_id", "comments": "commenter_id"}
COUNTS = "rows_read, rows_loaded, rows_duplicate, rows_rejected, rows_forgotten"


def long_named(rows: dict[str, list[Row]]) -> dict[str, list[Row]]:
    """Members by names that stand in no other bytes; those who are accounts keep theirs, which are in the warehouse."""
    return {
        dataset: [row | {MEMBER[dataset]: name_of(row[MEMBER[dataset]])} if dataset in EDGES else row for row in own]
        for dataset, own in rows.items()
    }


def name_of(person: str) -> str:
    return person if person in ("a", "b") else f"zq-member-{person}"


@settings(SEEDED, max_examples=4)
@given(
    rows=deliveries,
    gone=st.sets(st.sampled_from(PEOPLE), min_size=1, max_size=3),
    bucketed=st.booleans(),
    late=st.booleans(),
    chance=st.randoms(use_true_random=False),
)
def test_a_home_that_forgot_is_one_that_never_knew(
    rows: dict[str, list[Row]], gone: set[str], bucketed: bool, late: bool, chance: random.Random
) -> None:
    """`late`: half of the lists come after the people are forgotten."""
    rows, names = long_named(rows), {name_of(person) for person in gone}
    kept = {
        dataset: [row for row in own if dataset not in EDGES or row[MEMBER[dataset]] not in names]
        for dataset, own in rows.items()
    }
    with tempfile.TemporaryDirectory() as folder, small_limits(bucketed=bucketed):
        homes = [Settings(home=Path(folder) / name, member_key=SECRET, draw_report=False) for name in ("home", "never")]
        exports = [Path(folder) / name for name in ("exports", "others")]
        first = {dataset: own for dataset, own in rows.items() if not (late and dataset in ("likes", "follows"))}
        for place, delivered in zip(exports, (first, kept), strict=True):
            for dataset, own in delivered.items():
                if own:
                    cells = [{name: as_cell(cell) for name, cell in row.items()} for row in own]
                    write_edges(place / f"{dataset}{chance.choice(('.csv', '.ndjson', '.parquet'))}", cells, chance)
        hashes = [run(place, home, NOON).content_hash for place, home in zip(exports, homes, strict=True)]
        forget_names(tuple(("instagram", name) for name in sorted(names)), homes[0])
        for dataset in set(rows) - set(first):
            cells = [{name: as_cell(cell) for name, cell in row.items()} for row in rows[dataset]]
            write_edges(exports[0] / f"{dataset}.csv", cells, chance)
        assert run(exports[0], homes[0], NOON).content_hash == hashes[1]
        with open_published(homes[0].warehouse) as connection:
            counted = connection.sql(f"SELECT {COUNTS} FROM load_ledger").fetchall()
        assert all(read == sum(others) for read, *others in counted)
        assert sum(forgotten for *_, forgotten in counted) == sum(
            len(own) - len(kept[dataset]) for dataset, own in rows.items()
        )
        for name in names - {"a", "b"}:
            assert traces(homes[0].home, name, platform="instagram", key=SECRET.get_secret_value()) == []

"""A table as one JSON array is read as the same records one a line."""

import json
from pathlib import Path

import pytest

from flows.run import run
from flows.settings import Settings
from tests.rejected.delivery import Delivery, command, delivery

__all__ = ["command", "delivery"]
HEADER = ("platform", "account_id", "followers_count", "observed_at")
RECORDS = [("x", "9007199254740993123", "5", "2026-08-01T00:00:00Z"), ("x", "00123", "7", "2026-08-01T00:00:00Z")]
OBJECT = '{"platform": "x",\n "account_id": 9007199254740993123, "followers_count": 5, "observed_at": "2026-08-01T00:00:00Z"}'
OTHER = '{"platform": "x", "account_id": "00123", "followers_count": 7, "observed_at": "2026-08-01T00:00:00Z"}'


@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_an_array_is_the_same_as_a_table(tmp_path: Path, mark: str) -> None:
    texts = {
        "a.csv": "\n".join(map(",".join, [HEADER, *RECORDS])) + "\n",
        "a.ndjson": OBJECT.replace("\n", "") + "\n" + OTHER + "\n",
        "a.json": f"{mark}[{OBJECT},\r\n{OTHER}]",
    }
    hashes = set()
    for name, text in texts.items():
        folder = tmp_path / name / "exports"
        folder.mkdir(parents=True)
        (folder / name).write_text(text, encoding="utf-8", newline="")
        hashes.add(run(folder, Settings(home=tmp_path / name / "home")).content_hash)
    assert len(hashes) == 1


@pytest.mark.parametrize("between", ["\n", " "])
def test_objects_one_after_the_other_are_records(delivery: Delivery, between: str) -> None:
    delivery.put("sources.toml", '[[source]]\nfiles = "declared.json"\ndataset = "accounts"\n'
                 'columns = { platform = "platform", account_id = "account_id", followers_count = "followers_count" }\n')  # fmt: skip
    texts = [OBJECT.replace("\n", between), OTHER.replace(": 7", ": NaN"), OTHER.replace("00123", "cy")]
    for name in ("known.json", "declared.json"):
        delivery.put(name, between.join(texts))
    delivery.put("alone.json", OBJECT.replace("993123", "77"))
    delivery.run()
    counts = [(row["rows_read"], row["rows_loaded"], row["rows_rejected"]) for row in delivery.ledger()]
    assert counts == [(1, 1, 0), (3, 2, 1), (3, 2, 1)]
    assert {row["value"] for row in delivery.rejects()} == {"NaN"}


def test_records_of_an_array_are_refused_one_by_one(delivery: Delivery) -> None:
    good = {"platform": "x", "account_id": "a", "followers_count": 5}
    delivery.put("a.json", json.dumps([good, good | {"followers_count": "many"}, 7]))
    delivery.run()
    (row,) = delivery.ledger()
    assert (row["verdict"], row["rows_read"], row["rows_loaded"], row["rows_rejected"]) == ("loaded", 3, 1, 2)


def test_a_declared_array(delivery: Delivery) -> None:
    delivery.put("a.json", json.dumps([{"who": "a", "fans": 5}]))
    delivery.put(
        "sources.toml",
        '[[source]]\nfiles = "a.json"\nconstants = { platform = "x" }\n[[source.load]]\ndataset = "accounts"\n'
        'columns.account_id = "who"\ncolumns.followers_count = "fans"\n',
    )
    delivery.run()
    assert delivery.accounts() == {"a": 5}

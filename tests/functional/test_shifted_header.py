"""A header that no longer belongs to the cells below it: the file is refused, once, and not a million times."""

import pytest

from tests.rejected.delivery import Delivery, command, delivery

__all__ = ["command", "delivery"]
HEADER = "platform,account_id,followers_count,niche\n"
POSTS = "platform,post_id,account_id,published_at,like_count\n"


def accounts(*counts: str) -> str:
    return HEADER + "".join(f"instagram,a{number},{count},food\n" for number, count in enumerate(counts))


def test_text_below_a_count_refuses_the_file(delivery: Delivery) -> None:
    delivery.put("accounts.csv", accounts("kim", "liina", "maret", "ann", "peeter"))
    delivery.run()
    assert delivery.refusals() == {"accounts.csv": "shifted_header"}
    (row,) = delivery.rejects()
    assert "column 'followers_count' is read as followers_count" in row["allowed"]
    assert "5 of its first 5 cells are other text, such as 'kim', 'liina', 'maret'" in row["allowed"]
    assert "sources.toml by position" in row["fix"]
    assert delivery.ledger()[0]["rows_read"] == 0
    assert delivery.run_again()["published"] is False


def test_a_column_that_slipped_by_one(delivery: Delivery) -> None:
    lines = [f"instagram,p{number},kim,{number * 7},2026-01-0{number}T10:00:00Z\n" for number in range(1, 8)]
    delivery.put("posts.csv", POSTS + "".join(lines))
    delivery.run()
    assert delivery.refusals() == {"posts.csv": "shifted_header"}
    assert "'published_at'" in delivery.rejects()[0]["allowed"]


@pytest.mark.parametrize(
    "counts",
    [
        ("kim", "liina", "maret", "ann"),  # too few to tell
        ("kim", "", "liina", "", "maret", "ann"),  # blanks tell nothing
        ("kim", "liina", "maret", "ann", "5"),  # one of five fits
        ("1.2M", "3.4M", "5.6M", "7.8M", "9.1M"),  # numbers, written otherwise
        ("1.500,50", "1.500,60", "2.500,70", "3.500,80", "4.500,90"),
        ("99999999999999999",) * 6,  # too large, and still numbers
    ],
)
def test_what_may_be_mended_row_by_row_is_said_row_by_row(delivery: Delivery, counts: tuple[str, ...]) -> None:
    delivery.put("accounts.csv", accounts(*counts))
    delivery.run()
    assert delivery.verdicts() == {"accounts.csv": "loaded"}
    (row,) = delivery.ledger()
    assert row["rows_rejected"] > 0


def test_nearly_every_cell_is_enough(delivery: Delivery) -> None:
    delivery.put("most.csv", accounts(*["kim"] * 38, "1", "2"))
    delivery.put("many.csv", accounts(*["kim"] * 37, "1", "2", "3"))
    delivery.run()
    assert delivery.verdicts() == {"most.csv": "quarantined", "many.csv": "loaded"}


def test_only_the_beginning_is_looked_at(delivery: Delivery) -> None:
    delivery.put("accounts.csv", accounts(*["5"] * 1000, *["kim"] * 100))
    delivery.run()
    assert delivery.verdicts() == {"accounts.csv": "loaded"}
    assert delivery.ledger()[0]["rows_rejected"] == 100


@pytest.mark.parametrize("times", ["Jan {}", "{}/08/2026", "2026-08-0{} 10:00", "178{}000000"])
def test_times_that_are_written_otherwise_are_times(delivery: Delivery, times: str) -> None:
    lines = [f"instagram,p{number},kim,{times.format(number)},5\n" for number in range(1, 8)]
    delivery.put("posts.csv", POSTS + "".join(lines))
    delivery.run()
    assert delivery.verdicts() == {"posts.csv": "loaded"}
    assert delivery.ledger()[0]["cells_rejected"] == 7


def test_a_declared_column_is_named_as_the_file_does(delivery: Delivery) -> None:
    delivery.put(
        "sources.toml",
        '[[source]]\nfiles = "*.csv"\nnumber = "suffix"\n[[source.load]]\ndataset = "accounts"\n'
        'columns = { platform = { value = "x" }, account_id = "who", followers_count = { from = "fans", null_words = ["-"] } }\n',
    )
    delivery.put("shifted.csv", "who,fans\n" + "1,kim\n" * 6)
    delivery.put("unknown.csv", "who,fans\n" + "kim,-\n" * 6)
    delivery.run()
    assert delivery.verdicts()["unknown.csv"] == "loaded"
    assert delivery.refusals() == {"shifted.csv": "shifted_header"}
    assert "column 'fans' is read as followers_count" in delivery.rejects()[0]["allowed"]


def test_no_member_is_shown(delivery: Delivery) -> None:
    lines = [f"instagram,kim,2026-01-01T00:00:00Z,member{'abcdefgh'[number]}\n" for number in range(8)]
    delivery.put("follows.csv", "platform,account_id,follower_id,followed_at\n" + "".join(lines))
    answer = delivery.run()
    assert delivery.refusals() == {"follows.csv": "shifted_header"}
    said = str(delivery.rejects()) + str(delivery.ledger()) + answer.stderr
    assert "not shown: it may name a member" in said
    assert "memb" not in said.replace("may name a member", "")


def test_objects_name_their_own_values(delivery: Delivery) -> None:
    lines = [f'{{"platform": "x", "account_id": "{number}", "followers_count": "kim"}}\n' for number in range(6)]
    delivery.put("accounts.ndjson", "".join(lines))
    delivery.run()
    assert delivery.verdicts() == {"accounts.ndjson": "loaded"}
    assert delivery.ledger()[0]["rows_rejected"] == 6

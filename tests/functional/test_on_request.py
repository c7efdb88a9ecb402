"""Prices that are told on request: kept as an offer whose price is not known, never as zero and never refused."""

import pytest
from pydantic import ValidationError

from schemas.sources import Load
from tests.rejected.delivery import Delivery, command, delivery

__all__ = ["command", "delivery"]

DECLARED = """
[[source]]
files = "prices.csv"
constants = { platform = "xiaohongshu", currency = "CNY" }
null_words = ["-"]

[[source.load]]
dataset = "rates"
columns.account_id = "id"
columns.price = { from = "报价", number = "words", request_words = ["面议", "ask us"] }
"""


def test_a_request_word_is_no_price_and_is_kept_as_an_offer(delivery: Delivery) -> None:
    delivery.put("sources.toml", DECLARED)
    delivery.put("prices.csv", 'id,报价\na,"¥3,500"\nb,面议\nc, ask us \nd,-\ne,maybe\n')
    delivery.run()
    assert [
        tuple(row.values()) for row in delivery.rows("SELECT account_id, price, compensation FROM rates ORDER BY ALL")
    ] == [
        ("a", 3500, "cash"),
        ("b", None, "on_request"),
        ("c", None, "on_request"),
        ("d", None, "cash"),
    ]
    assert [(row["line"], row["value"], row["rule"]) for row in delivery.rejects()] == [
        (6, "maybe", "price: not a number")
    ]


def test_it_goes_before_what_the_others_are_paid_in(delivery: Delivery) -> None:
    delivery.put("sources.toml", DECLARED.replace('"CNY"', '"CNY", compensation = "cash"'))
    delivery.put("prices.csv", "id,报价\na,3500\nb,面议\n")
    delivery.run()
    offers = delivery.rows("SELECT account_id, compensation FROM rates ORDER BY ALL")
    assert [tuple(row.values()) for row in offers] == [("a", "cash"), ("b", "on_request")]


def test_an_export_may_say_so_itself(delivery: Delivery) -> None:
    delivery.put("rates.csv", "platform,account_id,price,compensation\ntiktok,kim,,on_request\n")
    delivery.run()
    assert delivery.rows("SELECT price, compensation FROM rates") == [{"price": None, "compensation": "on_request"}]


@pytest.mark.parametrize(
    ("column", "reading"),
    [("media_type", {"from": "x", "request_words": ["?"]}), ("price", {"value": "5", "request_words": ["?"]})],
)
def test_request_words_elsewhere_are_a_mistake(column: str, reading: dict[str, object]) -> None:
    given = {"platform": {"value": "tiktok"}, "account_id": "id", "price": "p", column: reading}
    with pytest.raises(ValidationError, match="request_words are for a price"):
        Load.model_validate({"dataset": "rates", "columns": given})

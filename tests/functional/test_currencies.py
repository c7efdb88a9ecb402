"""Currencies as people write them: one market for each, and what names none, or may be several, costs its row and says so."""

import pytest

from tests.functional.test_plan_rates import asked, prices
from tests.rejected.delivery import Delivery, command, delivery

__all__ = ["command", "delivery"]
ACCOUNTS = "platform,account_id,followers_count,observed_at\n" + "".join(
    f"x,{name},10000,2026-05-02T00:00:00Z\n" for name in "abcdefgh"
)
HEADER = "platform,account_id,media_type,price,currency,quoted_on\n"


def priced(delivery: Delivery, *cells: str, header: str = HEADER) -> None:
    """Accounts with a price each, in the currency of a cell."""
    delivery.put("accounts.csv", ACCOUNTS)
    rows = (
        f"x,{name},image,{100 + place},{cell},2026-05-01\n"
        for place, (name, cell) in enumerate(zip("abcdefgh", cells, strict=False))
    )
    delivery.put("rates.csv", header + "".join(rows))


def test_one_currency_is_one_market_however_it_is_written(delivery: Delivery) -> None:
    priced(delivery, "USD", "usd", "Usd", "$", " US$ ", "dollars")
    delivery.run()
    assert delivery.rejects() == []
    summary = delivery.rows("SELECT currency, account_count FROM price_summary")
    assert summary == [{"currency": "USD", "account_count": 6}]
    assert delivery.rows("SELECT DISTINCT currency FROM plans") == [{"currency": "USD"}]
    assert delivery.rows("SELECT count(price_to_rule_of_thumb) AS n FROM rates") == [{"n": 6}]
    for written in ("usd", "$", " USD "):
        assert set(prices(asked(delivery.home, "--currency", written))) == set("abcdef")


def test_what_is_no_currency_costs_its_row(delivery: Delivery) -> None:
    priced(delivery, "EUR", "¥", "TBD", "USD/EUR", "  ", "US dollar", "€")
    delivery.run()
    known = delivery.rows("SELECT account_id, currency FROM rates ORDER BY 1")
    assert [tuple(row.values()) for row in known] == [("a", "EUR"), ("e", None), ("g", "EUR")]
    refused = delivery.rejects()
    assert [(row["line"], row["column_name"], row["value"], row["kept"]) for row in refused] == [
        (3, "currency", "¥", False), (4, "currency", "TBD", False), (5, "currency", "USD/EUR", False),
        (7, "currency", "US dollar", False),
    ]  # fmt: skip
    assert {row["rule"] for row in refused} == {"currency: not one currency"}
    assert all("ISO 4217" in row["allowed"] and "words = {" in row["fix"] for row in refused)


def test_a_declaration_says_what_is_meant(delivery: Delivery) -> None:
    priced(delivery, "¥", "US dollar", "-", "EUR")
    delivery.put("sources.toml", '[[source]]\nfiles = "rates.csv"\n[[source.load]]\ndataset = "rates"\n' + "".join(
        f'columns.{name} = "{name}"\n' for name in ("platform", "account_id", "media_type", "price", "quoted_on")
    ) + 'columns.currency = { from = "currency", words = { "¥" = "JPY", "US dollar" = "USD" }, null_words = ["-"] }\n')  # fmt: skip
    delivery.run()
    assert delivery.rejects() == []
    known = delivery.rows("SELECT currency FROM rates ORDER BY account_id")
    assert [row["currency"] for row in known] == ["JPY", "USD", None, "EUR"]


@pytest.mark.parametrize(
    ("column", "fix"),
    [
        ('{ value = "dollar" }', "write the code of the currency in sources.toml"),
        ('{ from = "no", default = "dollar" }', "write the code of the currency in sources.toml"),
        ('{ from = "currency", part = "currency" }', "declare words"),
        ('{ from = "currency", path = "of.sign" }', "declare words"),
    ],
)
def test_the_fix_is_where_the_text_comes_from(delivery: Delivery, column: str, fix: str) -> None:
    cell = '"{""of"": {""sign"": ""¥""}}"' if "path" in column else "¥ 500"
    priced(delivery, f"{cell},", header="platform,account_id,media_type,price,currency,no,quoted_on\n")
    delivery.put("sources.toml", '[[source]]\nfiles = "rates.csv"\n[[source.load]]\ndataset = "rates"\n' + "".join(
        f'columns.{name} = "{name}"\n' for name in ("platform", "account_id", "price")
    ) + f"columns.currency = {column}\n")  # fmt: skip
    delivery.run()
    (row,) = delivery.rejects()
    assert (row["rule"], row["fix"].startswith(fix)) == ("currency: not one currency", True)

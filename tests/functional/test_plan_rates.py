"""Prices in other currencies, converted by the exchange rates of a file: the newest of the day of booking, one way, exact."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.command import in_process as tierwise

QUOTES = [
    # Platform, account, kind, price, from, to, currency, day. All figures are of 2026-05-09.
    # Of two of one day the higher, also when it is converted.
    ("a", "reel", 100, None, None, "EUR", "2026-02-01"),
    ("a", "reel", 90, None, None, "EUR", "2026-02-01"),
    ("b", "reel", 80, None, None, "USD", "2026-05-01"),
    # In both currencies: what is quoted in the currency of the budget is not converted, dearer as it is.
    ("c", "reel", 10, None, None, "EUR", "2026-05-01"),
    ("c", "story", 70, None, None, "USD", "2026-05-01"),
    # The middle of a range is converted, and a part of a hundredth counts as a whole one.
    ("d", "reel", None, "33.33", "33.34", "EUR", "2026-05-01"),
    ("e", "reel", 50, None, None, "GBP", "2026-05-01"),
    ("f", "reel", 40, None, None, None, "2026-05-01"),
    ("g", "reel", 0, None, None, "EUR", None),
]
HEADER = "date,from_currency,to_currency,rate"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("rates")
    exports = folder / "exports"
    exports.mkdir()
    names = "abcdefg"
    rows = [f"x,{name},{(place + 1) * 1_000},2026-05-09" for place, name in enumerate(names)]
    (exports / "accounts.csv").write_text(
        "\n".join(["platform,account_id,followers_count,observed_at", *rows]) + "\n", encoding="utf-8"
    )
    cells = [["x", *("" if cell is None else str(cell) for cell in quote)] for quote in QUOTES]
    header = "platform,account_id,media_type,price,price_min,price_max,currency,quoted_on"
    (exports / "rates.csv").write_text("\n".join([header, *(",".join(row) for row in cells)]) + "\n", encoding="utf-8")
    run = tierwise("run", exports, "--home", folder / "home")
    assert run.exit_code == 0, run.stderr
    return folder / "home"


def rates(folder: Path, *lines: str, header: str = HEADER) -> Path:
    path = folder / "rates.csv"
    path.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
    return path


def asked(home: Path, *options: object) -> dict[str, Any]:
    run = tierwise("plan", "--home", home, "--json", "--objective", "reach", "--budget", 10_000, *options)
    assert run.exit_code == 0, run.stderr
    return {**json.loads(run.stdout), "said": " ".join(run.stderr.split())}


def prices(found: dict[str, Any]) -> dict[str, float]:
    return {account["account_id"]: account["price"] for account in found["accounts"]}


def test_the_newest_rate_of_the_day_of_the_figures_counts_whenever_a_price_was_quoted(
    home: Path, tmp_path: Path
) -> None:
    path = rates(
        tmp_path,
        "2026-01-31,EUR,USD,1.04",
        "2026-05-08,EUR,USD,1.1",
        "2026-05-10,EUR,USD,1.2",
        "2026-05-09,GBP,CHF,1.1",
    )
    found = asked(home, "--currency", "USD", "--rates", path)
    # 33.34 euros, the middle rounded up, are 36.674 dollars.
    assert prices(found) == {"a": 110, "b": 80, "c": 70, "d": 36.68, "g": 0}
    assert found["left_out"] == {"other_currency": 2}
    assert found["spend"] == pytest.approx(296.68)
    assert found["conversions"] == [
        {"from_currency": "EUR", "to_currency": "USD", "rate": 1.1, "date": "2026-05-08", "account_count": 3}
    ]
    of = {account["account_id"]: account for account in found["accounts"]}
    names = ("quoted_price", "quoted_currency", "exchange_rate", "exchanged_on")
    assert [of["a"][name] for name in names] == [100, "EUR", 1.1, "2026-05-08"]
    assert [of["b"][name] for name in names] == [None] * 4
    assert {name for name, account in of.items() if "conflicting prices" in account["against"]} == {"a"}


def test_without_rates_nothing_is_converted(home: Path) -> None:
    found = asked(home, "--currency", "USD")
    assert prices(found) == {"b": 80, "c": 70}
    assert found["left_out"] == {"other_currency": 5}
    assert found["conversions"] == []


@pytest.mark.parametrize(
    ("line", "usd"), [("2026-05-01,USD,EUR,0.9", "other_currency"), ("2026-05-01,EUR,USD,1.1", None)]
)
def test_a_rate_is_read_one_way(home: Path, tmp_path: Path, line: str, usd: str | None) -> None:
    """One into euros says nothing of how many dollars a euro is."""
    found = asked(home, "--currency", "USD", "--rates", rates(tmp_path, line))
    assert found["left_out"] == {"other_currency": 5 if usd else 2}


def test_the_day_of_booking_may_be_later_than_the_figures(home: Path, tmp_path: Path) -> None:
    path = rates(tmp_path, "2026-11-02,EUR,USD,1.5", "2026-11-03,EUR,USD,2")
    early = asked(home, "--currency", "USD", "--rates", path)
    assert early["left_out"] == {"other_currency": 5}
    assert "its first rate is of 2026-11-02, after 2026-05-09; with --booked-on 2026-11-02 or a later" in early["said"]
    assert prices(asked(home, "--currency", "USD", "--rates", path, "--booked-on", "2026-11-02"))["a"] == 150
    assert prices(asked(home, "--currency", "USD", "--rates", path, "--booked-on", "2026-12-24"))["a"] == 200


def test_a_budget_may_be_in_a_currency_that_nobody_quotes(home: Path, tmp_path: Path) -> None:
    path = rates(tmp_path, "2026-05-01,EUR,CHF,0.95", "2026-05-01,USD,CHF,0.5")
    found = asked(home, "--currency", "chf", "--rates", path)
    # Of two quotes in other currencies the cheaper one, converted.
    assert prices(found) == {"a": 95, "b": 40, "c": 9.5, "d": 31.68, "g": 0}
    assert [each["from_currency"] for each in found["conversions"]] == ["EUR", "USD"]


def test_the_terminal_tells_what_was_converted(home: Path, tmp_path: Path) -> None:
    path = rates(tmp_path, "2026-05-01,EUR,USD,1.1")
    run = tierwise(
        "plan", "--home", home, "--budget", 500, "--currency", "USD", "--objective", "reach", "--rates", path
    )
    assert "1 EUR = 1.1 USD on 2026-05-01: prices of 3 accounts" in run.stdout
    assert "110.00 (100.00 EUR)" in run.stdout


def test_columns_in_any_order_other_names_and_other_marks(home: Path, tmp_path: Path) -> None:
    """Beside another column, with a byte order mark, blank lines, small letters, and a rate that stands there twice."""
    path = tmp_path / "rates.csv"
    lines = ["source;Rate;From;To Currency;Date", "", "bank;1.10;euro; $ ;2026-05-01", "other;1.1;EUR;USD;2026-05-01"]
    path.write_bytes(("\ufeff" + "\r\n".join(lines)).encode())
    assert prices(asked(home, "--currency", "USD", "--rates", path))["a"] == 110


@pytest.mark.parametrize(
    ("content", "says", "fix"),
    [
        ("", "holds no exchange rates", f"write {HEADER}"),
        ("\n \n", "holds no exchange rates", f"write {HEADER}"),
        (f"{HEADER}\n", "holds no exchange rates", f"write {HEADER}"),
        ("date,from,rate\n2026-05-01,EUR,1\n", "line 1: no column to_currency among 'date', 'from', 'rate'", HEADER),
        (f"{HEADER},from\n", "line 1: two columns from_currency", HEADER),
        (f"{HEADER}\n,EUR,USD,1.1\n", "line 2: date '': not a day", "correct"),
        (f"{HEADER}\n2026-05,EUR,USD,1.1\n", "date '2026-05': not a day", "correct"),
        (f"{HEADER}\n2026-02-29,EUR,USD,1.1\n", "date '2026-02-29': not a day", "correct"),
        (f"{HEADER}\n01.05.2026,EUR,USD,1.1\n", "write it as 2026-05-31", "correct"),
        (f"{HEADER}\n2026-05-01,EURA,USD,1.1\n", "from_currency 'EURA': not a currency", "correct"),
        (f"{HEADER}\n2026-05-01,EUR,US dollar,1.1\n", "to_currency 'US dollar': not a currency; write its three letters", "correct"),
        (f"{HEADER}\n2026-05-01,EUR,eur,1\n", "from EUR to EUR: two currencies", "correct"),
        (f"{HEADER}\n2026-05-01,EUR,USD,0\n", "rate '0': not a rate; write a number from", "correct"),
        (f"{HEADER}\n2026-05-01,EUR,USD,-1.1\n", "rate '-1.1': not a number", "correct"),
        (f"{HEADER}\n2026-05-01,EUR,USD,nan\n", "rate 'nan': not a number", "correct"),
        (f"{HEADER}\n2026-05-01,EUR,USD,Infinity\n", "rate 'Infinity': not a number", "correct"),
        (f"{HEADER}\n2026-05-01,EUR,USD,1e30\n", "rate '1e30': not a rate", "correct"),
        (f"{HEADER}\n2026-05-01,EUR,USD,1_1\n", "rate '1_1': not a number", "correct"),
        (f"{HEADER}\n2026-05-01,EUR,USD,\n", "rate '': not a number", "correct"),
        (f'{HEADER}\n2026-05-01,EUR,USD,"1,1"\n', "rate '1,1': a comma may stand for decimals or for thousands", ""),
        (f"{HEADER}\n2026-05-01,EUR,USD,1,1\n", "line 2: 5 cells where the header has 4; a rate is written with a point", ""),
        (f"{HEADER}\n2026-05-01,EUR,USD\n", "line 2: 3 cells where the header has 4", ""),
        (
            f"{HEADER}\n2026-05-01,EUR,USD,1.1\n\n2026-05-01,EUR,USD,1.2\n",
            "line 4: 1.2 from EUR to USD on 2026-05-01, and line 2 has 1.1: one rate a day", "",
        ),
        (f'{HEADER}\n2026-05-01,EUR,USD,"1.1\n', "line 2: unexpected end of data", "close every quote"),
        (HEADER + "\n" + "x,EUR,USD,1\n" * 7, "line 6: date 'x': not a day from 1990 on; write it as 2026-05-31; and 2 more", ""),
        ("date,from,to,rate,\xe9\n", "is not UTF-8", "save it as CSV UTF-8"),
    ],
)  # fmt: skip
def test_a_line_that_is_no_rate_refuses_the_file(home: Path, tmp_path: Path, content: str, says: str, fix: str) -> None:
    path = tmp_path / "rates.csv"
    path.write_bytes(content.encode("latin-1"))
    run = tierwise("plan", "--home", home, "--budget", 5, "--currency", "USD", "--rates", path)
    assert (run.exit_code, run.stdout) == (2, "")
    told = " ".join(run.stderr.split())
    assert says in told
    assert fix in told.partition("fix:")[2]


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--rates", "nowhere.csv"), "nowhere.csv: there is no such file"),
        (("--rates", "."), "there is no such file"),
        (("--booked-on", "2026-05-01"), "--booked-on is for exchange rates"),
    ],
)
def test_what_cannot_be_converted_with_is_refused(home: Path, options: tuple[str, ...], says: str) -> None:
    run = tierwise("plan", "--home", home, "--budget", 5, "--currency", "USD", *options)
    assert run.exit_code == 2
    assert says in " ".join(run.stderr.split())


def test_a_day_of_booking_that_is_none(home: Path, tmp_path: Path) -> None:
    path = rates(tmp_path, "2026-05-01,EUR,USD,1.1")
    run = tierwise("plan", "--home", home, "--budget", 5, "--currency", "USD", "--rates", path, "--booked-on", "soon")
    assert run.exit_code == 2
    assert "--booked-on 'soon': not a day fix: write it as 2026-05-31" in " ".join(run.stderr.split())

"""Plans of stated budgets and alternatives to mega accounts as they are published: against the command, and against every set."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import combinations
from pathlib import Path
from random import Random
from typing import Any

import pytest

from flows.run import run
from flows.settings import Settings
from schemas.budgets import BUDGETS, MIN_RATES, budgets_for
from tests.command import in_process as tierwise
from tests.oracle import Row
from tests.property.deliveries import NOON, write_csv
from warehouse.published import LIST, open_published

TABLES = ("plans", "plan_accounts", "plan_frontier", "plan_left_out", "mega_alternatives")
PLAN = ("platform", "currency", "budget", "objective", "min_rate")
CURRENCIES = {"EUR": 1, "JPY": 160}


@dataclass
class World:
    """What is delivered: per platform 24 accounts with posts, some with prices in two currencies, some with lists; megas too."""

    accounts: list[Row] = field(default_factory=list)
    posts: list[Row] = field(default_factory=list)
    rates: list[Row] = field(default_factory=list)
    follows: list[Row] = field(default_factory=list)
    likes: list[Row] = field(default_factory=list)

    def write(self, exports: Path, chance: Random | None = None) -> None:
        """A file for each dataset that has rows, shuffled with a chance."""
        for name, rows in vars(self).items():
            if rows:
                write_csv(exports / f"{name}.csv", chance.sample(rows, len(rows)) if chance else rows)


def world(seed: int) -> World:
    made, chance = World(), Random(seed)
    for platform in ("instagram", "tiktok"):
        for number in range(24):
            me: Row = {"platform": platform, "account_id": f"a{number:02d}"}
            add_account(made, me, chance, is_mega=number < 2)
    made.rates.append(
        {
            "platform": "tiktok",
            "account_id": "unknown",
            "media_type": None,
            "price": "5",
            "currency": "EUR",
            "quoted_on": None,
        }
    )
    return made


def add_account(made: World, me: Row, chance: Random, *, is_mega: bool) -> None:
    followers = chance.randint(1_000_000, 3_000_000) if is_mega else round(1_000 * chance.lognormvariate(2, 1))
    made.accounts.append(
        me
        | {"username": f"name.{me['account_id']}", "niche": "food", "followers_count": followers, "observed_at": NOON}
    )
    usual = followers * 0.04 * chance.lognormvariate(0, 0.7) / (25 if is_mega else 1)
    for number in range(chance.choice((0, 3, 4, 9)) if not is_mega else 6):
        made.posts.append(me | {
            "post_id": f"{me['platform']}.{me['account_id']}.{number}", "published_at": NOON - timedelta(days=number),
            "like_count": round(usual * chance.lognormvariate(0, 0.4)), "comment_count": 3,
        })  # fmt: skip
    for currency, factor in CURRENCIES.items():
        if is_mega or chance.random() < 0.45:
            price = round(factor * followers * 0.03 * chance.lognormvariate(0, 0.6), 2)
            made.rates.append(
                me
                | {
                    "media_type": "post",
                    "price": price,
                    "currency": currency,
                    "quoted_on": chance.choice(("2026-05-01", "2024-05-01", None)),
                }
            )
    if me["platform"] == "instagram" and (is_mega or chance.random() < 0.7):
        people = chance.sample(range(40), 9 if is_mega else chance.randint(1, 12))
        made.follows += [me | {"follower_id": f"member{person}"} for person in people]
        made.likes += [
            {"platform": "instagram", "post_id": f"instagram.{me['account_id']}.0", "liker_id": f"member{person}"}
            for person in people[::2]
        ]


def table(home: Path, query: str) -> list[Row]:
    with open_published(home / "warehouse.duckdb") as connection:
        rows = connection.sql(query)
        return [dict(zip(rows.columns, row, strict=True)) for row in rows.fetchall()]


def keyed(home: Path, name: str) -> dict[tuple[Any, ...], list[Row]]:
    """Rows of a table by the plan that they are of."""
    found: dict[tuple[Any, ...], list[Row]] = {}
    for row in table(home, f"FROM {name} ORDER BY ALL"):
        found.setdefault(tuple(row[column] for column in PLAN), []).append(row)
    return found


@pytest.fixture(scope="module", params=[2, 6])
def made(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("stated")
    world(request.param).write(folder / "exports")
    assert run(folder / "exports", Settings(home=folder / "home", draw_report=False)).rows_rejected == 0
    return folder / "home"


def asked(home: Path, plan: Row) -> dict[str, Any]:
    options = [
        option for name in ("platform", "currency", "budget", "objective") for option in (f"--{name}", plan[name])
    ]
    floor = ["--min-rate", plan["min_rate"]] if plan["min_rate"] else []
    done = tierwise("plan", "--home", home, "--json", *options, *floor)
    assert done.exit_code == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_plans_are_those_of_the_command(made: Path) -> None:
    """The same set, the same figures, and everybody else left out for the same reason."""
    plans, accounts, left_out = (keyed(made, name) for name in ("plans", "plan_accounts", "plan_left_out"))
    frontier = table(made, "FROM plan_frontier")
    chance, solved = Random(0), 0
    small = [key for key in sorted(plans, key=str) if key[2] in (500, 1_000, 50_000, 100_000)]
    by_program = [key for key in small if plans[key][0]["solver_value"] is not None]
    for key in [*by_program[:3], *chance.sample(small, 6), *chance.sample(sorted(plans, key=str), 3)]:
        (plan,) = plans[key]
        found = asked(made, plan)
        shown = {
            name: plan[name]
            for name in (
                "value",
                "bound",
                "gap",
                "expected",
                "expected_low",
                "expected_high",
                "unique_reach_count_low",
                "unique_reach_count_high",
            )
        }
        assert shown == {
            name: pytest.approx(found[name], rel=1e-9) if found[name] is not None else None for name in shown
        }, key
        assert float(plan["spend"]) == pytest.approx(found["spend"])
        rows = sorted(accounts.get(key, []), key=lambda row: row["rank"])
        assert [row["account_id"] for row in rows] == [each["account_id"] for each in found["accounts"]]
        for row, each in zip(rows, found["accounts"], strict=True):
            assert float(row["price"]) == each["price"]
            assert (row["added"], row["added_high"], row["rate"]) == (each["added"], each["added_high"], each["rate"])
            assert row["against"] == (LIST.join(each["against"]) or None)
        reasons = {name: count for name, count in found["left_out"].items() if name != "wrong_platform"}
        assert {row["reason"]: row["account_count"] for row in left_out.get(key, [])} == reasons
        for name in ("greedy_value", "single_value", "gains_bound", "relaxed_bound", "solver_value", "solver_bound"):
            told = found["found_by"][name]
            assert plan[name] == (pytest.approx(told, rel=1e-9) if told is not None else None), name
        solved += plan["solver_value"] is not None
        points = [row for row in frontier if tuple(row[name] for name in PLAN[:4]) == key[:4]]
        if not plan["min_rate"]:
            told = {
                point["rate_floor"]: (point["value"], point["rate_mean"], point["spend"])
                for point in found["plan_frontier"]
            }
            assert {row["rate_floor"]: (row["value"], row["rate_mean"], float(row["spend"])) for row in points} == told
    assert solved > 0


def test_there_is_a_plan_for_each_of_what_is_stated(made: Path) -> None:
    plans = table(made, "FROM plans")
    scales = {
        currency: {float(plan["budget"]) for plan in plans if plan["currency"] == currency} for currency in CURRENCIES
    }
    assert scales["EUR"] == set(BUDGETS)
    assert len(scales["JPY"]) == 5
    assert min(scales["JPY"]) in (5_000, 50_000)
    here = {plan["objective"] for plan in plans if plan["platform"] == "tiktok"}
    assert here == {"engagements", "reach"}
    assert {plan["objective"] for plan in plans} == {"engagements", "reach", "engaged_followers"}
    assert {plan["min_rate"] for plan in plans} == set(MIN_RATES)
    assert len(plans) == (2 + 3) * len(CURRENCIES) * 5 * len(MIN_RATES)


def test_the_tables_agree_with_one_another_and_with_the_prices(made: Path) -> None:
    """Worked out again from the published prices and rates alone."""
    plans, accounts, left_out = (keyed(made, name) for name in TABLES[:2] + TABLES[3:4])
    counts = dict(table_of_counts(made))
    prices = {(row["platform"], row["account_id"], row["currency"]): row["price"] for row in table(made, "FROM rates")}
    expected = expected_of(made)
    for key, (plan,) in plans.items():
        rows = accounts.get(key, [])
        platform, currency = key[:2]
        assert plan["account_count"] == len(rows)
        assert [row["rank"] for row in sorted(rows, key=lambda row: row["rank"])] == list(range(1, len(rows) + 1))
        assert all(row["price"] == prices[platform, row["account_id"], currency] for row in rows)
        assert plan["spend"] == sum(row["price"] for row in rows) <= plan["budget"]
        assert plan["value"] == pytest.approx(sum(row["added"] for row in rows))
        assert plan["bound"] >= plan["value"]
        assert plan["gap"] == (1 - plan["value"] / plan["bound"] if plan["bound"] > plan["value"] else 0)
        reasons = {row["reason"]: row["account_count"] for row in left_out.get(key, [])}
        assert sum(reasons.values()) + len(rows) == counts[platform]
        assert reasons.get("not_chosen", 0) + len(rows) == plan["candidate_count"]
        assert all(row["rate"] >= plan["min_rate"] for row in rows if plan["min_rate"])
        if plan["objective"] == "engagements":
            assert plan["value"] == pytest.approx(sum(expected[platform, row["account_id"]] for row in rows))
        assert all((row["cost_per_added"] is None) == (row["added"] == 0) and row["why"] for row in rows)


def table_of_counts(home: Path) -> Iterator[tuple[str, int]]:
    """All accounts of each platform, those known by a price alone among them."""
    query = "SELECT platform, count(DISTINCT account_id) AS n FROM (SELECT platform, account_id FROM accounts UNION ALL SELECT platform, account_id FROM rates) GROUP BY ALL"
    return ((row["platform"], row["n"]) for row in table(home, query))


def expected_of(home: Path) -> dict[tuple[str, str], float]:
    query = """SELECT platform, account_id, engagement_rate_shrunk * followers_count AS expected FROM account_engagement
               WHERE time_window = 'all_time' AND engagement_rate_shrunk IS NOT NULL"""
    return {(row["platform"], row["account_id"]): row["expected"] for row in table(home, query)}


def alternatives(seed: int, folder: Path) -> tuple[World, Path]:
    """Two megas and up to twelve smaller accounts with prices on Instagram, beside many without a price."""
    made, chance = World(), Random(seed)
    for number in range(34):
        me: Row = {"platform": "instagram", "account_id": f"a{number:02d}"}
        before = len(made.rates)
        add_account(made, me, chance, is_mega=number < 2)
        if number >= 2 + chance.randint(6, 12):
            del made.rates[before:]
    made.rates = [row for row in made.rates if row["currency"] == "EUR"]
    for row in made.rates:
        if chance.random() < 0.4:
            row["price"] = chance.choice((0, 20, 20, 55.5, 100))
    made.write(folder / "exports")
    run(folder / "exports", Settings(home=folder / "home", draw_report=False))
    return made, folder / "home"


@pytest.mark.parametrize("seed", range(6))
def test_no_other_smaller_accounts_are_cheaper_or_bring_more(seed: int, tmp_path: Path) -> None:
    """Every set of the smaller accounts, by engagements and by people."""
    made, home = alternatives(seed, tmp_path)
    followers = {row["account_id"]: row["followers_count"] for row in made.accounts}
    prices = {row["account_id"]: round(100 * float(row["price"])) for row in made.rates}
    expected = {name: value for (_, name), value in expected_of(home).items()}
    lists: dict[str, set[str]] = {name: set() for name in followers}
    for row in made.follows:
        lists[row["account_id"]].add(row["follower_id"])

    def reach(names: Sequence[str]) -> float:
        people = set().union(*(lists[name] for name in names))
        return float(max([len(people), *(followers[name] for name in names)]))

    def engagements(names: Sequence[str]) -> float:
        return sum(expected[name] for name in names)

    rows = table(home, "FROM mega_alternatives ORDER BY ALL")
    assert len(rows) == 2 * 2 * 2
    for row in rows:
        mega, worth = row["account_id"], reach if row["objective"] == "reach" else engagements
        small = [name for name in prices if followers[name] < 1_000_000 and (worth is reach or name in expected)]
        sets = [each for size in range(len(small) + 1) for each in combinations(small, size)]
        assert row["value"] == pytest.approx(worth([mega]))
        if row["answer"] == "same_value":
            enough = [each for each in sets if worth(each) >= worth([mega]) * (1 - 1e-12)]
            best = min((sum(prices[name] for name in each) for each in enough), default=None)
            assert (row["reason"] is None) == (best is not None)
            bound = row["price_bound"]
        else:
            payable = [each for each in sets if sum(prices[name] for name in each) <= prices[mega]]
            best_value = max(worth(each) for each in payable)
            assert row["reason"] is None or best_value == 0
            bound = row["value_bound"]
        if row["reason"] is not None:
            assert row["reason"] in ("not_enough_accounts", "nothing_affordable")
            assert row["set_price"] is row["account_ids"] is row["gap"] is bound is None
            continue
        chosen = row["account_ids"].split(LIST) if row["account_ids"] else []
        assert (row["account_count"], row["gap"]) == (len(chosen), 0)
        assert round(100 * row["set_price"]) == sum(prices[name] for name in chosen)
        assert row["set_value"] == pytest.approx(worth(chosen))
        assert row["set_value_low"] <= row["set_value"] <= row["set_value_high"]
        if row["answer"] == "same_value":
            assert round(100 * row["set_price"]) == best == round(100 * bound)
            assert worth(chosen) >= worth([mega]) * (1 - 1e-9)
        else:
            assert row["set_value"] == pytest.approx(best_value)
            assert bound == pytest.approx(best_value)
            assert row["set_price"] <= row["price"]


def test_the_order_of_rows_and_the_machine_change_nothing(tmp_path: Path) -> None:
    """Another order of delivery, the same hash; nothing of it is by the clock."""
    from transforms.selection.effort import BY_STEPS

    assert BY_STEPS.options == {"node_limit": BY_STEPS.nodes}
    hashes = set()
    for seed in range(3):
        world(5).write(tmp_path / str(seed) / "exports", Random(seed))
        hashes.add(
            run(
                tmp_path / str(seed) / "exports", Settings(home=tmp_path / str(seed) / "home", draw_report=False)
            ).content_hash
        )
    assert len(hashes) == 1


@pytest.mark.parametrize("delivered", ["nothing", "no prices", "on request", "no currency", "goods"])
def test_without_prices_there_are_no_plans(delivered: str, tmp_path: Path) -> None:
    made = World() if delivered == "nothing" else world(3)
    changes: dict[str, Row] = {
        "on request": {"price": None, "compensation": "on_request"},
        "no currency": {"currency": None},
        "goods": {"compensation": "product"},
    }
    told = changes.get(delivered, {})
    made.rates = [row | told for row in made.rates] if told else []
    (tmp_path / "exports").mkdir()
    if delivered == "nothing":
        (tmp_path / "exports" / "accounts.csv").write_text("platform,account_id,followers_count\n", encoding="utf-8")
    made.write(tmp_path / "exports")
    run(tmp_path / "exports", Settings(home=tmp_path / "home", draw_report=False))
    assert [len(table(tmp_path / "home", f"FROM {name}")) for name in TABLES] == [0] * 5


def test_an_account_without_a_price_in_the_currency_is_in_no_plan_of_it(made: Path) -> None:
    mixed = table(
        made,
        """SELECT * FROM plan_accounts AS p WHERE NOT EXISTS (FROM rates AS r
           WHERE r.platform = p.platform AND r.account_id = p.account_id AND r.currency = p.currency AND r.price = p.price)""",
    )
    assert mixed == []


def test_what_speaks_against_an_account_stands_beside_it(made: Path) -> None:
    said = {
        row["quoted_on"]: row["against"] or ""
        for row in table(made, "FROM plan_accounts")
        if row["quoted_on"] is None or row["quoted_on"].year == 2024
    }
    assert "its price has no date" in said.pop(None)
    assert all("its price is of 2024-05-01" in text for text in said.values())
    assert said


@pytest.mark.parametrize(
    ("price", "lowest"),
    [
        (0, 500),
        (3, 500),
        (4_999.99, 500),
        (5_000, 5_000),
        (49_999, 5_000),
        (50_000, 50_000),
        (3e6, 500_000),
        (1e15, 50_000_000_000),
    ],
)
def test_budgets_are_on_the_scale_of_the_prices(price: float, lowest: int) -> None:
    budgets = budgets_for(price)
    assert budgets == tuple(lowest // 500 * budget for budget in BUDGETS)

"""`tierwise plan --budget` as a user runs it: the set against every other set, who is left out, and what it must refuse."""

import csv
import json
from collections.abc import Callable
from itertools import combinations, pairwise
from pathlib import Path
from random import Random
from typing import Any

import pytest

from reports.shortlist import shortlist_of
from tests.command import in_process as tierwise
from warehouse.published import open_published

Numbers = tuple[int, ...]
# Platforms are cases of their own: lists, prices in euros, budget, and the set that reaches most for it.
CASES: dict[str, tuple[dict[str, tuple[list[int], int]], int, set[str], int]] = {
    "single": ({"a": ([1, 2], 1), "b": ([*range(11, 21)], 10)}, 10, {"b"}, 10),
    "mega": (
        {"m": ([1, 2, 3, 4, 5], 3), "a": ([1, 2, 3], 1), "b": ([3, 4], 1), "c": ([6, 7], 1)}, 3, {"a", "b", "c"}, 6,
    ),
    "misleading": ({"x": ([1, 2, 3, 4], 1), "y": ([1, 2, 5], 1), "z": ([3, 4, 6], 1)}, 2, {"y", "z"}, 6),
}  # fmt: skip
FOUND_BY = {"single": (2, 10, 11), "mega": (6, 5, 6), "misleading": (5, 4, 6)}


def write(folder: Path, name: str, header: str, rows: list[tuple[object, ...]]) -> None:
    folder.mkdir(exist_ok=True)
    lines = [",".join("" if cell is None else str(cell) for cell in row) for row in rows]
    (folder / name).write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")


def published(folder: Path) -> Path:
    run = tierwise("run", folder / "exports", "--home", folder / "home")
    assert run.exit_code == 0, run.stderr
    return folder / "home"


@pytest.fixture(scope="module")
def listed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Accounts with lists and prices, no posts; those on `mixed` have whole lists, partial ones, or none."""
    folder = tmp_path_factory.mktemp("listed")
    accounts: list[tuple[object, ...]] = []
    follows: list[tuple[object, ...]] = []
    rates: list[tuple[object, ...]] = []
    for platform, (lists, *_) in CASES.items():
        for name, (members, price) in lists.items():
            # The platform's own count is an old one in the last case, and less than the list.
            accounts.append((platform, name, f"{name}.{platform}", len(members) - (platform == "misleading")))
            follows += [(platform, name, f"member{member}") for member in members]
            rates.append((platform, name, "post", price, None, None, "EUR", "cash", "2026-05-01"))
    for name, members, followers, price in mixed_accounts():
        accounts.append(("mixed", name, name, followers))
        follows += [("mixed", name, f"member{member}") for member in members]
        rates.append(("mixed", name, "post", price, None, None, "EUR", "cash", "2026-05-01"))
    exports = folder / "exports"
    write(exports, "accounts.csv", "platform,account_id,username,followers_count", accounts)
    write(exports, "follows.csv", "platform,account_id,follower_id", follows)
    write(
        exports,
        "rates.csv",
        "platform,account_id,media_type,price,price_min,price_max,currency,compensation,quoted_on",
        rates,
    )
    return published(folder)


def mixed_accounts() -> list[tuple[str, list[int], int, int]]:
    """Name, list, followers by the platform, price."""
    chance = Random(3)
    found = []
    for number in range(10):
        members = chance.sample(range(60), chance.choice((0, 8, 20)))
        followers = (len(members) + chance.choice((0, 1, 15))) or chance.choice((5, 18, 33))
        found.append((f"n{number}", sorted(members), followers, chance.choice((0, 2, 3, 5, 9))))
    return found


def asked(home: Path, *options: object) -> dict[str, Any]:
    run = tierwise("plan", "--home", home, "--json", *options)
    assert run.exit_code == 0, run.stderr
    found: dict[str, Any] = json.loads(run.stdout)
    return found


@pytest.mark.parametrize("platform", CASES)
def test_the_worked_cases_of_reach(listed: Path, platform: str) -> None:
    _, budget, best, reach = CASES[platform]
    found = asked(listed, "--budget", budget, "--currency", "EUR", "--objective", "reach", "--platform", platform)
    assert {account["account_id"] for account in found["accounts"]} == best
    assert [found[name] for name in ("value", "bound", "gap", "unique_reach_count_low")] == [reach, reach, 0, reach]
    assert sum(account["added"] for account in found["accounts"]) == reach
    assert found["spend"] == round(sum(account["price"] for account in found["accounts"]), 2) <= budget
    assert (
        tuple(found["found_by"][name] for name in ("greedy_value", "single_value", "gains_bound")) == FOUND_BY[platform]
    )
    assert sum(row["member_count"] for row in found["exactly"]) == reach
    assert {(a["platform"], a["username"]) for a in found["accounts"]} == {(platform, f"{n}.{platform}") for n in best}
    assert "member" not in json.dumps(found["accounts"])


@pytest.mark.parametrize("budget", [0, 2, 5, 7, 11, 19, 40])
def test_no_set_is_certain_to_reach_more(listed: Path, budget: int) -> None:
    """With lists, partial ones and none: the largest account counts where it is more than all lists together."""

    def least(each: tuple[tuple[str, list[int], int, int], ...]) -> int:
        union = len(set().union(*(members for _, members, _, _ in each)))
        return max([union, *(followers for _, _, followers, _ in each)])

    accounts = mixed_accounts()
    best = max(
        least(each)
        for size in range(len(accounts) + 1)
        for each in combinations(accounts, size)
        if sum(price for *_, price in each) <= budget
    )
    found = asked(listed, "--budget", budget, "--objective", "reach", "--platform", "mixed")
    assert (found["value"], found["bound"], found["gap"]) == (best, best, 0)
    assert found["unique_reach_count_low"] == best <= found["unique_reach_count_high"]
    assert found["spend"] <= budget
    assert len(found["accounts"]) + sum(found["left_out"].values()) == 9 + len(accounts)
    # What is left of the budget goes to whom may add people; nobody who could still be paid is left.
    chosen = {account["account_id"]: account for account in found["accounts"]}
    unpaid = [price for name, members, _, price in accounts if not members and name not in chosen]
    assert all(price > budget - found["spend"] for price in unpaid)
    for name, members, followers, _ in accounts:
        if name in chosen and not members:
            assert chosen[name]["added_high"] == followers >= chosen[name]["added"]


def test_what_is_included_is_in_and_what_is_excluded_is_not(listed: Path) -> None:
    options = ("--budget", 3, "--objective", "reach", "--platform", "mega")
    with_mega = asked(listed, *options, "--include", "@m.mega")
    assert [account["account_id"] for account in with_mega["accounts"]] == ["m"]
    assert (with_mega["value"], with_mega["bound"]) == (5, 5)
    without = asked(listed, *options, "--exclude", "mega:c", "--exclude", "@a.mega")
    assert (without["value"], without["left_out"]["excluded"]) == (5, 2)
    two = asked(listed, *options, "--max-accounts", 2)
    assert ({account["account_id"] for account in two["accounts"]}, two["value"], two["bound"]) == ({"a", "c"}, 5, 5)
    dear = asked(listed, *options, "--posts-each", 2)
    assert (dear["spend"], dear["value"], dear["left_out"]["over_budget"]) == (2, 3, 1)


def test_who_follows_the_brand_is_not_new_to_it(listed: Path) -> None:
    """The people of c.mega are 6 and 7; of misleading none is known to be one of mega."""
    found = asked(
        listed,
        "--budget",
        3,
        "--objective",
        "reach",
        "--platform",
        "mega",
        "--new-to",
        "@b.mega",
        "--exclude",
        "@b.mega",
    )
    # Of the mega 1, 2 and 5 are new, of a 1 and 2, of c both.
    assert (found["value"], found["bound"], found["new_to"]) == (4, 4, "mega:b.mega")
    assert {account["account_id"] for account in found["accounts"]} == {"a", "c"}
    assert asked(listed, "--budget", 3, "--objective", "reach", "--platform", "mega")["new_to"] is None


def test_of_followers_whom_no_list_names_all_may_be_new_to_the_brand(tmp_path: Path) -> None:
    """30 follow the brand. Of 100 without a list 70 are new for certain, of 20 none, and all of them may be."""
    exports = tmp_path / "exports"
    sizes = {"brand": 30, "large": 100, "small": 20, "half": 12}
    write(exports, "accounts.csv", "platform,account_id,followers_count", [("x", *each) for each in sizes.items()])
    follows: list[tuple[object, ...]] = [("x", "brand", f"m{member}") for member in range(30)]
    follows += [("x", "half", f"m{member}") for member in range(26, 34)]
    write(exports, "follows.csv", "platform,account_id,follower_id", follows)
    write(exports, "rates.csv", "platform,account_id,price,currency", [("x", name, 1, "EUR") for name in sizes])
    home = published(tmp_path)
    for included, low, high in (
        (["large"], 70, 100),
        (["small"], 0, 20),
        (["half"], 4, 8),
        (["brand", "large"], 70, 100),
    ):
        options = [part for name in included for part in ("--include", f"x:{name}")]
        others = [part for name in sizes if name not in included for part in ("--exclude", f"x:{name}")]
        found = asked(home, "--budget", 9, "--objective", "reach", "--new-to", "x:brand", *options, *others)
        assert {account["account_id"] for account in found["accounts"]} == set(included)
        assert (found["value"], found["unique_reach_count_low"], found["unique_reach_count_high"]) == (low, low, high)


def test_a_plan_says_that_it_counts_new_people_alone(listed: Path, tmp_path: Path) -> None:
    """In its headline, beside every number of people, in the headings and in its files."""
    options = (
        "--budget",
        4,
        "--objective",
        "reach",
        "--platform",
        "mega",
        "--include",
        "@m.mega",
        "--include",
        "@a.mega",
        "--exclude",
        "@b.mega",
    )
    target = tmp_path / "plan.csv"
    run = tierwise("plan", "--home", listed, *options, "--new-to", "@b.mega", "--csv", target)
    assert run.exit_code == 0, run.stderr
    lines = [" ".join(line.split()) for line in run.stdout.splitlines()]
    assert lines[0].endswith("people reached for certain, new to mega:b.mega")
    for start in ("people", "best", "People in exactly so many of the lists"):
        (line,) = (line for line in lines if line.startswith(start))
        assert "new to mega:b.mega" in line
    assert "added (new)" in run.stdout
    with target.open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert {row["new_to"] for row in rows} == {"mega:b.mega"}
    # Of the people of the mega who are new, 1, 2 and 5, two follow a too: of all its five it would be three.
    (mega,) = (row for row in rows if row["account_id"] == "m")
    assert "67 % of its listed followers who are new to mega:b.mega follow others of the set too" in mega["against"]
    without = tierwise("plan", "--home", listed, *options, "--csv", target)
    assert "new" not in without.stdout.replace("news", "")
    assert "new_to" not in target.read_text(encoding="utf-8")


PRICES: list[tuple[object, ...]] = [
    # Two quotes of one kind and day: the higher. An older one does not count.
    ("p00", "reel", 30, None, None, "USD", None, "2026-05-01"),
    ("p00", "reel", 40, None, None, "USD", None, "2026-05-01"),
    ("p00", "reel", 5, None, None, "USD", None, "2025-01-01"),
    # The middle of a range; the cheaper kind; and what is no price.
    ("p01", "reel", None, 20, 41, "USD", "cash", "2026-05-01"),
    ("p02", "reel", 90, None, None, "USD", "cash", "2026-05-01"),
    ("p02", "story", 25, None, None, "USD", "cash", "2026-05-01"),
    ("p03", "reel", None, 10, None, "USD", "cash", "2026-05-01"),
    ("p04", "reel", 0, None, None, "USD", "product", "2026-05-01"),
    ("p05", "reel", 10, None, None, "EUR", "cash", "2026-05-01"),
    ("p06", "reel", None, None, None, "USD", "on_request", "2026-05-01"),
    ("p07", "reel", 12.34, None, None, "USD", "cash", "2026-05-01"),
    ("p08", "reel", 0, None, None, "USD", "cash", None),
    ("p09", "reel", 7, None, None, "USD", "cash", "2026-05-01"),
    ("p10", "reel", 55, None, None, "USD", "cash", "2026-05-01"),
    ("p11", "reel", 60, None, None, "USD", "cash", "2026-05-01"),
    ("silent", "reel", 1, None, None, "USD", "cash", "2026-05-01"),
    ("stranger", "reel", 1, None, None, "USD", "cash", "2026-05-01"),
]
PAID = {"p00": 40, "p01": 30.5, "p02": 25, "p07": 12.34, "p08": 0, "p09": 7, "p10": 55, "p11": 60}


@pytest.fixture(scope="module")
def priced(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Thirty accounts with posts; some of them have prices."""
    folder, chance = tmp_path_factory.mktemp("priced"), Random(9)
    accounts: list[tuple[object, ...]] = []
    posts: list[tuple[object, ...]] = []
    for number in range(30):
        followers = chance.randint(1_000, 90_000)
        accounts.append(("instagram", f"p{number:02}", f"name{number}", "travel" if number % 2 else "food", followers))
        rate = 0.05 * chance.lognormvariate(0, 0.8)
        for post in range(4):
            likes = round(followers * rate * chance.lognormvariate(0, 0.4))
            caption = "with @rivalbrand" if number in {2, 9} else "at home"
            posts.append(("instagram", f"{number}.{post}", f"p{number:02}", f"2026-05-0{post + 1}", likes, 3, caption))
    accounts.append(("instagram", "silent", "silent", "food", 5_000))
    exports = folder / "exports"
    write(exports, "accounts.csv", "platform,account_id,username,niche,followers_count", accounts)
    write(exports, "posts.csv", "platform,post_id,account_id,published_at,like_count,comment_count,caption", posts)
    header = "platform,account_id,media_type,price,price_min,price_max,currency,compensation,quoted_on"
    write(exports, "rates.csv", header, [("instagram", *row) for row in PRICES])
    return published(folder)


@pytest.fixture(scope="module")
def expected(priced: Path) -> dict[str, float]:
    """What each priced account is expected to bring, from the published tables."""
    with open_published(priced / "warehouse.duckdb") as connection:
        rows = connection.execute(
            "SELECT account_id, engagement_rate_shrunk * followers_count FROM account_engagement"
            " WHERE time_window = 'all_time' AND engagement_rate_shrunk IS NOT NULL"
        ).fetchall()
    return {name: value for name, value in rows if name in PAID}


@pytest.mark.parametrize("budget", ["0", "7", "19.34", "60", "95.5", "1000"])
def test_no_set_brings_more_engagements(priced: Path, expected: dict[str, float], budget: str) -> None:
    sets = (each for size in range(len(PAID) + 1) for each in combinations(PAID, size))
    affordable = (each for each in sets if sum(PAID[name] for name in each) <= float(budget) + 1e-9)
    best = max(sum(expected[name] for name in each) for each in affordable)
    found = asked(priced, "--budget", budget, "--currency", "usd")
    assert found["value"] == pytest.approx(best, rel=1e-9)
    assert found["bound"] == pytest.approx(best, rel=1e-9)
    assert found["gap"] == 0
    assert found["expected"] == pytest.approx(found["value"], rel=1e-12)
    assert {a["account_id"]: a["price"] for a in found["accounts"]}.items() <= PAID.items()
    assert found["spend"] == pytest.approx(sum(PAID[a["account_id"]] for a in found["accounts"]), abs=1e-9)


def test_everybody_is_in_the_plan_or_counted_with_a_reason(priced: Path) -> None:
    found = asked(priced, "--budget", 58, "--currency", "USD", "--min-rate", 0.001)
    left_out = found["left_out"]
    # Twenty-one accounts without any price: those from p12 on, p03, p04 and p06.
    assert {name: left_out[name] for name in ("no_price", "other_currency", "over_budget", "no_rate")} == {
        "no_price": 21, "other_currency": 1, "over_budget": 1, "no_rate": 2,
    }  # fmt: skip
    # And one that is known by its price alone.
    assert len(found["accounts"]) + sum(left_out.values()) == 32
    everything = asked(priced, "--budget", 100_000, "--currency", "USD", "--media-type", "Story")
    assert {a["account_id"] for a in everything["accounts"]} == {"p02"}
    assert everything["left_out"]["wrong_media_type"] == 10


def test_filters_and_floors(priced: Path, expected: dict[str, float]) -> None:
    travel = asked(priced, "--budget", 1000, "--currency", "USD", "--niche", "Travel")
    assert {a["account_id"] for a in travel["accounts"]} == {name for name in PAID if int(name[1:]) % 2}
    rates = sorted(a["rate"] for a in asked(priced, "--budget", 1000, "--currency", "USD")["accounts"])
    floor = asked(priced, "--budget", 1000, "--currency", "USD", "--min-rate", rates[3])
    assert sorted(a["rate"] for a in floor["accounts"]) == rates[3:]
    assert floor["left_out"]["below_floor"] == 3
    unbranded = asked(priced, "--budget", 1000, "--currency", "USD", "--exclude-brand", "@RivalBrand")
    assert {a["account_id"] for a in unbranded["accounts"]} == PAID.keys() - {"p02", "p09"}
    assert unbranded["left_out"]["excluded_brand"] == 2
    twice = asked(priced, "--budget", 2000, "--currency", "USD", "--posts-each", 2)
    assert twice["value"] == pytest.approx(2 * sum(expected.values()), rel=1e-12)
    assert twice["spend"] == pytest.approx(2 * sum(PAID.values()))


def test_the_interval_of_a_sum(priced: Path) -> None:
    one = asked(priced, "--budget", 7, "--currency", "USD", "--exclude", "instagram:p08")
    (account,) = one["accounts"]
    assert [one[f"expected{end}"] for end in ("_low", "_high")] == pytest.approx(
        [account["expected_low"], account["expected_high"]]
    )
    many = asked(priced, "--budget", 1000, "--currency", "USD")
    down, up = (
        sum((a["expected"] - a[f"expected_{end}"]) ** 2 for a in many["accounts"]) ** 0.5 for end in ("low", "high")
    )
    assert many["expected_low"] == pytest.approx(many["expected"] - down)
    assert many["expected_high"] == pytest.approx(many["expected"] + up)


def test_an_account_of_unknown_rate_that_is_included_brings_nothing_known(priced: Path) -> None:
    found = asked(priced, "--budget", 50, "--currency", "USD", "--include", "@silent")
    silent = next(account for account in found["accounts"] if account["account_id"] == "silent")
    assert (silent["expected"], silent["added"], found["expected"]) == (None, None, None)
    assert any("unknown rate: 1" in note for note in found["notes"])


def test_the_frontier_trades_value_for_rate(priced: Path) -> None:
    found = asked(priced, "--budget", 95, "--currency", "USD")
    points = found["plan_frontier"]
    assert points[0]["value"] == pytest.approx(found["value"])
    assert all(a["value"] > b["value"] and a["rate_mean"] < b["rate_mean"] for a, b in pairwise(points))
    assert all(point["spend"] <= 95 and point["bound"] >= point["value"] for point in points)
    assert len(points) > 1
    for point in points:
        again = asked(priced, "--budget", 95, "--currency", "USD", "--min-rate", point["rate_floor"])
        assert again["value"] == pytest.approx(point["value"])


@pytest.mark.parametrize(
    ("options", "says", "fix"),
    [
        (("--budget", "5", "--currency", "GBP"), "'GBP': no currency", "EUR, USD"),
        (("--budget", "5"), "prices are in EUR, USD", "--currency EUR"),
        (("--budget=-5", "--currency", "USD"), "'-5': not an amount", "from 0 on"),
        (("--budget", "5,000", "--currency", "USD"), "'5,000': not an amount", "as 5000"),
        (("--budget", "nan", "--currency", "USD"), "'nan': not an amount", "as 5000"),
        (("--budget", "5", "--currency", "USD", "--niche", "travle"), "'travle': no niche", "did you mean travel?"),
        (("--budget", "5", "--currency", "USD", "--platform", "myspace"), "'myspace': no platform", "instagram"),
        (("--budget", "5", "--currency", "USD", "--tier", "giant"), "'giant': no tier", "micro"),
        (("--budget", "5", "--currency", "USD", "--media-type", "reels"), "'reels': no media type", "mean reel?"),
        (("--budget", "5", "--currency", "USD", "--min-rate", "nan"), "not a rate", "0.02 is 2 %"),
        (("--budget", "5", "--currency", "USD", "--min-rate", "-0.1"), "not a rate", "0.02 is 2 %"),
        (("--budget", "5", "--currency", "USD", "--min-rate", "2"), "not a rate", "write 0.02 for 2 %"),
        (("--budget", "5", "--currency", "USD", "--min-rate", "1.5"), "not a rate", "write 0.015 for 1.5 %"),
        (("--budget", "5", "--currency", "USD", "--min-rate", "inf"), "not a rate", "0.02 is 2 %"),
        (("--budget", "5", "--currency", "USD", "--include", "@nobody"), "@nobody: there is no such account", ""),
        (("--budget", "5", "--currency", "USD", "--include", "@name5"), "instagram:p05: included, and no cash price", ""),
        (("--budget", "50", "--currency", "USD", "--include", "@name0", "--include", "@name1"), "for 70.50 USD", "raise"),
        (("--budget", "50", "--currency", "USD", "--include", "@name9", "--exclude", "@name9"), "both included", ""),
        (("--budget", "50", "--currency", "USD", "--new-to", "@name9"), "--new-to counts people", "--objective reach"),
        (
            ("--budget", "50", "--currency", "USD", "--new-to", "@name9", "--objective", "reach"),
            "there is no follower list of it", "",
        ),
        (("--budget", "50", "@name9"), "are two questions", "--include"),
        ((), "neither a budget nor an account", "--budget 5000"),
    ],
)  # fmt: skip
def test_what_cannot_be_planned_is_refused(priced: Path, options: tuple[str, ...], says: str, fix: str) -> None:
    run = tierwise("plan", "--home", priced, *options)
    assert (run.exit_code, run.stdout) == (2, "")
    told = " ".join(run.stderr.split())
    assert says in told
    assert fix in told.partition("fix:")[2]
    assert "Traceback" not in run.stderr


def test_a_frontier_shows_money_as_money(priced: Path) -> None:
    run = tierwise("plan", "--home", priced, "--budget", 1_000, "--currency", "USD", "--frontier")
    spends = {
        f"{point['spend']:,.2f}" for point in asked(priced, "--budget", 1_000, "--currency", "USD")["plan_frontier"]
    }
    shown = run.stdout.partition("with a least rate for each account")[2]
    assert spends
    assert all(f" {spend} " in shown for spend in spends)


def test_it_says_why_rates_are_not_known_and_what_would_mend_it(priced: Path, tmp_path: Path) -> None:
    """An account without posts; accounts too few for anything to be usual; one that is known by its price alone."""
    found = asked(priced, "--budget", 60, "--currency", "USD")
    assert found["left_out"]["no_rate"] == 2
    (posts, alone) = sorted(note for note in found["notes"] if note.startswith("no_rate"))[::-1]
    assert (
        posts
        == "no_rate, 1 account on instagram (nothing but a price or a list is known of them). To mend it, deliver the accounts themselves and their posts"
    )
    assert (
        alone == "no_rate, 1 account on instagram (no_posts: no post of them is known). To mend it, deliver their posts"
    )
    exports = tmp_path / "exports"
    names = [f"a{number}" for number in range(7)]
    write(exports, "accounts.csv", "platform,account_id,followers_count", [("x", name, 900) for name in names])
    write(
        exports, "posts.csv", "platform,post_id,account_id,like_count,comment_count",
        [("x", f"{name}.{post}", name, 30 + post, 2) for name in names for post in range(6)],
    )  # fmt: skip
    write(exports, "rates.csv", "platform,account_id,price,currency", [("x", name, 5, "EUR") for name in names])
    run = tierwise("plan", "--home", published(tmp_path), "--budget", 60)
    assert run.exit_code == 0, run.stderr
    told = " ".join((run.stdout + run.stderr).split())
    assert "no_rate, 7 accounts on x (no_prior: fewer than 20 accounts there have a rate" in told
    assert "deliver posts of more accounts" in told
    # In the tables that the report reads, too.
    with open_published(tmp_path / "home" / "warehouse.duckdb") as connection:
        notes = {row[0] for row in connection.sql("SELECT notes FROM plans WHERE objective = 'engagements'").fetchall()}
    assert all("no_rate, 7 accounts on x" in note for note in notes)


QUOTES: dict[str, tuple[list[tuple[object, ...]], set[str]]] = {
    # The quote in dollars for a reel is sound: what is wrong with others says nothing of it.
    "sound": ([("reel", 10, "USD", "2026-05-01"), ("reel", 9, "EUR", "2026-05-01"), ("reel", 8, "EUR", "2026-05-01")], set()),
    "of_old": ([("reel", 10, "USD", "2026-05-01"), ("reel", 10, "USD", "2026-01-01"), ("reel", 7, "USD", "2026-01-01")], set()),
    "other_kind": ([("reel", 10, "USD", "2026-05-01"), ("story", 90, "USD", "2026-05-01"), ("story", 80, "USD", "2026-05-01")], set()),
    "other_free": ([("reel", 10, "USD", "2026-05-01"), ("reel", 0, "EUR", "2026-05-01"), ("reel", 6, None, "2026-05-01")], set()),
    "disputed": ([("reel", 10, "USD", "2026-05-01"), ("reel", 12, "USD", "2026-05-01")], {"conflicting prices"}),
    "agreed": ([("reel", 10, "USD", "2026-05-01"), ("reel", 10, "USD", "2026-05-01")], set()),
    "free": ([("reel", 0, "USD", "2026-05-01"), ("reel", 0, "EUR", "2026-05-01")], {"its price is 0"}),
}  # fmt: skip


@pytest.fixture(scope="module")
def quoted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Accounts of one kind of quotes each, among others; of one all post metrics and texts are disputed."""
    folder, chance = tmp_path_factory.mktemp("quoted"), Random(5)
    names = [*QUOTES, "torn", *(f"other{number}" for number in range(20))]
    accounts: list[tuple[object, ...]] = [("x", name, name, "tea", 4_000, "2026-05-31") for name in names]
    accounts += [("x", "torn", "torn", "mystery", 4_000, "2026-05-31")]
    posts: list[tuple[object, ...]] = [
        ("x", f"{name}.{post}", name, round(200 * chance.lognormvariate(0, 0.4)), 9, "2026-05-31")
        for name in names
        for post in range(6)
    ]
    posts += [("x", f"torn.{post}", "torn", 5 + post, 8, "2026-05-31") for post in range(3)]
    header = "platform,account_id,username,niche,followers_count,observed_at"
    write(folder / "exports", "accounts.csv", header, accounts)
    write(folder / "exports", "posts.csv", "platform,post_id,account_id,like_count,comment_count,observed_at", posts)
    rates: list[tuple[object, ...]] = [
        ("x", name, *quote, f"s{n}") for name, (quotes, _) in QUOTES.items() for n, quote in enumerate(quotes)
    ]
    rates.append(("x", "torn", "reel", 10, "USD", "2026-05-01", "s"))
    write(folder / "exports", "rates.csv", "platform,account_id,media_type,price,currency,quoted_on,source", rates)
    return published(folder)  # fmt: skip


def test_only_what_is_wrong_with_the_quote_that_is_used_speaks_against_an_account(quoted: Path) -> None:
    found = asked(quoted, "--budget", 200, "--currency", "USD")
    against = {each["account_id"]: each["against"] for each in found["accounts"]}
    assert {name: set(said) for name, said in against.items() if name != "torn"} == {
        name: said for name, (_, said) in QUOTES.items()
    }
    # Three posts with two counts each; that its niche is disputed too is in no figure.
    assert against["torn"] == ["conflicting observations (6)"]
    with open_published(quoted / "warehouse.duckdb") as connection:
        issues = dict(connection.sql("SELECT issue, count(*) FROM data_quality GROUP BY ALL").fetchall())
        rows = connection.sql(
            "SELECT account_id, against FROM plan_accounts WHERE currency = 'USD' AND budget = 500 AND min_rate = 0"
        )
        listed = {name: said or "" for name, said in rows.fetchall()}
        booked = {row["account"]: row["against"] for row in shortlist_of(connection)}
    assert issues["conflicting_prices"] == 4
    assert listed == {name: "; ".join(said) for name, said in against.items()}
    # The shortlist knows of no budget: it takes the currency that most of the platform quote.
    assert booked["torn"] == "conflicting observations (6)"
    assert booked["disputed"] == "conflicting prices"


def test_in_euros_other_quotes_are_used_and_speak(quoted: Path) -> None:
    found = asked(quoted, "--budget", 200, "--currency", "EUR")
    assert {each["account_id"]: each["against"] for each in found["accounts"]} == {
        "sound": ["conflicting prices"], "other_free": ["its price is 0"], "free": ["its price is 0"],
    }  # fmt: skip


def test_the_tables_say_what_the_document_says(priced: Path) -> None:
    run = tierwise("plan", "--home", priced, "--budget", 60, "--currency", "USD", "--frontier")
    assert run.exit_code == 0, run.stderr
    for text in (
        "of 60.00 USD",
        "engagements expected",
        "95 % interval",
        "no set brings more",
        "not_chosen",
        "rate_floor",
    ):
        assert text in " ".join(run.stdout.split())


def test_a_plan_for_a_spreadsheet(priced: Path, tmp_path: Path) -> None:
    options = ("--home", priced, "--budget", 60, "--currency", "USD")
    run = tierwise("plan", *options, "--csv", tmp_path / "plan.csv", "--xlsx", tmp_path / "plan.xlsx", "--json")
    assert run.exit_code == 0, run.stderr
    with (tmp_path / "plan.csv").open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream))
    accounts = json.loads(run.stdout)["accounts"]
    assert [(row["account_id"], float(row["price"])) for row in rows] == [
        (a["account_id"], a["price"]) for a in accounts
    ]
    assert (tmp_path / "plan.xlsx").stat().st_size > 0
    refused = tierwise("plan", *options, "--csv", tmp_path / "nowhere" / "plan.csv")
    assert refused.exit_code == 2
    assert "cannot be written" in refused.stderr


def test_engagements_are_planned_without_the_lake(priced: Path, tmp_path: Path) -> None:
    """A copy of the warehouse is enough: of accounts without lists nothing is read from the lake."""
    (tmp_path / "warehouse.duckdb").write_bytes((priced / "warehouse.duckdb").read_bytes())
    options = ("--budget", 60, "--currency", "USD")
    assert asked(tmp_path, *options) == asked(priced, *options)


@pytest.fixture(scope="module")
def engaged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Followers 1 to 6, of whom some like or comment; 9 likes and does not follow."""
    folder = tmp_path_factory.mktemp("engaged")
    lists = {"a": range(1, 5), "b": range(3, 7), "c": range(1, 7)}
    likes = {"a": [1, 2, 9], "b": [3], "c": [1, 6]}
    comments = {"a": [3], "b": [9], "c": [6]}
    exports = folder / "exports"
    names = "abc"
    write(exports, "accounts.csv", "platform,account_id,followers_count", [("x", n, len(lists[n])) for n in names])
    write(
        exports, "posts.csv", "platform,post_id,account_id,like_count,comment_count",
        [("x", f"post-{n}", n, len(likes[n]), len(comments[n])) for n in names],
    )  # fmt: skip
    write(exports, "follows.csv", "platform,account_id,follower_id", [("x", n, m) for n in names for m in lists[n]])
    write(exports, "likes.csv", "platform,post_id,liker_id", [("x", f"post-{n}", m) for n in names for m in likes[n]])
    write(
        exports, "comments.csv", "platform,post_id,comment_id,commenter_id",
        [("x", f"post-{n}", f"{n}{m}", m) for n in names for m in comments[n]],
    )  # fmt: skip
    write(exports, "rates.csv", "platform,account_id,price,currency", [("x", n, 10, "EUR") for n in names])
    return published(folder)


@pytest.mark.parametrize(("budget", "best", "chosen"), [(10, 3, {"a"}), (20, 4, {"a", "c"}), (30, 4, {"a", "c"})])
def test_people_who_follow_and_engage_count_once(engaged: Path, budget: int, best: int, chosen: set[str]) -> None:
    """With a they are 1, 2, 3; with b 3; with c 1 and 6."""
    found = asked(engaged, "--budget", budget, "--objective", "engaged_followers")
    assert (found["value"], found["bound"], found["gap"]) == (best, best, 0)
    assert {account["account_id"] for account in found["accounts"]} == chosen


def test_order_of_delivery_changes_nothing(tmp_path: Path) -> None:
    found = []
    for turn, order in enumerate((lambda rows: rows, lambda rows: rows[::-1])):
        folder = tmp_path / str(turn)
        folder.mkdir()
        _tied(folder / "exports", order)
        found.append(asked(published(folder), "--budget", 20, "--objective", "reach"))
    assert found[0] == found[1]
    assert [account["account_id"] for account in found[0]["accounts"]] == ["t0", "t1"]


def _tied(exports: Path, order: Callable[[list[tuple[object, ...]]], list[tuple[object, ...]]]) -> None:
    names = [f"t{number}" for number in range(6)]
    write(exports, "accounts.csv", "platform,account_id,followers_count", order([("x", name, 2) for name in names]))
    follows: list[tuple[object, ...]] = [("x", name, f"{name}-{each}") for name in names for each in "ab"]
    write(exports, "follows.csv", "platform,account_id,follower_id", order(follows))
    write(exports, "rates.csv", "platform,account_id,price,currency", order([("x", name, 10, "EUR") for name in names]))


def test_without_any_price_it_says_what_is_missing(tmp_path: Path) -> None:
    write(tmp_path / "exports", "accounts.csv", "platform,account_id,followers_count", [("x", "a", 5)])
    run = tierwise("plan", "--home", published(tmp_path), "--budget", 5, "--currency", "EUR")
    assert run.exit_code == 2
    assert "no currency is known in the warehouse" in run.stderr
    assert "deliver a list of prices" in run.stderr


def test_names_from_exports_are_text(tmp_path: Path) -> None:
    """Neither a terminal nor a spreadsheet obeys a handle."""
    hostile = "=cmd()\u001b[31m[bold]"
    write(
        tmp_path / "exports", "accounts.csv", "platform,account_id,username,followers_count", [("x", "a", hostile, 5)]
    )
    write(tmp_path / "exports", "rates.csv", "platform,account_id,price,currency", [("x", "a", 1, "EUR")])
    options = ("plan", "--home", published(tmp_path), "--budget", 5, "--objective", "reach")
    shown, document = tierwise(*options), tierwise(*options, "--json", "--csv", tmp_path / "plan.csv")
    assert "[bold]" in shown.stdout
    assert "\u001b" not in shown.stdout + document.stdout + (tmp_path / "plan.csv").read_text(encoding="utf-8")
    assert "'=cmd()" in (tmp_path / "plan.csv").read_text(encoding="utf-8")


def test_a_list_of_a_lake_that_is_gone(engaged: Path, tmp_path: Path) -> None:
    """People cannot be counted without it; nothing is made in its place."""
    (tmp_path / "warehouse.duckdb").write_bytes((engaged / "warehouse.duckdb").read_bytes())
    for asked_for in (("--budget", 10, "--objective", "reach"), ("x:a", "x:b")):
        run = tierwise("plan", "--home", tmp_path, *asked_for)
        assert run.exit_code == 2
        assert "there is no lake beside the warehouse" in run.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["warehouse.duckdb"]


def test_whole_lists_are_new_to_a_brand_where_nobody_of_them_follows_it(engaged: Path) -> None:
    """Of the people who engage with a or c, 3 follows b and likes a post of it; 6 follows it."""
    options = ("--budget", 20, "--objective", "engaged_followers")
    found = asked(engaged, *options, "--new-to", "x:b")
    assert (found["value"], found["bound"]) == (2, 2)
    assert sum(account["added"] for account in found["accounts"]) == 2


def test_a_spend_is_whole_hundredths(tmp_path: Path) -> None:
    """Floats of prices do not add up to their sum: a budget that is spent to the last cent is not exceeded by a trillionth."""
    prices = [0.1, 0.2, 0.3, 128.13, 256.46]
    accounts: list[tuple[object, ...]] = [("x", f"a{place}", 900) for place in range(len(prices))]
    follows: list[tuple[object, ...]] = [("x", f"a{place}", f"m{place}") for place in range(len(prices))]
    rates: list[tuple[object, ...]] = [("x", f"a{place}", price, "USD") for place, price in enumerate(prices)]
    write(tmp_path / "exports", "accounts.csv", "platform,account_id,followers_count", accounts)
    write(tmp_path / "exports", "follows.csv", "platform,account_id,follower_id", follows)
    write(tmp_path / "exports", "rates.csv", "platform,account_id,price,currency", rates)
    words = [
        "plan",
        "--budget",
        "385.19",
        "--currency",
        "USD",
        "--objective",
        "reach",
        "--home",
        published(tmp_path),
        "--json",
    ]
    assert json.loads(tierwise(*words).stdout)["spend"] == 385.19
    assert sum(prices) != 385.19

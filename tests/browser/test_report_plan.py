"""The plans of the report as a reader chooses among them, beside what the tables of the warehouse have."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from flows.run import run
from flows.settings import Settings
from reports.plans import OBJECTIVES
from reports.queries import SET_SHOWN
from reports.report import write_report
from tests.example_home import Examples
from warehouse.published import open_published

CHOICES = [
    ("instagram", "USD", "engagements", 5_000, 0),
    ("instagram", "USD", "engagements", 500, 0.05),
    ("instagram", "USD", "reach", 10_000, 0.02),
    ("instagram", "USD", "engaged_followers", 1_000, 0),
    ("instagram", "EUR", "engagements", 2_500, 0.02),
    ("tiktok", "USD", "engagements", 10_000, 0.02),
]
KEY = "platform = $1 AND currency = $2 AND objective = $3 AND budget = $4"
PLAN = f"{KEY} AND min_rate = $5"

# Two currencies of each platform are shown; one account asks for pounds.
SHOWN = "currency <> 'GBP'"


@pytest.fixture(scope="module")
def report(examples: Examples, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("report") / "report.html"
    write_report(examples.warehouse, path)
    return path


@pytest.fixture(scope="module")
def page(browser: Browser, report: Path) -> Iterator[Page]:
    context = browser.new_context(offline=True, viewport={"width": 1280, "height": 900})
    opened = context.new_page()
    opened.goto(report.as_uri())
    opened.wait_for_selector("body[data-drawn]")
    yield opened
    context.close()


def choose(page: Page, choice: tuple[str, str, str, int, float]) -> None:
    platform, *rest = choice
    page.locator("#choose-platform").select_option(platform)
    for name, value in zip(("currency", "objective", "budget", "min_rate"), rest, strict=True):
        page.locator(f"#plan-{name}").select_option(str(value))


def rows_of(examples: Examples, sql: str, choice: tuple[object, ...]) -> list[dict[str, Any]]:
    with open_published(examples.warehouse) as connection:
        found: list[dict[str, Any]] = connection.sql(sql, params=list(choice)).to_dicts()
        return found


@pytest.mark.parametrize("choice", CHOICES, ids=str)
def test_the_set_that_is_read_is_that_of_the_table(
    page: Page, examples: Examples, choice: tuple[str, str, str, int, float]
) -> None:
    choose(page, choice)
    (plan,) = rows_of(examples, f"FROM plans WHERE {PLAN}", choice)
    accounts = rows_of(examples, f"FROM plan_accounts WHERE {PLAN} ORDER BY rank", choice)
    assert len(accounts) == plan["account_count"] > 0
    names = [heading.get_attribute("data-name") for heading in page.locator("#plan-accounts th:visible").all()]
    lines = page.locator("#plan-accounts tbody tr:not(.why)").all()
    shown = [dict(zip(names, line.locator("td").all_inner_texts(), strict=True)) for line in lines]
    told = page.locator("#plan-accounts tbody tr.why").all_inner_texts()
    for row, words, account in zip(shown, told, accounts[:SET_SHOWN], strict=True):
        assert row["account"] == (account["username"] or account["account_id"])
        assert row["price"] == f"{account['price']:,.2f}"
        assert float(row["added"].replace(",", "")) == pytest.approx(account["added"], abs=1)
        if account["expected"] is not None:
            assert float(row["expected"].replace(",", "")) == pytest.approx(account["expected"], abs=1)
        against = f"\nAgainst: {account['against']}" if account["against"] else ""
        assert words == f"Why: {account['why']}{against}"
    title, best, *_ = page.locator("#plan-said li").all_inner_texts()
    assert f"for {plan['spend']:,.2f} of {choice[3]:,.2f} {choice[1]}: {plan['value']:,.0f} " in title
    assert f"No set brings more than {plan['bound']:,.1f} " in best
    left_out = rows_of(examples, f"SELECT account_count FROM plan_left_out WHERE {PLAN}", choice)
    counts = [int(text.split(" ")[0].replace(",", "")) for text in page.locator("#plan-left-out li").all_inner_texts()]
    assert sorted(counts) == sorted(row["account_count"] for row in left_out)


@pytest.mark.parametrize("choice", CHOICES, ids=str)
def test_the_frontier_is_drawn_for_what_is_chosen(
    page: Page, examples: Examples, choice: tuple[str, str, str, int, float]
) -> None:
    choose(page, choice)
    points = rows_of(
        examples, f"FROM plan_frontier WHERE {KEY} AND account_count > 0 AND rate_mean IS NOT NULL", choice[:4]
    )
    megas = rows_of(
        examples,
        "SELECT DISTINCT account_id FROM mega_alternatives WHERE platform = $1 AND currency = $2 AND objective = $3"
        " AND price <= $4 AND answer = 'same_price'",
        choice[:4],
    )
    dots = "#chart-frontier path[aria-roledescription=point]"
    page.wait_for_function(
        f"document.querySelectorAll({dots!r}).length === {len(points) + 2 * len(megas)}", timeout=10_000
    )
    assert points
    assert megas or choice[3] < 2_900 or choice[0] == "tiktok" or choice[2] == "engaged_followers"
    assert page.locator("#nothing-frontier").is_hidden()


def test_only_what_there_is_can_be_chosen(page: Page, examples: Examples) -> None:
    """Of platforms without lists nobody knows who of the followers engage."""
    choose(page, CHOICES[3])
    page.locator("#choose-platform").select_option("youtube")
    known = rows_of(examples, "SELECT DISTINCT objective FROM plans WHERE platform = $1", ("youtube",))
    offered = page.locator("#plan-objective option:not([disabled])").all_inner_texts()
    assert offered == [words for name, words in OBJECTIVES.items() if {"objective": name} in known]
    assert page.locator("#plan-objective").input_value() in {row["objective"] for row in known}
    assert page.locator("#plan-budget option:not([disabled])").count() == 5
    assert page.locator("#plan-accounts tbody tr").count() > 0


def test_it_can_be_chosen_by_keyboard(page: Page) -> None:
    choose(page, CHOICES[0])
    title = page.locator("#plan-said li").first.inner_text()
    page.locator("#plan-budget").focus()
    page.keyboard.press("ArrowDown")
    assert page.locator("#plan-budget").input_value() == "10000"
    assert page.locator("#plan-said li").first.inner_text() != title
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "plan-objective"


def test_mega_accounts_stand_beside_smaller_ones(page: Page, examples: Examples) -> None:
    choose(page, CHOICES[0])
    visible = page.locator("section[aria-labelledby=h-megas] tbody tr:not([hidden])")
    assert visible.count() > 4
    (mega,) = rows_of(
        examples,
        "SELECT * FROM mega_alternatives WHERE platform = 'instagram' AND objective = $1 AND answer = 'same_price'"
        " AND currency = 'USD' ORDER BY price LIMIT 1",
        ("engagements",),
    )
    line = visible.filter(has_text=f"{mega['price']:,.2f}").filter(has_text="likes and comments")
    assert line.count() == 1
    words = line.locator("td").last.inner_text()
    assert words.startswith(
        f"{mega['account_count']} for {mega['set_price']:,.2f}, {mega['price_ratio']:.2f} times its price"
    )
    assert f": {mega['set_value']:,.0f} ({mega['set_value_low']:,.0f} to {mega['set_value_high']:,.0f})" in words


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_fits_a_telephone(browser: Browser, report: Path, scheme: Any) -> None:
    with browser.new_context(viewport={"width": 400, "height": 800}, color_scheme=scheme, offline=True) as context:
        opened = context.new_page()
        opened.goto(report.as_uri())
        opened.wait_for_selector("body[data-drawn]")
        assert opened.evaluate("document.documentElement.scrollWidth") <= 400
        assert opened.locator("#plan-choices select:visible").count() == 4
        for select in opened.locator("#plan-choices select").all():
            box = select.bounding_box()
            assert box
            assert box["x"] + box["width"] <= 400


def test_without_scripts_a_set_of_each_platform_can_be_read(browser: Browser, report: Path, examples: Examples) -> None:
    with browser.new_context(java_script_enabled=False) as context:
        opened = context.new_page()
        opened.goto(report.as_uri())
        assert opened.locator("#plan-choices").is_hidden()
        assert opened.locator("#plan").is_hidden()
        section = opened.locator("section[aria-labelledby=h-plan]")
        section.locator("summary", has_text="The set for the middle budget").click()
        shown = section.locator("noscript tbody tr")
        expected = rows_of(
            examples,
            "SELECT * FROM plan_accounts WHERE budget = $1 AND objective = 'engagements' AND min_rate = 0"
            f" AND rank <= {SET_SHOWN} AND {SHOWN}",
            (2_500,),
        )
        assert shown.count() == len(expected) > 15
        section.locator("summary", has_text="All budgets, without a least rate").click()
        plans = rows_of(examples, f"FROM plans WHERE min_rate = $1 AND {SHOWN}", (0,))
        assert section.locator("details", has_text="All budgets").first.locator("tbody tr").count() == len(plans)


def test_a_report_without_prices_says_so(browser: Browser, tmp_path: Path) -> None:
    (tmp_path / "exports").mkdir()
    (tmp_path / "exports" / "accounts.csv").write_text("platform,account_id,followers_count\nx,a,5\n")
    run(tmp_path / "exports", Settings(home=tmp_path / "home"))
    write_report(tmp_path / "home" / "warehouse.duckdb", tmp_path / "report.html")
    with browser.new_context(offline=True) as context:
        opened, errors = context.new_page(), list[str]()
        opened.on("pageerror", lambda error: errors.append(str(error)))
        opened.goto((tmp_path / "report.html").as_uri())
        opened.wait_for_selector("body[data-drawn]")
        for section in ("h-plan", "h-frontier", "h-megas"):
            assert opened.locator(f"section[aria-labelledby={section}] .empty:visible").count() == 1
        assert errors == []


def test_a_platform_without_prices_has_no_plan(browser: Browser, tmp_path: Path) -> None:
    """The choices are hidden as long as it is chosen, and there again for one with prices."""
    exports = tmp_path / "exports"
    exports.mkdir()
    accounts = ["x,a,5000", *(f"y,{number},70" for number in range(3))]
    (exports / "accounts.csv").write_text("\n".join(["platform,account_id,followers_count", *accounts]) + "\n")
    (exports / "rates.csv").write_text("platform,account_id,price,currency\nx,a,5,JPY\n")
    run(exports, Settings(home=tmp_path / "home"))
    write_report(tmp_path / "home" / "warehouse.duckdb", tmp_path / "report.html")
    with browser.new_context(offline=True) as context:
        opened = context.new_page()
        opened.goto((tmp_path / "report.html").as_uri())
        opened.wait_for_selector("body[data-drawn]")
        for platform, is_planned in (("y", False), ("x", True), ("y", False)):
            opened.locator("#choose-platform").select_option(platform)
            assert opened.locator("#plan-choices").is_visible() is is_planned
            assert opened.locator("#plan").is_visible() is is_planned
            assert opened.locator("#plan-none").is_visible() is not is_planned

"""The report as a reader sees it: in a browser without a network, over exports of which some mean harm."""

import csv
import io
import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from flows.drawing import draw_report
from flows.settings import Settings
from reports.glossary import NUMBERS
from schemas.metrics import metric_of

ROOT = Path(__file__).parents[2]
HARM = "</script><script>window.pwned=1</script><img src=x onerror=window.pwned=1>"
FORMULA = "=1+1"
WIDE = "\uff1d1+1"
ANSI = "\x1b[31mred\x1b[0m"
MARKDOWN = "[click](javascript:window.pwned=1)"
CHARTS = ["heat", "line", "bands", "followers", "sponsored", "ratios", "prices", "frontier", "strict"]


@dataclass
class Opened:
    """A page, and what it said or asked for."""

    page: Page
    errors: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)


def command(*words: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "flows.cli", *map(str, words)],
        cwd=ROOT, capture_output=True, text=True, check=True, env=os.environ | {"TIERWISE_DRAW_REPORT": "true"},
    )  # fmt: skip


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The examples, lists of followers and likes, and accounts whose every text means harm."""
    exports = tmp_path_factory.mktemp("exports")
    shutil.copytree(ROOT / "examples" / "exports", exports, dirs_exist_ok=True)
    names = [HARM, FORMULA, ANSI, MARKDOWN, WIDE]
    rows = [
        {"platform": "instagram", "account_id": f"h{number}", "username": text, "display_name": text, "niche": text,
         "followers_count": 5000 + number, "observed_at": "2026-08-01T00:00:00Z"}
        for number, text in enumerate(names * 5)
    ]  # fmt: skip
    posts = [
        {"platform": "instagram", "post_id": f"{row['account_id']}-{number}", "account_id": row["account_id"],
         "like_count": 900 + number, "comment_count": 20, "published_at": "2026-07-01T00:00:00Z"}
        for row in rows for number in range(3)
    ]  # fmt: skip
    write(
        exports / "accounts-<img src=x onerror=window.pwned=1>.csv",
        [*rows, rows[0] | {"account_id": "bad", "followers_count": HARM}],
    )
    write(exports / "posts-harm.csv", posts)
    write(exports / "rates-harm.csv", [
        {"platform": "instagram", "account_id": row["account_id"], "media_type": HARM, "price": 2, "currency": "USD"}
        for row in rows[:5]])  # fmt: skip
    write(
        exports / "follows.csv",
        [{"platform": "instagram", "account_id": "h1", "follower_id": f"f{number}"} for number in range(5001)],
    )
    write(exports / "likes.csv", [
        {"platform": "instagram", "post_id": f"h1-{post}", "liker_id": f"f{number}"}
        for post in range(3) for number in range(900 + post)])  # fmt: skip
    write(exports / "comments.csv", [
        {"platform": "instagram", "post_id": f"h1-{post}", "comment_id": f"{post}-{number}", "commenter_id": f"f{number}"}
        for post in range(3) for number in range(20)])  # fmt: skip
    home = tmp_path_factory.mktemp("home")
    told = command("run", exports, "--home", home)
    assert str(home / "report.html") in re.sub(r"\s", "", told.stdout)
    assert "\x1b[31m" not in told.stdout + told.stderr
    return home


def write(path: Path, rows: list[dict[str, object]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


@pytest.fixture
def report(browser: Browser, home: Path) -> Iterator[Opened]:
    context = browser.new_context(offline=True, viewport={"width": 1280, "height": 900})
    opened = Opened(context.new_page())
    opened.page.on("console", lambda said: opened.errors.append(said.text) if said.type == "error" else None)
    opened.page.on("pageerror", lambda error: opened.errors.append(str(error)))
    opened.page.on("request", lambda asked: opened.requests.append(asked.url))
    opened.page.goto((home / "report.html").as_uri())
    opened.page.wait_for_selector("body[data-drawn]")
    yield opened
    context.close()


def test_every_chart_is_drawn_and_nothing_is_asked_of_anybody(report: Opened, home: Path) -> None:
    for name in CHARTS:
        chart = report.page.locator(f"#chart-{name} svg")
        assert chart.count() == 1, name
        assert chart.locator("path, text, rect").count() > 5, name
    assert report.errors == []
    assert report.requests == [(home / "report.html").as_uri()]


def test_texts_that_mean_harm_are_shown_and_do_nothing(report: Opened) -> None:
    assert report.page.evaluate("window.pwned") is None
    assert report.page.locator("img").count() == 0
    assert report.page.locator("a").count() == 0
    for text in (HARM, FORMULA, MARKDOWN):
        assert report.page.locator("#shortlist td", has_text=text).count() > 0, text
        assert report.page.locator("#plan-accounts td", has_text=text).count() > 0, text
        assert report.page.locator("#chart-heat text", has_text=text[:12]).count() > 0, text
    assert report.page.locator("#h-came ~ details td", has_text="onerror").count() > 0
    report.page.locator("#choose-niche").select_option(HARM.lower())
    assert report.page.evaluate("window.pwned") is None
    assert report.errors == []


def test_choices_change_charts_tables_and_shortlist(report: Opened) -> None:
    page = report.page
    labels = "#chart-heat text"
    assert page.locator(labels, has_text="travel").count() == 1
    page.locator("#choose-niche").select_option("beauty")
    page.wait_for_function("!document.querySelector('#chart-heat').textContent.includes('travel')")
    assert set(page.locator("#shortlist tbody tr td:nth-child(2)").all_inner_texts()) == {"beauty"}
    page.locator("#choose-tier").select_option("micro")
    page.wait_for_function("!document.querySelector('#chart-heat').textContent.includes('mega')")
    assert set(page.locator("#shortlist tbody tr td:nth-child(3)").all_inner_texts()) == {"micro"}
    points = page.locator("#chart-line path[aria-roledescription=circle]").count()
    assert points > 0
    page.locator("#choose-platform").select_option("tiktok")
    page.wait_for_selector("#nothing-bands:visible")  # Markerly's table is of Instagram alone
    assert page.locator("#nothing-heat").is_hidden()
    visible = page.locator("table:not(#shortlist) tbody tr[data-platform]:not([hidden])")
    assert {row.get_attribute("data-platform") for row in visible.all()} == {"tiktok"}


def test_the_shortlist_sorts(report: Opened) -> None:
    followers = report.page.locator("#shortlist tbody tr td:nth-child(4)")

    def counts() -> list[int]:
        return [int(text.replace(",", "")) for text in followers.all_inner_texts()]

    report.page.get_by_role("button", name="followers").click()
    assert counts() == sorted(counts(), reverse=True)
    report.page.get_by_role("button", name="followers").click()
    assert counts() == sorted(counts())
    assert report.page.locator("th[aria-sort=ascending]").inner_text().strip().startswith("followers")


def test_it_fits_a_telephone(report: Opened) -> None:
    report.page.set_viewport_size({"width": 400, "height": 800})
    assert report.page.evaluate("document.documentElement.scrollWidth") <= 400


def test_without_scripts_the_tables_hold_the_numbers(browser: Browser, home: Path) -> None:
    page = browser.new_context(java_script_enabled=False).new_page()
    page.goto((home / "report.html").as_uri())
    page.locator("summary").first.click()
    assert page.locator("table tbody tr").count() > 100
    best = page.locator("noscript details", has_text="The best of them")
    assert best.locator("tbody tr").count() == 50
    assert "need scripts" in page.locator("noscript").first.inner_text()


def test_spreadsheets_take_no_text_for_a_formula(home: Path, tmp_path: Path) -> None:
    command("report", "--home", home, "--csv", tmp_path / "list.csv", "--xlsx", tmp_path / "list.xlsx")
    with (tmp_path / "list.csv").open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream))
    cells = [cell for row in rows for cell in row.values()]
    assert f"'{FORMULA}" in cells
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", WIDE[0]))]
    assert "'" + WIDE in cells
    assert "\x1b" not in "".join(cells)
    with zipfile.ZipFile(tmp_path / "list.xlsx") as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
        texts = io.BytesIO(book.read("xl/sharedStrings.xml")).read().decode()
    assert "<f>" not in sheet
    assert FORMULA in texts
    assert HARM not in texts, "it is escaped"


def test_a_file_that_cannot_be_written_is_said_and_no_fault(home: Path, tmp_path: Path) -> None:
    for option in ("--csv", "--xlsx"):
        told = subprocess.run(
            [sys.executable, "-m", "flows.cli", "report", "--home", str(home), option, str(tmp_path / "none" / "list")],
            cwd=ROOT, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert told.returncode == 2, told.stderr
        assert "cannot be written" in told.stderr


def test_every_number_that_is_explained_is_in_the_registry() -> None:
    assert [number for numbers in NUMBERS.values() for number in numbers if metric_of(*number) is None] == []


def test_a_report_older_than_its_warehouse_is_drawn_again(home: Path) -> None:
    settings = Settings(home=home, draw_report=True)
    drawn = settings.report.stat().st_mtime_ns
    assert draw_report(settings, published=False) is None
    assert settings.report.stat().st_mtime_ns == drawn
    os.utime(settings.report, ns=(0, 0))
    assert draw_report(settings, published=False) is None
    assert settings.report.stat().st_mtime_ns > drawn


def test_charts_are_put_into_pages_by_one_template_alone() -> None:
    """What Altair writes of itself puts data into scripts as it comes; only two scripts of ours are taken as they are."""
    for path in (ROOT / "reports").rglob("*"):
        if path.suffix in {".py", ".j2"}:
            text = path.read_text(encoding="utf-8")
            assert not re.search(r"\.save\(|to_html\(", text), path
            assert re.findall(r"\{\{ (\S+)\|safe \}\}", text) == (
                ["bundle.text", "boot.text"] if path.suffix == ".j2" else []
            )

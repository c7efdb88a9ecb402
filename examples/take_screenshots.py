"""The pictures of the README, taken from the examples: the report, and the control room after its first run.

    python examples/take_screenshots.py docs/images

Beside them stands `made_from.txt`, the content hash of the warehouse they show: where the examples or the figures change,
a test asks for new ones.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from base64 import b64encode
from pathlib import Path
from urllib.request import Request, urlopen

from playwright.sync_api import Browser, sync_playwright

from warehouse.published import published_state

ROOT = Path(__file__).parents[1]
EXPORTS = ROOT / "examples" / "exports"
PORT = 4207
RUN_WITHIN, PAGE_WITHIN = 120, 120_000


def main(target: Path) -> None:
    with tempfile.TemporaryDirectory() as scratch, sync_playwright() as playwright:
        home = Path(scratch) / "home"
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        control_room(browser, home, target / "control_room.png")
        report(browser, home / "report.html", target)
        browser.close()
        state = published_state(home / "warehouse.duckdb")
        assert state
        (target / "made_from.txt").write_text(f"{state.content_hash}\n", encoding="ascii")


def report(browser: Browser, path: Path, target: Path) -> None:
    """Its head, the same on a telephone, and a plan."""
    for width, height, name in ((1280, 1500, "report.png"), (400, 1100, "report_400.png")):
        page = browser.new_page(viewport={"width": width, "height": height})
        page.goto(path.as_uri())
        page.wait_for_selector("body[data-drawn]")
        page.screenshot(path=target / name)
        if width > 1_000:
            page.locator("#plan-budget").select_option("5000")
            page.locator("#h-plan").scroll_into_view_if_needed()
            page.evaluate("document.getElementById('h-plan').scrollIntoView()")
            page.wait_for_timeout(500)
            page.screenshot(path=target / "report_plan.png")
        page.close()


def control_room(browser: Browser, home: Path, target: Path) -> None:
    """The artifacts of the first run, once it has completed."""
    clean = {name: text for name, text in os.environ.items() if not name.startswith(("PREFECT_", "TIERWISE_"))}
    words = ["serve", str(EXPORTS), "--home", str(home), "--port", str(PORT), "--every", "60"]
    command = [sys.executable, "-m", "flows.cli", *words]
    served = subprocess.Popen(command, cwd=ROOT, env=clean, stdout=subprocess.PIPE, text=True)
    try:
        assert served.stdout
        address, secret = served.stdout.readline().strip().split(" secret: ")
        run = finished_run(address, secret)
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.set_default_timeout(PAGE_WITHIN)
        page.goto(f"{address}/runs")
        page.locator("input[type=password]").fill(secret)
        page.get_by_role("button", name="Login").click()
        page.get_by_text("exports: ").first.wait_for()
        page.goto(f"{address}/runs/flow-run/{run}")
        page.get_by_text("Artifacts", exact=True).click()
        page.get_by_text("What this run did").first.wait_for()
        page.wait_for_timeout(2_000)
        page.screenshot(path=target)
        page.close()
    finally:
        served.terminate()
        served.wait(timeout=60)


def finished_run(address: str, secret: str) -> str:
    """The id of the first run of the pipeline that completed."""
    asked = {
        "flow_runs": {"state": {"type": {"any_": ["COMPLETED"]}}},
        "flows": {"name": {"any_": ["engagement-pipeline"]}},
    }
    said = {"content-type": "application/json", "authorization": f"Basic {b64encode(secret.encode()).decode()}"}
    request = Request(f"{address}/api/flow_runs/filter", json.dumps(asked).encode(), said)
    for _ in range(RUN_WITHIN):
        with urlopen(request, timeout=30) as answer:  # its own address
            if found := json.load(answer):
                return str(found[0]["id"])
        time.sleep(1)
    raise TimeoutError(f"no run completed within {RUN_WITHIN} s")


if __name__ == "__main__":
    main(Path(sys.argv[1]))

"""The system's Chromium, for tests that look at pages as a reader does."""

import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

# A page of a control room that is at work on two cores may take longer than the five seconds that Playwright waits for.
expect.set_options(timeout=30_000)

NAMES = ("chromium", "chromium-browser", "google-chrome")


def chromium() -> str | None:
    """Where the browser lies; null on a machine without one."""
    return next((found for found in map(shutil.which, NAMES) if found), None)


# Of a module and not of the session: while it is open a loop runs in this thread, and other tests start loops of their own.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A browser without a window. Where none is installed the tests are skipped, and fail where CI is set."""
    path = chromium()
    if path is None:
        missing = "no Chromium on this machine: install the package `chromium` (make test does where it may)"
        if os.environ.get("CI"):
            pytest.fail(missing)
        pytest.skip(missing)
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield launched
        launched.close()

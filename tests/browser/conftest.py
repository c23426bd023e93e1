from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.judged import WIDE, listen


CHROMIUM = ("chromium", "chromium-browser", "google-chrome")


# Of a module, not of the session: while it is there, nothing else in this process may
# run an event loop, and the next module on this worker may need one.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A Chromium without a window. Its tests run no event loop of their own."""
    path = next(filter(None, map(shutil.which, CHROMIUM)), None)
    if path is None:
        pytest.fail("no Chromium: run `apt-get install chromium`, or .ci/run")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path, headless=True, args=["--disable-dev-shm-usage"]
        )
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page of a browser that has never been anywhere."""
    context = browser.new_context(viewport={"width": WIDE, "height": 800})
    page = context.new_page()
    listen(page)
    yield page
    context.close()

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.browser.judged import WIDE, listen
from tests.browser.made_up_day import Day, day_app
from tests.browser.served import served


# As long as for everything else that a browser waits for: a busy machine is no fault.
expect.set_options(timeout=30_000)
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


@pytest.fixture(scope="module")
def day(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Day]:
    """A made-up working day, served; who signs in stays so to the module's end."""
    day = Day.in_folder(tmp_path_factory.mktemp("day"))
    with served(day_app, day.folder) as day.address:
        yield day
    day.shut()
    day.ledger.close()


@pytest.fixture
def as_(browser: Browser, day: Day) -> Iterator[Callable[[str], Page]]:
    """Opens a new page of somebody, who is signed in the first time in a test."""
    yield lambda name: day.page(browser, name)
    day.shut()

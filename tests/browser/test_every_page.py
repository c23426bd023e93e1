"""Every page that the application has, in every state that matters, is judged.

The pages are those of the application itself, so that a new one without a row fails.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest
from fastapi.routing import iter_route_contexts
from playwright.sync_api import Browser, Page

from tests.browser.judged import check_page, check_words
from tests.browser.made_up_day import Day, day_app
from tests.browser.page_rows import NO_PAGES, NOBODY, ROWS, Row
from tests.browser.walking import must_see


@contextmanager
def opened(row: Row, browser: Browser, day: Day) -> Iterator[Page]:
    """A new page in the browser of whoever opens the row's page."""
    if row.who != NOBODY:
        page = day.page(browser, row.who)
        yield page
        page.close()
        return
    with closing(day.browser_of(browser)) as context:
        yield day.page_in(context)


def path_of(row: Row, day: Day) -> str:
    """Return the row's path, with the person that it names."""
    name = re.compile(r"\{(\w+)\}")
    return name.sub(lambda found: day.person(found[1], row.who), row.path)


def test_every_page_has_a_row_and_every_row_a_page(day):
    routes = iter_route_contexts(day_app(day.folder).routes)
    pages = {
        route.path
        for route in routes
        if "GET" in (route.methods or ()) and not route.path.startswith("/v1")
    }

    assert pages - NO_PAGES == {row.route for row in ROWS}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.route}: {row.state}")
def test_a_page_holds_to_all_that_a_page_must(row, browser, day):
    with opened(row, browser, day) as page:
        answer = page.goto(path_of(row, day))
        assert answer is not None and answer.status == row.status
        if row.steps:
            row.steps(page, day)

        must_see(page, row.says)
        check_page(page)
        check_words(page)

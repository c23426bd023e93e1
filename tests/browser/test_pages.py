from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from serving.pages.open_pages import OPEN_PAGES
from tests.browser.judged import check_page, faults_of
from tests.browser.made_up_pages import STATUSES, made_up_pages
from tests.browser.served import served
from tests.browser.walking import must_see


BREAKS_THE_RULES = """() => {
  const image = document.createElement("img");
  image.src = "https://elsewhere.example/x.png";
  image.setAttribute("style", "color: red");
  const wide = document.createElement("canvas");
  wide.width = 900;
  document.querySelector("main").append(image, wide);
  document.title = "";
}"""


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with served(made_up_pages) as address:
        yield address


@pytest.mark.parametrize("path", sorted(OPEN_PAGES))
def test_an_open_page_holds_to_all_that_a_page_must(path, page, address):
    page.goto(address + path)

    check_page(page)


@pytest.mark.parametrize("status", STATUSES)
def test_the_page_of_an_error_holds_to_all_that_a_page_must(status, page, address):
    answer = page.goto(f"{address}/errors/{status}")

    assert answer.status == status
    check_page(page)


def test_a_mistyped_address_is_no_page_of_ours(page, address):
    answer = page.goto(f"{address}/number/seventeen")

    assert answer.status == 404
    expect(page.get_by_text("There is nothing here for you")).to_be_visible()
    check_page(page)


def test_every_part_holds_to_all_that_a_page_must(page, address):
    page.goto(f"{address}/parts")

    check_page(page)


def test_a_name_that_is_a_script_is_shown_as_it_is_written(page, address):
    page.goto(f"{address}/parts")

    must_see(page, "<script>alert(1)</script>")


def test_the_first_stop_of_the_keyboard_leads_past_the_navigation(page, address):
    page.goto(f"{address}/cookies")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    expect(page.locator("#main-content")).to_be_focused()


def test_the_scripts_run_under_the_policy(page, address):
    page.goto(f"{address}/parts")

    # The button is there only where a script can do what it says.
    page.get_by_role("button", name="Copy").wait_for()
    page.set_viewport_size({"width": 320, "height": 800})
    page.get_by_role("button", name="Menu").wait_for()


def test_without_scripts_the_navigation_is_there_and_nothing_that_needs_them(
    browser, address
):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.set_viewport_size({"width": 320, "height": 800})
    page.goto(f"{address}/parts")

    expect(page.get_by_role("link", name="Practice cases")).to_be_visible()
    expect(page.get_by_role("button", name="Copy")).not_to_be_visible()
    context.close()


def test_the_keyboard_reaches_the_last_link_of_a_page(page, address):
    page.goto(f"{address}/parts")
    reached: list[str] = []
    while "Cookies" not in reached and len(reached) < 60:
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.textContent.trim()"))

    assert {"Save", "Of 100 people like this", "Cookies"} <= set(reached)


def test_paper_shows_what_is_folded_away_and_nothing_to_press(page, address):
    page.goto(f"{address}/parts")
    page.emulate_media(media="print")

    must_see(page, "About 31.")
    must_see(page, "Three visits to A&E")
    for hidden in ("Save", "Sign out", "My people"):
        some = page.get_by_text(hidden, exact=True).first
        expect(some).not_to_be_visible()


def test_a_page_that_breaks_the_rules_is_found(page, address):
    page.goto(f"{address}/cookies")
    with page.expect_console_message(lambda told: "Content Sec" in told.text):
        page.evaluate(BREAKS_THE_RULES)

    found = " ".join(faults_of(page))

    for words in ("image-alt", "document-title", "reaches to", "Content Security"):
        assert words in found


def test_no_page_loads_anything_from_elsewhere(page: Page, address: str):
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))

    page.goto(f"{address}/privacy", wait_until="networkidle")

    assert [url for url in asked if not url.startswith(address)] == []
    assert len(asked) >= 4

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from serving.access.opaque_ids import OpaqueIds
from tests.browser.judged import check_page
from tests.browser.keyboard import go_by
from tests.browser.served import served
from tests.browser.walking import must_not_see, must_see, push
from tests.serving.made_up_people import KEY, caller
from tests.serving.pages.people_pages import people_pages, view_first_pages


@pytest.fixture(scope="module")
def address(tmp_path_factory) -> Iterator[str]:
    folder: Path = tmp_path_factory.mktemp("people")
    with served(people_pages, folder) as address:
        yield address


def person(entity_id: str) -> str:
    return f"/people/{OpaqueIds(KEY).seal(caller('ann'), entity_id)}"


PAGES = {
    "my people": "/people",
    "my people by name": "/people?order=name",
    "nobody like that": "/people?band=paused",
    "a chronology": f"{person('p05')}/chronology",
    "a chronology without a score": f"{person('n01')}/chronology",
    "an empty chronology": f"{person('s02')}/chronology",
    "a score": f"{person('p05')}/score/care",
    "a score that knows little": f"{person('p04')}/score/care",
    "a state": f"{person('s01')}/score/care",
    "records behind a reason": f"{person('p05')}/score/care/evidence/visits_365d",
    "records of others": f"{person('p05')}/score/care/evidence/visits_at_address",
    "say what you think": f"{person('p05')}/score/care/opinion?record=1-1",
    "nobody": "/people/nobody/chronology",
}


@pytest.mark.parametrize("path", PAGES.values(), ids=PAGES.keys())
def test_a_page_about_people_holds_to_all_that_a_page_must(path, page, address):
    page.goto(address + path)

    check_page(page)


def test_a_page_with_everything_open_and_said_holds_too(page, address):
    score = f"{address}{person('p05')}/score/care"
    page.goto(f"{score}/opinion?record=1-1")
    page.get_by_label("In your words").fill("That was her sister.")
    push(page, "Keep it")
    page.get_by_text("Of 100 people like this", exact=True).click()
    page.get_by_text("Copy as a case note").click()

    must_see(page, "Record 1-1, sent to Health centre")
    check_page(page)


@pytest.mark.parametrize("where", ["decisions", "opinion"])
def test_a_form_that_is_sent_back_holds_too(where, page, address):
    score = f"{address}{person('p05')}/score/care"
    page.goto(score if where == "decisions" else f"{score}/opinion")
    push(page, "Offered" if where == "decisions" else "Keep it")

    expect(page.get_by_role("alert")).to_be_visible()
    check_page(page)


def test_one_s_own_view_is_asked_for_and_then_the_score_is_shown(
    page, tmp_path_factory
):
    with served(view_first_pages, tmp_path_factory.mktemp("first")) as address:
        page.goto(f"{address}{person('p05')}/score/care")
        check_page(page)
        page.get_by_label("All others").check()
        push(page, "Keep my view")

        must_see(page, "Your view is kept.")
        check_page(page)


def test_the_keyboard_alone_leads_from_my_people_to_a_decision(page, address):
    page.goto(f"{address}/people")
    go_by(page, "Cy Noon")
    go_by(page, "Score: Will they need care")
    go_by(page, "Visited")

    must_see(page, "Written down. It stands")
    must_see(page, "Ann Example, caseworker")


def test_the_note_is_copied_by_a_button_where_scripts_run(page, address):
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(f"{address}{person('p05')}/score/care")
    page.get_by_text("Copy as a case note").click()
    page.get_by_role("button", name="Copy the note").click()

    must_see(page, "Copied.")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert "Band: Highest fifth." in copied


def test_paper_shows_the_score_and_its_reasons_and_nothing_to_press(page, address):
    page.goto(f"{address}{person('p05')}/score/care")
    page.emulate_media(media="print")

    must_see(page, "Had 9 visits in the last 12 months")
    must_see(page, "Of 100 people on the whole list")
    expect(page.get_by_role("button", name="Visited")).not_to_be_visible()
    must_not_see(page, "See the records")

"""A caseworker's day, from the sign-in to the way out."""

from __future__ import annotations

import datetime as dt
import re

from playwright.sync_api import Page, expect

from serving.access.sessions import IDLE
from tests.browser.judged import check_page
from tests.browser.keyboard import go_by, tab_to
from tests.browser.made_up_day import PASSWORD
from tests.browser.walking import (
    asked,
    follow,
    go,
    must_be_headed,
    must_not_see,
    must_see,
    push,
)


CARE = "Score: Will they need care"


def test_a_caseworker_meets_whom_they_were_given(as_):
    page = as_("ann")
    must_be_headed(page, "My people")
    must_see(page, "1 newly given to you")

    follow(page, "Bo Marsh")
    must_see(page, "They were given to you from a list")
    follow(page, "My people")

    must_be_headed(page, "My people")
    must_not_see(page, "newly given to you")


def test_a_caseworker_reads_why_and_writes_down_what_was_done(as_):
    page = as_("ann")
    follow(page, "Ada Quill")
    follow(page, CARE)
    follow(page, "See the records")
    must_see(page, "This reason rests on a link that is only")
    follow(page, "The score")

    push(page, "Visited")

    must_see(page, "Written down. It stands beside the score")
    said = page.locator(".lamp-said").first
    expect(said).to_have_text(re.compile(r"^\s*Visited"))
    page.get_by_text("Copy as a case note").click()
    note = page.get_by_label("The note")
    expect(note).to_have_value(re.compile("Highest fifth"))


def test_a_caseworker_disagrees_and_says_that_a_record_is_wrong(as_):
    page = as_("ann")
    follow(page, "Ada Quill")
    follow(page, CARE)
    go(page.get_by_role("main").get_by_role("link", name="Say what you").first)
    page.get_by_label("I disagree").check()
    push(page, "Keep it")
    expect(page.locator(".lamp-said li").filter(has_text="Disagree")).to_be_visible()

    follow(page, "What the partners know")
    record = page.locator("li").filter(has_text="Record 1-1.")
    go(record.get_by_role("link", name="This record is wrong"))
    expect(page.get_by_label("A record is wrong")).to_be_checked()
    page.get_by_label("In your words").fill("That was her sister.")
    push(page, "Keep it")

    must_see(page, "Record 1-1, sent to Health centre")
    must_see(page, "Not answered yet.")
    check_page(page)


def test_after_signing_out_the_back_button_shows_nobody(as_):
    page = as_("ann")
    follow(page, "Ada Quill")
    theirs = page.url

    push(page, "Sign out")

    for _ in range(2):
        page.go_back()
        expect(page).to_have_url(re.compile("/sign-in"))
        must_not_see(page, "Ada Quill")
    page.goto(theirs)
    expect(page).to_have_url(re.compile("/sign-in"))


def test_the_keyboard_alone_leads_from_the_door_to_the_way_out(as_, browser, day):
    page = day.page_in(day.inside.setdefault("by key", day.browser_of(browser)))
    page.goto("/sign-in")
    tab_to(page, "Name", "INPUT")
    page.keyboard.type("ann")
    tab_to(page, "Password", "INPUT")
    page.keyboard.type(PASSWORD)
    go_by(page, "Sign in")

    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("#main-content$"))
    go_by(page, "Cy Noon")
    go_by(page, CARE)
    read_by_key(page)
    say_by_key(page)

    go_by(page, "Sign out")
    expect(page).to_have_url(re.compile("/sign-in$"))


def read_by_key(page: Page) -> None:
    tab_to(page, "Of 100 people like this")
    page.keyboard.press("Space")
    must_see(page, "Nobody can tell which of these 100")
    go_by(page, "See the records")
    go_by(page, "The score")
    go_by(page, "Already known", key="Space")
    must_see(page, "Written down. It stands beside the score")
    must_see(page, "Ann Example, caseworker")
    tab_to(page, "Copy as a case note")
    page.keyboard.press("Enter")
    expect(page.get_by_label("The note")).to_be_visible()


def say_by_key(page: Page) -> None:
    go_by(page, "Say what you think")
    tab_to(page, "I agree", "INPUT")
    for _ in range(3):
        page.keyboard.press("ArrowDown")
    expect(page.get_by_label("I know something it does not")).to_be_checked()
    tab_to(page, "In your words", "TEXTAREA")
    page.keyboard.type("A neighbour comes each day.")
    go_by(page, "Keep it")
    must_see(page, "A neighbour comes each day.")


def test_when_a_case_ends_the_next_request_finds_nobody(as_, day):
    page = as_("ann")
    follow(page, "Kit Wells")
    theirs = page.url

    day.end_case("s06")

    assert asked(page, theirs) == 404
    follow(page, "My people")
    must_see(page, "Ada Quill")
    must_not_see(page, "Kit Wells")


def test_whoever_makes_no_move_signs_in_again_and_is_led_back(as_, day):
    page = as_("ann")
    follow(page, "Ada Quill")
    theirs = page.url

    day.wait(IDLE - dt.timedelta(minutes=1))
    page.reload()
    expect(page).to_have_url(theirs)
    day.wait(IDLE)
    page.reload()
    must_be_headed(page, "Sign in")
    must_not_see(page, "Ada Quill")
    page.get_by_label("Name").fill("ann")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    push(page, "Sign in")
    expect(page).to_have_url(theirs)


def test_paper_holds_the_reasons_and_nothing_to_press(as_, day):
    page = as_("ann")
    page.goto(day.person("p05") + "/score/care")
    page.emulate_media(media="print")

    reasons = page.locator(".lamp-reason")
    expect(reasons.nth(4)).to_be_visible()
    for box in reasons.all():
        assert box.evaluate("e => e.scrollHeight <= e.clientHeight + 1")
    must_see(page, "Had 9 visits in the last 12 months")
    must_see(page, "Nobody can tell which of these 100")
    must_not_see(page, "See the records")
    pressed = page.locator("button, select, input, textarea, nav, main nav a")
    expect(pressed.filter(visible=True)).to_have_count(0)


def test_the_note_is_copied_by_a_button_where_scripts_run(as_, day):
    page = as_("ann")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(day.person("p05") + "/score/care")
    page.get_by_text("Copy as a case note").click()
    page.get_by_role("button", name="Copy the note").click()

    must_see(page, "Copied.")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert "Band: Highest fifth." in copied


def test_a_call_comes_in_and_the_keyboard_alone_leads_to_the_person(as_):
    page = as_("ann")
    go_by(page, "Find someone")
    tab_to(page, "Surname", "INPUT")
    for text in ("Oakes", "30", "5", "1941"):
        page.keyboard.type(text)
        page.keyboard.press("Tab")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    page.get_by_label("Number of the call, visit or letter").focus()
    page.keyboard.type("CALL-9")
    with page.expect_navigation():
        page.keyboard.press("Enter")

    must_be_headed(page, "Di Oakes")

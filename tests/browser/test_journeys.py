"""A day of each role, from the sign-in to the way out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, Response

from serving.access.sessions import IDLE
from tests.browser.judged import check_page
from tests.browser.keyboard import go_by, tab_to
from tests.browser.made_up_day import PASSWORD, Day, day_app, sign_in
from tests.browser.served import served


# Opens a new page of somebody, who is signed in the first time.
As = Callable[[str], Page]

REASON = "The police found them outside, and nobody answers"
CARE = "Score: Will they need care"


@pytest.fixture(scope="module")
def day(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Day]:
    day = Day.in_folder(tmp_path_factory.mktemp("day"))
    with served(day_app, day.folder) as day.address:
        yield day
    day.ledger.close()


@pytest.fixture
def as_(browser: Browser, day: Day) -> Iterator[As]:
    yield lambda name: day.page(browser, name)
    for context in day.inside.values():
        context.close()
    day.inside.clear()


def follow(page: Page, name: str) -> None:
    page.get_by_role("link", name=name).first.click()


def push(page: Page, name: str) -> None:
    page.get_by_role("button", name=name).first.click()


def asked(page: Page, address: str) -> int:
    """Ask for an address, and return the status."""
    answer = page.goto(address)
    assert isinstance(answer, Response)
    return answer.status


def sees(page: Page, words: str) -> bool:
    return page.get_by_text(words).first.is_visible()


def test_a_caseworker_meets_whom_they_were_given(as_):
    page = as_("ann")
    assert page.get_by_role("heading", level=1).inner_text() == "My people"
    assert sees(page, "1 newly given to you")

    follow(page, "Bo Marsh")
    assert sees(page, "They were given to you from a list")
    follow(page, "My people")

    assert not sees(page, "newly given to you")


def test_a_caseworker_reads_why_and_writes_down_what_was_done(as_):
    page = as_("ann")
    follow(page, "Ada Quill")
    follow(page, CARE)
    follow(page, "See the records")
    assert sees(page, "This reason rests on a link that is only")
    follow(page, "The score")

    push(page, "Visited")

    assert sees(page, "Written down. It stands beside the score")
    assert page.locator(".lamp-said").first.inner_text().startswith("Visited")
    page.get_by_text("Copy as a case note").click()
    assert "Highest fifth" in page.get_by_label("The note").input_value()


def test_a_caseworker_disagrees_and_says_that_a_record_is_wrong(as_):
    page = as_("ann")
    follow(page, "Ada Quill")
    follow(page, CARE)
    page.get_by_role("main").get_by_role("link", name="Say what you").first.click()
    page.get_by_label("I disagree").check()
    push(page, "Keep it")
    assert sees(page, "Disagree")

    follow(page, "What the partners know")
    page.locator("li").filter(has_text="Record 1-1.").get_by_role(
        "link", name="This record is wrong"
    ).click()
    assert page.get_by_label("A record is wrong").is_checked()
    page.get_by_label("In your words").fill("That was her sister.")
    push(page, "Keep it")

    assert sees(page, "Record 1-1, sent to Health centre")
    assert sees(page, "Not answered yet.")
    check_page(page)


def test_after_signing_out_the_back_button_shows_nobody(as_):
    page = as_("ann")
    follow(page, "Ada Quill")
    theirs = page.url

    push(page, "Sign out")

    for _ in range(2):
        page.go_back()
        assert "/sign-in" in page.url
        assert not sees(page, "Ada Quill")
    page.goto(theirs)
    assert "/sign-in" in page.url


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
    assert page.url.endswith("#main-content")
    go_by(page, "Cy Noon")
    go_by(page, CARE)
    read_by_key(page)
    say_by_key(page)

    go_by(page, "Sign out")
    assert page.url.endswith("/sign-in")


def read_by_key(page: Page) -> None:
    tab_to(page, "Of 100 people like this")
    page.keyboard.press("Space")
    assert sees(page, "Nobody can tell which of these 100")
    go_by(page, "See the records")
    go_by(page, "The score")
    go_by(page, "Already known", key="Space")
    assert sees(page, "Written down. It stands beside the score")
    tab_to(page, "Copy as a case note")
    page.keyboard.press("Enter")
    assert page.get_by_label("The note").is_visible()


def say_by_key(page: Page) -> None:
    go_by(page, "Say what you think")
    tab_to(page, "I agree", "INPUT")
    for _ in range(3):
        page.keyboard.press("ArrowDown")
    assert page.get_by_label("I know something it does not").is_checked()
    tab_to(page, "In your words", "TEXTAREA")
    page.keyboard.type("A neighbour comes each day.")
    go_by(page, "Keep it")
    assert sees(page, "A neighbour comes each day.")


def test_a_manager_is_told_at_once_of_a_look_without_a_relation(as_):
    look_without_a_relation(as_("eve"))
    page = as_("mia")
    follow(page, "Alerts (2 new)")
    assert sees(page, REASON)
    push(page, "I have seen this")
    assert page.get_by_role("link", name="Alerts (1 new)").is_visible()

    follow(page, "Max Wynn")
    follow(page, "Who looked")

    assert page.get_by_role("cell", name="Eve Example").first.is_visible()
    assert sees(page, REASON)
    check_page(page)


def test_a_manager_gives_somebody_out_and_takes_them_back(as_):
    mia, eve = as_("mia"), as_("eve")
    follow(mia, "Worklists")
    push(mia, "Draw a worklist")
    row = mia.locator("tbody tr").first
    choice = row.get_by_role("combobox")
    choice.select_option("Eve Example")
    push(mia, "Save")
    name = row.get_by_role("link").inner_text()

    follow(eve, "My people")
    assert sees(eve, "1 newly given to you")
    follow(eve, name)
    theirs = eve.url
    mia.reload()
    assert "Not yet" not in row.inner_text()
    check_page(mia)
    choice.select_option("Nobody")
    push(mia, "Save")

    assert asked(eve, theirs) == 404
    assert sees(eve, "There is nothing here for you")


def look_without_a_relation(page: Page) -> None:
    follow(page, "Find someone")
    page.get_by_label("Surname").fill("Wynn")
    for part, value in (("Day", "11"), ("Month", "2"), ("Year", "1950")):
        page.get_by_label(part, exact=True).fill(value)
    push(page, "Find by name")
    assert not sees(page, "Wynn")
    page.get_by_label("Why you must look").fill(REASON)
    page.get_by_label("To keep people safe").check()
    push(page, "Look, and tell my manager")
    assert page.get_by_role("heading", level=1).inner_text() == "Max Wynn"


def test_a_steward_s_answer_comes_back_beside_the_score(as_, day):
    ann = as_("ann")
    ann.goto(f"{day.person('p05')}/score/care/opinion?record=3-1")
    ann.get_by_label("In your words").fill("She was away that week.")
    push(ann, "Keep it")

    sam = as_("sam")
    assert sam.get_by_role("heading", level=1).inner_text() == "What waits for you"
    follow(sam, "Is record 3-1 wrong?")
    assert sees(sam, "She was away that week.")
    assert not sees(sam, "Ada Quill")
    sam.get_by_label("What you found out").fill("The surgery mixed up two names.")
    push(sam, "It was wrong, and we have put it right")
    assert sees(sam, "Your answer is kept.")
    assert not sees(sam, "Is record 3-1 wrong?")

    ann.reload()
    assert sees(ann, "Answer: corrected by the partner.")
    assert sees(ann, "The surgery mixed up two names.")
    assert asked(sam, day.person("p05", "sam") + "/chronology") == 403


def test_an_analyst_practises_and_reads_figures_and_meets_no_person(as_, day):
    page = as_("nat")
    follow(page, "Figures")
    assert sees(page, "How Lamppost is used")
    follow(page, "What is scored")
    assert sees(page, "Will they need care within 12 months?")
    follow(page, "Practise")
    page.locator("main ol a").first.click()
    page.get_by_label("I cannot tell").check()
    push(page, "Show the score")
    assert sees(page, "What there is to learn")

    for path in ("/chronology", "/score/care", "/looks"):
        assert asked(page, day.person("p05", "nat") + path) == 403
    assert asked(page, "/people") == 403


def test_a_member_of_the_board_reads_figures_and_models_and_no_more(as_, day):
    page = as_("bea")
    assert page.get_by_role("navigation", name="Menu").get_by_role(
        "link"
    ).all_inner_texts() == ["Figures", "What is scored", "Your account"]
    follow(page, "What is scored")
    assert sees(page, "It must not be used to")

    for path in ("/people", "/worklists", "/queue", "/practice", "/accounts"):
        assert asked(page, path) == 403
    assert asked(page, day.person("p05", "bea") + "/chronology") == 403


def test_an_account_is_added_signs_in_and_is_shut_out_at_its_next_request(
    as_, browser, day
):
    oli = as_("oli")
    follow(oli, "Accounts")
    typed = {"Name at sign-in": "new.one", "Name to show": "Una New"}
    typed |= {"Team": "East", "Worker’s number": "W9", "First password": PASSWORD}
    for label, text in typed.items():
        oli.get_by_label(label, exact=True).fill(text)
    oli.get_by_label("Role").select_option("Caseworker")
    push(oli, "Add account")
    una = day.page_in(day.inside.setdefault("una", day.browser_of(browser)))
    sign_in(una, "new.one")
    assert sees(una, "You have nobody on your list today.")

    push(oli, "Disable Una New")
    follow(una, "Find someone")
    assert "/sign-in" in una.url
    sign_in(una, "new.one")
    assert sees(una, "The name or the password is wrong, or the account is locked")
    push(oli, "Let in again Una New")
    sign_in(una, "new.one")
    assert una.url.endswith("/people")


def test_when_a_case_ends_the_next_request_finds_nobody(as_, day):
    page = as_("ann")
    follow(page, "Kit Wells")
    theirs = page.url

    day.end_case("s06")

    assert asked(page, theirs) == 404
    follow(page, "My people")
    assert not sees(page, "Kit Wells")


def test_whoever_makes_no_move_signs_in_again_and_is_led_back(as_, day):
    page = as_("ann")
    follow(page, "Ada Quill")
    theirs = page.url

    day.wait(IDLE - dt.timedelta(minutes=1))
    page.reload()
    assert page.url == theirs
    day.wait(IDLE)
    page.reload()
    assert not sees(page, "Ada Quill")
    page.get_by_label("Name").fill("ann")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    push(page, "Sign in")
    assert page.url == theirs


def test_paper_holds_the_reasons_and_nothing_to_press(as_, day):
    page = as_("ann")
    page.goto(day.person("p05") + "/score/care")
    page.emulate_media(media="print")

    reasons = page.locator(".lamp-reason")
    assert reasons.count() >= 5
    for box in reasons.all():
        assert box.evaluate("e => e.scrollHeight <= e.clientHeight + 1")
    assert sees(page, "Nobody can tell which of these 100")
    pressed = page.locator("button, select, input, textarea, nav, main nav a")
    assert [one.inner_text() for one in pressed.all() if one.is_visible()] == []

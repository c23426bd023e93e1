"""A day of managers, stewards, analysts, the board and administrators."""

from __future__ import annotations

from playwright.sync_api import Page

from tests.browser.judged import check_page
from tests.browser.made_up_day import PASSWORD, sign_in
from tests.browser.walking import asked, follow, push, sees


REASON = "The police found them outside, and nobody answers"


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

"""A day of managers, stewards, analysts, the board and administrators."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser.judged import check_page
from tests.browser.made_up_day import PASSWORD, sign_in
from tests.browser.walking import (
    asked,
    follow,
    go,
    must_be_headed,
    must_not_see,
    must_see,
    push,
)


REASON = "The police found them outside, and nobody answers"


def test_a_manager_is_told_at_once_of_a_look_without_a_relation(as_):
    look_without_a_relation(as_("eve"))
    page = as_("mia")
    follow(page, "Alerts (2 new)")
    must_see(page, REASON)
    push(page, "I have seen this")
    expect(page.get_by_role("link", name="Alerts (1 new)")).to_be_visible()

    follow(page, "Max Wynn")
    follow(page, "Who looked")

    expect(page.get_by_role("cell", name="Eve Example").first).to_be_visible()
    must_see(page, REASON)
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
    must_see(eve, "1 newly given to you")
    follow(eve, name)
    theirs = eve.url
    mia.reload()
    expect(row).to_contain_text(name)
    expect(row).not_to_contain_text("Not yet")
    check_page(mia)
    choice.select_option("Nobody")
    push(mia, "Save")

    assert asked(eve, theirs) == 404
    must_see(eve, "There is nothing here for you")


def test_a_manager_keeps_a_case_for_a_worker_and_ends_it(as_):
    page = as_("mia")
    seek(page, "Oakes", ("30", "5", "1941"))
    page.get_by_label("The case’s number").fill("CASE-10")
    push(page, "Keep a case")
    must_see(page, "CASE-10")
    check_page(page)
    push(page, "End the case of Di Oakes")

    must_see(page, "CASE-9")
    must_not_see(page, "CASE-10")


def look_without_a_relation(page: Page) -> None:
    seek(page, "Wynn", ("11", "2", "1950"))
    must_see(page, "Why do you need to look?")
    must_not_see(page, "Wynn")
    page.get_by_label("Why you must look").fill(REASON)
    page.get_by_label("To keep people safe").check()
    push(page, "Look, and tell my manager")
    must_be_headed(page, "Max Wynn")


def seek(page: Page, surname: str, born: tuple[str, str, str]) -> None:
    follow(page, "Find someone")
    page.get_by_label("Surname").fill(surname)
    for part, value in zip(("Day", "Month", "Year"), born, strict=True):
        page.get_by_label(part, exact=True).fill(value)
    push(page, "Find by name")


def test_a_steward_s_answer_comes_back_beside_the_score(as_, day):
    ann = as_("ann")
    ann.goto(f"{day.person('p05')}/score/care/opinion?record=3-1")
    ann.get_by_label("In your words").fill("She was away that week.")
    push(ann, "Keep it")

    sam = as_("sam")
    must_be_headed(sam, "What waits for you")
    follow(sam, "Is record 3-1 wrong?")
    must_see(sam, "She was away that week.")
    must_not_see(sam, "Ada Quill")
    sam.get_by_label("What you found out").fill("The surgery mixed up two names.")
    push(sam, "It was wrong, and we have put it right")
    must_see(sam, "Your answer is kept.")
    must_not_see(sam, "Is record 3-1 wrong?")

    ann.reload()
    must_see(ann, "Answer: corrected by the partner.")
    must_see(ann, "The surgery mixed up two names.")
    assert asked(sam, day.person("p05", "sam") + "/chronology") == 403


def test_an_analyst_practises_and_reads_figures_and_meets_no_person(as_, day):
    page = as_("nat")
    follow(page, "Figures")
    must_see(page, "How Lamppost is used")
    follow(page, "What is scored")
    must_see(page, "Will they need care within 12 months?")
    follow(page, "Practise")
    go(page.locator("main ol a").first)
    page.get_by_label("I cannot tell").check()
    push(page, "Show the score")
    must_see(page, "What there is to learn")

    for path in ("/chronology", "/score/care", "/looks"):
        assert asked(page, day.person("p05", "nat") + path) == 403
    assert asked(page, "/people") == 403


def test_a_member_of_the_board_reads_figures_and_models_and_no_more(as_, day):
    page = as_("bea")
    menu = page.get_by_role("navigation", name="Menu")
    links = ["Figures", "What is scored", "Your account"]
    expect(menu.get_by_role("link")).to_have_text(links)
    follow(page, "What is scored")
    must_see(page, "It must not be used to")

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
    must_see(una, "You have nobody on your list today.")

    follow(oli, "Change Una New")
    oli.get_by_label("Role").select_option("Manager")
    push(oli, "Keep the change")
    follow(una, "Find someone")
    must_see(una, "Worklists")

    push(oli, "Disable Una New")
    follow(una, "Find someone")
    expect(una).to_have_url(re.compile("/sign-in"))
    sign_in(una, "new.one")
    must_see(una, "The name or the password is wrong, or the account is locked")
    push(oli, "Let in again Una New")
    sign_in(una, "new.one")
    expect(una).to_have_url(re.compile("/people$"))

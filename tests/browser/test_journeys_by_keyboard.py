"""A day of each role by keyboard alone; the caseworker's is in `test_journeys`."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.judged import check_page
from tests.browser.keyboard import go_by, tab_to
from tests.browser.made_up_day import PASSWORD
from tests.browser.walking import must_be_headed, must_see


def test_a_manager_draws_a_worklist_and_gives_somebody_out(as_):
    page = as_("mia")
    go_by(page, "More")
    go_by(page, "Cases we keep")
    must_be_headed(page, "Cases we keep")
    go_by(page, "Worklists")
    go_by(page, "Draw a worklist")
    choose(page, "Give ", "Eve Example")
    go_by(page, "Save")

    row = page.locator("tbody tr").first
    expect(row.get_by_role("combobox").locator(":checked")).to_have_text("Eve Example")
    check_page(page)


def test_a_steward_answers_all_that_waits(as_):
    page = as_("sam")
    go_by(page, "Is record 2-1 wrong?")
    go_by(page, "It is right as it is")
    must_see(page, "Say what you found out")
    write(page, "What you found out", "We asked the surgery.", "TEXTAREA")
    go_by(page, "It is right as it is")
    must_see(page, "Your answer is kept.")
    go_by(page, "One person or two?")
    go_by(page, "Two different ones")

    must_see(page, "Nothing waits for you now.")
    check_page(page)


def test_an_analyst_practises(as_):
    page = as_("nat")
    go_by(page, "Practise")
    go_by(page, page.locator("main ol a").first.inner_text())
    tab_to(page, "", "INPUT")
    page.keyboard.press("ArrowUp")  # from the first choice to the last
    expect(page.get_by_label("I cannot tell")).to_be_checked()
    go_by(page, "Show the score")

    must_see(page, "What there is to learn")


def test_a_member_of_the_board_reads_figures_and_what_is_scored(as_):
    page = as_("bea")
    go_by(page, "Figures")
    must_see(page, "How Lamppost is used")
    go_by(page, "What is scored")

    must_see(page, "It must not be used to")


def test_an_administrator_adds_an_account_and_shuts_it_out(as_):
    page = as_("oli")
    go_by(page, "Accounts")
    write(page, "Name at sign-in", "key.only")
    write(page, "Name to show", "Kay Only")
    choose(page, "Role", "Board member")
    write(page, "First password", PASSWORD)
    go_by(page, "Add account")
    must_see(page, "Kay Only")
    go_by(page, "Disable Kay Only")

    expect(page.get_by_role("button", name="Let in again Kay Only")).to_be_visible()


def write(page: Page, label: str, text: str, tag: str = "INPUT") -> None:
    tab_to(page, label, tag)
    page.keyboard.type(text)


def choose(page: Page, label: str, option: str) -> None:
    tab_to(page, label, "SELECT")
    page.keyboard.type(option)

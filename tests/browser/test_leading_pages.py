from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from playwright.sync_api import Page, expect

from models.ledger.ledger import connect_ledger
from tests.browser.judged import check_page
from tests.browser.served import served
from tests.browser.walking import follow, must_be_headed, must_see, push
from tests.made_up_score import bundle, url_of
from tests.serving.conftest import Service
from tests.serving.made_up_people import people_ledger


REASON = "Called from the ward, must know about falls now"


def leading_app(folder: Path) -> FastAPI:
    """Return the application over a folder's ledger."""
    ledger = connect_ledger(url_of(folder))
    return Service(folder, ledger, settings={"insecure_cookies": True}).app()


@pytest.fixture
def service(tmp_path) -> Service:
    return Service(tmp_path, people_ledger(tmp_path, bundle(capacity=3)))


@pytest.fixture
def address(service) -> Iterator[str]:
    with served(leading_app, service.folder) as address:
        yield address


def enter(page: Page, service: Service, address: str, name: str) -> None:
    page.context.clear_cookies()
    cookie = {"name": "lamppost_session", "value": service.session(name)}
    page.context.add_cookies([{**cookie, "url": address}])


def seek(page: Page, address: str) -> None:
    page.goto(f"{address}/find")
    page.get_by_label("Surname").fill("Oakes")
    for part, value in (("Day", "30"), ("Month", "5"), ("Year", "1941")):
        page.get_by_label(part, exact=True).fill(value)
    push(page, "Find by name")


def test_a_call_comes_in_and_the_keyboard_alone_leads_to_the_person(
    page, service, address
):
    enter(page, service, address, "ann")
    page.goto(f"{address}/find")
    check_page(page)
    page.get_by_label("Surname").focus()
    for text in ("Oakes", "30", "5", "1941"):
        page.keyboard.type(text)
        page.keyboard.press("Tab")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    page.get_by_label("Number of the call, visit or letter").focus()
    check_page(page)
    page.keyboard.type("CALL-9")
    with page.expect_navigation():
        page.keyboard.press("Enter")

    must_be_headed(page, "Di Oakes")


def test_pages_that_ask_again_hold_to_all_that_a_page_must(page, service, address):
    enter(page, service, address, "ann")
    page.goto(f"{address}/find")
    push(page, "Find by name")
    expect(page.get_by_role("alert")).to_be_visible()
    check_page(page)
    seek(page, address)
    push(page, "Look, and tell my manager")
    expect(page.get_by_role("alert")).to_be_visible()
    check_page(page)


def test_a_manager_is_told_of_break_glass_and_reads_who_looked(page, service, address):
    enter(page, service, address, "ann")
    seek(page, address)
    page.get_by_label("Why you must look").fill(REASON)
    page.get_by_label("To keep people safe").check()
    push(page, "Look, and tell my manager")
    must_be_headed(page, "Di Oakes")

    enter(page, service, address, "mia")
    page.goto(f"{address}/alerts")
    expect(page.get_by_role("link", name="Alerts (1 new)")).to_be_visible()
    check_page(page)
    push(page, "I have seen this")
    follow(page, "Di Oakes")
    page.goto(page.url.replace("/chronology", "/looks"))
    must_see(page, REASON)
    check_page(page)


def test_a_worklist_is_drawn_and_given_out(page, service, address):
    enter(page, service, address, "mia")
    page.goto(f"{address}/worklists")
    check_page(page)
    push(page, "Draw a worklist")
    page.wait_for_url("**/worklists/2")
    page.get_by_label("Give Ada Quill to").select_option("Ann Example")
    push(page, "Save for Ada Quill")
    given = page.get_by_label("Give Ada Quill to")
    expect(given.locator("option:checked")).to_have_text("Ann Example")
    check_page(page)


def test_a_case_is_kept_and_ended(page, service, address):
    enter(page, service, address, "mia")
    seek(page, address)
    check_page(page)
    page.get_by_label("The case’s number").fill("CASE-9")
    push(page, "Keep a case")
    must_see(page, "CASE-9")
    check_page(page)
    push(page, "End the case of Di Oakes")

    must_see(page, "There is none.")
    check_page(page)

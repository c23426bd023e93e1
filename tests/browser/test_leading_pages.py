from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from playwright.sync_api import Page

from models.ledger.ledger import connect_ledger
from tests.browser.judged import check_page
from tests.browser.served import served
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
    page.get_by_role("button", name="Find by name").click()


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
    page.keyboard.press("Enter")
    page.get_by_label("Number of the call, visit or letter").focus()
    check_page(page)
    page.keyboard.type("CALL-9")
    page.keyboard.press("Enter")
    page.wait_for_url("**/chronology")

    assert page.get_by_role("heading", level=1).inner_text() == "Di Oakes"


def test_pages_that_ask_again_hold_to_all_that_a_page_must(page, service, address):
    enter(page, service, address, "ann")
    page.goto(f"{address}/find")
    page.get_by_role("button", name="Find by name").click()
    assert page.get_by_role("alert").is_visible()
    check_page(page)
    seek(page, address)
    page.get_by_role("button", name="Look, and tell my manager").click()
    assert page.get_by_role("alert").is_visible()
    check_page(page)


def test_a_manager_is_told_of_break_glass_and_reads_who_looked(page, service, address):
    enter(page, service, address, "ann")
    seek(page, address)
    page.get_by_label("Why you must look").fill(REASON)
    page.get_by_label("To keep people safe").check()
    page.get_by_role("button", name="Look, and tell my manager").click()
    page.wait_for_url("**/chronology")

    enter(page, service, address, "mia")
    page.goto(f"{address}/alerts")
    assert page.get_by_role("link", name="Alerts (1 new)").is_visible()
    check_page(page)
    page.get_by_role("button", name="I have seen this").click()
    page.get_by_role("link", name="Di Oakes").click()
    page.goto(page.url.replace("/chronology", "/looks"))
    assert page.get_by_text(REASON).is_visible()
    check_page(page)


def test_a_worklist_is_drawn_and_given_out(page, service, address):
    enter(page, service, address, "mia")
    page.goto(f"{address}/worklists")
    check_page(page)
    page.get_by_role("button", name="Draw a worklist").click()
    page.wait_for_url("**/worklists/2")
    page.get_by_label("Give Ada Quill to").select_option("Ann Example")
    page.get_by_role("button", name="Save for Ada Quill").click()
    assert page.get_by_role("link", name="Ada Quill").is_visible()
    check_page(page)


def test_a_case_is_kept_and_ended(page, service, address):
    enter(page, service, address, "mia")
    seek(page, address)
    check_page(page)
    page.get_by_label("The case’s number").fill("CASE-9")
    page.get_by_role("button", name="Keep a case").click()
    page.wait_for_url("**/cases")
    check_page(page)
    page.get_by_role("button", name="End the case of Di Oakes").click()

    assert page.get_by_text("There is none.").is_visible()
    check_page(page)

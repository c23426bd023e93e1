"""The pages of the register and of packs, in a real browser."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from playwright.sync_api import Page

from models.ledger.ledger import connect_ledger
from tests.browser.judged import check_page
from tests.browser.served import served
from tests.browser.walking import follow, go, must_see
from tests.made_up_score import url_of
from tests.serving.conftest import Service
from tests.serving.made_up_people import people_ledger
from tests.serving.second_manager import add_second_manager


def app_of(folder: Path) -> FastAPI:
    """Return the application over a folder's ledger."""
    ledger = connect_ledger(url_of(folder))
    return Service(folder, ledger, settings={"insecure_cookies": True}).app()


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Service:
    folder = tmp_path_factory.mktemp("rights")
    ledger = people_ledger(folder)
    add_second_manager(ledger)
    return Service(folder, ledger)


@pytest.fixture(scope="module")
def address(service: Service) -> Iterator[str]:
    with served(app_of, service.folder) as address:
        yield address


def enter(page: Page, service: Service, address: str, name: str) -> None:
    page.context.clear_cookies()
    cookie = {"name": "lamppost_session", "value": service.session(name)}
    page.context.add_cookies([{**cookie, "url": address}])


def press(page: Page, name: str) -> None:
    go(page.get_by_role("button", name=re.compile(f"^{name}")).first)


def test_from_asking_to_the_pack_on_paper_and_the_answer(page, address, service):
    enter(page, service, address, "mia")
    page.goto(f"{address}/people/{service.person('p05', 'mia')}/chronology")
    follow(page, "They ask for something")
    request = ask(page)
    press(page, "Make a pack")
    pack = page.url
    decide(page, pack)

    enter(page, service, address, "max")
    page.goto(pack)
    press(page, "Release it")
    check_page(page)
    follow(page, "See it as the person gets it")
    check_page(page)
    answer(page, request)
    page.goto(f"{address}/rights?answered=yes")

    must_see(page, "Answered in time")


def ask(page: Page) -> str:
    """Ask for a copy, and return where the request is shown."""
    press(page, "Write it down")
    must_see(page, "Choose what they ask for")
    page.get_by_label("A copy of what we hold").check()
    page.get_by_label("Who must answer").fill("Head of care")
    press(page, "Write it down")
    check_page(page)
    return page.url


def decide(page: Page, pack: str) -> None:
    """Decide one item, then all of each flag."""
    page.get_by_text("Decide this one").first.click()
    press_in_open(page, "Withhold")
    must_see(page, "Say why, in a few words")
    check_page(page)
    page.goto(pack)
    while page.get_by_text("Decide all").count():
        page.get_by_text("Decide all").first.click()
        page.locator("details[open] input[name=because]").fill("Looked at")
        press_in_open(page, "Keep")
        page.goto(f"{pack}?show=all")
    check_page(page)


def press_in_open(page: Page, name: str) -> None:
    go(page.locator(f"details[open] button[value={name.lower()}]"))


def answer(page: Page, request: str) -> None:
    """Answer a request: first with nothing, then in words."""
    page.goto(request)
    press(page, "Keep the answer")
    must_see(page, "There is a problem")
    page.get_by_label("Yes, all of it").check()
    page.get_by_label("What they were told").fill("We gave it to her.")
    press(page, "Keep the answer")
    must_see(page, "We gave it to her.")


def test_a_steward_writes_down_what_somebody_unknown_asks(page, address, service):
    enter(page, service, address, "sam")
    page.goto(f"{address}/rights/new")
    page.get_by_label("To complain").check()
    page.get_by_label("Who must answer").fill("Head of care")
    press(page, "Write it down")
    must_see(page, "Head of care")
    check_page(page)

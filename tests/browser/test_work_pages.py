"""The pages of stewards, practice, figures and models, in a real browser."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from fastapi import FastAPI
from playwright.sync_api import Page

from models.audit.rows import Entry
from models.ledger.ledger import Ledger, connect_ledger
from models.ledger.link_queue import LinkQuestion, ask
from models.ledger.work_tables import decisions, opinions
from serving.desk.desk import Desk
from tests.browser.judged import check_page
from tests.browser.keyboard import go_by
from tests.browser.served import served
from tests.browser.walking import must_see
from tests.made_up_score import NOW, url_of
from tests.serving.conftest import Service
from tests.serving.made_up_people import people_desk, people_ledger


LAST_MONTH = NOW - dt.timedelta(days=10)
SIDES = {
    "forename": (["Ann"], ["Rose", "Rosie"]),
    "birth_date": (["1944-03-02"], ["1944-03-02"]),
    "postcode": (["AV1 1AA"], []),
}


def app_of(folder: Path) -> FastAPI:
    """Return the application over a folder's ledger."""
    ledger = connect_ledger(url_of(folder))
    return Service(folder, ledger, settings={"insecure_cookies": True}).app()


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Service:
    folder = tmp_path_factory.mktemp("work")
    ledger = people_ledger(folder)
    rest = ("bridge", 1.0, True, SIDES)
    ask(ledger, [LinkQuestion("a" * 16, "person", "health", *rest)], at=NOW)
    _write_months(people_desk(folder, ledger), ledger)
    return Service(folder, ledger)


def _write_months(desk: Desk, ledger: Ledger) -> None:
    about = {"at": LAST_MONTH, "account": 1, "score": "care"}
    done = [
        {**about, "entity_id": f"x{n}", "relation": "own case", "kind": kind}
        for n, kind in enumerate(["visited"] * 12 + ["offered"] * 3 + ["no action"] * 9)
    ]
    wrong: dict[str, Any] = {"kind": "the record is wrong", "partner": "health"}
    said = {**wrong, "record_id": 2, "load": 1, "text": "That was her sister."}
    entries = [
        Entry(LAST_MONTH, "ann", "score", "care", f"x{n}", "prevention", "shown", None)
        for n in range(20)
    ]
    with ledger.writing() as connection:
        connection.execute(sa.insert(decisions), done)
        connection.execute(sa.insert(opinions).values(**about, **said, entity_id="p05"))
        desk.audit.append(connection, *entries)


@pytest.fixture(scope="module")
def address(service: Service) -> Iterator[str]:
    with served(app_of, service.folder) as address:
        yield address


def enter(page: Page, service: Service, address: str, name: str) -> None:
    page.context.clear_cookies()
    cookie = {"name": "lamppost_session", "value": service.session(name)}
    page.context.add_cookies([{**cookie, "url": address}])


@pytest.mark.parametrize(
    ("who", "path"),
    [
        ("sam", "/queue"),
        ("sam", "/queue/nothing"),
        ("ann", "/practice"),
        ("ann", "/practice/5"),
        ("ann", "/practice/1/score"),
        ("ann", "/practice/2/score?view=I cannot tell"),
        ("bea", "/figures"),
        ("bea", "/models"),
    ],
)
def test_a_page_of_work_holds_to_all_that_a_page_must(
    who, path, page, address, service
):
    enter(page, service, address, who)

    page.goto(address + path)

    check_page(page)


def test_what_is_folded_away_on_the_page_of_models_holds_too(page, address, service):
    enter(page, service, address, "bea")
    page.goto(f"{address}/models")

    page.get_by_text("What the model looks at (").click()

    check_page(page)


def test_a_steward_answers_all_that_waits_with_the_keyboard_alone(
    page, address, service
):
    enter(page, service, address, "sam")
    page.goto(f"{address}/queue")

    go_by(page, "Is record 2-1 wrong?")
    check_page(page)
    go_by(page, "It is right as it is")
    check_page(page)
    must_see(page, "Say what you found out")
    page.get_by_label("What you found out").focus()
    page.keyboard.type("We asked the surgery.")
    go_by(page, "It is right as it is")
    must_see(page, "Your answer is kept.")
    go_by(page, "One person or two?")
    check_page(page)
    go_by(page, "Two different ones")

    must_see(page, "Nothing waits for you now.")
    check_page(page)

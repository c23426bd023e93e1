"""What is done on a page before it is judged, so that it comes into a state."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping
from contextlib import closing

from playwright.sync_api import Page

from tests.browser.made_up_day import Day, sign_in
from tests.browser.walking import go, push


# What is done once a page is open, before it is judged.
Steps = Callable[[Page, Day], object]


def press(*names: str) -> Steps:
    """Return the steps of pressing buttons or links, one after the other."""

    def all_pressed(page: Page, _: Day) -> None:
        for name in names:
            pressable = page.locator("main :is(a, button, summary)")
            pressed = pressable.filter(has_text=name).first
            if pressed.evaluate("e => e.tagName === 'SUMMARY'"):
                pressed.click()
            else:
                go(pressed)

    return all_pressed


def filled(fields: Mapping[str, str], button: str) -> Steps:
    """Return the steps of filling in fields and pressing a button."""

    def sent(page: Page, _: Day) -> None:
        for label, text in fields.items():
            page.get_by_label(label, exact=True).fill(text)
        push(page, button)

    return sent


def chosen(label: str, button: str) -> Steps:
    """Return the steps of choosing one of several and pressing a button."""

    def sent(page: Page, _: Day) -> None:
        page.get_by_label(label).check()
        push(page, button)

    return sent


def sought(surname: str, born: str, forename: str = "") -> Steps:
    """Return the steps of a search by name."""
    day, month, year = born.split()
    typed = {"Surname": surname, "Day": day, "Month": month, "Year": year}
    typed |= {"First name": forename}
    return filled(typed, "Find by name")


def then(*steps: Steps) -> Steps:
    """Return steps after steps."""

    def all_of(page: Page, day: Day) -> None:
        for step in steps:
            step(page, day)

    return all_of


def tried(name: str, *passwords: str) -> Steps:
    """Return the steps of trying passwords."""

    def at_door(page: Page, _: Day) -> None:
        for password in passwords:
            sign_in(page, name, password)

    return at_door


def under_rules(**rules: object) -> Steps:
    """Return the steps of loading a page again while the place has other rules."""

    def loaded(page: Page, day: Day) -> None:
        day.keep_rules(**rules)
        try:
            page.reload()
        finally:
            day.keep_rules()

    return loaded


def one_too_many(page: Page, day: Day) -> None:
    """Look at one more than an hour allows."""
    day.keep_rules(views_per_hour=1)
    try:
        page.goto(f"{day.person('u02', 'mia')}/chronology")
    finally:
        day.keep_rules()


def without_writing(page: Page, day: Day) -> None:
    """Load a page while nothing can be written down."""
    with closing(sqlite3.connect(day.folder / "ledger.db")) as other:
        other.execute("begin immediate")
        page.reload()

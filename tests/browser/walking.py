"""How a test walks through pages: as somebody who reads, follows and presses."""

from __future__ import annotations

from playwright.sync_api import Page, Response


def follow(page: Page, name: str) -> None:
    """Click the first link of that name."""
    page.get_by_role("link", name=name).first.click()


def push(page: Page, name: str) -> None:
    """Press the first button of that name."""
    page.get_by_role("button", name=name).first.click()


def asked(page: Page, address: str) -> int:
    """Ask for an address, and return the status."""
    answer = page.goto(address)
    assert isinstance(answer, Response)
    return answer.status


def sees(page: Page, words: str) -> bool:
    """Say whether words can be seen."""
    return page.get_by_text(words).first.is_visible()

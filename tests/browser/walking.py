"""How a test walks through pages: as somebody who reads, follows and presses.

Whatever leads to another page waits until that page is loaded: also one at the same
address, as after a form. What is seen is waited for. What is not to be seen can only be
asked of a page that is there, so after one of these or after something that is seen.
"""

from __future__ import annotations

from playwright.sync_api import Locator, Page, Response, expect


def follow(page: Page, name: str) -> None:
    """Click the first link of that name."""
    go(page.get_by_role("link", name=name).first)


def push(page: Page, name: str) -> None:
    """Press the first button of that name."""
    go(page.get_by_role("button", name=name).first)


def go(leading: Locator) -> None:
    """Click what leads to another page, and wait for that page."""
    with leading.page.expect_navigation():
        leading.click()


def asked(page: Page, address: str) -> int:
    """Ask for an address, and return the status."""
    answer = page.goto(address)
    assert isinstance(answer, Response)
    return answer.status


def must_see(page: Page, words: str) -> None:
    """Fail unless words come to be seen."""
    expect(page.get_by_text(words).first).to_be_visible()


def must_not_see(page: Page, words: str) -> None:
    """Fail if words can be seen anywhere on the page that is open."""
    expect(page.get_by_text(words).filter(visible=True)).to_have_count(0)


def must_be_headed(page: Page, words: str) -> None:
    """Fail unless the page's heading is that."""
    expect(page.get_by_role("heading", level=1)).to_have_text(words)

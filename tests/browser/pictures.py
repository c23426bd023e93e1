"""The pictures of the README: the main pages, over the demonstration's ledger.

`make pictures` runs it after `make demo SERVE=0`. Nobody in Avonmere exists.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from lamppost.demo import TODAY, shipped_place
from lamppost.demo_team import make_team
from lamppost.opened import open_place
from lamppost.service import service_settings
from lamppost.settings import read_settings
from serving.app import create_app
from tests.browser.served import served
from tests.browser.walking import follow, go, push


FOLDER = Path(__file__).parents[2] / "docs" / "pictures"
STORE = Path("var") / "demo-5000-1"
WIDE, HIGH = 1_000, 1_250
CHROMIUM = "/usr/bin/chromium"


def take(store: Path, folder: Path) -> list[Path]:
    """Take all pictures; returns their files."""
    opened = open_place(read_settings(shipped_place("avonmere"), store))
    team = make_team(opened, TODAY)
    settings = service_settings(opened, "127.0.0.1", TODAY)
    folder.mkdir(parents=True, exist_ok=True)
    with served(create_app, settings) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM)
        page = browser.new_page(viewport={"width": WIDE, "height": HIGH})
        taken = []
        for name in _walk(page, address, team.password):
            page.screenshot(path=folder / f"{name}.png")
            taken.append(folder / f"{name}.png")
        browser.close()
    return taken


def _walk(page: Page, address: str, password: str) -> Iterator[str]:
    """Go from page to page as each role would, and name each that is to be taken."""
    page.goto(f"{address}/sign-in")
    yield "sign-in"
    with _signed_in(page, address, "cara", password):
        yield "my-people"
        go(page.locator("main tbody a").first)
        yield "chronology"
        follow(page, "Score:")
        yield "score"
    with _signed_in(page, address, "mona", password):
        page.goto(f"{address}/worklists")
        go(page.locator("main tbody a").first)
        yield "worklist"
    with _signed_in(page, address, "stan", password):
        page.goto(f"{address}/queue")
        yield "queue"


@contextmanager
def _signed_in(page: Page, address: str, name: str, password: str) -> Iterator[None]:
    page.goto(f"{address}/sign-in")
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password", exact=True).fill(password)
    push(page, "Sign in")
    yield
    push(page, "Sign out")


if __name__ == "__main__":
    store = Path(sys.argv[1]) if len(sys.argv) > 1 else STORE
    for path in take(store, FOLDER):
        sys.stdout.write(f"{path.relative_to(Path.cwd())}\n")

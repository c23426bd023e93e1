from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa
from playwright.sync_api import expect
from starlette.types import ASGIApp, Receive, Scope, Send

from models.ledger.access_tables import accounts
from models.settings import OpenIdSettings
from serving.app import ServiceSettings, create_app
from tests.browser.judged import check_page
from tests.browser.served import served
from tests.browser.walking import go, must_see, push
from tests.made_up_score import NOW, TODAY, audit_files, clock, url_of
from tests.open_id_provider import CLIENT, running_provider
from tests.serving.made_up_people import people_ledger


class AtItsAddress:
    """The service, made at the first request: it must know its own address."""

    def __init__(self, folder: Path, open_id: OpenIdSettings) -> None:
        self._folder, self._open_id = folder, open_id
        self._app: ASGIApp | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            return
        if self._app is None:
            settings = ServiceSettings(
                url_of(self._folder),
                audit_files(self._folder),
                today=TODAY,
                insecure_cookies=True,
                public_address=f"http://127.0.0.1:{scope['server'][1]}",
                open_id=self._open_id,
            )
            self._app = create_app(settings, clock=clock)
        await self._app(scope, receive, send)


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    folder = tmp_path_factory.mktemp("open_id")
    with running_provider() as provider:
        (folder / "secret").write_text(provider.secret)
        ledger = people_ledger(folder)
        with ledger.writing() as connection:
            bind = sa.update(accounts).where(accounts.c.name == "ann")
            who = {"issuer": provider.issuer, "subject": "subject-1"}
            connection.execute(bind.values(**who))
        ledger.close()
        open_id = OpenIdSettings(provider.issuer, CLIENT, folder / "secret")
        with served(AtItsAddress, folder, open_id) as address:
            back = f"{address}/oidc/callback"
            provider.control(now=NOW.timestamp(), comes_back_to=back)
            yield address


def test_a_browser_goes_to_the_provider_and_comes_back_signed_in(page, address):
    page.goto(f"{address}/account")
    check_page(page)
    push(page, "Sign in with your work account")

    must_see(page, "Signed in as Ann Example")
    expect(page).to_have_url(f"{address}/account")
    check_page(page)


def test_who_was_signed_in_there_and_leaves_here_is_out_here(page, address):
    page.goto(f"{address}/oidc/start?next=/account")
    go(page.get_by_role("button", name="Sign out", exact=True))

    expect(page).to_have_url(f"{address}/sign-in")
    page.goto(f"{address}/account")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()

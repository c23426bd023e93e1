from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import httpx
import pytest
import sqlalchemy as sa
from argon2 import PasswordHasher
from fastapi import FastAPI

from models.ledger.ledger import Ledger
from models.ledger.tables import views
from serving.access import passwords
from serving.access.accounts import Account, find_account
from serving.access.machine_tokens import Wanted, issue_token
from serving.access.opaque_ids import OpaqueIds
from serving.access.service_keys import KeyFiles, derived, service_key, signing_key
from serving.access.sessions import begin_session, csrf_token
from serving.app import ServiceSettings, create_app
from tests.made_up_score import NOW, TODAY, audit_files, url_of
from tests.serving.made_up_people import caller, people_ledger


T = TypeVar("T")
AUDIENCE = "lamppost:made_up"


@dataclass
class Service:
    """The application over a filled ledger, with a clock that a test may set.

    Whoever asks is named by an account of `made_up_people`: by a token for machines
    under /v1, by a session everywhere else.
    """

    folder: Path
    ledger: Ledger
    now: dt.datetime = NOW
    settings: dict[str, Any] = field(default_factory=dict)
    _kept: tuple[dict[str, Any], FastAPI] | None = None

    @property
    def keys(self) -> KeyFiles:
        return KeyFiles.in_folder(audit_files(self.folder).key_file.parent)

    def app(self) -> FastAPI:
        given = {"today": TODAY, "audience": AUDIENCE, **self.settings}
        files = audit_files(self.folder)
        settings = ServiceSettings(url_of(self.folder), files, **given)
        return create_app(settings, clock=lambda: self.now)

    def _kept_app(self) -> FastAPI:
        """Return one application for all requests, until its settings are others."""
        if self._kept is None or self._kept[0] != self.settings:
            self._kept = dict(self.settings), self.app()
        return self._kept[1]

    def account(self, name: str = "ann") -> Account:
        with self.ledger.reading() as connection:
            found = find_account(connection, name)
        assert found is not None
        return found

    def token(self, name: str = "ann", days: int = 30) -> str:
        """Return a token that a machine holds for an account."""
        wanted = Wanted(self.account(name), "a test", days)
        key = signing_key(self.keys)
        with self.ledger.writing() as connection:
            issued = issue_token(
                connection, wanted, signed_by=key, audience=AUDIENCE, at=NOW
            )
        return issued.token

    def session(self, name: str = "ann") -> str:
        """Return the browser's token of a new session of an account."""
        number = self.account(name).id
        with self.ledger.writing() as connection:
            return begin_session(connection, number, self.now)

    def csrf(self, session: str) -> str:
        """Return what the forms of a session must bring back."""
        return csrf_token(derived(service_key(self.keys.service), "forms"), session)

    def person(self, entity_id: str, name: str = "ann") -> str:
        """Return what stands for somebody in the addresses of an account."""
        ids = OpaqueIds(derived(service_key(self.keys.service), "opaque ids"))
        return ids.seal(caller(name), entity_id)

    def get(self, path: str, **more: Any) -> httpx.Response:
        return self.ask("GET", path, **more)

    def post(self, path: str, **more: Any) -> httpx.Response:
        return self.ask("POST", path, **more)

    def ask(
        self, method: str, path: str, *, token: str | None = None, **more: Any
    ) -> httpx.Response:
        """Ask as a machine of Ann's, or with `token`; an empty one is not sent."""
        token = self.token() if token is None else token
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        headers |= more.pop("headers", {})

        async def asked(client: httpx.AsyncClient) -> httpx.Response:
            return await client.request(method, path, headers=headers, **more)

        return self.talk(asked)

    def page(self, path: str, who: str = "ann") -> httpx.Response:
        """Ask for a page in a new session."""
        return self.browse(self.session(who), "GET", path)

    def send(self, path: str, who: str = "ann", **fields: str) -> httpx.Response:
        """Send a form in a new session."""
        session = self.session(who)
        data = {"csrf": self.csrf(session), **fields}
        return self.browse(session, "POST", path, data=data)

    def browse(
        self, session: str, method: str, path: str, **more: Any
    ) -> httpx.Response:
        """Ask as a browser of a session does."""
        cookies = {"Cookie": f"__Host-lamppost_session={session}"}
        headers = {"Accept": "text/html", **cookies, **more.pop("headers", {})}
        return self.ask(method, path, token="", headers=headers, **more)

    def talk(self, talked: Callable[[httpx.AsyncClient], Awaitable[T]]) -> T:
        """Let a client talk with one application, and end it."""

        async def talk() -> T:
            app = self._kept_app()
            transport = httpx.ASGITransport(app)
            # Its end gives back the connections of its ledger.
            async with (
                app.router.lifespan_context(app),
                httpx.AsyncClient(
                    transport=transport, base_url="https://service"
                ) as client,
            ):
                return await talked(client)

        return asyncio.run(talk())

    def views(self) -> list[tuple[Any, ...]]:
        """Return who did what, about whom, and what became of it, in order."""
        columns = [views.c[n] for n in ("token_name", "action", "score", "entity_id")]
        query = sa.select(*columns, views.c.outcome).order_by(views.c.id)
        with self.ledger.reading() as connection:
            return [tuple(row) for row in connection.execute(query)]


@pytest.fixture
def service(tmp_path):
    return Service(tmp_path, people_ledger(tmp_path))


@pytest.fixture
def quick_hashes(monkeypatch):
    """Hash passwords cheaply: for tests of who gets in, not of how they are kept."""
    quick = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
    monkeypatch.setattr(passwords, "_HASHER", quick)

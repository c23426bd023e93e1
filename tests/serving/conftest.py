from __future__ import annotations

import asyncio
import datetime as dt
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from fastapi import FastAPI

from models.ledger.ledger import Ledger
from models.ledger.tables import views
from serving.access import issue_token
from serving.app import ServiceSettings, create_app
from tests.made_up_score import NOW, audit_files, filled_ledger, url_of


@dataclass
class Service:
    """The application over a filled ledger, with a clock that a test may set."""

    folder: Path
    ledger: Ledger
    now: dt.datetime = NOW
    settings: dict[str, Any] = field(default_factory=dict)

    def app(self) -> FastAPI:
        settings = ServiceSettings(
            url_of(self.folder), audit_files(self.folder), **self.settings
        )
        return create_app(settings, clock=lambda: self.now)

    def token(self, role: str = "machine", days: int = 365) -> str:
        expires = NOW + dt.timedelta(days=days)
        return issue_token(self.ledger, name=f"a {role}", role=role, expires=expires)

    def get(self, path: str, **more: Any) -> httpx.Response:
        return self.ask("GET", path, **more)

    def post(self, path: str, **more: Any) -> httpx.Response:
        return self.ask("POST", path, **more)

    def ask(
        self, method: str, path: str, *, token: str | None = None, **more: Any
    ) -> httpx.Response:
        """Ask as a machine, or as the holder of `token`; an empty one is not sent."""
        token = self.token() if token is None else token
        headers = {**({"Authorization": f"Bearer {token}"} if token else {})}
        headers |= more.pop("headers", {})

        async def asked() -> httpx.Response:
            app = self.app()
            transport = httpx.ASGITransport(app)
            # Its end gives back the connections of its ledger.
            async with (
                app.router.lifespan_context(app),
                httpx.AsyncClient(
                    transport=transport, base_url="http://service"
                ) as client,
            ):
                return await client.request(method, path, headers=headers, **more)

        return asyncio.run(asked())

    def views(self) -> list[tuple[Any, ...]]:
        """Return who did what, about whom, and what became of it, in order."""
        columns = [views.c[n] for n in ("token_name", "action", "score", "entity_id")]
        query = sa.select(*columns, views.c.outcome).order_by(views.c.id)
        with self.ledger.reading() as connection:
            return [tuple(row) for row in connection.execute(query)]


@pytest.fixture
def service(tmp_path):
    return Service(tmp_path, filled_ledger(tmp_path))

"""The pages about people over a made-up ledger, for a caller who is signed in."""

from __future__ import annotations

import html
import re
from pathlib import Path
from types import SimpleNamespace

from fastapi import FastAPI
from starlette.requests import Request

from serving.desk.desk import Desk
from serving.errors import Guard, answer_errors
from serving.pages import (
    assets_served,
    chronology,
    deciding,
    evidence,
    explanation,
    people,
    person,
)
from serving.pages.rendering import Frame
from tests.serving.made_up_people import caller, people_desk


ROUTERS = (assets_served, people, chronology, person, evidence, deciding, explanation)


def people_pages(folder: Path, name: str = "ann", **rules: object) -> FastAPI:
    """Return the application over a new ledger, as somebody sees it."""
    return pages_of(people_desk(folder, **rules), name)


def pages_of(desk: Desk, name: str = "ann") -> FastAPI:
    """Return the application over a desk, as somebody sees it."""
    app = FastAPI(openapi_url=None)
    app.state.desk = desk
    for module in ROUTERS:
        app.include_router(module.router)
    answer_errors(app)

    @app.middleware("http")
    async def let_in(request: Request, go_on):
        request.state.caller = caller(name)
        request.state.session = SimpleNamespace(csrf="t")
        here = "page" if request.url.path == "/people" else ""
        navigation = (("My people", "/people", here),)
        request.state.frame = Frame(
            "Made-up Borough", "Everyone here is made up.", navigation, "Ann", "t"
        )
        return await go_on(request)

    app.add_middleware(Guard)
    return app


def text_of(page: str) -> str:
    """Return what a page says, without its markup and with single spaces."""
    body = re.sub(r"<(script|select)\b.*?</\1>", " ", page, flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", body)).split())

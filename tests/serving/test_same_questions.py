"""Absent and forbidden are one answer, found by the same questions to the ledger.

How long an answer takes follows from what is asked; no test could tell it by the clock.
"""

from __future__ import annotations

import re
import sqlite3
import threading
from collections.abc import Iterator

import httpx
import pytest
import sqlalchemy as sa
from fastapi.routing import APIRoute, iter_route_contexts

from tests.serving.conftest import Service


_VALUE = re.compile(r"[xX]?'(?:[^']|'')*'|\bNULL\b|\b\d[\d.]*\b")


class Questions:
    """What requests put to a database, without values."""

    def __init__(self) -> None:
        self._put: list[str] = []

    def taken(self) -> list[str]:
        """Return what was put since the last time."""
        put, self._put = self._put, []
        return put

    def listen(self, connection: sqlite3.Connection, _: object) -> None:
        connection.set_trace_callback(self._note)

    def _note(self, text: str) -> None:
        # Another thread anchors meanwhile; and to connect is not to ask.
        is_request = threading.current_thread().name.startswith("AnyIO")
        if is_request and not text.startswith("PRAGMA"):
            self._put.append(_VALUE.sub("?", text))


@pytest.fixture
def asked() -> Iterator[Questions]:
    asked = Questions()
    sa.event.listen(sa.Pool, "connect", asked.listen)
    yield asked
    sa.event.remove(sa.Pool, "connect", asked.listen)


def paths(service: Service) -> list[str]:
    """Return what is asked for about a person, with all else as it should be."""
    found = []
    for route in iter_route_contexts(service.app().routes):
        original = route.original_route
        is_asked = isinstance(original, APIRoute) and "GET" in (route.methods or ())
        # The first page of a person leads on, and reads nothing.
        if is_asked and "{person}" in route.path and route.path != "/people/{person}":
            found.append(route.path)
    return found


def allowed(service: Service, path: str, who: str) -> dict[str, str]:
    """Return the headers by which an account gets in there."""
    if path.startswith("/v1"):
        return {"Authorization": f"Bearer {service.token(who)}"}
    cookie = f"__Host-lamppost_session={service.session(who)}"
    return {"Accept": "text/html", "Cookie": cookie}


def test_an_id_of_somebody_forgotten_is_not_written_down_again(service):
    gone = service.person("nobody at all")

    statuses = [
        service.get(f"/v1/people/{gone}").status_code,
        service.page(f"/people/{gone}/chronology").status_code,
        service.get(f"/v1/people/{service.person('p03')}").status_code,
    ]

    assert statuses == [404, 404, 404]
    assert [view[3] for view in service.views()] == [None, None, "p03"]


@pytest.mark.parametrize(("who", "forbidden"), [("ann", "p03"), ("mia", "p01")])
def test_who_is_not_there_takes_the_questions_that_who_is_forbidden_takes(
    service, asked, who, forbidden
):
    ids = {
        "forbidden": service.person(forbidden, who),
        "another account's": service.person(forbidden, "ben"),
        "of nobody": service.person("nobody at all", who),
        "no id": "A" * 64,
    }
    filled = {"score": "care", "indicator": "visits_365d"}

    async def talked(client: httpx.AsyncClient) -> None:
        for path in paths(service):
            headers, told = allowed(service, path, who), {}
            # The first of all asks of what version the tables are, the next anchors.
            for name, one in [("", "first"), ("", "next"), *ids.items()]:
                asked.taken()
                answer = await client.get(
                    path.format(person=one, **filled), headers=headers
                )
                told[name] = (answer.status_code, asked.taken())
            assert told["forbidden"][0] in (403, 404), path
            assert told["forbidden"][1], path
            for name in ids:
                assert told[name] == told["forbidden"], (path, name)

    service.talk(talked)

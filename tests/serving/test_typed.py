"""What a caller types is nowhere in the ledger, whichever address it is typed into."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from fastapi.routing import APIRoute, iter_route_contexts

from models.ledger.tables import metadata
from serving.access.roles import Role
from tests.serving.conftest import Service
from tests.serving.matrix_people import WHO, write_relations, write_work


# Somebody whom no partner knows, so that nothing of the kind is there already.
PERSON = {
    "name": "Edith Smithson",
    "number": "943 476 5919",
    "born": "1931-07-19",
    "all": "Edith Smithson 943 476 5919",
}


def typed_into(service: Service, who: str) -> Iterator[tuple[str, Mapping[str, str]]]:
    """Yield addresses of every GET route with what was typed, parameter by parameter.

    The others are as they should be, so that a route comes as far as it can.
    """
    ada = service.person("p05", who)
    plain = {"person": ada, "score": "care", "indicator": "visits_365d"}
    plain |= {"worklist": "1", "number": "1", "pack": "1", "item": "none"}
    for route in iter_route_contexts(service.app().routes):
        original = route.original_route
        if "GET" not in (route.methods or ()) or not isinstance(original, APIRoute):
            continue
        taken = original.dependant
        in_path = [field.alias for field in taken.path_params]
        filled = {name: plain.get(name, "1") for name in in_path}
        for text in PERSON.values():
            for name in in_path:
                yield route.path.format(**filled | {name: text}), {}
            for field in taken.query_params:
                yield route.path.format(**filled), {field.alias: text}


def everything_in(service: Service) -> str:
    """Return all that every table of the ledger holds, as one text."""
    with service.ledger.reading() as connection:
        tables = metadata.sorted_tables
        return str([connection.execute(sa.select(t)).all() for t in tables])


@pytest.mark.parametrize("role", WHO)
def test_what_was_typed_is_nowhere_in_the_ledger(service, role: Role):
    with service.ledger.writing() as connection:
        write_relations(connection)
        write_work(connection)
    token, session = service.token(WHO[role]), service.session(WHO[role])
    ways: list[dict[str, Any]] = [
        {"Authorization": f"Bearer {token}"},
        {"Accept": "text/html", "Cookie": f"__Host-lamppost_session={session}"},
    ]
    typed = list(typed_into(service, WHO[role]))

    async def talk(client: httpx.AsyncClient) -> int:
        for path, query in typed:
            way = ways[0] if path.startswith("/v1") else ways[1]
            await client.get(path, params=query, headers=way)
        return len(typed)

    assert service.talk(talk) > 100

    written = everything_in(service)
    assert [text for text in PERSON.values() if text in written] == []

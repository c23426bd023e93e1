"""Who may do what about whom: every route, every role, every relation.

The routes are those of the application itself, so that a new one without a rule fails.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from fastapi.routing import iter_route_contexts

from models.ledger.tables import views
from serving.access.roles import ROLES, Caller, Role
from tests.made_up_score import bundle, close_ledgers, new_ledger
from tests.serving.conftest import Service
from tests.serving.made_up_people import people_ledger
from tests.serving.matrix_people import (
    HELD,
    NUMBERED,
    RELATIONS,
    WHO,
    numbers,
    write_relations,
    write_work,
)
from tests.serving.matrix_rules import OF_THE_SERVICE, OPEN, RULES, Rule


_NONCE = re.compile(r"nonce(-|=\")[\w-]+")


@dataclass
class Asked:
    """One request of the matrix, and what came of it."""

    role: Role
    relation: str
    answer: httpx.Response

    @property
    def told(self) -> tuple[str, str, int]:
        return self.role, self.relation, self.answer.status_code


@dataclass
class Remembering(Service):
    """A service that lets each account in once: to get in costs as much as to ask."""

    ways: dict[tuple[str, str], str] = field(default_factory=dict)

    def token(self, name: str = "ann", days: int = 30) -> str:
        if ("token", name) not in self.ways:
            self.ways["token", name] = super().token(name, days)
        return self.ways["token", name]

    def session(self, name: str = "ann") -> str:
        if ("session", name) not in self.ways:
            self.ways["session", name] = super().session(name)
        return self.ways["session", name]


@pytest.fixture(scope="module")
def prepared(tmp_path_factory) -> Iterator[Service]:
    """A ledger with every relation in it, which tests copy."""
    folder = tmp_path_factory.mktemp("matrix")
    ledger = people_ledger(folder, bundle(capacity=3))
    with ledger.writing() as connection:
        write_relations(connection)
        write_work(connection)
    ledger.close()
    yield Service(folder, ledger)
    close_ledgers()


@pytest.fixture
def service(prepared, tmp_path) -> Service:
    folder = tmp_path / "copy"
    shutil.copytree(prepared.folder, folder)
    return Remembering(folder, new_ledger(folder))


def in_path(
    service: Service, role: Role, person: str, whose: str = "one's own"
) -> Mapping[str, Any]:
    """Return what stands in a path: a person's opaque id, and numbers of somebody's."""
    items = {"one's own": "record 1", "another's": "record 2", "nobody's": "record 99"}
    item = service.person(items[whose], WHO[role])
    plain = {"score": "care", "indicator": "visits_365d", "item": item}
    return {**plain, **numbers(role, whose), "person": person}


def routes(service: Service) -> set[str]:
    """Return every method and path of the application."""
    return {
        f"{method} {route.path}"
        for route in iter_route_contexts(service.app().routes)
        for method in set(route.methods or ()) - {"HEAD"}
    }


async def ask(
    client: httpx.AsyncClient,
    service: Service,
    route: str,
    role: Role,
    given: Mapping[str, Any],
) -> httpx.Response:
    """Ask for a route as a role, with what stands in its path."""
    rule, who = RULES[route], WHO[role]
    method, path = route.split(" ")
    filled = path.format(**given)
    text = json.dumps(dict(rule.body)).replace("{person}", given["person"])
    body = json.loads(text.replace("{account}", who))
    if path.startswith("/v1"):
        headers = {"Authorization": f"Bearer {service.token(who)}"}
        key = f"{role} {filled} {text}".encode()
        headers["Idempotency-Key"] = hashlib.sha256(key).hexdigest()
        more = {"json": body} if method == "POST" else {}
        return await client.request(method, filled, headers=headers, **more)
    session = service.session(who)
    headers = {"Accept": "text/html", "Cookie": f"__Host-lamppost_session={session}"}
    form = {key: value for key, value in body.items() if value is not None}
    data = {"csrf": service.csrf(session), **form}
    more = {"data": data} if method == "POST" else {}
    return await client.request(method, filled, headers=headers, **more)


def may(rule: Rule, role: Role) -> bool:
    """Say whether a role may do at all what a route does."""
    number, name = list(ROLES).index(role) + 1, WHO[role]
    return rule.action is None or Caller(number, name, role).may(rule.action)


def expected(rule: Rule, role: Role, relation: str) -> int:
    """Return what a role is answered about somebody of a relation, or a number."""
    if not may(rule, role):
        return 403
    if rule.whose == "related" and relation not in HELD.get(role, frozenset()):
        return 404
    if relation == "nobody's":
        return 404
    if relation == "another's":
        return rule.of_others
    return rule.but.get(role, rule.ok)


def relations(rule: Rule) -> Sequence[str]:
    """Return the relations, or whose numbers, can matter to a route."""
    if rule.whose == "numbered":
        return NUMBERED
    return ["none"] if rule.whose == "nobody" else list(RELATIONS)


def given_for(
    service: Service, rule: Rule, role: Role, relation: str
) -> Mapping[str, Any]:
    """Return what stands in a path for somebody of a relation, or whose number."""
    if rule.whose == "numbered":
        return in_path(service, role, "none", relation)
    return in_path(service, role, service.person(RELATIONS[relation], WHO[role]))


def newest_view(service: Service) -> sa.Row[Any]:
    query = sa.select(views).order_by(views.c.id.desc()).limit(1)
    with service.ledger.reading() as connection:
        return connection.execute(query).one()


def count_views(service: Service) -> int:
    with service.ledger.reading() as connection:
        query = sa.select(sa.func.count()).select_from(views)
        return connection.execute(query).scalar_one()


def test_every_route_has_a_rule_and_every_rule_a_route(service):
    found = routes(service) - OPEN - OF_THE_SERVICE

    assert found == RULES.keys()


@pytest.mark.parametrize("route", RULES)
def test_a_route_answers_each_role_and_relation_by_its_rule(service, route):
    rule = RULES[route]

    async def talk(client: httpx.AsyncClient) -> list[Asked]:
        found = []
        for role in WHO:
            for relation in relations(rule):
                given = given_for(service, rule, role, relation)
                before = count_views(service)
                answer = await ask(client, service, route, role, given)
                found.append(Asked(role, relation, answer))
                if answer.status_code in (403, 404) and rule.is_on_record:
                    _check_row(service, before, found[-1], rule)
        return found

    asked = service.talk(talk)

    wrong = [
        one.told
        for one in asked
        if one.answer.status_code != expected(rule, one.role, one.relation)
    ]
    assert wrong == []


def _check_row(service: Service, before: int, one: Asked, rule: Rule) -> None:
    """A look that was denied leaves a row: by whom, and about whom it was meant."""
    row = newest_view(service)
    outcome = {403: "refused", 404: "absent"}[one.answer.status_code]
    assert count_views(service) == before + 1, one.told
    assert (row.token_name, row.outcome) == (WHO[one.role], outcome), one.told
    if one.answer.status_code == 404 and rule.whose == "related":
        assert row.entity_id == RELATIONS[one.relation], one.told


def test_nobody_gets_in_anywhere_without_signing_in(service):
    person = service.person(RELATIONS["own"], "ann")

    async def talk(client: httpx.AsyncClient) -> dict[str, str]:
        found = {}
        for route in RULES:
            method, path = route.split(" ")
            filled = path.format(**in_path(service, "manager", person))
            headers = {"Accept": "text/html"}
            answer = await client.request(method, filled, headers=headers)
            to = answer.headers.get("location", "").partition("?")[0]
            found[route] = f"{answer.status_code} {to}".strip()
        return found

    answers = service.talk(talk)

    assert {a for r, a in answers.items() if " /v1" in r} == {"401"}
    assert {a for r, a in answers.items() if " /v1" not in r} == {"303 /sign-in"}
    assert count_views(service) == 0


NOT_THERE = [r for r, rule in RULES.items() if rule.whose in ("related", "numbered")]


def ways_to_nothing(
    service: Service, rule: Rule, role: Role
) -> Iterator[Mapping[str, Any]]:
    """Yield what stands in a path for what is not there, or not for a role."""
    if rule.whose == "numbered":
        others = ["another's"] if rule.of_others == 404 else []
        for whose in (*others, "nobody's"):
            yield in_path(service, role, "none", whose)
        return
    who = WHO[role]
    for nobody in (RELATIONS["none"], RELATIONS["other team"], "nobody at all"):
        yield in_path(service, role, service.person(nobody, who))
    another = "ben" if who == "ann" else "ann"
    yield in_path(service, role, service.person(RELATIONS["own"], another))
    yield in_path(service, role, "no-id")


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("route", NOT_THERE)
def test_absent_and_forbidden_are_the_same_answer(service, route, role):
    rule = RULES[route]

    async def talk(client: httpx.AsyncClient) -> list[httpx.Response]:
        ways = ways_to_nothing(service, rule, role)
        return [await ask(client, service, route, role, given) for given in ways]

    seen = [_plain(answer) for answer in service.talk(talk)]

    assert {status for status, _, _ in seen} == {404 if may(rule, role) else 403}
    assert all(one == seen[0] for one in seen)


def _plain(answer: httpx.Response) -> tuple[int, dict[str, str], str]:
    """Return an answer without what differs from one request to the next."""
    headers = {k: _NONCE.sub("", v) for k, v in answer.headers.items()}
    number = headers.pop("x-request-id", "") or "no request id"
    body = _NONCE.sub("", answer.text).replace(number, "")
    return answer.status_code, headers, body

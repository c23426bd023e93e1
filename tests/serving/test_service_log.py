"""The log of the whole service, asked for people by workers of all roles."""

from __future__ import annotations

import io
import json
import logging

import pytest

from serving.logs import JsonLines
from tests.serving.made_up_people import ACCOUNTS, NAMES


@pytest.fixture
def log():
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonLines())
    ours = logging.getLogger("serving")
    before = ours.level
    logging.getLogger().addHandler(handler)
    ours.setLevel(logging.INFO)
    yield stream
    logging.getLogger().removeHandler(handler)
    ours.setLevel(before)


def _ask_for_everybody(service):
    """Return the ids that stood in addresses."""
    asked = []
    for name in ACCOUNTS:
        token = service.token(name)
        for entity_id in NAMES:
            person = service.person(entity_id, name)
            asked.append(person)
            service.get(f"/v1/people/{person}?name={NAMES[entity_id][1]}", token=token)
        service.page(f"/people/{asked[-1]}/score/care", name)
        service.send("/people", name, name="Quill", birth_date="1938-01-17")
        service.get(f"/{'/'.join(NAMES['p05'])}", token=token)
    return asked


def test_it_names_nobody_who_was_asked_for_and_nobody_who_asked(service, log):
    asked = _ask_for_everybody(service)

    text = log.getvalue()

    lines = [json.loads(line) for line in text.splitlines()]
    assert len(lines) > len(asked)
    assert {line["role"] for line in lines if line["role"]} == {
        role for _, role, _ in ACCOUNTS.values()
    }
    of_people = {part for names in NAMES.values() for part in names if len(part) > 3}
    # Shorter ones stand by chance within an id of a request.
    ids = {f"{mark}{name}" for name in NAMES for mark in '"/ '}
    for value in {*of_people, *ids, *asked, "W1000", "C-1000"}:
        assert value not in text
    for name in ACCOUNTS:
        assert f'"{name}"' not in text

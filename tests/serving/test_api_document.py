"""The document of the API: complete, true, and with a heading for each route."""

from __future__ import annotations

import re
from pathlib import Path

import jsonschema
import pytest

from serving.api.document import operations
from tests.serving.api_examples import PERSON
from tests.serving.conftest import Service
from tests.serving.made_up_people import people_ledger


PAGE = Path(__file__).parents[2] / "docs" / "api.md"
JSON, PROBLEM = "application/json", "application/problem+json"
# What may become of any question that needs a token.
ALWAYS = {"200", "401", "403", "404", "408", "413", "422", "429", "503"}


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    """One service for all: nothing here changes it."""
    folder = tmp_path_factory.mktemp("document")
    return Service(folder, people_ledger(folder))


@pytest.fixture(scope="module")
def document(service):
    return service.get("/openapi.json").json()


@pytest.fixture(scope="module")
def routes(document):
    return dict(operations(document))


@pytest.fixture(scope="module")
def guarded(routes):
    return {name: told for name, told in routes.items() if " /v1" in name}


def fits(document, schema, example):
    """Validate an example as any reader of the document would."""
    jsonschema.Draft202012Validator(
        {**schema, "components": document["components"]}
    ).validate(example)


def test_the_document_is_for_holders_of_a_token(service):
    assert service.get("/openapi.json", token="").status_code == 401


def test_no_page_fetches_a_program_from_elsewhere(service):
    assert service.get("/docs").status_code == 404


def test_every_route_has_a_summary_and_a_description(routes):
    for name, told in routes.items():
        assert re.fullmatch(r"[A-Z].{10,}[^.]", told["summary"]), name
        assert told["description"], name


def test_every_parameter_is_described(routes):
    bare = [
        (name, taken["name"])
        for name, told in routes.items()
        for taken in told.get("parameters", ())
        if not taken.get("description")
    ]

    assert bare == []


def test_every_route_has_an_example_that_fits(document, routes):
    for told in routes.values():
        answered = told["responses"]["200"]["content"][JSON]
        fits(document, answered["schema"], answered["example"])


def test_every_body_has_an_example_that_fits(document, routes):
    bodies = [
        told["requestBody"]["content"][JSON]
        for told in routes.values()
        if "requestBody" in told
    ]

    assert len(bodies) >= 10
    for body in bodies:
        fits(document, body["schema"], body["example"])


def test_every_status_is_declared(guarded):
    for name, told in guarded.items():
        more = {"400"} if "requestBody" in told else set()
        assert set(told["responses"]) >= ALWAYS | more, name


def test_a_score_may_be_as_it_was_and_a_state_may_stand_for_one(guarded):
    score = "GET /v1/people/{person}/scores/{score}"

    assert "304" in guarded[score]["responses"]
    assert "409" in guarded[f"{score}/evidence/{{indicator}}"]["responses"]
    assert "409" in guarded["POST /v1/worklists"]["responses"]


def test_every_problem_is_declared_as_one_with_an_example(document, guarded):
    for told in guarded.values():
        for status, response in told["responses"].items():
            if int(status) >= 400:
                (problem,) = response["content"].values()
                assert set(response["content"]) == {PROBLEM}
                fits(document, problem["schema"], problem["example"])
                assert problem["example"]["status"] == int(status)


def test_every_write_takes_a_key(guarded):
    changes_nothing = {
        *("POST /v1/find", "POST /v1/links", "POST /v1/scores/{score}/explain")
    }

    for name, told in guarded.items():
        taken = {one["name"].lower() for one in told.get("parameters", ())}
        is_write = name.startswith("POST") and name not in changes_nothing
        assert ("idempotency-key" in taken) == is_write, name


def test_a_token_is_declared_where_one_is_needed(document, routes):
    assert document["components"]["securitySchemes"]["token"]["scheme"] == "bearer"
    for name, told in routes.items():
        assert bool(told["security"]) == (" /v1" in name)


def test_no_example_holds_an_id_that_could_be_opened(document, service):
    ids = re.findall(r"'person': '([^']+)'", str(document))

    assert set(ids) == {PERSON}


def test_every_route_has_its_heading(routes):
    told = set(re.findall(r"(?m)^### `([A-Z]+ /[^`]*)`$", PAGE.read_text()))

    assert told == set(routes)


def test_every_status_is_told_on_the_page(routes):
    told = set(re.findall(r"(?m)^\| (\d{3}) \|", PAGE.read_text()))

    assert told == {status for one in routes.values() for status in one["responses"]}

"""What holds for every question to the API: parameters, pages, tags, problems."""

from __future__ import annotations

import jsonschema
import pytest

from serving.schemas.problems import ProblemAnswer
from tests.serving.conftest import Service
from tests.serving.made_up_people import people_ledger


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    """One service for all: nothing here changes it."""
    folder = tmp_path_factory.mktemp("asking")
    return Service(folder, people_ledger(folder))


def paths(service):
    person = f"/v1/people/{service.person('p05')}"
    score = f"{person}/scores/care"
    told = ("/history", "/evidence/visits_365d")
    return [
        *("/v1/people", "/v1/scores", person, score),
        *(score + more for more in told),
        *(person + more for more in ("/chronology", "/decisions", "/opinions")),
    ]


def test_a_parameter_that_nobody_declared_is_refused_and_not_repeated(service):
    for path in paths(service):
        answer = service.get(f"{path}?surname=Quill")

        assert answer.status_code == 422, path
        assert answer.json()["faults"][0]["where"] == "query"
        assert "Quill" not in answer.text and "surname" not in answer.text


def test_a_write_takes_no_parameter_either(service):
    answer = service.post("/v1/scores/care/explain?fell=yes", json={"values": {}})

    assert answer.status_code == 422


def test_a_parameter_stands_there_once(service):
    assert service.get("/v1/people?limit=1&limit=2").status_code == 422


@pytest.mark.parametrize("path", ["/v1/people", "/v1/people/{}/chronology"])
@pytest.mark.parametrize(
    "query", ["limit=0", "limit=201", "offset=-1", "limit=x", "limit=", "offset=1e9"]
)
def test_a_page_has_its_limits(service, path, query):
    path = path.format(service.person("p05"))

    assert service.get(f"{path}?{query}").status_code == 422


def test_the_links_lead_through_everybody_once_and_back(service):
    address, seen = "/v1/people?limit=5&order=name", []
    while address:
        answer = service.get(address)
        seen += [one["person"] for one in answer.json()["people"]]
        address, last = answer.links.get("next", {}).get("url"), answer

    assert len(seen) == len(set(seen)) == last.json()["total"] == 11
    assert last.links["prev"]["url"] == "/v1/people?limit=5&order=name&offset=5"


def test_a_list_on_one_page_links_to_no_other(service):
    assert "link" not in service.get("/v1/people").headers


def test_a_chronology_links_with_its_filter(service):
    path = f"/v1/people/{service.person('p05')}/chronology"

    answer = service.get(f"{path}?source=visits&limit=3&offset=3")

    assert answer.links["next"]["url"] == f"{path}?source=visits&limit=3&offset=6"
    assert answer.links["prev"]["url"] == f"{path}?source=visits&limit=3&offset=0"


def test_who_has_the_score_already_is_told_so_and_is_on_record(service):
    path = f"/v1/people/{service.person('p05')}/scores/care"
    first = service.get(path)
    before = len(service.views())

    again = service.get(path, headers={"If-None-Match": first.headers["etag"]})
    other = service.get(path, headers={"If-None-Match": '"another"'})

    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]
    assert (other.status_code, other.json()) == (200, first.json())
    assert len(service.views()) == before + 2


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/v1/people/nobody", 404),
        ("GET", "/v1/queue", 403),
        ("GET", "/v1/people?limit=0", 422),
        ("GET", "/v1/people?colour=red", 422),
        ("POST", "/v1/people/nobody/decisions", 422),
        ("POST", "/v1/scores/care/explain", 422),
        ("GET", "/v1/people/{stated}/scores/care/evidence/fell", 409),
        ("DELETE", "/v1/people", 405),
    ],
)
def test_a_problem_is_as_it_is_declared(service, method, path, status):
    address = path.format(stated=service.person("s02"))

    answer = service.ask(method, address)

    assert answer.status_code == answer.json()["status"] == status
    assert answer.headers["content-type"] == "application/problem+json"
    jsonschema.validate(answer.json(), ProblemAnswer.model_json_schema())

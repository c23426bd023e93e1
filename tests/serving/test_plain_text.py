"""U+0000: a database on a server takes none, so nobody's request may hold one."""

from __future__ import annotations

import pytest

from tests.serving.conftest import Service
from tests.serving.made_up_people import people_ledger


pytestmark = pytest.mark.usefixtures("each_database")

NUL = "\0"
KEY = {"Idempotency-Key": "a-key-of-mine"}


@pytest.fixture
def service(tmp_path):
    return Service(tmp_path, people_ledger(tmp_path))


@pytest.mark.parametrize(
    "path", ["/v1/people?score=%00", "/v1/people?band=a%00b", "/v1/people?%00=1"]
)
def test_a_query_that_holds_one_is_refused(service, path):
    answer = service.get(path)

    assert answer.status_code == 422
    assert answer.json()["faults"][0]["got"] == "U+0000"


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/v1/find", {"case_reference": NUL}),
        ("/v1/find", {"surname": f"Oakes{NUL}", "born": "1941-05-30"}),
        ("/v1/links", {"case_reference": f"C{NUL}"}),
    ],
)
def test_a_body_that_holds_one_is_refused(service, path, body):
    answer = service.post(path, json=body, headers=KEY)

    assert (answer.status_code, service.views()) == (422, [])


def test_a_kind_of_content_that_only_begins_like_a_form_hides_none(service):
    kind = {**KEY, "content-type": "application/x-www-form-urlencoded+json"}
    body = rb'{"case_reference": "C\u0000"}'

    answer = service.post("/v1/find", content=body, headers=kind)

    assert (answer.status_code, service.views()) == (422, [])


def test_a_form_that_holds_one_is_refused_at_a_page_of_ours(service):
    answer = service.send("/find", surname=NUL, day="30", month="5", year="1941")

    assert answer.status_code == 422
    assert "may hold any letter or sign but" in answer.text


@pytest.mark.parametrize("path", ["/v1/people/%00", "/v1/people/a%00b/scores/care%00"])
def test_nothing_is_found_under_a_path_that_holds_one(service, path):
    assert service.get(path).status_code == 404


def test_a_stranger_is_asked_who_they_are_before_anything(service):
    answer = service.post("/v1/find", json={"surname": NUL}, token="none")

    assert answer.status_code == 401


def test_what_only_looks_like_one_is_taken(service):
    said = {"case_reference": r"C-90%00 \u0000"}

    assert service.post("/v1/find", json=said, headers=KEY).status_code != 422

from __future__ import annotations

import pytest

from models.ledger.link_queue import LinkQuestion, ask
from tests.made_up_score import NOW
from tests.serving.conftest import Service
from tests.serving.made_up_people import people_ledger


WRONG = {
    "score": "care",
    "kind": "the record is wrong",
    "record": "2-1",
    "text": "that was her sister",
}


@pytest.fixture
def service(tmp_path):
    return Service(tmp_path, people_ledger(tmp_path))


def write(service, path, who="ann", key="a-key-of-mine", **body):
    headers = {"Idempotency-Key": key}
    return service.post(path, token=service.token(who), json=body, headers=headers)


def test_a_decision_sent_twice_is_kept_once(service):
    path = f"/v1/people/{service.person('p05')}/decisions"
    body = {"score": "care", "kind": "offered", "what": "a falls class"}

    first = write(service, path, **body)
    again = write(service, path, **body)
    other = write(service, path, **{**body, "what": "something else"})
    kept = service.get(path).json()["decisions"]

    assert (first.status_code, again.status_code, other.status_code) == (200, 200, 422)
    assert first.json() == again.json() == kept[0]
    assert len(kept) == 1


def test_an_opinion_goes_to_the_steward_and_comes_back_with_an_answer(service):
    path = f"/v1/people/{service.person('p05')}/opinions"
    sam = service.token("sam")

    said = write(service, path, **WRONG)
    [item] = service.get("/v1/queue", token=sam).json()["items"]
    one = service.get(f"/v1/queue/{item['item']}", token=sam).json()
    verdict = {"verdict": "corrected by the partner", "text": "moved"}
    answered = write(service, f"/v1/queue/{item['item']}/answer", "sam", **verdict)
    [told] = service.get(path).json()["opinions"]

    assert said.json()["answer"] is None
    assert one == item
    assert answered.json()["verdict"] == verdict["verdict"]
    assert told["answer"]["text"] == "moved"


def test_a_link_is_decided_through_the_api(service):
    sides = {"forename": (["Ann"], ["Rose"])}
    question = LinkQuestion("a" * 16, "person", "health", "tie", 1.0, False, sides)
    ask(service.ledger, [question], at=NOW)
    sam = service.token("sam")

    [item] = service.get("/v1/queue", token=sam).json()["items"]
    done = write(service, f"/v1/queue/{item['item']}/answer", "sam", verdict="same")

    assert item["link"]["sides"][0]["left"] == ["Ann"]
    assert done.status_code == 200
    assert service.get("/v1/queue", token=sam).json()["total"] == 0


@pytest.mark.parametrize(
    ("body", "where"),
    [
        ({**WRONG, "text": None}, "text"),
        ({**WRONG, "record": None}, "record"),
        ({**WRONG, "kind": "perhaps"}, "body.kind"),
        ({**WRONG, "text": "x" * 4_001}, "body.text"),
        ({"kind": "agree"}, "score"),
    ],
)
def test_what_does_not_fit_is_refused_without_its_words(service, body, where):
    found = write(service, f"/v1/people/{service.person('p05')}/opinions", **body)

    assert found.status_code == 422
    assert where in {fault["where"] for fault in found.json()["faults"]}
    assert "sister" not in found.text


def test_a_record_of_somebody_else_is_as_absent_as_one_that_is_not_there(service):
    path = f"/v1/people/{service.person('p05')}/opinions"

    others = write(service, path, **{**WRONG, "record": "201-1"})
    none = write(service, path, **{**WRONG, "record": "9999-1"})

    assert others.status_code == none.status_code == 404
    assert others.json() == none.json()


@pytest.mark.parametrize(
    ("path", "may"),
    [
        ("/v1/queue", {"sam"}),
        ("/v1/scores", {"ann", "ben", "mia", "nat", "bea"}),
        ("/v1/figures", {"mia", "nat", "bea"}),
    ],
)
def test_each_role_gets_what_it_needs_and_no_more(service, path, may):
    who = ("ann", "ben", "mia", "nat", "sam", "bea", "oli")

    found = {
        one
        for one in who
        if service.get(path, token=service.token(one)).status_code == 200
    }

    assert found == may

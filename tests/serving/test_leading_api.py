from __future__ import annotations

import pytest

from tests.made_up_score import bundle
from tests.serving.conftest import Service
from tests.serving.made_up_people import people_ledger


DI = {"birth_date": "1941-05-30", "surname": "Oakes"}
REASON = "Called from the ward, must know about falls now"


@pytest.fixture
def service(tmp_path):
    return Service(tmp_path, people_ledger(tmp_path, bundle(capacity=3)))


def write(service, path, who="ann", key="a-key-of-mine", **body):
    headers = {"Idempotency-Key": key} if key else {}
    return service.post(path, token=service.token(who), json=body, headers=headers)


def test_a_call_comes_in_and_its_person_is_found_and_looked_at(service):
    found = service.post("/v1/find", json=DI).json()
    person = found["person"]
    before = service.get(f"/v1/people/{person}")

    given = write(service, "/v1/contacts", person=person, reference="CALL-9")

    assert (found["found"], found["relation"]) == ("one person", None)
    assert before.status_code == 404
    assert given.json()["relation"]["kind"] == "contact"
    assert service.get(f"/v1/people/{person}").status_code == 200


def test_a_manager_draws_gives_out_and_reads_what_came_of_it(service):
    mia = service.token("mia")
    drawn = write(service, "/v1/worklists", "mia", score="care").json()
    path = f"/v1/worklists/{drawn['worklist']}"

    write(service, f"{path}/allocations", "mia", "key-no-2", number=2, account="ann")
    line = service.get(path, token=mia).json()["lines"][1]
    mine = service.get(f"/v1/people/{service.person('p03')}")
    write(service, f"{path}/allocations", "mia", "key-no-3", number=2, account=None)

    assert drawn["people"] == 3
    assert line["worker"] == "Ann Example"
    assert mine.json()["relation"]["kind"] == "allocated"
    assert service.get(f"/v1/people/{service.person('p03')}").status_code == 404


def test_break_glass_tells_the_manager(service):
    body = {"person": service.person("p01"), "reason": REASON, "purpose": "safety"}

    write(service, "/v1/break-glass", **body)
    alerts = service.get("/v1/alerts", token=service.token("mia")).json()
    seen = write(service, f"/v1/alerts/{alerts['alerts'][0]['id']}/seen", "mia")

    assert alerts["unseen"] == 1
    assert seen.status_code == 200
    assert service.get("/v1/alerts", token=service.token("mia")).json()["unseen"] == 0


def test_the_same_write_again_is_answered_as_before(service):
    first = write(service, "/v1/worklists", "mia", score="care", size=1)
    again = write(service, "/v1/worklists", "mia", score="care", size=1)

    assert again.status_code == 200
    assert again.json() == first.json()
    assert again.headers["idempotency-replayed"] == "true"


def test_a_key_that_was_used_for_something_else_is_refused(service):
    write(service, "/v1/worklists", "mia", score="care", size=1)
    other = write(service, "/v1/worklists", "mia", score="care", size=2)

    assert other.status_code == 422
    assert other.json()["faults"][0]["where"] == "header.idempotency-key"


@pytest.mark.parametrize("key", [None, "short", "ä" * 9, "x" * 201])
def test_a_write_needs_a_key(service, key):
    encoded = key.encode() if key else None
    body = {"person": service.person("p03"), "reference": "CALL-9"}
    headers = {"Idempotency-Key": encoded} if encoded else {}

    answer = service.post("/v1/contacts", json=body, headers=headers)

    assert answer.status_code == 422


def test_a_link_opens_the_page_for_its_account_alone_and_gives_no_right(service):
    mine = {"account": "ann", "reference": "C-1009"}

    answer = service.post("/v1/links", token=service.token("mia"), json=mine)

    address = answer.json()["address"]
    assert address == f"/people/{service.person('p03', 'ann')}/chronology"
    assert service.get("/v1" + address).status_code == 404


@pytest.mark.parametrize(
    ("who", "body"),
    [
        ("ann", {"account": "mia", "reference": "C-1009"}),
        ("mia", {"account": "ben", "reference": "C-1009"}),
        ("mia", {"account": "nobody", "reference": "C-1009"}),
        ("mia", {"account": "ann", "reference": "C-9999"}),
    ],
)
def test_a_link_for_others_or_to_nobody_is_not_there(service, who, body):
    answer = service.post("/v1/links", token=service.token(who), json=body)

    assert answer.status_code == 404


def test_a_person_learns_who_looked(service):
    service.get(f"/v1/people/{service.person('p05')}")
    path = f"/v1/people/{service.person('p05', 'mia')}/looks"

    answer = service.get(path, token=service.token("mia")).json()

    assert [look["by"] for look in answer["looks"]] == ["ann"]


def test_a_manager_keeps_and_ends_a_case(service):
    body = {"person": service.person("p03", "mia"), "account": "ann"}
    made = write(service, "/v1/cases", "mia", reference="CASE-9", **body).json()
    path = f"/v1/people/{service.person('p03')}"

    assert service.get(path).status_code == 200
    write(service, f"/v1/cases/{made['id']}/end", "mia", "key-no-2")
    assert service.get(path).status_code == 404
    listed = service.get("/v1/cases", token=service.token("mia")).json()
    assert listed["cases"] == []


def test_what_is_wrong_with_a_search_is_told_without_it(service):
    answer = service.post("/v1/find", json={"surname": "Zzyzx"})

    assert answer.status_code == 422
    assert [fault["where"] for fault in answer.json()["faults"]] == ["birth_date"]
    assert "Zzyzx" not in answer.text

from __future__ import annotations

import pytest

from tests.serving.conftest import Service
from tests.serving.made_up_people import people_ledger
from tests.serving.second_manager import add_second_manager


@pytest.fixture
def service(tmp_path):
    service = Service(tmp_path, people_ledger(tmp_path))
    add_second_manager(service.ledger)
    return service


def write(service, path, who="mia", key="a-key-of-mine", **body):
    headers = {"Idempotency-Key": key}
    return service.post(path, token=service.token(who), json=body, headers=headers)


def asked(service, **changes):
    new = {"kind": "access", "received_on": "2026-10-20", "owner": "Head of care"}
    new |= {"person": service.person("p05", "mia"), "what": "all of it"}
    return write(service, "/v1/rights", **(new | changes))


def test_a_copy_is_asked_for_made_decided_released_and_answered(service):
    number = asked(service).json()["number"]
    made = write(service, f"/v1/rights/{number}/pack", key="make-it-now").json()
    path = f"/v1/packs/{made['number']}"
    names = {flag["name"] for item in made["items"] for flag in item["flags"]}
    for name in sorted(names):
        choice = {"flag": name, "choice": "keep", "because": "hers"}
        write(service, f"{path}/flags", key=f"flag-{name.split()[0]}", **choice)

    mine = write(service, f"{path}/release", key="release-it")
    done = write(service, f"{path}/release", "max")
    said = {"outcome": "granted", "answer": "We gave it to her."}
    write(service, f"/v1/rights/{number}/answer", key="answer-it", **said)
    told = service.get(f"/v1/rights/{number}", token=service.token("mia")).json()

    assert made["undecided"] > 0 and "Forename" not in names
    assert (mine.status_code, done.json()["released_by"]) == (422, "max")
    assert told["request"]["outcome"] == "granted"
    assert [pack["released_by"] for pack in told["packs"]] == ["max"]
    assert told["may_answer"] is False


def test_the_pack_names_who_it_is_about_as_the_ledger_does(service):
    asked(service)

    made = write(service, "/v1/rights/1/pack", key="make-it-now").json()

    lines = dict(made["items"][0]["lines"])
    assert made["items"][0]["part"] == "identity"
    assert (lines["forename"], lines["surname"]) == ("Ada", "Quill")


def test_a_request_sent_again_is_entered_once(service):
    first, again = asked(service), asked(service)

    assert again.headers["idempotency-replayed"] == "true"
    assert again.json() == first.json()


def test_what_waits_comes_page_by_page(service):
    asked(service)
    sam = service.token("sam")

    answer = service.get("/v1/rights?limit=1", token=sam)
    answered = service.get("/v1/rights?answered=true", token=sam)

    [one] = answer.json()["requests"]
    assert (one["clock"], one["name"], one["what"]) == ("18 days left", None, None)
    assert answered.json()["total"] == 0


@pytest.mark.parametrize("day", [20, "20.10.2026", "20261020", None, "2026-12-01"])
def test_a_day_is_a_text_as_iso_writes_it_and_not_to_come(service, day):
    assert asked(service, received_on=day).status_code == 422


def test_a_steward_sees_no_packs_of_a_request(service):
    asked(service)
    write(service, "/v1/rights/1/pack", key="make-it-now")

    told = service.get("/v1/rights/1", token=service.token("sam")).json()

    assert (told["packs"], told["may_answer"]) == ([], False)

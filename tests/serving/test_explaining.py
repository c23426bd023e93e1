"""Values that a caller supplies, scored and explained."""

from __future__ import annotations

import datetime as dt

import pytest

from models.ledger.promotions import promote
from tests.made_up_score import AS_OF, NOW, bundle
from tests.serving.conftest import Service
from tests.serving.made_up_people import people_ledger


EXPLAIN = "/v1/scores/care/explain"


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    """A service that the tests which write nothing but looks have together."""
    folder = tmp_path_factory.mktemp("explaining")
    return Service(folder, people_ledger(folder))


def explained(service, **values):
    return service.post(EXPLAIN, json={"values": values})


def test_explaining_supplied_values_gives_the_answer_that_is_stored(shared):
    path = f"/v1/people/{shared.person('p05')}/scores/care"
    stored = shared.get(path).json()
    parts = stored["explanation"]["values"]

    values = {part["indicator"]: part["value"] for part in parts}
    answer = explained(shared, **values).json()

    for same in ("score", "log_odds", "explanation", "band", "rank", "observed"):
        assert answer[same] == stored[same]
    told = [reason["sentence"] for reason in stored["reasons"]["raises"]]
    assert [reason["sentence"] for reason in answer["reasons"]["raises"]] == told
    assert answer["person"] is None


def test_values_that_are_left_out_are_missing_and_never_none(shared):
    answer = explained(shared, fell=True).json()

    values = {p["indicator"]: p["value"] for p in answer["explanation"]["values"]}
    assert values["fell"] == 1
    assert values["visits_365d"] is None
    assert answer["unknown"]["sources"] == ["Homes register"]


@pytest.mark.parametrize("values", [{}, {"fell": None}, {"tenure": "a tent"}])
def test_explaining_too_little_or_the_unheard_of_is_a_state(shared, values):
    answer = explained(shared, **values).json()

    assert answer["state"]["name"] == "not enough data"


def test_an_unknown_indicator_is_refused_by_name(shared):
    answer = explained(shared, visits=3, fell=True)

    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    (fault,) = answer.json()["faults"]
    assert fault["where"] == "body.values.visits"
    assert "visits_365d" in fault["next"]


@pytest.mark.parametrize(
    "body",
    [
        '{"values": {"visits_365d": "three"}}',
        '{"values": {"visits_365d": true}}',
        '{"values": {"visits_365d": [3]}}',
        '{"values": {"visits_365d": NaN}}',
        '{"values": {"visits_365d": 1e999}}',
        '{"values": {}, "name": "Ada"}',
        '{"values": null}',
        '{"value": {}}',
        "[]",
        "{",
        "",
    ],
)
def test_a_body_that_does_not_fit_is_refused(shared, body):
    sent = {"content": body, "headers": {"content-type": "application/json"}}
    before = shared.views()

    answer = shared.post(EXPLAIN, **sent)

    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert "Ada" not in answer.text
    assert shared.views() == before


def test_a_body_of_a_thousand_brackets_is_refused(shared):
    sent = {"content": "[" * 30_000, "headers": {"content-type": "application/json"}}

    assert shared.post(EXPLAIN, **sent).status_code == 400


def test_supplied_values_leave_a_row_about_nobody(service):
    explained(service, fell=True)

    assert service.views() == [("ann", "explain", "care", None, "shown")]


def test_supplied_values_are_not_ranked_among_those_of_another_bundle(service):
    promote(service.ledger, bundle(version=4), by="Analyst", at=NOW)

    answer = explained(service, fell=True).json()

    assert answer["model"]["version"] == 4
    assert (answer["rank"], answer["band"]) == (None, None)


def test_an_expired_approval_pauses_explaining_too(service):
    service.settings["today"] = dt.date(2027, 1, 1)

    answer = explained(service, visits_365d=3).json()

    assert answer["state"]["name"] == "paused"
    assert answer["explanation"] is None


def test_the_day_that_is_shown_is_the_one_that_was_set(service):
    service.settings["today"] = AS_OF

    answer = explained(service, fell=True)

    assert answer.json()["as_of"] == AS_OF.isoformat()

"""Scores and the records behind them, as the API tells them."""

from __future__ import annotations

import dataclasses
import datetime as dt

import pytest

from models.definitions.states import State
from models.ledger.batches import write_batch
from models.ledger.ledger import keep_to_self
from models.ledger.promotions import promote
from models.ledger.tables import views
from tests.made_up_score import (
    AS_OF,
    MODEL,
    NOW,
    STATED,
    batch_of,
    bundle,
    cases,
    clock,
)
from tests.serving.made_up_people import NAMES


pytestmark = pytest.mark.usefixtures("each_database")


SCORED = ("p05", "p04", "p02")
CARE = "/scores/care"
VISITS = f"{CARE}/evidence/visits_365d"


def about(service, entity_id, more=CARE, who="ann"):
    """Return the address of somebody's score, or of more about it."""
    return f"/v1/people/{service.person(entity_id, who)}{more}"


def test_a_score_comes_with_its_band_rank_and_reasons(service):
    answer = service.get(about(service, "p05")).json()

    assert answer["question"] == "Will they need care within 12 months?"
    # -2.0 + .9 + .4 - .2 + .7 + .2 = 0
    assert answer["score"] == pytest.approx(0.5)
    assert answer["band"] == {"name": "most", "label": "Highest fifth"}
    assert answer["rank"]["sentence"] == "higher than 80 in 100 on this list of 5"
    assert answer["observed"] == {"share": 0.31, "low": 0.26, "high": 0.37}
    assert answer["reasons"]["raises"][0]["sentence"] == (
        "Had 9 visits in the last 12 months"
    )
    assert answer["state"] is None


@pytest.mark.parametrize("entity", SCORED)
def test_the_parts_are_the_whole(service, entity):
    answer = service.get(about(service, entity)).json()

    explained = answer["explanation"]
    parts = [value["contribution"] for value in explained["values"]]
    assert explained["base_value"] == MODEL.base
    assert abs(explained["base_value"] + sum(parts) - answer["log_odds"]) <= 1e-9


def test_an_answer_names_its_model_and_how_old_its_data_is(service):
    answer = service.get(about(service, "p05")).json()

    assert answer["model"] == {
        "version": 3,
        "family": "additive",
        "sha256": MODEL.sha256,
        "bundle_sha256": bundle().sha256,
    }
    assert answer["data_as_of"] == {
        "oldest": "2026-10-01",
        "sources": {"homes": "2026-10-01", "visits": "2026-10-30"},
    }
    assert answer["as_of"] == "2026-11-01"


def test_an_answer_says_what_it_is_for_what_it_is_not_and_whom_to_ask(service):
    answer = service.get(about(service, "p05")).json()

    assert answer["purpose"] == "prevention"
    assert {"refuse", "reduce", "ration"} <= set(answer["forbidden_uses"])
    assert answer["limits"] == ["It knows nothing of help from friends."]
    assert answer["contact_role"] == "Head of adult social care"


def test_every_answer_about_a_score_carries_its_caveat(service):
    asked = [service.get(about(service, "p05", more)) for more in (CARE, VISITS)]
    asked.append(service.get(about(service, "s01")))
    asked.append(service.post("/v1/scores/care/explain", json={"values": {}}))

    caveats = {answer.json().get("caveat") for answer in asked}

    assert caveats == {"predicts council-funded care, not need"}


def test_a_reason_names_its_source_its_newest_record_and_its_least_certain_link(
    service,
):
    (visits, *_) = service.get(about(service, "p05")).json()["reasons"]["raises"]

    assert (visits["source"], visits["partner"]) == ("Surgery visits", "Health centre")
    assert visits["latest_event"] == "2026-10-29"
    assert visits["records"] == 9
    assert visits["lowest_link"] == 0.71


def test_an_answer_says_what_the_score_does_not_know(service):
    unknown = service.get(about(service, "p04")).json()["unknown"]

    assert unknown == {
        "indicators": ["Whether the home is owned", "Falls"],
        "sources": ["Homes register"],
    }


@pytest.mark.parametrize(
    "more",
    ["", CARE, VISITS, f"{CARE}/evidence/visits_at_address", f"{CARE}/history"]
    + ["/chronology", "/decisions", "/opinions"],
)
def test_no_pseudonym_is_in_an_answer(service, more):
    told = service.get(about(service, "p05", more))

    assert told.status_code == 200
    assert not any(f'"{entity_id}"' in told.text for entity_id in NAMES)


@pytest.mark.parametrize("entity", [*STATED, "u02"])
def test_a_score_that_cannot_be_given_is_a_named_state(service, entity):
    state = STATED.get(entity, State.NOT_ENOUGH_DATA)

    answer = service.get(about(service, entity)).json()

    assert answer["state"] == {
        "name": state.value,
        "sentence": state.sentence,
        "next": state.next_step,
        "because": None,
    }
    shown = ("score", "log_odds", "band", "rank", "reasons", "explanation", "observed")
    assert [answer[name] for name in shown] == [None] * len(shown)


# Whose date it is, and which states it makes.
NEXT_YEAR = dt.datetime(2027, 1, 1, tzinfo=dt.UTC)


def on_the_day(service, moment):
    """Let the service judge by the clock, and set it."""
    service.settings["today"] = None
    service.now = moment


def test_an_expired_approval_pauses_a_score_that_was_given(service):
    token = service.token(days=90)
    on_the_day(service, NEXT_YEAR)

    answer = service.get(about(service, "p05"), token=token).json()

    assert answer["state"]["name"] == "paused"
    assert answer["score"] is None


@pytest.mark.parametrize(("day", "state"), [(6, None), (7, "stale source")])
def test_a_source_older_than_promised_withholds_the_score(service, day, state):
    # visits came on 30 October and may be 7 days old: until 6 November
    on_the_day(service, dt.datetime(2026, 11, day, 12, tzinfo=dt.UTC))

    answer = service.get(about(service, "p05")).json()

    assert (answer["state"] and answer["state"]["name"]) == state
    assert (answer["score"] is None) == (state is not None)


def test_data_of_the_past_can_be_shown_as_on_its_day(service):
    token = service.token(days=90)
    on_the_day(service, NEXT_YEAR)

    late = service.get(about(service, "p05"), token=token).json()
    service.settings["today"] = AS_OF
    in_time = service.get(about(service, "p05"), token=token).json()

    assert (late["score"], in_time["state"]) == (None, None)


def test_the_records_behind_an_indicator_can_be_opened(service):
    answer = service.get(about(service, "p05", VISITS)).json()

    assert answer["sentence"] == "Had 9 visits in the last 12 months"
    assert (answer["total"], answer["hidden"]) == (9, 0)
    newest = answer["records"][0]
    assert (newest["record"], newest["source"]) == ("1-1", "Surgery visits")
    assert newest["event_date"] == "2026-10-29"
    assert newest["known_date"] == "2026-10-30"
    assert newest["content"] == {"kind": "fall", "minutes": 10}


def test_evidence_is_dated_from_its_first_record_to_its_last(service):
    answer = service.get(about(service, "p05", VISITS)).json()

    dates = [record["event_date"] for record in answer["records"]]
    assert (answer["first_event"], answer["last_event"]) == (dates[-1], dates[0])


def test_of_others_only_those_are_shown_whom_one_may_look_at(service):
    path = about(service, "p05", f"{CARE}/evidence/visits_at_address")

    answer = service.get(path).json()

    # Two visits of Di's, who is Ben's, and one of Bo's, who was allocated to Ann.
    assert (answer["about"], answer["source"]) == ("Household", "Surgery visits")
    assert (answer["total"], answer["hidden"]) == (3, 2)
    assert [record["record"] for record in answer["records"]] == ["301-1"]
    assert answer["last_event"] == "2026-10-12"


def test_an_indicator_without_records_has_none_behind_it(service):
    answer = service.get(about(service, "p02", f"{CARE}/evidence/fell")).json()

    assert (answer["total"], answer["records"]) == (0, [])


@pytest.mark.parametrize("entity", ["s02", "u02"])
def test_nothing_is_behind_a_score_that_is_not_given(service, entity):
    answer = service.get(about(service, entity, VISITS))

    assert answer.status_code == 409
    assert answer.json()["state"]["name"] in ("objected", "not enough data")


def test_absent_forbidden_and_unknown_give_the_same_answer_to_the_byte(service):
    person = service.person("p05")
    answers = [
        service.get(path)
        for path in (
            about(service, "n01"),  # hers, without a score
            about(service, "p03"),  # another worker's
            about(service, "p01"),  # nobody's
            about(service, "p05", who="ben"),  # an id of another account
            "/v1/people/p05",
            f"/v1/people/{person}x",
            "/v1/people/%00",
            about(service, "p05", "/scores/nothing"),
            about(service, "p05", "/scores/%00"),
            about(service, "p05", f"{CARE}/evidence/shoe_size"),
            about(service, "p05", "/scores/nothing/evidence/visits_365d"),
            about(service, "p05", "/scores/nothing/history"),
            "/v1/no/such/address",
        )
    ]
    answers.append(service.post("/v1/scores/nothing/explain", json={"values": {}}))

    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content for answer in answers}) == 1
    assert len({_headers(answer) for answer in answers}) == 1


def _headers(answer):
    """Return the headers without the request's own name."""
    told = answer.headers.items()
    return tuple((name, value) for name, value in told if name != "x-request-id")


def test_a_new_promotion_shows_in_scores_at_the_next_batch(service):
    renewed = bundle(version=4)
    promote(service.ledger, renewed, by="Analyst", at=NOW)

    before = service.get(about(service, "p05")).json()
    write_batch(
        service.ledger,
        dataclasses.replace(batch_of(renewed), snapshot="renewed"),
        cases(renewed),
        clock=lambda: clock() + dt.timedelta(hours=1),
    )
    after = service.get(about(service, "p05")).json()

    assert (before["model"]["version"], after["model"]["version"]) == (3, 4)


def test_every_look_leaves_one_row(service):
    service.get(about(service, "p05"))
    service.get(about(service, "p05", f"{CARE}/evidence/fell"))
    service.get(about(service, "s02", f"{CARE}/evidence/fell"))
    service.get(about(service, "p03"))
    service.get("/v1/people/nobody/scores/care")
    service.get("/v1/queue")
    service.get(about(service, "p05", who="mia"), token=service.token("mia"))

    assert service.views() == [
        ("ann", "score", "care", "p05", "shown"),
        ("ann", "evidence", "care", "p05", "shown"),
        ("ann", "evidence", "care", "s02", "refused"),
        ("ann", "score", None, "p03", "absent"),
        ("ann", "score", None, None, "absent"),
        ("ann", "queue", None, None, "refused"),
        ("mia", "score", "care", "p05", "shown"),
    ]


def test_without_the_audit_there_is_no_view(service):
    token = service.token()
    with service.ledger.writing() as connection:
        views.drop(connection)

    answers = [
        service.get(about(service, "p05", more), token=token)
        for more in ("", CARE, VISITS, f"{CARE}/history", "/chronology")
    ]
    answers.append(service.get("/v1/people", token=token))
    sent = {"json": {"values": {"fell": True}}, "token": token}
    answers.append(service.post("/v1/scores/care/explain", **sent))

    for answer in answers:
        assert answer.status_code == 503
        assert answer.headers["retry-after"] == "2"
        assert set(answer.json()) == {"type", "title", "status"}


def test_a_locked_ledger_shows_nothing(service):
    service.settings["busy_timeout_ms"] = 50
    app, token = service.app(), service.token()
    service.app = lambda: app

    with service.ledger.writing() as connection:
        keep_to_self(views, connection)
        answer = service.get(about(service, "p05"), token=token)

    assert answer.status_code == 503
    assert service.get(about(service, "p05"), token=token).status_code == 200
    assert len(service.views()) == 1


def test_a_damaged_bundle_shows_nothing(service):
    with service.ledger.writing() as connection:
        changed = "UPDATE bundles SET content = replace(content, 'care', 'cure')"
        connection.exec_driver_sql(changed)

    assert service.get(about(service, "p05")).status_code == 503
    assert service.views() == []


def test_a_score_that_is_not_there_is_refused_with_those_that_are(service):
    answer = service.get("/v1/people?score=Edith%20Smith")

    [fault] = answer.json()["faults"]
    assert (answer.status_code, fault["where"]) == (422, "query.score")
    assert fault["next"] == "use: care"
    assert "Edith" not in answer.text

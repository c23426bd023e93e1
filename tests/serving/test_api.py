from __future__ import annotations

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
    PEOPLE,
    STATED,
    batch_of,
    bundle,
    cases,
    clock,
)


pytestmark = pytest.mark.usefixtures("each_database")


P05 = "/v1/scores/care/p05"
EXPLAIN = "/v1/scores/care/explain"


def test_a_score_comes_with_its_band_rank_reasons_and_explanation(service):
    answer = service.get(P05).json()

    assert answer["question"] == "Will they need care within 12 months?"
    assert answer["score"] == pytest.approx(0.6225, abs=1e-4)
    assert answer["band"] == {"name": "most", "label": "Highest fifth"}
    assert answer["rank"]["sentence"] == "higher than 80 in 100 on this list of 5"
    assert answer["observed"] == {"share": 0.31, "low": 0.26, "high": 0.37}
    assert answer["reasons"]["raises"][0]["sentence"] == (
        "Had 9 visits in the last 12 months"
    )
    assert answer["state"] is None


def test_the_parts_are_the_whole(service):
    for person in PEOPLE:
        answer = service.get(f"/v1/scores/care/{person}").json()

        explained = answer["explanation"]
        parts = [value["contribution"] for value in explained["values"]]
        assert explained["base_value"] == MODEL.base
        whole = explained["base_value"] + sum(parts)
        assert abs(whole - answer["log_odds"]) <= 1e-9


def test_an_answer_names_its_model_and_how_old_its_data_is(service):
    answer = service.get(P05).json()

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
    answer = service.get(P05).json()

    assert answer["purpose"] == "prevention"
    assert {"refuse", "reduce", "ration"} <= set(answer["forbidden_uses"])
    assert answer["limits"] == ["It knows nothing of help from friends."]
    assert answer["contact_role"] == "Head of adult social care"


def test_every_answer_about_a_score_carries_its_caveat(service):
    asked = [
        service.get(P05),
        service.get(f"/v1/scores/care/{next(iter(STATED))}"),
        service.get(f"{P05}/evidence/visits_365d"),
        service.get("/v1/scores/care"),
        service.post(EXPLAIN, json={"values": {}}),
    ]

    caveats = {answer.json().get("caveat") for answer in asked}

    assert caveats == {"predicts council-funded care, not need"}


def test_a_reason_names_its_source_its_newest_record_and_its_least_certain_link(
    service,
):
    (visits, *_) = service.get(P05).json()["reasons"]["raises"]

    assert (visits["source"], visits["partner"]) == ("Surgery visits", "Health centre")
    assert visits["latest_event"] == "2026-10-29"
    assert visits["records"] == 9
    assert visits["lowest_link"] == 0.71


def test_an_answer_says_what_the_score_does_not_know(service):
    unknown = service.get("/v1/scores/care/p01").json()["unknown"]

    assert unknown == {"indicators": ["Time since the last visit"], "sources": []}


def test_identity_is_not_in_any_answer(service):
    paths = [P05, f"{P05}/evidence/visits_365d", "/v1/scores/care"]

    assert not any("Quill" in service.get(path).text for path in paths)


# Whoever has an entry that training never saw is told which.
BECAUSE = {
    "u01": "The model was fitted on nobody with this entry: Whether the home is owned."
}


@pytest.mark.parametrize(
    ("entity", "state"),
    [*STATED.items(), ("u01", State.NOT_ENOUGH_DATA), ("u02", State.NOT_ENOUGH_DATA)],
)
def test_a_score_that_cannot_be_given_is_a_named_state(service, entity, state):
    answer = service.get(f"/v1/scores/care/{entity}").json()

    assert answer["state"] == {
        "name": state.value,
        "sentence": state.sentence,
        "next": state.next_step,
        "because": BECAUSE.get(entity),
    }
    shown = ("score", "log_odds", "band", "rank", "reasons", "explanation", "observed")
    assert [answer[name] for name in shown] == [None] * len(shown)


def test_an_expired_approval_pauses_a_score_that_was_given(service):
    service.now = dt.datetime(2027, 1, 1, tzinfo=dt.UTC)

    answer = service.get(P05).json()

    assert answer["state"]["name"] == "paused"
    assert answer["score"] is None


def test_an_expired_approval_pauses_explaining_too(service):
    service.now = dt.datetime(2027, 1, 1, tzinfo=dt.UTC)

    answer = service.post(EXPLAIN, json={"values": {"visits_365d": 3}}).json()

    assert answer["state"]["name"] == "paused"
    assert answer["explanation"] is None


@pytest.mark.parametrize(("day", "state"), [(6, None), (7, "stale source")])
def test_a_source_older_than_promised_withholds_the_score(service, day, state):
    # visits came on 30 October and may be 7 days old: until 6 November
    service.now = dt.datetime(2026, 11, day, 12, tzinfo=dt.UTC)

    answer = service.get(P05).json()

    assert (answer["state"] and answer["state"]["name"]) == state
    assert (answer["score"] is None) == (state is not None)


def test_data_of_the_past_can_be_shown_as_on_its_day(service):
    service.now = dt.datetime(2031, 1, 1, tzinfo=dt.UTC)
    token = service.token(days=9_999)

    late = service.get(P05, token=token).json()
    service.settings["today"] = AS_OF
    in_time = service.get(P05, token=token).json()

    assert (late["score"], in_time["state"]) == (None, None)


def test_the_records_behind_an_indicator_can_be_opened(service):
    answer = service.get(f"{P05}/evidence/visits_365d").json()

    assert answer["sentence"] == "Had 9 visits in the last 12 months"
    assert answer["total"] == 9
    assert answer["records"][0] == {
        "record_id": 1,
        "load": 1,
        "source": "Surgery visits",
        "event_date": "2026-10-29",
        "known_date": "2026-10-30",
        "content": {"kind": "fall", "minutes": 10},
    }


def test_evidence_about_others_is_a_count_a_source_and_dates_only(service):
    answer = service.get(f"{P05}/evidence/visits_at_address").json()

    assert answer["about"] == "Household"
    assert (answer["total"], answer["source"]) == (9, "Surgery visits")
    assert answer["first_event"] == "2026-10-05"
    assert answer["last_event"] == "2026-10-29"
    assert answer["records"] == []
    assert "record_id" not in str(answer)


def test_evidence_is_dated_from_its_first_record_to_its_last(service):
    answer = service.get(f"{P05}/evidence/visits_365d").json()

    dates = [record["event_date"] for record in answer["records"]]
    assert (answer["first_event"], answer["last_event"]) == (dates[-1], dates[0])


def test_an_indicator_without_records_has_none_behind_it(service):
    answer = service.get("/v1/scores/care/p01/evidence/fell").json()

    assert (answer["total"], answer["records"]) == (0, [])


@pytest.mark.parametrize("entity", ["s02", "u01"])
def test_nothing_is_behind_a_score_that_is_not_given(service, entity):
    answer = service.get(f"/v1/scores/care/{entity}/evidence/visits_365d")

    assert answer.status_code == 409
    assert answer.json()["state"]["name"] in ("objected", "not enough data")


def test_absent_and_unknown_give_the_same_answer_to_the_byte(service):
    long, odd = "x" * 5_000, "%00"
    paths = [
        "/v1/scores/care/nobody",
        "/v1/scores/nothing/p05",
        f"/v1/scores/care/{long}",
        f"/v1/scores/care/{odd}",
        f"{P05}/evidence/shoe_size",
        "/v1/scores/nothing/p05/evidence/visits_365d",
        "/v1/scores/nothing",
        "/no/such/address",
    ]
    answers = [service.get(path) for path in paths]
    answers.append(service.post("/v1/scores/nothing/explain", json={"values": {}}))

    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content for answer in answers}) == 1
    assert len({tuple(answer.headers.items()) for answer in answers}) == 1


def test_explaining_supplied_values_gives_the_answer_that_is_stored(service):
    stored = service.get(P05).json()
    parts = stored["explanation"]["values"]

    values = {part["indicator"]: part["value"] for part in parts}
    answer = service.post(EXPLAIN, json={"values": values}).json()

    for same in ("score", "log_odds", "explanation", "band", "rank", "observed"):
        assert answer[same] == stored[same]
    told = [reason["sentence"] for reason in stored["reasons"]["raises"]]
    assert [reason["sentence"] for reason in answer["reasons"]["raises"]] == told
    assert answer["entity"] is None


def test_values_that_are_left_out_are_missing_and_never_none(service):
    answer = service.post(EXPLAIN, json={"values": {"fell": True}}).json()

    values = {p["indicator"]: p["value"] for p in answer["explanation"]["values"]}
    assert values["fell"] == 1
    assert values["visits_365d"] is None
    assert answer["unknown"]["sources"] == ["Homes register"]


@pytest.mark.parametrize("values", [{}, {"fell": None}, {"tenure": "a tent"}])
def test_explaining_too_little_or_the_unheard_of_is_a_state(service, values):
    answer = service.post(EXPLAIN, json={"values": values}).json()

    assert answer["state"]["name"] == "not enough data"


def test_an_unknown_indicator_is_refused_by_name(service):
    answer = service.post(EXPLAIN, json={"values": {"visits": 3, "fell": True}})

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
def test_a_body_that_does_not_fit_is_refused(service, body):
    sent = {"content": body, "headers": {"content-type": "application/json"}}

    answer = service.post(EXPLAIN, **sent)

    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert "Ada" not in answer.text
    assert service.views() == []


def test_a_body_of_a_thousand_brackets_is_refused(service):
    sent = {"content": "[" * 30_000, "headers": {"content-type": "application/json"}}

    assert service.post(EXPLAIN, **sent).status_code in (400, 422)


def test_supplied_values_are_not_ranked_among_those_of_another_bundle(service):
    promote(service.ledger, bundle(version=4), by="Analyst", at=NOW)

    answer = service.post(EXPLAIN, json={"values": {"fell": True}}).json()

    assert answer["model"]["version"] == 4
    assert (answer["rank"], answer["band"]) == (None, None)


def test_a_new_promotion_shows_in_scores_at_the_next_batch(service):
    renewed = bundle(version=4)
    promote(service.ledger, renewed, by="Analyst", at=NOW)

    before = service.get(P05).json()
    write_batch(
        service.ledger,
        batch_of(renewed),
        cases(renewed),
        clock=lambda: clock() + dt.timedelta(hours=1),
    )
    after = service.get(P05).json()

    assert (before["model"]["version"], after["model"]["version"]) == (3, 4)


def test_a_machine_can_list_entities_by_rank(service):
    answer = service.get("/v1/scores/care?limit=3&offset=0").json()

    assert [line["entity"] for line in answer["entities"]] == ["p05", "p03", "p04"]
    assert (answer["total"], answer["as_of"]) == (13, "2026-11-01")
    rest = service.get("/v1/scores/care?limit=100&offset=3").json()
    assert len(rest["entities"]) == 10


def test_a_list_of_another_date_is_empty(service):
    answer = service.get("/v1/scores/care?as_of=2020-01-01").json()

    assert (answer["total"], answer["entities"]) == (0, [])


@pytest.mark.parametrize("query", ["limit=0", "limit=1001", "offset=-1", "as_of=x"])
def test_a_list_has_its_limits(service, query):
    assert service.get(f"/v1/scores/care?{query}").status_code == 422


def test_nobody_is_listed_under_a_paused_score(service):
    service.now = dt.datetime(2027, 1, 1, tzinfo=dt.UTC)

    answer = service.get("/v1/scores/care")

    assert answer.status_code == 409
    assert answer.json()["state"]["name"] == "paused"


def test_every_look_leaves_a_row(service):
    machine, caseworker = service.token("machine"), service.token("caseworker")

    service.get(P05, token=caseworker)
    service.get(f"{P05}/evidence/fell", token=caseworker)
    service.get("/v1/scores/care/s02/evidence/fell", token=caseworker)
    service.get("/v1/scores/care/nobody", token=caseworker)
    service.get("/v1/scores/care", token=caseworker)
    service.get("/v1/scores/care", token=machine)
    service.post(EXPLAIN, json={"values": {"fell": True}}, token=machine)

    assert service.views() == [
        ("a caseworker", "score", "care", "p05", "shown"),
        ("a caseworker", "evidence", "care", "p05", "shown"),
        ("a caseworker", "evidence", "care", "s02", "refused"),
        ("a caseworker", "score", "care", None, "absent"),
        ("a caseworker", "list", None, None, "refused"),
        ("a machine", "list", "care", None, "shown"),
        ("a machine", "explain", "care", None, "shown"),
    ]


def test_a_role_that_may_not_list_is_told_so(service):
    answer = service.get("/v1/scores/care", token=service.token("caseworker"))

    assert answer.status_code == 403


def test_without_the_audit_there_is_no_view(service):
    tokens = [service.token("machine"), service.token("caseworker")]
    with service.ledger.writing() as connection:
        views.drop(connection)

    answers = [service.get(P05, token=token) for token in tokens]
    answers.append(service.get(f"{P05}/evidence/visits_365d", token=tokens[0]))
    answers.append(service.get("/v1/scores/care", token=tokens[0]))
    explained = service.post(EXPLAIN, json={"values": {"fell": True}}, token=tokens[0])

    for answer in [*answers, explained]:
        assert answer.status_code == 503
        assert answer.headers["retry-after"] == "2"
        assert set(answer.json()) == {"type", "title", "status"}


def test_a_locked_ledger_shows_nothing(service):
    service.settings["busy_timeout_ms"] = 50
    app, token = service.app(), service.token()
    service.app = lambda: app

    with service.ledger.writing() as connection:
        keep_to_self(views, connection)
        answer = service.get(P05, token=token)

    assert answer.status_code == 503
    assert service.get(P05, token=token).status_code == 200
    assert len(service.views()) == 1


def test_a_damaged_bundle_shows_nothing(service):
    with service.ledger.writing() as connection:
        changed = "UPDATE bundles SET content = replace(content, 'care', 'cure')"
        connection.exec_driver_sql(changed)

    assert service.get(P05).status_code == 503
    assert service.views() == []

"""What the service tells of doubt in links."""

from __future__ import annotations

import pytest

from models.definitions.states import State
from models.ledger.cases import first_withheld_for_link
from models.tables.table import probability
from tests.made_up_score import PEOPLE
from tests.serving.conftest import Service
from tests.serving.doubted import AS_LINKED, P05, WITHHOLDS, doubted_ledger, drawn


# In five draws of twenty p05 has no fall, and in the others is as linked.
NO_FALL = drawn([0] * 5 + [AS_LINKED] * 15, (9.0, 3.0, "rented", 0.0, 2.0), row=P05)
# In five draws of twenty p05 is no more than p01.
SOMEONE_ELSE = drawn([0] * 5 + [AS_LINKED] * 15, PEOPLE["p01"], row=P05)


def serving(folder, draws, promoted=None):
    return Service(folder, doubted_ledger(folder, draws, promoted))


def told(service, entity_id="p05", more=""):
    path = f"/v1/people/{service.person(entity_id)}/scores/care{more}"
    return service.get(path)


def test_an_answer_tells_how_far_uncertain_links_move_the_score(tmp_path):
    answer = told(serving(tmp_path, NO_FALL)).json()

    # p05 scores .5; without a fall, which is worth .7 and then -.1, .8 less.
    doubt = answer["doubt"]
    assert doubt["log_odds_high"] == answer["log_odds"]
    assert doubt["log_odds_low"] == pytest.approx(answer["log_odds"] - 0.8)
    assert doubt["score_low"] == float(probability(doubt["log_odds_low"]))
    assert (doubt["draws"], doubt["bands"], doubt["unscored"]) == (20, ["most"], 0.0)
    assert doubt["sentence"] == (
        "Depending on records that may be another person's, the score lies between "
        "43 and 62 in 100."
    )


def test_each_reason_tells_in_how_many_draws_it_survives(tmp_path):
    answer = told(serving(tmp_path, NO_FALL)).json()

    survive = {r["indicator"]: r["survives"] for r in answer["reasons"]["raises"]}
    assert survive["fell"] == 0.75
    assert survive["visits_365d"] == 1.0


def test_who_is_not_doubted_is_told_that_no_link_moves_the_score(tmp_path):
    answer = told(serving(tmp_path, NO_FALL), "p02").json()

    assert answer["doubt"]["score_low"] == answer["doubt"]["score_high"]
    assert answer["doubt"]["score_low"] == answer["score"]
    assert answer["doubt"]["sentence"] == "No link that is uncertain moves this score."


def test_a_score_of_a_batch_that_drew_nothing_has_no_doubt(service):
    answer = told(service).json()

    assert answer["doubt"] is None
    assert {r["survives"] for r in answer["reasons"]["raises"]} == {None}


def test_a_withheld_score_is_a_state_that_says_what_would_move_where(tmp_path):
    answer = told(serving(tmp_path, SOMEONE_ELSE, WITHHOLDS)).json()

    assert answer["state"] == {
        "name": "link uncertain",
        "sentence": State.LINK_UNCERTAIN.sentence,
        "next": State.LINK_UNCERTAIN.next_step,
        "because": "Records that may be another person's would move this score from "
        "the band “All others” to “Highest fifth”.",
    }
    shown = ("score", "log_odds", "band", "rank", "reasons", "explanation", "doubt")
    assert [answer[name] for name in shown] == [None] * len(shown)


def test_an_entry_that_training_never_saw_is_named(tmp_path):
    answer = told(serving(tmp_path, NO_FALL), "u01").json()

    assert answer["state"]["name"] == "not enough data"
    assert answer["state"]["because"] == (
        "The model was fitted on nobody with this entry: Whether the home is owned."
    )


def test_a_score_that_some_draws_have_not_is_withheld_with_that_reason(tmp_path):
    draws = drawn([0] * 5 + [AS_LINKED] * 15, PEOPLE["p05"], row=P05, stated=[0])

    answer = told(serving(tmp_path, draws, WITHHOLDS)).json()

    assert answer["state"]["because"] == (
        "Records that may be another person's decide whether there can be a score "
        "at all."
    )


def test_the_records_behind_a_withheld_score_are_not_shown(tmp_path):
    service = serving(tmp_path, SOMEONE_ELSE, WITHHOLDS)

    answer = told(service, more="/evidence/visits_365d")

    assert (answer.status_code, answer.json()["state"]["name"]) == (
        409,
        "link uncertain",
    )


def test_one_whose_score_a_link_withholds_can_be_found(tmp_path):
    withheld = doubted_ledger(tmp_path / "some", SOMEONE_ELSE, WITHHOLDS)
    given = doubted_ledger(tmp_path / "none", SOMEONE_ELSE)

    found = first_withheld_for_link(withheld, "care")

    assert (found.entity_id, found.given) == ("p05", State.LINK_UNCERTAIN)
    assert found.withheld.bands == ["others", "most"]
    assert first_withheld_for_link(given, "care") is None
    assert first_withheld_for_link(withheld, "no such score") is None


def test_doubt_is_documented(service):
    schemas = service.app().openapi()["components"]["schemas"]

    doubt = schemas["DoubtAnswer"]["properties"]
    assert {"draws", "score_low", "score_high", "bands", "sentence"} <= set(doubt)
    assert "because" in schemas["StateAnswer"]["properties"]
    assert "survives" in schemas["ReasonAnswer"]["properties"]

from __future__ import annotations

import pytest

from serving.desk.decisions import decide, decisions_about
from serving.desk.evidence import evidence
from serving.desk.history import history
from serving.desk.opinions import opine
from serving.desk.opinions_told import opinions_about
from serving.desk.own_view import OwnViewFirst
from serving.desk.person import person
from serving.desk.scores import score
from serving.schemas.work import Decision, Opinion
from tests.serving.made_up_people import caller, people_desk


pytestmark = pytest.mark.usefixtures("each_database")

ANN, MIA = caller("ann"), caller("mia")
VIEW = Opinion(score="care", kind="view first", text="Highest twentieth")


@pytest.fixture
def desk(tmp_path):
    desk = people_desk(tmp_path, view_first=True)
    yield desk
    desk.audit.ledger.close()


def _keep_view(desk, who=ANN):
    ref = desk.ids.seal(who, "p05")
    (one,) = person(desk, who, ref).scores
    view = VIEW.model_copy(update={"text": one.bands[0]})
    opine(desk, who, ref, view)
    return ref


def test_nothing_that_tells_of_a_score_is_shown_before_the_own_view(desk):
    ref = desk.ids.seal(ANN, "p05")

    for ask in (
        lambda: score(desk, ANN, ref, "care"),
        lambda: history(desk, ANN, ref, "care"),
        lambda: evidence(desk, ANN, ref, "care", "visits_365d"),
    ):
        with pytest.raises(OwnViewFirst):
            ask()


def test_all_of_it_is_shown_after(desk):
    ref = _keep_view(desk)

    assert score(desk, ANN, ref, "care").score is not None
    assert history(desk, ANN, ref, "care").steps
    assert evidence(desk, ANN, ref, "care", "visits_365d").total


def test_what_others_did_and_said_waits_too(desk):
    ref = _keep_view(desk)
    decide(desk, ANN, ref, Decision(score="care", kind="visited"))
    theirs = desk.ids.seal(MIA, "p05")

    assert decisions_about(desk, MIA, theirs).decisions == []
    assert opinions_about(desk, MIA, theirs).opinions == []

    _keep_view(desk, MIA)
    assert len(decisions_about(desk, MIA, theirs).decisions) == 1


def test_a_state_gives_nothing_away_and_does_not_wait(desk):
    ref = desk.ids.seal(ANN, "s05")

    assert score(desk, ANN, ref, "care").state is not None

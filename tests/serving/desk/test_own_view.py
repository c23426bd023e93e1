from __future__ import annotations

import pytest
import sqlalchemy as sa

from models.ledger.people_tables import withheld_sources
from models.ledger.tables import batches, scores
from serving.desk.decisions import decide, decisions_about
from serving.desk.evidence import evidence
from serving.desk.history import history
from serving.desk.opinions import opine
from serving.desk.opinions_told import opinions_about
from serving.desk.own_view import OwnViewFirst
from serving.desk.person import person
from serving.desk.scores import score
from serving.desk.worklists import allocate, draw, worklist
from serving.schemas.work import Decision, Opinion
from tests.made_up_score import AS_OF, bundle
from tests.serving.made_up_people import caller, people_desk, people_ledger


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
    assert history(desk, ANN, ref, "care").steps


def _object_to_all(desk):
    barred = {"entity_id": "p05", "purpose": "prevention"}
    rows = [{**barred, "source": one} for one in ("homes", "visits")]
    with desk.audit.ledger.writing() as connection:
        connection.execute(sa.insert(withheld_sources), rows)


def test_no_view_is_asked_for_of_a_score_that_may_not_be_told(desk):
    ref = desk.ids.seal(ANN, "p05")
    decide(desk, ANN, ref, Decision(score="care", kind="visited"))
    opine(desk, ANN, ref, Opinion(score="care", kind="agree"))
    _object_to_all(desk)
    theirs = desk.ids.seal(MIA, "p05")

    [shown] = person(desk, MIA, theirs).scores
    steps = history(desk, MIA, theirs, "care").steps

    assert (shown.view_first, shown.history) == (False, steps)
    assert [step.band for step in steps] == [None, None]
    assert len(decisions_about(desk, MIA, theirs).decisions) == 1
    assert len(opinions_about(desk, MIA, theirs).opinions) == 1


def test_no_view_is_asked_for_of_whom_the_newest_batch_does_not_have(desk):
    with desk.audit.ledger.writing() as connection:
        newest = sa.select(batches.c.id).where(batches.c.as_of == AS_OF)
        gone = (scores.c.entity_id == "p05") & scores.c.batch.in_(newest)
        connection.execute(sa.delete(scores).where(gone))

    assert len(history(desk, ANN, desk.ids.seal(ANN, "p05"), "care").steps) == 1


def _drawn(folder, **rules):
    """Let Mia draw all who have a score, and give p05 to Ann, who visited them."""
    desk = people_desk(folder, people_ledger(folder, bundle(capacity=9), **rules))
    found = draw(desk, MIA, "care")
    by_name = {one.identity.name: one for one in _lines(desk, found.worklist)}
    allocate(desk, MIA, found.worklist, by_name["Ada Quill"].number, "ann")
    decide(desk, ANN, desk.ids.seal(ANN, "p05"), Decision(score="care", kind="visited"))
    return desk, found.worklist


def _lines(desk, number):
    return worklist(desk, MIA, number).lines


def test_a_worklist_is_in_no_order_and_says_nothing_of_a_score_that_waits(tmp_path):
    desk, number = _drawn(tmp_path, view_first=True)

    found = worklist(desk, MIA, number)

    told = [(o.identity.name, o.view_first, o.band, o.decided) for o in found.lines]
    assert told == [
        ("Max Wynn", True, None, None),
        ("Cy Noon", True, None, None),
        ("Di Oakes", True, None, None),
        ("Ada Quill", True, None, None),
    ]
    assert (found.is_ranked, found.worklist.decided) == (False, 1)


def test_a_worklist_tells_of_those_of_whom_the_view_is_kept(tmp_path):
    desk, number = _drawn(tmp_path, view_first=True)
    _keep_view(desk, MIA)

    (ada,) = [one for one in _lines(desk, number) if not one.view_first]

    assert (ada.identity.name, ada.band, ada.decided) == (
        "Ada Quill",
        "Highest fifth",
        "visited",
    )


def test_a_worklist_is_in_order_where_no_view_is_asked_for(tmp_path):
    desk, number = _drawn(tmp_path)

    found = worklist(desk, MIA, number)

    assert found.is_ranked
    assert [one.identity.name for one in found.lines][0] == "Ada Quill"
    assert not any(one.view_first for one in found.lines)

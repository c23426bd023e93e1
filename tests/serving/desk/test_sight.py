"""What is told of a score goes by what one looks for, and by objections in force."""

from __future__ import annotations

import datetime as dt
import itertools
import math
from pathlib import Path

import pytest
import sqlalchemy as sa

from models.definitions.doubt import Withheld
from models.definitions.frozen_place import FrozenPlace
from models.definitions.states import State
from models.ledger.frozen_places import keep_place
from models.ledger.people_tables import withheld_sources
from models.ledger.tables import scores
from serving.access.rights import Right
from serving.audit import Absent, NotGiven
from serving.desk.contacts import break_glass
from serving.desk.desk import Desk
from serving.desk.evidence import evidence
from serving.desk.history import history
from serving.desk.opened import opened_score
from serving.desk.opinions import opine
from serving.desk.opinions_told import opinions_about
from serving.desk.people import Choice, my_people
from serving.desk.person import person
from serving.desk.scores import score
from serving.desk.shown_records import Sight, may_be_told_of, sight_of
from serving.schemas.scores import ScoreAnswer
from serving.schemas.work import Opinion
from tests.made_up_score import NOW, TODAY
from tests.serving.made_up_people import caller, people_desk, place


ANN = caller("ann")
VISITS = ("visits_365d", "days_since_last_visit", "fell", "visits_at_address")


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """Return a desk of a place where homes may be shown for safety, visits not."""
    desk = people_desk(tmp_path)
    keep(desk, allowing(place(), homes=["prevention", "safety"]))
    return desk


def allowing(frozen: FrozenPlace, **purposes: list[str]) -> FrozenPlace:
    sources = [
        one.model_copy(update={"purposes": purposes.get(one.name, one.purposes)})
        for one in frozen.sources
    ]
    return frozen.model_copy(update={"sources": sources})


def keep(desk: Desk, frozen: FrozenPlace, after: int = 1) -> None:
    """Let a place be the newest; `after` so many seconds."""
    with desk.audit.ledger.writing() as connection:
        keep_place(connection, frozen, at=NOW + dt.timedelta(seconds=after))


def in_an_emergency(desk: Desk) -> str:
    di = desk.ids.seal(ANN, "p03")
    break_glass(desk, ANN, di, "She has not been seen for a week", "safety")
    return di


def object_to(desk: Desk, entity_id: str, source: str = "visits") -> None:
    row = {"entity_id": entity_id, "source": source, "purpose": "prevention"}
    with desk.audit.ledger.writing() as connection:
        connection.execute(sa.insert(withheld_sources).values(row))


def sentences(told: ScoreAnswer) -> list[str]:
    assert told.reasons is not None
    return [one.sentence for one in (*told.reasons.raises, *told.reasons.lowers)]


def is_whole(told: ScoreAnswer) -> bool:
    parts = told.explanation
    assert parts is not None and told.log_odds is not None
    shown = sum(one.contribution for one in parts.values)
    whole = parts.base_value + shown + (parts.not_shown or 0.0)
    return math.isclose(whole, told.log_odds)


def test_in_an_emergency_reasons_go_by_what_one_looks_for(desk):
    told = score(desk, ANN, in_an_emergency(desk), "care")

    assert sentences(told) == ["The home is rented from someone"]
    assert told.reasons.not_shown == 4
    assert [one.indicator for one in told.explanation.values] == ["tenure"]
    assert is_whole(told) and told.explanation.not_shown != 0
    # What is not shown is not called unknown either.
    assert told.unknown.indicators == [] and told.unknown.sources == []


def test_all_that_tells_of_a_score_tells_the_same(desk):
    di = in_an_emergency(desk)
    told = score(desk, ANN, di, "care")

    assert person(desk, ANN, di).scores[0].score == told
    assert opened_score(desk, ANN, di, "care").score.score == told


def test_what_is_behind_a_reason_that_is_not_shown_is_not_there(desk):
    di = in_an_emergency(desk)

    for indicator in VISITS:
        with pytest.raises(Absent):
            evidence(desk, ANN, di, "care", indicator)
    assert evidence(desk, ANN, di, "care", "tenure").source == "Homes register"


def test_who_objected_after_the_batch_is_not_told_of_any_more(desk):
    ada = desk.ids.seal(ANN, "p05")
    object_to(desk, "p05")

    told = score(desk, ANN, ada, "care")
    moved = history(desk, ANN, ada, "care").steps[0].changed

    assert sentences(told) == ["The home is owned"]
    assert told.reasons.not_shown == 4 and is_whole(told)
    assert moved == ["something that is not shown to you moved it"]
    assert person(desk, ANN, ada).scores[0].history[0].changed == moved


def test_an_objection_to_what_the_score_is_for_holds_whatever_one_looks_for(desk):
    open_to_both = dict.fromkeys(("homes", "visits"), ["prevention", "safety"])
    frozen = allowing(place(), **open_to_both)
    rules = frozen.rules.model_copy(update={"care_purpose": "safety"})
    keep(desk, frozen.model_copy(update={"rules": rules}), after=2)
    ada = desk.ids.seal(ANN, "p05")

    before = score(desk, ANN, ada, "care")
    object_to(desk, "p05")
    after = score(desk, ANN, ada, "care")

    assert person(desk, ANN, ada).relation.purpose == "to keep people safe"
    assert before.reasons.not_shown == 0
    assert after.reasons.not_shown == 4


def test_why_there_is_no_score_names_nothing_that_is_not_shown(desk):
    unseen = Withheld(unseen=["tenure", "fell"]).model_dump_json()
    lee = sa.update(scores).where(scores.c.entity_id == "u02")
    with desk.audit.ledger.writing() as connection:
        connection.execute(lee.values(withheld=unseen))
    before = score(desk, ANN, desk.ids.seal(ANN, "u02"), "care").state
    object_to(desk, "u02")

    after = score(desk, ANN, desk.ids.seal(ANN, "u02"), "care").state

    start = "The model was fitted on nobody with this entry: Whether the home is owned"
    assert before.because == f"{start}; Falls."
    assert after.because == f"{start}; one that is not shown to you."


def test_of_ones_own_case_all_is_told(desk):
    ada = desk.ids.seal(ANN, "p05")

    told = score(desk, ANN, ada, "care")

    assert len(sentences(told)) == 5
    assert told.reasons.not_shown == 0
    assert told.explanation.not_shown is None and is_whole(told)
    assert len(history(desk, ANN, ada, "care").steps[0].changed) == 3


def test_an_agreement_that_has_ended_ends_what_reasons_tell(desk):
    frozen = place()
    ended = [
        one.model_copy(update={"agreement_expires": desk.on() - dt.timedelta(days=1)})
        if one.name == "visits"
        else one
        for one in frozen.sources
    ]
    keep(desk, frozen.model_copy(update={"sources": ended}), after=2)

    told = score(desk, ANN, desk.ids.seal(ANN, "p05"), "care")

    assert sentences(told) == ["The home is owned"]


@pytest.fixture
def closed(tmp_path: Path) -> Desk:
    """Return a desk of a place where nothing of the score may be shown for safety."""
    return people_desk(tmp_path)


def test_a_score_of_which_nothing_may_be_used_for_this_is_restricted(closed):
    di = in_an_emergency(closed)

    told = score(closed, ANN, di, "care")

    assert told.state.name is State.RESTRICTED
    assert told.state.because.startswith("None of the records that it rests on")
    assert (told.score, told.band, told.rank, told.reasons) == (None,) * 4
    assert person(closed, ANN, di).scores[0].score == told
    assert opened_score(closed, ANN, di, "care").score.score == told
    steps = history(closed, ANN, di, "care").steps
    assert [step.band for step in steps] == [None, None]
    with pytest.raises(NotGiven):
        evidence(closed, ANN, di, "care", "tenure")


def test_such_a_score_stands_in_no_list_and_beside_no_opinion(closed):
    di = in_an_emergency(closed)
    said = Opinion.model_validate({"score": "care", "kind": "agree"})

    given = opine(closed, ANN, di, said)
    [line] = [
        one for one in my_people(closed, ANN, Choice()).people if one.person == di
    ]
    by_ben = caller("ben")
    known = opine(closed, by_ben, closed.ids.seal(by_ben, "p03"), said)

    assert given.said_beside is None and known.said_beside == "All others"
    told = opinions_about(closed, ANN, di).opinions
    assert [one.said_beside for one in told] == [None, None]
    assert line.score is not None and line.score.band is None
    assert line.score.state is not None
    assert line.score.state.name is State.RESTRICTED


def test_who_objected_to_all_of_it_has_no_score_from_then_on(closed):
    ada = closed.ids.seal(ANN, "p05")
    object_to(closed, "p05")
    object_to(closed, "p05", source="homes")

    [line] = [
        one for one in my_people(closed, ANN, Choice()).people if one.person == ada
    ]

    assert score(closed, ANN, ada, "care").state.name is State.RESTRICTED
    assert line.score is not None and line.score.state is not None


def test_what_a_place_flags_is_off_the_reasons_and_not_off_the_sources():
    right = Right("p05", "own case", "prevention", None, None)
    flagged = [
        source.model_copy(
            update={"flags": ["health"]} if source.name == "visits" else {}
        )
        for source in place().sources
    ]
    here = place().model_copy(update={"sources": flagged})
    reviewed = Sight(right, here, TODAY, frozenset())
    for_ada = Sight(right, here, TODAY, frozenset(), is_for_themself=True)

    assert for_ada.sources("prevention") == reviewed.sources("prevention")
    assert reviewed.reason_sources("prevention") >= {"homes", "visits"}
    assert "visits" not in for_ada.reason_sources("prevention")
    assert for_ada.may_tell("prevention", ["visits"])


def test_of_whom_anything_may_be_told_the_ledger_says_as_one_look_does(desk: Desk):
    of, purposes = ("homes", "visits", "notices"), ("prevention", "safety")
    barred = itertools.product(of, purposes)
    chosen = itertools.chain.from_iterable(
        itertools.combinations(list(barred), size) for size in range(5)
    )
    for number, some in enumerate(chosen):
        who = f"x{number}"
        rows = [{"entity_id": who, "source": s, "purpose": p} for s, p in some]
        with desk.audit.ledger.writing() as connection:
            for row in rows:
                connection.execute(sa.insert(withheld_sources).values(row))
            frozen = desk.place(connection)
            for purpose in purposes:
                right = Right(who, "allocated", purpose, None, None)
                sight = sight_of(connection, right, frozen, TODAY)
                rule = may_be_told_of(sa.literal(who), frozen, purpose, of, TODAY)
                found = connection.execute(sa.select(sa.literal(1)).where(rule)).all()

                assert bool(found) == sight.may_tell(purpose, of), some

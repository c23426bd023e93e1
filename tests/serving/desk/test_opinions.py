from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from features.faults import Misuse
from models.ledger.batches import Batch, CaseRows, write_batch
from models.ledger.cases import CaseFile, Scored, ScoreRow
from serving.audit import Absent, Forbidden
from serving.desk.answering import answer
from serving.desk.desk import Desk
from serving.desk.opinions import opine
from serving.desk.opinions_told import opinions_about
from serving.desk.stewards import queue
from serving.schemas.work import Opinion, OpinionAnswer, Verdict
from tests.made_up_score import AS_OF, NOW, RECEIVED, bundle
from tests.serving.made_up_people import caller, people_desk


pytestmark = pytest.mark.usefixtures("each_database")

LATER = NOW + dt.timedelta(days=9)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return people_desk(tmp_path)


def say(
    desk: Desk, kind: Any, *, name: str = "ann", person: str = "p05", **more: Any
) -> OpinionAnswer:
    opinion = Opinion(score="care", kind=kind, **more)
    return opine(desk, caller(name), desk.ids.seal(caller(name), person), opinion)


def said(desk: Desk, name: str = "ann", person: str = "p05") -> list[OpinionAnswer]:
    sealed = desk.ids.seal(caller(name), person)
    return opinions_about(desk, caller(name), sealed).opinions


def test_whoever_disagrees_needs_no_approval_and_no_words(desk):
    kept = say(desk, "disagree")

    assert (kept.kind, kept.by, kept.role, kept.at) == (
        *("disagree", "Ann Example", "caseworker"),
        NOW,
    )
    assert (kept.as_of, kept.said_beside, kept.answer) == (AS_OF, "Highest fifth", None)


def test_what_is_said_beside_a_state_is_beside_its_sentence(desk):
    kept = say(desk, "agree", person="s02")

    assert (kept.said_beside or "").startswith("An objection")


@pytest.mark.parametrize(
    ("kind", "more", "message"),
    [
        ("I know something it does not", {}, "what is wrong, or what you know"),
        ("the record is wrong", {"record": "1-1"}, "what is wrong, or what you know"),
        ("the record is wrong", {"text": "not hers"}, "a record is named where"),
        ("agree", {"record": "1-1"}, "a record is named where"),
        ("the record is wrong", {"text": "x", "record": "1"}, "write it like 1042-7"),
        ("view first", {"text": "perhaps"}, "your view is one of the bands"),
    ],
)
def test_what_is_missing_or_does_not_fit_is_said(desk, kind, more, message):
    with pytest.raises(Misuse, match=message):
        say(desk, kind, **more)

    assert said(desk) == []


@pytest.mark.parametrize(
    ("record", "why"),
    [
        ("201-1", "it is another person's, of whom the caller has no right"),
        ("301-1", "it is another person's of the caller"),
        ("500-1", "the agreement with its partner has ended"),
        ("1-9", "there is no such version"),
        ("999-1", "there is no such record"),
    ],
)
def test_a_wrong_record_must_be_one_that_may_be_seen_of_this_person(desk, record, why):
    with pytest.raises(Absent):
        say(desk, "the record is wrong", record=record, text="not hers")

    assert said(desk) == [], why


def test_a_wrong_record_goes_to_its_partners_steward_and_to_no_other(desk):
    say(desk, "the record is wrong", record="2-1", text="that was her sister")

    [item] = queue(desk, caller("sam")).items
    other = replace(caller("sam"), partner="council")

    assert item.record is not None
    assert (item.record.record, item.record.said) == ("2-1", "that was her sister")
    assert {f.label: f.value for f in item.record.fields} == {
        "What for": "visit",
        "How long": "20 minutes",
    }
    assert queue(desk, other).items == []


def test_its_answer_stands_beside_the_score_for_all_with_a_right(desk):
    say(desk, "the record is wrong", record="2-1", text="that was her sister")
    [item] = queue(desk, caller("sam")).items
    verdict = Verdict(verdict="corrected by the partner", text="moved to her sister")

    done = answer(desk, caller("sam"), item.item, verdict)

    [told] = said(desk, name="mia")
    assert told.answer is not None
    assert (told.partner, told.answer.verdict) == ("Health centre", verdict.verdict)
    assert (told.answer.text, told.answer.by) == ("moved to her sister", "Sam Example")
    assert done.next.endswith("The last one was made for 1 November 2026.")
    assert told.newer is None
    assert queue(desk, caller("sam")).items == []


def test_the_score_that_is_made_after_the_answer_stands_beside_it(desk):
    say(desk, "the record is wrong", record="2-1", text="that was her sister")
    [item] = queue(desk, caller("sam")).items
    answer(desk, caller("sam"), item.item, Verdict(verdict="cannot tell", text="gone"))
    scored = Scored(0.0, 0.5, 0.0, "others", CaseFile(contributions={}))
    newer = dt.date(2026, 11, 8)
    batch = Batch("care", bundle().sha256, newer, "care-3", RECEIVED)
    rows = CaseRows([ScoreRow("p05", newer, None, scored)])
    write_batch(desk.audit.ledger, batch, rows, clock=lambda: LATER)

    [told] = said(desk)

    assert (told.as_of, told.said_beside) == (AS_OF, "Highest fifth")
    assert (told.newer_as_of, told.newer) == (newer, "All others")


@pytest.mark.parametrize(("name", "refusal"), [("ben", Absent), ("nat", Forbidden)])
def test_who_may_not_look_may_not_say(desk, name, refusal):
    with pytest.raises(refusal):
        say(desk, "agree", name=name)

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

import pytest
import sqlalchemy as sa

from features.faults import Misuse
from features.linkage import decisions_store
from models.audit.access_report import accesses_of
from models.ledger.link_queue import LinkQuestion, ask, mark_taken, untaken
from models.ledger.tables import views
from serving.audit import Absent, Forbidden
from serving.desk.answering import USUAL_REASON, answer
from serving.desk.desk import Desk
from serving.desk.opinions import opine
from serving.desk.stewards import queue, waiting_item
from serving.schemas.work import LinkReason, LinkVerdict, Opinion, Verdict
from tests.made_up_score import NOW
from tests.serving.made_up_people import caller, people_desk


pytestmark = pytest.mark.usefixtures("each_database")

SAM = caller("sam")
SIDES = {"left_entity_id": "p04", "right_entity_id": "p03"}


def question(pair: str, **changes: Any) -> LinkQuestion:
    plain: dict[str, Any] = {
        "pair": pair * 16,
        "kind": "person",
        "partner": "health",
        "why": "uncertain",
        "usefulness": 0.5,
        "holds_scores_back": False,
        "sides": {"house_number": (["4"], ["4", "4a"])},
    }
    return LinkQuestion(**{**plain, **changes})


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    made = people_desk(tmp_path)
    questions = [
        question("a"),
        question("b", usefulness=0.9),
        question("c", holds_scores_back=True, **SIDES),
        question("d", partner="council"),
    ]
    ask(made.audit.ledger, questions, at=NOW)
    wrong = Opinion(
        score="care", kind="the record is wrong", record="2-1", text="not hers"
    )
    opine(made, caller("ann"), made.ids.seal(caller("ann"), "p05"), wrong)
    return made


def waiting(desk: Desk, **more: int) -> list[str]:
    found = queue(desk, SAM, **more).items
    opened = [desk.ids.open(SAM, item.item) or "" for item in found]
    return [text if text.startswith("record") else text[:6] for text in opened]


def test_records_come_first_and_then_what_holds_scores_back(desk):
    assert waiting(desk) == ["record 1", "link c", "link b", "link a"]


def test_the_queue_comes_in_pages(desk):
    assert waiting(desk, limit=2) == ["record 1", "link c"]
    assert waiting(desk, limit=2, offset=1) == ["link c", "link b"]
    assert waiting(desk, limit=2, offset=3) == ["link a"]
    assert queue(desk, SAM, limit=1).total == 4


def test_of_a_link_nothing_is_shown_but_identifiers(desk):
    item = queue(desk, SAM).items[1]

    assert item.record is None
    assert item.link is not None
    assert item.link.model_dump() == {
        "entity": "person",
        "why": "uncertain",
        "holds_scores_back": True,
        "sides": [{"identifier": "house number", "left": ["4"], "right": ["4", "4a"]}],
    }


def test_of_a_record_no_score_and_no_pseudonym_is_shown(desk):
    text = queue(desk, SAM).model_dump_json()

    assert "Highest" not in text
    assert "p05" not in text
    assert "care" not in text


def test_whose_records_a_steward_saw_is_on_record(desk):
    queue(desk, SAM)

    query = sa.select(views.c.entity_id).where(views.c.action == "listed")
    with desk.audit.ledger.reading() as connection:
        assert connection.execute(query).scalars().all() == ["p05", "p04", "p03"]


def test_whose_identifiers_a_steward_saw_and_judged_is_told_to_them(desk):
    item = queue(desk, SAM).items[1].item
    waiting_item(desk, SAM, item)
    answer(desk, SAM, item, Verdict(verdict="different"))

    with desk.audit.ledger.reading() as connection:
        by_side = [accesses_of(connection, one) for one in ("p04", "p03")]
    for told in by_side:
        assert [look.action for look in told] == ["listed", "queue", "answer"]


def test_an_answer_to_a_link_waits_for_linking_with_its_usual_reason(desk):
    item = queue(desk, SAM).items[1].item

    answer(desk, SAM, item, Verdict(verdict="different"))

    [kept] = untaken(desk.audit.ledger)
    assert (kept.pair, kept.verdict, kept.reason) == (
        *("c" * 16, "different"),
        "identifiers differ",
    )
    assert waiting(desk) == ["record 1", "link b", "link a"]


def test_a_link_that_linking_asks_about_again_waits_again(desk):
    answer(desk, SAM, queue(desk, SAM).items[1].item, Verdict(verdict="cannot tell"))
    [kept] = untaken(desk.audit.ledger)

    mark_taken(desk.audit.ledger, kept.id, decision=1, at=NOW)

    assert "link c" in waiting(desk)


def test_what_was_answered_cannot_be_answered_again(desk):
    item = queue(desk, SAM).items[0].item
    verdict = Verdict(verdict="right as it is", text="we looked it up")
    answer(desk, SAM, item, verdict)

    with pytest.raises(Absent):
        answer(desk, SAM, item, verdict)


@pytest.mark.parametrize("number", [0, 1])
def test_of_two_who_answer_at_once_one_is_heard(desk, number):
    item = queue(desk, SAM).items[number].item
    verdict = Verdict(verdict="cannot tell", text=None if number else "gone")

    def tell(_: int) -> str:
        try:
            return answer(desk, SAM, item, verdict).verdict
        except Absent:
            return "absent"

    with ThreadPoolExecutor(2) as both:
        told = sorted(both.map(tell, range(2)))

    assert told == ["absent", "cannot tell"]


@pytest.mark.parametrize(
    ("number", "verdict", "message"),
    [
        (0, Verdict(verdict="same", text="x"), "the answer must fit the question"),
        (0, Verdict(verdict="cannot tell"), "must learn what was found out"),
        (1, Verdict(verdict="right as it is"), "the answer must fit the question"),
        (
            0,
            Verdict(verdict="cannot tell", text="x", reason="person confirmed"),
            "only a link is decided for a listed reason",
        ),
    ],
)
def test_an_answer_must_fit_what_was_asked(desk, number, verdict, message):
    item = queue(desk, SAM).items[number].item

    with pytest.raises(Misuse, match=message):
        answer(desk, SAM, item, verdict)

    assert len(waiting(desk)) == 4


def test_nothing_waits_for_another_partners_steward_or_under_a_made_up_id(desk):
    other = replace(SAM, partner="school")
    council = replace(SAM, partner="council", account=9)
    item = queue(desk, SAM).items[0].item
    forged = desk.ids.seal(council, "record 1")

    assert queue(desk, other).items == []
    for who, one in ((SAM, "nothing"), (council, item), (council, forged)):
        with pytest.raises(Absent):
            waiting_item(desk, who, one)


@pytest.mark.parametrize("name", ["ann", "mia", "nat", "bea", "oli"])
def test_no_other_role_has_a_queue(desk, name):
    with pytest.raises(Forbidden):
        queue(desk, caller(name))


def test_a_steward_of_no_partner_has_no_queue(desk):
    with pytest.raises(Forbidden):
        queue(desk, replace(SAM, partner=None))


def test_the_words_are_those_of_linking():
    assert get_args(LinkVerdict) == decisions_store.VERDICTS
    assert get_args(LinkReason) == decisions_store.REASONS
    assert decisions_store.USUAL_REASON == USUAL_REASON

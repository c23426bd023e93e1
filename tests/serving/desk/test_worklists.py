from __future__ import annotations

import dataclasses
import datetime as dt

import pytest
import sqlalchemy as sa

from features.faults import Misuse
from models.definitions.states import State
from models.ledger.access_tables import worklist_people, worklists
from models.ledger.people_tables import withheld_sources
from models.ledger.tables import scores, views
from models.ledger.work_tables import decisions
from serving.audit import Absent, Forbidden, NotGiven
from serving.desk.people import Choice, my_people
from serving.desk.person import person
from serving.desk.worklists import (
    allocate,
    draw,
    take_back,
    worklist,
    worklists_of_team,
)
from tests.made_up_score import NOW, bundle
from tests.serving.made_up_people import caller, people_desk, people_ledger


pytestmark = pytest.mark.usefixtures("each_database")

ANN, BEN, MIA = caller("ann"), caller("ben"), caller("mia")


def made(folder, **changes):
    return people_desk(folder, people_ledger(folder, bundle(**changes)))


@pytest.fixture
def desk(tmp_path):
    return made(tmp_path, capacity=3)


def rows(desk, table):
    with desk.audit.ledger.reading() as connection:
        return connection.execute(sa.select(table).order_by(*table.primary_key)).all()


def later(desk, days):
    return dataclasses.replace(desk, clock=lambda: NOW + dt.timedelta(days=days))


def drawn(desk, number):
    lines = rows(desk, worklist_people)
    return [one.entity_id for one in lines if one.worklist == number]


def test_the_top_within_capacity_is_drawn_without_those_on_a_live_worklist(desk):
    found = draw(desk, MIA, "care")

    # Of five with a score, p04 is on worklist 1 already; s01 and others have none.
    assert drawn(desk, found.worklist) == ["p05", "p03", "p02"]
    assert found.expires == NOW + dt.timedelta(days=28)


def test_who_is_on_a_worklist_that_ended_can_be_drawn_again(desk):
    ended = sa.update(worklists).where(worklists.c.id == 1).values(expires=NOW)
    with desk.audit.ledger.writing() as connection:
        connection.execute(ended)

    found = draw(desk, MIA, "care")

    assert "p04" in drawn(desk, found.worklist)


def test_a_draw_is_one_act_that_names_everybody_on_it(desk):
    draw(desk, MIA, "care", 2)

    assert [(v.action, v.entity_id, v.purpose) for v in rows(desk, views)] == [
        ("draw", None, "prevention"),
        ("listed", "p05", "prevention"),
        ("listed", "p03", "prevention"),
    ]


def test_a_second_draw_goes_on_where_the_first_ended(desk):
    first = draw(desk, MIA, "care", 2)
    second = draw(desk, MIA, "care", 3)

    assert not set(drawn(desk, first.worklist)) & set(drawn(desk, second.worklist))
    assert drawn(desk, second.worklist) == ["p02", "p01"]
    with pytest.raises(Misuse, match="somebody must be left"):
        draw(desk, MIA, "care")


def test_no_more_are_drawn_than_can_be_visited(desk):
    with pytest.raises(Misuse, match="draw 3 or fewer"):
        draw(desk, MIA, "care", 4)


def test_where_no_capacity_is_declared_it_must_be_said(tmp_path):
    desk = made(tmp_path)

    with pytest.raises(Misuse, match="say how many"):
        draw(desk, MIA, "care")
    assert draw(desk, MIA, "care", 1).people == 1


def test_a_capacity_that_is_a_share_is_one_of_those_with_a_score(tmp_path):
    desk = made(tmp_path, capacity_share=0.5)

    # Half of five.
    assert draw(desk, MIA, "care").people == 2


def test_a_share_is_one_of_those_whose_score_may_be_told(tmp_path):
    desk = made(tmp_path, capacity_share=0.5)
    for who in ("p01", "p02"):
        object_to_all(desk, who)

    [one] = worklists_of_team(desk, MIA).drawable
    found = draw(desk, MIA, "care")

    # Half of three.
    assert (one.capacity, found.people) == (1, 1)


@pytest.mark.parametrize(
    ("day", "state"),
    [(dt.date(2027, 1, 1), State.PAUSED), (dt.date(2026, 12, 20), State.STALE_SOURCE)],
)
def test_a_score_that_nobody_gets_cannot_be_drawn(desk, day, state):
    desk = dataclasses.replace(desk, today=day)

    with pytest.raises(NotGiven) as told:
        draw(desk, MIA, "care")

    assert told.value.state is state
    assert len(rows(desk, worklists)) == 1


def test_a_score_that_is_not_there_cannot_be_drawn(desk):
    with pytest.raises(Absent):
        draw(desk, MIA, "nothing")


@pytest.mark.parametrize("who", ["ann", "nat", "sam", "bea", "oli"])
def test_only_whoever_leads_has_worklists(desk, who):
    for asked in (
        lambda: draw(desk, caller(who), "care"),
        lambda: worklists_of_team(desk, caller(who)),
        lambda: worklist(desk, caller(who), 1),
        lambda: allocate(desk, caller(who), 1, 1, "ann"),
    ):
        with pytest.raises(Forbidden):
            asked()


def test_whoever_was_given_somebody_may_look_until_they_are_taken_back(desk):
    number = draw(desk, MIA, "care").worklist
    di = desk.ids.seal(ANN, "p03")

    with pytest.raises(Absent):
        person(desk, ANN, di)
    allocate(desk, MIA, number, 2, "ann")
    assert person(desk, ANN, di).relation.kind == "allocated"
    take_back(desk, MIA, number, 2)
    with pytest.raises(Absent):
        person(desk, ANN, di)


def test_an_allocation_ends_with_its_worklist(desk):
    number = draw(desk, MIA, "care").worklist
    allocate(desk, MIA, number, 2, "ann")

    with pytest.raises(Absent):
        person(later(desk, 28), ANN, desk.ids.seal(ANN, "p03"))
    with pytest.raises(Absent):
        worklist(later(desk, 28), MIA, number)
    with pytest.raises(Absent):
        allocate(later(desk, 28), MIA, number, 1, "ann")


def test_the_newly_allocated_are_new_until_they_are_opened(desk):
    number = draw(desk, MIA, "care").worklist
    allocate(desk, MIA, number, 2, "ann")

    assert my_people(desk, ANN, Choice()).new == 2
    person(desk, ANN, desk.ids.seal(ANN, "p03"))
    assert my_people(desk, ANN, Choice()).new == 1
    [line] = [one for one in worklist(desk, MIA, number).lines if one.number == 2]
    assert line.opened_at == NOW


@pytest.mark.parametrize("account", ["ben", "mia", "nat", "nobody"])
def test_nobody_is_given_to_anyone_outside_the_team(desk, account):
    with pytest.raises(Misuse, match="a caseworker of your team"):
        allocate(desk, MIA, 1, 1, account)


def test_a_worklist_of_another_team_is_not_there(desk):
    other = dataclasses.replace(MIA, team="West")

    assert worklists_of_team(desk, other).worklists == []
    with pytest.raises(Absent):
        worklist(desk, other, 1)
    with pytest.raises(Absent):
        take_back(desk, other, 1, 1)


def test_a_line_that_is_not_there_cannot_be_given(desk):
    with pytest.raises(Absent):
        allocate(desk, MIA, 1, 2, "ann")


def test_a_worklist_tells_what_came_of_everybody_on_it(desk):
    number = draw(desk, MIA, "care", 2).worklist
    allocate(desk, MIA, number, 1, "ann")
    done = {"at": NOW, "account": 1, "entity_id": "p05", "score": "care"}
    done |= {"kind": "visited", "relation": "allocated"}
    with desk.audit.ledger.writing() as connection:
        connection.execute(sa.insert(decisions).values(done))

    found = worklist(desk, MIA, number)

    assert (found.worklist.allocated, found.worklist.decided) == (1, 1)
    assert [member.account for member in found.team] == ["ann"]
    first, second = found.lines
    assert (first.identity.name, first.worker, first.decided) == (
        *("Ada Quill", "Ann Example"),
        "visited",
    )
    assert (second.identity.name, second.person, second.worker) == (
        *("Di Oakes", None),
        None,
    )


def test_whose_score_can_no_longer_be_given_is_told_on_the_worklist(desk):
    number = draw(desk, MIA, "care", 1).worklist
    paused = dataclasses.replace(desk, today=dt.date(2027, 1, 1))

    [line] = worklist(paused, MIA, number).lines

    assert (line.band, line.state.name) == (None, State.PAUSED)


def test_who_stands_on_a_worklist_that_was_read_is_on_record(desk):
    worklist(desk, MIA, 1)

    assert [(v.action, v.entity_id) for v in rows(desk, views)] == [
        ("worklists", None),
        ("listed", "p04"),
    ]


def test_what_can_be_drawn_is_told_with_its_capacity_or_why_not(desk):
    paused = dataclasses.replace(desk, today=dt.date(2027, 1, 1))

    [now] = worklists_of_team(desk, MIA).drawable
    [then] = worklists_of_team(paused, MIA).drawable

    assert (now.score, now.capacity, now.state) == ("care", 3, None)
    assert then.state.name is State.PAUSED


def test_a_manager_s_list_says_whose_people_they_are(desk):
    number = draw(desk, MIA, "care").worklist
    allocate(desk, MIA, number, 2, "ann")

    hers = {line.identity.name: line for line in my_people(desk, MIA, Choice()).people}
    mine = my_people(desk, ANN, Choice()).people

    assert hers["Di Oakes"].worker == "Ann Example"
    assert hers["Ada Quill"].worker == "Ann Example"
    assert {line.worker for line in mine} == {None}


def object_to_all(desk, entity_id):
    barred = {"entity_id": entity_id, "purpose": "prevention"}
    rows = [{**barred, "source": one} for one in ("homes", "visits")]
    with desk.audit.ledger.writing() as connection:
        connection.execute(sa.insert(withheld_sources), rows)


def test_who_objected_to_all_of_a_score_is_passed_over_by_a_draw(desk):
    object_to_all(desk, "p05")

    found = draw(desk, MIA, "care")

    assert drawn(desk, found.worklist) == ["p03", "p02", "p01"]


def test_where_nothing_may_be_told_of_anybody_nobody_can_be_drawn(desk):
    for entity_id in ("p01", "p02", "p03", "p05"):
        object_to_all(desk, entity_id)

    with pytest.raises(Misuse, match="somebody must be left"):
        draw(desk, MIA, "care")


def test_who_objected_after_the_draw_stands_there_with_a_state_and_no_band(desk):
    number = draw(desk, MIA, "care", 2).worklist
    object_to_all(desk, "p05")

    first, second = worklist(desk, MIA, number).lines

    assert (first.band, first.state.name) == (None, State.RESTRICTED)
    assert (second.band, second.state) == ("All others", None)


def test_an_objection_holds_where_the_next_batch_has_nobody_of_the_worklist(desk):
    number = draw(desk, MIA, "care", 1).worklist
    object_to_all(desk, "p05")
    with desk.audit.ledger.writing() as connection:
        connection.execute(sa.delete(scores).where(scores.c.entity_id == "p05"))

    [line] = worklist(desk, MIA, number).lines

    assert (line.band, line.state.name) == (None, State.RESTRICTED)

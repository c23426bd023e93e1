from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from models.ledger.tables import views
from serving.audit import Absent, Forbidden
from serving.desk.desk import Desk
from serving.desk.practice import practice_case, practice_cases, practice_file
from tests.serving.made_up_people import caller, people_desk


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return people_desk(tmp_path)


def test_six_people_teach_a_lesson_each():
    lessons = {case.lesson for case in practice_file().cases}

    assert len(lessons) == len(practice_file().cases) == 6


def test_each_sensible_view_is_one_that_can_be_said():
    found = practice_file()

    assert {view for case in found.cases for view in case.sensible} <= set(found.views)


def test_nothing_is_kept_but_that_the_page_was_used(desk):
    practice_case(desk, caller("ann"), 2)

    with desk.audit.ledger.reading() as connection:
        [row] = connection.execute(sa.select(views)).all()
    assert (row.token_name, row.action, row.entity_id) == ("ann", "practise", None)
    assert row.detail == '{"case": 2}'


@pytest.mark.parametrize("number", [0, 7, -1])
def test_there_is_no_other_case(desk, number):
    with pytest.raises(Absent):
        practice_case(desk, caller("ann"), number)


@pytest.mark.parametrize("name", ["bea", "oli"])
def test_who_sees_no_scores_of_people_has_nothing_to_practise(desk, name):
    with pytest.raises(Forbidden):
        practice_cases(desk, caller(name))

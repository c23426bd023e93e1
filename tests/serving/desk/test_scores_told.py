from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

import pytest

from models.ledger.promotions import promote
from serving.audit import Forbidden
from serving.desk.desk import Desk
from serving.desk.scores_told import promoted_scores
from tests.made_up_score import AS_OF, NOW, bundle
from tests.serving.made_up_people import caller, people_desk


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return people_desk(tmp_path)


def test_a_score_is_told_with_its_limits_and_what_was_measured(desk):
    [told] = promoted_scores(desk, caller("bea")).scores

    assert (told.question, told.purpose) == (
        "Will they need care within 12 months?",
        "to offer help early",
    )
    assert told.forbidden_uses == ["refuse", "reduce", "ration"]
    assert told.limits == ["It knows nothing of help from friends."]
    assert told.bands == ["Highest fifth", "All others"]
    assert told.base_rate.share == 0.1
    assert [(m.from_probability, m.rate.share) for m in told.observed] == [
        (0.0, 0.08),
        (0.25, 0.31),
    ]
    assert told.indicators[2].source == "Homes register"
    assert told.newest_scores == AS_OF


@pytest.mark.parametrize(("days", "is_over"), [(0, False), (1, True)])
def test_an_approval_holds_to_the_end_of_its_last_day(desk, days, is_over):
    later = dt.date(2026, 12, 31) + dt.timedelta(days=days)

    [told] = promoted_scores(replace(desk, today=later), caller("bea")).scores

    assert (told.approvals[0].is_over, told.is_paused) == (is_over, is_over)


def test_of_each_score_the_last_promotion_is_told(desk):
    promote(desk.audit.ledger, bundle(version=4), by="Board", at=NOW)

    [told] = promoted_scores(desk, caller("nat")).scores

    assert (told.version, told.promoted_by) == (4, "Board")


@pytest.mark.parametrize("name", ["sam", "oli"])
def test_who_does_not_work_with_scores_is_not_told(desk, name):
    with pytest.raises(Forbidden):
        promoted_scores(desk, caller(name))

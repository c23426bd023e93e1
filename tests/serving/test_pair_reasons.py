from __future__ import annotations

from dataclasses import replace

import pytest

from models.definitions.states import State
from models.families.pairs import Pair
from models.tables.explanation import PAIRS_METHOD
from models.tables.terms import Categories, Steps
from serving.answers.scores import Subject, score_answer
from serving.scoring import score_cohort, score_values
from tests.made_up_score import AS_OF, MODEL, TODAY, bundle, whole_cohort


VISITS = Steps("visits_365d", (3.0,), (0.0, 1.0), missing=0.0)
TENURE = Categories("tenure", ("owned", "rented"), (0.0, 1.0), missing=2.0)
PAIR = Pair(
    "visits_365d and tenure", VISITS, TENURE, ((-0.5, 0.1, 0.0), (0.25, 1.5, 0.0))
)
PAIRED = replace(
    MODEL,
    family="pairs",
    terms=(*(t for t in MODEL.terms if t.name not in PAIR.indicators), PAIR),
)


@pytest.fixture
def promoted():
    text = PAIRED.to_json().decode()
    return bundle(family="pairs", model_json=text, model_sha256=PAIRED.sha256)


def test_a_pair_is_one_reason_with_both_values_and_neither_is_one_alone(promoted):
    given = score_values(promoted, {"visits_365d": 5.0, "tenure": "rented"})

    answer = score_answer(promoted, Subject(None, AS_OF, {}), given)

    (reason,) = answer.reasons.raises
    assert reason.indicator == "visits_365d and tenure"
    assert reason.value == "5 visits; rented from someone"
    assert "And together with it" in reason.sentence
    assert answer.explanation.method == PAIRS_METHOD


def test_the_parts_of_an_answer_are_the_whole(promoted):
    given = score_values(promoted, {"visits_365d": 5.0, "tenure": "owned", "fell": 1.0})

    explanation = score_answer(promoted, Subject(None, AS_OF, {}), given).explanation

    parts = sum(part.contribution for part in explanation.values)
    assert explanation.base_value + parts == pytest.approx(given.log_odds, abs=1e-9)


def test_a_cohort_is_scored_by_pairs_and_keeps_each_value(promoted):
    rows = score_cohort(promoted, whole_cohort(), on=TODAY)

    scored = [row.given for row in rows if not isinstance(row.given, State)]
    assert scored
    for given in scored:
        assert set(given.case_file.values) == set(PAIRED.names)
        assert list(given.case_file.contributions) == list(PAIRED.term_names)


def test_of_a_pair_nothing_is_told_where_one_of_it_may_not_be(promoted):
    given = score_values(promoted, {"visits_365d": 5.0, "tenure": "rented", "fell": 1})
    subject = Subject(None, AS_OF, {}, hidden=frozenset({"homes"}))

    answer = score_answer(promoted, subject, given)

    told = [*answer.reasons.raises, *answer.reasons.lowers]
    parts = answer.explanation
    assert "visits_365d and tenure" not in {one.indicator for one in told}
    assert answer.reasons.not_shown == 1 and parts.not_shown == pytest.approx(1.5)
    shown = sum(part.contribution for part in parts.values)
    assert parts.base_value + shown + parts.not_shown == pytest.approx(given.log_odds)

"""The API asked at random, a thousand times; `python -m benchmarks fuzz` asks more."""

from __future__ import annotations

import pytest

from tests.fuzzed import fuzz
from tests.made_up_score import close_ledgers, keep_ledgers_on


CASES = 1_000
# Who is told something of somebody: else that nobody is told too much says little.
ANSWERED = [
    *(("ann", "GET /v1/people/{person}"), ("ben", "GET /v1/people/{person}")),
    *(("mia", "GET /v1/people/{person}"), ("mia", "POST /v1/links")),
    *(("ann", "POST /v1/find"), ("mia", "POST /v1/find")),
    *(("ann", "POST /v1/contacts"), ("ann", "POST /v1/break-glass")),
]


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def found(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("fuzz")
    if request.param == "postgres":
        keep_ledgers_on(request.getfixturevalue("postgres"), folder)
    # Some are drawn that cannot be written as a request.
    yield fuzz(folder, cases=int(1.1 * CASES), seed=20, until=ANSWERED)
    close_ledgers()


def test_every_operation_is_asked_for(found):
    assert len(found.operations) > 20
    assert sum(found.statuses.values()) >= CASES


def test_no_answer_is_a_failure_or_is_not_described(found):
    assert found.failures == []


def test_without_a_token_nobody_is_let_in(found):
    assert found.let_in == []


def test_nobody_is_told_of_another_s_people(found):
    assert found.others_shown == []


def test_some_are_answered_well(found):
    assert found.statuses[200] > 50


@pytest.mark.parametrize(("who", "operation"), ANSWERED)
def test_each_is_answered_well_about_somebody(found, who, operation):
    assert found.answered_well[who, operation] > 0

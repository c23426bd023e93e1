from __future__ import annotations

import datetime as dt

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from features.faults import Refusal
from models.ledger.tables import tokens
from serving.access import Caller, caller_of, issue_token
from tests.made_up_score import NOW, new_ledger


pytestmark = pytest.mark.usefixtures("each_database")


EXPIRES = NOW + dt.timedelta(days=1)


@pytest.fixture
def ledger(tmp_path):
    return new_ledger(tmp_path)


def test_whoever_holds_a_token_is_known_by_its_name_and_role(ledger):
    token = issue_token(ledger, name="desk 4", role="caseworker", expires=EXPIRES)

    assert caller_of(ledger, token, at=NOW) == Caller("desk 4", "caseworker")


def test_a_token_is_long_and_random_and_never_kept(ledger):
    made = {
        issue_token(ledger, name="desk", role="machine", expires=EXPIRES)
        for _ in range(5)
    }

    assert len(made) == 5
    assert all(len(token) >= 43 for token in made)  # 32 bytes in base 64
    with ledger.reading() as connection:
        kept = connection.execute(sa.select(tokens)).all()
    assert not any(token in str(kept) for token in made)


def test_a_token_is_valid_until_the_moment_it_expires(ledger):
    token = issue_token(ledger, name="desk", role="machine", expires=EXPIRES)

    assert caller_of(ledger, token, at=EXPIRES - dt.timedelta(seconds=1))
    assert caller_of(ledger, token, at=EXPIRES) is None


@settings(max_examples=30)
@given(st.text(max_size=300))
def test_nobody_holds_a_token_that_was_not_issued(tmp_path_factory, token):
    ledger = new_ledger(tmp_path_factory.getbasetemp())

    assert caller_of(ledger, token, at=NOW) is None


def test_a_role_that_does_not_exist_is_refused(ledger):
    with pytest.raises(Refusal, match="write one of: caseworker, machine"):
        issue_token(ledger, name="desk", role="king", expires=EXPIRES)


def test_a_caseworker_may_look_and_may_not_list():
    caseworker = Caller("desk", "caseworker")

    allowed = [a for a in ("score", "evidence", "explain", "list") if caseworker.may(a)]
    assert allowed == ["score", "evidence", "explain"]


def test_a_role_that_nobody_knows_may_do_nothing():
    assert not Caller("desk", "king").may("score")

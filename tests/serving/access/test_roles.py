from __future__ import annotations

from typing import get_args

import pytest

from serving.access.roles import ROLES, Caller
from serving.audit import Action


ABOUT_A_PERSON = {"person", "score", "evidence", "chronology", "history"}


def _may(role):
    who = Caller(1, "somebody", role)
    return {action for action in get_args(Action) if who.may(action)}


def test_a_role_that_nobody_knows_may_do_nothing():
    assert _may("machine") == set()


@pytest.mark.parametrize("role", ROLES)
def test_only_caseworkers_and_managers_may_look_at_a_person(role):
    is_theirs = role in ("caseworker", "manager")

    assert bool(_may(role) & ABOUT_A_PERSON) == is_theirs

from __future__ import annotations

import datetime as dt
import threading

import pytest
import sqlalchemy as sa
from argon2 import PasswordHasher

from features.faults import Misuse
from models.audit.audit import Audit
from models.ledger.access_tables import accounts, sessions
from models.ledger.tables import views
from serving.access.accounts import (
    NewAccount,
    bind_account,
    change_account,
    create_account,
    disable_account,
    enable_account,
    find_account,
    set_password,
)
from serving.access.sessions import begin_session, find_session
from serving.access.signing_in import Attempt, sign_in
from tests.made_up_score import NOW, audit_files, new_ledger


pytestmark = pytest.mark.usefixtures("each_database", "quick_hashes")

PASSWORD = "four words are enough"
MINUTE = dt.timedelta(minutes=1)


@pytest.fixture
def ledger(tmp_path):
    ledger = new_ledger(tmp_path)
    new = NewAccount("eve", "Eve Example", "caseworker", password=PASSWORD)
    with ledger.writing() as connection:
        create_account(connection, new, NOW)
    return ledger


@pytest.fixture
def audit(ledger, tmp_path):
    return Audit(ledger, audit_files(tmp_path))


def eve(ledger):
    with ledger.reading() as connection:
        return find_account(connection, "eve")


def faults_of(ledger, new):
    with pytest.raises(Misuse) as refused, ledger.writing() as connection:
        create_account(connection, new, NOW)
    return [fault.where for fault in refused.value.faults]


def tries(audit, *passwords, at=NOW):
    return [sign_in(audit, Attempt("eve", word), at) is not None for word in passwords]


def test_all_that_is_wrong_with_an_account_is_told_at_once(ledger):
    new = NewAccount("Eve!", " ", "king", team="x" * 64, password="short", issuer="a")

    found = faults_of(ledger, new)

    wrong = ["display name", "name", "password", "role", "subject", "team"]
    assert found == wrong


@pytest.mark.parametrize(
    ("new", "where"),
    [
        (NewAccount("eve", "Another", "caseworker"), "name"),
        (NewAccount("mia", "Mia", "manager"), "team"),
        (NewAccount("sam", "Sam", "steward"), "partner"),
        (NewAccount("ed", "Ed", "board", password="x" * 201), "password"),
        (
            NewAccount("a-name-of-12", "Ed", "board", password="A-Name-of-12"),
            "password",
        ),
    ],
)
def test_an_account_that_cannot_be_is_refused(ledger, new, where):
    assert faults_of(ledger, new) == [where]


def test_a_name_is_the_same_in_capitals(audit):
    assert sign_in(audit, Attempt(" EVE ", PASSWORD), NOW)


def test_a_role_changes_and_what_is_not_named_stays(ledger):
    with ledger.writing() as connection:
        change_account(connection, eve(ledger), role="manager", team="East")

    changed = eve(ledger)
    assert (changed.role, changed.team, changed.name) == ("manager", "East", "eve")
    refused = pytest.raises(Misuse, match="the role must exist")
    with refused, ledger.writing() as connection:
        change_account(connection, changed, role="king")


def test_a_subject_has_one_account(ledger):
    bound = NewAccount("bob", "Bob", "board", issuer="https://id", subject="1")
    with ledger.writing() as connection:
        create_account(connection, bound, NOW)

    assert faults_of(
        ledger, NewAccount("cy", "Cy", "board", issuer="https://id", subject="1")
    ) == ["subject"]
    refused = pytest.raises(Misuse, match="has one account")
    with refused, ledger.writing() as connection:
        bind_account(connection, eve(ledger), "https://id", "1")


def test_five_wrong_passwords_lock_and_each_lock_is_twice_as_long(audit, ledger):
    at, waits = NOW, []
    for _ in range(10):
        assert tries(audit, *["wrong"] * 5, at=at) == [False] * 5
        until = eve(ledger).locked_until
        waits.append((until - at) // MINUTE)
        assert tries(audit, PASSWORD, at=until - MINUTE) == [False]
        at = until

    assert waits == [15, 30, 60, 120, 240, 480, 960, 1440, 1440, 1440]


def test_the_right_password_forgets_the_wrong_ones(audit, ledger):
    found = tries(audit, *["wrong"] * 4, PASSWORD, *["wrong"] * 4, PASSWORD)

    assert found == [False] * 4 + [True] + [False] * 4 + [True]
    assert eve(ledger).failures == 0


def test_what_is_tried_while_it_is_locked_is_not_counted(audit, ledger):
    tries(audit, *["wrong"] * 9)

    assert eve(ledger).failures == 5


def test_many_tries_at_once_are_counted_one_by_one(audit, ledger):
    threads = [
        threading.Thread(target=tries, args=(audit, "wrong", "wrong")) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert eve(ledger).failures == 5
    assert tries(audit, PASSWORD) == [False]


def test_an_administrator_can_unlock(audit, ledger):
    tries(audit, *["wrong"] * 5)

    with ledger.writing() as connection:
        enable_account(connection, eve(ledger))

    assert tries(audit, PASSWORD) == [True]


def test_whoever_is_disabled_is_out(audit, ledger):
    with ledger.writing() as connection:
        token = begin_session(connection, eve(ledger).id, NOW)
        disable_account(connection, eve(ledger), NOW)

    assert find_session(ledger, token, b"key", NOW) is None
    assert tries(audit, PASSWORD) == [False]


def test_an_account_without_a_password_lets_nobody_in(audit, ledger):
    with ledger.writing() as connection:
        connection.execute(sa.update(accounts).values(password=None))

    assert tries(audit, "", PASSWORD, "None") == [False] * 3


def test_a_hash_of_before_is_made_anew_at_the_next_sign_in(audit, ledger):
    weak = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
    with ledger.writing() as connection:
        connection.execute(sa.update(accounts).values(password=weak))

    assert tries(audit, PASSWORD, PASSWORD) == [True, True]
    assert eve(ledger).password != weak


def test_every_try_is_on_record_and_what_was_typed_never(audit, ledger):
    sign_in(audit, Attempt("hunter2 in the wrong field", PASSWORD), NOW)
    tries(audit, "hunter2", PASSWORD)

    with ledger.reading() as connection:
        columns = (views.c.token_name, views.c.action, views.c.outcome)
        query = sa.select(*columns).order_by(views.c.id)
        found = [tuple(row) for row in connection.execute(query)]
        everything = str(connection.execute(sa.select(views)).all())
    assert found == [
        ("unknown", "sign in", "refused"),
        ("eve", "sign in", "refused"),
        ("eve", "sign in", "shown"),
    ]
    assert "hunter2" not in everything


def test_each_sign_in_is_a_new_session_and_ends_the_one_it_replaces(audit, ledger):
    first = sign_in(audit, Attempt("eve", PASSWORD), NOW)
    second = sign_in(audit, Attempt("eve", PASSWORD, first), NOW)

    assert first != second
    assert find_session(ledger, first, b"key", NOW) is None
    assert find_session(ledger, second, b"key", NOW)


def test_a_token_that_a_browser_brought_is_never_made_a_session(audit, ledger):
    brought = "x" * 43
    begun = sign_in(audit, Attempt("eve", PASSWORD, brought), NOW)

    assert begun != brought
    assert find_session(ledger, brought, b"key", NOW) is None


def test_that_a_session_was_seen_is_written_at_most_once_a_minute(ledger):
    with ledger.writing() as connection:
        token = begin_session(connection, eve(ledger).id, NOW)
    seen = []
    for seconds in (0, 30, 59, 60, 90, 121):
        find_session(ledger, token, b"key", NOW + dt.timedelta(seconds=seconds))
        with ledger.reading() as connection:
            at = connection.execute(sa.select(sessions.c.last_seen)).scalar_one()
        seen.append((at - NOW).seconds)

    assert seen == [0, 0, 0, 60, 60, 121]


def test_a_new_password_must_be_a_good_one(ledger):
    with pytest.raises(Misuse, match="12 to 200"), ledger.writing() as connection:
        set_password(connection, eve(ledger), "short", NOW)

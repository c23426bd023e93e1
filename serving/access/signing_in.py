"""Signing in and out: each is a row of the audit, and so is each that is refused."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

import sqlalchemy as sa

from features.faults import Misuse
from models.audit.audit import Audit
from serving.access.accounts import (
    Account,
    end_sessions,
    find_account,
    find_subject,
    keep,
    set_password,
)
from serving.access.passwords import (
    hash_password,
    is_outdated,
    is_password,
    password_faults,
)
from serving.access.sessions import Session, begin_session, end_session
from serving.audit import Forbidden, Look, looked


TRIES = 5
FIRST_LOCK = dt.timedelta(minutes=15)
LONGEST_LOCK = dt.timedelta(days=1)

# What was typed is never kept: it may be a password, in the wrong field.
UNKNOWN = "unknown"


@dataclass(frozen=True)
class Attempt:
    """Who wants to get in, and from which session they come.

    Attributes:
        replaces: The token of a session in the same browser, which then ends.
    """

    name: str
    password: str
    replaces: str | None = None


def sign_in(audit: Audit, attempt: Attempt, at: dt.datetime) -> str | None:
    """Begin a session for whoever knows an account's password.

    Five wrong ones lock an account for 15 minutes, five more for twice as long, up to
    a day. It takes as long for a name that nobody has, and is told in the same words.

    Returns:
        The browser's token, or None: it was refused, for whatever reason.

    Raises:
        LedgerUnavailable: Nobody gets in without a record of it.
    """
    name = attempt.name.strip().lower()
    with audit.ledger.reading() as connection:
        account = find_account(connection, name)
    # Outside of the transaction: it takes long, and others must be able to write.
    kept = account.password if account else None
    is_right = is_password(kept, attempt.password)
    newer = None
    if kept and is_right and is_outdated(kept):
        newer = hash_password(attempt.password)

    def enter(connection: sa.Connection) -> str:
        now = _admitted(connection, account, is_right, at)
        rehashed = {"password": newer} if newer else {}
        keep(connection, now.id, failures=0, locked_until=None, **rehashed)
        return _begin(connection, now, attempt.replaces, at)

    look = Look(account.name if account else UNKNOWN, "sign in")
    return _unless_refused(audit, look, enter, at)


def sign_in_subject(
    audit: Audit,
    issuer: str,
    subject: str,
    at: dt.datetime,
    *,
    replaces: str | None = None,
) -> str | None:
    """Begin a session for whoever an OpenID provider says it is.

    Returns:
        The browser's token, or None: no account of that subject may enter.

    Raises:
        LedgerUnavailable: Nobody gets in without a record of it.
    """
    look = Look(UNKNOWN, "sign in", detail={"by": "openid"})

    def enter(connection: sa.Connection) -> str:
        account = find_subject(connection, issuer, subject)
        look.by = account.name if account else UNKNOWN
        if account is None or account.disabled_at:
            raise Forbidden
        return _begin(connection, account, replaces, at)

    return _unless_refused(audit, look, enter, at)


def refuse_sign_in(audit: Audit, at: dt.datetime) -> None:
    """Put on record that a provider's answer was not believed."""
    look = Look(UNKNOWN, "sign in", detail={"by": "openid"})

    def refuse(_: sa.Connection) -> str:
        raise Forbidden

    _unless_refused(audit, look, refuse, at)


def sign_out(audit: Audit, session: Session, token: str, at: dt.datetime) -> None:
    """End a session.

    Raises:
        LedgerUnavailable: It could not be ended.
    """

    def leave(connection: sa.Connection) -> None:
        end_session(connection, token, at)

    looked(audit, Look(session.account.name, "sign out"), leave, at=at)


def sign_out_everywhere(audit: Audit, account: Account, at: dt.datetime) -> None:
    """End all sessions of an account.

    Raises:
        LedgerUnavailable: They could not be ended.
    """

    def leave(connection: sa.Connection) -> None:
        end_sessions(connection, account.id, at)

    looked(audit, Look(account.name, "sign out"), leave, at=at)


def change_password(
    audit: Audit, account: Account, old: str, new: str, at: dt.datetime
) -> str | None:
    """Give an account a new password, end its sessions, and begin a new one.

    A wrong old password counts as one at sign-in: whoever finds a browser open cannot
    try them all.

    Returns:
        The browser's token, or None: the old password was wrong.

    Raises:
        Misuse: With all that is wrong with the new one.
        LedgerUnavailable: Nothing is changed without a record of it.
    """
    if faults := password_faults(new, name=account.name):
        raise Misuse(faults)
    is_right = is_password(account.password, old)

    def change(connection: sa.Connection) -> str:
        _admitted(connection, account, is_right, at)
        set_password(connection, account, new, at)
        return begin_session(connection, account.id, at)

    look = Look(account.name, "sign in", detail={"did": "change password"})
    return _unless_refused(audit, look, change, at)


def _admitted(
    connection: sa.Connection, seen: Account | None, is_right: bool, at: dt.datetime
) -> Account:
    """Return the account as it is now, if the password that was checked lets it in.

    Many tries at once are counted one by one, and the lock counts that they find.

    Raises:
        Forbidden: It does not.
    """
    now = seen and find_account(connection, seen.name, to_change=True)
    if now is None or now.password is None or now.disabled_at or now.is_locked(at):
        raise Forbidden
    if not is_right or (seen and now.password != seen.password):
        keep(connection, now.id, **_after_failure(now, at))
        raise Forbidden
    return now


def _unless_refused(
    audit: Audit,
    look: Look,
    enter: Callable[[sa.Connection], str],
    at: dt.datetime,
) -> str | None:
    try:
        return looked(audit, look, enter, at=at)
    except Forbidden:
        return None


def _begin(
    connection: sa.Connection, account: Account, replaces: str | None, at: dt.datetime
) -> str:
    if replaces:
        end_session(connection, replaces, at)
    return begin_session(connection, account.id, at)


def _after_failure(account: Account, at: dt.datetime) -> dict[str, object]:
    failures = account.failures + 1
    locks, left = divmod(failures, TRIES)
    if left:
        return {"failures": failures}
    # From the eighth on it would be longer than the longest in any case.
    lock = min(FIRST_LOCK * 2 ** min(locks - 1, 7), LONGEST_LOCK)
    return {"failures": failures, "locked_until": at + lock}

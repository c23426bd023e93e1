"""What is done to accounts and their tokens: each is one row of the audit.

An administrator does it at the desk, whoever runs the service on the command line.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import TypeVar

import sqlalchemy as sa
from joserfc.jwk import OKPKey

from models.audit.audit import Audit
from serving.access.accounts import (
    Account,
    NewAccount,
    account_of,
    bind_account,
    change_account,
    create_account,
    disable_account,
    enable_account,
    find_account,
    set_password,
)
from serving.access.machine_tokens import Issued, Wanted, issue_token, revoke_token
from serving.audit import Absent, Forbidden, Look, looked


T = TypeVar("T")
Act = Callable[[sa.Connection, Look], T]


def act_by_hand(audit: Audit, by: str, act: Act[T], at: dt.datetime) -> T:
    """Do something to accounts from the command line, once it is on record.

    Raises:
        Unseen: There is no such account, or it may not be done to it.
        LedgerUnavailable: Nothing is done without a record of it.
    """
    look = Look(by, "accounts")
    return looked(audit, look, lambda connection: act(connection, look), at=at)


def adding(new: NewAccount, at: dt.datetime) -> Act[None]:
    """Make an account; a `Misuse` with all that is wrong with it."""

    def add(connection: sa.Connection, look: Look) -> None:
        number = create_account(connection, new, at)
        look.detail = {"did": "add", "account": number}

    return add


def disabling(who: str | int, at: dt.datetime, *, by: int | None = None) -> Act[None]:
    """Let nobody in by an account any more; nobody disables their own."""

    def disable(connection: sa.Connection, look: Look) -> None:
        account = _account(connection, look, "disable", who)
        if account.id == by:
            raise Forbidden
        disable_account(connection, account, at)

    return disable


def enabling(who: str | int) -> Act[None]:
    """Let an account in again that was locked or disabled."""

    def enable(connection: sa.Connection, look: Look) -> None:
        enable_account(connection, _account(connection, look, "enable", who))

    return enable


def giving_password(who: str | int, password: str, at: dt.datetime) -> Act[None]:
    """Give an account another password; a `Misuse` with all that is wrong with it."""

    def give(connection: sa.Connection, look: Look) -> None:
        account = _account(connection, look, "set password", who)
        set_password(connection, account, password, at)

    return give


def binding(who: str | int, issuer: str, subject: str) -> Act[None]:
    """Say who somebody is to an OpenID provider; a `Misuse` if that is another."""

    def bind(connection: sa.Connection, look: Look) -> None:
        account = _account(connection, look, "bind", who)
        bind_account(connection, account, issuer, subject)

    return bind


def changing(
    who: str | int, changes: Mapping[str, str | None], *, by: int | None = None
) -> Act[None]:
    """Change role, team, partner or number; a `Misuse` with all that is wrong.

    Nobody changes what they may themselves.
    """

    def change(connection: sa.Connection, look: Look) -> None:
        account = _account(connection, look, "change", who)
        if account.id == by:
            raise Forbidden
        change_account(connection, account, **changes)

    return change


def issuing(
    who: str | int,
    what_for: str,
    days: int,
    *,
    signed_by: tuple[str, OKPKey],
    audience: str,
    at: dt.datetime,
) -> Act[Issued]:
    """Issue a token for a machine; a `Misuse` with all that is wrong with it."""

    def issue(connection: sa.Connection, look: Look) -> Issued:
        account = _account(connection, look, "issue token", who)
        wanted = Wanted(account, what_for, days)
        return issue_token(
            connection, wanted, signed_by=signed_by, audience=audience, at=at
        )

    return issue


def revoking(name: str, at: dt.datetime) -> Act[None]:
    """Take a token back, by its id; a `Misuse` if none of that id is held."""

    def revoke(connection: sa.Connection, look: Look) -> None:
        revoke_token(connection, name, at)
        look.detail = {"did": "revoke token"}

    return revoke


def _account(
    connection: sa.Connection, look: Look, did: str, who: str | int
) -> Account:
    if isinstance(who, str):
        account = find_account(connection, who)
    else:
        account = account_of(connection, who)
    if account is None:
        raise Absent
    look.detail = {"did": did, "account": account.id}
    return account

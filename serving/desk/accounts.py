"""Accounts: an administrator lists, adds, changes and disables them, on record."""

from __future__ import annotations

from collections.abc import Mapping

import sqlalchemy as sa

from serving.access.accounts import Account, NewAccount, account_of, all_accounts
from serving.access.acts import adding, changing, disabling, enabling
from serving.access.roles import Caller
from serving.audit import Absent, Look
from serving.desk.desk import Desk


Changes = Mapping[str, str | None]


def accounts(desk: Desk, caller: Caller) -> list[Account]:
    """Return all accounts, by name.

    Raises:
        Unseen: The caller may not.
    """
    return desk.asked(
        caller, "accounts", lambda connection, _: all_accounts(connection)
    )


def account(desk: Desk, caller: Caller, number: int) -> Account:
    """Return one account.

    Raises:
        Unseen: There is no such account, or the caller may not.
    """

    def read(connection: sa.Connection, look: Look) -> Account:
        found = account_of(connection, number)
        if found is None:
            raise Absent
        look.detail = {"did": "read", "account": number}
        return found

    return desk.asked(caller, "accounts", read)


def change(desk: Desk, caller: Caller, number: int, changes: Changes) -> None:
    """Change role, team, partner, worker's number or shown name; not one's own.

    Args:
        desk: Where it is asked.
        caller: An administrator.
        number: The account's.
        changes: By what is changed, what it becomes; None takes it away.

    Raises:
        Unseen: There is no such account, it is the caller's own, or they may not.
        Misuse: With all that is wrong with it.
    """
    act = changing(number, changes, by=caller.account)
    desk.asked(caller, "accounts", act)


def add(desk: Desk, caller: Caller, new: NewAccount) -> None:
    """Make an account.

    Raises:
        Unseen: The caller may not.
        Misuse: With all that is wrong with it.
    """
    desk.asked(caller, "accounts", adding(new, desk.clock()))


def disable(desk: Desk, caller: Caller, number: int) -> None:
    """Let nobody in by an account any more; one's own one cannot disable.

    Raises:
        Unseen: There is no such account, or the caller may not.
    """
    act = disabling(number, desk.clock(), by=caller.account)
    desk.asked(caller, "accounts", act)


def enable(desk: Desk, caller: Caller, number: int) -> None:
    """Let an account in again that was locked or disabled.

    Raises:
        Unseen: There is no such account, or the caller may not.
    """
    desk.asked(caller, "accounts", enabling(number))

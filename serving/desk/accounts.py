"""Accounts: an administrator lists, adds, disables and unlocks them, on record."""

from __future__ import annotations

from serving.access.accounts import Account, NewAccount, all_accounts
from serving.access.acts import adding, disabling, enabling
from serving.access.roles import Caller
from serving.desk.desk import Desk


def accounts(desk: Desk, caller: Caller) -> list[Account]:
    """Return all accounts, by name.

    Raises:
        Unseen: The caller may not.
    """
    return desk.asked(
        caller, "accounts", lambda connection, _: all_accounts(connection)
    )


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

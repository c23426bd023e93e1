"""Accounts: who works here, in which role and team. Each change is one statement."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast

import sqlalchemy as sa

from features.faults import Fault, Misuse
from models.ledger.access_tables import accounts, sessions, tokens
from serving.access.passwords import hash_password, password_faults
from serving.access.roles import ROLES, Caller, Role


_NAME = re.compile(r"[a-z0-9][a-z0-9._@+-]{1,99}")
_NAME_RULE = "it is 2 to 100 small letters, digits and signs of . _ @ + or -"
# As OpenID Connect has it.
LONGEST_SUBJECT = 255
_SHORT = 63
_LONG = 200


@dataclass(frozen=True)
class NewAccount:
    """Who is to have an account.

    Attributes:
        name: What is typed at sign-in, and what stands in the audit.
        display_name: As pages name them.
        team: Whom they work with; a manager's team is whom they supervise.
        partner: Whose records a steward looks after.
        worker: The number under which the caseload's source knows them.
        password: None for those who sign in elsewhere, and for machines.
        issuer: The OpenID provider's address, with `subject`.
        subject: Who they are to that provider.
    """

    name: str
    display_name: str
    role: str
    team: str | None = None
    partner: str | None = None
    worker: str | None = None
    password: str | None = None
    issuer: str | None = None
    subject: str | None = None


@dataclass(frozen=True)
class Account:
    """Somebody who has an account.

    Attributes:
        password: What is kept of it; None if there is none.
        failures: Wrong passwords since the last right one.
        locked_until: Until then no password is right.
        disabled_at: Since then nobody gets in by this account.
    """

    id: int
    name: str
    display_name: str
    role: Role
    team: str | None
    partner: str | None
    worker: str | None
    password: str | None
    issuer: str | None
    subject: str | None
    failures: int
    locked_until: dt.datetime | None
    created_at: dt.datetime
    disabled_at: dt.datetime | None

    @property
    def caller(self) -> Caller:
        """The account as a caller."""
        return Caller(
            self.id, self.name, self.role, self.team, self.partner, self.worker
        )

    def is_locked(self, at: dt.datetime) -> bool:
        """Say whether wrong passwords have locked it."""
        return self.locked_until is not None and at < self.locked_until


def create_account(connection: sa.Connection, new: NewAccount, at: dt.datetime) -> int:
    """Make an account and return its number.

    Raises:
        Misuse: With all that is wrong with it, such as a name that is taken.
    """
    faults = list(_faults(new))
    if find_account(connection, new.name) is not None:
        do = "take another name"
        faults.append(Fault("name", "each account has its own name", "one in use", do))
    if new.subject and find_subject(connection, new.issuer, new.subject):
        what, do = "a subject has one account", "name another subject"
        faults.append(Fault("subject", what, "one in use", do))
    if faults:
        raise Misuse(faults)
    row = {**vars(new), "created_at": at}
    row["password"] = hash_password(new.password) if new.password else None
    made = sa.insert(accounts).values(row).returning(accounts.c.id)
    return cast(int, connection.execute(made).scalar_one())


def change_account(
    connection: sa.Connection, account: Account, **changes: str | None
) -> None:
    """Change the role, team, partner, worker's number or shown name of an account.

    Raises:
        Misuse: With all that is wrong with it.
    """
    kept = {f: getattr(account, f) for f in ("name", "display_name", *_PARTS)}
    if faults := list(_faults(NewAccount(**{**kept, **changes}))):
        raise Misuse(faults)
    _update(connection, account.id, **changes)


def bind_account(
    connection: sa.Connection, account: Account, issuer: str, subject: str
) -> None:
    """Say who somebody is to an OpenID provider; its word then lets them in.

    Raises:
        Misuse: Somebody else is that already, or one of the two is empty.
    """
    other = find_subject(connection, issuer, subject)
    if not issuer or not subject:
        what, do = "an issuer and a subject are needed", "give both"
        raise Misuse([Fault("subject", what, "nothing", do)])
    if other is not None and other.id != account.id:
        what, do = "a subject has one account", "name another subject"
        raise Misuse([Fault("subject", what, "one in use", do)])
    _update(connection, account.id, issuer=issuer, subject=subject)


def disable_account(
    connection: sa.Connection, account: Account, at: dt.datetime
) -> None:
    """Let nobody in by an account any more, and end its sessions and tokens."""
    _update(connection, account.id, disabled_at=at)
    end_sessions(connection, account.id, at)
    held = (tokens.c.account == account.id) & tokens.c.revoked_at.is_(None)
    connection.execute(sa.update(tokens).where(held).values(revoked_at=at))


def enable_account(connection: sa.Connection, account: Account) -> None:
    """Let an account in again that was disabled or locked."""
    _update(connection, account.id, disabled_at=None, failures=0, locked_until=None)


def set_password(
    connection: sa.Connection, account: Account, password: str, at: dt.datetime
) -> None:
    """Give an account another password, and end its sessions.

    Raises:
        Misuse: With all that is wrong with the password.
    """
    if faults := password_faults(password, name=account.name):
        raise Misuse(faults)
    kept = hash_password(password)
    _update(connection, account.id, password=kept, failures=0, locked_until=None)
    end_sessions(connection, account.id, at)


def end_sessions(connection: sa.Connection, account: int, at: dt.datetime) -> None:
    """End all sessions of an account."""
    still = (sessions.c.account == account) & sessions.c.ended.is_(None)
    connection.execute(sa.update(sessions).where(still).values(ended=at))


def find_account(
    connection: sa.Connection, name: str, *, to_change: bool = False
) -> Account | None:
    """Return the account of a name; None if there is none.

    Args:
        connection: Reads, or writes.
        name: The name.
        to_change: Let nobody else change it until this transaction ends.
    """
    # Nothing that is stored has a longer name, or another letter.
    if not _NAME.fullmatch(name):
        return None
    return _one(connection, accounts.c.name == name, to_change=to_change)


def find_subject(
    connection: sa.Connection, issuer: str | None, subject: str
) -> Account | None:
    """Return the account of an OpenID provider's subject; None if there is none."""
    return _one(
        connection, (accounts.c.issuer == issuer) & (accounts.c.subject == subject)
    )


def account_of(connection: sa.Connection, number: int) -> Account | None:
    """Return an account by its number; None if there is none."""
    return _one(connection, accounts.c.id == number)


def all_accounts(connection: sa.Connection) -> list[Account]:
    """Return all accounts, by name."""
    query = sa.select(accounts).order_by(accounts.c.name)
    return [account_from(row) for row in connection.execute(query)]


def account_from(row: sa.Row[Any]) -> Account:
    """Return the account of a row of its table."""
    return Account(**{c.name: row._mapping[c] for c in accounts.c})


def keep(connection: sa.Connection, account: int, **values: Any) -> None:
    """Write what became of a sign-in: failures, a lock, a newer hash."""
    _update(connection, account, **values)


_PARTS = ("role", "team", "partner", "worker")


def _one(
    connection: sa.Connection,
    where: sa.ColumnElement[bool],
    *,
    to_change: bool = False,
) -> Account | None:
    query = sa.select(accounts).where(where)
    if to_change:
        query = query.with_for_update()
    row = connection.execute(query).one_or_none()
    return account_from(row) if row else None


def _update(connection: sa.Connection, account: int, **values: Any) -> None:
    connection.execute(
        sa.update(accounts).where(accounts.c.id == account).values(**values)
    )


def _faults(new: NewAccount) -> Iterator[Fault]:
    if not _NAME.fullmatch(new.name):
        do = "write one such as ann.example"
        yield Fault("name", _NAME_RULE, "something else", do)
    if (new.issuer is None) != (new.subject is None):
        what = "an issuer and a subject stand together"
        yield Fault("subject", what, "one of them", "give both or neither")
    if new.subject is not None and not _is_plain(new.subject, LONGEST_SUBJECT):
        what = f"a subject has 1 to {LONGEST_SUBJECT} characters"
        yield Fault("subject", what, "something else", "write it as it is there")
    yield from _role_faults(new)
    yield from _length_faults(new)
    if new.password is not None:
        yield from password_faults(new.password, name=new.name)


def _role_faults(new: NewAccount) -> Iterator[Fault]:
    if new.role not in ROLES:
        do = f"write one of: {', '.join(ROLES)}"
        yield Fault("role", "the role must exist", "another", do)
    for role, part in (("manager", "team"), ("steward", "partner")):
        if new.role == role and not getattr(new, part):
            yield Fault(part, f"a {role} has a {part}", "none", "name one")


def _length_faults(new: NewAccount) -> Iterator[Fault]:
    if not _is_plain(new.display_name, _LONG):
        what = f"a name to show has 1 to {_LONG} characters"
        yield Fault("display name", what, "something else", "give their name")
    for part in ("team", "partner", "worker"):
        value = getattr(new, part)
        if value is not None and not _is_plain(value, _SHORT):
            what = f"it has 1 to {_SHORT} characters"
            yield Fault(part, what, "something else", "write it shorter, or leave out")


def _is_plain(text: str, longest: int) -> bool:
    return 1 <= len(text) <= longest and text.isprintable() and text == text.strip()

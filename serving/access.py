"""Access: who holds a token, until when, and what that role may do."""

from __future__ import annotations

import datetime as dt
import hmac
import secrets
from dataclasses import dataclass
from hashlib import sha256
from typing import Literal, get_args

import sqlalchemy as sa

from features.faults import Fault, Refusal
from models.ledger.ledger import Ledger
from models.ledger.tables import tokens
from serving.audit import Action


Role = Literal["caseworker", "machine"]

_TOKEN_BYTES = 32
_LONGEST_TOKEN = 200

# Who may do what; a role that is not named may do nothing.
_MAY: dict[str, frozenset[Action]] = {
    "caseworker": frozenset({"score", "evidence", "explain"}),
    "machine": frozenset({"score", "evidence", "explain", "list"}),
}


@dataclass(frozen=True)
class Caller:
    """Who asks: the name that a token was issued to, and its role."""

    name: str
    role: str

    def may(self, action: Action) -> bool:
        """Say whether the role allows it."""
        return action in _MAY.get(self.role, frozenset())


def issue_token(ledger: Ledger, *, name: str, role: str, expires: dt.datetime) -> str:
    """Return a new token; only its hash is kept, so it is shown this once.

    Args:
        ledger: Where the hash is kept.
        name: Whom it is for; it stands in the audit at each look.
        role: One of `caseworker` and `machine`.
        expires: The moment from which it is no longer valid.

    Raises:
        Refusal: There is no such role.
    """
    if role not in get_args(Role):
        do = f"write one of: {', '.join(get_args(Role))}"
        raise Refusal([Fault("token: role", "the role must exist", repr(role), do)])
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    with ledger.writing() as connection:
        row = {"sha256": _hash(token), "name": name, "role": role, "expires": expires}
        connection.execute(sa.insert(tokens).values(row))
    return token


def caller_of(ledger: Ledger, token: str, *, at: dt.datetime) -> Caller | None:
    """Return who holds `token`; None if nobody does, or no longer.

    Raises:
        LedgerUnavailable: It cannot be told.
    """
    if len(token) > _LONGEST_TOKEN:
        return None
    hashed = _hash(token)
    with ledger.reading() as connection:
        query = sa.select(tokens).where(tokens.c.sha256 == hashed)
        row = connection.execute(query).one_or_none()
    if row is None or not hmac.compare_digest(row.sha256, hashed):
        return None
    return Caller(row.name, row.role) if at < row.expires else None


def _hash(token: str) -> str:
    # A random token needs no salt and no slow hash: there is nothing to guess it by.
    return sha256(token.encode()).hexdigest()

"""Sessions: a browser that somebody has signed in with, for a while.

The browser holds a random token, the ledger its hash. Each request reads the session
and its account anew, so that what is taken away is gone at once.
"""

from __future__ import annotations

import datetime as dt
import hmac
import secrets
from dataclasses import dataclass
from hashlib import sha256

import sqlalchemy as sa

from models.ledger.access_tables import accounts, sessions
from models.ledger.ledger import Ledger
from serving.access.accounts import Account, account_from
from serving.access.roles import Caller


IDLE = dt.timedelta(minutes=30)
LONGEST = dt.timedelta(hours=12)
# Not at every request: each is a write.
SEEN_EVERY = dt.timedelta(minutes=1)

_TOKEN_BYTES = 32
_TOKEN_LENGTH = len(secrets.token_urlsafe(_TOKEN_BYTES))


@dataclass(frozen=True)
class Session:
    """A session that is alive.

    Attributes:
        sha256: What the ledger knows it by.
        account: Whose it is, as it is now.
        csrf: What each form must bring back.
    """

    sha256: str
    account: Account
    csrf: str

    @property
    def caller(self) -> Caller:
        """Who asks."""
        return self.account.caller


def begin_session(connection: sa.Connection, account: int, at: dt.datetime) -> str:
    """Begin a session, always a new one, and return the browser's token."""
    token = new_token()
    row = {"sha256": _hash(token), "account": account, "begun": at, "last_seen": at}
    connection.execute(sa.insert(sessions).values(row))
    return token


def find_session(
    ledger: Ledger, token: str, key: bytes, at: dt.datetime
) -> Session | None:
    """Return the session of a browser's token; None if there is none, or no longer.

    Args:
        ledger: Where sessions are.
        token: What the browser sent.
        key: What `csrf` is made with.
        at: The moment; at most once a minute it is written down as last seen.

    Raises:
        LedgerUnavailable: It cannot be told.
    """
    if len(token) != _TOKEN_LENGTH:
        return None
    with ledger.reading() as connection:
        row = connection.execute(_ALIVE, _moments(token, at)).one_or_none()
    if row is None:
        return None
    if at - row.last_seen >= SEEN_EVERY:
        _see(ledger, _hash(token), at)
    return Session(_hash(token), account_from(row), csrf_token(key, token))


def end_session(connection: sa.Connection, token: str, at: dt.datetime) -> None:
    """End a session; nothing happens if there is none."""
    still = (sessions.c.sha256 == _hash(token)) & sessions.c.ended.is_(None)
    connection.execute(sa.update(sessions).where(still).values(ended=at))


def new_token() -> str:
    """Return a token that cannot be guessed."""
    return secrets.token_urlsafe(_TOKEN_BYTES)


def csrf_token(key: bytes, token: str) -> str:
    """Return what forms of a session, or of a browser before it, must bring back."""
    return hmac.digest(key, token.encode(), "sha256").hex()


_ALIVE = (
    sa.select(accounts, sessions.c.last_seen)
    .join(sessions, sessions.c.account == accounts.c.id)
    .where(sessions.c.sha256 == sa.bindparam("hash"))
    .where(sessions.c.ended.is_(None), accounts.c.disabled_at.is_(None))
    .where(sessions.c.last_seen > sa.bindparam("idle_since"))
    .where(sessions.c.begun > sa.bindparam("oldest"))
)


def _moments(token: str, at: dt.datetime) -> dict[str, object]:
    return {"hash": _hash(token), "idle_since": at - IDLE, "oldest": at - LONGEST}


def _see(ledger: Ledger, hashed: str, at: dt.datetime) -> None:
    older = (sessions.c.sha256 == hashed) & (sessions.c.last_seen < at)
    with ledger.writing() as connection:
        connection.execute(sa.update(sessions).where(older).values(last_seen=at))


def _hash(token: str) -> str:
    # A random token needs no salt and no slow hash: there is nothing to guess it by.
    return sha256(token.encode()).hexdigest()

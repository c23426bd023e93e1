"""Tokens for machines: signed by one algorithm, for this service, for a while.

A token lets a machine do what an account may, and never more. Which key, which
algorithm and which service count is decided here, never by what a token says of itself.

Source: RFC 9068 (access tokens), RFC 8725 (best practice), RFC 9864 (Ed25519 by name).
"""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import json
import re
import secrets
from dataclasses import dataclass, field
from typing import Annotated, Any

import sqlalchemy as sa
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey
from pydantic import Field, ValidationError

from features.faults import Fault, Misuse
from models.ledger.access_tables import accounts, tokens
from models.ledger.ledger import Ledger
from models.ledger.prepared import Prepared
from serving.access.accounts import Account
from serving.access.roles import Caller
from serving.access.service_keys import PublicKeys
from serving.schemas.strict import Schema


ALGORITHM = "Ed25519"
ISSUER = "lamppost"
MOST_DAYS = 400
LEEWAY_SECONDS = 30

_TYPE = "at+jwt"
_LONGEST = 2_000
_MOST_PROVEN = 1_000
_PARTS = re.compile(r"([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)")
_PURPOSE_LONGEST = 200


class Claims(Schema):
    """What a token says; nothing may be missing, and nothing added."""

    iss: str
    aud: str
    sub: Annotated[str, Field(pattern=r"^[1-9][0-9]{0,17}$")]
    jti: Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
    iat: int
    nbf: int
    exp: int


@dataclass(frozen=True)
class Wanted:
    """A token that is asked for.

    Attributes:
        account: What its holder may do.
        what_for: Which machine, and why; never a person's value.
        days: How long it is valid.
    """

    account: Account
    what_for: str
    days: int


@dataclass(frozen=True)
class Issued:
    """A token that was issued; it is shown this once.

    Attributes:
        id: By which it can be taken back.
    """

    token: str
    id: str
    expires: dt.datetime


@dataclass(frozen=True)
class TokenRules:
    """Whom a token must be for, and by which keys it must be signed.

    Attributes:
        audience: This service.
        keys: The public keys, by their ids.
    """

    audience: str
    keys: PublicKeys
    _proven: dict[str, tuple[str, OKPKey, Claims]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def claims_of(self, token: str) -> Claims | None:
        """Return what a token says; None if it was not signed by one of the keys."""
        # To check a signature takes long: one that was good is, while its key is.
        known_id, known_key, claims = self._proven.get(token, (None, None, None))
        if known_id is not None and self.keys.get(known_id) is known_key:
            return claims
        return self._proved(token)

    def _proved(self, token: str) -> Claims | None:
        found = _PARTS.fullmatch(token) if len(token) <= _LONGEST else None
        if found is None or not all(_is_canonical(part) for part in found.groups()):
            return None
        header = _read_once(found[1])
        key_id = header.get("kid") if header else None
        key = self.keys.get(key_id) if isinstance(key_id, str) else None
        # Whatever else a header holds (jku, jwk, crit, another alg) is not this.
        if key is None or header != _header(str(key_id)):
            return None
        claims = _claims(found[2]) if _is_signed(token, key) else None
        if claims is not None:
            if len(self._proven) >= _MOST_PROVEN:
                self._proven.clear()
            self._proven[token] = (str(key_id), key, claims)
        return claims

    def are_kept(self, claims: Claims, at: dt.datetime) -> bool:
        """Say whether a token is for this service, and now."""
        now = at.timestamp()
        return (
            claims.iss == ISSUER
            and claims.aud == self.audience
            and claims.iat <= now + LEEWAY_SECONDS
            and claims.nbf <= now + LEEWAY_SECONDS
            and now - LEEWAY_SECONDS < claims.exp
            and 0 < claims.exp - claims.iat <= MOST_DAYS * 86_400
        )


def caller_of(
    ledger: Ledger, rules: TokenRules, token: str, *, at: dt.datetime
) -> Caller | None:
    """Return who holds `token`; None if nobody does, or no longer.

    Raises:
        LedgerUnavailable: It cannot be told.
    """
    claims = rules.claims_of(token)
    if claims is None or not rules.are_kept(claims, at):
        return None
    rows = ledger.told(_HELD, id=claims.jti, account=int(claims.sub))
    return Caller(*rows[0]) if rows else None


def issue_token(
    connection: sa.Connection,
    wanted: Wanted,
    *,
    signed_by: tuple[str, OKPKey],
    audience: str,
    at: dt.datetime,
) -> Issued:
    """Return a new token for an account.

    Args:
        connection: Writes that it was issued, so that it can be taken back.
        wanted: What is asked for.
        signed_by: The key's id and its private half.
        audience: The service that it is for.
        at: The moment.

    Raises:
        Misuse: It would be valid for too long, says nothing of what it is for, or the
            account is disabled.
    """
    if faults := _faults(wanted):
        raise Misuse(faults)
    account = wanted.account
    expires = at + dt.timedelta(days=wanted.days)
    name = secrets.token_hex(16)
    row = {"id": name, "account": account.id, "what_for": wanted.what_for}
    connection.execute(
        sa.insert(tokens).values({**row, "issued_at": at, "expires": expires})
    )
    begun = int(at.timestamp())
    claims = Claims(
        iss=ISSUER,
        aud=audience,
        sub=str(account.id),
        jti=name,
        iat=begun,
        nbf=begun,
        exp=int(expires.timestamp()),
    )
    return Issued(_signed(claims, *signed_by), name, expires)


def revoke_token(connection: sa.Connection, name: str, at: dt.datetime) -> None:
    """Take a token back, at once and for good.

    Raises:
        Misuse: No token of that id is still valid.
    """
    held = (tokens.c.id == name) & tokens.c.revoked_at.is_(None)
    done = connection.execute(sa.update(tokens).where(held).values(revoked_at=at))
    if done.rowcount != 1:
        what, do = "the token must be one that was issued", "see: lamppost token"
        raise Misuse([Fault("--revoke", what, "no token that is held", do)])


def list_tokens(connection: sa.Connection, at: dt.datetime) -> list[dict[str, Any]]:
    """Return who holds which tokens that are valid, and what for."""
    query = (
        sa.select(tokens.c.id, accounts.c.name, tokens.c.what_for, tokens.c.expires)
        .join(accounts, accounts.c.id == tokens.c.account)
        .where(tokens.c.revoked_at.is_(None), tokens.c.expires > at)
        .order_by(tokens.c.issued_at)
    )
    return [dict(row._mapping) for row in connection.execute(query)]


# In the order of a `Caller`.
_OF_A_CALLER = ("id", "name", "role", "team", "partner", "worker")
_HELD = Prepared(
    sa.select(*(accounts.c[name] for name in _OF_A_CALLER))
    .join(tokens, tokens.c.account == accounts.c.id)
    .where(tokens.c.id == sa.bindparam("id"))
    .where(tokens.c.account == sa.bindparam("account"))
    .where(tokens.c.revoked_at.is_(None), accounts.c.disabled_at.is_(None))
)


def _header(key_id: str) -> dict[str, str]:
    return {"alg": ALGORITHM, "typ": _TYPE, "kid": key_id}


def _signed(claims: Claims, key_id: str, key: OKPKey) -> str:
    payload = claims.model_dump_json().encode()
    return jws.serialize_compact(_header(key_id), payload, key, [ALGORITHM])


def _is_signed(token: str, key: OKPKey) -> bool:
    try:
        jws.deserialize_compact(token, key, [ALGORITHM])
    except (JoseError, ValueError):
        return False
    return True


def _claims(part: str) -> Claims | None:
    try:
        return Claims.model_validate(_read_once(part))
    except ValidationError:
        return None


def _read_once(part: str) -> dict[str, Any] | None:
    """Read a part's JSON; a name that stands there twice means two things."""
    try:
        read = json.loads(_decoded(part), object_pairs_hook=_without_repeats)
    except (ValueError, RecursionError):
        return None
    return read if isinstance(read, dict) else None


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands there twice")
    return found


def _is_canonical(part: str) -> bool:
    """Say whether a part is the only way to write its bytes."""
    try:
        decoded = _decoded(part)
    except binascii.Error:
        return False
    return base64.urlsafe_b64encode(decoded).decode().rstrip("=") == part


def _decoded(part: str) -> bytes:
    return base64.b64decode(part + "=" * (-len(part) % 4), b"-_", True)


def _faults(wanted: Wanted) -> list[Fault]:
    faults = []
    if not 1 <= wanted.days <= MOST_DAYS:
        what, do = f"a token is valid for 1 to {MOST_DAYS} days", "write fewer days"
        faults.append(Fault("--days", what, str(wanted.days), do))
    text = wanted.what_for
    if not text.isprintable() or not text.strip() or len(text) > _PURPOSE_LONGEST:
        what = f"1 to {_PURPOSE_LONGEST} characters say which machine it is for"
        do = 'such as --for "the case system"'
        faults.append(Fault("--for", what, "something else", do))
    if wanted.account.disabled_at:
        what, do = "the account is not disabled", "take another account"
        faults.append(Fault("ACCOUNT", what, "a disabled one", do))
    return faults

"""The jobs about accounts and the tokens that machines hold for them."""

from __future__ import annotations

import datetime as dt
from typing import TypeVar

from features.faults import Fault, Misuse
from lamppost import audit_jobs
from lamppost.answers import Answer
from lamppost.opened import Open
from models.audit.audit import Audit
from models.settings import ServiceOptions, read_service_options
from serving.access import accounts
from serving.access.accounts import Account, NewAccount
from serving.access.acts import (
    Act,
    act_by_hand,
    adding,
    binding,
    changing,
    disabling,
    enabling,
    giving_password,
    issuing,
    revoking,
)
from serving.access.machine_tokens import list_tokens
from serving.access.service_keys import KeyFiles, signing_key
from serving.audit import Absent


T = TypeVar("T")


def add(opened: Open, new: NewAccount, *, at: dt.datetime) -> Answer:
    """Make an account."""
    _do(opened, adding(new, at), at)
    return {"account": new.name, "role": new.role}


def listed(opened: Open) -> Answer:
    """List all accounts."""
    ledger = opened.ledger()
    with ledger.reading() as connection:
        found = accounts.all_accounts(connection)
    ledger.close()
    return {"accounts": [_shown(account) for account in found]}


def disable(opened: Open, name: str, *, at: dt.datetime) -> Answer:
    """Let nobody in by an account any more."""
    _do(opened, disabling(name, at), at)
    return {"account": name, "is": "disabled; its sessions and tokens are ended"}


def enable(opened: Open, name: str, *, at: dt.datetime) -> Answer:
    """Let an account in again that was locked or disabled."""
    _do(opened, enabling(name), at)
    return {"account": name, "is": "let in again"}


def set_password(opened: Open, name: str, password: str, *, at: dt.datetime) -> Answer:
    """Give an account another password."""
    _do(opened, giving_password(name, password, at), at)
    return {"account": name, "is": "given another password; its sessions are ended"}


def bind(
    opened: Open, name: str, issuer: str, subject: str, *, at: dt.datetime
) -> Answer:
    """Say who somebody is to the OpenID provider."""
    _do(opened, binding(name, issuer, subject), at)
    return {"account": name, "signs in by": issuer}


def change(
    opened: Open, name: str, changes: dict[str, str], *, at: dt.datetime
) -> Answer:
    """Change an account's role, team, partner, worker's number or shown name."""
    _do(opened, changing(name, changes), at)
    return {"account": name, "changed": sorted(changes)}


def token(
    opened: Open, name: str, what_for: str, days: int, *, at: dt.datetime
) -> Answer:
    """Issue a token by which a machine may do what an account may."""
    key = signing_key(key_files(read_service_options(opened.settings)))
    is_for = audience(opened)
    act = issuing(name, what_for, days, signed_by=key, audience=is_for, at=at)
    issued = _do(opened, act, at)
    return {
        "token": issued.token,
        "account": name,
        "id": issued.id,
        "expires": issued.expires.date(),
    }


def revoke(opened: Open, name: str, *, at: dt.datetime) -> Answer:
    """Take a token back."""
    _do(opened, revoking(name, at), at)
    return {"token": name, "is": "revoked"}


def tokens(opened: Open, *, at: dt.datetime) -> Answer:
    """List the tokens that are valid."""
    ledger = opened.ledger()
    with ledger.reading() as connection:
        found = list_tokens(connection, at)
    ledger.close()
    return {"tokens": [{**row, "expires": row["expires"].date()} for row in found]}


def audience(opened: Open) -> str:
    """Return what a token for a place's service says that it is for."""
    return f"lamppost:{opened.place.name}"


def key_files(options: ServiceOptions) -> KeyFiles:
    """Return where the service's keys are."""
    return KeyFiles(
        options.service_key_file, options.tokens_public_file, options.tokens_key_file
    )


def _do(opened: Open, act: Act[T], at: dt.datetime) -> T:
    """Do something to accounts, once it is on record."""
    ledger = opened.ledger()
    try:
        audit = Audit(ledger, opened.settings.audit_files)
        return act_by_hand(audit, audit_jobs.account(), act, at)
    except Absent:
        what, do = "the account must be there", "see: lamppost account list"
        raise Misuse([Fault("ACCOUNT", what, "no account of that name", do)]) from None
    finally:
        ledger.close()


def _shown(account: Account) -> dict[str, str]:
    ways = {"password": account.password, "openid": account.subject}
    return {
        "name": account.name,
        "shown as": account.display_name,
        "role": account.role,
        "team": account.team or "",
        "partner": account.partner or "",
        "signs in by": ", ".join(way for way, has in ways.items() if has) or "token",
        "disabled": "yes" if account.disabled_at else "",
    }

"""Passwords: hashed with argon2id, and checked in the same time for nobody as for one.

Source: NIST SP 800-63B, 3.1.1.2: length counts, rules of composition do not.
"""

from __future__ import annotations

import functools
import secrets
import threading
import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from features.faults import Fault


SHORTEST = 12
LONGEST = 200

_HASHER = PasswordHasher()
# Each check takes 64 MiB: many at once must not take the machine's memory.
_TURN = threading.BoundedSemaphore(2)


def password_faults(password: str, *, name: str) -> list[Fault]:
    """Return what is wrong with a password that somebody wants to have."""
    faults = []
    if not SHORTEST <= len(password) <= LONGEST:
        what = f"a password has {SHORTEST} to {LONGEST} characters"
        got, do = f"{len(password)}", "take a longer one, such as four words"
        if len(password) > LONGEST:
            do = "take a shorter one"
        faults.append(Fault("password", what, got, do))
    if _normal(password).casefold() == _normal(name).casefold():
        what, got = "a password is not the account's name", "the name"
        faults.append(Fault("password", what, got, "take another"))
    return faults


def hash_password(password: str) -> str:
    """Return what is kept of a password."""
    with _TURN:
        return _HASHER.hash(_normal(password))


def is_password(kept: str | None, password: str) -> bool:
    """Say whether a password is the one that was kept; never, where none was kept."""
    against = kept or _nobodys()
    with _TURN:
        try:
            _HASHER.verify(against, _normal(password[: LONGEST + 1]))
        except (VerificationError, InvalidHashError):
            return False
    return kept is not None and len(password) <= LONGEST


def is_outdated(kept: str) -> bool:
    """Say whether the hash was made with other parameters than are used now."""
    return _HASHER.check_needs_rehash(kept)


@functools.cache
def _nobodys() -> str:
    """A hash that nobody has the password of: to look as long for an unknown name."""
    return _HASHER.hash(secrets.token_urlsafe())


def _normal(text: str) -> str:
    # The same letters come composed from one keyboard and in parts from another.
    return unicodedata.normalize("NFKC", text)

"""Opaque ids: what stands for a person in an address; another one for each account.

AES-SIV (RFC 5297) with the account as associated data: the same person has the same id
for the same account, so that a bookmark works, and nobody else can use it or make one.
An id says nothing, and gives no right: that is asked for at every look.
"""

from __future__ import annotations

import base64
import binascii
from hashlib import sha256

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from serving.access.roles import Caller


_LONGEST = 400


class OpaqueIds:
    """Seals ids of people for one account each, and opens them again."""

    def __init__(self, key: bytes) -> None:
        """Set up.

        Args:
            key: The service's own secret, of at least 32 bytes.
        """
        first, second = (sha256(b"opaque id %d\0" % i + key).digest() for i in (1, 2))
        self._cipher = AESSIV(first + second)

    def seal(self, caller: Caller, entity_id: str) -> str:
        """Return what stands for somebody in the addresses of one account."""
        sealed = self._cipher.encrypt(entity_id.encode(), [_whose(caller)])
        return base64.urlsafe_b64encode(sealed).decode().rstrip("=")

    def open(self, caller: Caller, text: str) -> str | None:
        """Return whom an id stands for; None if it was not sealed for this account."""
        if len(text) > _LONGEST or not text.isascii():
            return None
        try:
            sealed = base64.b64decode(text + "=" * (-len(text) % 4), b"-_", True)
            found = self._cipher.decrypt(sealed, [_whose(caller)]).decode()
        except (binascii.Error, InvalidTag, ValueError):
            return None
        # One person has one address: base64 has other spellings of the same.
        return found if self.seal(caller, found) == text else None


def _whose(caller: Caller) -> bytes:
    return b"account %d" % caller.account

"""A sign-in under way at an OpenID provider, sealed in the browser that began it."""

from __future__ import annotations

import base64
import datetime as dt
import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from serving.access.service_keys import derived


if TYPE_CHECKING:
    from cryptography.fernet import Fernet


# As long as somebody may take over there.
BEGUN_SECONDS = 600


class NotBelieved(Exception):
    """What came back is not the answer to what was asked, or not of the provider."""


@dataclass(frozen=True)
class Begun:
    """A sign-in under way, kept sealed in the browser that began it.

    Attributes:
        state: Comes back with the answer.
        nonce: Comes back within the token.
        verifier: Proves to the provider that it is we who asked.
        to: Where to go afterwards.
    """

    state: str
    nonce: str
    verifier: str
    to: str

    def sealed(self, key: bytes, at: dt.datetime) -> str:
        """Return it as a cookie's value, which nobody else can read or make."""
        text = json.dumps(asdict(self)).encode()
        sealed: bytes = _cipher(key).encrypt_at_time(text, int(at.timestamp()))
        return sealed.decode()

    @classmethod
    def opened(cls, sealed: str, key: bytes, at: dt.datetime) -> Begun:
        """Return what was sealed.

        Raises:
            NotBelieved: It was not sealed here, or too long ago.
        """
        from cryptography.fernet import InvalidToken

        now = int(at.timestamp())
        try:
            text = _cipher(key).decrypt_at_time(sealed.encode(), BEGUN_SECONDS, now)
        except InvalidToken as error:
            raise NotBelieved from error
        return cls(**json.loads(text))


def _cipher(key: bytes) -> Fernet:
    from cryptography.fernet import Fernet

    return Fernet(base64.urlsafe_b64encode(derived(key, "openid")))

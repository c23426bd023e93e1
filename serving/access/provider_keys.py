"""An OpenID provider's public keys, and what a token says that one of them signed."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from serving.access.begun_sign_in import NotBelieved


if TYPE_CHECKING:
    from joserfc.jwk import KeySet


ALGORITHMS = ("RS256", "ES256", "Ed25519")

# What reading JSON raises that is not as a provider's should be.
ODD = (ValueError, TypeError, OverflowError, RecursionError)


def public_keys(answer: Mapping[str, Any]) -> KeySet:
    """Return the keys that tokens may be signed by, of a provider's answer.

    Those of another kind, or that cannot be read, are passed over, and none may be
    left: RFC 7517, 5.
    """
    from joserfc.errors import JoseError
    from joserfc.jwk import KeySet, import_key

    given = answer.get("keys")
    keys = []
    for key in given if isinstance(given, list) else []:
        with suppress(JoseError, *ODD):
            if _is_for_signatures(key):
                keys.append(import_key(key))
    return KeySet(keys)


def decoded(token: str, keys: KeySet) -> dict[str, Any]:
    """Return what a token says that one of the keys signed.

    Raises:
        NotBelieved: None of them did, or it cannot be read.
    """
    from joserfc import jwt
    from joserfc.errors import JoseError

    try:
        return dict(jwt.decode(token, keys, algorithms=list(ALGORITHMS)).claims)
    except (JoseError, *ODD) as error:
        raise NotBelieved from error


def _is_for_signatures(key: Any) -> bool:
    if not isinstance(key, dict) or key.get("kty") not in ("RSA", "EC", "OKP"):
        return False
    return bool(key.get("use", "sig") == "sig")

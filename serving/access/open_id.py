"""OpenID Connect: signing in at a provider that an organisation has already.

The authorization code flow with PKCE, state and nonce. The provider is the only thing
outside that the service ever calls, and it says who somebody is, never what they may.

Source: OpenID Connect Core 1.0, 3.1; RFC 7636 (PKCE); RFC 9207 (issuer in answers).
"""

from __future__ import annotations

import datetime as dt
import hmac
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from features.faults import Fault, Refusal
from models.settings import OpenIdSettings, is_safe_address
from serving.access.accounts import LONGEST_SUBJECT
from serving.access.begun_sign_in import Begun, NotBelieved
from serving.access.provider_keys import ODD, decoded, public_keys


if TYPE_CHECKING:
    from authlib.integrations.requests_client import OAuth2Session
    from joserfc.jwk import KeySet


LEEWAY_SECONDS = 30
_TIMEOUT_SECONDS = (3.0, 5.0)  # to connect, to answer
_KNOWN_FOR = dt.timedelta(hours=1)
# Whoever sends tokens with keys that nobody has must not make us ask all the time.
_ASK_AGAIN_AFTER = dt.timedelta(minutes=1)
_LONGEST = 16_000
# A provider that hangs holds so many of the service's threads, and no more.
MOST_AT_ONCE = 8
# Whoever waited while it did not answer need not find that out anew.
_SPARED_FOR = dt.timedelta(seconds=5)


class ProviderUnavailable(Exception):
    """The provider does not answer, or not as a provider does."""


@dataclass(frozen=True)
class _Known:
    """What the provider says of itself, and when it said so."""

    at: dt.datetime
    document: Mapping[str, Any]
    keys: KeySet


class OpenIdProvider:
    """A provider, asked over HTTP.

    Args:
        settings: Which, and what it must say.
        public_address: How browsers reach this service.

    Raises:
        Refusal: This service's secret cannot be read.
    """

    def __init__(self, settings: OpenIdSettings, public_address: str) -> None:
        self.issuer = settings.issuer
        self._settings = settings
        self._comes_back_to = f"{public_address.rstrip('/')}/oidc/callback"
        self._secret = _read_secret(settings)
        self._known: _Known | None = None
        self._failed_at: dt.datetime | None = None
        self._turn = threading.Lock()
        self._places = threading.BoundedSemaphore(MOST_AT_ONCE)

    def begin(self, to: str, at: dt.datetime) -> tuple[str, Begun]:
        """Return the address to send a browser to, and what to keep in it.

        Raises:
            ProviderUnavailable: It does not answer.
        """
        from authlib.common.security import generate_token

        nonce, verifier = generate_token(43), generate_token(64)
        with self._place():
            about = self._about(at)
        with self._client() as client:
            address, state = client.create_authorization_url(
                about.document["authorization_endpoint"],
                code_verifier=verifier,
                nonce=nonce,
            )
        return address, Begun(state, nonce, verifier, to)

    def subject(self, begun: Begun, answer: Mapping[str, str], at: dt.datetime) -> str:
        """Return who the provider says it is.

        Args:
            begun: What was kept in the browser.
            answer: What it came back with.
            at: The moment.

        Raises:
            NotBelieved: The answer is to something else, or not of the provider.
            ProviderUnavailable: It does not answer.
        """
        is_same = hmac.compare_digest(
            begun.state.encode(), answer.get("state", "").encode()
        )
        is_theirs = answer.get("iss", self.issuer) == self.issuer
        code = answer.get("code", "")
        if not is_same or not is_theirs or not 0 < len(code) <= _LONGEST:
            raise NotBelieved
        with self._place():
            return self._read(self._token(begun, code, at), begun, at)

    @contextmanager
    def _place(self) -> Iterator[None]:
        """Hold one of the places of those who may wait for the provider."""
        if not self._places.acquire(blocking=False):
            raise ProviderUnavailable("too many wait for it")
        try:
            yield
        finally:
            self._places.release()

    def _token(self, begun: Begun, code: str, at: dt.datetime) -> str:
        """Give the code for the token, which a code is good for once."""
        from authlib.common.errors import AuthlibBaseError

        endpoint = self._about(at).document["token_endpoint"]
        try:
            with self._client() as client:
                given = client.fetch_token(
                    endpoint,
                    code=code,
                    code_verifier=begun.verifier,
                    allow_redirects=False,
                )
        except AuthlibBaseError as error:
            raise NotBelieved from error
        except (OSError, *ODD) as error:
            raise ProviderUnavailable("it does not answer") from error
        token = given.get("id_token")
        if not isinstance(token, str) or len(token) > _LONGEST:
            raise NotBelieved
        return token

    def _read(self, token: str, begun: Begun, at: dt.datetime) -> str:
        claims = self._signed_claims(token, at)
        self._check(claims, begun, at)
        methods = claims.get("amr")
        needed = self._settings.needed_amr
        if needed and (not isinstance(methods, list) or needed not in methods):
            raise NotBelieved
        if claims.get("azp", self._settings.client_id) != self._settings.client_id:
            raise NotBelieved
        subject = str(claims["sub"])
        # Half a character, or a zero byte, cannot be looked up in a ledger.
        if not 0 < len(subject) <= LONGEST_SUBJECT or not subject.isprintable():
            raise NotBelieved
        return subject

    def _check(self, claims: dict[str, Any], begun: Begun, at: dt.datetime) -> None:
        from joserfc.errors import JoseError
        from joserfc.jwt import JWTClaimsRegistry

        needed: dict[str, Any] = {
            "iss": {"essential": True, "value": self.issuer},
            "aud": {"essential": True, "value": self._settings.client_id},
            "nonce": {"essential": True, "value": begun.nonce},
            **{name: {"essential": True} for name in ("sub", "exp", "iat")},
        }
        if self._settings.needed_acr:
            needed["acr"] = {"essential": True, "value": self._settings.needed_acr}
        rules = JWTClaimsRegistry(
            now=int(at.timestamp()), leeway=LEEWAY_SECONDS, **needed
        )
        try:
            rules.validate(claims)
        except JoseError as error:
            raise NotBelieved from error

    def _signed_claims(self, token: str, at: dt.datetime) -> dict[str, Any]:
        """Return what a token says; a key that is not known yet is asked for."""
        known = self._about(at)
        with suppress(NotBelieved):
            return decoded(token, known.keys)
        if at - known.at < _ASK_AGAIN_AFTER:
            raise NotBelieved
        return decoded(token, self._ask(at).keys)

    def _about(self, at: dt.datetime) -> _Known:
        known = self._known
        return known if known and at - known.at < _KNOWN_FOR else self._ask(at)

    def _ask(self, at: dt.datetime) -> _Known:
        """Ask the provider about itself; one asks for all who wait."""
        with self._turn:
            known = self._known
            if known and at - known.at < _ASK_AGAIN_AFTER:
                return known
            if self._failed_at and abs(at - self._failed_at) < _SPARED_FOR:
                raise ProviderUnavailable("it did not answer a moment ago")
            try:
                self._known = self._ask_now(at)
            except ProviderUnavailable:
                self._failed_at = at
                raise
            self._failed_at = None
            return self._known

    def _ask_now(self, at: dt.datetime) -> _Known:
        document = self._get(f"{self.issuer.rstrip('/')}{_ABOUT_ITSELF}")
        self._check_document(document)
        keys = public_keys(self._get(document["jwks_uri"]))
        if not keys.keys:
            raise ProviderUnavailable("none of its keys can be read")
        return _Known(at, document, keys)

    def _check_document(self, document: Mapping[str, Any]) -> None:
        endpoints = [document.get(name) for name in _ENDPOINTS]
        are_safe = all(isinstance(e, str) and is_safe_address(e) for e in endpoints)
        if document.get("issuer") != self.issuer or not are_safe:
            raise ProviderUnavailable("its document is not that of its issuer")

    def _get(self, address: str) -> dict[str, Any]:
        try:
            with self._client() as client:
                answer = client.get(address, withhold_token=True, allow_redirects=False)
                found = answer.json() if answer.status_code == 200 else None
        except (OSError, *ODD) as error:
            host = urlsplit(address).hostname
            raise ProviderUnavailable(f"{host} does not answer") from error
        if not isinstance(found, dict):
            raise ProviderUnavailable("it does not answer as a provider does")
        return found

    def _client(self) -> OAuth2Session:
        from authlib.integrations.requests_client import OAuth2Session

        return OAuth2Session(
            self._settings.client_id,
            self._secret,
            scope="openid",
            redirect_uri=self._comes_back_to,
            code_challenge_method="S256",
            default_timeout=_TIMEOUT_SECONDS,
        )


_ABOUT_ITSELF = "/.well-known/openid-configuration"
_ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri")


def _read_secret(settings: OpenIdSettings) -> str:
    try:
        secret = settings.secret_file.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        what, do = "the provider's secret can be read", "let the service read it"
        where = str(settings.secret_file)
        raise Refusal([Fault(where, what, "an error", do)]) from error
    return secret

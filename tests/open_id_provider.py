"""A small OpenID provider, run as a process of its own, with its own keys.

    python -m tests.open_id_provider PORT SECRET

It signs in whoever `/control?subject=...` names, and does one thing wrong if
`/control?fault=...` says so. Its clock is the one that `/control?now=...` sets. What
it says of itself, of its keys or for a code is another text if `/control?about=...`,
`keys` or `redeemed` says so; while `/control?hangs=yes` holds it says nothing at all.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey


CLIENT = "lamppost"
COMES_BACK_TO = "https://service/oidc/callback"
FAULTS = (
    *("expired", "issued tomorrow", "wrong nonce", "no nonce", "wrong audience"),
    *("no audience", "other party", "wrong issuer", "no issuer", "no subject"),
    *("long subject", "no expiry", "key of nobody", "key of another kind"),
    *("alg none", "HS256 by secret", "HS256 by public key", "no token", "no JSON"),
    *("code refused", "state of another", "no state", "issuer of another", "no code"),
)


@dataclass
class Provider:
    """What the provider knows."""

    issuer: str
    secret: str
    comes_back_to: str = COMES_BACK_TO
    subject: str = "subject-1"
    fault: str = ""
    now: float = field(default_factory=time.time)
    more: dict[str, Any] = field(default_factory=dict)
    key: RSAKey | ECKey = field(
        default_factory=lambda: RSAKey.generate_key(2048, {"kid": "first"})
    )
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    instead: dict[str, str] = field(default_factory=dict)
    goes_on: threading.Event = field(default_factory=threading.Event)

    def control(self, asked: dict[str, str]) -> None:
        self.subject = asked.get("subject", self.subject)
        self.comes_back_to = asked.get("comes_back_to", self.comes_back_to)
        self.fault = asked.get("fault", "")
        self.now = float(asked.get("now", self.now))
        self.more = json.loads(asked.get("more", "{}"))
        self.instead = {
            n: asked[n] for n in ("about", "keys", "redeemed") if n in asked
        }
        (self.goes_on.clear if "hangs" in asked else self.goes_on.set)()
        if asked.get("key") == "new":
            self.key = ECKey.generate_key("P-256", {"kid": "second"})

    def about(self) -> dict[str, Any]:
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/jwks",
        }

    def keys(self) -> dict[str, Any]:
        # One for another use, and one of a kind that nobody here believes.
        other = RSAKey.generate_key(2048, {"kid": "enc", "use": "enc"})
        strange = {"kty": "AKP", "alg": "ML-DSA-44", "kid": "strange", "pub": "AA"}
        public = [key.as_dict(private=False) for key in (self.key, other)]
        return {"keys": [*public, strange]}

    def authorize(self, asked: dict[str, str]) -> str:
        """Return where the browser goes back to, with a code."""
        expected = {
            "client_id": CLIENT,
            "redirect_uri": self.comes_back_to,
            "response_type": "code",
            "scope": "openid",
            "code_challenge_method": "S256",
        }
        assert expected.items() <= asked.items(), asked
        code = secrets.token_urlsafe()
        self.codes[code] = asked
        back = {"code": code, "state": asked["state"], "iss": self.issuer}
        back |= {
            "state of another": {"state": "another"},
            "issuer of another": {"iss": "https://elsewhere.example"},
        }.get(self.fault, {})
        back.pop({"no state": "state", "no code": "code"}.get(self.fault, ""), None)
        return f"{self.comes_back_to}?{urlencode(back)}"

    def redeem(self, asked: dict[str, str]) -> dict[str, Any] | None:
        """Return a token for a code, once, to who asked for it."""
        begun = self.codes.pop(asked["code"], None)
        hashed = hashlib.sha256(asked["code_verifier"].encode()).digest()
        challenge = base64.urlsafe_b64encode(hashed).decode().rstrip("=")
        is_right = begun is not None and begun["code_challenge"] == challenge
        if not is_right or self.fault == "code refused":
            return None
        assert asked["redirect_uri"] == self.comes_back_to
        answer = {"access_token": "unused", "token_type": "Bearer"}
        if self.fault != "no token":
            answer["id_token"] = self.token(begun["nonce"])
        return answer

    def token(self, nonce: str) -> str:
        now = int(self.now)
        claims: dict[str, Any] = {
            "iss": self.issuer,
            "aud": CLIENT,
            "sub": self.subject,
            "nonce": nonce,
            "iat": now,
            "exp": now + 300,
            **self.more,
        }
        claims |= _WRONG.get(self.fault, lambda _: {})(now)
        claims.pop(_LEFT_OUT.get(self.fault, ""), None)
        return self.signed(claims)

    def signed(self, claims: dict[str, Any]) -> str:
        kind = "RS256" if isinstance(self.key, RSAKey) else "ES256"
        header, key = {"alg": kind, "kid": self.key.kid}, self.key
        if self.fault == "alg none":
            return ".".join((_packed({**header, "alg": "none"}), _packed(claims), ""))
        if self.fault == "key of nobody":
            key = RSAKey.generate_key(2048, {"kid": self.key.kid})
        if self.fault == "key of another kind":
            header, key = {**header, "alg": "ES256"}, ECKey.generate_key("P-256")
        if self.fault.startswith("HS256"):
            public = self.key.as_pem(private=False)
            known = public if "public" in self.fault else self.secret.encode()
            text = f"{_packed({**header, 'alg': 'HS256'})}.{_packed(claims)}"
            return f"{text}.{_b64(hmac.digest(known, text.encode(), 'sha256'))}"
        return jwt.encode(header, claims, key)


_WRONG: dict[str, Any] = {
    "expired": lambda now: {"iat": now - 400, "exp": now - 31},
    "issued tomorrow": lambda now: {"iat": now + 86_400, "exp": now + 86_800},
    "wrong nonce": lambda _: {"nonce": "another"},
    "wrong audience": lambda _: {"aud": "another"},
    "other party": lambda _: {"aud": [CLIENT, "another"], "azp": "another"},
    "wrong issuer": lambda _: {"iss": "https://elsewhere.example"},
    "long subject": lambda _: {"sub": "x" * 300},
}
_LEFT_OUT = {
    "no nonce": "nonce",
    "no audience": "aud",
    "no issuer": "iss",
    "no subject": "sub",
    "no expiry": "exp",
}


def _packed(part: dict[str, Any]) -> str:
    return _b64(json.dumps(part).encode())


def _b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


class Answers(BaseHTTPRequestHandler):
    """Answers over HTTP; `provider` is set before it is served."""

    provider: Provider

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        asked = {name: found[0] for name, found in parse_qs(parts.query).items()}
        if parts.path == "/.well-known/openid-configuration":
            self.provider.goes_on.wait()
            self._answer(self.provider.about(), instead="about")
        elif parts.path == "/jwks":
            self._answer(self.provider.keys(), instead="keys")
        elif parts.path == "/control":
            self.provider.control(asked)
            self._answer({})
        else:
            assert parts.path == "/authorize"
            self.send_response(302)
            self.send_header("Location", self.provider.authorize(asked))
            self.end_headers()

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        asked = {name: found[0] for name, found in parse_qs(body).items()}
        known = base64.b64encode(f"{CLIENT}:{self.provider.secret}".encode()).decode()
        is_client = self.headers["Authorization"] == f"Basic {known}"
        given = self.provider.redeem(asked) if is_client else None
        if given and self.provider.fault == "no JSON":
            self._write(200, b"<html>")
        elif given:
            self._answer(given, instead="redeemed")
        else:
            self._answer({"error": "invalid_grant"}, 400)

    def _answer(
        self, content: dict[str, Any], status: int = 200, instead: str = ""
    ) -> None:
        text = self.provider.instead.get(instead, json.dumps(content))
        self._write(status, text.encode())

    def _write(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@dataclass
class Running:
    """The provider as a test sees it."""

    issuer: str
    secret: str
    process: subprocess.Popen[str]

    def control(self, **asked: Any) -> None:
        httpx.get(f"{self.issuer}/control", params=asked, trust_env=False)

    def authorize(self, address: str) -> str:
        """Go there as a browser does, and return where it sends one back to."""
        return httpx.get(address, trust_env=False).headers["location"]

    def end(self) -> None:
        self.process.terminate()
        self.process.wait()
        if self.process.stdout:
            self.process.stdout.close()


@contextmanager
def running_provider() -> Iterator[Running]:
    """Run it on a free port until the end."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    secret = secrets.token_urlsafe()
    command = [sys.executable, "-m", "tests.open_id_provider", str(port), secret]
    root = Path(__file__).parents[1]
    process = subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, text=True)
    running = Running(f"http://127.0.0.1:{port}", secret, process)
    assert process.stdout
    assert process.stdout.readline() == "listening\n"
    try:
        yield running
    finally:
        running.end()


def main() -> None:
    """Serve until ended."""
    port, secret = int(sys.argv[1]), sys.argv[2]
    Answers.provider = Provider(f"http://127.0.0.1:{port}", secret)
    Answers.provider.goes_on.set()
    server = ThreadingHTTPServer(("127.0.0.1", port), Answers)
    sys.stdout.write("listening\n")
    sys.stdout.flush()
    server.serve_forever()


if __name__ == "__main__":
    main()

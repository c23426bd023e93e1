"""Forged tokens: each is one that opens the door, but for one thing."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature


DAY = 86_400
OTHER = Ed25519PrivateKey.from_private_bytes(b"another key, of thirty-two bytes")
RSA = rsa.generate_private_key(65537, 2048)
P256 = ec.generate_private_key(ec.SECP256R1())


def b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def packed(part: dict[str, Any]) -> str:
    return b64(json.dumps(part).encode())


@dataclass
class Real:
    """A token that opens the door, taken apart."""

    key: Ed25519PrivateKey
    header: dict[str, Any]
    claims: dict[str, Any]
    # Other accounts and tokens that the ledger knows.
    known: dict[str, Any] = field(default_factory=dict)

    def token(
        self,
        header: dict[str, Any] | None = None,
        claims: dict[str, Any] | None = None,
        *,
        key: Ed25519PrivateKey | None = None,
        without: str | None = None,
    ) -> str:
        """Sign it anew, with what is changed or left out."""
        said = {**self.claims, **(claims or {})}
        said.pop(without or "", None)
        top = {**self.header, **(header or {})}
        top.pop(without or "", None)
        return self.signed(packed(top), packed(said), key)

    def signed(
        self, header: str, payload: str, key: Ed25519PrivateKey | None = None
    ) -> str:
        text = f"{header}.{payload}"
        return f"{text}.{b64((key or self.key).sign(text.encode()))}"

    def keyed(self, secret: bytes, name: str = "HS256", **header: Any) -> str:
        """Sign by HMAC with what is no secret: the public key."""
        hashed = {"HS256": hashlib.sha256, "HS512": hashlib.sha512}[name]
        text = f"{packed({**self.header, 'alg': name, **header})}.{self.payload}"
        return f"{text}.{b64(hmac.digest(secret, text.encode(), hashed))}"

    @property
    def payload(self) -> str:
        return packed(self.claims)

    @property
    def parts(self) -> list[str]:
        return self.token().split(".")

    def public(self, form: str) -> bytes:
        public = self.key.public_key()
        if form == "raw":
            return public.public_bytes_raw()
        if form == "jwk":
            x = b64(public.public_bytes_raw())
            return json.dumps({"kty": "OKP", "crv": "Ed25519", "x": x}).encode()
        encoding = {
            "pem": serialization.Encoding.PEM,
            "der": serialization.Encoding.DER,
        }[form]
        info = serialization.PublicFormat.SubjectPublicKeyInfo
        return public.public_bytes(encoding, info)

    def of_rsa(self) -> str:
        text = f"{packed({**self.header, 'alg': 'RS256'})}.{self.payload}"
        signed = RSA.sign(text.encode(), padding.PKCS1v15(), hashes.SHA256())
        return f"{text}.{b64(signed)}"

    def of_p256(self) -> str:
        text = f"{packed({**self.header, 'alg': 'ES256'})}.{self.payload}"
        signed = P256.sign(text.encode(), ec.ECDSA(hashes.SHA256()))
        numbers = decode_dss_signature(signed)
        return f"{text}.{b64(b''.join(n.to_bytes(32) for n in numbers))}"

    def twice(self, name: str, value: Any) -> str:
        """Say something twice in the claims, the second time as it should be."""
        text = json.dumps(self.claims)
        doubled = f'{{"{name}": {json.dumps(value)}, {text[1:]}'
        return self.signed(packed(self.header), b64(doubled.encode()))

    def header_twice(self) -> str:
        text = json.dumps(self.header)
        doubled = f'{{"alg": "none", {text[1:]}'
        return self.signed(b64(doubled.encode()), self.payload)

    def another_spelling(self) -> str:
        """Write the same signature's bytes in another way: its last bits are unused."""
        letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
        token = self.token()
        return token[:-1] + letters[letters.index(token[-1]) + 1]

    def jwk_of_other(self) -> dict[str, str]:
        x = b64(OTHER.public_key().public_bytes_raw())
        return {"kty": "OKP", "crv": "Ed25519", "x": x}

    def nested(self) -> str:
        header = {**self.header, "cty": "JWT"}
        return self.signed(packed(header), b64(self.token().encode()))


def _now(real: Real) -> int:
    begun: int = real.claims["iat"]
    return begun


FORGED: dict[str, Callable[[Real], str]] = {
    "alg none, without a signature": lambda r: (
        f"{packed({**r.header, 'alg': 'none'})}.{r.payload}."
    ),
    "alg none, with the signature": lambda r: r.token({"alg": "none"}),
    "alg nOnE": lambda r: f"{packed({**r.header, 'alg': 'nOnE'})}.{r.payload}.",
    "HS256 with the public key as PEM": lambda r: r.keyed(r.public("pem")),
    "HS256 with the PEM and no newline": lambda r: r.keyed(r.public("pem").strip()),
    "HS256 with the public key as DER": lambda r: r.keyed(r.public("der")),
    "HS256 with the public key's bytes": lambda r: r.keyed(r.public("raw")),
    "HS256 with the public key's digits": lambda r: r.keyed(
        r.public("raw").hex().encode()
    ),
    "HS256 with the public key as JWK": lambda r: r.keyed(r.public("jwk")),
    "HS512 with the public key's bytes": lambda r: r.keyed(r.public("raw"), "HS512"),
    "HS256 with an empty key": lambda r: r.keyed(b""),
    "HMAC that calls itself Ed25519": lambda r: r.keyed(r.public("raw"), alg="Ed25519"),
    "RS256 with a key of one's own": lambda r: r.of_rsa(),
    "ES256 with a key of one's own": lambda r: r.of_p256(),
    "alg EdDSA": lambda r: r.token({"alg": "EdDSA"}),
    "alg as a list": lambda r: r.token({"alg": ["Ed25519"]}),
    "another key": lambda r: r.token(key=OTHER),
    "another key, named by kid": lambda r: r.token({"kid": "0" * 16}, key=OTHER),
    "kid as a path": lambda r: r.token({"kid": "../../../dev/null"}, key=OTHER),
    "kid as SQL": lambda r: r.token({"kid": "x' UNION SELECT 'key"}, key=OTHER),
    "kid as a number": lambda r: r.token({"kid": 0}),
    "kid as an object": lambda r: r.token({"kid": {"x": 1}}),
    "no kid": lambda r: r.token(without="kid"),
    "jku": lambda r: r.token({"jku": "https://elsewhere.example/jwks"}, key=OTHER),
    "jku beside a real signature": lambda r: r.token({"jku": "https://x.example"}),
    "x5u": lambda r: r.token({"x5u": "https://elsewhere.example/c"}, key=OTHER),
    "jwk in the header": lambda r: r.token({"jwk": r.jwk_of_other()}, key=OTHER),
    "crit": lambda r: r.token({"crit": ["exp"]}),
    "b64 false": lambda r: r.token({"b64": False, "crit": ["b64"]}),
    "typ JWT": lambda r: r.token({"typ": "JWT"}),
    "no typ": lambda r: r.token(without="typ"),
    "header that says alg twice": lambda r: r.header_twice(),
    "another issuer": lambda r: r.token(claims={"iss": "lamp post"}),
    "another audience": lambda r: r.token(claims={"aud": "lamppost:elsewhere"}),
    "a list of audiences": lambda r: r.token(claims={"aud": [r.claims["aud"]]}),
    **{
        f"no {name}": lambda r, name=name: r.token(without=name)  # type: ignore[misc]
        for name in ("iss", "aud", "sub", "iat", "nbf", "exp", "jti")
    },
    "one claim more": lambda r: r.token(claims={"role": "administrator"}),
    "expired": lambda r: r.token(
        claims={"iat": _now(r) - 9, "exp": _now(r) - 31, "nbf": _now(r) - 99}
    ),
    "expires before it begins": lambda r: r.token(claims={"exp": _now(r) - 1}),
    "not yet": lambda r: r.token(claims={"nbf": _now(r) + DAY}),
    "issued tomorrow": lambda r: r.token(claims={"iat": _now(r) + DAY}),
    "valid for too long": lambda r: r.token(claims={"exp": _now(r) + 401 * DAY}),
    "exp as a text": lambda r: r.token(claims={"exp": str(r.claims["exp"])}),
    "exp as a fraction": lambda r: r.token(claims={"exp": r.claims["exp"] + 0.5}),
    "exp without end": lambda r: r.signed(
        packed(r.header), b64(json.dumps({**r.claims, "exp": float("inf")}).encode())
    ),
    "exp is true": lambda r: r.token(claims={"exp": True}),
    "sub as a number": lambda r: r.token(claims={"sub": int(r.claims["sub"])}),
    "sub of another account": lambda r: r.token(claims={"sub": r.known["other"]}),
    "sub of nobody": lambda r: r.token(claims={"sub": "999999"}),
    "sub of a disabled account": lambda r: r.token(claims=r.known["disabled"]),
    "sub that says 0x1": lambda r: r.token(claims={"sub": "0x1"}),
    "sub as SQL": lambda r: r.token(claims={"sub": "1 OR 1=1"}),
    "sub in other digits": lambda r: r.token(claims={"sub": "١"}),
    "jti of nothing": lambda r: r.token(claims={"jti": "0" * 32}),
    "jti that was taken back": lambda r: r.token(claims={"jti": r.known["revoked"]}),
    "jti as SQL": lambda r: r.token(claims={"jti": "' OR ''='"}),
    "sub said twice": lambda r: r.twice("sub", r.known["other"]),
    "exp said twice": lambda r: r.twice("exp", 0),
    "claims that are a list": lambda r: r.signed(packed(r.header), b64(b"[1, 2]")),
    "claims that are no JSON": lambda r: r.signed(packed(r.header), b64(b"{iss")),
    "claims of deep brackets": lambda r: r.signed(packed(r.header), b64(b"[" * 900)),
    "claims of no text": lambda r: r.signed(packed(r.header), b64(b"\xff\xfe")),
    "a signature cut short": lambda r: r.token()[:-4],
    "no signature": lambda r: ".".join(r.parts[:2]) + ".",
    "two parts": lambda r: ".".join(r.parts[:2]),
    "four parts": lambda r: r.token() + "." + r.parts[2],
    "five parts": lambda r: ".".join([*r.parts, *r.parts[:2]]),
    "detached payload": lambda r: f"{r.parts[0]}..{r.parts[2]}",
    "parts swapped": lambda r: ".".join([r.parts[1], r.parts[0], r.parts[2]]),
    "another token's signature": lambda r: ".".join(
        [*r.token(claims={"sub": r.known["other"]}).split(".")[:2], r.parts[2]]
    ),
    "a token in a token": lambda r: r.nested(),
    "another spelling of the signature": lambda r: r.another_spelling(),
    "padding": lambda r: r.token() + "==",
    "a plus for a minus": lambda r: r.token().replace("-", "+").replace("_", "/") + "=",
    "a space within": lambda r: r.token().replace(".", " .", 1),
    "a tab behind": lambda r: r.token() + "\t.",
    "letters that look like others": lambda r: "е" + r.token()[1:],
    "a null": lambda r: r.token() + "\x00",
    "huge": lambda r: r.token(claims={"iss": "x" * 50_000}),
    "JSON form": lambda r: json.dumps({"payload": r.payload, "signature": r.parts[2]}),
    "nothing": lambda r: "",
}

"""Settings: where a place's stores are. The only reader of the environment."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from features.faults import Fault, Misuse
from models.audit.files import AuditFiles


@dataclass(frozen=True)
class OpenIdSettings:
    """The OpenID provider that people sign in with.

    Attributes:
        issuer: Its address, as its tokens name it.
        client_id: What it knows this service by.
        secret_file: Holds what this service proves itself with.
        keeps_passwords: Local passwords let people in as well.
        needed_amr: A way of signing in that must have been used, such as `mfa`.
        needed_acr: A level of assurance that must have been reached.
    """

    issuer: str
    client_id: str
    secret_file: Path
    keeps_passwords: bool = False
    needed_amr: str | None = None
    needed_acr: str | None = None


@dataclass(frozen=True)
class Settings:
    """Where everything is, and where each answer came from.

    Attributes:
        place: The folder of definitions.
        store: The folder of data; never inside the place.
        ledger_url: SQLAlchemy's address of the ledger.
        tracking_uri: MLflow's address of the registry.
        key_file: The key of the pseudonyms; outside the warehouse.
        audit_key_file: The keys of the audit; outside the ledger.
        anchors: The folder of the audit's anchors; outside the ledger.
        origins: For each setting, `option`, `environment` or `default`.
    """

    place: Path
    store: Path
    ledger_url: str
    tracking_uri: str
    key_file: Path
    audit_key_file: Path
    anchors: Path
    origins: dict[str, str]

    @property
    def audit_files(self) -> AuditFiles:
        """Where the audit's parts outside the ledger are."""
        return AuditFiles(self.audit_key_file, self.anchors)


# Each setting that may come from the environment, with what it names.
VARIABLES = {
    "store": "LAMPPOST_STORE",
    "ledger_url": "LAMPPOST_LEDGER",
    "tracking_uri": "LAMPPOST_TRACKING",
    "key_file": "LAMPPOST_KEY_FILE",
    "audit_key_file": "LAMPPOST_AUDIT_KEY_FILE",
    "anchors": "LAMPPOST_ANCHORS",
}


def read_settings(place: Path, store: Path | None = None) -> Settings:
    """Return the settings for a place: an option, else the environment, else a default.

    Args:
        place: The folder of definitions.
        store: The folder of data named on the command line, if any.

    Raises:
        Misuse: The place is not a folder, or the store would lie inside it.
    """
    place = place.resolve()
    if not place.is_dir():
        got = "a file" if place.exists() else "nothing there"
        raise Misuse([Fault(str(place), "--place names a folder", got, "correct it")])
    found = {name: os.environ.get(variable) for name, variable in VARIABLES.items()}
    origins = {n: "environment" if value else "default" for n, value in found.items()}
    if store is not None:
        found["store"], origins["store"] = str(store), "option"
    folder = Path(found["store"] or Path("var") / place.name).resolve()
    if folder.is_relative_to(place):
        fault = Fault(
            str(folder),
            "data is kept apart from definitions",
            "a store inside the place's folder",
            "name another folder with --store or LAMPPOST_STORE",
        )
        raise Misuse([fault])
    return Settings(
        place=place,
        store=folder,
        ledger_url=found["ledger_url"] or f"sqlite:///{folder / 'ledger.db'}",
        tracking_uri=found["tracking_uri"] or f"sqlite:///{folder / 'mlflow.db'}",
        key_file=Path(found["key_file"] or folder / "keys" / "pseudonym.key"),
        audit_key_file=Path(found["audit_key_file"] or folder / "keys" / "audit.key"),
        anchors=Path(found["anchors"] or folder / "anchors"),
        origins=origins,
    )


@dataclass(frozen=True)
class ServiceOptions:
    """What the service alone needs to know.

    Attributes:
        service_key_file: The service's own secret.
        tokens_public_file: The keys by which tokens for machines are checked.
        tokens_key_file: The key by which they are signed; the service never reads it.
        metrics_token_file: Who holds its token is shown the metrics.
        public_address: How browsers reach the service.
        open_id: The OpenID provider; None if there is none.
    """

    service_key_file: Path
    tokens_public_file: Path
    tokens_key_file: Path
    metrics_token_file: Path | None
    public_address: str | None
    open_id: OpenIdSettings | None

    @property
    def takes_http(self) -> bool:
        """Say whether nothing tells that browsers reach the service by https."""
        return not (self.public_address or "").startswith("https://")


SERVICE_VARIABLES = {
    "service_key_file": "LAMPPOST_SERVICE_KEY_FILE",
    "tokens_public_file": "LAMPPOST_TOKENS_PUBLIC_FILE",
    "tokens_key_file": "LAMPPOST_TOKENS_KEY_FILE",
    "metrics_token_file": "LAMPPOST_METRICS_TOKEN_FILE",
    "public_address": "LAMPPOST_PUBLIC_ADDRESS",
    "issuer": "LAMPPOST_OIDC_ISSUER",
    "client_id": "LAMPPOST_OIDC_CLIENT_ID",
    "secret_file": "LAMPPOST_OIDC_CLIENT_SECRET_FILE",
    "keeps_passwords": "LAMPPOST_OIDC_KEEP_PASSWORDS",
    "needed_amr": "LAMPPOST_OIDC_AMR",
    "needed_acr": "LAMPPOST_OIDC_ACR",
}


def read_service_options(settings: Settings) -> ServiceOptions:
    """Return what the service needs, from the environment, else beside the audit's key.

    Raises:
        Misuse: With all that does not fit together.
    """
    found = {n: os.environ.get(v) or None for n, v in SERVICE_VARIABLES.items()}
    if faults := _service_faults(found):
        raise Misuse(faults)
    keys = settings.audit_key_file.parent
    metrics = found["metrics_token_file"]
    return ServiceOptions(
        service_key_file=Path(found["service_key_file"] or keys / "service.key"),
        tokens_public_file=Path(found["tokens_public_file"] or keys / "tokens.pub"),
        tokens_key_file=Path(found["tokens_key_file"] or keys / "tokens.key"),
        metrics_token_file=Path(metrics) if metrics else None,
        public_address=found["public_address"],
        open_id=_open_id(found),
    )


_OPEN_ID_NEEDS = ("issuer", "client_id", "secret_file")


def _open_id(found: Mapping[str, str | None]) -> OpenIdSettings | None:
    issuer, client_id, secret_file = (found[name] for name in _OPEN_ID_NEEDS)
    if not issuer or not client_id or not secret_file:
        return None
    return OpenIdSettings(
        issuer,
        client_id,
        Path(secret_file),
        keeps_passwords=found["keeps_passwords"] == "yes",
        needed_amr=found["needed_amr"],
        needed_acr=found["needed_acr"],
    )


def _service_faults(found: Mapping[str, str | None]) -> list[Fault]:
    faults = [
        Fault(SERVICE_VARIABLES[name], what, "another address", "write it so")
        for name in ("public_address", "issuer")
        if (address := found[name]) and not is_safe_address(address)
        for what in ["an address is https://HOST, or http:// on this machine alone"]
    ]
    if any(found[name] for name in _OPEN_ID_NEEDS):
        needed = (*_OPEN_ID_NEEDS, "public_address")
        what, do = "OpenID needs all of its settings", "set it, or none of them"
        absent = [SERVICE_VARIABLES[name] for name in needed if not found[name]]
        faults += [Fault(name, what, "nothing", do) for name in absent]
    if found["keeps_passwords"] not in (None, "yes", "no"):
        name = SERVICE_VARIABLES["keeps_passwords"]
        faults.append(Fault(name, "it is yes or no", "something else", "write yes"))
    return faults


def is_safe_address(address: str) -> bool:
    """Say whether what goes to an address goes by https, or stays on this machine."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    on_this_machine = parts.hostname in ("127.0.0.1", "::1", "localhost")
    return bool(parts.hostname) and (
        parts.scheme == "https" or (parts.scheme == "http" and on_this_machine)
    )

"""Settings: where a place's stores are. The only reader of the environment."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from features.faults import Fault, Misuse
from models.audit.files import AuditFiles


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

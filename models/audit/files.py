"""Where the audit's parts outside the database are. It imports nothing."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class AuditFiles:
    """Two places that whoever administers the database should not reach.

    Attributes:
        key_file: The keys.
        anchors: The folder of the anchors.
    """

    key_file: Path
    anchors: Path
